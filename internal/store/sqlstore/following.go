package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Following = following{}

const (
	subscriberSelect = `SELECT id, pseudonym, wrapped_key, sealed, language, created_at FROM subscribers WHERE `
	followSelect     = `SELECT id, subscriber_id, submission_id, query, created_at, confirmed_at FROM follows WHERE `
	newsSelect       = `SELECT id, follow_id, subscriber_id, submission_id, what, digest, created_at, told_at FROM follow_news WHERE `
)

func scanSubscriber(r row) (s store.Subscriber, err error) {
	return s, r.Scan(&s.ID, &s.Pseudonym, &s.Contact.WrappedKey, &s.Contact.Sealed, &s.Language, at(&s.CreatedAt))
}

func scanFollow(r row) (f store.Follow, err error) {
	return f, r.Scan(&f.ID, &f.Subscriber, id(&f.Submission), &f.Query, at(&f.CreatedAt), at(&f.ConfirmedAt))
}

func scanNews(r row) (n store.News, err error) {
	return n, r.Scan(&n.ID, &n.Follow, &n.Subscriber, id(&n.Submission), &n.What, &n.Digest, at(&n.CreatedAt), at(&n.ToldAt))
}

// Subscribe implements store.Following.
func (t following) Subscribe(ctx context.Context, s store.Subscriber) (store.Subscriber, error) {
	_, err := t.exec(ctx, `INSERT INTO subscribers (pseudonym, wrapped_key, sealed, language, created_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (pseudonym) DO NOTHING`, s.Pseudonym, s.Contact.WrappedKey, s.Contact.Sealed, string(s.Language), s.CreatedAt)
	if err != nil {
		return store.Subscriber{}, err
	}
	return t.Find(ctx, s.Pseudonym)
}

// Subscriber implements store.Following.
func (t following) Subscriber(ctx context.Context, id int64) (store.Subscriber, error) {
	return get(ctx, t.tx, "subscriber.not_found", scanSubscriber, subscriberSelect+`id = ?`, id)
}

// Find implements store.Following.
func (t following) Find(ctx context.Context, pseudonym string) (store.Subscriber, error) {
	return get(ctx, t.tx, "subscriber.not_found", scanSubscriber, subscriberSelect+`pseudonym = ?`, pseudonym)
}

// AskedUpTo implements store.Following.
func (t following) AskedUpTo(ctx context.Context, subscriber int64, at time.Time) ([]store.Follow, error) {
	return list(ctx, t.tx, scanFollow, followSelect+`subscriber_id = ? AND created_at <= ? ORDER BY id`, subscriber, at)
}

// RemoveSubscriber implements store.Following.
func (t following) RemoveSubscriber(ctx context.Context, id int64) error {
	for _, query := range []string{
		`DELETE FROM follow_news WHERE subscriber_id = ?`, `DELETE FROM follows WHERE subscriber_id = ?`, `DELETE FROM subscribers WHERE id = ?`,
	} {
		if _, err := t.exec(ctx, query, id); err != nil {
			return err
		}
	}
	return nil
}

// Add implements store.Following.
func (t following) Add(ctx context.Context, f store.Follow) (store.Follow, error) {
	_, err := t.exec(ctx, `INSERT INTO follows (subscriber_id, submission_id, query, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		f.Subscriber, ref(f.Submission), f.Query, f.CreatedAt)
	if err != nil {
		return store.Follow{}, err
	}
	if f.Submission != 0 {
		return get(ctx, t.tx, "follow.not_found", scanFollow, followSelect+`subscriber_id = ? AND submission_id = ?`, f.Subscriber, int64(f.Submission))
	}
	return get(ctx, t.tx, "follow.not_found", scanFollow, followSelect+`subscriber_id = ? AND submission_id IS NULL AND query = ?`, f.Subscriber, f.Query)
}

// Get implements store.Following.
func (t following) Get(ctx context.Context, id int64) (store.Follow, error) {
	return get(ctx, t.tx, "follow.not_found", scanFollow, followSelect+`id = ?`, id)
}

// List implements store.Following.
func (t following) List(ctx context.Context, subscriber int64) ([]store.Follow, error) {
	return list(ctx, t.tx, scanFollow, followSelect+`subscriber_id = ? AND confirmed_at IS NOT NULL ORDER BY id`, subscriber)
}

// Confirm implements store.Following.
func (t following) Confirm(ctx context.Context, id int64, at time.Time) error {
	return t.must(ctx, "follow.not_found", `UPDATE follows SET confirmed_at = COALESCE(confirmed_at, ?) WHERE id = ?`, at, id)
}

// Remove implements store.Following.
func (t following) Remove(ctx context.Context, id int64) error {
	f, err := t.Get(ctx, id)
	if err != nil {
		if errs.KindOf(err) == errs.NotFound {
			return nil
		}
		return err
	}
	for _, query := range []string{`DELETE FROM follow_news WHERE follow_id = ?`, `DELETE FROM follows WHERE id = ?`} {
		if _, err := t.exec(ctx, query, id); err != nil {
			return err
		}
	}
	_, err = t.exec(ctx, `DELETE FROM subscribers WHERE id = ? AND NOT EXISTS (SELECT 1 FROM follows WHERE subscriber_id = ?)`, f.Subscriber, f.Subscriber)
	return err
}

// OfCase implements store.Following.
func (t following) OfCase(ctx context.Context, sub civic.SubmissionID, after int64, limit int) ([]store.Follow, error) {
	return list(ctx, t.tx, scanFollow, followSelect+`submission_id = ? AND id > ? AND confirmed_at IS NOT NULL ORDER BY id LIMIT ?`, int64(sub), after, limit)
}

// Searches implements store.Following.
func (t following) Searches(ctx context.Context, after int64, limit int) ([]store.Follow, error) {
	return list(ctx, t.tx, scanFollow, followSelect+`submission_id IS NULL AND confirmed_at IS NOT NULL AND id > ? ORDER BY id LIMIT ?`, after, limit)
}

// SearchIDs implements store.Following.
func (t following) SearchIDs(ctx context.Context, after int64, limit int) ([]int64, error) {
	return list(ctx, t.tx, scanInt[int64], `SELECT id FROM follows WHERE submission_id IS NULL AND confirmed_at IS NOT NULL AND id > ? ORDER BY id LIMIT ?`, after, limit)
}

// AddNews implements store.Following.
func (t following) AddNews(ctx context.Context, n store.News) (int64, error) {
	f, err := t.Get(ctx, n.Follow)
	if err != nil {
		if errs.KindOf(err) == errs.NotFound {
			return 0, nil
		}
		return 0, err
	}
	added, err := t.exec(ctx, `INSERT INTO follow_news (follow_id, subscriber_id, submission_id, what, digest, created_at)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, f.ID, f.Subscriber, int64(n.Submission), n.What, n.Digest, n.CreatedAt)
	if err != nil || added == 0 {
		return 0, err
	}
	found, err := get(ctx, t.tx, "news.not_found", scanNews, newsSelect+`follow_id = ? AND submission_id = ? AND what = ?`, f.ID, int64(n.Submission), n.What)
	return found.ID, err
}

// News implements store.Following.
func (t following) News(ctx context.Context, id int64) (store.News, error) {
	return get(ctx, t.tx, "news.not_found", scanNews, newsSelect+`id = ?`, id)
}

// Waiting implements store.Following.
func (t following) Waiting(ctx context.Context, subscriber int64, limit int) ([]store.News, error) {
	return list(ctx, t.tx, scanNews, newsSelect+`subscriber_id = ? AND told_at IS NULL AND digest = TRUE ORDER BY id LIMIT ?`, subscriber, limit)
}

// SetTold implements store.Following.
func (t following) SetTold(ctx context.Context, ids []int64, at time.Time) error {
	_, err := t.exec(ctx, `UPDATE follow_news SET told_at = ? WHERE told_at IS NULL AND id IN LIST(?)`, at, t.d.set(ids))
	return err
}

// DueDigests implements store.Following.
func (t following) DueDigests(ctx context.Context, before time.Time, limit int) ([]int64, error) {
	return list(ctx, t.tx, scanInt[int64], `SELECT DISTINCT s.id FROM follow_news n JOIN subscribers s ON s.id = n.subscriber_id
		WHERE n.told_at IS NULL AND n.digest = TRUE AND (s.digest_at IS NULL OR s.digest_at < ?) ORDER BY s.id LIMIT ?`, before, limit)
}

// BeginDigest implements store.Following.
func (t following) BeginDigest(ctx context.Context, subscriber int64, at time.Time) error {
	return t.must(ctx, "subscriber.not_found", `UPDATE subscribers SET digest_at = ? WHERE id = ?`, at, subscriber)
}

// RemoveUnconfirmed implements store.Following.
func (t following) RemoveUnconfirmed(ctx context.Context, before time.Time, limit int) (int, error) {
	ids, err := list(ctx, t.tx, scanInt[int64], `SELECT id FROM follows WHERE confirmed_at IS NULL AND created_at < ? ORDER BY created_at LIMIT ?`, before, limit)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := t.Remove(ctx, id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}
