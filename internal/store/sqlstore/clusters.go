package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var (
	_ store.Memberships = matches{}
	_ store.Parts       = parts{}
)

const (
	membershipMissing = "membership.not_found"
	membershipColumns = `submission_id, root_id, joined_at, joined_by, user_id, jaccard, reason, told_answer`
	membershipSelect  = `SELECT ` + membershipColumns + ` FROM memberships`
)

func scanMembership(r row) (m civic.Membership, err error) {
	return m, r.Scan(&m.Submission, &m.Root, at(&m.JoinedAt), &m.By, id(&m.User), &m.Jaccard, &m.Reason, &m.Told)
}

// Join implements store.Memberships.
func (t matches) Join(ctx context.Context, m civic.Membership) error {
	const query = `INSERT INTO memberships (` + membershipColumns + `, received_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT received_at FROM submissions WHERE id = ?)) ON CONFLICT (submission_id) DO NOTHING`
	n, err := t.exec(ctx, query,
		int64(m.Submission), int64(m.Root), m.JoinedAt, string(m.By), ref(m.User), m.Jaccard, m.Reason, m.Told, int64(m.Submission))
	switch {
	case err != nil:
		return err
	case n == 0:
		return errs.New(errs.Conflict, "membership.exists")
	}
	return t.IndexQueue().Mark(ctx, m.Submission, m.Root)
}

// Leave implements store.Memberships.
func (t matches) Leave(ctx context.Context, submission civic.SubmissionID) (civic.Membership, error) {
	const query = `DELETE FROM memberships WHERE submission_id = ? RETURNING ` + membershipColumns
	m, err := get(ctx, t.tx, membershipMissing, scanMembership, query, int64(submission))
	if err != nil {
		return civic.Membership{}, err
	}
	return m, t.IndexQueue().Mark(ctx, m.Submission, m.Root)
}

// Membership implements store.Memberships.
func (t matches) Membership(ctx context.Context, submission civic.SubmissionID) (civic.Membership, error) {
	return get(ctx, t.tx, membershipMissing, scanMembership, membershipSelect+` WHERE submission_id = ?`, int64(submission))
}

// Roots implements store.Memberships.
func (t matches) Roots(ctx context.Context, ids []civic.SubmissionID) (map[civic.SubmissionID]civic.SubmissionID, error) {
	found := map[civic.SubmissionID]civic.SubmissionID{}
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var member, root civic.SubmissionID
		err := r.Scan(&member, &root)
		found[member] = root
		return struct{}{}, err
	}, `SELECT submission_id, root_id FROM memberships WHERE submission_id IN LIST(?)`, t.d.set(ints(ids)))
	return found, err
}

// Members implements store.Memberships.
func (t matches) Members(ctx context.Context, root civic.SubmissionID, limit int) ([]civic.Membership, int, error) {
	total, err := t.count(ctx, `SELECT count(*) FROM memberships WHERE root_id = ?`, int64(root))
	if err != nil || total == 0 {
		return nil, 0, err
	}
	members, err := list(ctx, t.tx, scanMembership, membershipSelect+` WHERE root_id = ? ORDER BY received_at, submission_id LIMIT ?`, int64(root), limit)
	return members, total, err
}

// Span implements store.Memberships. Each end is one step into the index.
func (t matches) Span(ctx context.Context, root civic.SubmissionID) (first, last time.Time, err error) {
	const query = `SELECT (SELECT received_at FROM memberships WHERE root_id = ? ORDER BY received_at LIMIT 1),
		(SELECT received_at FROM memberships WHERE root_id = ? ORDER BY received_at DESC LIMIT 1)`
	return first, last, t.scan(ctx, []any{at(&first), at(&last)}, query, int64(root), int64(root))
}

// Followers implements store.Memberships.
func (t matches) Followers(ctx context.Context, roots []civic.SubmissionID) (map[civic.SubmissionID]int, error) {
	found := map[civic.SubmissionID]int{}
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var root civic.SubmissionID
		var n int
		err := r.Scan(&root, &n)
		found[root] = n
		return struct{}{}, err
	}, `SELECT root_id, count(*) FROM memberships WHERE root_id IN LIST(?) GROUP BY root_id`, t.d.set(ints(roots)))
	return found, err
}

// markMembers marks a root's members for both indexes.
const markMembers = `INSERT INTO index_queue (index_name, submission_id)
	SELECT n.name, m.submission_id FROM memberships m CROSS JOIN (SELECT 'public' AS name UNION ALL SELECT 'staff') n
	WHERE m.root_id = ? ORDER BY m.submission_id, n.name ` + raiseMark

// MoveMembers implements store.Memberships. Submissions are written before
// their memberships, as whoever changes one of them does.
func (t matches) MoveMembers(ctx context.Context, from, to civic.SubmissionID) error {
	const roots = `UPDATE submissions SET root_id = ? WHERE id IN (SELECT submission_id FROM memberships WHERE root_id = ?)`
	n, err := t.exec(ctx, roots, int64(to), int64(from))
	if err != nil || n == 0 {
		return err
	}
	if _, err := t.exec(ctx, markMembers, int64(from)); err != nil {
		return err
	}
	const move = `UPDATE memberships SET root_id = ?, told_answer = 0 WHERE root_id = ?`
	if _, err := t.exec(ctx, move, int64(to), int64(from)); err != nil {
		return err
	}
	return t.IndexQueue().Mark(ctx, from, to)
}

// Untold implements store.Memberships.
func (t matches) Untold(ctx context.Context, root civic.SubmissionID, answer int64, limit int) ([]civic.SubmissionID, error) {
	const query = `SELECT submission_id FROM memberships WHERE root_id = ? AND told_answer < ? ORDER BY told_answer, submission_id LIMIT ?`
	return list(ctx, t.tx, scanInt[civic.SubmissionID], query, int64(root), answer, limit)
}

// SetTold implements store.Memberships.
func (t matches) SetTold(ctx context.Context, ids []civic.SubmissionID, answer int64) error {
	_, err := t.exec(ctx, `UPDATE memberships SET told_answer = ? WHERE submission_id IN LIST(?)`, answer, t.d.set(ints(ids)))
	return err
}

// Barred implements store.Memberships.
func (t matches) Barred(ctx context.Context, a, b civic.SubmissionID) (bool, error) {
	n, err := t.count(ctx, `SELECT count(*) FROM barred_pairs WHERE low_id = ? AND high_id = ?`, int64(min(a, b)), int64(max(a, b)))
	return n > 0, err
}

// barredWith lists, under the name b, what one submission is barred from. It
// takes its id twice.
const barredWith = `(SELECT high_id AS other, barred_at FROM barred_pairs WHERE low_id = ?
	UNION ALL SELECT low_id, barred_at FROM barred_pairs WHERE high_id = ?) AS b`

// BarredFrom implements store.Memberships. It walks the bars of the root, which
// are few, and not those who follow.
func (t matches) BarredFrom(ctx context.Context, root, submission civic.SubmissionID) (bool, error) {
	const query = `SELECT count(*) FROM ` + barredWith + ` WHERE b.other = ?
		OR EXISTS (SELECT 1 FROM memberships m WHERE m.submission_id = b.other AND m.root_id = ?)`
	n, err := t.count(ctx, query, int64(root), int64(root), int64(submission), int64(submission))
	return n > 0, err
}

// Bar implements store.Memberships. The first time stays.
func (t matches) Bar(ctx context.Context, a, b civic.SubmissionID, now time.Time) error {
	_, err := t.exec(ctx, `INSERT INTO barred_pairs (low_id, high_id, barred_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		int64(min(a, b)), int64(max(a, b)), now)
	return err
}

// Unbar implements store.Memberships.
func (t matches) Unbar(ctx context.Context, a, b civic.SubmissionID) error {
	_, err := t.exec(ctx, `DELETE FROM barred_pairs WHERE low_id = ? AND high_id = ?`, int64(min(a, b)), int64(max(a, b)))
	return err
}

// CopyBars implements store.Memberships.
func (t matches) CopyBars(ctx context.Context, from, to civic.SubmissionID) error {
	const query = `INSERT INTO barred_pairs (low_id, high_id, barred_at)
		SELECT CASE WHEN b.other < t.id THEN b.other ELSE t.id END, CASE WHEN b.other < t.id THEN t.id ELSE b.other END, b.barred_at
		FROM ` + barredWith + ` CROSS JOIN (SELECT CAST(? AS bigint) AS id) AS t WHERE b.other <> t.id ON CONFLICT DO NOTHING`
	_, err := t.exec(ctx, query, int64(from), int64(from), int64(to))
	return err
}

// Add implements store.Parts.
func (t parts) Add(ctx context.Context, origin, part civic.SubmissionID, now time.Time) error {
	_, err := t.exec(ctx, `INSERT INTO case_parts (part_id, origin_id, added_at) VALUES (?, ?, ?)`, int64(part), int64(origin), now)
	return err
}

// Origin implements store.Parts.
func (t parts) Origin(ctx context.Context, part civic.SubmissionID) (civic.SubmissionID, error) {
	return get(ctx, t.tx, "part.not_found", scanInt[civic.SubmissionID], `SELECT origin_id FROM case_parts WHERE part_id = ?`, int64(part))
}

// List implements store.Parts.
func (t parts) List(ctx context.Context, origin civic.SubmissionID) ([]civic.SubmissionID, error) {
	return list(ctx, t.tx, scanInt[civic.SubmissionID], `SELECT part_id FROM case_parts WHERE origin_id = ? ORDER BY part_id`, int64(origin))
}
