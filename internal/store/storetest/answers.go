package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var answerTests = []test{
	{"an answer is stored and changed", testAnswer},
	{"a draft may lack an outcome", testDraftAnswer},
	{"a new answer supersedes", testAnswerNew},
	{"an answer marks its submission for the indexes", testAnswerMarks},
	{"a message is queued with its job", testMessage},
	{"what became of a message is recorded once", testSettle},
	{"of many who settle a message one does", testSettleRace},
	{"messages are listed by submission and by state", testMessages},
}

func getAnswer(t *testing.T, s store.Store, id civic.SubmissionID) civic.Answer {
	t.Helper()
	return view(t, s, func(tx store.Tx) (civic.Answer, error) { return tx.Answers().Get(t.Context(), id) })
}

func testAnswer(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	u := user(t, s, "a@example.vn")
	missing(t, s, errs.NotFound, "answer.not_found", func(tx store.Tx) (civic.Answer, error) { return tx.Answers().Get(t.Context(), sub.ID) })
	a := putAnswer(t, s, sub.ID, func(a *civic.Answer) { a.DraftedBy = u.ID })
	equal(t, getAnswer(t, s, sub.ID), a)
	a.Text, a.Outcome, a.Agency, a.Remarks, a.ApprovedBy = "Đã sửa.", civic.OutcomePartly, "moh", "Ngắn quá", u.ID
	a.Document = civic.Document{Number: "12/BKHCN", Date: civic.Date{Year: 2026, Month: 11, Day: 20}, Signatory: "Vụ trưởng", File: "REF"}
	a.Points, a.PublishAt, a.Correction = []civic.Point{{Text: "Khi nào \"xong\"?", Answered: true}, {Text: "Ai làm?"}}, noon.Add(time.Hour), "Sửa số."
	a.DraftedAt, a.SubmittedAt, a.ApprovedAt = noon.Add(time.Minute), noon.Add(time.Hour), noon.Add(2*time.Hour)
	do(t, s, func(tx store.Tx) error {
		id, err := tx.Answers().Put(t.Context(), a)
		equal(t, id, a.ID)
		return err
	})
	equal(t, getAnswer(t, s, sub.ID), a)
	a.ID += 1000
	refused(t, s, errs.NotFound, "answer.not_found", func(tx store.Tx) error { _, err := tx.Answers().Put(t.Context(), a); return err })
}

func testDraftAnswer(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	a := putAnswer(t, s, sub.ID, func(a *civic.Answer) { a.Text, a.Outcome = "", "" })
	equal(t, getAnswer(t, s, sub.ID), a)
}

func testAnswerNew(t *testing.T, s store.Store) {
	sub, other := receive(t, s, nil), receive(t, s, nil)
	first := putAnswer(t, s, sub.ID, func(a *civic.Answer) { a.Text = "Trả lời lần một." })
	putAnswer(t, s, other.ID, func(*civic.Answer) {})
	second := putAnswer(t, s, sub.ID, func(a *civic.Answer) { a.Text = "Trả lời lần hai." })
	if second.ID == first.ID {
		t.Error("a new answer has the id of the old")
	}
	equal(t, getAnswer(t, s, sub.ID), second)
	do(t, s, func(tx store.Tx) error { _, err := tx.Answers().Put(t.Context(), first); return err })
	equal(t, getAnswer(t, s, sub.ID), first)
}

func testAnswerMarks(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 2)
	clean(t, s)
	putAnswer(t, s, ids[0], func(*civic.Answer) {})
	equal(t, waiting(t, s), ids[:1])
}

// addMessage queues a message.
func addMessage(t *testing.T, s store.Store, id civic.SubmissionID, kind civic.MessageKind) civic.Message {
	t.Helper()
	m := civic.Message{Submission: id, Kind: kind, Language: civic.English, State: civic.MessageQueued, CreatedAt: noon}
	do(t, s, func(tx store.Tx) (err error) {
		m.ID, err = tx.Messages().Add(t.Context(), m)
		return err
	})
	return m
}

func getMessage(t *testing.T, s store.Store, id int64) civic.Message {
	t.Helper()
	return view(t, s, func(tx store.Tx) (civic.Message, error) { return tx.Messages().Get(t.Context(), id) })
}

func testMessage(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	m := addMessage(t, s, sub.ID, civic.MessageAnswer)
	equal(t, getMessage(t, s, m.ID), m)
	jobs := view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), store.JobSend, noon, noon, 10)
	})
	if len(jobs) != 1 || jobs[0].Subject != m.ID {
		t.Errorf("got jobs %+v, want one for message %d", jobs, m.ID)
	}
	missing(t, s, errs.NotFound, "message.not_found", func(tx store.Tx) (civic.Message, error) { return tx.Messages().Get(t.Context(), m.ID+1000) })
}

func settle(t *testing.T, s store.Store, id int64, state civic.MessageState, reason string) (first bool) {
	t.Helper()
	do(t, s, func(tx store.Tx) (err error) {
		first, err = tx.Messages().Settle(t.Context(), id, state, reason, noon.Add(time.Hour))
		return err
	})
	return first
}

func testSettle(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	sent, not := addMessage(t, s, sub.ID, civic.MessageReceipt), addMessage(t, s, sub.ID, civic.MessageAnswer)
	equal(t, settle(t, s, sent.ID, civic.MessageSent, ""), true)
	equal(t, settle(t, s, sent.ID, civic.MessageNotSent, "no_channel"), false)
	sent.State, sent.SentAt = civic.MessageSent, noon.Add(time.Hour)
	equal(t, getMessage(t, s, sent.ID), sent)
	equal(t, settle(t, s, not.ID, civic.MessageNotSent, "no_channel"), true)
	not.State, not.Reason = civic.MessageNotSent, "no_channel"
	equal(t, getMessage(t, s, not.ID), not)
	refused(t, s, errs.NotFound, "message.not_found", func(tx store.Tx) error {
		_, err := tx.Messages().Settle(t.Context(), not.ID+1000, civic.MessageSent, "", noon)
		return err
	})
}

func testSettleRace(t *testing.T, s store.Store) {
	m := addMessage(t, s, receive(t, s, nil).ID, civic.MessageReceipt)
	won := race(t, s, func(tx store.Tx) (bool, error) {
		return tx.Messages().Settle(t.Context(), m.ID, civic.MessageSent, "", noon)
	})
	equal(t, won, 1)
}

func testMessages(t *testing.T, s store.Store) {
	sub, other := receive(t, s, nil), receive(t, s, nil)
	a, b, c := addMessage(t, s, sub.ID, civic.MessageReceipt), addMessage(t, s, other.ID, civic.MessageReceipt), addMessage(t, s, sub.ID, civic.MessageAnswer)
	bySubmission := view(t, s, func(tx store.Tx) ([]civic.Message, error) { return tx.Messages().List(t.Context(), sub.ID) })
	equal(t, bySubmission, []civic.Message{a, c})
	byState := func(state civic.MessageState, limit int) []civic.Message {
		return view(t, s, func(tx store.Tx) ([]civic.Message, error) {
			return tx.Messages().ListByState(t.Context(), state, limit)
		})
	}
	equal(t, byState(civic.MessageQueued, 10), []civic.Message{c, b, a})
	equal(t, byState(civic.MessageQueued, 2), []civic.Message{c, b})
	equal(t, len(byState(civic.MessageSent, 10)), 0)
}
