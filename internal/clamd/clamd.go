// Package clamd asks a ClamAV daemon whether a file is infected, by its command
// INSTREAM.
package clamd

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"hienke/internal/errs"
)

const (
	dialTimeout = 5 * time.Second  // a daemon on the same network
	scanTimeout = 90 * time.Second // the largest file in the slowest archive
	chunkSize   = 64 << 10
	maxReply    = 4 << 10
)

// Scanner asks one daemon.
type Scanner struct {
	network, address string
}

// New returns the scanner at tcp://host:port or unix:///path.
func New(at string) (*Scanner, error) {
	u, err := url.Parse(at)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the scanner's address: %w", err)
	case u.Scheme == "tcp" && u.Host != "":
		return &Scanner{"tcp", u.Host}, nil
	case u.Scheme == "unix" && u.Path != "":
		return &Scanner{"unix", u.Path}, nil
	}
	return nil, fmt.Errorf("%q is neither tcp://host:port nor unix:///path", at)
}

// Scan returns the name of what was found, empty when nothing was. Whatever
// else the daemon says, or when it says nothing, is Unavailable.
func (s *Scanner) Scan(ctx context.Context, content io.Reader) (string, error) {
	reply, err := s.ask(ctx, func(w io.Writer) error { return stream(w, content) }, "zINSTREAM\x00")
	if err != nil {
		return "", errs.Wrap(errs.Unavailable, "file.scanner_away", err)
	}
	verdict := strings.TrimPrefix(reply, "stream: ")
	switch found, bad := strings.CutSuffix(verdict, " FOUND"); {
	case bad && found != "":
		return found, nil
	case verdict == "OK":
		return "", nil
	}
	return "", errs.Wrap(errs.Unavailable, "file.scanner_failed", errors.New(reply))
}

// Ping fails unless the daemon answers.
func (s *Scanner) Ping(ctx context.Context) error {
	reply, err := s.ask(ctx, func(io.Writer) error { return nil }, "zPING\x00")
	if err == nil && reply != "PONG" {
		err = errors.New(reply)
	}
	if err != nil {
		return errs.Wrap(errs.Unavailable, "file.scanner_away", err)
	}
	return nil
}

func (s *Scanner) ask(ctx context.Context, send func(io.Writer) error, command string) (reply string, err error) {
	ctx, cancel := context.WithTimeout(ctx, scanTimeout)
	defer cancel()
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, s.network, s.address)
	if err != nil {
		return "", fmt.Errorf("reach the scanner: %w", err)
	}
	defer func() { _ = conn.Close() }() // the answer is read
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if _, err := io.WriteString(conn, command); err != nil {
		return "", fmt.Errorf("ask the scanner: %w", err)
	}
	sent := send(conn) // a daemon that has seen enough answers and hangs up
	line, err := bufio.NewReader(io.LimitReader(conn, maxReply)).ReadString(0)
	if err != nil {
		return "", fmt.Errorf("hear the scanner: %w", errors.Join(err, sent))
	}
	return strings.TrimSuffix(line, "\x00"), nil
}

// stream sends the content in chunks, each behind its length, and an empty one
// at the end.
func stream(w io.Writer, content io.Reader) error {
	buf := make([]byte, 4+chunkSize)
	for {
		n, err := io.ReadFull(content, buf[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(buf, uint32(n))
			if _, err := w.Write(buf[:4+n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			_, err := w.Write([]byte{0, 0, 0, 0})
			return err
		case err != nil:
			return err
		}
	}
}
