package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var dialogueTests = []test{
	{"inquiries are listed in their order, one of them open", testInquiries},
	{"what presses is found", testPressing},
	{"pauses are counted by agency, and cases that used theirs are found", testPauses},
	{"the last rating counts", testRatings},
	{"the approved answer stays while the next one is drafted", testApproved},
	{"silent answers are found", testSilent},
	{"a passed deadline can be noted again", testForgetOverdue},
}

func inquiry(sub civic.Submission, at time.Time) civic.Inquiry {
	return civic.Inquiry{Submission: sub.ID, Question: "Ở xã nào?", AskedAt: at, RemindAt: at.Add(5 * time.Hour), ReplyBy: at.Add(10 * time.Hour)}
}

func testInquiries(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	first := inquiry(sub, noon)
	first.Agency, first.PausedDays = "a", 10
	add := func(i civic.Inquiry) func(tx store.Tx) error {
		return func(tx store.Tx) (err error) {
			first.ID, err = tx.Inquiries().Add(t.Context(), i)
			return err
		}
	}
	do(t, s, add(first))
	id := first.ID
	refused(t, s, errs.Conflict, "inquiry.open", add(inquiry(sub, noon)))
	first.ID, first.Reply, first.EndedAt, first.RemindedAt = id, "Xã Mường Lống", noon.Add(time.Hour), noon.Add(time.Minute)
	first.PausedDays = 1
	do(t, s, func(tx store.Tx) error { return tx.Inquiries().Update(t.Context(), first) })
	second := inquiry(sub, noon.Add(2*time.Hour))
	second.Running = true
	do(t, s, func(tx store.Tx) (err error) {
		second.ID, err = tx.Inquiries().Add(t.Context(), second)
		return err
	})
	got := view(t, s, func(tx store.Tx) ([]civic.Inquiry, error) { return tx.Inquiries().List(t.Context(), sub.ID) })
	equal(t, got, []civic.Inquiry{first, second})
}

func testPressing(t *testing.T, s store.Store) {
	due, reminded, early := receive(t, s, nil), receive(t, s, nil), receive(t, s, nil)
	for _, i := range []civic.Inquiry{inquiry(due, noon), inquiry(reminded, noon), inquiry(early, noon.Add(9*time.Hour))} {
		do(t, s, func(tx store.Tx) error {
			id, err := tx.Inquiries().Add(t.Context(), i)
			if err == nil && i.Submission == reminded.ID {
				i.ID, i.RemindedAt = id, noon
				err = tx.Inquiries().Update(t.Context(), i)
			}
			return err
		})
	}
	pressing := func(after time.Duration) []civic.SubmissionID {
		return view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
			return tx.Inquiries().Pressing(t.Context(), noon.Add(after), 10)
		})
	}
	equal(t, len(pressing(time.Hour)), 0)
	equal(t, pressing(6*time.Hour), []civic.SubmissionID{due.ID})
	equal(t, pressing(11*time.Hour), []civic.SubmissionID{due.ID, reminded.ID})
}

func testRatings(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	rating := func(tx store.Tx) (civic.Rating, error) { return tx.Ratings().Get(t.Context(), sub.ID) }
	missing(t, s, errs.NotFound, "rating.not_found", rating)
	var r civic.Rating
	for _, helped := range []civic.Helped{civic.HelpedNo, civic.HelpedPartly} {
		do(t, s, func(tx store.Tx) error {
			id, err := tx.Answers().Put(t.Context(), civic.Answer{Submission: sub.ID, Text: "Trả lời", Outcome: civic.OutcomeAccepted, DraftedAt: noon})
			if err != nil {
				return err
			}
			r = civic.Rating{Submission: sub.ID, Answer: id, Helped: helped, Reason: "Chưa nói khi nào", RatedAt: noon}
			return tx.Ratings().Put(t.Context(), r)
		})
	}
	equal(t, view(t, s, rating), r)
}

func testApproved(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	put := func(a civic.Answer) civic.Answer {
		do(t, s, func(tx store.Tx) (err error) {
			a.ID, err = tx.Answers().Put(t.Context(), a)
			return err
		})
		return a
	}
	approved := func(tx store.Tx) (civic.Answer, error) { return tx.Answers().Approved(t.Context(), sub.ID) }
	draft := civic.Answer{Submission: sub.ID, Text: "Trả lời", Outcome: civic.OutcomeAccepted, DraftedAt: noon}
	draft = put(draft)
	missing(t, s, errs.NotFound, "answer.not_found", approved)
	draft.ApprovedAt = noon
	draft = put(draft)
	next := put(civic.Answer{Submission: sub.ID, Text: "Trả lời lại", Outcome: civic.OutcomeAccepted, DraftedAt: noon})
	equal(t, view(t, s, approved), draft)
	equal(t, view(t, s, func(tx store.Tx) (civic.Answer, error) { return tx.Answers().Get(t.Context(), sub.ID) }), next)
}

func testSilent(t *testing.T, s store.Store) {
	var old civic.Submission
	for _, hours := range []int{1, 3, 5} {
		sub := receive(t, s, nil)
		sub.State, sub.AnsweredAt = civic.Answered, noon.Add(time.Duration(hours)*time.Hour)
		do(t, s, func(tx store.Tx) error { return tx.Submissions().Update(t.Context(), sub) })
		if hours == 1 {
			old = sub
		}
	}
	got := view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
		return tx.Submissions().Silent(t.Context(), noon.Add(2*time.Hour), 10)
	})
	equal(t, got, []civic.SubmissionID{old.ID})
}

func testForgetOverdue(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	for range 2 {
		do(t, s, func(tx store.Tx) error {
			first, err := tx.Submissions().NoteOverdue(t.Context(), sub.ID)
			equal(t, first, true)
			if err != nil {
				return err
			}
			return tx.Submissions().ForgetOverdue(t.Context(), sub.ID)
		})
	}
}

func testPauses(t *testing.T, s store.Store) {
	often, long, running := receive(t, s, nil), receive(t, s, nil), receive(t, s, nil)
	ask := func(sub civic.Submission, agency civic.AgencyCode, hours, days int, runs bool) {
		i := inquiry(sub, noon.Add(time.Duration(hours)*time.Hour))
		i.Agency, i.PausedDays, i.Running, i.EndedAt = agency, days, runs, i.AskedAt.Add(time.Minute)
		do(t, s, func(tx store.Tx) error {
			id, err := tx.Inquiries().Add(t.Context(), i)
			if err != nil {
				return err
			}
			i.ID = id
			return tx.Inquiries().Update(t.Context(), i)
		})
	}
	ask(often, "a", 0, 1, false)
	ask(often, "a", 1, 2, false)
	ask(often, "b", 2, 0, false)
	ask(long, "b", 3, 11, false)
	ask(running, "b", 4, 0, true)
	pauses := func(from, until int) []civic.AgencyPauses {
		return view(t, s, func(tx store.Tx) ([]civic.AgencyPauses, error) {
			return tx.Inquiries().PausesByAgency(t.Context(), noon.Add(time.Duration(from)*time.Hour), noon.Add(time.Duration(until)*time.Hour))
		})
	}
	equal(t, pauses(0, 9), []civic.AgencyPauses{{Agency: "b", Cases: 2, Pauses: 2, Days: 11}, {Agency: "a", Cases: 1, Pauses: 2, Days: 3}})
	equal(t, pauses(1, 3), []civic.AgencyPauses{{Agency: "a", Cases: 1, Pauses: 1, Days: 2}, {Agency: "b", Cases: 1, Pauses: 1}})
	out := func(use civic.PauseUse) []civic.SubmissionID {
		page := view(t, s, func(tx store.Tx) (store.QueuePage, error) {
			return tx.Submissions().Queue(t.Context(), store.QueueQuery{PausedOut: use, Sort: store.SortOldest, Page: 1, PerPage: 10})
		})
		var ids []civic.SubmissionID
		for _, item := range page.Items {
			ids = append(ids, item.ID)
		}
		return ids
	}
	equal(t, out(civic.PauseUse{Count: 3, Days: 10}), []civic.SubmissionID{often.ID, long.ID})
	equal(t, out(civic.PauseUse{Count: 3, Days: 11}), []civic.SubmissionID{often.ID})
	equal(t, out(civic.PauseUse{Count: 4, Days: 10}), []civic.SubmissionID{long.ID})
}
