package triage

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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
	// model: five, or a twentieth of what the present one learned from.
	learnMin   = 5
	learnShare = 20
	// maxExamples bounds a training to the newest confirmations: minutes of
	// work and hundreds of megabytes at most.
	maxExamples = 100_000
	// trainLease is how long a trainer that died keeps others from training.
	trainLease = 15 * time.Minute
)

// figures is what a stored model says about itself.
type figures struct {
	Seeds string `json:"seeds"` // fingerprint of the registry's descriptions
}

// Learn sees to it that a classifier serves, and trains a new one when the
// registry changed or enough routings were confirmed since. One process at a
// time trains; the others take up its model.
func (s *Service) Learn(ctx context.Context) error {
	seeds := s.seeds()
	print := fingerprint(seeds)
	due, err := s.learningIsDue(ctx, print)
	if err != nil || !due {
		return err
	}
	holder := rand.Text() // nobody else's, in this process or another
	mine, err := s.lease(ctx, func(tx store.Tx) (bool, error) {
		return tx.Leases().Take(ctx, "model.train", holder, s.Now(), trainLease)
	})
	if err != nil || !mine {
		return err
	}
	err = s.train(ctx, seeds, print)
	_, releaseErr := s.lease(context.WithoutCancel(ctx), func(tx store.Tx) (bool, error) {
		return true, tx.Leases().Release(ctx, "model.train", holder)
	})
	if err = errors.Join(err, releaseErr); err != nil {
		return fmt.Errorf("train the classifier: %w", err)
	}
	s.model.mu.Lock()
	broken := s.model.broken
	s.model.mu.Unlock()
	if err := s.refresh(ctx); err != nil || broken == nil {
		return err
	}
	return fmt.Errorf("the active classifier was trained anew: %w", broken) // for the operator's log
}

func (s *Service) lease(ctx context.Context, do func(store.Tx) (bool, error)) (ok bool, err error) {
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		ok, err = do(tx)
		return err
	})
	return ok, err
}

func (s *Service) learningIsDue(ctx context.Context, seeds string) (bool, error) {
	if err := s.refresh(ctx); err != nil {
		return false, err
	}
	s.model.mu.Lock()
	version, examples, old, broken := s.model.version, s.model.examples, s.model.seeds, s.model.broken
	s.model.mu.Unlock()
	if version == "" || old != seeds || broken != nil {
		return true, nil
	}
	var confirmed int
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		confirmed, _, err = tx.Routes().CountConfirmed(ctx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("count the confirmed routings: %w", err)
	}
	return confirmed-examples >= max(learnMin, examples/learnShare), nil
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

// train makes a model of seeds and confirmed routings and lets it serve.
func (s *Service) train(ctx context.Context, seeds []routing.Example, print string) error {
	var confirmed []store.Confirmed
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		confirmed, err = tx.Routes().Confirmed(ctx, maxExamples)
		return err
	})
	if err != nil {
		return err
	}
	examples := seeds
	for _, c := range confirmed {
		if s.Registry.CanReceive(c.Agency, s.Now()) { // an agency that ended receives nothing
			examples = append(examples, routing.Example{Text: c.Text, Label: string(c.Agency)})
		}
	}
	model, err := routing.Train(ctx, examples, routing.Options{})
	if err != nil {
		return err
	}
	data, err := model.MarshalBinary()
	if err != nil {
		return err
	}
	told, err := json.Marshal(figures{Seeds: print})
	if err != nil {
		return err
	}
	now := s.Now()
	stored := store.Model{Version: model.Version(), Data: data, Examples: len(confirmed), TrainedAt: now, Figures: string(told)}
	return s.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Models().Add(ctx, stored); err != nil {
			return err
		}
		return tx.Models().Activate(ctx, stored.Version, now)
	})
}

// refresh takes up the active model if this process has another.
func (s *Service) refresh(ctx context.Context) error {
	s.model.mu.Lock()
	defer s.model.mu.Unlock()
	var active store.Model
	err := s.Store.View(ctx, func(tx store.Tx) error {
		version, err := tx.Models().ActiveVersion(ctx)
		if err != nil || version == s.model.version {
			return err
		}
		active, err = tx.Models().Active(ctx)
		return err
	})
	switch {
	case err != nil && errs.KindOf(err) == errs.NotFound:
		return nil // none yet: rules alone decide
	case err != nil:
		return fmt.Errorf("read the active model: %w", err)
	case active.Version == "":
		return nil
	}
	model, told := new(routing.Model), figures{}
	if err := errors.Join(model.UnmarshalBinary(active.Data), json.Unmarshal([]byte(active.Figures), &told)); err != nil {
		// The one we have goes on serving; Learn trains it anew.
		s.model.broken = fmt.Errorf("read model %s: %w", active.Version, err)
		return nil
	}
	s.model.broken = nil
	s.model.model, s.model.version, s.model.examples, s.model.seeds = model, active.Version, active.Examples, told.Seeds
	return nil
}

// classifier returns the model that serves, in step with the store; nil when
// there is none yet.
func (s *Service) classifier(ctx context.Context) (*routing.Model, error) {
	if err := s.refresh(ctx); err != nil {
		return nil, err
	}
	s.model.mu.Lock()
	defer s.model.mu.Unlock()
	return s.model.model, nil
}
