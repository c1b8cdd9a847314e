package web

import (
	"slices"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/i18n"
	"hienke/internal/triage"
)

// ScopeText is what a case is taken for, in words.
type ScopeText struct {
	Lines   []string
	Channel *ElsewhereText
	Several []string // beginnings of separate requests, as the sender wrote them
}

// ElsewhereText is where a matter belongs instead.
type ElsewhereText struct {
	Name, Address, Link string
	Unchecked           bool // for staff: nobody has checked the address yet
}

// elsewhere tells of a channel, nil for none.
func (w *Web) elsewhere(lang i18n.Lang, code string) *ElsewhereText {
	c, ok := w.Registry.OtherChannel(code)
	if !ok {
		return nil
	}
	in := civic.Language(lang)
	return &ElsewhereText{
		Name: c.Names.In(in), Address: c.Address.In(in), Link: c.Link, Unchecked: c.Certainty == civic.Provisional,
	}
}

// scopeText tells what the machine took a case for and why, and what a person
// decided.
func (w *Web) scopeText(words words, found triage.Case) ScopeText {
	d := found.Scope
	if d == nil {
		return ScopeText{Lines: []string{words.t("scope.none")}}
	}
	out := ScopeText{Channel: w.elsewhere(words.lang, d.Channel), Several: d.Several}
	out.Lines = append(out.Lines, words.t("scope.suggested",
		"verdict", words.t("scope."+string(d.Suggested)), "score", i18n.Percent(words.lang, d.Confidence)))
	if d.DecidedBy == civic.ActorStaff {
		out.Lines = append(out.Lines, words.t("scope.decided", "name", d.UserName, "verdict", words.t("scope."+string(d.Scope)),
			"time", i18n.DateTime(words.lang, d.DecidedAt, civic.Zone)))
	}
	if len(d.Words) > 0 {
		out.Lines = append(out.Lines, words.t("scope.words", "words", strings.Join(d.Words, ", ")))
	}
	if names := strings.Join(d.Accused, "; "); names != "" {
		key := "scope.accused"
		if d.Lifted {
			key = "scope.lifted"
		}
		out.Lines = append(out.Lines, words.t(key, "names", names))
	}
	return out
}

// scopeOptions are the verdicts that a person may give.
func scopeOptions(words words) []Option {
	var out []Option
	for _, s := range civic.Scopes {
		out = append(out, Option{Value: string(s), Label: words.t("scope." + string(s))})
	}
	return out
}

// channelSelect offers the other channels, first none.
func (w *Web) channelSelect(words words) func(*Field) {
	return func(field *Field) {
		field.Widget, field.Options = "select", []Option{{Label: words.t("form.choose")}}
		for _, c := range w.Registry.OtherChannels {
			field.Options = append(field.Options, registryOption(c.Code, c.Names, words.lang))
		}
	}
}

// verdictFields are the fields of decide-scope, filled with what holds now.
func verdictFields(w *Web, f *form, now *civic.ScopeDecision) []Field {
	if now != nil {
		f.suggest("verdict", string(now.Scope))
		f.suggest("channel", now.Channel)
	}
	return []Field{
		f.field("verdict", func(field *Field) {
			field.Widget, field.Required = "select", true
			field.Options = append([]Option{{Label: f.words.t("form.choose")}}, scopeOptions(f.words)...)
		}),
		f.field("channel", w.channelSelect(f.words)),
		f.field("reason", func(field *Field) { field.Widget, field.Rows = "textarea", 3 }),
	}
}

func decideScopeFields(w *Web, f *form, c *triage.Case) []Field { return verdictFields(w, f, c.Scope) }

func unrestrictFields(_ *Web, f *form, _ *triage.Case) []Field {
	return []Field{f.field("reason", textarea(3))}
}

// refusalFields are the fields of reject, filled with what goes with a scope.
func (w *Web) refusalFields(f *form, d *civic.ScopeDecision) []Field {
	if d != nil {
		suggested := w.Triage.SuggestedRejection(*d)
		f.suggest("reason_code", suggested.Reason)
		f.suggest("channel", suggested.Channel)
		f.suggest("message", suggested.Message)
	}
	return []Field{
		f.field("reason_code", func(field *Field) {
			field.Widget, field.Required, field.Options = "select", true, []Option{{Label: f.words.t("form.choose")}}
			for _, r := range w.Registry.RejectionsAt(w.Now()) {
				field.Options = append(field.Options, registryOption(r.Code, r.Names, f.words.lang))
			}
		}),
		f.field("channel", w.channelSelect(f.words)),
		f.field("message", textarea(6)),
	}
}

// mayUnrestrict: there must be something to lift.
func mayUnrestrict(_ civic.Actor, c *triage.Case) bool { return c.Submission.Restricted }

// scopesOf reads the scope filter of the queue.
func scopesOf(value string) []civic.Scope {
	if s := civic.Scope(value); slices.Contains(civic.Scopes, s) {
		return []civic.Scope{s}
	}
	return nil
}
