package house

import (
	"context"
	"sync"

	"hienke/internal/limit"
	"hienke/internal/store"
)

// Watch is a store and a limiter that note what they are asked for, in order.
// Tests compare two ways through a use case by it, where a difference would
// tell a stranger what he must not learn.
//
// Only the parts of a transaction named below can be used under watch: any
// other ends the test with a nil pointer, so that nothing goes unseen.
type Watch struct {
	store.Store
	Limits limit.Limiter

	mu    sync.Mutex
	asked []string
}

// Watch begins to watch the store and the limits of the house.
func (h *House) Watch() *Watch {
	w := &Watch{Store: h.Store}
	w.Limits = watchedLimits{h.Limits, w}
	return w
}

// During returns what was asked for while fn ran.
func (w *Watch) During(fn func()) []string {
	w.mu.Lock()
	w.asked = nil
	w.mu.Unlock()
	fn()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

func (w *Watch) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, what)
}

// Do implements store.Store.
func (w *Watch) Do(ctx context.Context, fn func(tx store.Tx) error) error {
	w.note("do")
	return w.Store.Do(ctx, func(tx store.Tx) error { return fn(watchedTx{nil, tx, w}) })
}

// View implements store.Store.
func (w *Watch) View(ctx context.Context, fn func(tx store.Tx) error) error {
	w.note("view")
	return w.Store.View(ctx, func(tx store.Tx) error { return fn(watchedTx{nil, tx, w}) })
}

// watchedTx embeds no transaction: what is not written out here is nil.
type watchedTx struct {
	store.Tx
	real store.Tx
	w    *Watch
}

// Submissions implements store.Tx, as do the others.
func (t watchedTx) Submissions() store.Submissions {
	t.w.note("submissions")
	return t.real.Submissions()
}
func (t watchedTx) Contacts() store.Contacts   { t.w.note("contacts"); return t.real.Contacts() }
func (t watchedTx) Messages() store.Messages   { t.w.note("messages"); return t.real.Messages() }
func (t watchedTx) Following() store.Following { t.w.note("following"); return t.real.Following() }
func (t watchedTx) Outbox() store.Outbox       { t.w.note("outbox"); return t.real.Outbox() }

type watchedLimits struct {
	limit.Limiter
	w *Watch
}

// Allow implements limit.Limiter.
func (l watchedLimits) Allow(ctx context.Context, rule limit.Rule, key string) limit.Verdict {
	l.w.note("limit " + rule.Name)
	return l.Limiter.Allow(ctx, rule, key)
}
