package blevesearch_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
	"hienke/internal/search/blevesearch"
	"hienke/internal/search/searchtest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	searchtest.Run(t, func(t *testing.T) searchtest.Open {
		dir := t.TempDir()
		return func(t *testing.T, audience search.Audience) search.Index {
			t.Helper()
			return open(t, dir, audience)
		}
	})
}

// open opens an index that the caller closes.
func open(t testing.TB, dir string, audience search.Audience) *blevesearch.Index {
	t.Helper()
	x, err := blevesearch.Open(dir, audience, searchtest.Thesaurus(t))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return x
}

func put(code civic.Code, title string) search.Change {
	return search.Put(search.Document{Code: code, Title: title, ReceivedAt: time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC)})
}

// filled makes an index with one document, closes it and returns its folder.
func filled(t *testing.T) (dir, folder string) {
	t.Helper()
	dir = t.TempDir()
	x := open(t, dir, search.Public)
	if err := x.Apply(t.Context(), []search.Change{put("A", "một")}); err != nil {
		t.Fatalf("apply: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	return dir, filepath.Join(dir, string(search.Public))
}

// wantCount opens an index, asserts the number of documents and that nothing
// is left in its folder but what it needs, and closes it.
func wantCount(t *testing.T, dir string, want int) {
	t.Helper()
	x := open(t, dir, search.Public)
	n, err := x.Count(t.Context())
	if err != nil || n != want {
		t.Errorf("Count() = %d, %v, want %d", n, err, want)
	}
	entries, err := os.ReadDir(filepath.Join(dir, string(search.Public)))
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		if e.IsDir() {
			folders = append(folders, e.Name())
		}
	}
	if len(folders) != 1 {
		t.Errorf("generations left: %q, want one", folders)
	}
	if err := x.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func TestASecondOpenIsConflictInTime(t *testing.T) {
	t.Parallel()
	dir, folder := filled(t)
	x := open(t, dir, search.Public)
	defer func() {
		if err := x.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	r, err := x.Rebuild(t.Context()) // whose folder the second must not clear away
	if err != nil {
		t.Fatalf("rebuild: %v", err)
	}
	before := names(t, folder)
	begun := time.Now()
	if _, err := blevesearch.Open(dir, search.Public, nil); errs.KindOf(err) != errs.Conflict {
		t.Errorf("Open() = %v, want Conflict", err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	if after := names(t, folder); !slices.Equal(before, after) {
		t.Errorf("the second Open changed the folder from %q to %q", before, after)
	}
	if err := r.Commit(t.Context()); err != nil {
		t.Errorf("commit: %v", err)
	}
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestOpenClearsAwayWhatACrashLeft(t *testing.T) {
	t.Parallel()
	dir, folder := filled(t)
	// A rebuild that was under way, the old content after a swap, and a half
	// written CURRENT.
	for _, leftover := range []string{"v1-000002", "v1-000000"} {
		if err := os.CopyFS(filepath.Join(folder, leftover), os.DirFS(filepath.Join(folder, "v1-000001"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "CURRENT.new"), []byte("v1-0"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantCount(t, dir, 1)
}

func TestACrashBeforeTheFirstCurrentIsHarmless(t *testing.T) {
	t.Parallel()
	dir, folder := filled(t)
	if err := os.Remove(filepath.Join(folder, "CURRENT")); err != nil {
		t.Fatal(err)
	}
	wantCount(t, dir, 0)
	wantCount(t, dir, 0)
}

func TestAnIndexOfAnotherSchemaBeginsEmpty(t *testing.T) {
	t.Parallel()
	dir, folder := filled(t)
	if err := os.Rename(filepath.Join(folder, "v1-000001"), filepath.Join(folder, "v0-000007")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "CURRENT"), []byte("v0-000007\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantCount(t, dir, 0)
}

func TestADamagedIndexIsReportedAndCanBeRemoved(t *testing.T) {
	t.Parallel()
	dir, folder := filled(t)
	if err := os.WriteFile(filepath.Join(folder, "v1-000001", "index_meta.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := blevesearch.Open(dir, search.Public, nil); errs.CodeOf(err) != "search.damaged" || errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Open() = %v, want search.damaged", err)
	}
	if err := blevesearch.Remove(dir, search.Public); err != nil {
		t.Fatalf("remove: %v", err)
	}
	wantCount(t, dir, 0)
}

func TestTheFoldersAreForTheServiceAlone(t *testing.T) {
	t.Parallel()
	_, folder := filled(t)
	info, err := os.Stat(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o700 {
		t.Errorf("the folder has mode %o, want 700", got)
	}
}

func TestOpenRefusesAnUnknownAudience(t *testing.T) {
	t.Parallel()
	if _, err := blevesearch.Open(t.TempDir(), "../elsewhere", nil); err == nil {
		t.Error("an audience that does not exist was opened")
	}
}
