package sqlstore

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"hienke/internal/errs"
	"hienke/internal/store"
)

// The group commit. Receive puts a call into the inbox; a committer takes what
// waits there, writes it in one transaction and tells every caller. While it
// commits, the next batch gathers by itself, so nothing ever waits for a timer.
const (
	// maxBatch submissions share a commit. At 256 the sync of the disk is
	// some percent of the batch's time; more only makes the first wait longer.
	maxBatch = 256
	// maxBatchBytes of text end a batch early: 256 of the longest texts would
	// be 50 MB in one transaction.
	maxBatchBytes = 8 << 20
	// inboxSize calls may wait for a committer; further callers wait for room
	// or their context. It is four batches, so that committers never starve.
	inboxSize = 4 * maxBatch
	// commitTimeout ends a commit that no caller's context may end.
	commitTimeout = 30 * time.Second
)

// call is one waiting Receive.
type call struct {
	receipt store.Receipt
	gone    <-chan struct{} // closed when the caller stopped waiting
	size    int             // bytes of text
	done    chan outcome    // takes one outcome without a reader
	told    bool            // the committer's: done has its outcome
}

type outcome struct {
	received store.Received
	err      error
}

// tell ends the call. Only the first telling counts.
func (c *call) tell(o outcome) {
	if !c.told {
		c.told = true
		c.done <- o
	}
}

// cancelled reports whether nobody waits for the call any more.
func (c *call) cancelled() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

// inbox is the queue before the committers.
type inbox struct {
	batch   int // the most calls of one batch
	calls   chan *call
	closing chan struct{} // closed first, so that those who wait for room give up
	once    sync.Once
	mu      sync.RWMutex // held for reading by whoever sends to calls
	closed  bool
	workers sync.WaitGroup
}

// startInbox starts the committers, which call settle for each batch of at
// most so many calls until the inbox is closed.
func startInbox(committers, batch int, settle func([]*call)) *inbox {
	in := &inbox{batch: batch, calls: make(chan *call, inboxSize), closing: make(chan struct{})}
	for range committers {
		in.workers.Go(func() {
			for first := range in.calls {
				settleSafely(in.gather(first), settle)
			}
		})
	}
	return in
}

// close refuses new calls and returns when the last one inside is settled. It
// may be called again.
func (in *inbox) close() {
	in.once.Do(func() {
		close(in.closing)
		in.mu.Lock()
		defer in.mu.Unlock()
		in.closed = true
		close(in.calls)
	})
	in.workers.Wait()
}

// put hands a call to the committers. When the inbox is full it waits for room
// until ctx ends.
func (in *inbox) put(ctx context.Context, c *call) error {
	in.mu.RLock()
	defer in.mu.RUnlock()
	if in.closed {
		return errClosed()
	}
	select {
	case in.calls <- c:
		return nil
	case <-in.closing:
		return errClosed()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gather returns first and what waits behind it, as far as a batch goes. Calls
// whose callers have left are dropped: nothing was promised for them.
func (in *inbox) gather(first *call) []*call {
	batch := make([]*call, 0, in.batch)
	for c, size := first, 0; c != nil; c = in.next() {
		if c.cancelled() {
			continue
		}
		batch = append(batch, c)
		if size += c.size; len(batch) == in.batch || size >= maxBatchBytes {
			break
		}
	}
	return batch
}

// next returns a waiting call, or nil when there is none.
func (in *inbox) next() *call {
	select {
	case c := <-in.calls: // nil once closed and empty
		return c
	default:
		return nil
	}
}

// settleSafely settles a batch. A panic, which would otherwise leave callers
// waiting and the inbox without a committer, becomes their error.
func settleSafely(batch []*call, settle func([]*call)) {
	defer func() {
		failure := errs.New(errs.Internal, "receive.unsettled")
		if v := recover(); v != nil {
			failure = errs.Wrap(errs.Internal, "receive.panicked", fmt.Errorf("%v\n%s", v, debug.Stack()))
		}
		for _, c := range batch {
			c.tell(outcome{err: failure})
		}
	}()
	settle(batch)
}

// Receive implements store.Store.
func (s *Store) Receive(ctx context.Context, r store.Receipt) (store.Received, error) {
	if err := ctx.Err(); err != nil {
		return store.Received{}, err
	}
	if err := checkReceipt(&r); err != nil {
		return store.Received{}, err
	}
	c := &call{receipt: r, gone: ctx.Done(), size: len(r.Submission.Title) + len(r.Submission.Body), done: make(chan outcome, 1)}
	if err := s.inbox.put(ctx, c); err != nil {
		return store.Received{}, err
	}
	select {
	case o := <-c.done:
		return o.received, o.err
	case <-ctx.Done():
		return store.Received{}, ctx.Err()
	}
}

// settle tells every call of a batch its outcome.
func (s *Store) settle(ctx context.Context, calls []*call) { s.replay(ctx, s.commit(ctx, calls)) }

// commit writes the calls in one transaction and tells those that were written
// or refused. It returns, untold, the calls whose key or code is taken.
// If the batch fails, halves are tried on their own, so that a bad row costs
// its neighbours a few commits and nothing else.
func (s *Store) commit(ctx context.Context, calls []*call) (known []*call) {
	if len(calls) == 0 {
		return nil
	}
	b, err := s.try(ctx, calls)
	switch {
	case err == nil:
		for i, c := range b.fresh {
			c.tell(outcome{received: b.received[i]})
		}
		return b.known
	case len(calls) == 1 || errs.KindOf(err) == errs.Unavailable:
		// Away, or its answer to the commit was lost: the rows may be there,
		// and to try again could store them twice.
		for _, c := range calls {
			c.tell(outcome{err: fmt.Errorf("receive a submission: %w", err)})
		}
		return nil
	}
	half := len(calls) / 2
	return append(s.commit(ctx, calls[:half]), s.commit(ctx, calls[half:])...)
}

// try writes the calls in one transaction.
func (s *Store) try(ctx context.Context, calls []*call) (*batch, error) {
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	var b *batch
	err := s.retrying(ctx, func() error {
		b = newBatch(calls)
		return s.within(ctx, s.receive, nil, func(t *tx) error { return b.write(ctx, t) })
	})
	return b, err
}

// replay tells the calls whose key or code is taken. A key that is there now,
// even from the same batch, gives the answer of its first use; otherwise it was
// the code.
func (s *Store) replay(ctx context.Context, calls []*call) {
	uses, err := s.keyUses(ctx, calls)
	for _, c := range calls {
		use, ok := uses[c.identity().key]
		switch {
		case err != nil:
			c.tell(outcome{err: fmt.Errorf("look an idempotency key up: %w", err)})
		case !ok:
			c.tell(outcome{err: errs.New(errs.Conflict, "submission.code_taken")})
		case use.body != c.receipt.Idempotency.Body:
			c.tell(outcome{err: errs.New(errs.Conflict, "idempotency.other_body")})
		default:
			c.tell(outcome{received: use.received})
		}
	}
}

// keyUses looks the keys of the calls up.
func (s *Store) keyUses(ctx context.Context, calls []*call) (map[[32]byte]keyUse, error) {
	uses := map[[32]byte]keyUse{}
	if len(calls) == 0 {
		return uses, nil
	}
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	err := s.within(ctx, s.receive, nil, func(t *tx) error {
		for _, c := range calls {
			if c.receipt.Idempotency == nil {
				continue
			}
			if err := findKeyUse(ctx, t, c.identity().key, uses); err != nil {
				return err
			}
		}
		return nil
	})
	return uses, err
}
