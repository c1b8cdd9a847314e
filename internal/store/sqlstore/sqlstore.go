// Package sqlstore implements the port store on SQLite and on PostgreSQL with
// plain database/sql. The statements are written once, with ? for parameters
// and IN LIST(?) for sets; what truly differs between the two lies in sqlite.go
// and postgres.go.
//
// SQLite: all writes share one connection that begins IMMEDIATE, because a
// transaction that reads first and then writes fails at random when another
// does the same; reads have a pool of their own that cannot write.
//
// PostgreSQL: Do and View share a pool; receiving has its own few connections,
// so that slow work inside the house never makes a citizen wait.
package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"hienke/internal/errs"
	"hienke/internal/store"
)

// Options tune a store. The zero value suits most installations.
type Options struct {
	// MaxConns bounds the connections: to PostgreSQL, beside those that
	// receiving keeps for itself, or to SQLite for reading. 0 means 16.
	MaxConns int
	// OneByOne gives every submission a commit of its own, on as many
	// connections as Do has. It is what group commit is compared with.
	OneByOne bool
}

const defaultMaxConns = 16

// Do gives a transaction this many tries when the database ends it for the
// sake of another (deadlock, serialization failure). Each retry waits a random
// time up to tries × retryStep, so that two rivals do not meet again.
const (
	maxTries  = 6
	retryStep = 10 * time.Millisecond
)

// Store is a database. It is safe for concurrent use.
type Store struct {
	dialect dialect
	write   *sql.DB // Do and migrations
	read    *sql.DB // View
	receive *sql.DB // the committers
	closers []*sql.DB
	inbox   *inbox
	closed  atomic.Bool
}

var _ store.Store = (*Store)(nil)

// Open connects to the database that url names: sqlite:PATH, or
// postgres://USER:PASSWORD@HOST/DATABASE. It does not migrate. The database
// must answer before ctx ends; afterwards ctx has no effect on the store.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if o.MaxConns <= 0 {
		o.MaxConns = defaultMaxConns
	}
	scheme, rest, _ := strings.Cut(url, ":")
	var s *Store
	var err error
	switch scheme {
	case "sqlite":
		s, err = openSQLite(rest, o)
	case "postgres", "postgresql":
		s, err = openPostgres(url, o)
	default:
		return nil, errs.New(errs.Invalid, "database.unknown_scheme") // not quoted: it may hold a password
	}
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := s.Ping(ctx); err != nil {
		s.closeAll() //nolint:errcheck // the reason is err
		return nil, fmt.Errorf("open the database: %w", err)
	}
	lasting := context.WithoutCancel(ctx)
	committers, batch := s.dialect.committers(), maxBatch
	if o.OneByOne {
		committers, batch, s.receive = s.write.Stats().MaxOpenConnections, 1, s.write
	}
	s.inbox = startInbox(committers, batch, func(calls []*call) { s.settle(lasting, calls) })
	return s, nil
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if s.closed.Load() {
		return errClosed()
	}
	return classify(s.read.PingContext(ctx))
}

// errClosed is the answer of a store that was closed.
func errClosed() error { return errs.New(errs.Unavailable, "store.closed") }

// Close waits for what Receive has in hand and gives the connections back.
// Receive refuses from its first moment.
func (s *Store) Close() error {
	s.inbox.close()
	s.closed.Store(true)
	return s.closeAll()
}

func (s *Store) closeAll() error {
	var first error
	for _, db := range s.closers {
		if err := db.Close(); err != nil && first == nil {
			first = fmt.Errorf("close the database: %w", err)
		}
	}
	return first
}

// Do implements store.Store.
func (s *Store) Do(ctx context.Context, fn func(store.Tx) error) error {
	return s.retrying(ctx, func() error {
		return s.within(ctx, s.write, nil, func(t *tx) error { return fn(t) })
	})
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, fn func(store.Tx) error) error {
	return s.within(ctx, s.read, s.dialect.snapshot(), func(t *tx) error {
		t.view = true
		return fn(t)
	})
}

// retrying calls run again while the database asks for it.
func (s *Store) retrying(ctx context.Context, run func() error) error {
	for try := 1; ; try++ {
		err := run()
		if err == nil || try == maxTries || !s.dialect.retryable(err) {
			return err
		}
		wait := time.NewTimer(rand.N(time.Duration(try) * retryStep)) //nolint:gosec // spreads rivals, guards nothing
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return err
		}
	}
}

// within runs fn in one transaction. Whatever ends fn but a nil return rolls
// back: an error, a panic, runtime.Goexit.
func (s *Store) within(ctx context.Context, db *sql.DB, opts *sql.TxOptions, fn func(*tx) error) error {
	if s.closed.Load() {
		return errClosed()
	}
	sqlTx, err := db.BeginTx(ctx, opts)
	if err != nil {
		return ended(ctx, classify(err))
	}
	committed := false
	defer func() {
		if !committed {
			_ = sqlTx.Rollback() // the connection is dropped if even this fails
		}
	}()
	if err := fn(&tx{sql: sqlTx, d: s.dialect}); err != nil {
		return ended(ctx, err)
	}
	if err := sqlTx.Commit(); err != nil {
		return ended(ctx, classify(err))
	}
	committed = true
	return nil
}

// ended returns the context's error in place of what breaking off looks like
// to a driver: a transaction that is over, an interrupt, a closed connection.
func ended(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	switch errs.CodeOf(err) {
	case databaseFailed, databaseUnavailable, databaseBusy:
		return ctx.Err()
	}
	return err
}
