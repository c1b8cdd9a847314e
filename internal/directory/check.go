package directory

import (
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/vitext"
)

// forms of codes, as the files have them.
var forms = map[civic.EntryKind]*regexp.Regexp{
	civic.AgencyEntry:    regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`),
	civic.TopicEntry:     regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`),
	civic.AreaEntry:      regexp.MustCompile(`^[0-9]{2}$`),
	civic.RejectionEntry: regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`),
	civic.HoldingEntry:   regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`),
}

const (
	maxCode = 80   // letters; it stands in addresses
	maxName = 200  // letters
	maxText = 4000 // letters; a page and a half
)

// check brings an entry into one form and fails with every field that is wrong.
func check(b *book, e *civic.Entry, now time.Time) error {
	tidy(e)
	var wrong []errs.Field
	add := func(field, code string) { wrong = append(wrong, errs.Field{Name: field, Code: code}) }
	long := func(field, text string, most int) {
		if len([]rune(text)) > most {
			add(field, "field.too_long")
			wrong[len(wrong)-1].Params = map[string]string{"max": strconv.Itoa(most)}
		}
	}
	if !forms[e.Kind].MatchString(e.Code) || len(e.Code) > maxCode {
		add("code", "registry.code_form")
	}
	both := func(field string, n civic.Names, needed bool) {
		for _, lang := range civic.Languages {
			name := field + "_" + string(lang)
			if needed && n[lang] == "" {
				add(name, "field.required")
			}
			most := maxText
			if field == "name" {
				most = maxName
			}
			long(name, n[lang], most)
		}
	}
	both("name", e.Names, true)
	switch e.Kind {
	case civic.RejectionEntry, civic.HoldingEntry:
		both("text", e.Text, true)
		both("belongs", e.Belongs, false)
	case civic.TopicEntry:
		if e.Text[civic.Vietnamese] == "" {
			add("text_vi", "field.required")
		}
		long("text_vi", e.Text[civic.Vietnamese], maxText)
	case civic.AgencyEntry, civic.AreaEntry:
		long("text_vi", e.Text[civic.Vietnamese], maxText)
	}
	if u, err := url.Parse(e.Link); e.Link != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		add("link", "registry.link_form")
	}
	if at, err := mail.ParseAddress(e.Email); e.Email != "" && (err != nil || at.Address != e.Email) {
		add("email", "registry.email_form")
	}
	if e.Area != "" {
		if _, ok := b.get(civic.AreaEntry, e.Area); !ok {
			add("area", "field.unknown_value")
		}
	}
	if !b.placed(*e, now) {
		add("parent", "field.unknown_value")
	}
	if code := b.namesake(*e, now); code != "" {
		wrong = append(wrong, errs.Field{Name: "name_vi", Code: "registry.name_taken", Params: map[string]string{"code": code}})
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

// tidy brings texts into one form and takes out what is empty.
func tidy(e *civic.Entry) {
	clean := func(s string) string { return strings.TrimSpace(vitext.Normalize(s)) }
	for _, names := range []*civic.Names{&e.Names, &e.Text, &e.Belongs} {
		out := civic.Names{}
		for lang, text := range *names {
			if text = clean(text); text != "" {
				out[lang] = text
			}
		}
		if *names = out; len(out) == 0 {
			*names = nil
		}
	}
	var aliases []string
	for _, a := range e.Aliases {
		if a = clean(a); a != "" && !slices.Contains(aliases, a) {
			aliases = append(aliases, a)
		}
	}
	e.Aliases = aliases
	e.Code, e.Link, e.Email, e.Source = strings.TrimSpace(e.Code), strings.TrimSpace(e.Link), strings.TrimSpace(e.Email), clean(e.Source)
}
