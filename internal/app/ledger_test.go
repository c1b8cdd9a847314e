package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/following"
)

// The ledger is a file that outlives the program that wrote it: what each line
// means does not change, and half a line means nothing.
func TestTheLedgerKeepsWhatEachOfThemNotes(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	a := tool(t, cfg)
	code := withContact(t, a)
	at := time.Date(2026, time.March, 1, 8, 0, 0, 123456789, time.UTC)
	who := a.Keys.Pseudonym("following", "doc.gia@example.test")
	ends := []following.Ended{
		{Pseudonym: who, Follow: at.Add(-time.Hour), At: at},
		{Pseudonym: who, At: at.Add(time.Second)},
	}
	for _, e := range ends {
		if err := a.Following.Ledger.NoteEnded(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Reach.Ledger.Note(code, at); err != nil {
		t.Fatal(err)
	}
	if err := a.Privacy.Ledger.NoteText(code, at); err != nil {
		t.Fatal(err)
	}
	read := func() (contacts, texts []civic.Code, ended []following.Ended) {
		t.Helper()
		contacts, err := a.Reach.Ledger.All()
		if err != nil {
			t.Fatal(err)
		}
		if texts, err = a.Privacy.Ledger.Texts(); err != nil {
			t.Fatal(err)
		}
		if ended, err = a.Following.Ledger.Ended(); err != nil {
			t.Fatal(err)
		}
		return contacts, texts, ended
	}
	contacts, texts, ended := read()
	if !slices.Equal(contacts, []civic.Code{code, code}) || !slices.Equal(texts, []civic.Code{code}) || !slices.Equal(ended, ends) {
		t.Errorf("read %v, %v, %+v", contacts, texts, ended)
	}
	path := filepath.Join(cfg.Data.Dir, "erasures")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(whole), "@") {
		t.Error("the ledger holds an address")
	}

	// Wherever a crash cuts a line off, it is whole or it is nothing.
	for line := range strings.Lines(string(whole)) {
		line = strings.TrimSuffix(line, "\n")
		for n := range len(line) {
			if err := os.WriteFile(path, []byte(line[:n]), 0o600); err != nil {
				t.Fatal(err)
			}
			contacts, texts, ended := read()
			if strings.HasSuffix(line, " text") && strings.HasSuffix(line[:n], string(code)) {
				continue // as much as that the contact went, which was noted before
			}
			if len(contacts)+len(texts)+len(ended) > 0 {
				t.Errorf("%q erases %v, %v, %+v", line[:n], contacts, texts, ended)
			}
		}
	}
}
