package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var receiveTests = []test{
	{"everything of a receipt is stored together", testReceiveAll},
	{"times come back in UTC with microseconds", testReceiveTimes},
	{"a receipt may lack contact, events, jobs and messages", testReceiveBare},
	{"a submission is marked for both indexes", testReceiveMarks},
	{"each message gets a job of its own", testReceiveMessages},
	{"a repeat gets the first answer", testReplay},
	{"a repeat with another body is Conflict", testOtherBody},
	{"without a key there is no replay", testNoKey},
	{"a taken code is Conflict and stores nothing", testCodeTaken},
	{"a taken code does not use the key up", testCodeTakenKey},
	{"text that a database cannot hold is Invalid and stores nothing", testBadText},
	{"a row outside the closed sets stores nothing", testBadKind},
	{"an ended context stores nothing", testReceiveEnded},
	{"texts of any script and length come back as they were", testReceiveTexts},
}

func testReceiveAll(t *testing.T, s store.Store) {
	r := receipt(func(r *store.Receipt) {
		r.Messages = []civic.Message{{Kind: civic.MessageReceipt, Language: civic.English, CreatedAt: noon}}
		r.Jobs = append(r.Jobs, store.Job{Kind: store.JobRoute, CreatedAt: noon, NextAt: noon.Add(time.Hour)})
		r.Submission.Hold = "honeypot"
	})
	got, err := s.Receive(t.Context(), r)
	if err != nil {
		t.Fatalf("Receive: %v", err)
	}
	equal(t, got, store.Received{ID: got.ID, Code: r.Submission.Code, ReceivedAt: noon})
	if got.ID == 0 {
		t.Error("no id was given")
	}
	want := r.Submission
	want.ID = got.ID
	equal(t, view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), got.ID) }), want)
	equal(t, view(t, s, func(tx store.Tx) (store.SealedContact, error) { return tx.Contacts().Get(t.Context(), got.ID) }), r.Contact)

	events := view(t, s, func(tx store.Tx) ([]civic.Event, error) { return tx.Events().List(t.Context(), got.ID) })
	event := r.Events[0]
	event.Submission = got.ID
	if len(events) != 1 || events[0].ID == 0 {
		t.Fatalf("got events %v, want one with an id", events)
	}
	event.ID = events[0].ID
	equal(t, events[0], event)

	for _, want := range r.Jobs {
		jobs := view(t, s, func(tx store.Tx) ([]store.Job, error) {
			return tx.Outbox().Due(t.Context(), want.Kind, noon.Add(time.Hour), noon, 10)
		})
		if len(jobs) != 1 || jobs[0].ID == 0 {
			t.Fatalf("got jobs %v, want one of %s", jobs, want.Kind)
		}
		want.ID, want.Subject = jobs[0].ID, int64(got.ID)
		equal(t, jobs[0], want)
	}
}

func testReceiveTimes(t *testing.T, s store.Store) {
	local := time.Date(2026, time.November, 23, 23, 59, 59, 987654321, civic.Zone)
	want := time.Date(2026, time.November, 23, 16, 59, 59, 987654000, time.UTC)
	var answer store.Received
	r := receipt(func(r *store.Receipt) {
		r.Submission.ReceivedAt, r.Submission.DueAt, r.Idempotency = local, local, key(1, 1)
	})
	for range 2 { // the first answer and its repeat
		var err error
		if answer, err = s.Receive(t.Context(), r); err != nil {
			t.Fatalf("Receive: %v", err)
		}
		equal(t, answer.ReceivedAt, want)
		if answer.ReceivedAt.Location() != time.UTC {
			t.Errorf("got a time in %v, want UTC", answer.ReceivedAt.Location())
		}
	}
	sub := view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), answer.ID) })
	for _, got := range []time.Time{sub.ReceivedAt, sub.DueAt} {
		if !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if !sub.AnsweredAt.IsZero() {
		t.Errorf("got AnsweredAt %v, want zero", sub.AnsweredAt)
	}
}

func testReceiveBare(t *testing.T, s store.Store) {
	sub := receive(t, s, func(r *store.Receipt) { *r = store.Receipt{Submission: r.Submission} })
	missing(t, s, errs.NotFound, "contact.not_found", func(tx store.Tx) (store.SealedContact, error) {
		return tx.Contacts().Get(t.Context(), sub.ID)
	})
	pending := view(t, s, func(tx store.Tx) (map[store.JobKind]store.Backlog, error) { return tx.Outbox().Pending(t.Context()) })
	equal(t, pending, map[store.JobKind]store.Backlog{})
}

func testReceiveMarks(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	equal(t, waiting(t, s), []civic.SubmissionID{sub.ID})
}

func testReceiveMessages(t *testing.T, s store.Store) {
	later := noon.Add(time.Second)
	sub := receive(t, s, func(r *store.Receipt) {
		r.Messages = []civic.Message{
			{Kind: civic.MessageReceipt, Language: civic.Vietnamese, CreatedAt: noon},
			{Kind: civic.MessageReceipt, Language: civic.English, CreatedAt: later},
		}
	})
	messages := view(t, s, func(tx store.Tx) ([]civic.Message, error) { return tx.Messages().List(t.Context(), sub.ID) })
	jobs := view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), store.JobSend, later, noon, 10)
	})
	if len(messages) != 2 || len(jobs) != 2 {
		t.Fatalf("got %d messages and %d jobs, want 2 of each", len(messages), len(jobs))
	}
	created := map[int64]time.Time{}
	for _, m := range messages {
		created[m.ID] = m.CreatedAt
		if m.State != civic.MessageQueued || m.Submission != sub.ID {
			t.Errorf("got message %+v, want it queued for the submission", m)
		}
	}
	for _, j := range jobs {
		if at, ok := created[j.Subject]; !ok || !at.Equal(j.CreatedAt) {
			t.Errorf("job %+v is for none of the messages %v", j, created)
		}
		delete(created, j.Subject)
	}
}

func testReplay(t *testing.T, s store.Store) {
	first, err := s.Receive(t.Context(), receipt(func(r *store.Receipt) { r.Idempotency = key(1, 1) }))
	if err != nil {
		t.Fatalf("Receive: %v", err)
	}
	again, err := s.Receive(t.Context(), receipt(func(r *store.Receipt) {
		r.Idempotency = key(1, 1)
		r.Submission.ReceivedAt = noon.Add(time.Hour) // a repeat is made anew, with its own code and time
	}))
	if err != nil {
		t.Fatalf("Receive again: %v", err)
	}
	first.Replayed = true
	equal(t, again, first)
	wantStored(t, s, 1)
}

func testOtherBody(t *testing.T, s store.Store) {
	receive(t, s, func(r *store.Receipt) { r.Idempotency = key(1, 1) })
	_, err := s.Receive(t.Context(), receipt(func(r *store.Receipt) { r.Idempotency = key(1, 2) }))
	wantError(t, err, errs.Conflict, "idempotency.other_body")
	wantStored(t, s, 1)
}

func testNoKey(t *testing.T, s store.Store) {
	receiveMany(t, s, 2)
	receive(t, s, func(r *store.Receipt) { r.Idempotency = key(1, 1) })
	receive(t, s, func(r *store.Receipt) { r.Idempotency = key(2, 1) })
	wantStored(t, s, 4)
}

func testCodeTaken(t *testing.T, s store.Store) {
	first := receive(t, s, nil)
	clean(t, s)
	_, err := s.Receive(t.Context(), receipt(func(r *store.Receipt) { r.Submission.Code = first.Code }))
	wantError(t, err, errs.Conflict, "submission.code_taken")
	wantStored(t, s, 1)
	if left := waiting(t, s); len(left) != 0 {
		t.Errorf("the refused one left marks: %v", left)
	}
	events := view(t, s, func(tx store.Tx) ([]civic.Event, error) { return tx.Events().List(t.Context(), first.ID) })
	if len(events) != 1 {
		t.Errorf("got %d events on the first, want its own one", len(events))
	}
}

func testCodeTakenKey(t *testing.T, s store.Store) {
	first := receive(t, s, nil)
	_, err := s.Receive(t.Context(), receipt(func(r *store.Receipt) { r.Submission.Code, r.Idempotency = first.Code, key(1, 1) }))
	wantError(t, err, errs.Conflict, "submission.code_taken")
	got, err := s.Receive(t.Context(), receipt(func(r *store.Receipt) { r.Idempotency = key(1, 1) })) // drawn anew
	if err != nil || got.Replayed || got.ID == first.ID {
		t.Errorf("got %+v and %v, want a new submission", got, err)
	}
}

func testBadText(t *testing.T, s store.Store) {
	for name, text := range map[string]string{"NUL": "một\x00hai ba bốn năm", "invalid UTF-8": "một\xffhai ba bốn"} {
		for _, r := range []store.Receipt{
			receipt(func(r *store.Receipt) { r.Submission.Title = text }),
			receipt(func(r *store.Receipt) { r.Submission.Body = text }),
			receipt(func(r *store.Receipt) { r.Events[0].Reason = text }),
		} {
			if _, err := s.Receive(t.Context(), r); errs.KindOf(err) != errs.Invalid {
				t.Errorf("%s: got %v, want Invalid", name, err)
			}
		}
	}
	wantStored(t, s, 0)
}

func testBadKind(t *testing.T, s store.Store) {
	for _, r := range []store.Receipt{
		receipt(func(r *store.Receipt) { r.Submission.Kind = "prayer" }),
		receipt(func(r *store.Receipt) { r.Submission.State = "lost" }),
		receipt(func(r *store.Receipt) { r.Events[0].Actor = "ghost" }),
		receipt(func(r *store.Receipt) { r.Submission.Assignee = 4711 }),
	} {
		if got, err := s.Receive(t.Context(), r); err == nil {
			t.Errorf("got %+v, want an error", got)
		}
	}
	wantStored(t, s, 0)
}

func testReceiveEnded(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Receive(ctx, receipt(nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want the context's", err)
	}
	wantStored(t, s, 0)
}

func testReceiveTexts(t *testing.T, s store.Store) {
	long := make([]rune, 0, civic.MaxBody)
	for len(long) < civic.MaxBody {
		long = append(long, 'ế', '𝄞', '"', '\'', '\\', '\n', '?')
	}
	for _, body := range []string{"<b>$1 ? %s</b>; DROP TABLE x --", "=HYPERLINK(1)", string(long[:civic.MaxBody])} {
		got := receive(t, s, func(r *store.Receipt) { r.Submission.Body = body })
		if got.Body != body {
			t.Errorf("a body of %d bytes came back as %d other bytes", len(body), len(got.Body))
		}
	}
}

// wantStored checks how many submissions are there, each with its job.
func wantStored(t *testing.T, s store.Store, want int) {
	t.Helper()
	counts := view(t, s, func(tx store.Tx) (map[civic.State]int, error) { return tx.Submissions().Count(t.Context()) })
	total := 0
	for _, n := range counts {
		total += n
	}
	if total != want {
		t.Errorf("got %d submissions stored, want %d", total, want)
	}
	pending := view(t, s, func(tx store.Tx) (map[store.JobKind]store.Backlog, error) { return tx.Outbox().Pending(t.Context()) })
	if got := pending[store.JobMatch].Count; got != want {
		t.Errorf("got %d jobs, want %d", got, want)
	}
}
