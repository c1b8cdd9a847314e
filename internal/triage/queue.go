package triage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/forecast"
	"hienke/internal/search"
	"hienke/internal/store"
)

// QueueRequest is what a person asks of the queue. Empty fields do not filter.
type QueueRequest struct {
	// View is a part of the open cases; the other fields narrow it.
	View     civic.View
	States   []civic.State
	Agencies []civic.AgencyCode
	Topics   []civic.TopicCode
	Scopes   []civic.Scope
	Channels []civic.Channel
	Tags     []civic.TagID
	Held     bool           // only what must be checked first
	Urgent   bool           // only what is marked as urgent
	Due      civic.DueState // OnTrack, DueSoon or Overdue; empty does not filter
	Mine     bool           // only what the person, or whom the person stands in for, has accepted
	Text     string         // words, or a code
	// Within is an agency; those below it count too.
	Within civic.AgencyCode
	// Counted limits to what a figure counts.
	Counted civic.Counted
	Sort    store.QueueSort
	Page    int
	PerPage int
	// From begins at a place in the order, and Page does not count.
	From *QueuePlace
	// CountTo bounds how far Total counts; 0 means that it is exact.
	CountTo int
}

// QueuePlace is a place in an order of the queue, as an address can carry it.
type QueuePlace struct {
	At   time.Time // that the order sorts by; zero where the case has none
	Code civic.Code
	Back bool // what lies before it, not behind it
}

// maxTextHits bounds how many cases a text search in the queue looks at.
const maxTextHits = 1000

// Queue returns a page of the queue within the person's scope.
func (s *Service) Queue(ctx context.Context, actor civic.Actor, r QueueRequest) (store.QueuePage, error) {
	q, err := s.queueQuery(ctx, actor, r)
	if err != nil {
		return store.QueuePage{}, err
	}
	q.Page, q.PerPage, q.CountTo = max(r.Page, 1), min(max(r.PerPage, 1), search.MaxPerPage), r.CountTo
	var page store.QueuePage
	err = s.Store.View(ctx, func(tx store.Tx) error {
		q := q
		var err error
		if q.From, err = placeOf(ctx, tx, r.From); err != nil {
			return err
		}
		page, err = tx.Submissions().Queue(ctx, q)
		return err
	})
	if err != nil {
		return store.QueuePage{}, fmt.Errorf("list the queue: %w", err)
	}
	return page, nil
}

// placeOf finds the case of a place. One that is not there any more begins at
// the start.
func placeOf(ctx context.Context, tx store.Tx, p *QueuePlace) (*store.QueuePlace, error) {
	if p == nil {
		return nil, nil //nolint:nilnil // no place is the start
	}
	sub, err := tx.Submissions().GetByCode(ctx, p.Code)
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return nil, nil //nolint:nilnil // as above
	}
	return &store.QueuePlace{At: p.At, ID: sub.ID, Back: p.Back}, err
}

// CountQueues counts each of the requests up to a number, and one more means
// that there are more than that. Requests by words are not counted, nor what is
// left when the patience, if it is not zero, is over: those are -1.
func (s *Service) CountQueues(ctx context.Context, actor civic.Actor, upTo int, patience time.Duration, requests []QueueRequest) ([]int, error) {
	counts, queries := make([]int, len(requests)), make([]store.QueueQuery, len(requests))
	began := s.Now()
	for i, r := range requests {
		if r.Text != "" {
			continue
		}
		var err error
		if queries[i], err = s.queueQuery(ctx, actor, r); err != nil {
			return nil, err
		}
	}
	err := s.Store.View(ctx, func(tx store.Tx) error {
		for i, q := range queries {
			counts[i] = -1
			if requests[i].Text != "" || patience > 0 && s.Now().Sub(began) > patience {
				continue
			}
			q.CountTo = upTo
			var err error
			if counts[i], err = tx.Submissions().CountQueue(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count the queue: %w", err)
	}
	return counts, nil
}

// Pick returns up to limit cases that a request finds, in its order, and
// whether there are more.
func (s *Service) Pick(ctx context.Context, actor civic.Actor, r QueueRequest, limit int) (picked []civic.Submission, more bool, err error) {
	q, err := s.queueQuery(ctx, actor, r)
	if err != nil {
		return nil, false, err
	}
	q.Page, q.PerPage, q.CountTo = 1, limit, 1
	err = s.Store.View(ctx, func(tx store.Tx) error {
		page, err := tx.Submissions().Queue(ctx, q)
		picked, more = picked[:0], page.More
		for _, item := range page.Items {
			picked = append(picked, item.Submission)
		}
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("pick cases: %w", err)
	}
	return picked, more, nil
}

// queueQuery is the request as the store takes it, bound to the person's reach.
func (s *Service) queueQuery(ctx context.Context, actor civic.Actor, r QueueRequest) (store.QueueQuery, error) {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return store.QueueQuery{}, err
	}
	q := store.QueueQuery{
		Scope: s.scope(actor), States: r.States, Agencies: s.withHeirs(r.Agencies), Topics: r.Topics, ScopedAs: r.Scopes, Channels: r.Channels,
		Tags: r.Tags, Held: r.Held, Urgent: r.Urgent, Sort: r.Sort, Counted: r.Counted,
	}
	if r.Within != "" {
		q.Scope = s.below(r.Within, q.Scope)
	}
	if r.Mine || r.View == civic.ViewMine {
		var err error
		if q.Assignees, err = s.workOf(ctx, actor); err != nil {
			return store.QueueQuery{}, err
		}
	}
	now := s.Now()
	q.DueFrom, q.DueUntil = dueBounds(r.Due, now)
	s.narrow(&q, actor, r.View, now)
	if r.Text != "" && q.IDs == nil { // else nothing is left to search in
		var err error
		if q.IDs, err = s.find(ctx, q.Scope, r.Text); err != nil {
			return store.QueueQuery{}, err
		}
		if r.Counted.Figure == "" && len(q.States) == 0 && r.Due == "" && (r.View == "" || r.View == civic.ViewAll) { // who searches by words means every state
			q.States = civic.States
		}
	}
	if r.Counted.Figure == civic.FigureForeseen {
		return q, s.foresee(ctx, &q, now)
	}
	return q, nil
}

// below is what of a scope lies at an agency or below it; a nil scope is
// everything.
func (s *Service) below(root civic.AgencyCode, scope []civic.AgencyCode) []civic.AgencyCode {
	out := []civic.AgencyCode{}
	for _, code := range s.Registry.Subtree(root) {
		if scope == nil || slices.Contains(scope, code) {
			out = append(out, code)
		}
	}
	return out
}

// foresee limits a query to the cases that will be late.
func (s *Service) foresee(ctx context.Context, q *store.QueueQuery, now time.Time) error {
	var ids []civic.SubmissionID
	err := s.Store.View(ctx, func(tx store.Tx) error {
		found, err := forecast.Foresee(ctx, tx, s.Times.Now(), q.Scope, now)
		if late := found.Late(); q.IDs == nil {
			ids = late
		} else {
			ids = slices.DeleteFunc(late, func(id civic.SubmissionID) bool { return !slices.Contains(q.IDs, id) })
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("foresee what will be late: %w", err)
	}
	q.IDs = ids
	return nil
}

// dueBounds are the deadlines that a due state stands for.
func dueBounds(d civic.DueState, now time.Time) (from, until time.Time) {
	switch d {
	case civic.Overdue:
		until = now
	case civic.DueSoon:
		from, until = now, now.Add(soon)
	case civic.OnTrack:
		from = now.Add(soon)
	}
	return from, until
}

// narrow limits a query to a view. A state that the person chose beside it
// narrows it further.
func (s *Service) narrow(q *store.QueueQuery, actor civic.Actor, v civic.View, now time.Time) {
	only := civic.Open
	switch v {
	case civic.ViewMine: // whose work it is limits it
	case civic.ViewClaimed:
		only, q.ClaimedBy, q.ClaimedAt = civic.StateSet{civic.Triage}, actor.User, now
	case civic.ViewTriage:
		only = civic.StateSet{civic.Triage}
	case civic.ViewUnassigned:
		q.Unassigned = true
	case civic.ViewApprove:
		only, q.NotBy = civic.StateSet{civic.InReview}, actor.User
	case civic.ViewDueSoon:
		q.DueFrom, q.DueUntil = dueBounds(civic.DueSoon, now)
	case civic.ViewOverdue:
		q.DueFrom, q.DueUntil = dueBounds(civic.Overdue, now)
	case civic.ViewHandedBack:
		only, q.HandedOn = civic.StateSet{civic.Triage, civic.Assigned}, true
	case civic.ViewAwaiting:
		only = civic.StateSet{civic.AwaitingCitizen}
	case civic.ViewPausedOut:
		most := s.Registry.Limits.Pauses
		days := s.Times.Now().General(civic.ForInformation, "", now).Amount
		q.PausedOut = civic.PauseUse{Count: most.Count, Days: most.Days - days}
	case civic.ViewAll:
		return
	default:
		return
	}
	if len(q.States) == 0 {
		q.States = only
		return
	}
	q.States = slices.DeleteFunc(slices.Clone(q.States), func(state civic.State) bool { return !only.Has(state) })
	if len(q.States) == 0 { // the two exclude each other
		q.IDs = []civic.SubmissionID{}
	}
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

// withHeirs adds to agencies that ended those that do their work: a saved view
// or a bookmark that asks for one goes on.
func (s *Service) withHeirs(asked []civic.AgencyCode) []civic.AgencyCode {
	out := slices.Clone(asked)
	for _, code := range asked {
		for _, heir := range s.Registry.SuccessorsOf(code, s.Now()) {
			if !slices.Contains(out, heir) {
				out = append(out, heir)
			}
		}
	}
	return out
}
