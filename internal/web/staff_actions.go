package web

import (
	"slices"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/triage"
)

// attempt is an action that the person sent and that failed: its name, what
// was typed, and why it failed.
type attempt struct {
	action string
	values map[string]string
	err    error
	whole  bool // values are all that a person sent, and nothing was wrong
}

// actionForm describes one action: when it may be done, and its form.
type actionForm struct {
	name string
	// allowed looks at the case alone; the permission is looked at first.
	permission civic.Permission
	allowed    func(a civic.Actor, c *triage.Case) bool
	fields     func(w *Web, f *form, c *triage.Case) []Field
	buttons    func(w words) []Button
}

// actionForms are all actions in the order in which a page offers them: what
// moves the case on before what turns it away.
var actionForms = []actionForm{
	{"approve", civic.ApproveCase, mayApprove, approveFields, nil},
	{"return", civic.ApproveCase, mayReturn, returnFields, secondary},
	{"cancel-publication", civic.ApproveCase, isScheduled, nil, secondary},
	{"accept", civic.HandleCase, inState(civic.Assigned), nil, nil},
	{"draft-answer", civic.HandleCase, inState(civic.InProgress), nil, draftButtons},
	{"request-information", civic.HandleCase, mayAskSender, askSenderFields, secondary},
	{"ask-opinion", civic.HandleCase, mayAskOpinion, askOpinionFields, secondary},
	{"withdraw-opinion", civic.HandleCase, mayWithdrawOpinion, withdrawOpinionFields, secondary},
	{"record-information", civic.HandleCase, mayRecord, func(_ *Web, f *form, _ *triage.Case) []Field {
		return []Field{f.field("reply", textarea(4))}
	}, secondary},
	{"extend", civic.HandleCase, mayExtend, extendFields, secondary},
	{"release", civic.TriageCase, mayRelease, nil, nil},
	{"assign", civic.AssignCase, inState(civic.Assignable...), assignFields, nil},
	{"decide-scope", civic.TriageCase, inState(civic.Triage), decideScopeFields, secondary},
	{"publish", civic.PublishCase, mayPublish, publishFields, nil},
	{"redact", civic.RedactCase, mayRedact, redactFields, secondary},
	{"correct", civic.HandleCase, mayCorrect, nil, secondary},
	{"take-down", civic.TakeDownCase, isPublic, takeDownFields, warning},
	{"merge", civic.TriageCase, mayMerge, mergeFields, secondary},
	{"unmerge", civic.TriageCase, inState(civic.Merged), optionalReason, secondary},
	{"lead", civic.TriageCase, mayLead, optionalReason, secondary},
	{"split-cluster", civic.TriageCase, hasFollowers, splitClusterFields, secondary},
	{"split", civic.TriageCase, inState(civic.Assignable...), splitFields, secondary},
	{"set-kind", civic.KeyIn, maySetKind, kindFields, secondary},
	{"guardian-signed", civic.KeyIn, waitsForGuardian, guardianSignedFields, secondary},
	{"urgent", civic.AssignCase, mayBeUrgent(true), urgentFields, secondary},
	{"not-urgent", civic.AssignCase, mayBeUrgent(false), urgentFields, secondary},
	{"hand-back", civic.HandleCase, inState(civic.Assigned, civic.InProgress), handBackFields, secondary},
	{"unrestrict", civic.TriageCase, mayUnrestrict, unrestrictFields, secondary},
	{"reject", civic.TriageCase, mayReject, rejectFields, warning},
	{"note", civic.NoteCase, anyCase, noteFields, secondary},
	{"add-todo", civic.NoteCase, anyCase, todoFields, secondary},
	{"finish-todo", civic.NoteCase, hasOpenTodo, finishTodoFields, secondary},
	{"link", civic.NoteCase, anyCase, linkFields, secondary},
	{"unlink", civic.NoteCase, hasLink, unlinkFields, secondary},
}

func inState(states ...civic.State) func(civic.Actor, *triage.Case) bool {
	return func(_ civic.Actor, c *triage.Case) bool { return slices.Contains(states, c.Submission.State) }
}

// mayApprove: whoever drafted an answer cannot approve it.
func mayApprove(a civic.Actor, c *triage.Case) bool {
	return mayReturn(a, c) && c.Answer.DraftedBy != a.User
}

func mayPublish(_ civic.Actor, c *triage.Case) bool {
	s := c.Submission
	return s.Visibility == civic.Private && s.Guardian.Publishable() && (civic.Open.Has(s.State) || civic.WithAnswer.Has(s.State))
}

func mayReject(_ civic.Actor, c *triage.Case) bool {
	return c.Submission.State.CanBecome(civic.Rejected)
}

func mayRelease(_ civic.Actor, c *triage.Case) bool {
	return c.Submission.State == civic.Triage && c.Submission.Hold != ""
}

// maySetKind: the kind is asked for while the sender left it open.
func maySetKind(_ civic.Actor, c *triage.Case) bool {
	return c.Submission.KindOpen && civic.Open.Has(c.Submission.State)
}

// mayBeUrgent: an open case is marked once, and the mark taken back.
func mayBeUrgent(urgent bool) func(civic.Actor, *triage.Case) bool {
	return func(_ civic.Actor, c *triage.Case) bool {
		return civic.Open.Has(c.Submission.State) && c.Submission.Urgent != urgent
	}
}

func waitsForGuardian(_ civic.Actor, c *triage.Case) bool {
	return c.Submission.Guardian == civic.GuardianWaiting
}

func guardianSignedFields(_ *Web, f *form, c *triage.Case) []Field {
	box := func(field *Field) { field.Widget = "checkbox" }
	out := []Field{f.field("guardian.signed_publish", box)}
	if c.Guardian != nil && c.Guardian.NameWished {
		out = append(out, f.field("guardian.signed_name", box))
	}
	return out
}

func urgentFields(_ *Web, f *form, _ *triage.Case) []Field {
	return []Field{f.field("reason", textarea(3))}
}

func kindFields(_ *Web, f *form, _ *triage.Case) []Field {
	return []Field{f.field("kind", func(field *Field) {
		field.Widget, field.Required, field.Label = "select", true, f.words.t("action.set-kind.kind")
		field.Options = []Option{{Label: f.words.t("form.choose")}}
		for _, k := range civic.Kinds {
			field.Options = append(field.Options, Option{Value: string(k), Label: f.words.t("kind." + string(k))})
		}
	})}
}

// mayExtend: a deadline moves once.
func mayExtend(_ civic.Actor, c *triage.Case) bool {
	s := c.Submission
	return civic.WithAgency.Has(s.State) && s.State != civic.Assigned && s.Extended == 0 && !s.DueAt.IsZero()
}

func extendFields(_ *Web, f *form, _ *triage.Case) []Field {
	return []Field{
		f.field("days", func(field *Field) { field.Required, field.Inputmode = true, "numeric" }),
		f.field("reason", textarea(3)),
	}
}

func secondary(words) []Button { return []Button{{Tone: "secondary"}} }

func warning(words) []Button { return []Button{{Tone: "warning"}} }

func draftButtons(w words) []Button {
	return []Button{
		{Label: w.t("action.draft-answer.submit"), Name: "submit"},
		{Tone: "secondary"},
	}
}

// textarea is a required text of some lines.
func textarea(rows int) func(*Field) {
	return func(f *Field) { f.Widget, f.Rows, f.Required = "textarea", rows, true }
}

func approveFields(_ *Web, f *form, c *triage.Case) []Field {
	if c.Answer.Corrects != 0 { // it stands where the answer stands
		return nil
	}
	if !c.Submission.Guardian.Publishable() { // the page says why, beside the sender
		return nil
	}
	f.suggest("publish", "yes")
	return []Field{
		f.field("publish", func(field *Field) { field.Widget = "checkbox" }),
		f.field("publish_at", func(field *Field) { field.Class = "govuk-input--width-20" }),
	}
}

func returnFields(_ *Web, f *form, _ *triage.Case) []Field {
	return []Field{f.field("remarks", textarea(4))}
}

// likely is the probability from which an agency is chosen beforehand in the
// form: it is right more often than not. What is less likely stands in the list
// of candidates, and a person has to choose.
const likely = 0.5

// assignFields suggests what the router thought best.
func assignFields(w *Web, f *form, c *triage.Case) []Field {
	if c.Route != nil && c.Submission.Agency == "" && !c.Submission.Restricted && c.Route.Score >= likely && w.Registry.CanReceive(c.Route.Agency, w.Now()) {
		f.suggest("agency", string(c.Route.Agency))
	}
	return []Field{
		f.field("agency", w.agencySelect(f.words, true)),
		f.field("reason", func(field *Field) { field.Widget, field.Rows = "textarea", 3 }),
	}
}

// agencySelect offers every agency that takes cases.
func (w *Web) agencySelect(words words, required bool) func(*Field) {
	return func(field *Field) {
		first := Option{Label: words.t("form.choose")}
		field.Widget, field.Required = "select", required
		field.Options = append([]Option{first}, w.agencyOptions(words.lang, civic.System)...)
	}
}

func publishFields(_ *Web, f *form, c *triage.Case) []Field {
	f.suggest("public_title", c.Submission.Title)
	f.suggest("public_body", c.Submission.Body)
	return []Field{
		f.field("public_title", func(field *Field) { field.Required = true }),
		f.field("public_body", textarea(10)),
	}
}

func optionalReason(_ *Web, f *form, _ *triage.Case) []Field {
	return []Field{f.field("reason", func(field *Field) { field.Widget, field.Rows = "textarea", 3 })}
}

func handBackFields(w *Web, f *form, _ *triage.Case) []Field {
	return []Field{f.field("reason", textarea(3)), f.field("suggested_agency", w.agencySelect(f.words, false))}
}

func rejectFields(w *Web, f *form, c *triage.Case) []Field {
	fields := w.refusalFields(f, c.Scope)
	if c.Followers > 0 {
		fields = append(fields, clusterChoice(f))
	}
	return fields
}

// addActions puts the forms that the state and the role allow on the page. The
// first stands open, or the one that was tried. What was typed for an action
// that is not possible any more is kept for copying.
func (w *Web) addActions(page *StaffCasePage, words words, actor civic.Actor, found triage.Case, tried attempt) {
	offered := false
	for _, af := range actionForms {
		if actor.Check(w.Registry, af.permission, &found.Submission) != nil || !af.allowed(actor, &found) {
			continue
		}
		f := newForm(words, map[string]string{}, nil)
		if tried.action == af.name {
			offered = true
			f = newForm(words, tried.values, errs.FieldsOf(tried.err))
			f.fixed = tried.err != nil || tried.whole
		}
		f.prefix = af.name + "-"
		action := Action{
			Name: af.name, URL: staffCasePath(found.Submission.Code) + "/" + af.name,
			Label: words.t("action." + af.name + ".label"), Effect: words.t("action." + af.name + ".effect"),
			Version: found.Submission.Version, Open: tried.action == af.name || tried.action == "" && len(page.Actions)+len(page.Writing) == 0,
			Buttons: []Button{{}},
		}
		if af.fields != nil {
			action.Fields = af.fields(w, f, &found)
			w.keepInside(actor, action.Fields)
		}
		action.Fields = append(action.Fields, w.moreFields(af.name, f, page, &found)...)
		if af.buttons != nil {
			action.Buttons = af.buttons(words)
		}
		for i := range action.Buttons {
			if action.Buttons[i].Label == "" {
				action.Buttons[i].Label = words.t("action." + af.name + ".go")
			}
		}
		if build, ok := answerForms[af.name]; ok {
			action.Answer = build(w, f, page, &found)
			page.Writing = append(page.Writing, action)
		} else {
			page.Actions = append(page.Actions, action)
		}
		page.Errors = append(page.Errors, f.summary()...)
	}
	if tried.action != "" && !offered {
		page.Kept = words.keptTexts(tried.values)
	}
}

// keepInside takes the agencies out of a choice that lie outside a bound
// leader's own: giving a case there is refused.
func (w *Web) keepInside(actor civic.Actor, fields []Field) {
	if !actor.Bound() || !actor.May(civic.AssignCase) {
		return
	}
	for i := range fields {
		if fields[i].Name != "agency" {
			continue
		}
		fields[i].Options = slices.DeleteFunc(fields[i].Options, func(o Option) bool {
			return o.Value != "" && !actor.Reaches(w.Registry, civic.AgencyCode(o.Value))
		})
	}
}

// keptTexts are the texts among what was typed.
func (w words) keptTexts(values map[string]string) []Fact {
	var out []Fact
	for _, name := range textFields {
		if values[name] != "" {
			out = append(out, Fact{w.textLabel("", name), values[name]})
		}
	}
	return append(out, w.keptParts(values)...)
}
