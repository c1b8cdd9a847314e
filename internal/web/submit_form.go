package web

import (
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/i18n"
)

// submitFields puts the controls of the submission form into the page.
// Nothing is asked twice and nothing appears on a choice: conditional reveals
// fail screen readers.
func submitFields(p *SubmitPage, w words, reg *civic.Registry, at time.Time, values map[string]string, wrong []errs.Field) {
	f := newForm(w, values, wrong)
	required := func(field *Field) { field.Required = true }

	p.Kind = f.field("kind", func(field *Field) {
		field.Widget, field.Required = "radios", true
		for _, k := range civic.Kinds {
			field.Options = append(field.Options, Option{
				Value: string(k), Label: w.t("kind." + string(k)), Hint: w.t("kind_hint." + string(k)),
			})
		}
	})
	p.Title = f.field("title", required)
	p.Body = f.field("body", func(field *Field) { field.Widget, field.Rows, field.Required = "textarea", 10, true })
	p.Topic = f.field("topic", func(field *Field) {
		field.Widget, field.Options = "select", append([]Option{{Label: w.t("form.unsure")}}, topicOptions(reg, w.lang, at)...)
	})
	p.Area = f.field("area", func(field *Field) {
		field.Widget, field.Options = "select", append([]Option{{Label: w.t("form.unsure")}}, areaOptions(reg, w.lang, at)...)
	})
	p.Submitter = f.field("submitter.type", func(field *Field) {
		field.Widget, field.Required = "radios", true
		for _, s := range []civic.SubmitterType{civic.Person, civic.Organisation} {
			field.Options = append(field.Options, Option{Value: string(s), Label: w.t("form.submitter.type." + string(s))})
		}
	})
	p.Name = f.field("submitter.name", func(field *Field) { field.Required, field.Autocomplete = true, "name" })
	p.Organisation = f.field("submitter.organisation", func(field *Field) { field.Autocomplete = "organization" })
	p.Email = f.field("submitter.email", func(field *Field) {
		field.Type, field.Autocomplete, field.Plain = "email", "email", true
	})
	p.Phone = f.field("submitter.phone", func(field *Field) { field.Type, field.Autocomplete = "tel", "tel" })
	p.Address = f.field("submitter.address", func(field *Field) { field.Autocomplete = "street-address" })
	p.Terms = f.field("consent.terms", func(field *Field) { field.Widget, field.Required = "checkbox", true })
	p.PublishName = f.field("consent.publish_name", func(field *Field) { field.Widget = "checkbox" })
	p.Errors = f.summary()
	p.Failed = len(p.Errors) > 0
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
