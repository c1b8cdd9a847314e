package web

import (
	"slices"
	"strconv"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/i18n"
)

// Field is one form control with everything its template needs. Texts are
// translated already.
type Field struct {
	Widget string // input, textarea, select, radios, checkbox
	// Name is the form's and the error's name, as the API spells it
	// (submitter.email). Prefix keeps ids apart where a page repeats a name.
	Name, Prefix string
	Label, Hint  string
	Value        string // "yes" for a ticked checkbox
	Error        string
	Options      []Option
	Required     bool
	// Quiet hides the label from eyes alone: the heading above says the same.
	Quiet bool

	Type, Autocomplete, Inputmode, Class string // input only
	Plain                                bool   // neither spelling nor capitals are helped with
	// Bare says nothing about required or optional: the row as a whole may stay
	// empty.
	Bare bool
	Rows int // textarea only
	// People are colleagues whose names a script completes behind @, as JSON;
	// empty for none. Textarea only.
	People string
}

// Option is one choice of a select or of radios.
type Option struct {
	Value, Label, Hint string
	Lang               civic.Language // empty: the page's
}

// ID is the control's id; for radios that of the first, so that the error
// summary can point at it.
func (f Field) ID() string {
	return f.Prefix + strings.NewReplacer(".", "-", "_", "-").Replace(f.Name)
}

// OptionID is the id of the i-th radio, from 0.
func (f Field) OptionID(i int) string {
	if i == 0 {
		return f.ID()
	}
	return f.ID() + "-" + strconv.Itoa(i+1)
}

// DescribedBy lists the ids of hint and error.
func (f Field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.ID()+"-error")
	}
	return strings.Join(ids, " ")
}

// FieldError is one line of the error summary. An empty ID has no control to
// point at.
type FieldError struct{ ID, Text string }

// form builds the fields of one form: label and hint from the catalogue,
// value and error by name.
type form struct {
	words  words
	prefix string
	values map[string]string
	wrong  []errs.Field // at most one for each name
	// used holds the fields that were built, in order, for the summary.
	used []Field
	// fixed tells that values are what a person sent: an empty one was emptied
	// on purpose, and nothing is suggested in its place.
	fixed bool
}

// suggest fills a field of a form that nobody has sent yet, unless something
// was put there already: a template, or an earlier wording.
func (f *form) suggest(name, value string) {
	if _, there := f.values[name]; !there && !f.fixed {
		f.values[name] = value
	}
}

// words is a catalogue in one language.
type words struct {
	catalogue *i18n.Catalogue
	lang      i18n.Lang
}

func (w words) t(key string, args ...any) string { return w.catalogue.T(w.lang, key, args...) }

func (w words) plural(key string, n int, args ...any) string {
	return w.catalogue.Plural(w.lang, key, n, args...)
}

// optional returns the text of a key, or nothing where there is no such key.
func (w words) optional(key string) string {
	if !w.catalogue.Has(key) {
		return ""
	}
	return w.t(key)
}

// newForm prepares a form. wrong may be nil.
func newForm(w words, values map[string]string, wrong []errs.Field) *form {
	f := &form{words: w, values: values}
	for _, e := range wrong {
		if _, seen := f.problemOf(e.Name); !seen {
			f.wrong = append(f.wrong, e)
		}
	}
	return f
}

// problemOf returns what is wrong with the field called name.
func (f *form) problemOf(name string) (errs.Field, bool) {
	i := slices.IndexFunc(f.wrong, func(e errs.Field) bool { return e.Name == name })
	if i < 0 {
		return errs.Field{}, false
	}
	return f.wrong[i], true
}

// field builds the control called name; more sets what differs from a plain
// text input.
func (f *form) field(name string, more func(*Field)) Field {
	field := Field{
		Widget: "input", Name: name, Prefix: f.prefix,
		Label: f.words.t("form." + name + ".label"), Hint: f.words.optional("form." + name + ".hint"),
		Value: f.values[name],
	}
	if more != nil {
		more(&field)
	}
	if e, ok := f.problemOf(name); ok {
		field.Error = f.words.fieldProblem(e, field.Label)
	}
	if !field.Required && !field.Bare && field.Widget != "checkbox" && field.Widget != "radios" {
		field.Label = f.words.t("form.optional", "label", field.Label)
	}
	f.used = append(f.used, field)
	return field
}

// summary lists every error in the order of the fields; errors whose field is
// not on the form come last, without a link.
func (f *form) summary() []FieldError {
	var out []FieldError
	shown := map[string]bool{}
	for _, field := range f.used {
		if field.Error != "" {
			out = append(out, FieldError{ID: field.ID(), Text: field.Error})
			shown[field.Name] = true
		}
	}
	for _, e := range f.wrong {
		if !shown[e.Name] {
			out = append(out, FieldError{Text: f.words.fieldProblem(e, e.Name)})
		}
	}
	return out
}

// fieldProblem says what is wrong with a field: in the words made for this
// field where there are any (problem.at.title.required), else in those of
// the code with the label put in.
func (w words) fieldProblem(e errs.Field, label string) string {
	_, reason, _ := strings.Cut(e.Code, ".")
	params := map[string]string{"label": label}
	for k, v := range e.Params {
		params[k] = v
	}
	for _, key := range []string{"problem.at." + e.Name + "." + reason, "problem." + e.Code} {
		if w.catalogue.Has(key) {
			return w.catalogue.Message(w.lang, key, params)
		}
	}
	return w.catalogue.Message(w.lang, "problem.field.unknown_value", params)
}

// problem says what err means, by its code, else by its kind.
func (w words) problem(err error) string {
	if key := "problem." + errs.CodeOf(err); w.catalogue.Has(key) {
		return w.t(key)
	}
	return w.t("problem.kind." + errs.KindOf(err).String())
}
