package civic

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"hienke/internal/errs"
)

// CheckLength fails with Invalid for one field when s has fewer than least or
// more than most letters (runes). An empty s passes when least is zero.
func CheckLength(field, s string, least, most int) error {
	var c checker
	c.length(field, s, least, most)
	return errs.InvalidFields(c.fields...)
}

// Valid reports whether o is one of Outcomes.
func (o Outcome) Valid() bool { return slices.Contains(Outcomes, o) }

// checker collects wrong fields.
type checker struct{ fields []errs.Field }

// add notes a wrong field once: the first finding is the one to mend.
func (c *checker) add(name, code string, params ...string) {
	if slices.ContainsFunc(c.fields, func(f errs.Field) bool { return f.Name == name }) {
		return
	}
	f := errs.Field{Name: name, Code: code}
	if len(params) > 1 {
		f.Params = map[string]string{}
		for i := 0; i+1 < len(params); i += 2 {
			f.Params[params[i]] = params[i+1]
		}
	}
	c.fields = append(c.fields, f)
}

// length checks letters, not bytes.
func (c *checker) length(name, s string, least, most int) {
	n := utf8.RuneCountInString(s)
	switch {
	case n == 0 && least > 0:
		c.add(name, "field.required")
	case n < least:
		c.add(name, "field.too_short", "min", strconv.Itoa(least), "got", strconv.Itoa(n))
	default:
		c.longest(name, s, most)
	}
}

func (c *checker) longest(name, s string, most int) {
	if n := utf8.RuneCountInString(s); n > most {
		c.add(name, "field.too_long", "max", strconv.Itoa(most), "got", strconv.Itoa(n))
	}
}

func (c *checker) oneOf(name, s string, set []string) {
	switch {
	case s == "":
		c.add(name, "field.required")
	case !slices.Contains(set, s):
		c.add(name, "field.unknown_value")
	}
}

// CheckEmail fails with Invalid for one field unless s is one plain address.
func CheckEmail(field, s string) error {
	var c checker
	c.length(field, s, 1, MaxEmail)
	if s != "" && !validEmail(s) {
		c.add(field, "field.not_an_email")
	}
	return errs.InvalidFields(c.fields...)
}
