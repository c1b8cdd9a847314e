// Package mempresence knows who is at which case in the memory of this process,
// for an installation of one.
package mempresence

import (
	"context"
	"sync"
	"time"

	"hienke/internal/civic"
	"hienke/internal/presence"
)

// window is a sign and when it runs out.
type window struct {
	sign presence.Sign
	ends time.Time
}

// Board implements presence.Board, and is safe for use by several goroutines.
type Board struct {
	presence.Watchers
	now func() time.Time

	mu sync.Mutex
	by map[civic.SubmissionID]map[string]window
}

var _ presence.Board = (*Board)(nil)

// New returns a board with nobody on it.
func New(now func() time.Time) *Board {
	return &Board{now: now, by: map[civic.SubmissionID]map[string]window{}}
}

// Give implements presence.Board.
func (b *Board) Give(_ context.Context, s presence.Sign) error {
	b.mu.Lock()
	b.sweep()
	at := b.by[s.Case]
	if at == nil {
		at = map[string]window{}
		b.by[s.Case] = at
	}
	was, there := at[s.Place]
	at[s.Place] = window{s, b.now().Add(presence.Span)}
	b.mu.Unlock()
	if !there || was.sign != s {
		b.Wake(s.Case)
	}
	return nil
}

// Take implements presence.Board.
func (b *Board) Take(_ context.Context, s presence.Sign) error {
	b.mu.Lock()
	_, there := b.by[s.Case][s.Place]
	delete(b.by[s.Case], s.Place)
	b.sweep()
	b.mu.Unlock()
	if there {
		b.Wake(s.Case)
	}
	return nil
}

// At implements presence.Board.
func (b *Board) At(_ context.Context, id civic.SubmissionID) ([]presence.Person, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep()
	var signs []presence.Sign
	for _, w := range b.by[id] {
		signs = append(signs, w.sign)
	}
	return presence.Persons(signs), nil
}

// sweep forgets every sign that ran out, at whatever case: all of them are some
// hundreds at most.
func (b *Board) sweep() {
	now := b.now()
	for id, at := range b.by {
		for place, w := range at {
			if !now.Before(w.ends) {
				delete(at, place)
			}
		}
		if len(at) == 0 {
			delete(b.by, id)
		}
	}
}

// Windows is how many signs are remembered.
func (b *Board) Windows() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, at := range b.by {
		n += len(at)
	}
	return n
}
