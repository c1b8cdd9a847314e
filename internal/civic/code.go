package civic

import (
	"fmt"
	"io"
	"strings"

	"hienke/internal/errs"
)

// Code is the public name of a submission: twelve characters of codeAlphabet,
// eleven random and one to check, stored without separators and in upper case.
// It says nothing about time or count.
type Code string

// codeAlphabet has 19 characters that stay apart when a Vietnamese speaker
// reads them aloud or writes them by hand: no 0/O, 1/I, the rhyming bê, xê,
// dê, pê, vê … reduced to T, no N beside M, no S beside X. 19 is prime, so
// that distinct weights catch every single slip and every swap of two.
const codeAlphabet = "23456789AFHKLMQTWXY"

const (
	codeRandom = 11 // characters; 19^11 ≈ 1.2e14 codes
	codeLength = codeRandom + 1
	secretSize = 8 // characters; 19^8 ≈ 1.7e10, tried slowly and per code
)

// NewCode draws a code from random, a source of uniform bytes.
func NewCode(random io.Reader) (Code, error) {
	chars, err := draw(random, codeRandom)
	if err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	return Code(append(chars, checkChar(chars))), nil
}

// NewSecret draws a tracking secret, which together with the code opens the
// sender's view. It has no check character: nothing about it may be guessed.
func NewSecret(random io.Reader) (string, error) {
	chars, err := draw(random, secretSize)
	if err != nil {
		return "", fmt.Errorf("draw a secret: %w", err)
	}
	return string(chars), nil
}

// draw returns n characters of the alphabet, each equally likely.
func draw(random io.Reader, n int) ([]byte, error) {
	// 247 is the largest multiple of 19 a byte holds; what lies above is
	// thrown away so that no character is favoured.
	const limit = 256 / len(codeAlphabet) * len(codeAlphabet)
	out := make([]byte, 0, n)
	buf := make([]byte, 2*n)
	for len(out) < n {
		if _, err := io.ReadFull(random, buf); err != nil {
			return nil, err
		}
		for _, b := range buf {
			if int(b) < limit && len(out) < n {
				out = append(out, codeAlphabet[int(b)%len(codeAlphabet)])
			}
		}
	}
	return out, nil
}

// checkChar is the weighted sum of the characters modulo 19, weights 1 to 11.
func checkChar(chars []byte) byte {
	sum := 0
	for i, c := range chars {
		sum += (i + 1) * strings.IndexByte(codeAlphabet, c)
	}
	return codeAlphabet[sum%len(codeAlphabet)]
}

// ParseCode reads a code as people write it: any case, with spaces, dots or
// dashes, with or without the HK in front. A slip is Invalid with the field
// "code", so that no look-up is made for it.
func ParseCode(s string) (Code, error) {
	t := plainCode(s)
	if len(t) == codeLength+2 {
		t = strings.TrimPrefix(t, "HK")
	}
	if len(t) != codeLength || strings.Trim(t, codeAlphabet) != "" || checkChar([]byte(t[:codeRandom])) != t[codeRandom] {
		return "", errs.InvalidFields(errs.Field{Name: "code", Code: "field.not_a_code"})
	}
	return Code(t), nil
}

// ParseSecret brings a secret as people write it to its stored form.
func ParseSecret(s string) string { return plainCode(s) }

// meant is what people write or what their device makes of a character of
// codeAlphabet: none of these stands in a code itself, so that nothing is lost
// by reading them. Letters that are drawn alike, and what a keyboard for
// Vietnamese (Telex) turns AF, AX, AA, AW and W into.
var meant = map[rune]string{
	'0': "Q", 'O': "Q", 'D': "Q", '1': "L", 'I': "L", 'S': "5", 'B': "8", 'Z': "2", 'G': "6",
	'À': "AF", 'Ã': "AX", 'Â': "AA", 'Ă': "AW", 'Ầ': "AAF", 'Ẫ': "AAX", 'Ằ': "AWF", 'Ẵ': "AWX",
	'Ư': "W", 'Ừ': "WF", 'Ữ': "WX", 'Ỳ': "YF", 'Ỹ': "YX",
	'\u0300': "F", '\u0303': "X", '\u0302': "A", '\u0306': "W", // the same, decomposed
}

// The block of full-width forms that keyboards for Chinese and Japanese write,
// and how far it lies from ASCII.
const (
	firstFullWidth, lastFullWidth = '\uFF01', '\uFF5E'
	fullWidthShift                = firstFullWidth - '!'
)

// plainCode drops separators, raises the case and reads what was meant.
func plainCode(s string) string {
	if len(s) > 64 { // far beyond any way of writing twelve characters
		return ""
	}
	var out strings.Builder
	for _, r := range strings.ToUpper(s) {
		if r >= firstFullWidth && r <= lastFullWidth {
			r -= fullWidthShift
		}
		switch r {
		case ' ', '\t', '\r', '\n', '-', '.', '_', '\u00a0', '\u200b', '\u202f', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212', '\u3000', '/', ':':
			continue
		}
		if read, ok := meant[r]; ok {
			out.WriteString(read)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// String groups the code for reading aloud and writing: HK-XXXX-XXXX-XXXX.
func (c Code) String() string {
	if len(c) != codeLength {
		return string(c)
	}
	return "HK-" + string(c[0:4]) + "-" + string(c[4:8]) + "-" + string(c[8:12])
}

// GroupSecret writes a secret as two groups of four.
func GroupSecret(s string) string {
	if len(s) != secretSize {
		return s
	}
	return s[:4] + "-" + s[4:]
}
