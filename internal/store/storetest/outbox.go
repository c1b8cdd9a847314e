package storetest

import (
	"slices"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var outboxTests = []test{
	{"a job comes back as it was put", testJob},
	{"due gives what may be sent, the longest waiting first", testDue},
	{"a job in the queue is due again once it is stale", testStale},
	{"finish is true once, whoever comes first", testFinish},
	{"of many who finish a job one acts", testFinishRace},
	{"a failure lets the job rest and names it anew", testFail},
	{"what happens to a done job changes nothing", testDoneJob},
	{"forget makes all undone jobs unsent", testForget},
	{"pending tells what waits per kind", testPending},
	{"prune deletes what was done, some at a time", testPrune},
	{"ids are never given twice", testJobIDs},
}

// addJob puts a job that was made at noon plus after.
func addJob(t *testing.T, s store.Store, kind store.JobKind, after time.Duration, edit func(*store.Job)) store.Job {
	t.Helper()
	j := store.Job{Kind: kind, Subject: 7, CreatedAt: noon.Add(after)}
	if edit != nil {
		edit(&j)
	}
	do(t, s, func(tx store.Tx) (err error) {
		j.ID, err = tx.Outbox().Put(t.Context(), j)
		return err
	})
	return j
}

func getJob(t *testing.T, s store.Store, id int64) store.Job {
	t.Helper()
	return view(t, s, func(tx store.Tx) (store.Job, error) { return tx.Outbox().Get(t.Context(), id) })
}

// due asks for the jobs that may be sent at noon plus after; what was sent
// more than a minute before is stale.
func due(t *testing.T, s store.Store, kind store.JobKind, after time.Duration, limit int) []int64 {
	t.Helper()
	now := noon.Add(after)
	jobs := view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), kind, now, now.Add(-time.Minute), limit)
	})
	ids := []int64{}
	for _, j := range jobs {
		ids = append(ids, j.ID)
	}
	return ids
}

func sent(t *testing.T, s store.Store, after time.Duration, ids ...int64) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.Outbox().Sent(t.Context(), ids, noon.Add(after)) })
}

func finish(t *testing.T, s store.Store, id int64) (first bool) {
	t.Helper()
	do(t, s, func(tx store.Tx) (err error) {
		first, err = tx.Outbox().Finish(t.Context(), id, noon.Add(time.Hour))
		return err
	})
	return first
}

func testJob(t *testing.T, s store.Store) {
	plain := addJob(t, s, store.JobMatch, 0, nil)
	equal(t, getJob(t, s, plain.ID), plain)
	full := addJob(t, s, store.JobSend, 0, func(j *store.Job) {
		j.Dispatch, j.Attempts, j.LastError = 3, 4, "smtp_away"
		j.NextAt, j.SentAt = noon.Add(time.Second), noon.Add(2*time.Second)
	})
	equal(t, getJob(t, s, full.ID), full)
	missing(t, s, errs.NotFound, "job.not_found", func(tx store.Tx) (store.Job, error) { return tx.Outbox().Get(t.Context(), full.ID+1000) })
}

func testDue(t *testing.T, s store.Store) {
	rests := addJob(t, s, store.JobMatch, 0, func(j *store.Job) { j.NextAt = noon.Add(2 * time.Minute) })
	second := addJob(t, s, store.JobMatch, time.Second, nil)
	third := addJob(t, s, store.JobMatch, time.Second, nil)
	first := addJob(t, s, store.JobMatch, 0, nil)
	addJob(t, s, store.JobRoute, 0, nil)
	done := addJob(t, s, store.JobMatch, 0, nil)
	finish(t, s, done.ID)
	equal(t, due(t, s, store.JobMatch, time.Minute, 10), []int64{first.ID, second.ID, third.ID})
	equal(t, due(t, s, store.JobMatch, time.Minute, 2), []int64{first.ID, second.ID})
	equal(t, due(t, s, store.JobMatch, 2*time.Minute, 10), []int64{first.ID, second.ID, third.ID, rests.ID}) // not after now
	equal(t, due(t, s, store.JobSend, time.Minute, 10), []int64{})
}

func testStale(t *testing.T, s store.Store) {
	j := addJob(t, s, store.JobMatch, 0, nil)
	sent(t, s, 0, j.ID)
	equal(t, due(t, s, store.JobMatch, time.Minute, 10), []int64{}) // sent at the bound, not before it
	equal(t, due(t, s, store.JobMatch, time.Minute+time.Microsecond, 10), []int64{j.ID})
	sent(t, s, time.Minute, j.ID)
	equal(t, due(t, s, store.JobMatch, 2*time.Minute, 10), []int64{})
	equal(t, getJob(t, s, j.ID).SentAt, noon.Add(time.Minute))
	equal(t, getJob(t, s, j.ID).Dispatch, 0)
}

func testFinish(t *testing.T, s store.Store) {
	j := addJob(t, s, store.JobMatch, 0, nil)
	equal(t, finish(t, s, j.ID), true)
	equal(t, finish(t, s, j.ID), false)
	equal(t, getJob(t, s, j.ID).DoneAt, noon.Add(time.Hour))
}

func testFinishRace(t *testing.T, s store.Store) {
	j := addJob(t, s, store.JobMatch, 0, nil)
	equal(t, race(t, s, func(tx store.Tx) (bool, error) { return tx.Outbox().Finish(t.Context(), j.ID, noon) }), 1)
}

func fail(t *testing.T, s store.Store, id int64, next time.Duration) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.Outbox().Fail(t.Context(), id, "smtp_away", noon.Add(next)) })
}

func testFail(t *testing.T, s store.Store) {
	j := addJob(t, s, store.JobSend, 0, nil)
	sent(t, s, 0, j.ID)
	fail(t, s, j.ID, 3*time.Minute)
	want := j
	want.Attempts, want.Dispatch, want.NextAt, want.LastError = 1, 1, noon.Add(3*time.Minute), "smtp_away"
	equal(t, getJob(t, s, j.ID), want)
	equal(t, due(t, s, store.JobSend, 2*time.Minute, 10), []int64{})
	equal(t, due(t, s, store.JobSend, 3*time.Minute, 10), []int64{j.ID})
	refused(t, s, errs.NotFound, "job.not_found", func(tx store.Tx) error { return tx.Outbox().Fail(t.Context(), j.ID+1000, "x", noon) })
}

func testDoneJob(t *testing.T, s store.Store) {
	j := addJob(t, s, store.JobMatch, 0, nil)
	finish(t, s, j.ID)
	want := getJob(t, s, j.ID)
	sent(t, s, 0, j.ID)
	fail(t, s, j.ID, 0)
	do(t, s, func(tx store.Tx) error { _, err := tx.Outbox().Forget(t.Context()); return err })
	equal(t, getJob(t, s, j.ID), want)
}

func testForget(t *testing.T, s store.Store) {
	a, b, done := addJob(t, s, store.JobMatch, 0, nil), addJob(t, s, store.JobSend, 0, nil), addJob(t, s, store.JobMatch, 0, nil)
	addJob(t, s, store.JobRoute, 0, nil)
	sent(t, s, 0, a.ID, b.ID, done.ID)
	finish(t, s, done.ID)
	do(t, s, func(tx store.Tx) error {
		n, err := tx.Outbox().Forget(t.Context())
		equal(t, n, 2)
		return err
	})
	equal(t, due(t, s, store.JobMatch, 0, 10), []int64{a.ID})
	equal(t, due(t, s, store.JobSend, 0, 10), []int64{b.ID})
}

func testPending(t *testing.T, s store.Store) {
	addJob(t, s, store.JobMatch, time.Second, nil)
	failed := addJob(t, s, store.JobMatch, 0, nil)
	fail(t, s, failed.ID, time.Hour)
	done := addJob(t, s, store.JobRoute, 0, nil)
	finish(t, s, done.ID)
	addJob(t, s, store.JobSend, 0, nil)
	got := view(t, s, func(tx store.Tx) (map[store.JobKind]store.Backlog, error) { return tx.Outbox().Pending(t.Context()) })
	equal(t, got, map[store.JobKind]store.Backlog{
		store.JobMatch: {Count: 2, Oldest: noon, Failed: 1},
		store.JobSend:  {Count: 1, Oldest: noon},
	})
}

func testPrune(t *testing.T, s store.Store) {
	for range 3 {
		finish(t, s, addJob(t, s, store.JobMatch, 0, nil).ID) // done at noon plus an hour
	}
	undone := addJob(t, s, store.JobMatch, 0, nil)
	prune := func(before time.Duration, limit int) (n int) {
		do(t, s, func(tx store.Tx) (err error) {
			n, err = tx.Outbox().Prune(t.Context(), noon.Add(before), limit)
			return err
		})
		return n
	}
	equal(t, prune(time.Hour, 10), 0) // at the bound, not before it
	equal(t, prune(2*time.Hour, 2), 2)
	equal(t, prune(2*time.Hour, 2), 1)
	equal(t, prune(2*time.Hour, 2), 0)
	getJob(t, s, undone.ID)
}

func testJobIDs(t *testing.T, s store.Store) {
	j := addJob(t, s, store.JobMatch, 0, nil)
	finish(t, s, j.ID)
	do(t, s, func(tx store.Tx) error {
		_, err := tx.Outbox().Prune(t.Context(), noon.Add(2*time.Hour), 10)
		return err
	})
	if next := addJob(t, s, store.JobMatch, 0, nil); next.ID <= j.ID {
		t.Errorf("got id %d after %d was given and pruned", next.ID, j.ID)
	}
}

var indexQueueTests = []test{
	{"marks wait for each index apart", testMarks},
	{"the longest waiting come first, though changed again", testTakeOrder},
	{"ack leaves what changed since it was taken", testAck},
	{"an ack that comes late cannot hit a newer change", testLateAck},
	{"mark all marks every submission for one index", testMarkAll},
}

func takeDirty(t *testing.T, s store.Store, index store.IndexName, limit int) []store.Dirty {
	t.Helper()
	return view(t, s, func(tx store.Tx) ([]store.Dirty, error) { return tx.IndexQueue().Take(t.Context(), index, limit) })
}

func mark(t *testing.T, s store.Store, ids ...civic.SubmissionID) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.IndexQueue().Mark(t.Context(), ids...) })
}

func ack(t *testing.T, s store.Store, index store.IndexName, seen []store.Dirty) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.IndexQueue().Ack(t.Context(), index, seen) })
}

func dirtyLen(t *testing.T, s store.Store, index store.IndexName) int {
	t.Helper()
	return view(t, s, func(tx store.Tx) (int, error) { return tx.IndexQueue().Len(t.Context(), index) })
}

func dirtyIDs(list []store.Dirty) []civic.SubmissionID {
	ids := []civic.SubmissionID{}
	for _, d := range list {
		ids = append(ids, d.Submission)
	}
	return ids
}

func testMarks(t *testing.T, s store.Store) {
	receiveMany(t, s, 2)
	ack(t, s, store.IndexPublic, takeDirty(t, s, store.IndexPublic, 10))
	equal(t, dirtyLen(t, s, store.IndexPublic), 0)
	equal(t, dirtyLen(t, s, store.IndexStaff), 2)
	equal(t, len(takeDirty(t, s, store.IndexStaff, 1)), 1)
}

func testTakeOrder(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 3)
	clean(t, s)
	mark(t, s, ids[1])
	mark(t, s, ids[2])
	mark(t, s, ids[0], ids[0])
	for range 3 {
		mark(t, s, ids[1]) // keeps its place
	}
	equal(t, dirtyIDs(takeDirty(t, s, store.IndexStaff, 10)), []civic.SubmissionID{ids[1], ids[2], ids[0]})
}

func testAck(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 2)
	seen := takeDirty(t, s, store.IndexStaff, 10)
	mark(t, s, ids[0])
	ack(t, s, store.IndexStaff, seen)
	left := takeDirty(t, s, store.IndexStaff, 10)
	equal(t, dirtyIDs(left), []civic.SubmissionID{ids[0]})
	i := slices.IndexFunc(seen, func(d store.Dirty) bool { return d.Submission == ids[0] })
	if left[0].Mark <= seen[i].Mark {
		t.Errorf("the mark went from %d to %d, want it to rise", seen[i].Mark, left[0].Mark)
	}
	ack(t, s, store.IndexStaff, left)
	equal(t, dirtyLen(t, s, store.IndexStaff), 0)
}

// testLateAck: a slow drain's acknowledgement arrives after another drain has
// acknowledged the same mark and the submission has changed again.
func testLateAck(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 1)
	seen := takeDirty(t, s, store.IndexStaff, 10)
	ack(t, s, store.IndexStaff, seen)
	mark(t, s, ids[0])
	ack(t, s, store.IndexStaff, seen)
	equal(t, dirtyLen(t, s, store.IndexStaff), 1)
}

func testMarkAll(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 3)
	clean(t, s)
	mark(t, s, ids[1])
	before := takeDirty(t, s, store.IndexStaff, 10)
	do(t, s, func(tx store.Tx) error { return tx.IndexQueue().MarkAll(t.Context(), store.IndexStaff) })
	equal(t, dirtyLen(t, s, store.IndexStaff), 3)
	equal(t, dirtyLen(t, s, store.IndexPublic), 1)
	ack(t, s, store.IndexStaff, before) // rose since
	equal(t, dirtyLen(t, s, store.IndexStaff), 3)
}
