package web

import (
	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/triage"
)

// mayReturn: an answer or its correction waits for a second person.
func mayReturn(_ civic.Actor, c *triage.Case) bool {
	return c.Answer != nil && answers.Waiting(c.Submission, *c.Answer)
}

func isScheduled(_ civic.Actor, c *triage.Case) bool {
	return c.Answer != nil && answers.Scheduled(c.Submission, *c.Answer)
}

func isPublic(_ civic.Actor, c *triage.Case) bool { return c.Submission.Visibility.Public() }

// mayRedact: what will never be public needs no public version.
func mayRedact(_ civic.Actor, c *triage.Case) bool {
	s := c.Submission
	return !s.Confidential && s.Visibility != civic.TakenDown && (civic.Open.Has(s.State) || civic.WithAnswer.Has(s.State))
}

// mayCorrect: an answer was sent.
func mayCorrect(_ civic.Actor, c *triage.Case) bool {
	return civic.WithAnswer.Has(c.Submission.State) && c.Answer != nil && !answers.Waiting(c.Submission, *c.Answer)
}

// redactFields offers the public version, or the original with what seems to
// be personal data blotted out.
func redactFields(_ *Web, f *form, c *triage.Case) []Field {
	s, blot := c.Submission, f.words.t("answer_work.blotted")
	if s.PublicTitle == "" {
		s.PublicTitle = blotted(s.Title, blot)
	}
	if s.PublicBody == "" {
		s.PublicBody = blotted(s.Body, blot)
	}
	f.suggest("public_title", s.PublicTitle)
	f.suggest("public_body", s.PublicBody)
	return []Field{
		f.field("public_title", func(field *Field) { field.Required = true }), f.field("public_body", textarea(10)),
		f.field("reason", func(field *Field) { field.Widget, field.Rows = "textarea", 2 }),
	}
}

func takeDownFields(_ *Web, f *form, _ *triage.Case) []Field {
	return []Field{f.field("reason", textarea(3))}
}

// moreFields are the parts of a form that come out of what stands around the
// case.
func (w *Web) moreFields(action string, f *form, page *StaffCasePage, found *triage.Case) []Field {
	switch action {
	case "publish":
		return fileFields(f, page.Files)
	case "redact":
		for _, row := range page.Files {
			if row.Public {
				f.suggest(filePrefix+row.Ref, "yes")
			}
		}
		return fileFields(f, page.Files)
	case "approve":
		out := fileFields(f, page.Files)
		if found.Answer.Corrects != 0 {
			out = nil
		}
		if page.Work.Found {
			out = append(out, f.field("personal_checked", func(field *Field) { field.Widget = "checkbox" }))
		}
		return out
	}
	return nil
}
