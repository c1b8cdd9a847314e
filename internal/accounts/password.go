package accounts

import (
	_ "embed"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/vitext"
)

// Limits of a password, in letters. There are no rules about what it is made
// of, as NIST SP 800-63B advises: length, and not being one that is tried
// first. The upper bound keeps hashing cheap.
const (
	MinPassword = 12
	MaxPassword = 200
	minInvented = 8
)

// common.txt holds what is tried first, as people here choose it: one word a
// line, folded. A password that is one of them, with digits and signs around
// it or repeated, is one of them.
//
//go:embed common.txt
var commonFile string

var common = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(commonFile) {
		set[w] = true
	}
	return set
}()

// checkPassword fails with Invalid for a password that is too short, too long,
// or easily guessed. own are words about the person, such as the address.
func checkPassword(p string, own ...string) error {
	if err := civic.CheckLength("password", p, MinPassword, MaxPassword); err != nil {
		return err
	}
	if guessable(p, own) {
		return errs.InvalidFields(errs.Field{Name: "password", Code: "password.common"})
	}
	return nil
}

func guessable(p string, own []string) bool {
	folded := strings.ReplaceAll(vitext.Fold(p), " ", "")
	if folded == "" || shortestPeriod(folded) <= 4 || sequence(folded) {
		return true
	}
	letters := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, folded)
	letters = letters[:min(len(letters), shortestPeriod(letters))] // matkhaumatkhau
	if common[folded] || common[letters] {
		return true
	}
	for _, o := range own {
		name, _, _ := strings.Cut(vitext.Fold(o), "@")
		for _, word := range []string{name, strings.ReplaceAll(name, " ", ""), strings.ReplaceAll(name, ".", "")} {
			if len(word) >= 4 && strings.HasPrefix(folded, word) && len(folded)-len(word) <= 6 {
				return true
			}
		}
	}
	return false
}

// shortestPeriod returns the length of the piece that a text repeats; the
// whole length where it repeats nothing.
func shortestPeriod(s string) int {
	for n := 1; n <= len(s)/2; n++ {
		if strings.HasPrefix(s, s[n:]) || strings.Repeat(s[:n], len(s)/n+1)[:len(s)] == s {
			return n
		}
	}
	return len(s)
}

// sequence reports whether the characters follow each other, up or down,
// beginning anew after 9: 123456789012.
func sequence(s string) bool {
	for _, step := range []byte{1, 255} {
		whole := true
		for i := 1; i < len(s) && whole; i++ {
			whole = s[i] == s[i-1]+step || s[i-1] == '9' && s[i] == '0' && step == 1 || s[i-1] == '0' && s[i] == '9' && step == 255
		}
		if whole {
			return true
		}
	}
	return false
}
