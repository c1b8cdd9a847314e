package learning

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/store"
)

// serving is the classifier that this process uses.
type serving struct {
	mu     sync.Mutex
	model  *routing.Model
	stored store.Model      // of model, without data
	active store.Activation // as it was seen last, also when it cannot be read
	broken error            // why it cannot
}

// any reports whether a model is active, readable or not.
func (v *serving) any() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.active.Version != ""
}

func (v *serving) problem() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.broken
}

// current returns the model that serves and its row; nil when there is none.
func (v *serving) current() (*routing.Model, store.Model) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.model, v.stored
}

// Classifier returns the model that serves, in step with the store; nil when
// there is none yet.
func (s *Service) Classifier(ctx context.Context) (*routing.Model, error) {
	if err := s.refresh(ctx); err != nil {
		return nil, err
	}
	model, _ := s.serving.current()
	return model, nil
}

// refresh takes up the active model if this process has another. If it cannot
// be read, what served before goes on serving; a process that just started
// takes the newest version that can be read. The log is told once.
func (s *Service) refresh(ctx context.Context) error {
	v := &s.serving
	v.mu.Lock()
	defer v.mu.Unlock()
	var active store.Model
	var now store.Activation
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		active = store.Model{}
		// With its time: a model that was broken may be mended under its name.
		if now, err = tx.Models().Activation(ctx); err != nil || now == v.active {
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
	v.active = now
	model, err := load(active)
	if v.broken = err; err == nil {
		v.take(model, active)
		return nil
	}
	s.Log.LogAttrs(ctx, slog.LevelError, "the active classifier cannot be read; the last good one serves",
		slog.String("model", active.Version), slog.String("error", err.Error()))
	if v.model != nil {
		return nil
	}
	return s.fallBack(ctx, v)
}

// take lets a model serve.
func (v *serving) take(model *routing.Model, row store.Model) {
	row.Data = nil
	v.model, v.stored = model, row
}

// load reads a stored model.
func load(m store.Model) (*routing.Model, error) {
	model := new(routing.Model)
	if err := model.UnmarshalBinary(m.Data); err != nil {
		return nil, fmt.Errorf("read model %s: %w", m.Version, err)
	}
	return model, nil
}

// fallBack serves the newest version that can be read, if there is one.
func (s *Service) fallBack(ctx context.Context, v *serving) error {
	var all []store.ListedModel
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		all, err = tx.Models().List(ctx, kept)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for a model to fall back to: %w", err)
	}
	for _, listed := range all {
		if listed.Pruned || listed.Version == v.active.Version || listed.Verdict != "" && !promoting[Verdict(listed.Verdict)] {
			continue
		}
		var m store.Model
		err := s.Store.View(ctx, func(tx store.Tx) (err error) {
			m, err = tx.Models().Get(ctx, listed.Version)
			return err
		})
		if err != nil {
			return fmt.Errorf("look for a model to fall back to: %w", err)
		}
		if model, err := load(m); err == nil {
			v.take(model, m)
			return nil
		}
	}
	return nil
}
