package web

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/rulebook"
)

// This file has the form of a routing rule: what it shows, and how what was
// typed is read.

// validity tells from when to when a rule holds. The last day is the one that
// ends when the rule does.
func (w words) validity(from, to time.Time) string {
	first, last := writtenDay(from), lastDay(to)
	switch {
	case first == "" && last == "":
		return w.t("rules.always")
	case last == "":
		return w.t("rules.from", "from", first)
	case first == "":
		return w.t("rules.until", "until", last)
	}
	return w.t("rules.between", "from", first, "until", last)
}

// ruleFields are the names of the form's fields, as the use case spells them.
var ruleFields = []string{"name", "condition", "agency", "valid_from", "valid_to", "owner", "note"}

// draftFrom reads the form. Days that nobody can read are returned as wrong
// fields.
func draftFrom(id string, v url.Values) (d rulebook.Draft, wrong []errs.Field) {
	base, _ := strconv.Atoi(v.Get("base")) // nothing else than a number was offered; 0 meets a conflict
	d = rulebook.Draft{
		ID: id, Base: base, Name: v.Get("name"), Condition: v.Get("condition"), Agency: civic.AgencyCode(v.Get("agency")),
		Owner: v.Get("owner"), Note: v.Get("note"),
	}
	var ok bool
	if d.ValidFrom, ok = typedDay(v.Get("valid_from")); !ok {
		wrong = append(wrong, errs.Field{Name: "valid_from", Code: "field.not_a_date"})
	}
	if d.ValidTo, ok = typedDay(v.Get("valid_to")); !ok {
		wrong = append(wrong, errs.Field{Name: "valid_to", Code: "field.not_a_date"})
	} else if !d.ValidTo.IsZero() {
		d.ValidTo = d.ValidTo.In(civic.Zone).AddDate(0, 0, 1).UTC() // the day typed is the last one
	}
	return d, wrong
}

// ruleValues are a version as the form shows it.
func ruleValues(v rulebook.Version) map[string]string {
	return map[string]string{
		"name": v.Name, "condition": v.Condition, "agency": string(v.Agency), "valid_from": writtenDay(v.ValidFrom), "valid_to": lastDay(v.ValidTo),
		"owner": v.Owner, "note": v.Note,
	}
}

// ruleForm builds the fields of a rule. The agency of a version that receives
// nothing now is not among the options, so that a person chooses anew.
func (w *Web) ruleForm(words words, values map[string]string, wrong []errs.Field) *form {
	for i := range wrong {
		if detail := wrong[i].Params["detail"]; detail != "" {
			wrong[i].Params = map[string]string{"detail": firstLine(detail)}
		}
	}
	f := newForm(words, values, wrong)
	f.prefix = "rule-"
	for _, name := range ruleFields {
		f.field(name, func(field *Field) {
			field.Label, field.Hint = words.t("rules.field."+name), words.optional("rules.hint."+name)
			field.Required = slices.Contains([]string{"name", "condition", "agency", "owner"}, name)
			switch name {
			case "condition":
				field.Widget, field.Rows = "textarea", 6
			case "note":
				field.Widget, field.Rows = "textarea", 3
			case "agency":
				w.agencySelect(words, true)(field)
			case "valid_from", "valid_to":
				field.Inputmode, field.Class = "numeric", "hk-day"
			}
		})
	}
	return f
}

// ruleCodes are the codes with which a condition can compare.
func (w *Web) ruleCodes(words words) []RuleCodes {
	kinds := RuleCodes{Label: words.t("rules.codes.Kind")}
	for _, k := range civic.Kinds {
		kinds.Codes = append(kinds.Codes, RuleCode{string(k), Name{words.t("kind." + string(k)), civic.Language(words.lang)}})
	}
	topics := RuleCodes{Label: words.t("rules.codes.Topic")}
	for _, t := range w.Registry.TopicsAt(w.Now()) {
		topics.Codes = append(topics.Codes, RuleCode{string(t.Code), nameOf(t.Names, words.lang)})
	}
	areas := RuleCodes{Label: words.t("rules.codes.Area")}
	for _, a := range w.Registry.AreasAt(w.Now()) {
		areas.Codes = append(areas.Codes, RuleCode{string(a.Code), nameOf(a.Names, words.lang)})
	}
	return []RuleCodes{kinds, topics, areas}
}

// typedRule is what was typed into the form of a rule.
func typedRule(v url.Values) map[string]string {
	out := map[string]string{}
	for _, name := range ruleFields {
		out[name] = v.Get(name)
	}
	return out
}
