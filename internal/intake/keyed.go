package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Keyed is what a member of staff writes down for somebody: a letter, a visit,
// a telephone call.
type Keyed struct {
	civic.Draft // Channel is one of civic.KeyedChannels
	// ReceivedOn is the day on which it came. The clocks run from then, however
	// long it lay.
	ReceivedOn civic.Date
	Consent    civic.Consent
	// Signed is what the guardian of a child signed.
	Signed Signed
	// Key tells one form from another, so that a second click stores nothing.
	Key string
}

// oldestLetter is how long ago a letter may have come: a year, so that a slip in
// the year is noticed and a drawer can still be emptied.
const oldestLetter = 366 * 24 * time.Hour

// CheckKeyed fails with Invalid and names every wrong field.
func (s *Service) CheckKeyed(actor civic.Actor, k *Keyed) error {
	if err := actor.CheckPermission(civic.KeyIn); err != nil {
		return err
	}
	k.AcceptTerms = true // the law tells the agency to take it; there is no form that the sender agreed to
	normalise(&k.Draft)
	now := s.Now()
	wrong := errs.FieldsOf(k.Check(s.Registry, now))
	if !k.Channel.Keyed() {
		wrong = append(wrong, required("via", string(k.Channel)))
	}
	switch day := k.ReceivedOn.Start(); {
	case k.ReceivedOn == civic.Date{}:
		wrong = append(wrong, errs.Field{Name: "received_on", Code: "field.required"})
	case day.After(now):
		wrong = append(wrong, errs.Field{Name: "received_on", Code: "field.in_future"})
	case now.Sub(day) > oldestLetter:
		wrong = append(wrong, errs.Field{Name: "received_on", Code: "field.too_long_ago"})
	}
	if !slices.Contains(civic.KeyedConsents, k.Consent) {
		wrong = append(wrong, required("keyed_consent", string(k.Consent)))
	}
	if k.PublishName && k.Consent == civic.ConsentNone {
		wrong = append(wrong, errs.Field{Name: "consent.publish_name", Code: "field.without_consent"})
	}
	return errs.InvalidFields(wrong...)
}

// required is what is wrong with a choice: none was made, or one that is not
// offered.
func required(name, value string) errs.Field {
	if value == "" {
		return errs.Field{Name: name, Code: "field.required"}
	}
	return errs.Field{Name: name, Code: "field.unknown_value"}
}

// KeyIn stores what a member of staff wrote down, like any other submission:
// matched and routed, and nothing about it is decided by who keyed it in. The
// history says who that was.
func (s *Service) KeyIn(ctx context.Context, actor civic.Actor, k Keyed) (Acknowledgement, error) {
	if err := s.CheckKeyed(actor, &k); err != nil {
		return Acknowledgement{}, err
	}
	plain, err := json.Marshal(k)
	if err != nil {
		return Acknowledgement{}, fmt.Errorf("write down what was keyed in: %w", err)
	}
	key := sha256.Sum256([]byte(fmt.Sprintf("keyed %d %s", actor.User, k.Key)))
	r := Request{Draft: k.Draft, IdempotencyKey: hex.EncodeToString(key[:]), BodyHash: sha256.Sum256(plain)}
	now := s.Now()
	r.keyed = &keyedBy{user: actor.User, at: k.ReceivedOn.Start(), consent: k.Consent, signed: k.Signed}
	if k.ReceivedOn == civic.DateOf(now) {
		r.keyed.at = now
	}
	return s.store(ctx, r, now)
}

// keyedBy is what a receipt says of something that staff wrote down.
type keyedBy struct {
	user    civic.UserID
	at      time.Time // when it came
	consent civic.Consent
	signed  Signed
}

// into puts it into the receipt, which was made for now.
func (k *keyedBy) into(r *store.Receipt, now time.Time) {
	sub := &r.Submission
	sub.ReceivedAt, sub.Consent = k.at, k.consent
	r.Events[0].At = k.at
	r.Events = append(r.Events, civic.Event{
		At: now, Type: civic.EventKeyedIn, Actor: civic.ActorStaff, User: k.user, From: civic.Received, To: civic.Received, Reason: string(sub.Channel),
	})
}

// reprintable is how long whoever keyed something in may print its receipt.
const reprintable = 24 * time.Hour

// KeyedReceipt is the receipt of something that the actor keyed in, for a day:
// the person stands at the counter, or the letter is put into the post. After
// that, and to everybody else, it does not exist.
func (s *Service) KeyedReceipt(ctx context.Context, actor civic.Actor, code civic.Code) (civic.Submission, Acknowledgement, error) {
	if err := actor.CheckPermission(civic.KeyIn); err != nil {
		return civic.Submission{}, Acknowledgement{}, err
	}
	var sub civic.Submission
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if sub, err = tx.Submissions().GetByCode(ctx, code); err != nil {
			return err
		}
		events, err := tx.Events().List(ctx, sub.ID)
		if err != nil {
			return err
		}
		own := slices.ContainsFunc(events, func(e civic.Event) bool {
			return e.Type == civic.EventKeyedIn && e.User == actor.User && s.Now().Sub(e.At) < reprintable
		})
		if !own {
			return errNotFound
		}
		return nil
	})
	if err != nil {
		return civic.Submission{}, Acknowledgement{}, fmt.Errorf("show the receipt: %w", err)
	}
	ack, err := s.acknowledge(store.Received{Code: code, ReceivedAt: sub.ReceivedAt})
	return sub, ack, err
}
