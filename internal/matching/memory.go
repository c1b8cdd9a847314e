package matching

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// Memory is Candidates in memory, for measuring and for tests. The zero value
// is empty and ready; it is safe for concurrent use.
type Memory struct {
	mu          sync.RWMutex
	documents   map[int64]Document
	frequencies map[int64]int
	postings    map[int64][]Posting // by term, in the order of Postings
}

// Add keeps a document with the rows that Salient made for it. A document that
// is there already is left as it is.
func (m *Memory) Add(_ context.Context, d Document, terms []Term) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.documents == nil {
		m.documents, m.frequencies, m.postings = map[int64]Document{}, map[int64]int{}, map[int64][]Posting{}
	}
	if _, exists := m.documents[d.ID]; exists {
		return nil
	}
	m.documents[d.ID] = d
	for _, t := range terms {
		if t.Counted {
			m.frequencies[t.Hash]++
		}
		if t.Weight > 0 {
			p := Posting{ID: d.ID, Term: t.Hash, Weight: t.Weight}
			at, _ := slices.BinarySearchFunc(m.postings[t.Hash], p, comparePostings)
			m.postings[t.Hash] = slices.Insert(m.postings[t.Hash], at, p)
		}
	}
	return nil
}

func comparePostings(a, b Posting) int {
	return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.ID, b.ID))
}

// Frequencies implements Candidates.
func (m *Memory) Frequencies(_ context.Context, terms []int64) (map[int64]int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	found := make(map[int64]int, len(terms))
	for _, t := range terms {
		if n, ok := m.frequencies[t]; ok {
			found[t] = n
		}
	}
	return found, nil
}

// Postings implements Candidates.
func (m *Memory) Postings(_ context.Context, terms []int64, limit int) ([]Posting, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var found []Posting
	for _, t := range terms {
		list := m.postings[t]
		found = append(found, list[:min(len(list), limit)]...)
	}
	return found, nil
}

// Texts implements Candidates.
func (m *Memory) Texts(_ context.Context, ids []int64) ([]Document, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var found []Document
	for _, id := range ids {
		if d, ok := m.documents[id]; ok {
			found = append(found, d)
		}
	}
	return found, nil
}
