package inspect

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// The marks of byte order with which editors begin a file.
var marks = []struct {
	mark   []byte
	decode encoding.Encoding
}{
	{[]byte{0xEF, 0xBB, 0xBF}, unicode.UTF8BOM},
	{[]byte{0xFF, 0xFE}, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	{[]byte{0xFE, 0xFF}, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
}

// plainText reads a text in UTF-8 or UTF-16. One in an older encoding is kept
// and not read: which of the many Vietnamese ones it is, nobody can tell for
// sure, and a wrong guess would put rubbish into the search.
func plainText(content []byte) (string, error) {
	for _, m := range marks {
		if bytes.HasPrefix(content, m.mark) {
			out, err := m.decode.NewDecoder().Bytes(content[:min(len(content), 8*MaxText)])
			if err != nil {
				return "", refuse(CodeDamaged)
			}
			return string(out), nil
		}
	}
	if bytes.IndexByte(content, 0) >= 0 {
		return "", refuse(CodeType) // no text holds a zero
	}
	if !utf8.Valid(content) {
		return "", nil
	}
	return string(content), nil
}
