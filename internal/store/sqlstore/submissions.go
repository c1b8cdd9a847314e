package sqlstore

import (
	"context"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// submissionColumns are the columns of a submission after its id, in the order
// of submissionFields and submissionDest. The first fixedColumns never change.
var submissionColumns = []string{
	"code", "title", "body", "received_at",
	"kind", "topic", "area", "language", "channel", "submitter", "publish_name",
	"state", "version", "agency", "assignee", "handovers", "due_at", "forward_due_at", "answered_at", "updated_at",
	"triage_reason", "hold", "root_id", "rejection_reason", "rejection_message",
	"visibility", "public_title", "public_body", "published_at", "restricted", "rejection_channel", "confidential",
	"first_due_at", "extended", "reopened_at", "first_timeliness",
	"consent", "kind_open", "urgent", "terms_version", "guardian",
}

// submissionTypes are their types, see insert.types.
const submissionTypes = "tttz" + "ttttttb" + "titii" + "zzzz" + "ttitt" + "ttt" + "z" + "btb" + "zizt" + "tbbtt"

const fixedColumns = 4

// submissionSelect lists id and columns of the table under the name s.
var submissionSelect = "s.id, s." + strings.Join(submissionColumns, ", s.")

// submissionFields are the arguments for submissionColumns.
func submissionFields(s *civic.Submission) []any {
	return []any{
		string(s.Code), s.Title, s.Body, s.ReceivedAt,
		string(s.Kind), string(s.Topic), string(s.Area), string(s.Language), string(s.Channel), string(s.Submitter), s.PublishName,
		string(s.State), s.Version, string(s.Agency), ref(s.Assignee), s.Handovers,
		opt(s.DueAt), opt(s.ForwardDueAt), opt(s.AnsweredAt), s.UpdatedAt,
		s.TriageReason, s.Hold, ref(s.Root), s.Rejection.Reason, s.Rejection.Message,
		string(s.Visibility), s.PublicTitle, s.PublicBody, opt(s.PublishedAt), s.Restricted, s.Rejection.Channel, s.Confidential,
		opt(s.FirstDueAt), s.Extended, opt(s.ReopenedAt), string(s.FirstTimeliness),
		string(s.Consent), s.KindOpen, s.Urgent, s.TermsVersion, string(s.Guardian),
	}
}

// submissionDest are the destinations for submissionSelect.
func submissionDest(s *civic.Submission) []any {
	return []any{
		&s.ID,
		&s.Code, &s.Title, &s.Body, at(&s.ReceivedAt),
		&s.Kind, &s.Topic, &s.Area, &s.Language, &s.Channel, &s.Submitter, &s.PublishName,
		&s.State, &s.Version, &s.Agency, id(&s.Assignee), &s.Handovers,
		at(&s.DueAt), at(&s.ForwardDueAt), at(&s.AnsweredAt), at(&s.UpdatedAt),
		&s.TriageReason, &s.Hold, id(&s.Root), &s.Rejection.Reason, &s.Rejection.Message,
		&s.Visibility, &s.PublicTitle, &s.PublicBody, at(&s.PublishedAt), &s.Restricted, &s.Rejection.Channel, &s.Confidential,
		at(&s.FirstDueAt), &s.Extended, at(&s.ReopenedAt), &s.FirstTimeliness,
		&s.Consent, &s.KindOpen, &s.Urgent, &s.TermsVersion, &s.Guardian,
	}
}

func scanSubmission(r row) (s civic.Submission, err error) { return s, r.Scan(submissionDest(&s)...) }

const submissionMissing = "submission.not_found"

// Add implements store.Submissions.
func (t submissions) Add(ctx context.Context, r store.Receipt) (store.Received, error) {
	if err := checkReceipt(&r); err != nil {
		return store.Received{}, err
	}
	r.Idempotency = nil
	b := newBatch([]*call{{receipt: r}})
	if err := b.write(ctx, t.tx); err != nil {
		return store.Received{}, err
	}
	if len(b.received) == 0 {
		return store.Received{}, errs.New(errs.Conflict, "submission.code_taken")
	}
	return b.received[0], nil
}

// Get implements store.Submissions.
func (t submissions) Get(ctx context.Context, id civic.SubmissionID) (civic.Submission, error) {
	return get(ctx, t.tx, submissionMissing, scanSubmission, "SELECT "+submissionSelect+" FROM submissions s WHERE s.id = ?", id)
}

// GetByCode implements store.Submissions.
func (t submissions) GetByCode(ctx context.Context, code civic.Code) (civic.Submission, error) {
	return get(ctx, t.tx, submissionMissing, scanSubmission, "SELECT "+submissionSelect+" FROM submissions s WHERE s.code = ?", string(code))
}

// Lock implements store.Submissions.
func (t submissions) Lock(ctx context.Context, ids ...civic.SubmissionID) ([]civic.Submission, error) {
	if t.view {
		return nil, errs.New(errs.Internal, "store.lock_in_view")
	}
	query := "SELECT " + submissionSelect + " FROM submissions s WHERE s.id IN LIST(?) ORDER BY s.id" + t.d.forUpdate()
	found, err := list(ctx, t.tx, scanSubmission, query, t.d.set(ints(ids)))
	if err != nil {
		return nil, err
	}
	found = inOrder(ids, found, idOfSubmission)
	if len(found) < len(ids) {
		return nil, errs.New(errs.NotFound, submissionMissing)
	}
	return found, nil
}

// updateSQL writes what may change, if the version allows it.
var updateSQL = "UPDATE submissions SET " + strings.Join(submissionColumns[fixedColumns:], " = ?, ") + " = ?, public_words = ?" +
	" WHERE id = ? AND version IN (?, ?)"

// Update implements store.Submissions.
func (t submissions) Update(ctx context.Context, s civic.Submission) error {
	args := append(submissionFields(&s)[fixedColumns:], words(s.PublicTitle, s.PublicBody), int64(s.ID), s.Version, s.Version-1)
	n, err := t.exec(ctx, updateSQL, args...)
	if err != nil {
		return err
	}
	if n == 0 {
		if err := t.exists(ctx, s.ID); err != nil {
			return err
		}
		return errs.New(errs.Conflict, "submission.version_mismatch")
	}
	return t.IndexQueue().Mark(ctx, s.ID)
}

// exists fails with NotFound unless the submission is there.
func (t submissions) exists(ctx context.Context, id civic.SubmissionID) error {
	_, err := get(ctx, t.tx, submissionMissing, scanInt[int64], `SELECT id FROM submissions WHERE id = ?`, int64(id))
	return err
}

// List implements store.Submissions.
func (t submissions) List(ctx context.Context, ids []civic.SubmissionID) ([]civic.Submission, error) {
	found, err := list(ctx, t.tx, scanSubmission, "SELECT "+submissionSelect+" FROM submissions s WHERE s.id IN LIST(?)", t.d.set(ints(ids)))
	if err != nil {
		return nil, err
	}
	return inOrder(ids, found, idOfSubmission), nil
}

func idOfSubmission(s civic.Submission) civic.SubmissionID { return s.ID }

// inOrder returns those of found that ids names, as often and in the order in
// which it names them.
func inOrder[T any](ids []civic.SubmissionID, found []T, idOf func(T) civic.SubmissionID) []T {
	byID := make(map[civic.SubmissionID]T, len(found))
	for _, v := range found {
		byID[idOf(v)] = v
	}
	out := make([]T, 0, len(ids))
	for _, id := range ids {
		if v, ok := byID[id]; ok {
			out = append(out, v)
		}
	}
	return out
}

// After implements store.Submissions.
func (t submissions) After(ctx context.Context, after civic.SubmissionID, limit int) ([]civic.Submission, error) {
	return list(ctx, t.tx, scanSubmission, "SELECT "+submissionSelect+" FROM submissions s WHERE s.id > ? ORDER BY s.id LIMIT ?", int64(after), limit)
}

const overdueSQL = `SELECT id FROM submissions WHERE due_at < ? AND NOT overdue_noted AND ` + isOpen + ` ORDER BY due_at, id LIMIT ?`

// NewlyOverdue implements store.Submissions.
func (t submissions) NewlyOverdue(ctx context.Context, now time.Time, limit int) ([]civic.SubmissionID, error) {
	return list(ctx, t.tx, scanInt[civic.SubmissionID], overdueSQL, now, limit)
}

// NoteOverdue implements store.Submissions.
func (t submissions) NoteOverdue(ctx context.Context, id civic.SubmissionID) (bool, error) {
	n, err := t.exec(ctx, `UPDATE submissions SET overdue_noted = TRUE WHERE id = ? AND NOT overdue_noted`, int64(id))
	switch {
	case err != nil:
		return false, err
	case n == 0:
		return false, t.exists(ctx, id)
	}
	return true, t.IndexQueue().Mark(ctx, id)
}

// ForgetOverdue implements store.Submissions.
func (t submissions) ForgetOverdue(ctx context.Context, id civic.SubmissionID) error {
	return t.must(ctx, submissionMissing, `UPDATE submissions SET overdue_noted = FALSE WHERE id = ?`, int64(id))
}

const silentSQL = `SELECT id FROM submissions WHERE state = 'answered' AND answered_at < ? ORDER BY answered_at, id LIMIT ?`

// Silent implements store.Submissions.
func (t submissions) Silent(ctx context.Context, before time.Time, limit int) ([]civic.SubmissionID, error) {
	return list(ctx, t.tx, scanInt[civic.SubmissionID], silentSQL, before, limit)
}

const countSQL = `SELECT state, count(*) FROM submissions WHERE ` + isOpen + ` GROUP BY state
	UNION ALL SELECT state, count(*) FROM submissions WHERE ` + isSettled + ` GROUP BY state`

// Count implements store.Submissions. Open and settled cases are counted apart,
// each within an index.
func (t submissions) Count(ctx context.Context) (map[civic.State]int, error) {
	counts := map[civic.State]int{}
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var state civic.State
		var n int
		err := r.Scan(&state, &n)
		counts[state] = n
		return struct{}{}, err
	}, countSQL)
	return counts, err
}

var _ store.Submissions = submissions{}
