package answers_test

import (
	"slices"
	"testing"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// shown are the refs of the files of a case that everybody may open.
func (o *office) shown(t *testing.T, sub civic.Submission) (refs []string) {
	t.Helper()
	o.View(t, func(tx store.Tx) error {
		list, err := tx.Attachments().OfSubmission(t.Context(), sub.ID)
		for _, a := range list {
			if a.Public {
				refs = append(refs, a.Ref)
			}
		}
		return err
	})
	return refs
}

func TestWhoPublishesChoosesTheFiles(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, o *office) {
		sub, foreign := o.submitted(t), o.accepted(t)
		one, two, other := o.Attach(t, sub, "1", ""), o.Attach(t, sub, "2", ""), o.Attach(t, foreign, "3", "")
		is := func(when string, want ...string) {
			t.Helper()
			if got := o.shown(t, sub); !slices.Equal(got, want) {
				t.Errorf("%s: %v are public, want %v", when, got, want)
			}
		}
		err := o.s.Approve(t.Context(), o.approver, sub.Code, 2, true, other)
		if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != "attachments" || o.Case(t, sub.Code).State != civic.InReview {
			t.Errorf("with a file of another case: %v, %s", err, o.Case(t, sub.Code).State)
		}
		is("refused")
		o.must(t, o.s.Approve(t.Context(), o.approver, sub.Code, 2, true, one))
		is("approved", one)
		publish := func(version int, p answers.Publication) {
			t.Helper()
			o.must(t, o.s.Publish(t.Context(), o.coordinator, sub.Code, version, p))
		}
		publish(3, answers.Publication{Title: "Một tiêu đề khác"})
		is("with another title", one)
		publish(4, answers.Publication{Files: []string{two}})
		is("with another file", two)
		publish(5, answers.Publication{Files: []string{}})
		is("without files")

		private := o.submitted(t)
		ref := o.Attach(t, private, "4", "")
		o.must(t, o.s.Approve(t.Context(), o.approver, private.Code, 2, false, ref))
		if got := o.shown(t, private); len(got) != 0 {
			t.Errorf("the files of an answer that is not published are: %v", got)
		}
	})
}
