package sqlstore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hienke/internal/errs"
	"hienke/internal/store"
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]errs.Kind{
		"":                   errs.Invalid,
		"mysql://localhost":  errs.Invalid,
		"sqlite:":            errs.Invalid,
		"sqlite::memory:":    errs.Invalid,
		"postgres://%zz":     errs.Invalid,
		"sqlite:/no/such/db": errs.Unavailable,
		"postgres://hienke:geheim@127.0.0.1:1/hienke?connect_timeout=1": errs.Unavailable,
	} {
		s, err := Open(t.Context(), url, Options{})
		if err == nil {
			t.Errorf("%q: opened", url)
			s.Close() //nolint:errcheck // the test has failed
			continue
		}
		if errs.KindOf(err) != want {
			t.Errorf("%q: got %v, want %v", url, err, want)
		}
	}
}

// TestSQLiteFile: any file name works, and nobody but the owner may read it.
func TestSQLiteFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hiến kế ?a=b&c#d%20.db")
	s := open(t, "sqlite:"+path)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("got mode %v, want 0600", mode)
	}
}

// TestSQLitePragmas: what durability stands on is on for every connection.
func TestSQLitePragmas(t *testing.T) {
	t.Parallel()
	s := open(t, databases["sqlite"](t))
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1"} {
		var got string
		if err := s.write.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %s and %v, want %s", pragma, got, err, want)
		}
	}
	var readOnly string
	if err := s.read.QueryRowContext(t.Context(), "PRAGMA query_only").Scan(&readOnly); err != nil || readOnly != "1" {
		t.Errorf("query_only of readers: got %s and %v", readOnly, err)
	}
}

// TestDurablePostgres: a server that acknowledges before it writes is asked
// not to.
func TestDurablePostgres(t *testing.T) {
	t.Parallel()
	url := databases["postgres"](t)
	mark := "?"
	if strings.Contains(url, mark) {
		mark = "&"
	}
	s := open(t, url+mark+"synchronous_commit=off")
	for _, db := range s.closers {
		var got string
		if err := db.QueryRowContext(t.Context(), "SHOW synchronous_commit").Scan(&got); err != nil || got != "on" {
			t.Errorf("got %s and %v, want on", got, err)
		}
	}
}

// TestRetries: Do runs a transaction again that the database ended for the
// sake of another, and gives up after some tries.
func TestRetries(t *testing.T) {
	t.Parallel()
	s := open(t, databases["postgres"](t))
	serialization := func(tx store.Tx) error {
		// What PostgreSQL says when it ends a transaction so.
		_, err := tx.(handle).exec(t.Context(), `DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`)
		return err
	}
	runs := 0
	err := s.Do(t.Context(), func(tx store.Tx) error {
		if runs++; runs < 3 {
			return serialization(tx)
		}
		return nil
	})
	if err != nil || runs != 3 {
		t.Errorf("got %v after %d runs, want success at the third", err, runs)
	}
	runs = 0
	err = s.Do(t.Context(), func(tx store.Tx) error {
		runs++
		return serialization(tx)
	})
	if errs.KindOf(err) != errs.Unavailable || runs != maxTries {
		t.Errorf("got %v after %d runs, want Unavailable after %d", err, runs, maxTries)
	}
}

// handle lets a test whose parameter is called tx name its type.
type handle = *tx

// TestClassify: kinds come from codes.
func TestClassify(t *testing.T) {
	t.Parallel()
	if classify(nil) != nil {
		t.Error("nil was classified")
	}
	if err := errs.New(errs.Gone, "x.y"); !errors.Is(classify(err), err) {
		t.Error("what was classified is classified again")
	}
	for _, err := range []error{context.Canceled, context.DeadlineExceeded} {
		if !errors.Is(classify(err), err) {
			t.Errorf("%v was lost", err)
		}
	}
	for state, want := range map[string]errs.Kind{
		"23505": errs.Conflict, "23503": errs.NotFound, "22021": errs.Invalid, "40001": errs.Unavailable, "40P01": errs.Unavailable,
		"08006": errs.Unavailable, "53300": errs.Unavailable, "57P01": errs.Unavailable, "3D000": errs.Unavailable, "28P01": errs.Unavailable,
		"23514": errs.Internal, "42P01": errs.Internal, "": errs.Internal,
	} {
		if got := errs.KindOf(classifyState(state, errors.New("x"))); got != want {
			t.Errorf("%s: got %v, want %v", state, got, want)
		}
	}
	if got := errs.KindOf(classify(errors.New("x"))); got != errs.Internal {
		t.Errorf("an unknown error: got %v, want Internal", got)
	}
}

// TestLockedFile: another process that holds SQLite's lock makes the store
// Unavailable once the patience of the caller ends, not broken.
func TestLockedFile(t *testing.T) {
	t.Parallel()
	url := databases["sqlite"](t)
	a, b := open(t, url), open(t, url)
	err := a.Do(t.Context(), func(store.Tx) error { // holds the lock from its begin
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		return b.Do(ctx, func(store.Tx) error { return nil })
	})
	if errs.KindOf(err) != errs.Unavailable {
		t.Errorf("got %v, want Unavailable", err)
	}
	if err := b.Do(t.Context(), func(store.Tx) error { return nil }); err != nil {
		t.Errorf("after the lock: %v", err)
	}
}
