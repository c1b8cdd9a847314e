package web

import (
	"hienke/internal/civic"
	"hienke/internal/dialogue"
	"hienke/internal/i18n"
	"hienke/internal/intake"
)

// This file tells a sender in whole sentences what was done, what comes next
// and by when.

// toldTimeline is the history in words to the sender.
func (w *Web) toldTimeline(words words, events []civic.Event) []Moment {
	out := w.timeline(words, events, false)
	for i, e := range events {
		agency := w.agency(words.lang, e.Agency).Text
		if agency == "" {
			agency = words.t("event.agency")
		}
		if key := "event_told." + string(e.Type); words.catalogue.Has(key) {
			out[i].What = words.t(key, "agency", agency)
		}
	}
	return out
}

// next says what happens next and by when, of a submission that is not settled
// or that its sender can still answer to. shown is the one on which the work is
// done.
func (w *Web) next(words words, view *intake.View, shown civic.Submission) string {
	own := view.Submission
	day := func(sub civic.Submission) string { return i18n.Date(words.lang, sub.DueAt, civic.Zone) }
	agency := w.agency(words.lang, shown.Agency).Text
	if agency == "" {
		agency = words.t("event.agency")
	}
	switch own.State {
	case civic.Received, civic.Triage:
		if w.Now().After(own.ForwardDueAt) || own.ForwardDueAt.IsZero() {
			return words.t("tracked_next.forward_late")
		}
		return words.t("tracked_next.forward", "date", i18n.Date(words.lang, own.ForwardDueAt, civic.Zone))
	case civic.AwaitingCitizen:
		for _, q := range view.Inquiries {
			if q.EndedAt.IsZero() {
				return words.t("tracked_next.awaiting_citizen", "agency", agency, "date", i18n.Date(words.lang, q.ReplyBy, civic.Zone))
			}
		}
	case civic.Merged:
		if !civic.Open.Has(shown.State) {
			return ""
		}
		return words.t("tracked_next.merged", "date", day(shown))
	case civic.Answered, civic.Closed:
		if dialogue.MayReopen(own, w.Now()) == nil {
			return words.t("tracked_next.answered", "date", i18n.Date(words.lang, own.AnsweredAt.Add(dialogue.RateWithin), civic.Zone))
		}
		return ""
	}
	if key := "tracked_next." + string(own.State); words.catalogue.Has(key) && !own.DueAt.IsZero() {
		return words.t(key, "agency", agency, "date", day(own))
	}
	return ""
}

// clock says how the deadline stands: what is left, that it has passed, or why
// it stands still.
func (w *Web) clock(words words, view *intake.View, shown civic.Submission) string {
	if !civic.Open.Has(shown.State) || shown.DueAt.IsZero() {
		return ""
	}
	if shown.State == civic.AwaitingCitizen {
		for _, q := range view.Inquiries {
			if q.EndedAt.IsZero() {
				return words.t("tracked_next.paused", "date", i18n.Date(words.lang, q.AskedAt, civic.Zone))
			}
		}
		return words.t("tracked_next.paused_other")
	}
	return w.dueText(words, shown, w.Now())
}
