package testkit

import (
	"context"
	"os"
	"slices"
	"testing"
)

// A run that was killed leaves databases behind; the next one must remove them
// and must leave alone those of runs that are alive.
func TestANewRunRemovesWhatADeadOneLeft(t *testing.T) {
	t.Parallel()
	Postgres(t, func(context.Context, string) error { return nil }) // skips here where there is no server
	server := os.Getenv(EnvPostgres)

	dead, err := newCluster(server)
	if err != nil {
		t.Fatal(err)
	}
	left := dead.newName()
	if err := dead.exec("CREATE DATABASE " + left); err != nil {
		t.Fatal(err)
	}
	alive, err := newCluster(server)
	if err != nil {
		t.Fatal(err)
	}
	kept := alive.newName()
	if err := alive.exec("CREATE DATABASE " + kept); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := alive.exec("DROP DATABASE " + kept); err != nil {
			t.Error(err)
		}
	})
	if orphans, err := alive.orphans(); err != nil || slices.Contains(orphans, left) || slices.Contains(orphans, kept) {
		t.Fatalf("orphans %q while both owners live (%v)", orphans, err)
	}

	// What the end of a process does: the server sees its connection go.
	if _, err := alive.admin.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1", databasePrefix+dead.token); err != nil {
		t.Fatal(err)
	}
	if orphans, err := alive.orphans(); err != nil || !slices.Contains(orphans, left) || slices.Contains(orphans, kept) {
		t.Fatalf("orphans %q, want %q among them and not %q (%v)", orphans, left, kept, err)
	}
	if err := alive.sweep(); err != nil {
		t.Fatal(err)
	}
	if orphans, err := alive.orphans(); err != nil || slices.Contains(orphans, left) {
		t.Errorf("orphans after the sweep %q (%v)", orphans, err)
	}
}
