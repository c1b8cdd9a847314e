package following

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
	"hienke/internal/store"
)

const (
	// searchesAtOnce is how many saved searches one look at the store takes:
	// what a reader does not hold up, and few looks for very many.
	searchesAtOnce = 5000
	// maxSearches bounds how many saved searches are kept in memory, about 60 MB
	// with what they ask for.
	maxSearches = 1_000_000
)

// savedSearches knows what saved searches ask for. A saved search never changes
// under its id, so each is read once by a process; and since people look for
// the same words, agencies and topics, there are few conditions for many
// searches, and each is asked of an answer once.
type savedSearches struct {
	mu         sync.Mutex
	conditions []search.Condition
	numbers    map[string]int32  // of conditions, by their keys
	asks       map[int64][]int32 // the conditions of each search
}

// tidy forgets everything when there is too much, searches that ended among it.
func (k *savedSearches) tidy() {
	if k.asks == nil || len(k.asks) > maxSearches {
		k.conditions, k.numbers, k.asks = nil, map[string]int32{}, map[int64][]int32{}
	}
}

// learn reads the searches that are not known.
func (k *savedSearches) learn(list []store.Follow, conditions func(saved string) []search.Condition) {
	for _, f := range list {
		if _, known := k.asks[f.ID]; known {
			continue
		}
		asked := conditions(f.Query)
		asks := make([]int32, len(asked))
		for i, c := range asked {
			n, known := k.numbers[c.Key]
			if !known {
				n = int32(len(k.conditions))
				k.numbers[c.Key], k.conditions = n, append(k.conditions, c)
			}
			asks[i] = n
		}
		k.asks[f.ID] = asks
	}
}

// know makes sure that the searches after an id are known, and returns their
// ids.
func (s *Service) know(ctx context.Context, after int64) (ids []int64, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		if ids, err = tx.Following().SearchIDs(ctx, after, searchesAtOnce); err != nil {
			return err
		}
		for _, id := range ids {
			if _, known := s.searches.asks[id]; known {
				continue
			}
			list, err := tx.Following().Searches(ctx, after, len(ids))
			if err != nil {
				return err
			}
			s.searches.learn(list, func(saved string) []search.Condition {
				query := s.Query(saved)
				query.Filters.Statuses = nil // an answer is what was asked for
				return query.Conditions(s.Thesaurus)
			})
			break
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the saved searches: %w", err)
	}
	return ids, nil
}

// judge tells which searches a document answers. It asks it each condition
// once.
func (k *savedSearches) judge(r *search.Reading) func(id int64) bool {
	var asked, holds []bool // by the number of the condition
	meets := func(n int32) bool {
		for len(asked) < len(k.conditions) { // others were learnt meanwhile
			asked, holds = append(asked, false), append(holds, false)
		}
		if !asked[n] {
			asked[n], holds[n] = true, k.conditions[n].Holds(r)
		}
		return holds[n]
	}
	return func(id int64) bool {
		asks, known := k.asks[id]
		return known && !slices.ContainsFunc(asks, func(n int32) bool { return !meets(n) })
	}
}

// answered is what search finds of a case with a public answer, or nil.
func (s *Service) answered(ctx context.Context, tx store.Tx, sub civic.Submission) (*search.Document, error) {
	if sub.Visibility != civic.PublicWithAnswer || !civic.WithAnswer.Has(sub.State) {
		return nil, nil //nolint:nilnil // no answer is no document
	}
	answer, err := tx.Answers().Approved(ctx, sub.ID)
	if errs.KindOf(err) == errs.NotFound {
		return nil, nil //nolint:nilnil // the same
	}
	if err != nil {
		return nil, err
	}
	files, err := casework.FileText(ctx, tx, s.Keys, []civic.SubmissionID{sub.ID}, true)
	if err != nil {
		return nil, err
	}
	document := casework.Document(sub, answer, files[sub.ID], true)
	return &document, nil
}

// matchSearches notes a new answer for everybody whose search it matches. Who
// saved the search after the answer was given has seen it.
func (s *Service) matchSearches(ctx context.Context, sub civic.Submission, answered *search.Document) error {
	s.searches.mu.Lock() // one answer after the other, until it is known who is told
	hit, err := s.hits(ctx, search.Read(*answered))
	s.searches.mu.Unlock()
	if err != nil {
		return err
	}
	for len(hit) > 0 {
		n := min(len(hit), atOnce)
		if err := s.noteHits(ctx, sub, hit[:n]); err != nil {
			return err
		}
		hit = hit[n:]
	}
	return nil
}

// hits are the searches that a document answers.
func (s *Service) hits(ctx context.Context, r *search.Reading) (hit []int64, err error) {
	s.searches.tidy()
	answers := s.searches.judge(r)
	for after, more := int64(0), true; more; {
		ids, err := s.know(ctx, after)
		if err != nil {
			return nil, err
		}
		more = len(ids) == searchesAtOnce
		for _, id := range ids {
			if after = id; answers(id) {
				hit = append(hit, id)
			}
		}
	}
	return hit, nil
}

func (s *Service) noteHits(ctx context.Context, sub civic.Submission, hit []int64) error {
	if s.Noted != nil {
		defer s.Noted()
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		for _, id := range hit {
			f, err := tx.Following().Get(ctx, id)
			if errs.KindOf(err) == errs.NotFound { // ended meanwhile
				continue
			}
			if err != nil {
				return err
			}
			if f.CreatedAt.After(sub.AnsweredAt) && f.CreatedAt.After(sub.PublishedAt) {
				continue
			}
			if _, err := tx.Following().AddNews(ctx, store.News{Follow: id, Submission: sub.ID, What: step(sub), Digest: true, CreatedAt: s.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note which searches match: %w", err)
	}
	return nil
}
