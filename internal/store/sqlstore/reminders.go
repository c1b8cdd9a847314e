package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var (
	_ store.Prompts    = prompts{}
	_ store.StaffMails = staffMails{}
	_ store.LateNotes  = lateNotes{}
	_ store.Absences   = absences{}
)

// notAccepted are the states in which the time to forward runs, as the partial
// index has them.
const notAccepted = `state IN ('received', 'triage', 'assigned')`

// Reached implements store.Prompts.
func (t prompts) Reached(ctx context.Context, step string, clock civic.LimitUse, until time.Time, limit int) ([]civic.SubmissionID, error) {
	column, open := "due_at", isOpen
	if clock == civic.ForForwarding {
		column, open = "forward_due_at", notAccepted
	}
	query := `SELECT s.id FROM submissions s WHERE s.` + column + ` <= ? AND s.` + open + `
		AND NOT EXISTS (SELECT 1 FROM deadline_prompts p WHERE p.submission_id = s.id AND p.step = ? AND p.due_at = s.` + column + `)
		ORDER BY s.` + column + `, s.id LIMIT ?`
	return list(ctx, t.tx, scanInt[civic.SubmissionID], query, until, step, limit)
}

// Claim implements store.Prompts.
func (t prompts) Claim(ctx context.Context, p store.Prompt, now time.Time) (int64, bool, error) {
	found, err := list(ctx, t.tx, scanInt[int64], `INSERT INTO deadline_prompts (submission_id, step, due_at, reached_at) VALUES (?, ?, ?, ?)
		ON CONFLICT DO NOTHING RETURNING id`, int64(p.Submission), p.Step, p.DueAt, now)
	if err != nil || len(found) == 0 {
		return 0, false, err
	}
	return found[0], true, nil
}

// Tell implements store.Prompts.
func (t prompts) Tell(ctx context.Context, prompt, mail int64) error {
	_, err := t.exec(ctx, `INSERT INTO prompt_mails (prompt_id, mail_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, prompt, mail)
	return err
}

// OfMail implements store.Prompts.
func (t prompts) OfMail(ctx context.Context, mail int64) ([]store.Prompt, error) {
	return list(ctx, t.tx, func(r row) (p store.Prompt, err error) {
		return p, r.Scan(&p.ID, &p.Submission, &p.Step, at(&p.DueAt))
	}, `SELECT p.id, p.submission_id, p.step, p.due_at FROM prompt_mails m JOIN deadline_prompts p ON p.id = m.prompt_id
		WHERE m.mail_id = ? ORDER BY p.due_at, p.id`, mail)
}

// RemoveReached implements store.Prompts.
func (t prompts) RemoveReached(ctx context.Context, before time.Time, limit int) (int, error) {
	ids, err := list(ctx, t.tx, scanInt[int64], `SELECT p.id FROM deadline_prompts p WHERE p.reached_at < ?
		AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.id = p.submission_id AND s.`+isOpen+`)
		AND NOT EXISTS (SELECT 1 FROM prompt_mails m WHERE m.prompt_id = p.id) ORDER BY p.reached_at LIMIT ?`, before, limit)
	if err != nil {
		return 0, err
	}
	_, err = t.exec(ctx, `DELETE FROM deadline_prompts WHERE id IN LIST(?)`, t.d.set(ids))
	return len(ids), err
}

// Queue implements store.StaffMails.
func (t staffMails) Queue(ctx context.Context, user civic.UserID, kind store.StaffMailKind, now, closes time.Time) (int64, error) {
	open, err := list(ctx, t.tx, scanInt[int64], `SELECT id FROM staff_mails WHERE user_id = ? AND kind = ? AND closes_at > ? AND state = 'queued' ORDER BY id LIMIT 1`,
		int64(user), string(kind), now)
	if err != nil {
		return 0, err
	}
	if len(open) > 0 {
		return open[0], nil
	}
	made, err := list(ctx, t.tx, scanInt[int64], `INSERT INTO staff_mails (user_id, kind, state, created_at, closes_at) VALUES (?, ?, 'queued', ?, ?) RETURNING id`,
		int64(user), string(kind), now, closes)
	if err != nil {
		return 0, err
	}
	_, err = t.Outbox().Put(ctx, store.Job{Kind: store.JobStaffMail, Subject: made[0], NextAt: closes, CreatedAt: now})
	return made[0], err
}

// Get implements store.StaffMails.
func (t staffMails) Get(ctx context.Context, mail int64) (store.StaffMail, error) {
	return get(ctx, t.tx, "staff_mail.not_found", func(r row) (m store.StaffMail, err error) {
		return m, r.Scan(&m.ID, id(&m.User), &m.Kind, &m.State, &m.Reason, at(&m.CreatedAt), at(&m.ClosesAt), at(&m.SettledAt))
	}, `SELECT id, user_id, kind, state, reason, created_at, closes_at, settled_at FROM staff_mails WHERE id = ?`, mail)
}

// Settle implements store.StaffMails.
func (t staffMails) Settle(ctx context.Context, id int64, state civic.MessageState, reason string, now time.Time) (bool, error) {
	n, err := t.exec(ctx, `UPDATE staff_mails SET state = ?, reason = ?, settled_at = ? WHERE id = ? AND state = 'queued'`, string(state), reason, now, id)
	return n == 1, err
}

// RemoveSettled implements store.StaffMails.
func (t staffMails) RemoveSettled(ctx context.Context, before time.Time, limit int) (int, error) {
	ids, err := list(ctx, t.tx, scanInt[int64], `SELECT id FROM staff_mails WHERE settled_at < ? ORDER BY settled_at LIMIT ?`, before, limit)
	if err != nil {
		return 0, err
	}
	for _, query := range []string{`DELETE FROM prompt_mails WHERE mail_id IN LIST(?)`, `DELETE FROM staff_mails WHERE id IN LIST(?)`} {
		if _, err := t.exec(ctx, query, t.d.set(ids)); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// DigestsDue implements store.StaffMails.
func (t staffMails) DigestsDue(ctx context.Context, day civic.Date, limit int) ([]civic.UserID, error) {
	return list(ctx, t.tx, scanInt[civic.UserID], `SELECT u.id FROM users u LEFT JOIN staff_digests d ON d.user_id = u.id
		WHERE u.active AND u.role <> 'service' AND (d.user_id IS NULL OR (NOT d.is_off AND d.last_day < ?)) ORDER BY u.id LIMIT ?`, day.String(), limit)
}

// ClaimDigest implements store.StaffMails.
func (t staffMails) ClaimDigest(ctx context.Context, user civic.UserID, day civic.Date) (bool, error) {
	n, err := t.exec(ctx, `INSERT INTO staff_digests (user_id, last_day) VALUES (?, ?)
		ON CONFLICT (user_id) DO UPDATE SET last_day = excluded.last_day WHERE staff_digests.last_day < excluded.last_day`, int64(user), day.String())
	return n == 1, err
}

// SetDigest implements store.StaffMails.
func (t staffMails) SetDigest(ctx context.Context, user civic.UserID, on bool) error {
	_, err := t.exec(ctx, `INSERT INTO staff_digests (user_id, is_off) VALUES (?, ?)
		ON CONFLICT (user_id) DO UPDATE SET is_off = excluded.is_off`, int64(user), !on)
	return err
}

// WantsDigest implements store.StaffMails.
func (t staffMails) WantsDigest(ctx context.Context, user civic.UserID) (bool, error) {
	n, err := t.count(ctx, `SELECT count(*) FROM staff_digests WHERE user_id = ? AND is_off`, int64(user))
	return n == 0, err
}

// Put implements store.LateNotes.
func (t lateNotes) Put(ctx context.Context, id civic.SubmissionID, next time.Time) error {
	_, err := t.exec(ctx, `INSERT INTO late_notes (submission_id, next_at) VALUES (?, ?)
		ON CONFLICT (submission_id) DO UPDATE SET next_at = excluded.next_at`, int64(id), next)
	return err
}

// Due implements store.LateNotes.
func (t lateNotes) Due(ctx context.Context, now time.Time, limit int) ([]civic.SubmissionID, error) {
	return list(ctx, t.tx, scanInt[civic.SubmissionID], `SELECT submission_id FROM late_notes WHERE next_at <= ? ORDER BY next_at, submission_id LIMIT ?`, now, limit)
}

// IsDue implements store.LateNotes.
func (t lateNotes) IsDue(ctx context.Context, id civic.SubmissionID, now time.Time) (bool, error) {
	n, err := t.count(ctx, `SELECT count(*) FROM late_notes WHERE submission_id = ? AND next_at <= ?`, int64(id), now)
	return n == 1, err
}

// Remove implements store.LateNotes.
func (t lateNotes) Remove(ctx context.Context, id civic.SubmissionID) error {
	_, err := t.exec(ctx, `DELETE FROM late_notes WHERE submission_id = ?`, int64(id))
	return err
}

// Add implements store.Absences. The row of the person is locked, so that two
// that overlap are not added at once.
func (t absences) Add(ctx context.Context, a civic.Absence) (int64, error) {
	if err := t.must(ctx, "user.not_found", `UPDATE users SET active = active WHERE id = ?`, int64(a.User)); err != nil {
		return 0, err
	}
	n, err := t.count(ctx, `SELECT count(*) FROM absences WHERE user_id = ? AND ended_at IS NULL AND from_at < ? AND until_at > ?`, int64(a.User), a.Until, a.From)
	if err != nil {
		return 0, err
	}
	if n > 0 {
		return 0, errs.New(errs.Conflict, "absence.overlaps")
	}
	made, err := list(ctx, t.tx, scanInt[int64], `INSERT INTO absences (user_id, substitute_id, from_at, until_at, written_at, written_by)
		VALUES (?, ?, ?, ?, ?, ?) RETURNING id`, int64(a.User), int64(a.Substitute), a.From, a.Until, a.WrittenAt, ref(a.WrittenBy))
	if err != nil {
		return 0, err
	}
	return made[0], nil
}

const absenceSelect = `SELECT a.id, a.user_id, a.substitute_id, a.from_at, a.until_at, a.written_at, a.written_by, a.ended_at, a.ended_by, u.name, s.name
	FROM absences a JOIN users u ON u.id = a.user_id JOIN users s ON s.id = a.substitute_id `

func scanAbsence(r row) (a civic.Absence, err error) {
	return a, r.Scan(&a.ID, id(&a.User), id(&a.Substitute), at(&a.From), at(&a.Until), at(&a.WrittenAt), id(&a.WrittenBy), at(&a.EndedAt), id(&a.EndedBy),
		&a.Name, &a.StandInsName)
}

// Get implements store.Absences.
func (t absences) Get(ctx context.Context, id int64) (civic.Absence, error) {
	return get(ctx, t.tx, "absence.not_found", scanAbsence, absenceSelect+`WHERE a.id = ?`, id)
}

// End implements store.Absences.
func (t absences) End(ctx context.Context, id int64, by civic.UserID, now time.Time) error {
	return t.must(ctx, "absence.not_found", `UPDATE absences SET ended_at = COALESCE(ended_at, ?), ended_by = COALESCE(ended_by, ?) WHERE id = ?`, now, ref(by), id)
}

// List implements store.Absences.
func (t absences) List(ctx context.Context, after time.Time) ([]civic.Absence, error) {
	return list(ctx, t.tx, scanAbsence, absenceSelect+`WHERE a.until_at > ? ORDER BY a.from_at, a.id`, after)
}
