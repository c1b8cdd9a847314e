package testkit_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"hienke/internal/testkit"
)

// scribbled counts the calls of scribble.
var scribbled atomic.Int64

// scribble stands for a migration: what it leaves is a file.
func scribble(_ context.Context, url string) error {
	scribbled.Add(1)
	return os.WriteFile(strings.TrimPrefix(url, "sqlite:"), []byte("template"), 0o600)
}

func TestSQLiteGivesEveryTestItsOwnMigratedFile(t *testing.T) {
	t.Parallel()
	for range 3 {
		file := strings.TrimPrefix(testkit.SQLite(t, scribble), "sqlite:")
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != "template" {
			t.Errorf("the file holds %q, want what the migration wrote", got)
		}
		if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := scribbled.Load(); got != 1 {
		t.Errorf("migrated %d times, want once per binary", got)
	}
}

func TestSQLiteReportsAFailedMigration(t *testing.T) {
	t.Parallel()
	broken := func(context.Context, string) error { return errors.New("no such column") }
	r := &recorder{TB: t}
	r.run(func(t testing.TB) { testkit.SQLite(t, broken) })
	if r.outcome != "failed" || !strings.Contains(r.said, "no such column") {
		t.Errorf("it %s and said %q", r.outcome, r.said)
	}
}
