package triage

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
	"hienke/internal/store"
	"hienke/internal/worktime"
)

// QueueRequest is what a person asks of the queue. Empty fields do not filter.
type QueueRequest struct {
	States   []civic.State
	Agencies []civic.AgencyCode
	Topics   []civic.TopicCode
	Scopes   []civic.Scope
	Channels []civic.Channel
	Held     bool           // only what must be checked first
	Due      civic.DueState // OnTrack, DueSoon or Overdue; empty does not filter
	Mine     bool           // only what the person has accepted
	Text     string         // words, or a code
	Sort     store.QueueSort
	Page     int
	PerPage  int
}

// soon is how long before the deadline a case counts as due soon: three
// working days of an office, by the plain clock.
const soon = 3 * 24 * time.Hour

// maxTextHits bounds how many cases a text search in the queue looks at.
const maxTextHits = 1000

// Queue returns a page of the queue within the person's scope.
func (s *Service) Queue(ctx context.Context, actor civic.Actor, r QueueRequest) (store.QueuePage, error) {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return store.QueuePage{}, err
	}
	q := store.QueueQuery{
		Scope: s.scope(actor), States: r.States, Agencies: r.Agencies, Topics: r.Topics, ScopedAs: r.Scopes, Channels: r.Channels, Held: r.Held, Sort: r.Sort,
		Page: max(r.Page, 1), PerPage: min(max(r.PerPage, 1), search.MaxPerPage),
	}
	if r.Mine {
		q.Assignee = actor.User
	}
	now := s.Now()
	switch r.Due {
	case civic.Overdue:
		q.DueUntil = now
	case civic.DueSoon:
		q.DueFrom, q.DueUntil = now, now.Add(soon)
	case civic.OnTrack:
		q.DueFrom = now.Add(soon)
	}
	if r.Text != "" {
		var err error
		if q.IDs, err = s.find(ctx, q.Scope, r.Text); err != nil {
			return store.QueuePage{}, err
		}
		if len(q.States) == 0 && r.Due == "" { // who searches by words means every state
			q.States = civic.States
		}
	}
	var page store.QueuePage
	err := s.Store.View(ctx, func(tx store.Tx) error {
		var err error
		page, err = tx.Submissions().Queue(ctx, q)
		return err
	})
	if err != nil {
		return store.QueuePage{}, fmt.Errorf("list the queue: %w", err)
	}
	return page, nil
}

// scope is the subtree that binds the actor, or nil for everything.
func (s *Service) scope(actor civic.Actor) []civic.AgencyCode {
	if !actor.Bound() {
		return nil
	}
	scope := s.Registry.Subtree(actor.Agency)
	if scope == nil {
		scope = []civic.AgencyCode{}
	}
	return scope
}

// find returns the submissions that a text means: the one with that code, or
// those with the words.
func (s *Service) find(ctx context.Context, scope []civic.AgencyCode, text string) ([]civic.SubmissionID, error) {
	codes := []civic.Code{}
	if code, err := civic.ParseCode(text); err == nil {
		codes = append(codes, code)
	} else if codes, err = s.findWords(ctx, scope, text); err != nil {
		return nil, err
	}
	ids := []civic.SubmissionID{}
	err := s.Store.View(ctx, func(tx store.Tx) error {
		ids = ids[:0]
		for _, code := range codes {
			sub, err := tx.Submissions().GetByCode(ctx, code)
			if errs.KindOf(err) == errs.NotFound && err != nil {
				continue // the index is ahead of or behind the store
			}
			if err != nil {
				return err
			}
			ids = append(ids, sub.ID)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up the found cases: %w", err)
	}
	return ids, nil
}

func (s *Service) findWords(ctx context.Context, scope []civic.AgencyCode, text string) ([]civic.Code, error) {
	q := search.Query{Text: text, Sort: search.Relevance, PerPage: search.MaxPerPage}
	if scope != nil {
		q.Scope = search.ScopeTo(scope...)
	}
	var codes []civic.Code
	for q.Page = 1; q.Page <= maxTextHits/search.MaxPerPage; q.Page++ {
		result, err := s.Staff.Query(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("search the queue: %w", err)
		}
		for _, hit := range result.Hits {
			codes = append(codes, hit.Code)
		}
		if len(codes) >= result.Total || len(result.Hits) == 0 {
			break
		}
	}
	return codes, nil
}

// Case is everything about a submission that the person may see.
type Case struct {
	Submission civic.Submission
	Timeline   []civic.Event
	// HasContact tells whether there is a contact. ContactClosed is the code why
	// this person may not look at it, empty where they may; see Look.
	HasContact    bool
	ContactClosed string
	Route         *civic.Route         // nil until routed
	Scope         *civic.ScopeDecision // nil until judged
	Answer        *civic.Answer        // nil until drafted
	Inquiries     []civic.Inquiry      // asked of the sender, the oldest first
	Rating        *civic.Rating        // nil until rated
	Messages      []civic.Message
	Root          *civic.Submission // what it follows, nil when nothing
	Membership    *civic.Membership
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
		s.fillHistory, s.fillContact, s.fillDecisions, s.fillScope, s.fillCluster, s.fillSimilar, s.fillRelated, s.fillPeople,
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
