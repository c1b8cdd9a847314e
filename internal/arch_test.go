// Package internal_test holds the house together: which package may import
// which, who may touch a framework, the clock and the background context.
//
// The files are parsed here and not listed by `go list`: the test cache knows
// the files that a test opens but not those that a subprocess opens, so a test
// built on a subprocess would stay "ok (cached)" after a violation.
package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// module is the import path that all packages of the product begin with.
const module = "hienke/"

// rank is a layer's height. A package may import lower ranks only.
type rank int

const (
	data rank = iota + 1 // embedded files, no behaviour
	floor
	domain
	engine
	port
	upperPort // a port that speaks of another port's rows
	timeKit   // the limits and the calendar that hold now
	caseKit   // what the use cases on a case have in common
	groupKit  // and on a cluster of cases
	useCase
	adapter
	faceKit
	face
	feature  // what is built on use cases beside the faces: demo data, import
	settings // configuration
	composition
	command
)

// rooms is the whole house: every folder with Go code and its layer. A package
// belongs to the longest room that is a prefix of its path, so a suite such as
// store/storetest lives with its port. Packages of one room may import each
// other; packages of two rooms of one layer may not.
var rooms = map[string]rank{
	"configs":    data,
	"frontend":   data,
	"migrations": data,

	"internal/errs":   floor,
	"internal/i18n":   floor,
	"internal/vitext": floor,

	"internal/civic": domain,

	"internal/matching": engine,
	"internal/personal": engine,
	"internal/proof":    engine,
	"internal/routing":  engine,
	"internal/scope":    engine,
	"internal/worktime": engine,

	"internal/limit":    port,
	"internal/presence": port,
	"internal/mail":     port,
	"internal/queue":    upperPort, // its tasks name rows of the outbox
	"internal/seal":     port,
	"internal/search":   port,
	"internal/sms":      port,
	"internal/store":    port,

	"internal/prose":   port, // the same
	"internal/inspect": port, // needs libraries for what others invented

	"internal/timetable": timeKit,

	"internal/casework": caseKit,
	"internal/delivery": caseKit,
	"internal/forecast": caseKit,
	"internal/cluster":  groupKit, // its people are told through casework

	"internal/accounts":  useCase,
	"internal/answers":   useCase,
	"internal/audit":     useCase,
	"internal/bulk":      useCase,
	"internal/worklist":  useCase,
	"internal/exports":   useCase,
	"internal/finding":   useCase,
	"internal/insight":   useCase,
	"internal/guardians": useCase,
	"internal/intake":    useCase,
	"internal/drafts":    useCase,
	"internal/dialogue":  useCase,
	"internal/openness":  useCase,
	"internal/opinions":  useCase,
	"internal/privacy":   useCase,
	"internal/learning":  useCase,
	"internal/notices":   useCase,
	"internal/reach":     useCase,
	"internal/rulebook":  useCase,
	"internal/teamwork":  useCase,
	"internal/triage":    useCase,
	"internal/following": useCase,

	"internal/absence":     useCase,
	"internal/reminders":   useCase,
	"internal/attachments": useCase,
	"internal/deadlines":   useCase,
	"internal/directory":   useCase,

	"internal/clamd":                  adapter,
	"internal/limit/memlimit":         adapter,
	"internal/limit/redislimit":       adapter,
	"internal/presence/mempresence":   adapter,
	"internal/presence/redispresence": adapter,
	"internal/mail/smtpmail":          adapter,
	"internal/queue/asynqqueue":       adapter,
	"internal/registry":               adapter,
	"internal/search/blevesearch":     adapter,
	"internal/search/meilisearch":     adapter,
	"internal/sms/httpsms":            adapter,
	"internal/store/sqlstore":         adapter,

	"internal/httpx": faceKit,

	"internal/api":  face,
	"internal/jobs": face,
	"internal/web":  face,

	"internal/demo":      feature,
	"internal/importing": feature,

	"internal/config": settings,
	"internal/app":    composition,
	"cmd":             command,
}

// testkit serves tests and nobody else. It stands beside the layers: it may
// import the domain and the ports, to build values for tests.
const testkit = "internal/testkit"

// house is the part of the kit that furnishes a house for tests of use cases:
// it opens the store and loads the registry, as the composition does.
const house = testkit + "/house"

// owners names the rooms that may import a framework, by the longest prefix of
// the import path. What is not listed is free for every layer above the engines.
var owners = map[string][]string{
	"database/sql":                          {"internal/store/sqlstore", testkit},
	"github.com/alicebob/miniredis":         {"internal/queue/asynqqueue", "internal/app"},
	"github.com/blevesearch":                {"internal/search/blevesearch"},
	"github.com/emersion/go-smtp":           {testkit},
	"github.com/hibiken/asynq":              {"internal/queue/asynqqueue"},
	"github.com/jackc/pgx":                  {"internal/store/sqlstore", testkit},
	"github.com/johannesboyne/gofakes3":     {testkit},
	"gocloud.dev":                           {"internal/attachments", "internal/app", testkit},
	"github.com/klippa-app/go-pdfium":       {"internal/inspect"},
	"github.com/tetratelabs/wazero":         {"internal/inspect"},
	"github.com/labstack/echo":              {"internal/httpx", "internal/api", "internal/web"},
	"github.com/meilisearch/meilisearch-go": {"internal/search/meilisearch"},
	"github.com/pressly/goose":              {"internal/store/sqlstore"},
	"github.com/redis/go-redis":             {"internal/queue/asynqqueue", "internal/limit/redislimit", "internal/presence/redispresence", "internal/app"},
	"github.com/wneessen/go-mail":           {"internal/mail/smtpmail"},
	"github.com/xuri/excelize":              {"internal/web"},
	"html/template":                         {"internal/web"},
	"modernc.org/sqlite":                    {"internal/store/sqlstore"},
	"net/smtp":                              {"internal/mail/smtpmail"},
	"text/template":                         {"internal/notices"},
}

// foreign lists the modules of others that a room below the ports may import.
// Those rooms are pure; every entry is an exception.
var foreign = map[string][]string{
	"internal/vitext":  {"golang.org/x/text/unicode/norm"},
	"internal/routing": {"github.com/expr-lang/expr"}, // rules are written by administrators
}

// source is one parsed file.
type source struct {
	name string // relative to the module, with slashes
	file *ast.File
}

// folder is the path of the file's package within the module.
func (s source) folder() string { return path.Dir(s.name) }

// imports returns the file's imports: path → name by which the file calls it.
func (s source) imports() map[string]string {
	found := map[string]string{}
	for _, spec := range s.file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has checked it
		}
		found[p] = path.Base(p)
		if spec.Name != nil {
			found[p] = spec.Name.Name
		}
	}
	return found
}

// room returns the room of a folder and its rank.
func room(folder string) (string, rank, bool) {
	for at := folder; at != "."; at = path.Dir(at) {
		if r, ok := rooms[at]; ok {
			return at, r, true
		}
	}
	return "", 0, false
}

// within reports whether p is prefix or lies below it.
func within(p, prefix string) bool { return p == prefix || strings.HasPrefix(p, prefix+"/") }

// forTests reports whether a package serves tests: the kit, and the suites that
// hold implementations to a port, whose names end in "test".
func forTests(folder string) bool {
	return within(folder, testkit) || strings.HasSuffix(folder, "test")
}

// violations returns what is wrong with one file, a sentence for each.
func violations(s source) []string {
	from := s.folder()
	_, own, ok := room(from)
	switch {
	case within(from, house):
		own, ok = composition, true
	case within(from, testkit):
		own, ok = useCase, true
	}
	if !ok {
		return []string{from + " has no layer: enter it in rooms"}
	}
	var found []string
	for _, imported := range slices.Sorted(maps.Keys(s.imports())) {
		var said string
		if to, ours := strings.CutPrefix(imported, module); ours {
			said = crossing(from, own, to)
		} else {
			said = borrowing(from, own, imported)
		}
		if said != "" {
			found = append(found, said)
		}
	}
	return append(found, calls(s)...)
}

// crossing says what is wrong with one package of ours importing another.
func crossing(from string, own rank, to string) string {
	fromRoom, _, _ := room(from)
	toRoom, theirs, ok := room(to)
	switch {
	case forTests(to):
		if forTests(from) {
			return "" // suites and the kit help each other
		}
		return from + " imports " + to + ", which is for tests only"
	case !ok:
		return to + " has no layer: enter it in rooms"
	case fromRoom == toRoom:
		return ""
	case theirs >= own:
		return from + " imports " + to + ", which is not below it"
	case own == adapter && theirs == useCase:
		return from + " imports " + to + ": an adapter serves a port and knows no use case"
	case theirs == adapter && own < composition:
		return from + " imports " + to + ": only the composition sees an adapter"
	}
	return ""
}

// borrowing says what is wrong with importing a package that is not ours.
func borrowing(from string, own rank, imported string) string {
	longest := ""
	for prefix := range owners {
		if within(imported, prefix) && len(prefix) > len(longest) {
			longest = prefix
		}
	}
	in := func(rooms []string) bool {
		return slices.ContainsFunc(rooms, func(r string) bool { return within(from, r) })
	}
	if longest != "" && !in(owners[longest]) {
		return from + " imports " + imported + ", which belongs to " + strings.Join(owners[longest], ", ")
	}
	if own < port && !standard(imported) {
		fromRoom, _, _ := room(from)
		if !slices.ContainsFunc(foreign[fromRoom], func(p string) bool { return within(imported, p) }) {
			return from + " imports " + imported + ": below the ports there is only the standard library"
		}
	}
	return ""
}

// standard reports whether an import path is of the standard library, whose
// first element has no dot.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

// clock and background are what only some layers may call.
var (
	clock      = []string{"Now", "Since", "Until"}
	background = []string{"Background", "TODO"}
)

// calls says where a file reads the clock outside the composition, which hands
// it to everybody else, or begins a context below it, which would make work that
// nobody can stop.
func calls(s source) (found []string) {
	from := s.folder()
	if forTests(from) {
		return nil
	}
	imports := s.imports()
	for _, p := range []string{"time", "context"} {
		if imports[p] == "." {
			found = append(found, from+" imports "+p+" with a dot, which hides its calls from this test")
		}
	}
	mayBegin := within(from, "internal/app") || within(from, "cmd")
	ast.Inspect(s.file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		called, ok := selector.X.(*ast.Ident)
		if !ok {
			return true
		}
		name := selector.Sel.Name
		switch {
		case called.Name == imports["time"] && slices.Contains(clock, name) && !within(from, "internal/app"):
			found = append(found, from+" uses time."+name+": take the clock from the composition")
		case called.Name == imports["context"] && slices.Contains(background, name) && !mayBegin:
			found = append(found, from+" uses context."+name+": take the caller's context")
		}
		return true
	})
	return found
}

// parse reads one file; text may be nil to read it from the disk.
func parse(t *testing.T, name string, text any) source {
	t.Helper()
	onDisk := name
	if text == nil {
		onDisk = path.Join("..", name)
	}
	file, err := parser.ParseFile(token.NewFileSet(), onDisk, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return source{name, file}
}

// sources parses every file of the module that is part of the product.
func sources(t *testing.T) (all []source) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch base := path.Base(name); {
		case err != nil:
			return err
		case entry.IsDir():
			if base == "node_modules" || base == "testdata" || (name != "." && strings.HasPrefix(base, ".")) {
				return fs.SkipDir
			}
		case strings.HasSuffix(base, ".go") && !strings.HasSuffix(base, "_test.go"):
			all = append(all, parse(t, name, nil))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestImportsKeepTheLayers(t *testing.T) {
	t.Parallel()
	all := sources(t)
	if len(all) == 0 {
		t.Fatal("no source was found, so nothing was checked")
	}
	for _, s := range all {
		for _, said := range violations(s) {
			t.Errorf("%s: %s", s.name, said)
		}
	}
}

func TestTheLayerRulesGoRed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		file string // path of the file in the module
		text string // its imports and body
		want []string
	}{
		{"a lower layer is allowed", "internal/intake/x.go", `import "hienke/internal/store"`, nil},
		{"a higher layer is not", "internal/civic/x.go", `import "hienke/internal/store"`,
			[]string{"internal/civic imports internal/store, which is not below it"}},
		{"nor is the same layer", "internal/intake/x.go", `import "hienke/internal/triage"`,
			[]string{"internal/intake imports internal/triage, which is not below it"}},
		{"nor one port by another", "internal/store/x.go", `import "hienke/internal/search"`,
			[]string{"internal/store imports internal/search, which is not below it"}},
		{"a suite imports its port", "internal/search/searchtest/x.go", `import "hienke/internal/search"`, nil},
		{"and the kit", "internal/search/searchtest/x.go", `import "hienke/internal/testkit"`, nil},
		{"the product imports neither", "internal/search/x.go", "import (\n\"hienke/internal/search/searchtest\"\n\"hienke/internal/testkit\"\n)",
			[]string{"internal/search imports internal/search/searchtest, which is for tests only", "internal/search imports internal/testkit, which is for tests only"}},
		{"the kit imports a port", "internal/testkit/x.go", `import "hienke/internal/store"`, nil},
		{"the kit imports no adapter", "internal/testkit/x.go", `import "hienke/internal/store/sqlstore"`,
			[]string{"internal/testkit imports internal/store/sqlstore, which is not below it"}},
		{"the furnished house does", "internal/testkit/house/x.go", `import "hienke/internal/store/sqlstore"`, nil},
		{"the product imports no furnished house", "internal/app/x.go", `import "hienke/internal/testkit/house"`,
			[]string{"internal/app imports internal/testkit/house, which is for tests only"}},
		{"an adapter imports its port", "internal/store/sqlstore/x.go", `import "hienke/internal/store"`, nil},
		{"an adapter knows no use case", "internal/store/sqlstore/x.go", `import "hienke/internal/intake"`,
			[]string{"internal/store/sqlstore imports internal/intake: an adapter serves a port and knows no use case"}},
		{"a face sees no adapter", "internal/web/x.go", `import "hienke/internal/store/sqlstore"`,
			[]string{"internal/web imports internal/store/sqlstore: only the composition sees an adapter"}},
		{"the composition does", "internal/app/x.go", `import "hienke/internal/store/sqlstore"`, nil},
		{"so does a command", "cmd/hienke/x.go", `import "hienke/internal/registry"`, nil},
		{"a package needs a layer", "internal/misc/x.go", "", []string{"internal/misc has no layer: enter it in rooms"}},
		{"so does what is imported", "internal/web/x.go", `import "hienke/internal/misc"`, []string{"internal/misc has no layer: enter it in rooms"}},

		{"Echo in a face", "internal/api/x.go", `import "github.com/labstack/echo/v4/middleware"`, nil},
		{"Echo in a use case", "internal/intake/x.go", `import "github.com/labstack/echo/v4"`,
			[]string{"internal/intake imports github.com/labstack/echo/v4, which belongs to internal/httpx, internal/api, internal/web"}},
		{"asynq in the jobs", "internal/jobs/x.go", `import "github.com/hibiken/asynq"`,
			[]string{"internal/jobs imports github.com/hibiken/asynq, which belongs to internal/queue/asynqqueue"}},
		{"a driver in the composition", "internal/app/x.go", `import _ "modernc.org/sqlite"`,
			[]string{"internal/app imports modernc.org/sqlite, which belongs to internal/store/sqlstore"}},
		{"a driver in the kit", "internal/testkit/x.go", `import _ "github.com/jackc/pgx/v5/stdlib"`, nil},
		{"Redis in the composition", "internal/app/x.go", `import "github.com/redis/go-redis/v9"`, nil},
		{"html/template in the API", "internal/api/x.go", `import "html/template"`,
			[]string{"internal/api imports html/template, which belongs to internal/web"}},
		{"a name that only begins alike", "internal/api/x.go", `import "github.com/labstack/echoes"`, nil},

		{"a module in the domain", "internal/civic/x.go", `import "github.com/google/uuid"`,
			[]string{"internal/civic imports github.com/google/uuid: below the ports there is only the standard library"}},
		{"normal forms in vitext", "internal/vitext/x.go", `import "golang.org/x/text/unicode/norm"`, nil},
		{"other x/text in vitext", "internal/vitext/x.go", `import "golang.org/x/text/language"`,
			[]string{"internal/vitext imports golang.org/x/text/language: below the ports there is only the standard library"}},

		{"the clock under another name", "internal/web/x.go", "import clock \"time\"\nvar now = clock.Now",
			[]string{"internal/web uses time.Now: take the clock from the composition"}},
		{"the clock in a command", "cmd/hienke/x.go", "import \"time\"\nvar age = time.Since",
			[]string{"cmd/hienke uses time.Since: take the clock from the composition"}},
		{"the clock in the composition", "internal/app/x.go", "import \"time\"\nvar now = time.Now", nil},
		{"the clock in a suite", "internal/queue/queuetest/x.go", "import \"time\"\nvar now = time.Now", nil},
		{"other parts of time", "internal/web/x.go", "import \"time\"\nvar day = 24 * time.Hour", nil},
		{"time with a dot", "internal/web/x.go", "import . \"time\"\nvar now = Now",
			[]string{"internal/web imports time with a dot, which hides its calls from this test"}},
		{"a context out of nowhere", "internal/web/x.go", "import \"context\"\nvar c = context.Background()",
			[]string{"internal/web uses context.Background: take the caller's context"}},
		{"a context in a command", "cmd/hienke/x.go", "import \"context\"\nvar c = context.Background()", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := violations(parse(t, tt.file, "package x\n"+tt.text))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}

// An entry that outlives its folder would let a later package of that name in
// unseen.
func TestEveryRoomExists(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(rooms)) {
		if info, err := os.Stat(path.Join("..", name)); err != nil || !info.IsDir() {
			t.Errorf("%s is in rooms and not in the module", name)
		}
	}
}
