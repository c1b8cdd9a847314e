package sqlstore

import (
	"context"
	"time"

	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Models = models{}

const modelMissing = "model.not_found"

// Add implements store.Models.
func (t models) Add(ctx context.Context, m store.Model) error {
	const query = `INSERT INTO models (version, data, examples, trained_at, figures) VALUES (?, ?, ?, ?, ?) ON CONFLICT (version) DO UPDATE
		SET data = excluded.data, examples = excluded.examples, trained_at = excluded.trained_at, figures = excluded.figures`
	data := m.Data
	if data == nil {
		data = []byte{}
	}
	_, err := t.exec(ctx, query, m.Version, data, m.Examples, m.TrainedAt, m.Figures)
	return err
}

// Activate implements store.Models. Two that activate at the same moment wait
// for each other at the one row; the later stays.
func (t models) Activate(ctx context.Context, version string, now time.Time) error {
	found, err := t.count(ctx, `SELECT count(*) FROM models WHERE version = ?`, version)
	if err != nil {
		return err
	}
	if found == 0 {
		return errs.New(errs.NotFound, modelMissing)
	}
	const query = `INSERT INTO active_model (slot, version, activated_at) VALUES (1, ?, ?)
		ON CONFLICT (slot) DO UPDATE SET version = excluded.version, activated_at = excluded.activated_at`
	_, err = t.exec(ctx, query, version, now)
	return err
}

// Active implements store.Models.
func (t models) Active(ctx context.Context) (store.Model, error) {
	const query = `SELECT m.version, m.data, m.examples, m.trained_at, m.figures FROM active_model a JOIN models m ON m.version = a.version`
	return get(ctx, t.tx, modelMissing, func(r row) (m store.Model, err error) {
		return m, r.Scan(&m.Version, &m.Data, &m.Examples, at(&m.TrainedAt), &m.Figures)
	}, query)
}

// ActiveVersion implements store.Models.
func (t models) ActiveVersion(ctx context.Context) (string, error) {
	return get(ctx, t.tx, modelMissing, func(r row) (version string, err error) { return version, r.Scan(&version) },
		`SELECT version FROM active_model`)
}
