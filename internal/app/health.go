package app

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"

	"hienke/internal/store"
)

// readiness turns true once migrations, registry and demo are done.
type readiness struct{ ready atomic.Bool }

// partTime bounds how long one part may take to say that it is there.
const partTime = 2 * time.Second

// health answers /healthz: this process is alive.
func (a *App) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // whoever asked went away
}

// ready answers /readyz: 200 once this process can serve. A queue or a search
// engine that is away is told and is no refusal: intake does not need them.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	report := map[string]string{"database": "ok", "queue": "ok", "search": "ok", "start": "done"}
	status := http.StatusOK
	tell := func(part string, err error) bool {
		if err != nil {
			report[part] = "away"
		}
		return err == nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), partTime)
	defer cancel()
	if !tell("database", a.Store.Ping(ctx)) {
		status = http.StatusServiceUnavailable
	}
	tell("queue", a.Queue.Ping(ctx))
	tell("search", a.Public.Ping(ctx))
	if !a.state.ready.Load() {
		report["start"], status = "under way", http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(report) // whoever asked went away
}

// Count returns how many submissions there are.
func (a *App) Count(ctx context.Context) (int, error) {
	total := 0
	err := a.Store.View(ctx, func(tx store.Tx) error {
		counts, err := tx.Submissions().Count(ctx)
		total = 0
		for _, n := range counts {
			total += n
		}
		return err
	})
	return total, err
}

// DrainIndex brings everything that waits into an index.
func (a *App) DrainIndex(ctx context.Context, name store.IndexName) error {
	for {
		more, err := a.Finding.Drain(ctx, name)
		if err != nil || !more {
			return err
		}
	}
}
