package web

import (
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/i18n"
	"hienke/internal/triage"
)

// This file turns what the domain knows into what pages say.

// parseCode reads a code out of an address. What is no code does not exist.
func parseCode(s string) (civic.Code, error) {
	code, err := civic.ParseCode(s)
	if err != nil {
		return "", errs.Wrap(errs.NotFound, "submission.not_found", err)
	}
	return code, nil
}

// publicPath is the address of a case's public page.
func publicPath(lang i18n.Lang, code civic.Code) string {
	return "/" + string(lang) + "/s/" + code.String()
}

func (w *Web) agency(lang i18n.Lang, code civic.AgencyCode) Name {
	a, ok := w.Registry.Agency(code)
	if !ok {
		return Name{}
	}
	return nameOf(a.Names, lang)
}

func (w *Web) topic(lang i18n.Lang, code civic.TopicCode) Name {
	t, ok := w.Registry.Topic(code)
	if !ok {
		return Name{}
	}
	return nameOf(t.Names, lang)
}

func (w *Web) area(lang i18n.Lang, code civic.AreaCode) Name {
	a, ok := w.Registry.Area(code)
	if !ok {
		return Name{}
	}
	return nameOf(a.Names, lang)
}

// rejection tells why a case is not handled, or nothing when it is.
func (w *Web) rejection(lang i18n.Lang, sub civic.Submission) *RejectionText {
	if sub.State != civic.Rejected {
		return nil
	}
	out := &RejectionText{
		Reason: sub.Rejection.Reason, Message: sub.Rejection.Message, Elsewhere: w.elsewhere(lang, sub.Rejection.Channel),
	}
	if r, ok := w.Registry.Rejection(sub.Rejection.Reason); ok {
		out.Reason = r.Names.In(civic.Language(lang))
		if out.Message == "" {
			out.Message = r.Message.In(civic.Vietnamese) // pages mark the message as Vietnamese
		}
	}
	return out
}

// timeline tells the history. inside adds who did it.
func (w *Web) timeline(words words, events []civic.Event, inside bool) []Moment {
	out := make([]Moment, 0, len(events))
	for _, e := range events {
		agency := w.agency(words.lang, e.Agency).Text
		if agency == "" {
			agency = words.t("event.agency")
		}
		m := Moment{At: e.At, What: words.t("event."+string(e.Type), "agency", agency), Why: Name{e.Reason, civic.Vietnamese}}
		say := func(text string) { m.Why = Name{text, civic.Language(words.lang)} }
		if e.Type == civic.EventRouted { // by a rule, whose name may be known in both languages
			m.Why = nameOf(w.Registry.RuleName(e.Reason), words.lang)
		}
		if days, ok := civic.EscalatedAfter(e.Reason); ok && e.Type == civic.EventEscalated {
			say(words.plural("event.late_by", days))
		}
		if e.Type == civic.EventContactErased && e.Reason == civic.ErasedFilesToo {
			m.What, m.Why = words.t("event.contact_and_files_erased"), Name{}
		}
		if words.catalogue.Has("guardian.reason."+e.Reason) && strings.HasPrefix(string(e.Type), "guardian_") {
			say(words.t("guardian.reason." + e.Reason))
		}
		switch {
		case inside:
			m.By = words.actor(e)
			switch e.Type {
			case civic.EventHeld:
				say(words.signs(e.Reason))
			case civic.EventKeyedIn:
				say(words.t("desk.channels." + e.Reason))
			case civic.EventKindSet:
				say(words.t("kind." + e.Reason))
			}
		case e.Type == civic.EventKeyedIn:
			say(words.t("desk.channels." + e.Reason))
		case e.Type == civic.EventRejected:
			m.Why = Name{} // the sender's page says it in a place of its own
		}
		out = append(out, m)
	}
	return out
}

// signs puts the codes of a hold into words.
func (w words) signs(codes string) string {
	var out []string
	for code := range strings.FieldsSeq(codes) {
		out = append(out, w.reasonCode(code))
	}
	return strings.Join(out, "; ")
}

// actor names who made an event, for staff.
func (w words) actor(e civic.Event) string {
	switch {
	case e.UserName != "":
		return e.UserName
	case e.Actor == civic.ActorSystem:
		return w.t("desk.by_system")
	case e.Actor == civic.ActorSender:
		return w.t("desk.by_sender")
	}
	return ""
}

// limit writes a time limit in words.
func (w words) limit(l civic.Limit) string { return w.plural("limit."+string(l.Clock), l.Amount) }

// dueState is how a case stands against its deadline, and nothing for one that
// has none.
func dueState(sub civic.Submission, now time.Time) civic.DueState {
	if s := triage.DueStateOf(sub, now); s != civic.NotDue {
		return s
	}
	return ""
}

// dueText says how much time is left or has passed, in working days.
func (w *Web) dueText(words words, sub civic.Submission, now time.Time) string {
	state := triage.DueStateOf(sub, now)
	left := w.Times.Now().Calendar.Remaining(now, sub.DueAt, civic.WorkingDays)
	switch state {
	case civic.OnTrack, civic.DueSoon:
		if left == 0 {
			return words.t("due.today")
		}
		return words.plural("due.left", left)
	case civic.Overdue:
		if left < 0 {
			return words.plural("due.over", -left)
		}
	}
	return words.t("due." + string(state))
}

// firstLetters cuts a text to at most n letters, at a space.
func firstLetters(s string, n int) string {
	letters := []rune(strings.Join(strings.Fields(s), " "))
	if len(letters) <= n {
		return string(letters)
	}
	cut := string(letters[:n])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + "…"
}
