// Package house gives tests of the use cases a furnished house: a migrated
// database, the delivered registry, a calendar, keys, limits and a clock that
// stands still, and a few people and submissions to put into it.
//
// It is for tests alone, like the kit that it belongs to. It builds no use
// case: each test builds the one that it is about.
package house

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hienke/configs"
	"hienke/internal/civic"
	"hienke/internal/limit/memlimit"
	"hienke/internal/registry"
	"hienke/internal/scope"
	"hienke/internal/seal"
	"hienke/internal/search"
	"hienke/internal/store"
	"hienke/internal/store/sqlstore"
	"hienke/internal/testkit"
	"hienke/internal/timetable"
	"hienke/internal/worktime"
)

// Morning is what the clock shows at first: Monday 2 March 2026, 09:00 in
// Hanoi, a working day with no holiday within the four weeks that follow.
var Morning = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// House is everything that a use case stands on. All of it belongs to one test.
type House struct {
	Clock    *testkit.Clock
	Store    store.Store
	Registry *civic.Registry
	// Thesaurus is the delivered one.
	Thesaurus *search.Thesaurus
	Rules     []registry.Rule
	Scope     *scope.Judge
	Calendar  *worktime.Calendar
	Times     *timetable.Times
	Keys      *seal.Keys
	Limits    *memlimit.Limiter
	// Random gives the same bytes in every run, other ones with every read.
	Random io.Reader
	// Folder is the test's own; with SQLite, File in it is the database.
	Folder, File string
	// URL is the database, for tests that go past the store.
	URL string
}

// New returns a house on SQLite.
func New(t testing.TB) *House {
	t.Helper()
	url := testkit.SQLite(t, Migrate)
	h := furnish(t, url)
	h.File = strings.TrimPrefix(url, "sqlite:")
	h.Folder = filepath.Dir(h.File)
	return h
}

// NewPostgres returns a house on PostgreSQL. Where there is no server the test
// is skipped, or fails if everything is required.
func NewPostgres(t testing.TB) *House {
	t.Helper()
	h := furnish(t, testkit.Postgres(t, Migrate))
	h.Folder = t.TempDir()
	return h
}

// Each runs a test in a house on SQLite and in one on PostgreSQL.
func Each(t *testing.T, run func(t *testing.T, h *House)) {
	t.Helper()
	t.Run("on SQLite", func(t *testing.T) {
		t.Parallel()
		run(t, New(t))
	})
	t.Run("on PostgreSQL", func(t *testing.T) {
		t.Parallel()
		run(t, NewPostgres(t))
	})
}

// Migrate makes the tables of the program in the empty database at a URL.
func Migrate(ctx context.Context, url string) (err error) {
	s, err := sqlstore.Open(ctx, url, sqlstore.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Migrate(ctx)
}

func furnish(t testing.TB, url string) *House {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), url, sqlstore.Options{})
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	data, err := delivered()
	if err != nil {
		t.Fatal(err)
	}
	reg := data.Registry.Copy() // tests may change it and add to it
	calendar, err := worktime.New(reg.Calendar)
	if err != nil {
		t.Fatalf("make the calendar: %v", err)
	}
	times, err := timetable.New(s, reg)
	if err != nil {
		t.Fatalf("make the times: %v", err)
	}
	clock := testkit.NewClock(Morning)
	return &House{
		URL: url, Clock: clock, Store: s, Registry: reg, Thesaurus: data.Thesaurus, Rules: data.Rules, Scope: data.Scope, Calendar: calendar, Times: times, Keys: Keys(t, 1),
		Limits: memlimit.New(clock.Now, 0), Random: NewRandom(1),
	}
}

// delivered is the registry that the program comes with, read once.
var delivered = sync.OnceValues(func() (*registry.Data, error) { return registry.Load(configs.Registry()) })

// Keys returns the keys of an installation; another seed is another one.
func Keys(t testing.TB, seed byte) *seal.Keys {
	t.Helper()
	master := make([]byte, seal.KeySize)
	for i := range master {
		master[i] = seed + byte(i)
	}
	keys, err := seal.NewKeys(master)
	if err != nil {
		t.Fatalf("make the keys: %v", err)
	}
	return keys
}

// NewRandom returns a source that gives the same bytes for the same seed. It
// is safe for use by several goroutines.
func NewRandom(seed byte) io.Reader {
	return &random{source: rand.NewChaCha8([32]byte{seed})}
}

type random struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func (r *random) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.source.Read(p)
}

// Do runs one unit of work and ends the test if it fails.
func (h *House) Do(t testing.TB, fn func(tx store.Tx) error) {
	t.Helper()
	if err := h.Store.Do(t.Context(), fn); err != nil {
		t.Fatalf("change the store: %v", err)
	}
}

// View looks at the store and ends the test if that fails.
func (h *House) View(t testing.TB, fn func(tx store.Tx) error) {
	t.Helper()
	if err := h.Store.View(t.Context(), fn); err != nil {
		t.Fatalf("look at the store: %v", err)
	}
}

// look returns what one look at the store gives.
func look[T any](t testing.TB, h *House, get func(tx store.Tx) (T, error)) (found T) {
	t.Helper()
	h.View(t, func(tx store.Tx) (err error) {
		found, err = get(tx)
		return err
	})
	return found
}

// Case returns a submission as it is stored now.
func (h *House) Case(t testing.TB, code civic.Code) civic.Submission {
	t.Helper()
	return look(t, h, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().GetByCode(t.Context(), code) })
}

// Events returns the history of a submission, oldest first.
func (h *House) Events(t testing.TB, code civic.Code) []civic.Event {
	t.Helper()
	id := h.Case(t, code).ID
	return look(t, h, func(tx store.Tx) ([]civic.Event, error) { return tx.Events().List(t.Context(), id) })
}

// CountEvents returns how many events of a type the history has.
func (h *House) CountEvents(t testing.TB, code civic.Code, of civic.EventType) int {
	t.Helper()
	n := 0
	for _, e := range h.Events(t, code) {
		if e.Type == of {
			n++
		}
	}
	return n
}

// Messages returns the mails of a submission, oldest first.
func (h *House) Messages(t testing.TB, code civic.Code) []civic.Message {
	t.Helper()
	id := h.Case(t, code).ID
	return look(t, h, func(tx store.Tx) ([]civic.Message, error) { return tx.Messages().List(t.Context(), id) })
}

// Jobs returns the undone jobs of a kind, oldest first.
func (h *House) Jobs(t testing.TB, kind store.JobKind) []store.Job {
	t.Helper()
	return look(t, h, func(tx store.Tx) ([]store.Job, error) {
		far := h.Clock.Now().AddDate(1, 0, 0) // resting ones too
		return tx.Outbox().Due(t.Context(), kind, far, far, 10_000)
	})
}

// Total returns how many submissions there are.
func (h *House) Total(t testing.TB) int {
	t.Helper()
	total := 0
	for _, n := range look(t, h, func(tx store.Tx) (map[civic.State]int, error) { return tx.Submissions().Count(t.Context()) }) {
		total += n
	}
	return total
}

// Change edits a submission past every rule, as an earlier part of its life
// would have left it.
func (h *House) Change(t testing.TB, code civic.Code, edit func(*civic.Submission)) {
	t.Helper()
	h.Do(t, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(t.Context(), code)
		if err != nil {
			return err
		}
		edit(&sub)
		return tx.Submissions().Update(t.Context(), sub)
	})
}

// Answer stores an answer as a draft, or an approved one with its ApprovedAt.
func (h *House) Answer(t testing.TB, code civic.Code, a civic.Answer) {
	t.Helper()
	a.Submission = h.Case(t, code).ID
	h.Do(t, func(tx store.Tx) error {
		_, err := tx.Answers().Put(t.Context(), a)
		return err
	})
}

// Follow makes one submission follow another, as matching would.
func (h *House) Follow(t testing.TB, follower, root civic.Code) {
	t.Helper()
	lead, sub := h.Case(t, root), h.Case(t, follower)
	h.Do(t, func(tx store.Tx) error {
		m := civic.Membership{Submission: sub.ID, Root: lead.ID, JoinedAt: h.Clock.Now(), By: civic.ActorSystem, Jaccard: 1}
		if err := tx.Matches().Join(t.Context(), m); err != nil {
			return err
		}
		sub.State, sub.Root = civic.Merged, lead.ID
		return tx.Submissions().Update(t.Context(), sub)
	})
}
