package blevesearch_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/search"
	"hienke/internal/search/blevesearch"
)

// envVictim names the folder in which a copy of the test binary writes until
// it is killed.
const envVictim = "HIENKE_TEST_BLEVE_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(envVictim); dir != "" {
		fmt.Fprintln(os.Stderr, writeForEver(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForEver adds one document at a time and rebuilds after every third. It
// says on standard output what is done, once it is.
func writeForEver(dir string) error {
	ctx := context.Background()
	x, err := blevesearch.Open(dir, search.Public, nil)
	if err != nil {
		return err
	}
	n, err := x.Count(ctx)
	if err != nil {
		return err
	}
	for ; ; n++ {
		if err := x.Apply(ctx, []search.Change{put(numbered(n), "nội dung")}); err != nil {
			return err
		}
		fmt.Println("applied", n)
		if n%3 != 2 {
			continue
		}
		r, err := x.Rebuild(ctx)
		if err != nil {
			return err
		}
		for i := range n + 1 {
			if err := r.Apply(ctx, []search.Change{put(numbered(i), "nội dung")}); err != nil {
				return err
			}
		}
		if err := r.Commit(ctx); err != nil {
			return err
		}
		fmt.Println("committed", n)
	}
}

func numbered(n int) civic.Code { return civic.Code(fmt.Sprintf("A%04d", n)) }

// What was acknowledged is there after a kill at any moment: in the middle of
// a batch, of a rebuild, of the swap, of the removal of the old content.
func TestAKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acknowledged := 0
	for kill := range 12 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), envVictim+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var complaint strings.Builder
		cmd.Stderr = &complaint
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for i := 0; i <= kill%5 && lines.Scan(); i++ {
			var verb string
			var n int
			if _, err := fmt.Sscan(lines.Text(), &verb, &n); err != nil {
				t.Fatalf("the victim said %q: %v", lines.Text(), err)
			}
			acknowledged = max(acknowledged, n+1)
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if complaint.Len() > 0 {
			t.Fatalf("kill %d: the victim failed: %s", kill, complaint.String())
		}
		wantNumbered(t, dir, acknowledged)
	}
}

// wantNumbered asserts that an index has at least the first n documents, none
// twice and no gaps.
func wantNumbered(t *testing.T, dir string, n int) {
	t.Helper()
	x := open(t, dir, search.Public)
	seen := make(map[civic.Code]bool)
	err := x.Each(t.Context(), func(code civic.Code, _ string) error { seen[code] = true; return nil })
	if err != nil {
		t.Fatalf("walk: %v", err)
	}
	for i := range max(n, len(seen)) {
		if !seen[numbered(i)] {
			t.Fatalf("document %d of %d is missing (%d were acknowledged)", i, len(seen), n)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}
