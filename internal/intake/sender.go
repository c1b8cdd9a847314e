package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// tries bounds how fast secrets can be guessed for one code: ten at once, then
// one a minute. At that pace 19^8 secrets last for thousands of years.
var tries = limit.Rule{Name: "track", Burst: 10, Every: time.Minute}

// Open checks code and secret as people type them and returns the code and the
// bearer token of the sender's view. A wrong pair is NotFound, whichever half
// is wrong; too many tries for one code are RateLimited.
func (s *Service) Open(ctx context.Context, typedCode, secret string) (civic.Code, string, error) {
	code, err := civic.ParseCode(typedCode)
	if err != nil {
		return "", "", err
	}
	if v := s.Limits.Allow(ctx, tries, s.Keys.Pseudonym("track", string(code))); !v.Allowed {
		return "", "", &errs.Error{Kind: errs.RateLimited, Code: "track.too_many_tries", RetryAfter: v.RetryAfter}
	}
	ok, err := s.Keys.SecretMatches(code, secret)
	if err != nil {
		return "", "", fmt.Errorf("compare the secret: %w", err)
	}
	if !ok {
		return "", "", errs.New(errs.NotFound, "track.no_match")
	}
	token := s.Keys.Token(code)
	if _, err := s.Sender(ctx, code, token); err != nil {
		if isNotFound(err) {
			return "", "", errs.New(errs.NotFound, "track.no_match")
		}
		return "", "", err
	}
	return code, token, nil
}

// Again is the acknowledgement of a submission that was received before, for a
// caller who proved to be its sender, and whether a receipt goes out by mail.
func (s *Service) Again(ctx context.Context, code civic.Code) (ack Acknowledgement, byMail bool, err error) {
	var sub civic.Submission
	err = s.Store.View(ctx, func(tx store.Tx) error {
		if sub, err = tx.Submissions().GetByCode(ctx, code); err != nil {
			return err
		}
		mails, err := tx.Messages().List(ctx, sub.ID)
		byMail = slices.ContainsFunc(mails, func(m civic.Message) bool {
			return m.Kind == civic.MessageReceipt && m.State != civic.MessageNotSent
		})
		return err
	})
	if err != nil {
		return Acknowledgement{}, false, fmt.Errorf("acknowledge again: %w", err)
	}
	ack, err = s.acknowledge(store.Received{Code: code, ReceivedAt: sub.ReceivedAt, Replayed: true})
	return ack, byMail, err
}

// Sender returns the actor who holds the token of a submission, or NotFound.
func (s *Service) Sender(ctx context.Context, code civic.Code, token string) (civic.Actor, error) {
	if !s.Keys.TokenMatches(code, token) {
		return civic.Actor{}, errNotFound
	}
	var actor civic.Actor
	err := s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		actor = civic.SenderOf(sub.ID)
		return err
	})
	if err != nil {
		return civic.Actor{}, fmt.Errorf("look up the code: %w", err)
	}
	return actor, nil
}

// View is what a sender sees of the own submission.
type View struct {
	Submission civic.Submission
	// Timeline holds the events a sender may see, oldest first, without names
	// of staff.
	Timeline []civic.Event
	// Answer is the approved answer, nil until there is one. For a submission
	// that follows another it is the other's.
	Answer *civic.Answer
	// Versions are when it was sent and put right, Commitments what it promises.
	Versions    []civic.AnswerVersion
	Commitments []civic.Commitment
	// Inquiries are what the agency asked and the sender replied, the oldest
	// first.
	Inquiries []civic.Inquiry
	// Rating is what the sender said of the answer, nil until then.
	Rating *civic.Rating
	// Root is the submission that this one follows, nil when it follows none.
	// It was sent by somebody else: only State, Agency, DueAt and AnsweredAt
	// are filled in.
	Root *civic.Submission
	// Messages are what was or was not sent to the sender, the oldest first.
	Messages []civic.Message
	// Contact is what is known of the sender, masked; zero where nothing is or
	// where it was erased.
	Contact civic.Contact
	// Guardian is where the consent stands that a child needs, nil where the
	// sender is none.
	Guardian *civic.GuardianConsent
	// Reach is what the sender chose about messages.
	Reach civic.Reach
	// MayObject tells that the sender may still say that the submission
	// differs from the one that it follows.
	MayObject bool
	// Parts are the cases that staff made out of the submission, one for each
	// thing that it asked for. Only Code and State are filled in.
	Parts []civic.Submission
}

// Answered is the submission whose answer this view shows: the own one or, of
// one that follows another, the other.
func (v *View) Answered() civic.Submission {
	if v.Root != nil {
		return *v.Root
	}
	return v.Submission
}

// Case returns the sender's view. The actor must be the sender.
func (s *Service) Case(ctx context.Context, actor civic.Actor, code civic.Code) (View, error) {
	var v View
	err := s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := casework.Own(ctx, tx, actor, code)
		if err != nil {
			return err
		}
		v = View{Submission: sub}
		v.Submission.Assignee, v.Submission.Hold, v.Submission.TriageReason = 0, "", "" // the house's own business
		if err := s.fillTelling(ctx, tx, &v); err != nil {
			return err
		}
		return v.fill(ctx, tx)
	})
	if err != nil {
		return View{}, fmt.Errorf("show the sender's case: %w", err)
	}
	return v, nil
}

// fillTelling adds how the sender is told.
func (s *Service) fillTelling(ctx context.Context, tx store.Tx, v *View) error {
	contact, ok, err := casework.Contact(ctx, tx, s.Keys, v.Submission)
	if err != nil {
		return err
	}
	if ok {
		v.Contact = contact.Masked()
	}
	if v.Submission.Guardian.Child() {
		g, err := tx.Guardians().Get(ctx, v.Submission.ID)
		if err != nil {
			return err
		}
		g.By = 0
		v.Guardian = &g.GuardianConsent
	}
	if v.Reach, err = tx.Reaches().Get(ctx, v.Submission.ID); err != nil {
		return err
	}
	v.Messages, err = tx.Messages().List(ctx, v.Submission.ID)
	return err
}

func (v *View) fill(ctx context.Context, tx store.Tx) error {
	events, err := tx.Events().List(ctx, v.Submission.ID)
	if err != nil {
		return err
	}
	for _, e := range events {
		if slices.Contains(civic.PublicEvents, e.Type) {
			e.User, e.UserName = 0, ""
			v.Timeline = append(v.Timeline, e)
		}
	}
	v.MayObject = v.Submission.State == civic.Merged && !objected(events)
	if err := v.fillParts(ctx, tx); err != nil {
		return err
	}
	if err := v.fillDialogue(ctx, tx); err != nil {
		return err
	}
	answered := v.Submission
	if v.Submission.State == civic.Merged && v.Submission.Root != 0 {
		root, err := tx.Submissions().Get(ctx, v.Submission.Root)
		if err != nil {
			return err
		}
		// Why the other was refused holds here too; the words were for its sender.
		v.Root = &civic.Submission{
			State: root.State, Agency: root.Agency, DueAt: root.DueAt, AnsweredAt: root.AnsweredAt,
			Rejection: civic.Rejection{Reason: root.Rejection.Reason}, FirstDueAt: root.FirstDueAt, Extended: root.Extended,
		}
		answered = root
	}
	if !civic.WithAnswer.Has(answered.State) && answered.ReopenedAt.IsZero() {
		return nil
	}
	a, err := tx.Answers().Approved(ctx, answered.ID) // of a case that was opened again the one it had
	if err != nil {
		return ignoreNotFound(err)
	}
	all, err := tx.Answers().Versions(ctx, answered.ID)
	if err != nil {
		return err
	}
	v.Versions = civic.VersionsOf(all, a)
	if v.Commitments, err = tx.Commitments().Promised(ctx, answered.ID); err != nil {
		return err
	}
	a.DraftedBy, a.ApprovedBy, a.Remarks = 0, 0, ""
	v.Answer = &a
	return nil
}

// fillDialogue adds what was asked and said about the own submission.
func (v *View) fillDialogue(ctx context.Context, tx store.Tx) (err error) {
	if v.Inquiries, err = tx.Inquiries().List(ctx, v.Submission.ID); err != nil {
		return err
	}
	for i := range v.Inquiries {
		v.Inquiries[i].AskedBy = 0
	}
	r, err := tx.Ratings().Get(ctx, v.Submission.ID)
	if err != nil {
		return ignoreNotFound(err)
	}
	v.Rating = &r
	return nil
}

// objected reports whether the sender objected before.
func objected(events []civic.Event) bool {
	return slices.ContainsFunc(events, func(e civic.Event) bool { return e.Type == civic.EventObjected })
}

func (v *View) fillParts(ctx context.Context, tx store.Tx) error {
	ids, err := tx.Parts().List(ctx, v.Submission.ID)
	if err != nil || len(ids) == 0 {
		return err
	}
	parts, err := tx.Submissions().List(ctx, ids)
	for _, p := range parts {
		v.Parts = append(v.Parts, civic.Submission{Code: p.Code, State: p.State})
	}
	return err
}

// Withdraw takes the submission back, out of the public's sight too. It is
// Conflict once it is settled. Who followed it is not withdrawn with it: the
// earliest of them takes its place, at the agency that has the work.
func (s *Service) Withdraw(ctx context.Context, actor civic.Actor, code civic.Code) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := casework.Own(ctx, tx, actor, code)
		if err != nil {
			return err
		}
		ids := []civic.SubmissionID{sub.ID}
		switch heir, ok, err := cluster.Heir(ctx, tx, sub.ID); {
		case err != nil:
			return err
		case ok:
			ids = append(ids, heir)
		}
		locked, err := tx.Submissions().Lock(ctx, ids...)
		if err != nil {
			return err
		}
		sub = locked[0]
		before := sub
		if err := sub.Move(civic.Withdrawn); err != nil {
			return err
		}
		if sub.Visibility.Public() {
			sub.Visibility = civic.TakenDown
		}
		if err := casework.Write(ctx, tx, civic.ActorSender, before.State, sub, now, civic.Event{Type: civic.EventWithdrawn}); err != nil {
			return err
		}
		passed := cluster.Succession{Root: before, Keep: true, Reason: cluster.ReasonLeadWithdrawn}
		return cluster.Succeed(ctx, tx, passed, cluster.By{Kind: civic.ActorSystem, Now: now})
	})
	if err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	s.committed()
	return nil
}

// Object takes the submission out of the cluster that it follows, because its
// sender says that it differs, and puts it before a person who judges. It may
// be done once, whatever the person decides: a second time is Conflict with
// code objection.used. Nothing that follows nothing can be objected to.
func (s *Service) Object(ctx context.Context, actor civic.Actor, code civic.Code, reason string) error {
	reason = strings.TrimSpace(vitext.Normalize(reason))
	if err := civic.CheckLength("reason", reason, 1, civic.MaxReason); err != nil {
		return err
	}
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := casework.Own(ctx, tx, actor, code)
		if err != nil {
			return err
		}
		ids := []civic.SubmissionID{sub.ID}
		if sub.State == civic.Merged {
			ids = append(ids, sub.Root)
		}
		locked, err := tx.Submissions().Lock(ctx, ids...)
		if err != nil {
			return err
		}
		return object(ctx, tx, locked, reason, now)
	})
	if err != nil {
		return fmt.Errorf("object: %w", err)
	}
	s.committed()
	return nil
}

// object does it to the first of locked, which follows the second.
func object(ctx context.Context, tx store.Tx, locked []civic.Submission, reason string, now time.Time) error {
	sub := locked[0]
	events, err := tx.Events().List(ctx, sub.ID)
	switch {
	case err != nil:
		return err
	case objected(events):
		return errs.New(errs.Conflict, "objection.used")
	case sub.State != civic.Merged || len(locked) == 1:
		return errs.New(errs.Conflict, "objection.follows_nothing")
	case sub.Root != locked[1].ID: // it moved to another root at this moment
		return errs.New(errs.Unavailable, "cluster.moved")
	}
	from := sub.State
	by := cluster.By{Kind: civic.ActorSender, Reason: reason, Now: now}
	then, err := cluster.Leave(ctx, tx, locked[1], &sub, cluster.ReasonObjected, by)
	if err != nil {
		return err
	}
	return casework.Write(ctx, tx, civic.ActorSender, from, sub, now, append([]civic.Event{{Type: civic.EventObjected, Reason: reason}}, then...)...)
}
