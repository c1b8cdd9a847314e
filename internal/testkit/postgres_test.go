package testkit_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"hienke/internal/testkit"
)

// notesMigrated counts the calls of notes.
var notesMigrated atomic.Int64

// notes migrates to a table with one row.
func notes(ctx context.Context, dsn string) error {
	notesMigrated.Add(1)
	return run(ctx, dsn, "CREATE TABLE note (text text NOT NULL); INSERT INTO note VALUES ('from the template')")
}

// run executes statements on a connection of its own.
func run(ctx context.Context, dsn, statements string) (err error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, statements)
	return err
}

// one returns the single value of a query.
func one[T any](t *testing.T, dsn, query string) T {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	var value T
	if err := db.QueryRowContext(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func TestPostgresGivesEveryTestItsOwnMigratedDatabase(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		t.Run(fmt.Sprintf("test %d", i+1), func(t *testing.T) {
			t.Parallel()
			dsn := testkit.Postgres(t, notes)
			if got := one[int](t, dsn, "SELECT count(*) FROM note"); got != 1 {
				t.Errorf("a fresh database has %d notes, want the one of the template", got)
			}
			if err := run(t.Context(), dsn, "INSERT INTO note VALUES ('mine')"); err != nil {
				t.Fatal(err)
			}
			if got := notesMigrated.Load(); got != 1 {
				t.Errorf("migrated %d times, want once per binary", got)
			}
		})
	}
}

func TestPostgresKeepsTwoMigrationsApart(t *testing.T) {
	t.Parallel()
	votes := func(ctx context.Context, dsn string) error { return run(ctx, dsn, "CREATE TABLE vote ()") }
	const tables = "SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
	if got := one[string](t, testkit.Postgres(t, votes), tables); got != "vote" {
		t.Errorf("tables %q, want vote", got)
	}
	if got := one[string](t, testkit.Postgres(t, notes), tables); got != "note" {
		t.Errorf("tables %q, want note", got)
	}
}

func TestPostgresDropsTheDatabaseThoughAConnectionIsOpen(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("inner", func(t *testing.T) {
		dsn := testkit.Postgres(t, notes)
		name = one[string](t, dsn, "SELECT current_database()")
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Left open on purpose.
	})
	if name == "" {
		t.Skip("the inner test got no database")
	}
	if got := one[int](t, os.Getenv(testkit.EnvPostgres), "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'"); got != 0 {
		t.Errorf("%s is still there", name)
	}
}

func TestPostgresReportsAFailedMigration(t *testing.T) {
	t.Parallel()
	testkit.Postgres(t, notes) // skips here where there is no server
	broken := func(context.Context, string) error { return errors.New("no such column") }
	r := &recorder{TB: t}
	r.run(func(t testing.TB) { testkit.Postgres(t, broken) })
	if r.outcome != "failed" || !strings.Contains(r.said, "no such column") {
		t.Errorf("it %s and said %q", r.outcome, r.said)
	}
}
