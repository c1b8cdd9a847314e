// Package app builds Hiến Kế from its configuration, runs it, and stops it in
// the reverse order. It is the only package that sees every adapter, and the
// only one that reads the clock.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"hienke/internal/absence"
	"hienke/internal/accounts"
	"hienke/internal/answers"
	"hienke/internal/attachments"
	"hienke/internal/audit"
	"hienke/internal/bulk"
	"hienke/internal/config"
	"hienke/internal/deadlines"
	"hienke/internal/dialogue"
	"hienke/internal/directory"
	"hienke/internal/exports"
	"hienke/internal/finding"
	"hienke/internal/following"
	"hienke/internal/guardians"
	"hienke/internal/i18n"
	"hienke/internal/insight"
	"hienke/internal/intake"
	"hienke/internal/jobs"
	"hienke/internal/learning"
	"hienke/internal/limit"
	"hienke/internal/notices"
	"hienke/internal/openness"
	"hienke/internal/opinions"
	"hienke/internal/presence"
	"hienke/internal/privacy"
	"hienke/internal/queue"
	"hienke/internal/reach"
	"hienke/internal/registry"
	"hienke/internal/reminders"
	"hienke/internal/rulebook"
	"hienke/internal/seal"
	"hienke/internal/search"
	"hienke/internal/store/sqlstore"
	"hienke/internal/teamwork"
	"hienke/internal/timetable"
	"hienke/internal/triage"
	"hienke/internal/worklist"
)

// Role says which part of the work a process does.
type Role string

// The roles.
const (
	Everything Role = "serve"  // pages, API and background work
	API        Role = "api"    // pages and API alone
	Worker     Role = "worker" // background work alone
	Tool       Role = "tool"   // none: a command that works on the data
)

// Options are what does not come from the configuration.
type Options struct {
	Role Role
	Demo bool
	Log  *slog.Logger
	// Notice is where a person reads what is said once, such as the demo
	// password; nil says nothing.
	Notice io.Writer
	// Ready is called once this process is, with the address it listens on,
	// empty for a worker; nil is nobody.
	Ready func(address string)
	// Now is the clock; nil is the system's.
	Now func() time.Time
	// Random is a source of uniform bytes; nil is the system's.
	Random io.Reader
}

// App is one running installation.
type App struct {
	Config  config.Config
	Options Options
	Log     *slog.Logger
	Now     func() time.Time

	Data      *registry.Data
	Times     *timetable.Times
	Catalogue *i18n.Catalogue
	Keys      *seal.Keys
	Store     *sqlstore.Store
	Queue     queue.Queue
	Limits    limit.Limiter
	// Public and Staff are the search engine's two indexes.
	Public, Staff search.Index

	Services

	files files

	queueServer queue.Server
	relay       *jobs.Relay
	wakes       wakes
	metrics     *metrics
	handler     http.Handler
	routes      []string // what the faces answer, as METHOD PATH; a test walks them
	state       readiness
	// board knows who is at which case; tellPresence, where it is shared, wakes
	// those who watch it.
	board        presence.Board
	tellPresence func(context.Context) error
	// embeddedQueue tells that the queue begins empty at each start.
	embeddedQueue bool
	closers       []func() error
}

// Services are the use cases. They share one clock.
type Services struct {
	Intake    *intake.Service
	Triage    *triage.Service
	Dialogue  *dialogue.Service
	Opinions  *opinions.Service
	Teamwork  *teamwork.Service
	Openness  *openness.Service
	Answers   *answers.Service
	Accounts  *accounts.Service
	Notices   *notices.Service
	Following *following.Service
	Reach     *reach.Service
	Guardians *guardians.Service
	Finding   *finding.Service
	Insight   *insight.Service
	Rulebook  *rulebook.Service
	Learning  *learning.Service
	Audit     *audit.Service
	Privacy   *privacy.Service

	Attachments *attachments.Service
	Deadlines   *deadlines.Service
	Directory   *directory.Service
	Reminders   *reminders.Service
	Absence     *absence.Service
	Worklist    *worklist.Service
	Bulk        *bulk.Service
	Exports     *exports.Service
}

// New opens every part, migrates the database and wires everything. What was
// opened is closed again when a later part fails.
func New(ctx context.Context, cfg config.Config, o Options) (*App, error) {
	a := &App{Config: cfg, Options: o, Log: o.Log, Now: o.Now, wakes: newWakes(), metrics: newMetrics()}
	if a.Log == nil {
		a.Log = slog.New(slog.DiscardHandler)
	}
	if a.Now == nil {
		a.Now = SystemClock
	}
	if a.Options.Random == nil {
		a.Options.Random = rand.Reader
	}
	if cfg.Rate.Limits == "off" {
		a.Log.Warn("limits and repeat gates are off: for tests and benchmarks only")
	}
	for _, part := range []struct {
		name string
		open func(context.Context) error
	}{
		{"registry", a.openRegistry},
		{"data folder", a.openFolder},
		{"database", a.openStore},
		{"key", a.openKeys},
		{"queue", a.openQueue},
		{"search", a.openSearch},
		{"mail", a.openMail},
		{"file store", a.openFiles},
		{"services", a.openServices},
		{"ledger of erasures", a.replayErasures},
		{"pages", a.openFaces},
	} {
		if err := part.open(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("open the %s: %w", part.name, err), a.Close())
		}
	}
	return a, nil
}

// SystemClock reads the clock of this machine, in UTC.
func SystemClock() time.Time { return time.Now().UTC() }

// onClose remembers what Close must undo.
func (a *App) onClose(f func() error) { a.closers = append(a.closers, f) }

// Close gives every part back, the last opened first.
func (a *App) Close() error {
	var all error
	for i := len(a.closers) - 1; i >= 0; i-- {
		all = errors.Join(all, a.closers[i]())
	}
	a.closers = nil
	return all
}

// embedded reports whether any part lies in the data folder.
func (a *App) embedded() bool {
	return a.Config.Database.URL == "" || a.Config.Meili.URL == "" || a.Config.Keys.File == "" || a.Config.Blob.URL == ""
}

// publicURL is the address in mails and links.
func (a *App) publicURL() string {
	if a.Config.HTTP.PublicURL != "" {
		return a.Config.HTTP.PublicURL
	}
	host, port, err := net.SplitHostPort(a.Config.HTTP.Listen)
	if err != nil || host == "" || net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// SchemaVersion is the version of the database's tables.
func (a *App) SchemaVersion(ctx context.Context) (int64, error) {
	version, _, err := a.Store.Version(ctx)
	return version, err
}

// path is a file in the data folder.
func (a *App) path(name string) string { return filepath.Join(a.Config.Data.Dir, name) }
