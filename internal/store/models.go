package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Model is one version of the trained classifier.
type Model struct {
	Version   string
	Data      []byte
	Examples  int // confirmed routings it learned from
	TrainedAt time.Time
	Figures   string // JSON of what was measured when it was trained
	// NewestAt is when the newest of the routings was confirmed that it learned
	// from; zero when there were none.
	NewestAt  time.Time
	Reason    string       // why it was trained, a code
	TrainedBy civic.UserID // who asked for it; zero for nobody
	Verdict   string       // why it was taken up or not, a code
	// RolledBackAt is when a person went back from it to an older one; zero
	// for never. Add leaves it as it is.
	RolledBackAt time.Time
}

// ListedModel is a model in a list, without its data.
type ListedModel struct {
	Model
	Trainer string // name of who asked for it
	Pruned  bool   // the data is gone: it cannot serve again
}

// Activation says which model serves.
type Activation struct {
	Version string
	At      time.Time
	By      civic.UserID // zero: the trainer itself
}

// Models keeps the trained classifiers and which one serves.
type Models interface {
	// Add stores a model, in place of one with the same version.
	Add(ctx context.Context, m Model) error
	// Activate makes a stored model the one that serves, or NotFound. by is who
	// chose it, zero for the trainer.
	Activate(ctx context.Context, version string, at time.Time, by civic.UserID) error
	// Active returns the model that serves, or NotFound.
	Active(ctx context.Context) (Model, error)
	// ActiveVersion is Active without the data: cheap enough for every job.
	ActiveVersion(ctx context.Context) (string, error)
	// Activation tells since when and by whom the model serves, or NotFound.
	Activation(ctx context.Context) (Activation, error)
	// Get returns a model, or NotFound.
	Get(ctx context.Context, version string) (Model, error)
	// List returns the newest limit models, the newest first, and the active
	// one at the end if it is older. Data is left out.
	List(ctx context.Context, limit int) ([]ListedModel, error)
	// RollBack notes that a person went back from a model, or NotFound.
	RollBack(ctx context.Context, version string, at time.Time) error
	// Prune empties the data of all but the newest keep and the active one,
	// and returns of how many.
	Prune(ctx context.Context, keep int) (int, error)
}

// Training is one time that the classifier was, or is to be, trained.
type Training struct {
	ID      int64
	Reason  string // a code
	AskedAt time.Time
	AskedBy civic.UserID // zero for nobody
	EndedAt time.Time    // zero: still to do, or under way
	Outcome string       // a code; empty until it ended
	Version string       // of the model that came of it
}

// Trainings keeps why the classifier was trained.
type Trainings interface {
	// Add stores a training and returns its ID.
	Add(ctx context.Context, t Training) (int64, error)
	// End notes what came of one. A training that ended is left as it is.
	End(ctx context.Context, id int64, outcome, version string, at time.Time) error
	// Open returns those still to do, the oldest first.
	Open(ctx context.Context) ([]Training, error)
	// Last returns the newest one with a reason that ended, or NotFound.
	Last(ctx context.Context, reason string) (Training, error)
	// List returns up to limit, the newest first.
	List(ctx context.Context, limit int) ([]Training, error)
}
