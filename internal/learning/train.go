package learning

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/store"
)

// What came of a training, beside the verdicts on a new model.
const (
	OutcomeUnchanged = "unchanged" // it gave the model that serves already
	OutcomeFailed    = "failed"    // the log has the reason
)

// trainNow trains for whatever is due and ends the trainings that were asked
// for. The caller has the lease.
func (s *Service) trainNow(ctx context.Context, seeds []routing.Example, print string) error {
	reason, err := s.due(ctx, print) // again: another process may have done it
	if err != nil || reason == "" {
		return err
	}
	job, err := s.begin(ctx, reason)
	if err != nil {
		return err
	}
	outcome, version, err := s.train(ctx, job, seeds, print)
	switch {
	case err != nil && ctx.Err() != nil:
		return err // told to stop: the next process does it
	case err != nil:
		outcome = OutcomeFailed
	}
	ctx = context.WithoutCancel(ctx) // what came of it is noted in any case
	if ended := s.end(ctx, job, outcome, version); err == nil {
		err = ended
	}
	return err
}

// begin returns the training that was asked for first, or notes a new one.
func (s *Service) begin(ctx context.Context, reason string) (job store.Training, err error) {
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		open, err := tx.Trainings().Open(ctx)
		if err != nil {
			return err
		}
		if len(open) > 0 {
			job = open[0]
			return nil
		}
		job = store.Training{Reason: reason, AskedAt: s.Now()}
		job.ID, err = tx.Trainings().Add(ctx, job)
		return err
	})
	return job, err
}

// end notes what came of the training.
func (s *Service) end(ctx context.Context, job store.Training, outcome, version string) error {
	return s.Store.Do(ctx, func(tx store.Tx) error { return tx.Trainings().End(ctx, job.ID, outcome, version, s.Now()) })
}

// train makes a model of seeds and confirmed routings, judges it, and lets it
// serve if the verdict says so.
func (s *Service) train(ctx context.Context, job store.Training, seeds []routing.Example, print string) (outcome, version string, err error) {
	began := s.Now()
	examples, newestAt, confirmed, err := s.examples(ctx)
	if err != nil {
		return "", "", err
	}
	model, err := routing.Train(ctx, plain(seeds, examples), routing.Options{})
	if err != nil {
		return "", "", err
	}
	serving, row := s.serving.current()
	broken := s.serving.problem() != nil
	f := Figures{Seeds: print, Classes: len(model.Labels())}
	if serving != nil && !broken && model.Version() == row.Version {
		return OutcomeUnchanged, row.Version, s.touch(ctx, row.Version, print, confirmed, newestAt)
	}
	if err := compare(ctx, &f, seeds, examples, rivalOf(serving, row)); err != nil {
		return "", "", err
	}
	rolledBack, seenUntil, err := s.rollback(ctx)
	if err != nil {
		return "", "", err
	}
	verdict := f.verdict(serving != nil, rolledBack, !newestAt.After(seenUntil))
	f.Seconds = s.Now().Sub(began).Seconds()
	m := store.Model{
		Version: model.Version(), Examples: confirmed, NewestAt: newestAt, TrainedAt: s.Now(), Reason: job.Reason, TrainedBy: job.AskedBy,
		Verdict: string(verdict),
	}
	keep := row.Version // what serves when the new one may not
	if promoting[verdict] {
		keep = m.Version
	}
	return string(verdict), m.Version, s.store(ctx, model, m, f, keep, promoting[verdict] || broken)
}

// rivalOf is the model that serves, to be compared with. Of a model of an older
// program it is not known what it learned from, only when.
func rivalOf(m *routing.Model, row store.Model) rival {
	r := rival{model: m, version: row.Version, newestAt: row.NewestAt}
	if r.newestAt.IsZero() && row.Examples > 0 {
		r.newestAt = row.TrainedAt
	}
	return r
}

// store writes a model with its figures, and lets the version serve that shall
// if another is active.
func (s *Service) store(ctx context.Context, model *routing.Model, m store.Model, f Figures, serve string, activate bool) (err error) {
	if m.Data, err = model.MarshalBinary(); err != nil {
		return err
	}
	told, err := json.Marshal(f)
	if err != nil {
		return err
	}
	m.Figures = string(told)
	return s.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Models().Add(ctx, m); err != nil {
			return err
		}
		if activate {
			if err := tx.Models().Activate(ctx, serve, m.TrainedAt, 0); err != nil {
				return err
			}
		}
		_, err := tx.Models().Prune(ctx, kept)
		return err
	})
}

// touch notes that a training with what is known now gives the model that
// serves already, so that nobody trains for the same again.
func (s *Service) touch(ctx context.Context, version, print string, confirmed int, newestAt time.Time) error {
	return s.Store.Do(ctx, func(tx store.Tx) error {
		m, err := tx.Models().Get(ctx, version)
		if err != nil {
			return err
		}
		f := figuresOf(m.Figures)
		f.Seeds = print
		told, err := json.Marshal(f)
		if err != nil {
			return err
		}
		m.Figures, m.Examples, m.NewestAt, m.TrainedAt = string(told), confirmed, newestAt, s.Now()
		return tx.Models().Add(ctx, m)
	})
}

// examples reads what to learn from, the newest first, each under the agency
// that does its work today, with the time of the newest confirmation and their
// number. What waits for a person to say who took over is left out.
func (s *Service) examples(ctx context.Context) (out []example, newestAt time.Time, confirmed int, err error) {
	var all []store.Confirmed
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		if all, err = tx.Routes().Confirmed(ctx, maxExamples); err != nil {
			return err
		}
		confirmed, newestAt, err = tx.Routes().CountConfirmed(ctx)
		return err
	})
	if err != nil {
		return nil, time.Time{}, 0, fmt.Errorf("read the confirmed routings: %w", err)
	}
	now := s.Now()
	for _, c := range all {
		if agency, ok := s.Registry.Successor(c.Agency, c.Topic, now); ok {
			out = append(out, example{routing.Example{Text: c.Text, Label: string(agency)}, c.At})
		}
	}
	return out, newestAt, confirmed, nil
}

// rollback reports whether a person went back to the model that serves, and
// the newest confirmation that any model knew from which people went back.
func (s *Service) rollback(ctx context.Context) (back bool, seenUntil time.Time, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		back, seenUntil = false, time.Time{}
		active, err := tx.Models().Activation(ctx)
		if err != nil {
			if errs.KindOf(err) == errs.NotFound {
				return nil
			}
			return err
		}
		models, err := tx.Models().List(ctx, kept)
		for _, m := range models {
			if m.RolledBackAt.IsZero() || m.RolledBackAt.Before(active.At) {
				continue
			}
			back = true
			if m.NewestAt.After(seenUntil) {
				seenUntil = m.NewestAt
			}
		}
		return err
	})
	return back, seenUntil, err
}
