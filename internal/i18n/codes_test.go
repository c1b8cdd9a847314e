package i18n_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hienke/frontend"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

// speaking are the packages whose errors people get to read.
var speaking = []string{"civic", "intake", "drafts", "dialogue", "reach", "casework", "triage", "answers", "accounts", "cluster", "rulebook", "learning", "finding", "insight", "search", "attachments", "deadlines", "absence", "reminders", "inspect", "clamd", "httpx", "api", "web"}

// madeCode matches where an error or a wrong field gets its code.
var madeCode = regexp.MustCompile(`(?:errs\.(?:New|Wrap)\([^,()]+, |Code: |c\.add\([^,]+, )"([a-z]+\.[a-z_]+)"`)

func TestEveryErrorHasAText(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(frontend.Locales())
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	check := func(where, code string) {
		found++
		if !c.Has("problem." + code) {
			t.Errorf("%s: problem.%s has no text", where, code)
		}
	}
	for _, pkg := range speaking {
		files, err := filepath.Glob(filepath.Join("..", pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range madeCode.FindAllStringSubmatch(string(source), -1) {
				check(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), m[1])
			}
		}
	}
	for _, code := range httpx.Codes {
		check("httpx.Codes", code)
	}
	if found < 40 {
		t.Errorf("only %d codes found: the test does not see the sources any more", found)
	}
}
