package storetest

import (
	"slices"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var attachmentTests = []test{
	{"a file is found by id, by ref, by draft and by submission", testAttachment},
	{"pieces come one behind the other", testAttachmentPieces},
	{"a file is changed by who knows its state", testAttachmentUpdate},
	{"a sent draft takes its whole files with it", testAttachmentsAdopted},
	{"matching rests only while a file waits", testAttachmentsRest},
	{"clean files are published by name", testAttachmentsPublic},
	{"what came with nothing goes", testAttachmentsStale},
	{"files lose their keys in whatever state they are", testAttachmentsUnkeyed},
}

// attach stores a file; change may be nil.
func attach(t *testing.T, s store.Store, ref string, change func(*store.Attachment)) store.Attachment {
	t.Helper()
	a := store.Attachment{
		Attachment: civic.Attachment{Ref: ref, State: civic.FileUploading, CreatedAt: noon, Size: 10},
		WrappedKey: []byte{1, 0}, SealedName: []byte{2, 0}, Mark: "m", ChangedAt: noon,
	}
	if change != nil {
		change(&a)
	}
	do(t, s, func(tx store.Tx) (err error) {
		a.ID, err = tx.Attachments().Add(t.Context(), a)
		return err
	})
	return a
}

// settled gives a file its last state.
func settled(t *testing.T, s store.Store, a store.Attachment, state civic.AttachmentState) store.Attachment {
	t.Helper()
	from := a.State
	a.State = state
	do(t, s, func(tx store.Tx) error {
		_, err := tx.Attachments().Update(t.Context(), a, from)
		return err
	})
	return a
}

func getAttachment(t *testing.T, id civic.AttachmentID) func(tx store.Tx) (store.Attachment, error) {
	return func(tx store.Tx) (store.Attachment, error) { return tx.Attachments().Get(t.Context(), id) }
}

func testAttachment(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	one := attach(t, s, "one", func(a *store.Attachment) { a.Draft = [32]byte{7} })
	two := attach(t, s, "two", func(a *store.Attachment) { a.Submission = sub.ID })
	equal(t, view(t, s, getAttachment(t, one.ID)), one)
	equal(t, view(t, s, func(tx store.Tx) (store.Attachment, error) { return tx.Attachments().GetByRef(t.Context(), "two") }), two)
	equal(t, view(t, s, func(tx store.Tx) ([]store.Attachment, error) {
		return tx.Attachments().OfDraft(t.Context(), [32]byte{7})
	}), []store.Attachment{one})
	equal(t, view(t, s, func(tx store.Tx) ([]store.Attachment, error) {
		return tx.Attachments().OfSubmission(t.Context(), sub.ID)
	}), []store.Attachment{two})
	clean := settled(t, s, two, civic.FileClean)
	equal(t, view(t, s, func(tx store.Tx) (map[civic.SubmissionID][]store.Attachment, error) {
		return tx.Attachments().OfSubmissions(t.Context(), []civic.SubmissionID{sub.ID, 999})
	}), map[civic.SubmissionID][]store.Attachment{sub.ID: {clean}})
	missing(t, s, errs.NotFound, "file.not_found", getAttachment(t, 999))
	missing(t, s, errs.NotFound, "file.not_found", func(tx store.Tx) (store.Attachment, error) {
		return tx.Attachments().GetByRef(t.Context(), "three")
	})
}

func testAttachmentPieces(t *testing.T, s store.Store) {
	a := attach(t, s, "one", func(a *store.Attachment) { a.Draft = [32]byte{7} })
	add := func(place, size int64, key string) func(tx store.Tx) error {
		return func(tx store.Tx) error {
			return tx.Attachments().Append(t.Context(), a.ID, store.Piece{Place: place, Size: size, Blob: key}, noon.Add(time.Minute))
		}
	}
	do(t, s, add(0, 4, "a"))
	refused(t, s, errs.Conflict, "file.wrong_offset", add(0, 4, "b"))
	refused(t, s, errs.Conflict, "file.wrong_offset", add(5, 4, "b"))
	do(t, s, add(4, 6, "c"))
	got := view(t, s, getAttachment(t, a.ID))
	if got.Received != 10 || !got.ChangedAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("after two pieces: %+v", got)
	}
	pieces := func(tx store.Tx) ([]store.Piece, error) { return tx.Attachments().Pieces(t.Context(), a.ID) }
	equal(t, view(t, s, pieces), []store.Piece{{Place: 0, Size: 4, Blob: "a"}, {Place: 4, Size: 6, Blob: "c"}})
	settled(t, s, a, civic.FileWaiting)
	refused(t, s, errs.Conflict, "file.wrong_offset", add(10, 1, "d"))
	do(t, s, func(tx store.Tx) error {
		return tx.Attachments().PutPieces(t.Context(), a.ID, []store.Piece{{Place: 0, Size: 9, Blob: "k"}})
	})
	equal(t, view(t, s, pieces), []store.Piece{{Place: 0, Size: 9, Blob: "k"}})
	for range 2 { // a missing one is no error
		do(t, s, func(tx store.Tx) error { return tx.Attachments().Remove(t.Context(), a.ID) })
	}
	missing(t, s, errs.NotFound, "file.not_found", getAttachment(t, a.ID))
	if left := view(t, s, pieces); len(left) != 0 {
		t.Errorf("pieces are left: %v", left)
	}
}

func testAttachmentUpdate(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	a := attach(t, s, "one", func(a *store.Attachment) { a.Submission = sub.ID })
	a.WrappedKey, a.SealedName, a.SealedText, a.Type, a.Size = nil, []byte{5}, []byte{6}, "text/plain", 12
	a.Digest, a.Reason, a.ChangedAt, a.SettledAt = [32]byte{1}, "file.damaged", noon.Add(time.Hour), noon.Add(time.Hour)
	a.State = civic.FileRefused
	do(t, s, func(tx store.Tx) error {
		owner, err := tx.Attachments().Update(t.Context(), a, civic.FileUploading)
		equal(t, owner, sub.ID)
		return err
	})
	equal(t, view(t, s, getAttachment(t, a.ID)), a)
	refused(t, s, errs.Conflict, "file.moved_on", func(tx store.Tx) error {
		_, err := tx.Attachments().Update(t.Context(), a, civic.FileWaiting)
		return err
	})
}

func testAttachmentsAdopted(t *testing.T, s store.Store) {
	draft(t, s, 7, time.Hour)
	files := map[civic.AttachmentState]store.Attachment{}
	for _, state := range []civic.AttachmentState{civic.FileUploading, civic.FileWaiting, civic.FileClean, civic.FileRefused} {
		files[state] = attach(t, s, string(state), func(a *store.Attachment) { a.Draft, a.State = [32]byte{7}, state })
	}
	other := attach(t, s, "other", func(a *store.Attachment) { a.Draft, a.State = [32]byte{8}, civic.FileClean })
	sub := receive(t, s, func(r *store.Receipt) { r.Draft = [32]byte{7} })
	for state, a := range files {
		got := view(t, s, getAttachment(t, a.ID))
		if taken := state == civic.FileWaiting || state == civic.FileClean; taken != (got.Submission == sub.ID) || taken == (got.Draft == [32]byte{7}) {
			t.Errorf("%s: %+v", state, got)
		}
	}
	equal(t, view(t, s, getAttachment(t, other.ID)), other)
	if d := view(t, s, getDraft(7, t)); d.Sent != sub.Code || len(d.Sealed) != 0 || d.Version != 2 {
		t.Errorf("the draft is %+v", d)
	}
	equal(t, view(t, s, func(tx store.Tx) (int, error) { return tx.Attachments().Waiting(t.Context(), sub.ID) }), 1)
}

func testAttachmentsRest(t *testing.T, s store.Store) {
	resting := func(state civic.AttachmentState) (civic.Submission, []store.Job) {
		d := [32]byte{byte(len(state))}
		draft(t, s, d[0], time.Hour)
		attach(t, s, string(state), func(a *store.Attachment) { a.Draft, a.State = d, state })
		sub := receive(t, s, func(r *store.Receipt) {
			r.Draft = d
			r.Jobs = []store.Job{{Kind: store.JobMatch, CreatedAt: noon, NextAt: noon.Add(time.Hour)}}
		})
		return sub, dueOf(t, s, sub.ID)
	}
	if _, due := resting(civic.FileClean); len(due) != 1 {
		t.Errorf("nothing waits, and %d are due", len(due))
	}
	sub, due := resting(civic.FileWaiting)
	if len(due) != 0 {
		t.Errorf("a file waits, and %d are due", len(due))
	}
	do(t, s, func(tx store.Tx) error { return tx.Outbox().Hasten(t.Context(), store.JobMatch, int64(sub.ID)) })
	if due := dueOf(t, s, sub.ID); len(due) != 1 {
		t.Errorf("hastened, %d are due", len(due))
	}
}

// dueOf returns the due jobs of kind JobMatch for a submission.
func dueOf(t *testing.T, s store.Store, id civic.SubmissionID) (due []store.Job) {
	t.Helper()
	for _, j := range view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), store.JobMatch, noon.Add(time.Minute), noon, 100)
	}) {
		if j.Subject == int64(id) {
			due = append(due, j)
		}
	}
	return due
}

func testAttachmentsPublic(t *testing.T, s store.Store) {
	sub, other := receive(t, s, nil), receive(t, s, nil)
	clean := attach(t, s, "clean", func(a *store.Attachment) { a.Submission, a.State = sub.ID, civic.FileClean })
	attach(t, s, "waiting", func(a *store.Attachment) { a.Submission, a.State = sub.ID, civic.FileWaiting })
	attach(t, s, "foreign", func(a *store.Attachment) { a.Submission, a.State = other.ID, civic.FileClean })
	set := func(refs ...string) func(tx store.Tx) error {
		return func(tx store.Tx) error { return tx.Attachments().SetPublic(t.Context(), sub.ID, refs) }
	}
	do(t, s, set("clean"))
	if !view(t, s, getAttachment(t, clean.ID)).Public {
		t.Error("it is not public")
	}
	for _, ref := range []string{"waiting", "foreign", "none"} {
		refused(t, s, errs.NotFound, "file.not_found", set("clean", ref))
	}
	do(t, s, set())
	if view(t, s, getAttachment(t, clean.ID)).Public {
		t.Error("it is still public")
	}
}

func testAttachmentsUnkeyed(t *testing.T, s store.Store) {
	sub, other, officer := receive(t, s, nil), receive(t, s, nil), user(t, s, "a@staff.test")
	of := func(sub civic.Submission, state civic.AttachmentState) func(*store.Attachment) {
		return func(a *store.Attachment) { a.Submission, a.State = sub.ID, state }
	}
	for ref, change := range map[string]func(*store.Attachment){
		"clean": of(sub, civic.FileClean), "waiting": of(sub, civic.FileWaiting), "uploading": of(sub, civic.FileUploading),
		"of another": of(other, civic.FileClean), "public": of(sub, civic.FileClean),
		"of staff":         func(a *store.Attachment) { a.Submission, a.AddedBy, a.State = sub.ID, officer.ID, civic.FileClean },
		"drafted":          func(a *store.Attachment) { a.Draft, a.State = [32]byte{7}, civic.FileWaiting },
		"drafted, too":     func(a *store.Attachment) { a.Draft = [32]byte{7} },
		"of another draft": func(a *store.Attachment) { a.Draft = [32]byte{8} },
	} {
		attach(t, s, ref, change)
	}
	do(t, s, func(tx store.Tx) error { return tx.Attachments().SetPublic(t.Context(), sub.ID, []string{"public"}) })
	later := noon.Add(time.Hour)
	unkey := func(f store.FileSet) (refs []string) {
		do(t, s, func(tx store.Tx) error {
			refs = nil
			gone, err := tx.Attachments().Unkey(t.Context(), f, "file.removed", later)
			for _, a := range gone {
				refs = append(refs, a.Ref)
				if len(a.WrappedKey)+len(a.SealedName)+len(a.SealedText)+len(a.Mark) > 0 || a.State != civic.FileRefused || a.Reason != "file.removed" ||
					!a.SettledAt.Equal(later) || !a.ChangedAt.Equal(later) || a.Digest != [32]byte{} {
					t.Errorf("%s: %+v", a.Ref, a)
				}
			}
			return err
		})
		slices.Sort(refs)
		return refs
	}
	equal(t, unkey(store.FileSet{Sender: sub.ID}), []string{"clean", "uploading", "waiting"})
	equal(t, unkey(store.FileSet{Draft: [32]byte{7}}), []string{"drafted", "drafted, too"})
	one := view(t, s, func(tx store.Tx) (store.Attachment, error) {
		return tx.Attachments().GetByRef(t.Context(), "of another")
	})
	equal(t, unkey(store.FileSet{File: one.ID}), []string{"of another"})
	for _, ref := range []string{"public", "of staff", "of another draft"} {
		if a := view(t, s, func(tx store.Tx) (store.Attachment, error) { return tx.Attachments().GetByRef(t.Context(), ref) }); len(a.WrappedKey) == 0 {
			t.Errorf("%s has no key", ref)
		}
	}
	if a := view(t, s, getAttachment(t, one.ID)); len(a.WrappedKey) > 0 {
		t.Error("what was unkeyed has its key in the database")
	}
}

func testAttachmentsStale(t *testing.T, s store.Store) {
	draft(t, s, 7, time.Hour)
	sub := receive(t, s, nil)
	attach(t, s, "of a living draft", func(a *store.Attachment) { a.Draft = [32]byte{7} })
	attach(t, s, "of a lost draft", func(a *store.Attachment) { a.Draft = [32]byte{8} })
	attach(t, s, "clean", func(a *store.Attachment) { a.Submission, a.State = sub.ID, civic.FileClean })
	attach(t, s, "waiting", func(a *store.Attachment) { a.Submission, a.State = sub.ID, civic.FileWaiting })
	attach(t, s, "broken off", func(a *store.Attachment) { a.Submission = sub.ID })
	attach(t, s, "refused", func(a *store.Attachment) { a.Submission, a.State = sub.ID, civic.FileRefused })
	attach(t, s, "new", func(a *store.Attachment) { a.Draft, a.ChangedAt = [32]byte{8}, noon.Add(2*time.Hour) })
	stale := func(limit int) (refs []string) {
		for _, a := range view(t, s, func(tx store.Tx) ([]store.Attachment, error) {
			return tx.Attachments().Stale(t.Context(), noon.Add(time.Hour), limit)
		}) {
			refs = append(refs, a.Ref)
		}
		return refs
	}
	if got := stale(10); len(got) != 3 {
		t.Errorf("stale are %q", got)
	}
	if got := stale(2); len(got) != 2 {
		t.Errorf("%d of at most 2", len(got))
	}
}
