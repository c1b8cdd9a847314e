package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/seal"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

// guardianLabel keeps what is sealed of a guardian apart from the contact of the
// child.
func guardianLabel(code civic.Code) civic.Code { return "guardian " + code }

// SealGuardian makes a guardian ready for the database.
func SealGuardian(keys *seal.Keys, code civic.Code, g civic.Guardian) (out store.SealedContact, err error) {
	out.WrappedKey, out.Sealed, err = keys.SealContact(guardianLabel(code), g.Contact())
	return out, err
}

// OpenGuardian opens what was sealed. It reports false where it was erased.
func OpenGuardian(keys *seal.Keys, code civic.Code, sealed store.SealedContact) (civic.Guardian, bool, error) {
	if len(sealed.WrappedKey) == 0 {
		return civic.Guardian{}, false, nil
	}
	c, err := keys.OpenContact(guardianLabel(code), sealed.WrappedKey, sealed.Sealed)
	return civic.Guardian{Name: c.Name, Email: c.Email, Phone: c.Phone}, err == nil, err
}

// GuardianToken stands in the address of the page on which a guardian answers.
// Only its hash lies in the database, and what makes it out of the nonce does
// not. It is as short as can be, for a short message must hold it.
func GuardianToken(keys *seal.Keys, nonce string) string {
	return keys.Stamp("guardian", nonce)[:guardianLetters]
}

// guardianLetters are 132 bits.
const guardianLetters = 22

// nonceBytes makes a nonce that nobody guesses.
const nonceBytes = 16

// LinkGuardian gives a guardian a link that nobody had before.
func LinkGuardian(keys *seal.Keys, random io.Reader, g *store.SealedGuardian) error {
	drawn := make([]byte, nonceBytes)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return fmt.Errorf("draw a nonce: %w", err)
	}
	g.Nonce = hex.EncodeToString(drawn)
	g.TokenHash = GuardianTokenHash(GuardianToken(keys, g.Nonce))
	return nil
}

// GuardianTokenHash is what the page finds the submission by.
func GuardianTokenHash(token string) [32]byte { return sha256.Sum256([]byte(token)) }

// perGuardian is how many of these messages one address gets: whoever names a
// guardian need not know the person. Five are the children of a family, and one
// more each day.
var perGuardian = limit.Rule{Name: "guardian", Burst: 5, Every: 24 * time.Hour}

// ReasonManyAsked is why a message to a guardian is kept instead of sent.
const ReasonManyAsked = "many_receipts"

// AskGuardian is the message that asks a guardian, queued unless the address was
// written to often enough, or there is none.
func AskGuardian(ctx context.Context, limits limit.Limiter, keys *seal.Keys, g civic.Guardian) civic.Message {
	m := civic.Message{Kind: civic.MessageGuardian, State: civic.MessageQueued}
	if g.Email == "" && g.Phone == "" {
		m.State, m.Reason = civic.MessageNotSent, "no_address"
		return m
	}
	for _, p := range GuardianPseudonyms(keys, g) {
		if !limits.Allow(ctx, perGuardian, p).Allowed {
			m.State, m.Reason = civic.MessageNotSent, ReasonManyAsked
		}
	}
	return m
}

// GuardianPseudonyms are by what the addresses of a guardian are known where they
// themselves are not kept.
func GuardianPseudonyms(keys *seal.Keys, g civic.Guardian) (out []string) {
	for _, address := range []string{civic.NormalEmail(g.Email), civic.NormalPhone(g.Phone)} {
		if address != "" {
			out = append(out, keys.Pseudonym("guardian", address))
		}
	}
	return out
}

// ClockGuardian lets the time run within which a guardian answers, from an
// instant on.
func ClockGuardian(times *timetable.Times, limits civic.GuardianLimits, c *civic.GuardianConsent, from time.Time) {
	calendar := times.Now().Calendar
	c.AskedAt, c.RemindAt, c.LapseAt = from, calendar.Due(from, limits.Reminder), calendar.Due(from, limits.Consent)
}

// LockFamily locks the submission whose guardian was asked and every case that
// staff made out of it: one answer holds for all. The first is that submission.
func LockFamily(ctx context.Context, tx store.Tx, whole civic.SubmissionID) ([]civic.Submission, error) {
	first, err := tx.Submissions().Lock(ctx, whole) // nothing is made out of it from here on
	if err != nil {
		return nil, err
	}
	ids, err := tx.Guardians().Family(ctx, whole)
	if err != nil {
		return nil, err
	}
	var parts []civic.SubmissionID
	for _, id := range ids {
		if id != whole {
			parts = append(parts, id)
		}
	}
	if len(parts) == 0 {
		return first, nil
	}
	rest, err := tx.Submissions().Lock(ctx, parts...)
	return append(first, rest...), err
}

// GuardianWhole is the submission whose guardian was asked for one of a child.
func GuardianWhole(ctx context.Context, tx store.Tx, id civic.SubmissionID) (civic.SubmissionID, error) {
	g, err := tx.Guardians().Get(ctx, id)
	if err == nil && g.Whole != 0 {
		id = g.Whole
	}
	return id, err
}

// GuardianTurn is how the consent of a guardian changes.
type GuardianTurn struct {
	To civic.GuardianState
	// Consent changes what is kept of it.
	Consent func(c *civic.GuardianConsent)
	// Name tells that the name may be shown.
	Name   bool
	Event  civic.EventType
	Reason string
	By     civic.ActorKind
	User   civic.UserID
}

// TurnGuardian writes the turn to every submission of a family, which is locked.
// Where there is no consent any more, what is public is taken down at once, and
// what is known of the child is erased by a job of its own, after the commit:
// the ledger of erasures must not say what was rolled back.
func TurnGuardian(ctx context.Context, tx store.Tx, family []civic.Submission, t GuardianTurn, now time.Time) error {
	for _, sub := range family {
		g, err := tx.Guardians().Get(ctx, sub.ID)
		if err != nil {
			return err
		}
		t.Consent(&g.GuardianConsent)
		if err := tx.Guardians().Update(ctx, g.GuardianConsent); err != nil {
			return err
		}
		sub.Guardian, sub.PublishName = t.To, t.Name
		if t.To.Ended() {
			if err := unpublish(ctx, tx, &sub); err != nil {
				return err
			}
			if _, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobUnconsented, Subject: int64(sub.ID), CreatedAt: now}); err != nil {
				return err
			}
		}
		e := civic.Event{Type: t.Event, Reason: t.Reason, User: t.User}
		if err := Write(ctx, tx, t.By, sub.State, sub, now, e); err != nil {
			return err
		}
	}
	return nil
}

// unpublish takes a case from the public.
func unpublish(ctx context.Context, tx store.Tx, sub *civic.Submission) error {
	if !sub.Visibility.Public() {
		return nil
	}
	sub.Visibility = civic.TakenDown
	return tx.Attachments().SetPublic(ctx, sub.ID, nil)
}

// WithdrawGuardian takes the consent of a guardian back, for the submission and
// all of its family. Where there is none any more it does nothing.
func WithdrawGuardian(ctx context.Context, tx store.Tx, actor civic.Actor, id civic.SubmissionID, now time.Time) error {
	whole, err := GuardianWhole(ctx, tx, id)
	if err != nil {
		return err
	}
	family, err := LockFamily(ctx, tx, whole)
	if err != nil || family[0].Guardian.Ended() { // there is none to take back
		return err
	}
	return TurnGuardian(ctx, tx, family, GuardianTurn{
		To: civic.GuardianWithdrawn, Event: civic.EventGuardianWithdrawn, By: actor.Kind, User: actor.User,
		Consent: func(c *civic.GuardianConsent) {
			if c.DecidedAt.IsZero() {
				c.DecidedAt = now
			}
			c.EndedAt = now
		},
	}, now)
}

// CheckGuardian fails while the guardian of a child has not agreed that the case
// becomes public. It is what stands before every publication.
func CheckGuardian(sub civic.Submission) error {
	switch {
	case sub.Guardian.Publishable():
		return nil
	case sub.Guardian == civic.GuardianWaiting:
		return errs.New(errs.Conflict, "submission.guardian_waiting")
	}
	return errs.New(errs.Conflict, "submission.guardian_not_agreed")
}
