// Package i18n turns keys into the words of a language, and dates and numbers
// into the way its readers write them. It belongs to the floor: standard
// library only, no template, no request.
//
// A catalogue is a folder of JSON files per language, one for each part of the
// pages; no key stands in two of them. Objects nest and their keys join with dots ("submit": {"title": "…"} is submit.title). A leaf is a string, or
// an object of plural forms {"one": "…", "other": "…"}. {name} in a text is a
// placeholder. Both languages must have the same keys with the same
// placeholders; Load refuses anything else, so that a page cannot be half
// translated.
package i18n

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Lang is a language of the pages, spelled as in the address.
type Lang string

// The languages.
const (
	Vietnamese Lang = "vi"
	English    Lang = "en"
)

// Langs lists the languages, the default first.
var Langs = []Lang{Vietnamese, English}

// Valid reports whether l is one of Langs.
func (l Lang) Valid() bool { return slices.Contains(Langs, l) }

// message is one leaf. one is empty where the language has a single form.
type message struct{ one, other string }

// Catalogue holds every text of every language. It is read-only once loaded
// and safe for concurrent use.
type Catalogue struct {
	messages map[Lang]map[string]message
}

// Load reads LANG/*.json for every language of Langs from the root of fsys. It
// fails with every difference between the languages at once.
func Load(fsys fs.FS) (*Catalogue, error) {
	c := &Catalogue{messages: map[Lang]map[string]message{}}
	for _, lang := range Langs {
		files, err := fs.Glob(fsys, string(lang)+"/*.json")
		if err != nil {
			return nil, fmt.Errorf("list the catalogue: %w", err)
		}
		c.messages[lang] = map[string]message{}
		for _, name := range files {
			if err := loadFile(c.messages[lang], fsys, name); err != nil {
				return nil, fmt.Errorf("catalogue %s: %w", name, err)
			}
		}
		if len(c.messages[lang]) == 0 {
			return nil, fmt.Errorf("catalogue %s: no texts", lang)
		}
	}
	return c, c.parity()
}

// loadFile adds the texts of one file.
func loadFile(into map[string]message, fsys fs.FS, name string) error {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	var tree map[string]any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	own := map[string]message{}
	if err := flatten(own, "", tree); err != nil {
		return err
	}
	for key, m := range own {
		if _, taken := into[key]; taken {
			return fmt.Errorf("%s stands in another file too", key)
		}
		into[key] = m
	}
	return nil
}

// flatten joins nested keys with dots.
func flatten(into map[string]message, prefix string, tree map[string]any) error {
	for k, v := range tree {
		key := prefix + k
		switch v := v.(type) {
		case string:
			into[key] = message{other: v}
		case map[string]any:
			if m, ok := plural(v); ok {
				into[key] = m
			} else if err := flatten(into, key+".", v); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s is neither text nor object", key)
		}
	}
	return nil
}

// plural reads an object of plural forms; every such object has "other", and
// no branch of the catalogue has a key of that name beside text.
func plural(v map[string]any) (message, bool) {
	other, ok := v["other"].(string)
	if !ok {
		return message{}, false
	}
	one, _ := v["one"].(string)
	for k := range v {
		if k != "one" && k != "other" {
			return message{}, false
		}
	}
	return message{one: one, other: other}, true
}

// parity compares every language with the first.
func (c *Catalogue) parity() error {
	first := c.messages[Langs[0]]
	var problems []error
	for _, lang := range Langs[1:] {
		own := c.messages[lang]
		for _, key := range slices.Sorted(maps.Keys(first)) {
			m, ok := own[key]
			switch {
			case !ok:
				problems = append(problems, fmt.Errorf("%s lacks %s", lang, key))
			case !slices.Equal(placeholders(m.other), placeholders(first[key].other)):
				problems = append(problems, fmt.Errorf("%s has other placeholders in %s than %s", lang, key, Langs[0]))
			case m.one != "" && !subset(placeholders(m.one), placeholders(m.other)):
				problems = append(problems, fmt.Errorf("%s has an unknown placeholder in the singular of %s", lang, key))
			}
		}
		for _, key := range slices.Sorted(maps.Keys(own)) {
			if _, ok := first[key]; !ok {
				problems = append(problems, fmt.Errorf("%s lacks %s", Langs[0], key))
			}
		}
	}
	return errors.Join(problems...)
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// placeholders returns the distinct placeholders of a text, sorted.
func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func subset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

// Has reports whether the catalogue holds the key.
func (c *Catalogue) Has(key string) bool {
	_, ok := c.messages[Langs[0]][key]
	return ok
}

// Keys lists every key, sorted.
func (c *Catalogue) Keys() []string { return slices.Sorted(maps.Keys(c.messages[Langs[0]])) }

// T returns the text of a key with its placeholders filled. args alternates
// names and values; a number is written the language's way, everything else
// as fmt prints it. An unknown key gives ⟦key⟧, which tests look for and
// which tells a reader at least what was meant.
func (c *Catalogue) T(lang Lang, key string, args ...any) string {
	m, ok := c.messages[lang][key]
	if !ok {
		return Missing(key)
	}
	return fill(lang, m.other, args)
}

// Plural is T with the form for n; {n} in the text becomes n.
func (c *Catalogue) Plural(lang Lang, key string, n int, args ...any) string {
	m, ok := c.messages[lang][key]
	if !ok {
		return Missing(key)
	}
	text := m.other
	if (n == 1 || n == -1) && m.one != "" {
		text = m.one
	}
	return fill(lang, text, append([]any{"n", n}, args...))
}

// Message is T for placeholders that come as a map, as those of errors do.
// Values that are whole numbers are written the language's way.
func (c *Catalogue) Message(lang Lang, key string, params map[string]string) string {
	args := make([]any, 0, 2*len(params))
	for k, v := range params {
		if n, err := strconv.Atoi(v); err == nil {
			args = append(args, k, n)
			continue
		}
		args = append(args, k, v)
	}
	return c.T(lang, key, args...)
}

// Missing is what stands in place of a text that no catalogue has.
func Missing(key string) string { return "⟦" + key + "⟧" }

// IsMissing reports whether s holds the mark of a missing text.
func IsMissing(s string) bool { return strings.Contains(s, "⟦") }

// fill puts values in place of {names}, all at once, so that a value which
// itself looks like a placeholder stays as it is.
func fill(lang Lang, text string, args []any) string {
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+fmt.Sprint(args[i])+"}", value(lang, args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func value(lang Lang, v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return Number(lang, int64(v))
	case int64:
		return Number(lang, v)
	default:
		return fmt.Sprint(v)
	}
}
