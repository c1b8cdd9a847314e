package reach

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"hienke/internal/casework"
)

// maxReport bounds what is read of a report, in bytes: the parts that count
// come first, and a mailbox full of reports must not fill the memory.
const maxReport = 1 << 20

// token is what stands in our return addresses and Message-IDs.
var token = regexp.MustCompile(`[0-9]{1,18}-[0-9a-fA-F]{20}`)

// failed is the field of a delivery status that says that a mail will not
// arrive (RFC 3464, 2.3.3). A delayed one still may.
var failed = regexp.MustCompile(`(?i)^Action:\s*failed\b`)

// ErrNoReport says that what was read is no report of a failure of ours.
var ErrNoReport = errors.New("this is no report that a mail of this installation could not be delivered")

// Report reads a delivery status notification, as a mail server pipes it, and
// notes that the mail came back. The token in it, by which it was addressed or
// in the Message-ID of the mail that it returns, proves that it is about ours.
// It reports false when that was noted before.
func (s *Service) Report(ctx context.Context, r io.Reader) (bool, error) {
	lines := bufio.NewScanner(io.LimitReader(r, maxReport))
	lines.Buffer(nil, maxReport)
	isFailure, message, request := false, int64(0), int64(0)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		isFailure = isFailure || failed.MatchString(line)
		for _, t := range token.FindAllString(line, -1) {
			if id, ok := casework.BouncedMessage(s.Keys, t); ok {
				message = id
			} else if id, ok := casework.BouncedRequestMessage(s.Keys, t); ok {
				request = id
			}
		}
	}
	if err := lines.Err(); err != nil {
		return false, fmt.Errorf("read the report: %w", err)
	}
	switch {
	case isFailure && message != 0:
		return s.Bounced(ctx, message)
	case isFailure && request != 0:
		return s.RequestBounced(ctx, request)
	}
	return false, ErrNoReport
}
