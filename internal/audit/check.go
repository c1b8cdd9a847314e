package audit

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Mark is an entry of the chain that was found whole up to it.
type Mark struct {
	Seq  int64
	Hash [32]byte
	At   time.Time
}

// Marks keeps a mark apart from the database.
type Marks interface {
	// Get returns the mark, zero while there is none.
	Get() (Mark, error)
	Put(m Mark) error
}

// Fault is one thing that is wrong with the chain.
type Fault struct {
	Seq int64 // of the entry; 0 concerns the chain as a whole
	// What is a code: gap, hash, seal, unsealed_end, shortened, line_missing,
	// line_altered, text_altered, not_in_chain.
	What string
	Line string // which line of which log, or how many
}

// Report is what a walk along the chain found.
type Report struct {
	From, To int64 // entries walked: From is where the walk began, left out
	Faults   []Fault
	More     bool // further faults were left out
}

const (
	// stride is how many entries are compared with their logs at once, and how
	// often the walk leaves a mark.
	stride = 1000
	// faultsTold bounds a report: who altered everything is found by the first.
	faultsTold = 20
	// sealedWithin is how long a line may wait for the sealer before it counts
	// as left out: an hour without a worker is told elsewhere.
	sealedWithin = time.Hour
)

// Check walks the chain and compares every entry with the line that it stands
// for. It goes on behind the mark of an earlier walk, unless whole is set, and
// leaves marks while all is well, so that a walk that was broken off goes on
// from there. progress, if not nil, is told of each stride.
func (s *Service) Check(ctx context.Context, whole bool, progress func(done, total int64)) (Report, error) {
	w := walk{Service: s}
	if err := w.begin(ctx, whole); err != nil {
		return Report{}, fmt.Errorf("check the audit: %w", err)
	}
	for {
		n, err := w.stride(ctx)
		if err != nil {
			return Report{}, fmt.Errorf("check the audit: %w", err)
		}
		if n == 0 {
			break
		}
		if progress != nil {
			progress(w.last.Seq, w.end)
		}
	}
	if err := w.finish(ctx); err != nil {
		return Report{}, fmt.Errorf("check the audit: %w", err)
	}
	return w.Report, nil
}

// walk is one check under way.
type walk struct {
	*Service
	Report
	last store.AuditEntry // the entry before the next
	end  int64            // the last entry when the walk began
	// erased are the cases whose texts were erased, as far as was asked.
	erased map[civic.SubmissionID]bool
}

func (w *walk) fault(seq int64, what, line string) {
	if len(w.Faults) == faultsTold {
		w.More = true
		return
	}
	w.Faults = append(w.Faults, Fault{Seq: seq, What: what, Line: line})
}

// begin finds where the walk starts. The entry that a mark names must still be
// there as it was.
func (w *walk) begin(ctx context.Context, whole bool) error {
	w.erased = map[civic.SubmissionID]bool{}
	var known Mark
	if w.Marks != nil {
		var err error
		if known, err = w.Marks.Get(); err != nil {
			return err
		}
	}
	return w.Store.View(ctx, func(tx store.Tx) error {
		end, err := tx.Audit().Last(ctx)
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return err
		}
		w.end = end.Seq
		if known.Seq == 0 {
			return nil
		}
		at, err := tx.Audit().List(ctx, store.AuditQuery{After: known.Seq - 1, Upwards: true, Limit: 1})
		if err != nil {
			return err
		}
		if len(at) == 0 || at[0].Seq != known.Seq || at[0].Hash != known.Hash {
			w.fault(known.Seq, "shortened", "")
			return nil // from the beginning
		}
		if !whole {
			w.last, w.From = at[0], known.Seq
		}
		return nil
	})
}

// stride checks the next entries and returns how many there were.
func (w *walk) stride(ctx context.Context) (n int, err error) {
	err = w.Store.View(ctx, func(tx store.Tx) error {
		entries, err := tx.Audit().List(ctx, store.AuditQuery{After: w.last.Seq, Upwards: true, Limit: stride})
		if err != nil {
			return err
		}
		n = len(entries)
		if err := w.compare(ctx, tx, entries); err != nil {
			return err
		}
		for _, e := range entries {
			w.link(e)
		}
		return nil
	})
	if err == nil && n > 0 && len(w.Faults) == 0 && w.Marks != nil {
		err = w.Marks.Put(Mark{Seq: w.last.Seq, Hash: w.last.Hash, At: w.Now()})
	}
	return n, err
}

// link checks an entry against the one before it.
func (w *walk) link(e store.AuditEntry) {
	if e.Seq != w.last.Seq+1 {
		w.fault(e.Seq, "gap", fmt.Sprintf("%d", e.Seq-w.last.Seq-1))
	}
	if hashOf(e, w.last.Hash) != e.Hash {
		w.fault(e.Seq, "hash", "")
	}
	if e.Seal != "" && !w.Keys.StampMatches("audit", sealed(e), e.Seal) {
		w.fault(e.Seq, "seal", "")
	}
	w.last, w.To = e, e.Seq
}

// compare checks entries against the lines that they stand for.
func (w *walk) compare(ctx context.Context, tx store.Tx, entries []store.AuditEntry) error {
	ids := map[store.AuditSource][]int64{}
	for _, e := range entries {
		ids[e.Source] = append(ids[e.Source], e.SourceID)
	}
	lines := map[store.AuditSource]map[int64]store.AuditLine{}
	for source, list := range ids {
		found, err := tx.Audit().Lines(ctx, source, list)
		if err != nil {
			return err
		}
		lines[source] = found
	}
	for _, e := range entries {
		l, ok := lines[e.Source][e.SourceID]
		name := fmt.Sprintf("%s %d", e.Source, e.SourceID)
		if !ok {
			w.fault(e.Seq, "line_missing", name)
			continue
		}
		text := l.Text
		if l.Text = ""; l != e.AuditLine {
			w.fault(e.Seq, "line_altered", name)
		}
		l.Text = text
		if w.mark(l) == e.Mark {
			continue
		}
		erased, err := w.mayBeErased(ctx, tx, e, text)
		if err != nil {
			return err
		}
		if !erased {
			w.fault(e.Seq, "text_altered", name)
		}
	}
	return nil
}

// mayBeErased reports whether a text is gone because its sender had it erased.
func (w *walk) mayBeErased(ctx context.Context, tx store.Tx, e store.AuditEntry, text string) (bool, error) {
	if text != "" || e.Submission == 0 {
		return false, nil
	}
	if erased, asked := w.erased[e.Submission]; asked {
		return erased, nil
	}
	found, err := tx.Audit().List(ctx, store.AuditQuery{Submission: e.Submission, What: string(civic.EventTextErased), After: e.Seq, Limit: 1})
	w.erased[e.Submission] = len(found) > 0
	return len(found) > 0, err
}

// finish looks at the end of the chain and for lines that it left out.
func (w *walk) finish(ctx context.Context) error {
	if w.last.Seq > 0 && w.last.Seal == "" {
		w.fault(w.last.Seq, "unsealed_end", "")
	}
	return w.Store.View(ctx, func(tx store.Tx) error {
		n, err := tx.Audit().Missing(ctx, w.Now().Add(-sealedWithin))
		if n > 0 {
			w.fault(0, "not_in_chain", fmt.Sprintf("%d", n))
		}
		return err
	})
}
