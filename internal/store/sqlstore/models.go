package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var (
	_ store.Models    = models{}
	_ store.Trainings = trainings{}
)

const modelMissing = "model.not_found"

// modelSelect are the columns of a model but its data, under the name m, for
// modelDest.
const modelSelect = `m.version, m.examples, m.trained_at, m.figures, m.newest_at, m.reason, m.trained_by, m.verdict, m.rolled_back_at`

func modelDest(m *store.Model) []any {
	return []any{
		&m.Version, &m.Examples, at(&m.TrainedAt), &m.Figures, at(&m.NewestAt), &m.Reason, id(&m.TrainedBy), &m.Verdict, at(&m.RolledBackAt),
	}
}

func scanModel(r row) (m store.Model, err error) { return m, r.Scan(append(modelDest(&m), &m.Data)...) }

// Add implements store.Models.
func (t models) Add(ctx context.Context, m store.Model) error {
	const query = `INSERT INTO models (version, data, examples, trained_at, figures, newest_at, reason, trained_by, verdict)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (version) DO UPDATE SET data = excluded.data, examples = excluded.examples, trained_at = excluded.trained_at,
			figures = excluded.figures, newest_at = excluded.newest_at, reason = excluded.reason, trained_by = excluded.trained_by,
			verdict = excluded.verdict`
	data := m.Data
	if data == nil {
		data = []byte{}
	}
	_, err := t.exec(ctx, query, m.Version, data, m.Examples, m.TrainedAt, m.Figures, opt(m.NewestAt), m.Reason, ref(m.TrainedBy), m.Verdict)
	return err
}

// Activate implements store.Models. Two that activate at the same moment wait
// for each other at the one row; the later stays.
func (t models) Activate(ctx context.Context, version string, now time.Time, by civic.UserID) error {
	found, err := t.count(ctx, `SELECT count(*) FROM models WHERE version = ?`, version)
	if err != nil {
		return err
	}
	if found == 0 {
		return errs.New(errs.NotFound, modelMissing)
	}
	const query = `INSERT INTO active_model (slot, version, activated_at, activated_by) VALUES (1, ?, ?, ?)
		ON CONFLICT (slot) DO UPDATE SET version = excluded.version, activated_at = excluded.activated_at, activated_by = excluded.activated_by`
	if _, err = t.exec(ctx, query, version, now, ref(by)); err != nil {
		return err
	}
	return t.noteBy(ctx, by, now, store.NoteModelActivated, "model:"+version)
}

// Active implements store.Models.
func (t models) Active(ctx context.Context) (store.Model, error) {
	return get(ctx, t.tx, modelMissing, scanModel, `SELECT `+modelSelect+`, m.data FROM active_model a JOIN models m ON m.version = a.version`)
}

// Get implements store.Models.
func (t models) Get(ctx context.Context, version string) (store.Model, error) {
	return get(ctx, t.tx, modelMissing, scanModel, `SELECT `+modelSelect+`, m.data FROM models m WHERE m.version = ?`, version)
}

// ActiveVersion implements store.Models.
func (t models) ActiveVersion(ctx context.Context) (string, error) {
	return get(ctx, t.tx, modelMissing, func(r row) (version string, err error) { return version, r.Scan(&version) },
		`SELECT version FROM active_model`)
}

// Activation implements store.Models.
func (t models) Activation(ctx context.Context) (store.Activation, error) {
	return get(ctx, t.tx, modelMissing, func(r row) (a store.Activation, err error) {
		return a, r.Scan(&a.Version, at(&a.At), id(&a.By))
	}, `SELECT version, activated_at, activated_by FROM active_model`)
}

// newestModels are the versions of the newest models, as many as the argument
// says.
const newestModels = `SELECT version FROM models ORDER BY trained_at DESC, version DESC LIMIT ?`

// List implements store.Models.
func (t models) List(ctx context.Context, limit int) ([]store.ListedModel, error) {
	const query = `SELECT ` + modelSelect + `, COALESCE(u.name, ''), length(m.data) = 0
		FROM models m LEFT JOIN users u ON u.id = m.trained_by
		WHERE m.version IN (` + newestModels + `) OR m.version IN (SELECT version FROM active_model)
		ORDER BY m.trained_at DESC, m.version DESC`
	return list(ctx, t.tx, func(r row) (m store.ListedModel, err error) {
		return m, r.Scan(append(modelDest(&m.Model), &m.Trainer, &m.Pruned)...)
	}, query, limit)
}

// RollBack implements store.Models.
func (t models) RollBack(ctx context.Context, version string, now time.Time) error {
	if err := t.must(ctx, modelMissing, `UPDATE models SET rolled_back_at = ? WHERE version = ?`, now, version); err != nil {
		return err
	}
	return t.noteBy(ctx, 0, now, store.NoteModelRolledBack, "model:"+version)
}

// Prune implements store.Models.
func (t models) Prune(ctx context.Context, keep int) (int, error) {
	const query = `UPDATE models SET data = ? WHERE length(data) > 0 AND version NOT IN (SELECT version FROM active_model)
		AND version NOT IN (` + newestModels + `)`
	return t.exec(ctx, query, []byte{}, keep)
}

// trainingSelect are the columns for scanTraining.
const trainingSelect = `SELECT id, reason, asked_at, asked_by, ended_at, outcome, version FROM trainings`

func scanTraining(r row) (v store.Training, err error) {
	return v, r.Scan(&v.ID, &v.Reason, at(&v.AskedAt), id(&v.AskedBy), at(&v.EndedAt), &v.Outcome, &v.Version)
}

var trainingInsert = insert{
	table: "trainings", columns: []string{"reason", "asked_at", "asked_by", "ended_at", "outcome", "version"}, types: "tziztt",
}

// Add implements store.Trainings.
func (t trainings) Add(ctx context.Context, v store.Training) (int64, error) {
	return t.insertRow(ctx, trainingInsert, []any{v.Reason, v.AskedAt, ref(v.AskedBy), opt(v.EndedAt), v.Outcome, v.Version})
}

// End implements store.Trainings.
func (t trainings) End(ctx context.Context, id int64, outcome, version string, now time.Time) error {
	_, err := t.exec(ctx, `UPDATE trainings SET ended_at = ?, outcome = ?, version = ? WHERE id = ? AND ended_at IS NULL`, now, outcome, version, id)
	return err
}

// Open implements store.Trainings.
func (t trainings) Open(ctx context.Context) ([]store.Training, error) {
	return list(ctx, t.tx, scanTraining, trainingSelect+` WHERE ended_at IS NULL ORDER BY id`)
}

// Last implements store.Trainings.
func (t trainings) Last(ctx context.Context, reason string) (store.Training, error) {
	return get(ctx, t.tx, "training.not_found", scanTraining,
		trainingSelect+` WHERE reason = ? AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1`, reason)
}

// List implements store.Trainings.
func (t trainings) List(ctx context.Context, limit int) ([]store.Training, error) {
	return list(ctx, t.tx, scanTraining, trainingSelect+` ORDER BY id DESC LIMIT ?`, limit)
}
