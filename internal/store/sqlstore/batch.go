package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// batch is what one transaction of the group commit writes.
type batch struct {
	calls    []*call
	fresh    []*call          // those that are written
	known    []*call          // those whose code or key is taken
	received []store.Received // of fresh
	resting  []bool           // of fresh: whose files are looked into first
}

// newBatch puts the calls into one order in all processes: on PostgreSQL two
// batches that hold the same two keys must not wait for each other.
func newBatch(calls []*call) *batch {
	return &batch{calls: slices.SortedStableFunc(slices.Values(calls), func(a, b *call) int {
		x, y := a.identity(), b.identity()
		return bytes.Compare(x.key[:], y.key[:])
	})}
}

// identity is what makes a call's submission unique.
type identity struct {
	code civic.Code
	key  [32]byte // zero without one
}

func (c *call) identity() identity {
	x := identity{code: c.receipt.Submission.Code}
	if c.receipt.Idempotency != nil {
		x.key = c.receipt.Idempotency.Key
	}
	return x
}

// The inserts of a batch.
var (
	// DO NOTHING covers the code and the idempotency key. On PostgreSQL it
	// waits for a transaction that has just written the same one.
	insertSubmissions = insert{
		table:   "submissions",
		columns: append(slices.Clone(submissionColumns), "public_words", "idempotency_key", "idempotency_body"),
		types:   submissionTypes + "txx",
		tail:    "ON CONFLICT DO NOTHING RETURNING id, code, idempotency_key",
	}
	insertContacts    = insert{table: "contacts", columns: []string{"submission_id", "sealed", "email_index", "phone_index"}, types: "ixtt"}
	insertContactKeys = insert{table: "contact_keys", columns: []string{"submission_id", "wrapped_key"}, types: "ix"}
	insertEvents      = insert{
		table:   "events",
		columns: []string{"submission_id", "at", "type", "actor", "user_id", "from_state", "to_state", "agency", "reason"},
		types:   "izttitttt",
	}
	insertMessages = insert{
		table:   "messages",
		columns: []string{"submission_id", "kind", "language", "state", "reason", "created_at", "settled_at"},
		types:   "ittttzz",
		tail:    "RETURNING id, created_at",
	}
	insertJobs = insert{
		table:   "outbox",
		columns: []string{"kind", "subject", "dispatch", "attempts", "next_at", "sent_at", "done_at", "last_error", "created_at"},
		types:   "tiiizzztz",
	}
)

// write writes the batch.
func (b *batch) write(ctx context.Context, t *tx) error {
	if err := b.addSubmissions(ctx, t); err != nil {
		return err
	}
	if err := b.addContacts(ctx, t); err != nil {
		return err
	}
	if err := b.addGuardians(ctx, t); err != nil {
		return err
	}
	if err := b.addEvents(ctx, t); err != nil {
		return err
	}
	if err := b.adoptFiles(ctx, t); err != nil {
		return err
	}
	if err := b.addJobs(ctx, t); err != nil {
		return err
	}
	ids := make([]civic.SubmissionID, len(b.received))
	for i, r := range b.received {
		ids[i] = r.ID
	}
	return t.IndexQueue().Mark(ctx, ids...)
}

// addSubmissions writes the submissions, learns their ids and parts the calls
// into fresh and known ones.
func (b *batch) addSubmissions(ctx context.Context, t *tx) error {
	rows := make([][]any, len(b.calls))
	for i, c := range b.calls {
		s := &c.receipt.Submission
		rows[i] = append(submissionFields(s), words(s.PublicTitle, s.PublicBody), nil, nil)
		if key := c.receipt.Idempotency; key != nil {
			rows[i][len(rows[i])-2], rows[i][len(rows[i])-1] = key.Key[:], key.Body[:]
		}
	}
	ids := make(map[identity]civic.SubmissionID, len(rows))
	err := t.insertRows(ctx, insertSubmissions, rows, func(r row) error {
		var id civic.SubmissionID
		var x identity
		var key []byte
		err := r.Scan(&id, &x.code, &key)
		copy(x.key[:], key)
		ids[x] = id
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range b.calls {
		id, ok := ids[c.identity()]
		if !ok {
			b.known = append(b.known, c)
			continue
		}
		delete(ids, c.identity()) // of two with one code in this batch, one is written
		b.fresh = append(b.fresh, c)
		s := &c.receipt.Submission
		b.received = append(b.received, store.Received{ID: id, Code: s.Code, ReceivedAt: storable(s.ReceivedAt)})
	}
	return nil
}

func (b *batch) addContacts(ctx context.Context, t *tx) error {
	var sealed, keys [][]any
	for i, c := range b.fresh {
		contact := c.receipt.Contact
		if len(contact.Sealed) == 0 && len(contact.WrappedKey) == 0 {
			continue
		}
		id := int64(b.received[i].ID)
		sealed = append(sealed, []any{id, contact.Sealed, contact.EmailIndex, contact.PhoneIndex})
		keys = append(keys, []any{id, contact.WrappedKey})
	}
	if err := t.insertRows(ctx, insertContacts, sealed, nil); err != nil {
		return err
	}
	return t.insertRows(ctx, insertContactKeys, keys, nil)
}

func (b *batch) addGuardians(ctx context.Context, t *tx) error {
	var rows [][]any
	for i, c := range b.fresh {
		if g := c.receipt.Guardian; g != nil {
			own := *g
			own.Submission = b.received[i].ID
			rows = append(rows, guardianFields(own))
		}
	}
	return t.insertRows(ctx, insertGuardians, rows, nil)
}

func (b *batch) addEvents(ctx context.Context, t *tx) error {
	var rows [][]any
	for i, c := range b.fresh {
		for _, e := range c.receipt.Events {
			e.Submission = b.received[i].ID
			rows = append(rows, eventFields(e))
		}
	}
	return t.insertRows(ctx, insertEvents, rows, nil)
}

// adoptFiles gives the submissions the files of their drafts. Whose files are
// all looked into is matched at once.
func (b *batch) adoptFiles(ctx context.Context, t *tx) error {
	b.resting = make([]bool, len(b.fresh))
	for i, c := range b.fresh {
		if c.receipt.Draft == ([32]byte{}) {
			continue
		}
		waiting, err := attachments{t}.adopt(ctx, c.receipt.Draft, b.received[i])
		if err != nil {
			return err
		}
		b.resting[i] = waiting > 0
	}
	return nil
}

// addJobs writes the outbox: the jobs of the receipts, and one for each
// message.
func (b *batch) addJobs(ctx context.Context, t *tx) error {
	var jobs, mails [][]any
	for i, c := range b.fresh {
		for _, j := range c.receipt.Jobs {
			j.Subject = int64(b.received[i].ID)
			if j.Kind == store.JobMatch && c.receipt.Draft != ([32]byte{}) && !b.resting[i] {
				j.NextAt = time.Time{}
			}
			jobs = append(jobs, jobFields(j))
		}
		for _, m := range c.receipt.Messages {
			m.Submission = b.received[i].ID
			mails = append(mails, messageFields(m))
		}
	}
	return t.addMessages(ctx, mails, jobs)
}

// keyUse is the first use of an idempotency key.
type keyUse struct {
	body     [32]byte
	received store.Received
}

// findKeyUse puts the use of a key into uses, or leaves uses as it is.
func findKeyUse(ctx context.Context, t *tx, key [32]byte, uses map[[32]byte]keyUse) error {
	if _, ok := uses[key]; ok {
		return nil
	}
	const query = `SELECT idempotency_body, id, code, received_at FROM submissions WHERE idempotency_key = ?`
	var body []byte
	use := keyUse{received: store.Received{Replayed: true}}
	err := t.scan(ctx, []any{&body, &use.received.ID, &use.received.Code, at(&use.received.ReceivedAt)}, query, key[:])
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	copy(use.body[:], body)
	uses[key] = use
	return nil
}

// checkReceipt refuses text that cannot be stored before it can fail a batch.
func checkReceipt(r *store.Receipt) error {
	fields := submissionFields(&r.Submission)
	for _, e := range r.Events {
		fields = append(fields, eventFields(e)...)
	}
	return checkText(fields)
}
