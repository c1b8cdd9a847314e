package audit_test

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the drivers of the databases past the store
	_ "modernc.org/sqlite"

	"hienke/internal/audit"
	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// keep is a mark in memory.
type keep struct{ m audit.Mark }

func (k *keep) Get() (audit.Mark, error) { return k.m, nil }
func (k *keep) Put(m audit.Mark) error   { k.m = m; return nil }

// sealedHouse is a house with a case that was received, noted, looked at and
// read, an account that was changed, and all of it sealed.
func sealedHouse(t *testing.T, h *house.House) (*audit.Service, civic.Submission, civic.Actor) {
	t.Helper()
	s := &audit.Service{Store: h.Store, Registry: h.Registry, Keys: h.Keys, Now: h.Clock.Now, Holder: "a", Marks: &keep{}}
	sub, officer := h.Receive(t, nil), h.Staff(t, civic.RoleOfficer, house.Science)
	h.Do(t, func(tx store.Tx) error {
		for _, reason := range []string{"Đúng thẩm quyền", "Đã gọi điện", "Chờ văn bản"} {
			e := civic.Event{Submission: sub.ID, At: h.Clock.Now(), Type: civic.EventNoted, Actor: civic.ActorStaff, User: officer.User, Reason: reason}
			if err := tx.Events().Add(t.Context(), e); err != nil {
				return err
			}
		}
		if err := tx.Looks().Add(t.Context(), store.Look{Submission: sub.ID, User: officer.User, Role: officer.Role, At: h.Clock.Now(), Reason: "Hẹn ngày"}); err != nil {
			return err
		}
		return tx.AccountChanges().Add(t.Context(), store.AccountChange{User: officer.User, At: h.Clock.Now(), What: "added"})
	})
	seal(t, s, 6)
	return s, sub, officer
}

// seal seals everything and sees how many lines that were.
func seal(t *testing.T, s *audit.Service, want int) {
	t.Helper()
	n, err := s.Seal(t.Context())
	if err != nil || n != want {
		t.Fatalf("Seal: %d lines, %v, want %d", n, err, want)
	}
}

func check(t *testing.T, s *audit.Service, whole bool) audit.Report {
	t.Helper()
	r, err := s.Check(t.Context(), whole, nil)
	if err != nil {
		t.Fatalf("Check: %v", err)
	}
	return r
}

func TestSeal(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s, sub, officer := sealedHouse(t, h)
		seal(t, s, 0)
		if r := check(t, s, false); len(r.Faults) != 0 || r.From != 0 || r.To != 6 {
			t.Errorf("Check of a whole chain: %+v", r)
		}
		h.Do(t, func(tx store.Tx) error {
			return tx.Audit().Note(t.Context(), store.AuditLine{
				At: h.Clock.Now(), Actor: civic.ActorStaff, User: officer.User, What: store.NoteCaseRead, Submission: sub.ID, Agency: house.Science,
			})
		})
		rival := &audit.Service{Store: h.Store, Registry: h.Registry, Keys: h.Keys, Now: h.Clock.Now, Holder: "b"}
		seal(t, rival, 0) // the lease is another's
		seal(t, s, 1)
		if r := check(t, s, false); len(r.Faults) != 0 || r.From != 6 || r.To != 7 {
			t.Errorf("Check behind a mark: %+v, want it to go on there", r)
		}
		if r := check(t, s, true); len(r.Faults) != 0 || r.From != 0 || r.To != 7 {
			t.Errorf("Check of everything: %+v", r)
		}
	})
}

// The chain shows each way in which somebody with the database in hand could
// change the past. Triggers are no obstacle to them, so the test drops them.
func TestCheckSeesWhatWasChanged(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, do string
		want     string
	}{
		{"an altered line", `UPDATE events SET type = 'accepted' WHERE id = (SELECT max(id) FROM events)`, "line_altered"},
		{"an altered reason", `UPDATE events SET reason = 'Theo quy định' WHERE id = (SELECT max(id) FROM events)`, "text_altered"},
		{"a reason that was emptied without a request", `UPDATE events SET reason = '' WHERE id = (SELECT max(id) FROM events)`, "text_altered"},
		{"a removed line", `DELETE FROM contact_looks`, "line_missing"},
		{"an altered entry", `UPDATE audit SET user_id = 4711 WHERE seq = 2`, "hash"},
		{"a removed entry", `DELETE FROM audit WHERE seq = 3`, "gap"},
		{"reordered entries", `UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE seq IN (2, 3); UPDATE audit SET seq = -seq WHERE seq < 0`, "hash"},
		{"a removed end", `DELETE FROM audit WHERE seq > 4`, "unsealed_end"},
		{"a chain that was emptied", `DELETE FROM audit`, "not_in_chain"},
		{"a forged seal", `UPDATE audit SET seal = 'x' WHERE seal <> ''`, "seal"},
	}
	house.Each(t, func(t *testing.T, h *house.House) {
		s, _, _ := sealedHouse(t, h)
		hand := openHand(t, h)
		h.Clock.Advance(2 * time.Hour)
		for _, tt := range tests {
			if faults := check(t, s, true).Faults; len(faults) != 0 {
				t.Fatalf("before %s: %+v", tt.name, faults)
			}
			hand.do(t, tt.do)
			faults := check(t, s, true).Faults
			if !slices.ContainsFunc(faults, func(f audit.Fault) bool { return f.What == tt.want }) {
				t.Errorf("%s: %+v, want %s", tt.name, faults, tt.want)
			}
			hand.restore(t)
		}
		// Who keeps a mark sees even a chain whose end was cut at a seal.
		h.Do(t, func(tx store.Tx) error {
			return tx.Audit().Note(t.Context(), store.AuditLine{At: h.Clock.Now(), Actor: civic.ActorSystem, What: store.NoteAuditExported})
		})
		seal(t, s, 1)
		check(t, s, false)
		hand.do(t, `DELETE FROM audit WHERE seq = 7`)
		if faults := check(t, s, false).Faults; len(faults) == 0 || faults[0].What != "shortened" {
			t.Errorf("a chain cut at a seal: %+v, want shortened", faults)
		}
	})
}

// hand reaches into the database past the store, as somebody with its password
// can. The logs' triggers are no obstacle to them.
type hand struct{ *sql.DB }

// logs are the tables that a hand changes.
var logs = []string{"events", "contact_looks", "audit"}

func openHand(t *testing.T, h *house.House) hand {
	t.Helper()
	driver, url, quiet := "pgx", h.URL, []string{
		"ALTER TABLE events DISABLE TRIGGER USER", "ALTER TABLE contact_looks DISABLE TRIGGER USER", "ALTER TABLE audit DISABLE TRIGGER USER",
	}
	if path, ok := strings.CutPrefix(h.URL, "sqlite:"); ok {
		driver, url, quiet = "sqlite", "file:"+path, []string{
			"DROP TRIGGER events_no_update", "DROP TRIGGER events_no_new_text", "DROP TRIGGER events_no_delete",
			"DROP TRIGGER contact_looks_no_delete", "DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete",
		}
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) //nolint:errcheck // the test is over
	x := hand{db}
	for _, log := range logs {
		if _, err := db.ExecContext(t.Context(), "DELETE FROM "+log); err == nil {
			t.Errorf("a line of %s could be removed", log)
		}
	}
	for _, statement := range quiet {
		x.do(t, statement)
	}
	for _, log := range logs {
		x.do(t, "CREATE TABLE kept_"+log+" AS SELECT * FROM "+log)
	}
	return x
}

func (x hand) do(t *testing.T, statements string) {
	t.Helper()
	for statement := range strings.SplitSeq(statements, ";") {
		if _, err := x.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func (x hand) restore(t *testing.T) {
	t.Helper()
	for _, log := range logs {
		x.do(t, "DELETE FROM "+log+"; INSERT INTO "+log+" SELECT * FROM kept_"+log)
	}
}
