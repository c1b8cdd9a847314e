package sqlstore

import (
	"context"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

type (
	queueViews struct{ *tx }
	tags       struct{ *tx }
	claims     struct{ *tx }
)

var (
	_ store.QueueViews = queueViews{}
	_ store.Tags       = tags{}
	_ store.Claims     = claims{}
)

const viewMissing = "view.not_found"

var insertViews = insert{
	table: "queue_views", columns: []string{"owner", "agency", "name", "query", "shared", "version", "created_at", "updated_at"},
	types: "itttbizz",
}

const viewSelect = `SELECT v.id, v.owner, v.agency, v.name, v.query, v.shared, v.version, v.created_at, v.updated_at, u.name
	FROM queue_views v JOIN users u ON u.id = v.owner`

func scanView(r row) (v civic.SavedView, err error) {
	return v, r.Scan(&v.ID, &v.Owner, &v.Agency, &v.Name, &v.Query, &v.Shared, &v.Version, at(&v.CreatedAt), at(&v.UpdatedAt), &v.OwnerName)
}

// Add implements store.QueueViews.
func (t queueViews) Add(ctx context.Context, v civic.SavedView) (int64, error) {
	return t.insertRow(ctx, insertViews, []any{int64(v.Owner), string(v.Agency), v.Name, v.Query, v.Shared, 1, v.CreatedAt, v.CreatedAt})
}

// Get implements store.QueueViews.
func (t queueViews) Get(ctx context.Context, id int64) (civic.SavedView, error) {
	return get(ctx, t.tx, viewMissing, scanView, viewSelect+" WHERE v.id = ?", id)
}

// List implements store.QueueViews.
func (t queueViews) List(ctx context.Context, owner civic.UserID, agency civic.AgencyCode) ([]civic.SavedView, error) {
	return list(ctx, t.tx, scanView, viewSelect+" WHERE v.owner = ? OR (v.agency = ? AND v.shared) ORDER BY lower(v.name), v.id", int64(owner), string(agency))
}

// Update implements store.QueueViews.
func (t queueViews) Update(ctx context.Context, v civic.SavedView) error {
	const query = `UPDATE queue_views SET name = ?, query = ?, shared = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?`
	n, err := t.exec(ctx, query, v.Name, v.Query, v.Shared, v.Version, v.UpdatedAt, v.ID, v.Version-1)
	if err == nil && n == 0 {
		return errs.New(errs.Conflict, "view.version_mismatch")
	}
	return err
}

// Remove implements store.QueueViews.
func (t queueViews) Remove(ctx context.Context, id int64) error {
	_, err := t.exec(ctx, "DELETE FROM queue_views WHERE id = ?", id)
	return err
}

// OfAgency implements store.QueueViews.
func (t queueViews) OfAgency(ctx context.Context, agency civic.AgencyCode) ([]civic.SavedView, error) {
	return list(ctx, t.tx, scanView, viewSelect+" WHERE v.agency = ? ORDER BY v.id", string(agency))
}

// Hand implements store.QueueViews.
func (t queueViews) Hand(ctx context.Context, id int64, agency civic.AgencyCode) error {
	return t.must(ctx, viewMissing, "UPDATE queue_views SET agency = ? WHERE id = ?", string(agency), id)
}

const tagSelect = "g.id, g.agency, g.name, g.made_by, g.made_at"

func tagDest(g *civic.Tag) []any { return []any{&g.ID, &g.Agency, &g.Name, &g.MadeBy, at(&g.MadeAt)} }

func scanTag(r row) (g civic.Tag, err error) { return g, r.Scan(tagDest(&g)...) }

// Ensure implements store.Tags. The lower case is Go's: SQLite's knows no
// Vietnamese.
func (t tags) Ensure(ctx context.Context, g civic.Tag) (civic.Tag, error) {
	const add = `INSERT INTO tags (agency, name_key, name, made_by, made_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (agency, name_key) DO NOTHING`
	key := strings.ToLower(g.Name)
	if _, err := t.exec(ctx, add, string(g.Agency), key, g.Name, int64(g.MadeBy), g.MadeAt); err != nil {
		return civic.Tag{}, err
	}
	return get(ctx, t.tx, "tag.not_found", scanTag, "SELECT "+tagSelect+" FROM tags g WHERE g.agency = ? AND g.name_key = ?", string(g.Agency), key)
}

// List implements store.Tags.
func (t tags) List(ctx context.Context, agency civic.AgencyCode) ([]civic.Tag, error) {
	const query = `SELECT ` + tagSelect + `, (SELECT count(*) FROM case_tags c JOIN submissions s ON s.id = c.submission_id
		WHERE c.tag_id = g.id AND s.` + isOpen + `) FROM tags g WHERE g.agency = ? ORDER BY g.name_key`
	return list(ctx, t.tx, func(r row) (g civic.Tag, err error) { return g, r.Scan(append(tagDest(&g), &g.Cases)...) }, query, string(agency))
}

// Put implements store.Tags.
func (t tags) Put(ctx context.Context, id civic.SubmissionID, tag civic.TagID, by civic.UserID, now time.Time) (bool, error) {
	const query = `INSERT INTO case_tags (tag_id, submission_id, added_by, added_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
	n, err := t.exec(ctx, query, int64(tag), int64(id), int64(by), now)
	return n == 1, err
}

// Take implements store.Tags.
func (t tags) Take(ctx context.Context, id civic.SubmissionID, tag civic.TagID) (bool, error) {
	n, err := t.exec(ctx, "DELETE FROM case_tags WHERE tag_id = ? AND submission_id = ?", int64(tag), int64(id))
	return n == 1, err
}

// Hand implements store.Tags.
func (t tags) Hand(ctx context.Context, id civic.TagID, agency civic.AgencyCode) (joined bool, err error) {
	n, err := t.exec(ctx, `UPDATE tags SET agency = ? WHERE id = ? AND NOT EXISTS (SELECT 1 FROM tags o WHERE o.agency = ? AND o.name_key = tags.name_key)`,
		string(agency), int64(id), string(agency))
	if err != nil || n == 1 {
		return false, err
	}
	const cases = `INSERT INTO case_tags (tag_id, submission_id, added_by, added_at)
		SELECT o.id, c.submission_id, c.added_by, c.added_at FROM case_tags c JOIN tags g ON g.id = c.tag_id
		JOIN tags o ON o.agency = ? AND o.name_key = g.name_key AND o.id <> g.id WHERE g.id = ? ON CONFLICT DO NOTHING`
	if _, err := t.exec(ctx, cases, string(agency), int64(id)); err != nil {
		return false, err
	}
	if _, err := t.exec(ctx, "DELETE FROM case_tags WHERE tag_id = ?", int64(id)); err != nil {
		return false, err
	}
	return true, t.must(ctx, "tag.not_found", "DELETE FROM tags WHERE id = ?", int64(id))
}

// Of implements store.Tags.
func (t tags) Of(ctx context.Context, agency civic.AgencyCode, ids []civic.SubmissionID) (map[civic.SubmissionID][]civic.Tag, error) {
	const query = `SELECT c.submission_id, ` + tagSelect + ` FROM case_tags c JOIN tags g ON g.id = c.tag_id
		WHERE c.submission_id IN LIST(?) AND g.agency = ? ORDER BY g.name_key`
	found := map[civic.SubmissionID][]civic.Tag{}
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var id civic.SubmissionID
		var g civic.Tag
		err := r.Scan(append([]any{&id}, tagDest(&g)...)...)
		found[id] = append(found[id], g)
		return struct{}{}, err
	}, query, t.d.set(ints(ids)), string(agency))
	return found, err
}

// Take implements store.Claims. The rows are chosen under a lock that others
// step over. Of who comes just after the commit the insert decides; what it
// leaves out is made up for by the next round.
func (t claims) Take(ctx context.Context, user civic.UserID, now, until time.Time, limit int) ([]civic.SubmissionID, error) {
	pick := "SELECT s.id FROM submissions s WHERE s." + isOpen + ` AND s.state = 'triage'
		AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.submission_id = s.id AND c.expires_at > ?)` +
		queueOrders[store.SortDue] + " LIMIT ?" + t.d.skipLocked()
	const claim = `INSERT INTO claims (submission_id, user_id, claimed_at, expires_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (submission_id) DO UPDATE SET user_id = excluded.user_id, claimed_at = excluded.claimed_at, expires_at = excluded.expires_at
		WHERE claims.expires_at <= excluded.claimed_at`
	var taken []civic.SubmissionID
	for len(taken) < limit {
		ids, err := list(ctx, t.tx, scanInt[civic.SubmissionID], pick, now, limit-len(taken))
		if err != nil || len(ids) == 0 {
			return taken, err
		}
		for _, id := range ids {
			n, err := t.exec(ctx, claim, int64(id), int64(user), now, until)
			if err != nil {
				return nil, err
			}
			if n == 1 {
				taken = append(taken, id)
			}
		}
	}
	return taken, nil
}

// Release implements store.Claims.
func (t claims) Release(ctx context.Context, user civic.UserID, ids ...civic.SubmissionID) (int, error) {
	if len(ids) == 0 {
		return t.exec(ctx, "DELETE FROM claims WHERE user_id = ?", int64(user))
	}
	return t.exec(ctx, "DELETE FROM claims WHERE user_id = ? AND submission_id IN LIST(?)", int64(user), t.d.set(ints(ids)))
}

// Of implements store.Claims.
func (t claims) Of(ctx context.Context, ids []civic.SubmissionID, now time.Time) (map[civic.SubmissionID]civic.Claim, error) {
	const query = `SELECT c.submission_id, c.user_id, u.name, c.claimed_at, c.expires_at FROM claims c JOIN users u ON u.id = c.user_id
		WHERE c.submission_id IN LIST(?) AND c.expires_at > ?`
	found := map[civic.SubmissionID]civic.Claim{}
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var c civic.Claim
		err := r.Scan(&c.Submission, &c.User, &c.UserName, at(&c.ClaimedAt), at(&c.ExpiresAt))
		found[c.Submission] = c
		return struct{}{}, err
	}, query, t.d.set(ints(ids)), now)
	return found, err
}
