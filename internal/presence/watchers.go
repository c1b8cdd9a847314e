package presence

import (
	"context"
	"sync"

	"hienke/internal/civic"
)

// Watchers wakes those in this process who watch a case. Both implementations
// of Board stand on it. The zero value is ready.
type Watchers struct {
	mu sync.Mutex
	by map[civic.SubmissionID]map[chan struct{}]struct{}
}

// Watch is Board.Watch.
func (w *Watchers) Watch(ctx context.Context, id civic.SubmissionID) <-chan struct{} {
	wake := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[civic.SubmissionID]map[chan struct{}]struct{}{}
	}
	if w.by[id] == nil {
		w.by[id] = map[chan struct{}]struct{}{}
	}
	w.by[id][wake] = struct{}{}
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.by[id], wake)
		if len(w.by[id]) == 0 {
			delete(w.by, id)
		}
	})
	return wake
}

// Wake fills the channels of a case.
func (w *Watchers) Wake(id civic.SubmissionID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for wake := range w.by[id] {
		select {
		case wake <- struct{}{}:
		default: // it is filled already
		}
	}
}

// Cases is how many cases are watched.
func (w *Watchers) Cases() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.by)
}
