package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/drafts"
	"hienke/internal/errs"
	"hienke/internal/i18n"
)

// structuredNames are what the text's page asks of an initiative or a solution
// instead of one body.
var structuredNames = []string{"problem", "proposal", "benefit", "submitter.authors", "confidential"}

// kindUnsure is the answer of who does not know what to call it. It is stored
// as feedback, the widest kind, with a mark that staff may say better: the
// domain and the API know four kinds, and nobody is kept at the first page.
const kindUnsure = "unsure"

func kindOf(values map[string]string) (kind civic.Kind, open bool) {
	if values["kind"] == kindUnsure {
		return civic.Feedback, true
	}
	return civic.Kind(values["kind"]), false
}

// structured reports whether a draft is of a kind that is written in parts.
func structured(values map[string]string) bool {
	switch civic.Kind(values["kind"]) {
	case civic.Initiative, civic.Solution:
		return true
	}
	return false
}

// structuredValue is a value that only counts while the kind asks for it.
func structuredValue(values map[string]string, name string) string {
	if !structured(values) {
		return ""
	}
	return values[name]
}

// asked are the names of the values that a step asks for.
func asked(slug string, values map[string]string) []string {
	switch slug {
	case stepKind:
		return []string{"kind"}
	case stepText:
		if structured(values) {
			return append([]string{"title"}, structuredNames...)
		}
		return []string{"title", "body"}
	case stepTopic:
		return []string{"topic", "area"}
	case stepSender:
		return []string{
			"submitter.type", "submitter.name", "submitter.organisation", "submitter.email", "submitter.phone", "submitter.address", "child",
		}
	case stepGuardian:
		return guardianNames
	case stepReview:
		return []string{"consent.terms", "consent.publish_name"}
	}
	return nil
}

// textParts are the parts of an initiative's text, in their order.
var textParts = []string{"problem", "proposal", "benefit"}

// wholeText is the body of a draft. Of an initiative or a solution it has a
// heading before each part. Whoever changes the kind half-way loses no word:
// what was written for the other kind stands in.
func wholeText(w words, values map[string]string) string {
	var parts []string
	for _, name := range textParts {
		if text := values[name]; text != "" {
			parts = append(parts, w.t("submit.heading_"+name)+"\n"+text)
		}
	}
	composed := strings.Join(parts, "\n\n")
	if body := values["body"]; !structured(values) && body != "" || composed == "" {
		return body
	}
	return composed
}

// wrongIn returns what is wrong with the values of one step, or nil.
func (w *Web) wrongIn(c echo.Context, slug string, values map[string]string) error {
	var wrong []errs.Field
	names := asked(slug, values)
	for _, f := range errs.FieldsOf(w.Intake.CheckDraft(w.submission(c, values))) {
		if f.Name == "body" && structured(values) {
			f.Name = "proposal"
		}
		if slices.Contains(names, f.Name) {
			wrong = append(wrong, f)
		}
	}
	if slug == stepText && structured(values) {
		for _, name := range []string{"problem", "proposal"} {
			if values[name] == "" {
				wrong = slices.DeleteFunc(wrong, func(f errs.Field) bool { return f.Name == name })
				wrong = append(wrong, errs.Field{Name: name, Code: "field.required"})
			}
		}
	}
	return errs.InvalidFields(wrong...)
}

// stepPage is the page of a step with what the draft holds.
func (w *Web) stepPage(c echo.Context, slug string, d drafts.Draft, wrong []errs.Field) *StepPage {
	words := w.words(c)
	at := slices.Index(numbered, slug) + 1
	if slug == stepGuardian { // nobody counts a page that few are shown
		at = slices.Index(numbered, stepSender) + 1
	}
	heading := words.t("submit." + slug + ".title")
	page := &StepPage{
		Frame: w.frame(c, "submit", words.t("submit.page_title", "heading", heading, "at", strconv.Itoa(at), "of", strconv.Itoa(len(numbered)))),
		Step:  slug, Heading: heading, At: at, Of: len(numbered), Token: d.Token, ExpiresAt: d.ExpiresAt,
		Lead: words.optional("submit." + slug + ".lead"), Structured: structured(d.Values),
	}
	page.Description = words.t("submit.lead")
	page.NoIndex = d.Token != ""
	page.Seen = stamp(asked(slug, d.Values), d.Values)
	if slug == stepText {
		page.Scripts = []string{"submit"}
	}
	if d.Token != "" {
		page.ResumeURL = w.PublicURL + "/" + string(page.Lang) + "/submit/" + d.Token
	}
	w.addWatch(page, d)
	stepFields(page, words, w.Registry, w.Now(), d.Values, wrong)
	if slug == stepFiles {
		page.Files = w.draftFileForm(c, d.Token)
		page.Scripts = []string{"files"}
	}
	if slug == stepReview {
		page.Rows = reviewRows(c, words, w.Registry, d)
		at := slices.IndexFunc(page.Rows, func(r Row) bool { return r.Name == "topic" })
		page.Rows = slices.Insert(page.Rows, max(at, 0), w.filesRow(c, d.Token))
	}
	switch {
	case slug == stepGuardian || slug == stepReview && isChild(d.Values):
		page.BackURL = stepURL(c, d.Token, map[string]string{stepGuardian: stepSender, stepReview: stepGuardian}[slug])
	case at > 1:
		page.BackURL = stepURL(c, d.Token, numbered[at-2])
	}
	if slug == stepGuardian {
		page.Unsent = words.optional("submit.guardian." + w.Notices.Channels())
	}
	return page
}

// stepFields puts the controls of a step into its page. Nothing is asked twice
// and nothing appears on a choice: conditional reveals fail screen readers.
func stepFields(p *StepPage, w words, reg *civic.Registry, at time.Time, values map[string]string, wrong []errs.Field) {
	if values == nil {
		values = map[string]string{}
	}
	if p.Step == stepText {
		values = carriedOver(w, values)
	}
	f := newForm(w, values, wrong)
	for _, name := range asked(p.Step, values) {
		p.Fields = append(p.Fields, f.field(name, func(field *Field) {
			dress(field, w, reg, at)
			if isChild(values) {
				dressForChild(field, w)
			}
		}))
	}
	p.Errors = f.summary()
	p.Failed = len(p.Errors) > 0
}

// carriedOver puts the text of a draft whose kind was changed into the fields
// of the new kind.
func carriedOver(w words, values map[string]string) map[string]string {
	switch {
	case structured(values) && values["problem"] == "" && values["proposal"] == "" && values["body"] != "":
		return with(values, map[string]string{"problem": values["body"]})
	case !structured(values) && values["body"] == "":
		return with(values, map[string]string{"body": wholeText(w, values)})
	}
	return values
}

// dress sets what differs from a plain text input.
func dress(field *Field, w words, reg *civic.Registry, at time.Time) {
	unsure := Option{Label: w.t("form.unsure")}
	switch field.Name {
	case "kind":
		field.Widget, field.Required, field.Quiet = "radios", true, true
		for _, k := range civic.Kinds {
			field.Options = append(field.Options, Option{Value: string(k), Label: w.t("kind." + string(k)), Hint: w.t("kind_hint." + string(k))})
		}
		field.Options = append(field.Options, Option{Value: kindUnsure, Label: w.t("kind.unsure"), Hint: w.t("kind_hint.unsure")})
	case "title":
		field.Required = true
	case "body":
		field.Widget, field.Rows, field.Required = "textarea", 10, true
	case "problem", "proposal":
		field.Widget, field.Rows, field.Required = "textarea", 6, true
	case "benefit":
		field.Widget, field.Rows = "textarea", 4
	case "topic":
		field.Widget, field.Options = "select", append([]Option{unsure}, topicOptions(reg, w.lang, at)...)
	case "area":
		field.Widget, field.Options = "select", append([]Option{unsure}, areaOptions(reg, w.lang, at)...)
	case "submitter.type":
		field.Widget, field.Required = "radios", true
		for _, s := range []civic.SubmitterType{civic.Person, civic.Organisation} {
			field.Options = append(field.Options, Option{Value: string(s), Label: w.t("form.submitter.type." + string(s))})
		}
	case "submitter.name":
		field.Required, field.Autocomplete = true, "name"
	case "submitter.organisation":
		field.Autocomplete = "organization"
	case "submitter.email":
		field.Type, field.Autocomplete, field.Plain = "email", "email", true
	case "submitter.phone":
		field.Type, field.Autocomplete = "tel", "tel"
	case "submitter.address":
		field.Autocomplete = "street-address"
	case "consent.terms":
		field.Widget, field.Required = "checkbox", true
	case "guardian.name":
		field.Required, field.Autocomplete = true, "off" // what the browser knows is the child's
	case "guardian.email":
		field.Type, field.Autocomplete, field.Plain, field.Bare = "email", "off", true, true
	case "guardian.phone":
		field.Type, field.Autocomplete, field.Bare = "tel", "off", true
	case "consent.publish_name", "confidential", "child":
		field.Widget = "checkbox"
	}
}

// dressForChild says what a child consents to in words of its own.
func dressForChild(field *Field, w words) {
	switch field.Name {
	case "consent.terms":
		field.Label = w.t("form.child_consent.terms")
	case "consent.publish_name":
		field.Label, field.Hint = w.t("form.child_consent.publish_name"), w.t("form.child_consent.publish_name_hint")
	}
}

// shown is a value of the field as people read it.
func (f Field) shown(value string) string {
	if i := slices.IndexFunc(f.Options, func(o Option) bool { return o.Value == value }); i >= 0 {
		return f.Options[i].Label
	}
	return value
}

// reviewRows lists everything that will be sent, each with the page that
// changes it.
func reviewRows(c echo.Context, w words, reg *civic.Registry, d drafts.Draft) []Row {
	var rows []Row
	for _, slug := range walked[:len(walked)-1] {
		if slug == stepGuardian && !isChild(d.Values) {
			continue
		}
		var fields StepPage
		fields.Step = slug
		stepFields(&fields, w, reg, d.BegunAt, d.Values, nil)
		for _, f := range fields.Fields {
			if f.Name == "child" && f.Value != "yes" { // one line less to read for everybody else
				continue
			}
			row := Row{
				Name: f.Name, Label: w.t("form." + f.Name + ".label"), Value: f.shown(f.Value), Long: f.Widget == "textarea",
				ChangeURL: stepURL(c, d.Token, slug) + "?back=review#" + f.ID(),
			}
			switch {
			case f.Widget == "checkbox":
				row.Label = w.t("submit.row_" + f.Name)
				row.Value = w.t("submit.no")
				if f.Value == "yes" {
					row.Value = w.t("submit.yes")
				}
			case f.Value == "" && f.Widget != "select":
				row.Value, row.Empty = w.t("submit.not_given"), true
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// trackFields puts the two controls of the tracking form into the page.
func trackFields(p *TrackPage, w words, values map[string]string, wrong []errs.Field) {
	f := newForm(w, values, wrong)
	code := func(field *Field) {
		field.Required, field.Plain, field.Autocomplete, field.Class = true, true, "off", "hk-input-code"
	}
	p.Code = f.field("code", code)
	p.Secret = f.field("secret", code)
	p.Errors = f.summary()
	p.Failed = len(p.Errors) > 0
}

// nameOf is a registry name in the page's language, with the language it is
// really in.
func nameOf(names civic.Names, lang i18n.Lang) Name {
	want := civic.Language(lang)
	if names[want] == "" {
		want = civic.Vietnamese
	}
	return Name{Text: names.In(want), Lang: want}
}

// optionLang is the lang attribute of a name where it differs from the page.
func optionLang(n Name, lang i18n.Lang) civic.Language {
	if n.Lang == civic.Language(lang) {
		return ""
	}
	return n.Lang
}

func registryOption(code string, names civic.Names, lang i18n.Lang) Option {
	n := nameOf(names, lang)
	return Option{Value: code, Label: n.Text, Lang: optionLang(n, lang)}
}

func topicOptions(reg *civic.Registry, lang i18n.Lang, at time.Time) []Option {
	var out []Option
	for _, t := range reg.TopicsAt(at) {
		out = append(out, registryOption(string(t.Code), t.Names, lang))
	}
	return out
}

func areaOptions(reg *civic.Registry, lang i18n.Lang, at time.Time) []Option {
	var out []Option
	for _, a := range reg.AreasAt(at) {
		out = append(out, registryOption(string(a.Code), a.Names, lang))
	}
	return out
}
