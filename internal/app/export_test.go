package app

import "net/http"

// Handler is what the faces answer with.
func (a *App) Handler() http.Handler { return a.handler }

// Routes lists what the faces answer.
func (a *App) Routes() []string { return a.routes }
