package triage

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/worktime"
)

// soon is how long before the deadline a case counts as due soon: three
// working days of an office, by the plain clock.
const soon = 3 * 24 * time.Hour

// Case is everything about a submission that the person may see.
type Case struct {
	Submission civic.Submission
	Timeline   []civic.Event
	Before     []civic.TextCorrection // what stood in the text before it was put right
	// HasContact tells whether there is a contact. ContactClosed is the code why
	// this person may not look at it, empty where they may; see Look.
	HasContact    bool
	ContactClosed string
	Guardian      *civic.GuardianConsent // nil where the sender is no child
	Route         *civic.Route           // nil until routed
	Scope         *civic.ScopeDecision   // nil until judged
	Answer        *civic.Answer          // nil until drafted
	Inquiries     []civic.Inquiry        // asked of the sender, the oldest first
	Opinions      []civic.Opinion        // asked of other agencies, the oldest first
	Todos         []civic.Todo           // what staff have to do on it, the open ones first
	// Colleagues are those who work on cases and may see this one, with the names
	// by which notes mention them; empty where the person writes no notes.
	Colleagues []Colleague
	Rating     *civic.Rating // nil until rated
	Messages   []civic.Message
	Root       *civic.Submission // what it follows, nil when nothing
	Membership *civic.Membership
	// Members follow this case; Followers is how many in all.
	Members   []civic.Submission
	Followers int
	// First and Last are when the first and the last of the cluster were
	// received; zero without followers.
	First, Last time.Time
	// Similar is nearly the same and did not join, then what may ask for the
	// same, the nearest first.
	Similar []SimilarCase
	// Related are what the case was made out of, and what was made out of it.
	Related      []RelatedCase
	AssigneeName string
	// StandsIn is who does the work of the assignee at the moment, empty while the
	// assignee is there.
	StandsIn string
	// ApprovalAt is the agency at which an answer waits for a second person: the
	// own one, or one above it. Unapprovable tells that there is nobody.
	ApprovalAt   civic.AgencyCode
	Unapprovable bool
}

// Case returns a case within the person's scope.
func (s *Service) Case(ctx context.Context, actor civic.Actor, code civic.Code) (Case, error) {
	var out Case
	err := s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if err := actor.Check(s.Registry, civic.SeeCase, &sub); err != nil {
			return err
		}
		out = Case{Submission: sub}
		return s.fill(ctx, tx, actor, &out)
	})
	if err == nil {
		err = casework.NoteRead(ctx, s.Store, actor, store.NoteCaseRead, out.Submission, "", s.Now())
	}
	if err != nil {
		return Case{}, fmt.Errorf("show the case: %w", err)
	}
	return out, nil
}

func (s *Service) fill(ctx context.Context, tx store.Tx, actor civic.Actor, c *Case) error {
	for _, part := range []func(context.Context, store.Tx, civic.Actor, *Case) error{
		s.fillHistory, s.fillContact, s.fillDecisions, s.fillScope, s.fillCluster, s.fillSimilar, s.fillRelated, s.fillLinked, s.fillPeople, s.fillTeam,
	} {
		if err := part(ctx, tx, actor, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) fillHistory(ctx context.Context, tx store.Tx, _ civic.Actor, c *Case) (err error) {
	if c.Timeline, err = tx.Events().List(ctx, c.Submission.ID); err != nil {
		return err
	}
	if c.Messages, err = tx.Messages().List(ctx, c.Submission.ID); err != nil {
		return err
	}
	if c.Inquiries, err = tx.Inquiries().List(ctx, c.Submission.ID); err != nil {
		return err
	}
	if c.Before, err = tx.Submissions().Corrections(ctx, c.Submission.ID); err != nil {
		return err
	}
	if c.Opinions, err = tx.Opinions().List(ctx, c.Submission.ID); err != nil {
		return err
	}
	rating, err := tx.Ratings().Get(ctx, c.Submission.ID)
	if err := put(&c.Rating, rating, err); err != nil {
		return err
	}
	if c.Submission.Assignee == 0 {
		return nil
	}
	u, err := tx.Users().Get(ctx, c.Submission.Assignee)
	c.AssigneeName = u.Name
	return err
}

func (s *Service) fillDecisions(ctx context.Context, tx store.Tx, _ civic.Actor, c *Case) error {
	route, err := tx.Routes().Get(ctx, c.Submission.ID)
	if err := put(&c.Route, route, err); err != nil {
		return err
	}
	answer, err := tx.Answers().Get(ctx, c.Submission.ID)
	return put(&c.Answer, answer, err)
}

// put sets *to unless err says that there is no such thing.
func put[T any](to **T, value T, err error) error {
	switch {
	case err == nil:
		*to = &value
	case errs.KindOf(err) != errs.NotFound:
		return err
	}
	return nil
}

// asPublished leaves of a case what everybody may read of it: the public
// version in place of the original, nothing in place of a private text.
func asPublished(sub civic.Submission) civic.Submission {
	if !sub.Visibility.Public() {
		sub.PublicTitle, sub.PublicBody = "", ""
	}
	sub.Title, sub.Body, sub.Assignee, sub.Rejection = sub.PublicTitle, sub.PublicBody, 0, civic.Rejection{}
	sub.TriageReason, sub.Hold = "", ""
	return sub
}

// DueStateOf tells how a case stands against its first deadline.
func DueStateOf(sub civic.Submission, now time.Time) civic.DueState {
	switch {
	case !sub.AnsweredAt.IsZero() && worktime.InTime(sub.DueAt, sub.AnsweredAt):
		return civic.AnsweredOn
	case !sub.AnsweredAt.IsZero():
		return civic.AnsweredLate
	case !civic.Open.Has(sub.State):
		return civic.NotDue
	case sub.DueAt.IsZero(): // the clock stands still
		return civic.OnTrack
	case !worktime.InTime(sub.DueAt, now):
		return civic.Overdue
	case sub.DueAt.Sub(now) < soon:
		return civic.DueSoon
	}
	return civic.OnTrack
}
