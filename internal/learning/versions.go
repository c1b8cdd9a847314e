package learning

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Version is one trained classifier with its story.
type Version struct {
	store.ListedModel
	Figures Figures
	Active  bool
	Verdict Verdict
}

// Overview is what people see of the classifier.
type Overview struct {
	// Versions are the newest 20 and the active one, the newest first.
	Versions []Version
	// Activation tells which one is active since when, and by whom; zero when
	// there is none yet.
	Activation store.Activation
	// Serving is the version that decides in this process. It differs from the
	// active one while that cannot be read; then Broken says why.
	Serving string
	Broken  string
	// Trainings are the last ones asked for or done, the newest first; one
	// without EndedAt is still to do or under way.
	Trainings []store.Training
	// Confirmed counts the routings that people confirmed, and NewestAt is when
	// the newest was.
	Confirmed int
	NewestAt  time.Time
}

// shownTrainings is how many trainings an overview has.
const shownTrainings = 10

// List returns the versions of the classifier and what happened to them.
func (s *Service) List(ctx context.Context, actor civic.Actor) (Overview, error) {
	if err := actor.CheckPermission(civic.SeeModel); err != nil {
		return Overview{}, err
	}
	return s.overview(ctx)
}

func (s *Service) overview(ctx context.Context) (o Overview, err error) {
	if err := s.refresh(ctx); err != nil {
		return Overview{}, err
	}
	var models []store.ListedModel
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		if models, err = tx.Models().List(ctx, kept); err != nil {
			return err
		}
		if o.Activation, err = tx.Models().Activation(ctx); err != nil && errs.KindOf(err) != errs.NotFound {
			return err
		}
		if o.Trainings, err = tx.Trainings().List(ctx, shownTrainings); err != nil {
			return err
		}
		o.Confirmed, o.NewestAt, err = tx.Routes().CountConfirmed(ctx)
		return err
	})
	if err != nil {
		return Overview{}, fmt.Errorf("list the models: %w", err)
	}
	for _, m := range models {
		o.Versions = append(o.Versions, Version{
			ListedModel: m, Figures: figuresOf(m.Figures), Active: m.Version == o.Activation.Version, Verdict: Verdict(m.Verdict),
		})
	}
	_, row := s.serving.current()
	o.Serving = row.Version
	if problem := s.serving.problem(); problem != nil {
		o.Broken = problem.Error()
	}
	return o, nil
}

// TrainNow asks for a training. It begins within a minute, at once in the
// process that does the background work; what came of it stands in List. While
// one waits, that one is returned.
func (s *Service) TrainNow(ctx context.Context, actor civic.Actor) (job store.Training, err error) {
	if err := actor.CheckPermission(civic.ManageModel); err != nil {
		return store.Training{}, err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		open, err := tx.Trainings().Open(ctx)
		if err != nil {
			return err
		}
		if len(open) > 0 {
			job = open[0]
			return nil
		}
		job = store.Training{Reason: ReasonAsked, AskedAt: s.Now(), AskedBy: actor.User}
		job.ID, err = tx.Trainings().Add(ctx, job)
		return err
	})
	if err != nil {
		return store.Training{}, fmt.Errorf("ask for a training: %w", err)
	}
	if s.Asked != nil {
		s.Asked()
	}
	return job, nil
}

// Activate lets a version serve, in every process from the next case on. It is
// Conflict with code model.pruned when its data was given up, and with
// model.broken when it cannot be read. Going back to an older version than the
// active one is remembered: a model that learned from the same confirmations
// does not replace it by itself, and a later one only if it is better.
func (s *Service) Activate(ctx context.Context, actor civic.Actor, version string) error {
	if err := actor.CheckPermission(civic.ManageModel); err != nil {
		return err
	}
	var m store.Model
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		m, err = tx.Models().Get(ctx, version)
		return err
	})
	if err != nil {
		return fmt.Errorf("activate the model: %w", err)
	}
	if len(m.Data) == 0 {
		return errs.New(errs.Conflict, "model.pruned")
	}
	if _, err := load(m); err != nil {
		return errs.Wrap(errs.Conflict, "model.broken", err)
	}
	now := s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		active, err := tx.Models().Active(ctx)
		switch {
		case err != nil && errs.KindOf(err) != errs.NotFound:
			return err
		case active.Version == version:
			return nil
		case m.TrainedAt.Before(active.TrainedAt):
			if err := tx.Models().RollBack(ctx, active.Version, now); err != nil {
				return err
			}
		}
		return tx.Models().Activate(ctx, version, now, actor.User)
	})
	if err != nil {
		return fmt.Errorf("activate the model: %w", err)
	}
	return s.refresh(ctx)
}

// Health is what an operator is told about the classifier.
type Health struct {
	Active, Serving string // versions; they differ while the active one cannot be read
	TrainedAt       time.Time
	Broken          string // why the active one cannot be read
	Examples        int
	// Waiting counts examples of agencies that ended and for which nothing says
	// who took over.
	Waiting int
}

// Health looks at the classifier. It is for the operator's report and metrics.
func (s *Service) Health(ctx context.Context) (Health, error) {
	o, err := s.overview(ctx)
	if err != nil {
		return Health{}, err
	}
	h := Health{Active: o.Activation.Version, Serving: o.Serving, Broken: o.Broken}
	for _, v := range o.Versions {
		if v.Version == h.Active {
			h.TrainedAt, h.Examples = v.TrainedAt, v.Examples
		}
	}
	groups, err := s.undecided(ctx)
	for _, g := range groups {
		h.Waiting += g.Count
	}
	return h, err
}
