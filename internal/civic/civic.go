// Package civic is the domain: what citizens send, who handles it, which
// states it passes and by when. It imports the standard library and errs
// only, and it does no I/O.
//
// The words are those of README's glossary and are the same in code, tables,
// addresses and pages.
package civic

import (
	"strings"
	"time"
)

// Language is a BCP 47 tag of a text or a page; the pages speak these two.
type Language string

// The languages of the pages.
const (
	Vietnamese Language = "vi"
	English    Language = "en"
)

// Languages lists the page languages, the default first.
var Languages = []Language{Vietnamese, English}

// Page returns the page language in which to write to somebody who wrote in l.
func (l Language) Page() Language {
	if l == "" || strings.HasPrefix(strings.ToLower(string(l)), string(Vietnamese)) {
		return Vietnamese
	}
	return English
}

// Names holds a name per language. Vietnamese is always there.
type Names map[Language]string

// In returns the name in lang, or the Vietnamese one.
func (n Names) In(lang Language) string {
	if s := n[lang]; s != "" {
		return s
	}
	return n[Vietnamese]
}

// Period is a span of validity, From included and Until excluded. A zero
// bound is open.
type Period struct {
	From, Until time.Time
}

// Holds reports whether at lies within p.
func (p Period) Holds(at time.Time) bool {
	return (p.From.IsZero() || !at.Before(p.From)) && (p.Until.IsZero() || at.Before(p.Until))
}
