package testkit

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
)

// Clamd is a scanner that speaks the protocol of ClamAV's daemon over TCP. It
// finds one signature.
type Clamd struct {
	// Address is tcp://host:port.
	Address   string
	signature []byte
	mu        sync.Mutex
	broken    bool
	scanned   int
}

// NewClamd starts a scanner that finds the signature, until the test ends.
func NewClamd(t testing.TB, signature string) *Clamd {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Clamd{Address: "tcp://" + listener.Addr().String(), signature: []byte(signature)}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() { c.serve(conn) })
		}
	})
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
		open.Wait()
	})
	return c
}

// Break lets the scanner answer with an error from now on, or not any more.
func (c *Clamd) Break(broken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = broken
}

// Scanned is how many files were scanned.
func (c *Clamd) Scanned() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.scanned
}

func (c *Clamd) serve(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // the peer may be gone
	r := bufio.NewReader(conn)
	command, err := r.ReadString(0)
	if err != nil {
		return
	}
	reply := "UNKNOWN COMMAND"
	switch command {
	case "zPING\x00":
		reply = "PONG"
	case "zINSTREAM\x00":
		var content bytes.Buffer
		for {
			var size uint32
			if binary.Read(r, binary.BigEndian, &size) != nil {
				return
			}
			if size == 0 {
				break
			}
			if _, err := io.CopyN(&content, r, int64(size)); err != nil {
				return
			}
		}
		reply = c.verdict(content.Bytes())
	}
	_, _ = conn.Write([]byte(reply + "\x00")) // the peer may be gone
}

func (c *Clamd) verdict(content []byte) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		return "INSTREAM size limit exceeded. ERROR"
	}
	c.scanned++
	if bytes.Contains(content, c.signature) {
		return "stream: Eicar-Test-Signature FOUND"
	}
	return "stream: OK"
}
