package app_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // to reach past the program

	"hienke/internal/app"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// The doctor says that the audit is whole, goes on where it left off, and turns
// red when somebody with the database in hand alters, removes or reorders what
// it tells.
func TestTheDoctorLooksAtTheAudit(t *testing.T) {
	t.Parallel()
	ctx := context.WithoutCancel(t.Context())
	cfg := quiet(t.TempDir())
	a, err := app.New(ctx, cfg, app.Options{Role: app.Tool})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	said := func(whole bool) app.Check {
		t.Helper()
		for _, c := range a.Examine(ctx, whole) {
			if c.Name == "audit" {
				return c
			}
		}
		t.Fatal("the doctor says nothing of the audit")
		return app.Check{}
	}
	for range 4 {
		note := store.AuditLine{At: a.Now(), Actor: civic.ActorSystem, What: store.NoteAuditExported, Subject: "audit"}
		if err := a.Store.Do(ctx, func(tx store.Tx) error { return tx.Audit().Note(ctx, note) }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Audit.Seal(ctx); err != nil {
		t.Fatal(err)
	}
	if c := said(false); c.Err != nil || c.Finding != "entries 1 to 4 are whole" {
		t.Errorf("a whole audit: %+v", c)
	}
	if c := said(false); c.Err != nil || c.Finding != "nothing new behind entry 4" {
		t.Errorf("the second time: %+v", c)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(cfg.Data.Dir, "hienke.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the test is over
	hand := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	hand(`DROP TRIGGER audit_no_update`)
	hand(`DROP TRIGGER audit_no_delete`)
	hand(`DROP TRIGGER audit_notes_no_update`)
	for statement, want := range map[string]string{
		`UPDATE audit_notes SET what = 'case_read' WHERE id = 2`: "entry 2: its line was altered (audit_notes 2)",
		`UPDATE audit SET user_id = 7 WHERE seq = 3`:             "entry 3 does not follow",
		`DELETE FROM audit WHERE seq = 4`:                        "entry 4 was seen before",
	} {
		hand(statement)
		if c := said(true); c.Err == nil || !strings.Contains(c.Err.Error(), want) {
			t.Errorf("%s: %+v, want %q", statement, c, want)
		}
	}
}
