package testkit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
)

// SQLite returns the sqlite: URL of a fresh database file that only this test
// has, in a temporary folder of its own. Like Postgres it is a copy of a template
// which migrate fills once per test binary: copying takes a millisecond,
// migrating many times that, and minutes in all under the race detector.
func SQLite(t testing.TB, migrate Migrate) string {
	t.Helper()
	once, _ := sqliteTemplates.LoadOrStore(reflect.ValueOf(migrate).Pointer(), sync.OnceValues(func() ([]byte, error) {
		return sqliteTemplate(migrate)
	}))
	content, err := once.(func() ([]byte, error))()
	if err != nil {
		t.Fatalf("SQLite template: %v", err)
	}
	file := filepath.Join(t.TempDir(), "hienke.db")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatalf("copy the SQLite template: %v", err)
	}
	return "sqlite:" + file
}

// sqliteTemplates holds a func() ([]byte, error) by the code of the migrate
// function.
var sqliteTemplates sync.Map

// sqliteTemplate returns the content of a file that migrate filled. Closing the
// database, which migrate must do, takes the log into the file.
func sqliteTemplate(migrate Migrate) (content []byte, err error) {
	folder, err := os.MkdirTemp("", "hienke-template-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file := filepath.Join(folder, "hienke.db")
	if err := migrate(context.Background(), "sqlite:"+file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
