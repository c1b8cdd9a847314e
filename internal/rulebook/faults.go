package rulebook

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"hienke/internal/routing"
	"hienke/internal/store"
)

// faultGap is the least time between two writes about one rule, so that a rule
// that fails on every case costs one small write a minute and not thousands.
const faultGap = time.Minute

// maxFault bounds what is kept of an error, in bytes.
const maxFault = 500

// faults gathers failures of rules between two writes.
type faults struct {
	mu   sync.Mutex
	open map[faulty]*fault
}

type faulty struct {
	id      string
	version int
}

type fault struct {
	n       int // failures that are not written yet
	last    string
	wroteAt time.Time
}

// Report counts rules that failed on a text: in the database, where List, the
// doctor and the metrics see it, and in the log. The first failure of a rule is
// written at once, later ones at most once a minute; Flush writes the rest. It
// never fails: routing goes on by the next rule.
func (s *Service) Report(ctx context.Context, failed []routing.RuleError) {
	if len(failed) == 0 {
		return
	}
	now := s.Now()
	s.faults.mu.Lock()
	if s.faults.open == nil {
		s.faults.open = map[faulty]*fault{}
	}
	for _, e := range failed {
		key := faulty{e.RuleID, e.Version}
		f := s.faults.open[key]
		if f == nil {
			f = &fault{}
			s.faults.open[key] = f
		}
		f.n++
		f.last = shorten(e.Err)
	}
	s.faults.mu.Unlock()
	if err := s.flush(ctx, now); err != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "failures of rules are not counted yet", slog.String("error", err.Error()))
	}
}

// Flush writes what Report has not written yet. It is called every minute.
func (s *Service) Flush(ctx context.Context) error { return s.flush(ctx, s.Now()) }

// flush writes the failures of every rule whose gap is over. What cannot be
// written is kept.
func (s *Service) flush(ctx context.Context, now time.Time) error {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	var all error
	for key, f := range s.faults.open {
		if f.n == 0 || !f.wroteAt.IsZero() && now.Sub(f.wroteAt) < faultGap {
			continue
		}
		f.wroteAt = now // a database that is away is not asked for every case either
		err := s.Store.Do(ctx, func(tx store.Tx) error { return tx.Rules().AddErrors(ctx, key.id, key.version, f.n, f.last, now) })
		if err != nil {
			all = errors.Join(all, err)
			continue
		}
		s.Log.LogAttrs(ctx, slog.LevelWarn, "a routing rule fails", slog.String("rule", key.id), slog.Int("version", key.version),
			slog.Int("errors", f.n), slog.String("error", f.last))
		f.n = 0
	}
	return all
}

// shorten keeps an error to what the database can hold.
func shorten(err error) string {
	text := strings.ReplaceAll(err.Error(), "\x00", "")
	return strings.ToValidUTF8(text[:min(len(text), maxFault)], "")
}
