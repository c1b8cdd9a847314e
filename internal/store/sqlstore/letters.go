package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

const messageMovedOn = "message.moved_on"

// Letters implements store.Messages.
func (t messages) Letters(ctx context.Context, q store.LettersQuery) (store.LettersPage, error) {
	// A follower is with the agency of what it follows.
	const from = ` FROM messages m JOIN submissions s ON s.id = m.submission_id LEFT JOIN submissions r ON r.id = s.root_id
		LEFT JOIN users u ON u.id = m.settled_by WHERE m.channel = 'post' AND (s.restricted OR COALESCE(r.restricted, FALSE)) = ?`
	const agency = `CASE WHEN s.agency = '' THEN COALESCE(r.agency, '') ELSE s.agency END`
	where, order, args := ` AND m.state = 'queued'`, ` ORDER BY m.id`, []any{q.Protected}
	if !q.PostedSince.IsZero() {
		where, order, args = ` AND m.state = 'sent' AND m.settled_at >= ?`, ` ORDER BY m.settled_at DESC, m.id DESC`, append(args, q.PostedSince)
	}
	if q.Scope != nil {
		where, args = where+` AND `+agency+` IN LIST(?)`, append(args, t.d.set(texts(q.Scope)))
	}
	total, err := t.count(ctx, `SELECT count(*)`+from+where, args...)
	if err != nil || q.Limit == 0 {
		return store.LettersPage{Total: total}, err
	}
	items, err := list(ctx, t.tx, func(r row) (l store.Letter, err error) {
		return l, r.Scan(append(messageTargets(&l.Message), &l.Code, &l.Agency, &l.PostedByName)...)
	}, `SELECT m.id, m.submission_id, m.kind, m.language, m.state, m.reason, m.created_at, CASE WHEN m.state = 'sent' THEN m.settled_at END, m.channel,
		m.digest_at, m.version, m.settled_by, s.code, `+agency+`, COALESCE(u.name, '')`+from+where+order+` LIMIT ?`, append(args, q.Limit)...)
	return store.LettersPage{Total: total, Items: items}, err
}

// Posted implements store.Messages.
func (t messages) Posted(ctx context.Context, id int64, version int, by civic.UserID, now time.Time) (bool, error) {
	const query = `UPDATE messages SET state = 'sent', settled_at = ?, settled_by = ?, version = version + 1
		WHERE id = ? AND version = ? AND channel = 'post' AND state = 'queued'`
	n, err := t.exec(ctx, query, now, ref(by), id, version)
	if err != nil || n == 1 {
		return n == 1, err
	}
	return false, t.before(ctx, id, version, civic.MessageSent)
}

// Unposted implements store.Messages.
func (t messages) Unposted(ctx context.Context, id int64, version int) (bool, error) {
	const query = `UPDATE messages SET state = 'queued', settled_at = NULL, settled_by = NULL, version = version + 1
		WHERE id = ? AND version = ? AND channel = 'post' AND state = 'sent'`
	n, err := t.exec(ctx, query, id, version)
	if err != nil || n == 1 {
		return n == 1, err
	}
	return false, t.before(ctx, id, version, civic.MessageQueued)
}

// before returns nil when the change of a letter of that version into a state
// was recorded before.
func (t messages) before(ctx context.Context, id int64, version int, state civic.MessageState) error {
	m, err := t.Get(ctx, id)
	if err == nil && (m.Version != version+1 || m.State != state) {
		err = errs.New(errs.Conflict, messageMovedOn)
	}
	return err
}

// AddTo implements store.Messages.
func (t messages) AddTo(ctx context.Context, m civic.Message, c store.SealedContact) (int64, error) {
	id, err := t.Add(ctx, m)
	if err != nil {
		return 0, err
	}
	return id, t.must(ctx, messageMissing, `UPDATE messages SET wrapped_key = ?, sealed = ? WHERE id = ?`, c.WrappedKey, c.Sealed, id)
}

// Addressee implements store.Messages.
func (t messages) Addressee(ctx context.Context, id int64) (store.SealedContact, error) {
	return get(ctx, t.tx, messageMissing, func(r row) (c store.SealedContact, err error) {
		return c, r.Scan(&c.WrappedKey, &c.Sealed)
	}, `SELECT wrapped_key, sealed FROM messages WHERE id = ? AND wrapped_key IS NOT NULL`, id)
}

// alike is the condition under which message m goes by a way to whoever the
// message goes to, with its argument: to the same mailbox or number, or where
// that is not known, about the same case.
func (t messages) alike(ctx context.Context, id int64, way civic.Way) (condition string, arg any, err error) {
	m, err := t.Get(ctx, id)
	if err != nil {
		return "", nil, err
	}
	column := "email_index"
	if way == civic.BySMS {
		column = "phone_index"
	}
	known, err := list(ctx, t.tx, func(r row) (s string, err error) { return s, r.Scan(&s) },
		`SELECT `+column+` FROM contacts WHERE submission_id = ? AND `+column+` <> ''`, int64(m.Submission))
	if err != nil || len(known) == 0 {
		return ` AND m.submission_id = ?`, int64(m.Submission), err
	}
	return ` AND m.submission_id IN (SELECT submission_id FROM contacts WHERE ` + column + ` <> '' AND ` + column + ` = ?)`, known[0], nil
}

// Crowd implements store.Messages.
func (t messages) Crowd(ctx context.Context, id int64, way civic.Way, kinds []civic.MessageKind, since time.Time) (int, error) {
	alike, arg, err := t.alike(ctx, id, way)
	if err != nil {
		return 0, err
	}
	return t.count(ctx, `SELECT count(*) FROM messages m WHERE m.kind IN LIST(?) AND ((m.state = 'queued' AND m.channel IN ('', ?))
		OR (m.state = 'sent' AND m.channel = ? AND m.digest_at IS NULL AND m.settled_at > ?))`+alike,
		t.d.set(texts(kinds)), string(way), string(way), since, arg)
}

// Hold implements store.Messages.
func (t messages) Hold(ctx context.Context, id int64, until time.Time) error {
	return t.must(ctx, messageMissing, `UPDATE messages SET digest_at = ? WHERE id = ?`, until, id)
}

// Held implements store.Messages.
func (t messages) Held(ctx context.Context, id int64) ([]civic.Message, error) {
	m, err := t.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	alike, arg, err := t.alike(ctx, id, m.Way)
	if err != nil {
		return nil, err
	}
	return list(ctx, t.tx, scanMessage,
		messageSelect+` m WHERE m.state = 'queued' AND m.digest_at IS NOT NULL AND m.channel = ?`+alike+` ORDER BY m.id`, string(m.Way), arg)
}

// DueDigests implements store.Messages.
func (t messages) DueDigests(ctx context.Context, now time.Time, limit int) ([]int64, error) {
	const index = `CASE WHEN m.channel = 'sms' THEN COALESCE(c.phone_index, '') ELSE COALESCE(c.email_index, '') END`
	return list(ctx, t.tx, scanInt[int64], `SELECT min(m.id) FROM messages m LEFT JOIN contacts c ON c.submission_id = m.submission_id
		WHERE m.state = 'queued' AND m.digest_at <= ? GROUP BY m.channel, `+index+`, CASE WHEN `+index+` = '' THEN m.submission_id ELSE 0 END
		ORDER BY 1 LIMIT ?`, now, limit)
}
