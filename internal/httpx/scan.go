package httpx

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"unicode/utf16"

	"hienke/internal/errs"
)

// maxDepth is how deep objects and arrays may nest. The contract needs three.
const maxDepth = 32

// maxShownName bounds a field name that is repeated to the client, in bytes.
const maxShownName = 64

// scan looks for what encoding/json takes without a word: deep nesting, NUL,
// and halves of surrogate pairs, which it would replace. It knows just enough
// of the grammar to name the field; whether body is JSON is decided later.
func scan(body []byte) error {
	s := scanner{rest: body}
	for len(s.rest) > 0 {
		b := s.rest[0]
		s.rest = s.rest[1:]
		switch b {
		case '{', '[':
			if len(s.open) == maxDepth {
				return errs.New(errs.Invalid, CodeMalformed)
			}
			s.open = append(s.open, frame{object: b == '{', atName: b == '{'})
		case '}', ']':
			s.open = s.open[:max(len(s.open)-1, 0)]
		case ':':
			s.setAtName(false)
		case ',':
			s.setAtName(true)
		case '"':
			if !s.text() {
				return errs.InvalidFields(errs.Field{Name: s.name(), Code: CodeFieldCharacter})
			}
		}
	}
	return nil
}

// frame is an open object or array, and the name read last in an object.
type frame struct {
	object, atName bool
	name           string
}

type scanner struct {
	rest []byte
	open []frame
}

func (s *scanner) setAtName(v bool) {
	if n := len(s.open); n > 0 {
		s.open[n-1].atName = v && s.open[n-1].object
	}
}

// text reads a string whose opening quote is behind, and reports whether all
// its escapes stand for characters.
func (s *scanner) text() bool {
	start, good := s.rest, true
	for len(s.rest) > 0 {
		b := s.rest[0]
		s.rest = s.rest[1:]
		switch b {
		case '"':
			if n := len(s.open); n > 0 && s.open[n-1].atName {
				s.open[n-1].name = string(start[:min(len(start)-len(s.rest)-1, maxShownName)])
			}
			return good
		case '\\':
			good = s.escape() && good
		}
	}
	return good // no closing quote: encoding/json will say so
}

// escape reads what follows a backslash, both halves of a surrogate pair at
// once, and reports whether it stands for a character other than NUL.
func (s *scanner) escape() bool {
	first, ok := s.unit()
	if !ok {
		s.rest = s.rest[min(1, len(s.rest)):] // \n, \" and the like
		return true
	}
	if !utf16.IsSurrogate(first) {
		return first != 0
	}
	if len(s.rest) == 0 || s.rest[0] != '\\' {
		return false
	}
	s.rest = s.rest[1:]
	second, ok := s.unit()
	if !ok {
		s.rest = s.rest[min(1, len(s.rest)):]
		return false
	}
	return utf16.DecodeRune(first, second) != '\uFFFD'
}

// unit reads uXXXX, if that is what comes.
func (s *scanner) unit() (rune, bool) {
	if len(s.rest) < 5 || s.rest[0] != 'u' {
		return 0, false
	}
	var b [2]byte
	if _, err := hex.Decode(b[:], s.rest[1:5]); err != nil {
		return 0, false
	}
	s.rest = s.rest[5:]
	return rune(binary.BigEndian.Uint16(b[:])), true
}

// name joins the names of the open objects with dots: submitter.name.
func (s *scanner) name() string {
	var names []string
	for _, f := range s.open {
		if f.object && f.name != "" {
			names = append(names, f.name)
		}
	}
	return strings.ToValidUTF8(strings.Join(names, "."), "")
}
