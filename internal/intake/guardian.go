package intake

import (
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// asksGuardian reports whether a guardian is written to at once. Nobody gets
// mail because of something that a person must check first: that guardian is
// written to when the case is let through.
func (r *Request) asksGuardian() bool {
	return r.Child && len(r.Signs) == 0 && (r.keyed == nil || !r.keyed.signed.Guardian)
}

// addGuardian puts what a child needs into the receipt: the consent of a
// guardian, without which nothing is shown to the public.
func (s *Service) addGuardian(out *store.Receipt, r Request, now time.Time) error {
	sub := &out.Submission
	g := store.SealedGuardian{GuardianConsent: civic.GuardianConsent{NameWished: r.PublishName}}
	sub.Guardian, sub.PublishName = civic.GuardianWaiting, false
	err := casework.LinkGuardian(s.Keys, s.Random, &g)
	if err != nil {
		return err
	}
	if g.Contact, err = casework.SealGuardian(s.Keys, sub.Code, r.Guardian); err != nil {
		return err
	}
	event := civic.Event{At: now, From: civic.Received, To: civic.Received}
	switch {
	case r.asksGuardian():
		casework.ClockGuardian(s.Times, s.Registry.Limits.ForGuardian(), &g.GuardianConsent, now)
	case r.keyed != nil && r.keyed.signed.Guardian:
		r.keyed.sign(sub, &g.GuardianConsent, now)
		event.Type, event.Actor, event.User, event.Reason = civic.EventGuardianConfirmed, civic.ActorStaff, r.keyed.user, "private"
		if g.Publish {
			event.Reason = "publish"
		}
		if g.Name {
			event.Reason = "name"
		}
	}
	if event.Type != "" {
		out.Events = append(out.Events, event)
	}
	out.Guardian = &g
	return nil
}

// Signed is what a guardian signed on the paper that staff key in.
type Signed struct{ Guardian, Publish bool }

// sign keeps that the guardian signed.
func (k *keyedBy) sign(sub *civic.Submission, c *civic.GuardianConsent, now time.Time) {
	c.DecidedAt, c.How, c.By, c.Publish, c.Name = now, civic.GuardianOnPaper, k.user, k.signed.Publish, k.signed.Publish && c.NameWished
	sub.Guardian, sub.PublishName = civic.GuardianPrivate, c.Name
	if c.Publish {
		sub.Guardian = civic.GuardianConfirmed
	}
}
