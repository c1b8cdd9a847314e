// Package learning trains the classifier that routes, and governs which version
// of it serves.
//
// It learns from the routings that people confirmed and, where there are few,
// from the descriptions of the agencies in the registry. Every version is kept
// with its figures and the reason why it was trained. A new one is measured on
// confirmations that it did not see, beside the one that serves, and takes its
// place only if it is not worse; see judge. A person may go back to any version
// in one step, and the trainer does not undo that: see verdicts.
package learning

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/store"
)

const (
	// seedWeight is how much an agency's description counts beside a confirmed
	// routing: enough to route with no history, little once there is some.
	seedWeight = 0.5
	// learnMin and learnShare say how many new confirmations are worth a new
	// model at once: five, or a twentieth of what the last one learned from.
	// Fewer wait for the night.
	learnMin   = 5
	learnShare = 20
	// maxExamples bounds a training to the newest confirmations: minutes of
	// work and hundreds of megabytes at most.
	maxExamples = 100_000
	// trainLease is how long a trainer that died keeps others from training.
	trainLease = 15 * time.Minute
	// nightHour is when the nightly training is due, in civic.Zone: nobody
	// works, and the backup that operators run after midnight is over.
	nightHour = 2
	// kept is how many models keep their data, to go back to.
	kept = 20
)

// Why a model was trained.
const (
	ReasonFirst         = "first"         // there was none
	ReasonRegistry      = "registry"      // the agencies or their descriptions changed
	ReasonBroken        = "broken"        // the active one could not be read
	ReasonConfirmations = "confirmations" // enough new ones
	ReasonNightly       = "nightly"
	ReasonAsked         = "asked" // by a person
)

// Service trains and serves the classifier. All fields but Asked are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Now      func() time.Time
	// Log is told of models that cannot be read.
	Log *slog.Logger
	// Asked is told that a training was asked for, to wake the loop.
	Asked func()

	serving serving
}

// Learn sees to it that a classifier serves, and trains a new one when one was
// asked for, the registry changed, enough routings were confirmed, or at night
// when any was. One process at a time trains; the others take up its model.
func (s *Service) Learn(ctx context.Context) error {
	seeds := s.seeds()
	print := fingerprint(seeds)
	reason, err := s.due(ctx, print)
	if err != nil || reason == "" {
		return err
	}
	holder := rand.Text() // nobody else's, in this process or another
	mine, err := s.lease(ctx, func(tx store.Tx) (bool, error) {
		return tx.Leases().Take(ctx, "model.train", holder, s.Now(), trainLease)
	})
	if err != nil || !mine {
		return err
	}
	err = s.trainNow(ctx, seeds, print)
	_, releaseErr := s.lease(context.WithoutCancel(ctx), func(tx store.Tx) (bool, error) {
		return true, tx.Leases().Release(ctx, "model.train", holder)
	})
	if err = errors.Join(err, releaseErr); err != nil {
		return fmt.Errorf("train the classifier: %w", err)
	}
	return s.refresh(ctx)
}

func (s *Service) lease(ctx context.Context, do func(store.Tx) (bool, error)) (ok bool, err error) {
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		ok, err = do(tx)
		return err
	})
	return ok, err
}

// situation is what due looks at.
type situation struct {
	open      []store.Training
	newest    *store.Model // the last trained, whether it serves or not
	confirmed int
	newestAt  time.Time
	nightly   time.Time // when the last nightly training ended
}

// due says why a training is due, or nothing.
func (s *Service) due(ctx context.Context, seeds string) (string, error) {
	if err := s.refresh(ctx); err != nil {
		return "", err
	}
	var now situation
	if err := s.Store.View(ctx, func(tx store.Tx) error { return now.read(ctx, tx) }); err != nil {
		return "", fmt.Errorf("see whether to train: %w", err)
	}
	night := lastNight(s.Now())
	switch newest := now.newest; {
	case len(now.open) > 0:
		return now.open[0].Reason, nil
	case newest == nil || !s.serving.any():
		return ReasonFirst, nil
	case s.serving.problem() != nil:
		return ReasonBroken, nil
	case figuresOf(newest.Figures).Seeds != seeds:
		return ReasonRegistry, nil
	case now.confirmed-newest.Examples >= max(learnMin, newest.Examples/learnShare):
		return ReasonConfirmations, nil
	case newest.TrainedAt.Before(night) && now.nightly.Before(night) &&
		(now.confirmed != newest.Examples || !now.newestAt.Equal(newest.NewestAt)):
		return ReasonNightly, nil
	}
	return "", nil
}

func (n *situation) read(ctx context.Context, tx store.Tx) (err error) {
	*n = situation{}
	if n.open, err = tx.Trainings().Open(ctx); err != nil {
		return err
	}
	models, err := tx.Models().List(ctx, 1)
	if err != nil {
		return err
	}
	if len(models) > 0 {
		n.newest = &models[0].Model
	}
	if n.confirmed, n.newestAt, err = tx.Routes().CountConfirmed(ctx); err != nil {
		return err
	}
	last, err := tx.Trainings().Last(ctx, ReasonNightly)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	n.nightly = last.EndedAt
	return nil
}

// lastNight is the latest moment at which the nightly training was due.
func lastNight(now time.Time) time.Time {
	local := now.In(civic.Zone)
	due := time.Date(local.Year(), local.Month(), local.Day(), nightHour, 0, 0, 0, civic.Zone)
	if due.After(now) {
		due = due.AddDate(0, 0, -1)
	}
	return due.UTC()
}

// seeds describe the agencies that may receive: where routing starts.
func (s *Service) seeds() []routing.Example {
	var out []routing.Example
	for _, a := range s.Registry.AgenciesAt(s.Now()) {
		if !a.Receives {
			continue
		}
		parts := append([]string{a.Names[civic.Vietnamese], a.Names[civic.English], a.Competence}, a.Aliases...)
		out = append(out, routing.Example{Text: strings.Join(parts, "\n"), Label: string(a.Code), Weight: seedWeight, Seed: true})
	}
	return out
}

func fingerprint(seeds []routing.Example) string {
	h := sha256.New()
	for _, e := range seeds {
		fmt.Fprintf(h, "%q %q %g\n", e.Label, e.Text, e.Weight)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
