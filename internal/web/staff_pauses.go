package web

import (
	"slices"
	"strconv"

	"hienke/internal/civic"
	"hienke/internal/triage"
)

// openQuestion reports whether the sender is asked something now.
func openQuestion(c *triage.Case) bool {
	return slices.ContainsFunc(c.Inquiries, func(i civic.Inquiry) bool { return civic.MayReply(c.Submission, i) })
}

// mayAskSender: one question at a time.
func mayAskSender(_ civic.Actor, c *triage.Case) bool {
	return c.Submission.State == civic.InProgress && !openQuestion(c)
}

// mayRecord: what the sender said is written down while it is asked for.
func mayRecord(_ civic.Actor, c *triage.Case) bool { return openQuestion(c) }

// askSenderFields say before anything is asked what is left of the pauses.
func askSenderFields(w *Web, f *form, c *triage.Case) []Field {
	return []Field{f.field("question", textarea(4)), f.field("running", func(field *Field) {
		field.Widget, field.Label = "checkbox", f.words.t("pauses.running")
		field.Hint = f.words.pausesLeft(w, c)
	})}
}

// pausesLeft says what is left of the pauses of a case.
func (w words) pausesLeft(web *Web, c *triage.Case) string {
	left := web.Dialogue.PausesLeft(c.Submission, c.Inquiries)
	key := "pauses.left"
	if !left.Possible {
		key = "pauses.used_up"
	}
	return w.t(key, "count", strconv.Itoa(left.Used.Count), "most", strconv.Itoa(left.Limit.Count),
		"days", strconv.Itoa(left.Used.Days), "most_days", strconv.Itoa(left.Limit.Days))
}
