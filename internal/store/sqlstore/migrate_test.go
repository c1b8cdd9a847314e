package sqlstore

import (
	"context"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/migrations"
)

// TestMigrateFromEmpty: an empty database gets to the last version, and asking
// again changes nothing.
func TestMigrateFromEmpty(t *testing.T) {
	t.Parallel()
	empty := map[string]func(t *testing.T) string{
		"sqlite": func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "hienke.db") },
		"postgres": func(t *testing.T) string {
			return testkit.Postgres(t, func(context.Context, string) error { return nil })
		},
	}
	for name, fresh := range empty {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, fresh(t))
			if applied, known, err := s.Version(t.Context()); err != nil || applied != 0 || known == 0 {
				t.Errorf("version of an empty database: %d of %d, %v", applied, known, err)
			}
			for range 2 {
				if err := s.Migrate(t.Context()); err != nil {
					t.Fatalf("migrate: %v", err)
				}
				if applied, known, err := s.Version(t.Context()); err != nil || applied != known {
					t.Errorf("version after migrating: %d of %d, %v", applied, known, err)
				}
			}
		})
	}
}

// TestMigrateTogether: processes that start at the same moment on an empty
// PostgreSQL all find it migrated.
func TestMigrateTogether(t *testing.T) {
	t.Parallel()
	url := testkit.Postgres(t, func(context.Context, string) error { return nil })
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if err := migrateURL(t.Context(), url); err != nil {
				t.Errorf("migrate: %v", err)
			}
		})
	}
	wg.Wait()
}

// TestSameNumbers: both folders hold the same migrations.
func TestSameNumbers(t *testing.T) {
	t.Parallel()
	names := func(files fs.FS) []string {
		list, err := fs.Glob(files, "*.sql")
		if err != nil || len(list) == 0 {
			t.Fatalf("list migrations: %v, %v", list, err)
		}
		return list
	}
	if diff := cmp.Diff(names(migrations.SQLite()), names(migrations.Postgres())); diff != "" {
		t.Errorf("-sqlite +postgres:\n%s", diff)
	}
}

// TestSameColumns: both dialects lead to the same tables and columns, empty
// where the other is empty.
func TestSameColumns(t *testing.T) {
	t.Parallel()
	// goose's own table differs and is left out.
	const sqlite = `SELECT m.name || '.' || c.name || CASE WHEN c."notnull" OR c.pk > 0 THEN '' ELSE '!' END
		FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name <> 'goose_db_version'`
	const postgres = `SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'YES' THEN '!' ELSE '' END
		FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`
	got := map[string][]string{}
	for name, query := range map[string]string{"sqlite": sqlite, "postgres": postgres} {
		got[name] = queryText(t, open(t, databases[name](t)), query)
		slices.Sort(got[name])
	}
	if diff := cmp.Diff(got["sqlite"], got["postgres"]); diff != "" {
		t.Errorf("-sqlite +postgres:\n%s", diff)
	}
}

// TestSameIndexes: both dialects have indexes of the same names.
func TestSameIndexes(t *testing.T) {
	t.Parallel()
	const sqlite = `SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`
	const postgres = `SELECT indexname FROM pg_indexes i WHERE schemaname = 'public'
		AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conname = i.indexname)`
	got := map[string][]string{}
	for name, query := range map[string]string{"sqlite": sqlite, "postgres": postgres} {
		got[name] = queryText(t, open(t, databases[name](t)), query)
		slices.Sort(got[name])
	}
	if diff := cmp.Diff(got["sqlite"], got["postgres"]); diff != "" {
		t.Errorf("-sqlite +postgres:\n%s", diff)
	}
}

// queryText reads a column of text.
func queryText(t *testing.T, s *Store, query string, args ...any) (out []string) {
	t.Helper()
	err := s.within(t.Context(), s.read, nil, func(x *tx) (err error) {
		out, err = list(t.Context(), x, func(r row) (v string, err error) { return v, r.Scan(&v) }, query, args...)
		return err
	})
	if err != nil {
		t.Fatalf("query: %v", err)
	}
	return out
}

// TestClosedSets: the checks in the migrations name exactly the members of the
// domain's sets, in both dialects.
func TestClosedSets(t *testing.T) {
	t.Parallel()
	actors := []civic.ActorKind{civic.ActorPublic, civic.ActorSender, civic.ActorStaff, civic.ActorSystem}
	sets := map[string][]string{
		"kind":       texts(civic.Kinds),
		"channel":    texts(civic.Channels),
		"submitter":  append([]string{""}, texts([]civic.SubmitterType{civic.Person, civic.Organisation})...), // imports may not know
		"visibility": texts([]civic.Visibility{civic.Private, civic.PublicWithAnswer, civic.PublicOpen, civic.TakenDown}),
		"outcome":    append([]string{""}, texts(civic.Outcomes)...), // a draft may have none yet
		"role":       texts(civic.Roles),
		"actor":      texts(actors),
		"joined_by":  texts(actors),
		"decided_by": texts([]civic.RouteBy{civic.RouteByRule, civic.RouteByModel, civic.RouteByPerson, civic.RouteByNone}),
		"index_name": texts(store.IndexNames),
	}
	check := regexp.MustCompile(`(?s)(\w+) text NOT NULL CHECK \((\w+) IN \(([^)]*)\)\)`)
	for name, files := range map[string]fs.FS{"sqlite": migrations.SQLite(), "postgres": migrations.Postgres()} {
		sql, err := fs.ReadFile(files, "0001_init.sql")
		if err != nil {
			t.Fatal(err)
		}
		rights, err := fs.ReadFile(files, "0015_rights.sql") // where roles were added
		if err != nil {
			t.Fatal(err)
		}
		roles := regexp.MustCompile(`CHECK \(role IN \(([^)]*)\)\)`).FindStringSubmatch(string(rights))
		if diff := cmp.Diff(sets["role"], quoted(roles[1])); diff != "" {
			t.Errorf("%s: role: -domain +migration:\n%s", name, diff)
		}
		found := map[string]bool{"role": true}
		for _, m := range check.FindAllStringSubmatch(string(sql), -1) {
			column, members := m[2], quoted(m[3])
			if column == "role" {
				continue
			}
			want := sets[column]
			if column == "state" { // submissions and messages both have one
				want = texts(civic.States)
				if slices.Contains(members, "queued") {
					want = texts([]civic.MessageState{civic.MessageQueued, civic.MessageSent, civic.MessageNotSent})
				}
			}
			if column == "channel" {
				want = want[:3] // widened by 0013, see TestLaterSets
			}
			if diff := cmp.Diff(want, members); diff != "" {
				t.Errorf("%s: %s: -domain +migration:\n%s", name, column, diff)
			}
			found[column] = true
		}
		for column := range sets {
			if !found[column] {
				t.Errorf("%s: column %s has no check", name, column)
			}
		}
	}
}

// TestLaterSets: the same for the checks that 0013 brought.
func TestLaterSets(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fs.FS{"sqlite": migrations.SQLite(), "postgres": migrations.Postgres()} {
		sql, err := fs.ReadFile(files, "0013_intake.sql")
		if err != nil {
			t.Fatal(err)
		}
		for column, want := range map[string][]string{
			"came_by": texts(civic.Channels), "consent": append([]string{""}, texts(civic.KeyedConsents)...),
		} {
			m := regexp.MustCompile(`CHECK \(` + column + ` IN \(([^)]*)\)\)`).FindSubmatch(sql)
			if m == nil {
				t.Errorf("%s: column %s has no check", name, column)
				continue
			}
			if diff := cmp.Diff(want, quoted(string(m[1]))); diff != "" {
				t.Errorf("%s: %s: -domain +migration:\n%s", name, column, diff)
			}
		}
	}
}

// TestOpenInSQL: the conditions of the partial indexes are the domain's sets.
func TestOpenInSQL(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(texts(civic.Open), quoted(isOpen)); diff != "" {
		t.Errorf("isOpen: -domain +SQL:\n%s", diff)
	}
	if diff := cmp.Diff(texts(civic.Settled), quoted(isSettled)); diff != "" {
		t.Errorf("isSettled: -domain +SQL:\n%s", diff)
	}
	for _, v := range quoted(isPublic) {
		if !civic.Visibility(v).Public() {
			t.Errorf("isPublic has %s", v)
		}
	}
	if diff := cmp.Diff(append(texts(civic.WithAnswer), string(civic.PublicWithAnswer)), quoted(publicFrom)); diff != "" {
		t.Errorf("publicFrom: -domain +SQL:\n%s", diff)
	}
	for name, files := range map[string]fs.FS{"sqlite": migrations.SQLite(), "postgres": migrations.Postgres()} {
		sql, err := fs.ReadFile(files, "0001_init.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, condition := range []string{isOpen, isSettled, isPublic, "COALESCE(answered_at, received_at)"} {
			if !strings.Contains(string(sql), condition) {
				t.Errorf("%s: no index has %s", name, condition)
			}
		}
	}
}

// quoted returns the string literals of a piece of SQL.
func quoted(sql string) (out []string) {
	for _, m := range regexp.MustCompile(`'([^']*)'`).FindAllStringSubmatch(sql, -1) {
		out = append(out, m[1])
	}
	return out
}

// TestPlans: the statements that run all day walk an index and sort nothing.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := open(t, databases["sqlite"](t))
	queue := queueFilter(s.dialect, store.QueueQuery{})
	scoped := queueFilter(s.dialect, store.QueueQuery{Agencies: []civic.AgencyCode{"most"}})
	settled := queueFilter(s.dialect, store.QueueQuery{Agencies: []civic.AgencyCode{"most"}, States: []civic.State{civic.Answered}})
	handed := queueFilter(s.dialect, store.QueueQuery{States: []civic.State{civic.Triage, civic.Assigned}, HandedOn: true})
	urgent := queueFilter(s.dialect, store.QueueQuery{Urgent: true})
	tests := map[string]struct {
		query string
		args  []any
		index string
		sorts bool
	}{
		"handed on": {"SELECT s.id FROM submissions s WHERE " + handed.String() + queueOrders[store.SortDue] + " LIMIT 50", handed.args, "submissions_open_handed_on", false},
		"urgent":    {"SELECT s.id FROM submissions s WHERE " + urgent.String() + queueOrders[store.SortDue] + " LIMIT 50", urgent.args, "submissions_open_urgent", false},
		"queue":     {"SELECT s.id FROM submissions s WHERE " + queue.String() + queueOrders[store.SortDue] + " LIMIT 50", queue.args, "submissions_open_due", false},
		"newest":    {"SELECT s.id FROM submissions s WHERE " + queue.String() + queueOrders[store.SortNewest] + " LIMIT 50", queue.args, "submissions_open_received", false},
		"of agency": {"SELECT s.id FROM submissions s WHERE " + scoped.String() + queueOrders[store.SortDue] + " LIMIT 50", scoped.args, "submissions_open_agency", true},
		"settled":   {"SELECT s.id FROM submissions s WHERE " + settled.String() + queueOrders[store.SortDue] + " LIMIT 50", settled.args, "COVERING INDEX submissions_settled", true},
		"overdue":   {overdueSQL, []any{1, 1}, "COVERING INDEX submissions_open_due", false},
		"count":     {countSQL, nil, "COVERING INDEX submissions_open_", true},
		"public":    {"SELECT s.id FROM submissions s WHERE " + isPublic + " ORDER BY " + publicAt + " DESC, s.id DESC LIMIT 20", nil, "submissions_public", false},
		"outbox":    {dueSQL, []any{"submission.match", 1, 1, 1}, "outbox_undone", false},
		"index":     {takeSQL, []any{"staff", 1}, "index_queue_order", false},
		"postings":  {s.dialect.firsts("postings", "term", "place"), []any{200, "[1]"}, "SEARCH postings USING PRIMARY KEY (term=?)", false},
		"bands":     {s.dialect.firsts("bands", "band", "submission_id"), []any{50, "[1]"}, "SEARCH bands USING PRIMARY KEY (band=?)", false},
	}
	for name, tt := range tests {
		var plan string
		err := s.within(t.Context(), s.read, nil, func(x *tx) error {
			rows, err := list(t.Context(), x, func(r row) (detail string, err error) {
				var id, parent, unused int
				return detail, r.Scan(&id, &parent, &unused, &detail)
			}, "EXPLAIN QUERY PLAN "+tt.query, tt.args...)
			plan = strings.Join(rows, "\n")
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !strings.Contains(plan, tt.index) || !tt.sorts && strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s: want %s without a sort, got plan:\n%s", name, tt.index, plan)
		}
	}
}

// TestPlansOfPostgreSQL looks at the queries of the queue whose conditions are
// lists: an index that the database could not use for them would show among
// 100,000 cases, and not in a test of ten. Reading whole tables is forbidden
// here, as it forbids itself there.
func TestPlansOfPostgreSQL(t *testing.T) {
	t.Parallel()
	s := open(t, databases["postgres"](t))
	for name, tt := range map[string]struct {
		q     store.QueueQuery
		index string
	}{
		"mine":               {store.QueueQuery{Assignees: []civic.UserID{1}}, "submissions_assignee"},
		"mine and another's": {store.QueueQuery{Assignees: []civic.UserID{1, 2}}, "submissions_assignee"},
		"of agencies":        {store.QueueQuery{Scope: []civic.AgencyCode{"most", "other"}}, "submissions_open_agency"},
		"handed on":          {store.QueueQuery{States: []civic.State{civic.Triage, civic.Assigned}, HandedOn: true}, "submissions_open_handed_on"},
		"urgent":             {store.QueueQuery{Urgent: true}, "submissions_open_urgent"},
		"everything":         {store.QueueQuery{}, "submissions_open_due"},
	} {
		f := queueFilter(s.dialect, tt.q)
		var plan string
		err := s.within(t.Context(), s.write, nil, func(x *tx) error {
			for _, name := range []string{"enable_seqscan", "enable_bitmapscan"} {
				if _, err := x.exec(t.Context(), "SELECT set_config(?, 'off', true)", name); err != nil {
					return err
				}
			}
			rows, err := list(t.Context(), x, func(r row) (line string, err error) { return line, r.Scan(&line) },
				"EXPLAIN SELECT s.id FROM submissions s WHERE "+f.String()+queueOrders[store.SortDue]+" LIMIT 50", f.args...)
			plan = strings.Join(rows, "\n")
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !strings.Contains(plan, tt.index) {
			t.Errorf("%s: want %s, got plan:\n%s", name, tt.index, plan)
		}
	}
}
