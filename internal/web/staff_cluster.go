package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/i18n"
	"hienke/internal/triage"
)

// This file is what the case page says and offers about clusters and parts.

func mayMerge(_ civic.Actor, c *triage.Case) bool {
	return c.Submission.State.CanBecome(civic.Merged)
}

// mayLead: see cluster.Lead. Whether an answer was drafted only the use case
// knows.
func mayLead(_ civic.Actor, c *triage.Case) bool {
	return c.Submission.State == civic.Merged && c.Root != nil && cluster.Leadable.Has(c.Root.State)
}

func hasFollowers(_ civic.Actor, c *triage.Case) bool { return c.Followers > 0 }

func mergeFields(_ *Web, f *form, _ *triage.Case) []Field {
	return []Field{
		f.field("into", func(field *Field) { field.Required, field.Plain = true, true }),
		f.field("reason", func(field *Field) { field.Widget, field.Rows = "textarea", 3 }),
	}
}

func splitClusterFields(_ *Web, f *form, _ *triage.Case) []Field {
	return []Field{
		f.field("members", textarea(4)),
		f.field("reason", func(field *Field) { field.Widget, field.Rows = "textarea", 3 }),
	}
}

// memberList reads codes, each on a line or after a comma.
func memberList(typed string) []string {
	var out []string
	for _, code := range strings.FieldsFunc(typed, func(r rune) bool { return strings.ContainsRune("\r\n,;", r) }) {
		if code = strings.TrimSpace(code); code != "" {
			out = append(out, code)
		}
	}
	return out
}

// partSlots is how many parts one form has room for.
const partSlots = 4

func partName(i int, what string) string { return fmt.Sprintf("parts.%d.%s", i, what) }

// splitFields are a title and a text for each part; only the first part must be
// there.
func splitFields(_ *Web, f *form, _ *triage.Case) []Field {
	var out []Field
	for i := range partSlots {
		title, body := f.partField(i, "title"), f.partField(i, "body")
		body.Widget, body.Rows = "textarea", 4
		out = append(out, title, body)
	}
	return append(out, f.field("reason", func(field *Field) { field.Widget, field.Rows = "textarea", 3 }))
}

// partField is a field of the i-th part, from 0.
func (f *form) partField(i int, what string) Field {
	name := partName(i, what)
	field := Field{
		Widget: "input", Name: name, Prefix: f.prefix, Value: f.values[name], Required: i == 0,
		Label: f.words.t("form.part_"+what+".label", "n", i+1),
	}
	if e, ok := f.problemOf(name); ok {
		field.Error = f.words.fieldProblem(e, field.Label)
	}
	if !field.Required {
		field.Label = f.words.t("form.optional", "label", field.Label)
	}
	f.used = append(f.used, field)
	return field
}

// partsOf reads the parts up to the last that has anything; without any it is
// one empty part, whose fields say what is missing.
func partsOf(values url.Values) []triage.Part {
	var parts []triage.Part
	last := 1
	for i := range partSlots {
		p := triage.Part{Title: values.Get(partName(i, "title")), Body: values.Get(partName(i, "body"))}
		if strings.TrimSpace(p.Title+p.Body) != "" {
			last = i + 1
		}
		parts = append(parts, p)
	}
	return parts[:last]
}

// clusterChoice asks whom a refusal is for.
func clusterChoice(f *form) Field {
	f.suggest("cluster", triage.RefuseThis)
	return f.field("cluster", func(field *Field) {
		field.Widget = "radios"
		for _, whom := range []string{triage.RefuseThis, triage.RefuseAll} {
			field.Options = append(field.Options, Option{Value: whom, Label: f.words.t("form.cluster." + whom)})
		}
	})
}

// clusterText is the campaign counter.
func (w words) clusterText(found triage.Case) string {
	if found.Followers == 0 {
		return ""
	}
	day := func(first bool) string {
		at := found.Last
		if first {
			at = found.First
		}
		return i18n.ShortDate(w.lang, at, civic.Zone)
	}
	return w.plural("desk.cluster", found.Followers, "first", day(true), "last", day(false))
}

// adviseOn adds what a coordinator can do about a similar case, and a link that
// opens the form for it, filled in.
func (w words) adviseOn(r *Related, sub civic.Submission, s triage.SimilarCase) {
	if s.Advice == "" {
		return
	}
	r.Advice = w.t("desk.advice." + s.Advice)
	v, action := url.Values{}, "merge"
	switch s.Advice {
	case triage.AdviceFollow, triage.AdviceAnswer:
		v.Set("into", s.Case.Code.String())
	case triage.AdviceRefuse:
		v.Set("like", s.Case.Code.String())
		action = "reject"
	default:
		return // to be read only
	}
	r.AdviceURL = staffCasePath(sub.Code) + "?" + v.Encode() + "#act-" + action
}

// prefilled is the form that a link of adviseOn opens: a merge into a case, or
// a refusal for the reason and in the words of another one.
func prefilled(v url.Values, found triage.Case) attempt {
	if into := v.Get("into"); into != "" {
		return attempt{action: "merge", values: map[string]string{"into": into}}
	}
	like := v.Get("like")
	i := slices.IndexFunc(found.Similar, func(s triage.SimilarCase) bool {
		return like != "" && s.Visible && s.Advice == triage.AdviceRefuse && s.Case.Code.String() == like
	})
	if i < 0 {
		return attempt{}
	}
	why := found.Similar[i].Case.Rejection
	return attempt{action: "reject", values: map[string]string{
		"reason_code": why.Reason, "message": why.Message, "cluster": triage.RefuseThis,
	}}
}

// relatedCases are the case's parts, or what it is a part of.
func (w words) relatedCases(found triage.Case) []Related {
	var out []Related
	for _, c := range found.Related {
		r := related(c.Case, c.Visible)
		r.Reason = w.t("team.relation." + string(c.Relation))
		if c.Reason != "" {
			r.Reason += ": " + c.Reason
		}
		out = append(out, r)
	}
	return out
}

// keptParts are the texts of parts among what was typed.
func (w words) keptParts(values map[string]string) []Fact {
	var out []Fact
	for i := range partSlots {
		for _, what := range []string{"title", "body"} {
			if text := values[partName(i, what)]; text != "" {
				out = append(out, Fact{w.t("form.part_"+what+".label", "n", i+1), text})
			}
		}
	}
	return out
}
