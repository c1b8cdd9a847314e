package storetest

import (
	"sync"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var submissionTests = []test{
	{"get and get by code agree", testGet},
	{"get missing is NotFound", testGetMissing},
	{"update writes every field that may change", testUpdate},
	{"update leaves id, code, receipt and the original text", testUpdateFixed},
	{"update marks for both indexes", testUpdateMarks},
	{"a text is corrected, what stood there is kept, and erasing forgets it", testCorrect},
	{"update of an old version is Conflict", testUpdateVersion},
	{"update missing is NotFound", testUpdateMissing},
	{"lock returns what it locks, as named", testLock},
	{"a lock keeps other transactions from changing", testLockExcludes},
	{"list returns those that exist, in the order asked for", testList},
	{"after walks all in order of id", testAfter},
	{"newly overdue are open, due and not yet noted, the most overdue first", testNewlyOverdue},
	{"one of many notes a case overdue", testNoteOverdueRace},
	{"count counts per state", testCount},
}

func testGet(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	equal(t, view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().GetByCode(t.Context(), sub.Code) }), sub)
}

func testCorrect(t *testing.T, s store.Store) {
	u, sub, other := user(t, s, "a@staff.test"), receive(t, s, nil), receive(t, s, nil)
	do(t, s, func(tx store.Tx) error {
		return tx.PrivacyRequests().Add(t.Context(), store.SealedRequest{WrappedKey: []byte{1}, Sealed: []byte{2}, PrivacyRequest: civic.PrivacyRequest{
			Ref: "DL-1", Kind: civic.PrivacyCorrect, State: civic.PrivacyGranted, Language: civic.Vietnamese, Submission: sub.ID, MadeAt: noon, ReplyBy: noon, DueAt: noon,
		}})
	})
	ack(t, s, store.IndexStaff, takeDirty(t, s, store.IndexStaff, 10))
	kept := civic.TextCorrection{
		Submission: sub.ID, Request: "DL-1", At: noon, By: u.ID, ByName: u.Name, Reason: "Sai tên", Title: sub.Title, Body: sub.Body, PublicTitle: "Đã biên tập", PublicBody: "Đã che",
	}
	do(t, s, func(tx store.Tx) error {
		return tx.Submissions().Correct(t.Context(), "Tiêu đề mới", "Nội dung mới", kept)
	})
	corrections := func(id civic.SubmissionID) []civic.TextCorrection {
		return view(t, s, func(tx store.Tx) ([]civic.TextCorrection, error) {
			return tx.Submissions().Corrections(t.Context(), id)
		})
	}
	equal(t, corrections(sub.ID), []civic.TextCorrection{kept})
	equal(t, corrections(other.ID), nil)
	equal(t, len(takeDirty(t, s, store.IndexStaff, 10)), 1)
	got := view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), sub.ID) })
	equal(t, [2]string{got.Title, got.Body}, [2]string{"Tiêu đề mới", "Nội dung mới"})
	refused(t, s, errs.NotFound, "request.not_found", func(tx store.Tx) error {
		return tx.Submissions().Correct(t.Context(), "x", "y", civic.TextCorrection{Submission: sub.ID, Request: "DL-2", At: noon, By: u.ID})
	})
	do(t, s, func(tx store.Tx) error { _, err := tx.Submissions().Erase(t.Context(), sub.ID); return err })
	equal(t, corrections(sub.ID), nil)
}

func testGetMissing(t *testing.T, s store.Store) {
	missing(t, s, errs.NotFound, "submission.not_found", func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), 1) })
	missing(t, s, errs.NotFound, "submission.not_found", func(tx store.Tx) (civic.Submission, error) {
		return tx.Submissions().GetByCode(t.Context(), "TESTNONE")
	})
}

// changed is a submission with every field that may change set to something
// else.
func changed(sub civic.Submission, assignee civic.UserID, root civic.SubmissionID) civic.Submission {
	sub.Kind, sub.Topic, sub.Area, sub.Language, sub.Channel = civic.Solution, "health", "79", civic.English, civic.ChannelAPI
	sub.Submitter, sub.PublishName, sub.State, sub.Agency, sub.Assignee = civic.Organisation, false, civic.Answered, "most", assignee
	sub.Version++
	sub.Handovers = 2
	sub.DueAt, sub.ForwardDueAt = noon.Add(1*time.Hour), noon.Add(2*time.Hour)
	sub.AnsweredAt, sub.UpdatedAt = noon.Add(3*time.Hour), noon.Add(4*time.Hour)
	sub.TriageReason, sub.Hold, sub.Root = "low_score", "limit", root
	sub.Rejection = civic.Rejection{Reason: "out_of_scope", Message: "Không thuộc thẩm quyền."}
	sub.Visibility, sub.PublicTitle, sub.PublicBody = civic.PublicWithAnswer, "Tiêu đề công khai", "Nội dung công khai"
	sub.PublishedAt = noon.Add(5 * time.Hour)
	return sub
}

func testUpdate(t *testing.T, s store.Store) {
	sub, root := receive(t, s, nil), receive(t, s, nil)
	u := user(t, s, "a@example.vn")
	want := changed(sub, u.ID, root.ID)
	do(t, s, func(tx store.Tx) error { return tx.Submissions().Update(t.Context(), want) })
	got := func() civic.Submission {
		return view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), sub.ID) })
	}
	equal(t, got(), want)
	// And back to empty: what may be missing can go missing again.
	want.Assignee, want.Root, want.DueAt, want.ForwardDueAt, want.AnsweredAt, want.PublishedAt = 0, 0, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	do(t, s, func(tx store.Tx) error { return tx.Submissions().Update(t.Context(), want) })
	equal(t, got(), want)
}

func testUpdateFixed(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	edited := sub
	edited.Code, edited.Title, edited.Body, edited.ReceivedAt = "TESTOTHER", "Khác", "Khác", noon.Add(time.Hour)
	do(t, s, func(tx store.Tx) error { return tx.Submissions().Update(t.Context(), edited) })
	equal(t, view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), sub.ID) }), sub)
}

func testUpdateMarks(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	receive(t, s, nil)
	clean(t, s)
	change(t, s, sub, func(*civic.Submission) {})
	equal(t, waiting(t, s), []civic.SubmissionID{sub.ID})
}

func testUpdateVersion(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	sub = change(t, s, sub, func(s *civic.Submission) { s.Version++; s.Agency = "most" }) // raised by one
	sub = change(t, s, sub, func(s *civic.Submission) { s.Topic = "health" })             // not raised
	for _, version := range []int{sub.Version - 1, sub.Version + 2} {
		old := sub
		old.Version, old.Agency = version, "moh"
		refused(t, s, errs.Conflict, "submission.version_mismatch", func(tx store.Tx) error { return tx.Submissions().Update(t.Context(), old) })
	}
	equal(t, view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), sub.ID) }), sub)
}

func testUpdateMissing(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	sub.ID += 1000
	refused(t, s, errs.NotFound, "submission.not_found", func(tx store.Tx) error { return tx.Submissions().Update(t.Context(), sub) })
}

func testLock(t *testing.T, s store.Store) {
	a, b := receive(t, s, nil), receive(t, s, nil)
	do(t, s, func(tx store.Tx) error {
		got, err := tx.Submissions().Lock(t.Context(), b.ID, a.ID)
		equal(t, got, []civic.Submission{b, a})
		return err
	})
	refused(t, s, errs.NotFound, "submission.not_found", func(tx store.Tx) error {
		_, err := tx.Submissions().Lock(t.Context(), a.ID, b.ID+1000)
		return err
	})
}

// testLockExcludes lets a second transaction ask for the lock while the first
// holds it; the second must see what the first wrote.
func testLockExcludes(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	locked, seen := make(chan struct{}), make(chan int, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		<-locked
		err := s.Do(t.Context(), func(tx store.Tx) error {
			got, err := tx.Submissions().Lock(t.Context(), sub.ID)
			if err == nil {
				seen <- got[0].Handovers
			}
			return err
		})
		if err != nil {
			t.Errorf("second Do: %v", err)
			close(seen)
		}
	})
	do(t, s, func(tx store.Tx) error {
		got, err := tx.Submissions().Lock(t.Context(), sub.ID)
		if err != nil {
			return err
		}
		close(locked)
		got[0].Handovers = 7
		return tx.Submissions().Update(t.Context(), got[0])
	})
	equal(t, <-seen, 7)
	wg.Wait()
}

func testList(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 3)
	got := view(t, s, func(tx store.Tx) ([]civic.Submission, error) {
		return tx.Submissions().List(t.Context(), []civic.SubmissionID{ids[2], 987654, ids[0]})
	})
	equal(t, idsOf(got), []civic.SubmissionID{ids[2], ids[0]})
	none := view(t, s, func(tx store.Tx) ([]civic.Submission, error) { return tx.Submissions().List(t.Context(), nil) })
	equal(t, len(none), 0)
}

func testAfter(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 5)
	var walked []civic.SubmissionID
	for last := civic.SubmissionID(0); ; {
		page := view(t, s, func(tx store.Tx) ([]civic.Submission, error) { return tx.Submissions().After(t.Context(), last, 2) })
		if len(page) == 0 {
			break
		}
		walked = append(walked, idsOf(page)...)
		last = page[len(page)-1].ID
	}
	equal(t, walked, ids)
}

func testNewlyOverdue(t *testing.T, s store.Store) {
	due := func(after time.Duration, edit func(*civic.Submission)) civic.SubmissionID {
		sub := receive(t, s, func(r *store.Receipt) { r.Submission.DueAt = noon.Add(after) })
		if edit != nil {
			change(t, s, sub, edit)
		}
		return sub.ID
	}
	second := due(2*time.Hour, nil)
	first := due(time.Hour, func(s *civic.Submission) { s.State = civic.InReview })
	due(time.Hour, func(s *civic.Submission) { s.State = civic.Answered })
	due(4*time.Hour, nil)
	due(0, func(s *civic.Submission) { s.DueAt = time.Time{} })
	noted := due(0, nil)
	note := func(id civic.SubmissionID) (first bool) {
		do(t, s, func(tx store.Tx) (err error) {
			first, err = tx.Submissions().NoteOverdue(t.Context(), id)
			return err
		})
		return first
	}
	clean(t, s)
	equal(t, note(noted), true)
	equal(t, note(noted), false)
	equal(t, waiting(t, s), []civic.SubmissionID{noted})
	overdue := func(limit int) []civic.SubmissionID {
		return view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
			return tx.Submissions().NewlyOverdue(t.Context(), noon.Add(3*time.Hour), limit)
		})
	}
	equal(t, overdue(10), []civic.SubmissionID{first, second})
	equal(t, overdue(1), []civic.SubmissionID{first})
	refused(t, s, errs.NotFound, "submission.not_found", func(tx store.Tx) error {
		_, err := tx.Submissions().NoteOverdue(t.Context(), noted+1000)
		return err
	})
}

func testNoteOverdueRace(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	equal(t, race(t, s, func(tx store.Tx) (bool, error) { return tx.Submissions().NoteOverdue(t.Context(), sub.ID) }), 1)
}

// race runs the same transaction from many goroutines and returns how often it
// reported true.
func race(t *testing.T, s store.Store, fn func(tx store.Tx) (bool, error)) int {
	t.Helper()
	var mu sync.Mutex
	won := 0
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			var got bool
			err := s.Do(t.Context(), func(tx store.Tx) (err error) {
				got, err = fn(tx)
				return err
			})
			if err != nil {
				t.Errorf("Do: %v", err)
			}
			if got {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return won
}

func testCount(t *testing.T, s store.Store) {
	subs := receiveMany(t, s, 3)
	sub := view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), subs[0]) })
	change(t, s, sub, func(s *civic.Submission) { s.State = civic.Triage })
	got := view(t, s, func(tx store.Tx) (map[civic.State]int, error) { return tx.Submissions().Count(t.Context()) })
	equal(t, got, map[civic.State]int{civic.Received: 2, civic.Triage: 1})
}
