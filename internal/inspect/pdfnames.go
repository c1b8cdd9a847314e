package inspect

import (
	"bytes"
	"compress/zlib"
	"io"
)

// pdfScan looks through the names of a PDF: outside of its streams, and inside
// of those that hold objects. What they mean is not understood, and need not
// be: in a letter to an authority none of them has a use.
type pdfScan struct {
	left      int64 // bytes that may still be unpacked
	active    bool
	encrypted bool
	bomb      bool
}

// activePDF are names of what acts by itself, or carries another file.
var activePDF = map[string]bool{
	"JavaScript": true, "JS": true, "Launch": true, "EmbeddedFile": true, "EmbeddedFiles": true, "RichMedia": true,
	"SubmitForm": true, "ImportData": true, "GoToE": true, "XFA": true,
}

func (s *pdfScan) verdict() error {
	switch {
	case s.bomb:
		return refuse(CodeTooLarge)
	case s.encrypted:
		return refuse(CodeEncrypted)
	case s.active:
		return refuse(CodeActive)
	}
	return nil
}

// names reads the names in b. Streams are skipped, except those of objects.
func (s *pdfScan) names(b []byte) {
	objects := false // the dictionary before says that its stream holds objects
	for at := 0; at < len(b); {
		switch {
		case b[at] == '/':
			name, n := pdfName(b[at+1:])
			at += 1 + n
			objects = objects || name == "ObjStm"
			s.encrypted = s.encrypted || name == "Encrypt"
			s.active = s.active || activePDF[name]
		case bytes.HasPrefix(b[at:], []byte("stream")) && streamBegins(b[at+6:]):
			at += 6
			body := b[at:]
			n := bytes.Index(body, []byte("endstream"))
			if n < 0 {
				n = len(body)
			}
			if objects {
				s.unpack(body[:n])
				objects = false
			}
			at += n + min(len("endstream"), len(body)-n)
		case bytes.HasPrefix(b[at:], []byte("endobj")):
			at, objects = at+6, false
		default:
			at++
		}
	}
}

// streamBegins: the word is followed by a line end.
func streamBegins(rest []byte) bool {
	return len(rest) > 0 && (rest[0] == '\n' || rest[0] == '\r')
}

// unpack reads the names in a stream of objects.
func (s *pdfScan) unpack(body []byte) {
	r, err := zlib.NewReader(bytes.NewReader(bytes.TrimLeft(body, "\r\n")))
	if err != nil {
		s.names(body) // not packed
		return
	}
	defer r.Close()                                     //nolint:errcheck // what was read is checked
	plain, _ := io.ReadAll(io.LimitReader(r, s.left+1)) // what came before an error counts
	s.left -= int64(len(plain))
	if s.left < 0 {
		s.bomb = true
		return
	}
	s.names(plain)
}

// pdfName reads a name, with its escapes (#4A), and returns how long it is in
// the file.
func pdfName(b []byte) (string, int) {
	var out []byte
	at := 0
	for at < len(b) && len(out) < 64 {
		c := b[at]
		if c <= ' ' || c >= 0x7F || bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 {
			break
		}
		if c == '#' && at+2 < len(b) {
			if hi, lo := hexDigit(b[at+1]), hexDigit(b[at+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				at += 3
				continue
			}
		}
		out = append(out, c)
		at++
	}
	return string(out), at
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
