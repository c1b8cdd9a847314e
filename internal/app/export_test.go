package app

import (
	"net/http"

	"hienke/internal/jobs"
)

// Handler is what the faces answer with.
func (a *App) Handler() http.Handler { return a.handler }

// Loops are the rounds of a worker.
func (a *App) Loops() []jobs.Loop { return a.loops() }

// Routes lists what the faces answer.
func (a *App) Routes() []string { return a.routes }
