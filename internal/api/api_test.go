package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"hienke/configs"
	"hienke/frontend"
	"hienke/internal/accounts"
	"hienke/internal/answers"
	"hienke/internal/api"
	"hienke/internal/civic"
	"hienke/internal/dialogue"
	"hienke/internal/finding"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/insight"
	"hienke/internal/intake"
	"hienke/internal/learning"
	"hienke/internal/limit"
	"hienke/internal/limit/memlimit"
	"hienke/internal/openness"
	"hienke/internal/opinions"
	"hienke/internal/registry"
	"hienke/internal/routing"
	"hienke/internal/rulebook"
	"hienke/internal/seal"
	"hienke/internal/search"
	"hienke/internal/search/blevesearch"
	"hienke/internal/store"
	"hienke/internal/store/sqlstore"
	"hienke/internal/teamwork"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
	"hienke/internal/timetable"
	"hienke/internal/triage"
)

// most is the agency whose people these tests have.
const most = "bo-khoa-hoc-cong-nghe"

// world is a whole house with the API as its only face.
type world struct {
	*api.API
	echo  *echo.Echo
	store store.Store
	clock *testkit.Clock
	log   bytes.Buffer
	// index opens the search; nil is Bleve.
	index func(t *testing.T, audience search.Audience) search.Index
}

// delivered is what every world reads and none changes, loaded once.
var delivered = sync.OnceValues(func() (d struct {
	registry  *registry.Data
	catalogue *i18n.Catalogue
}, err error) {
	if d.registry, err = registry.Load(configs.Registry()); err == nil {
		d.catalogue, err = i18n.Load(frontend.Locales())
	}
	return d, err
})

// newWorld builds a house on SQLite in a temporary folder.
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOn(t, nil)
}

// newWorldOn is newWorld with a search of its own.
func newWorldOn(t *testing.T, index func(t *testing.T, audience search.Audience) search.Index) *world {
	t.Helper()
	w := &world{clock: testkit.NewClock(time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)), index: index} // a Monday morning
	st, err := sqlstore.Open(t.Context(), testkit.SQLite(t, house.Migrate), sqlstore.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, st.Close()) })
	w.store = st
	w.build(t, memlimit.New(w.clock.Now, 0))
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// build composes the use cases and the router.
func (w *world) build(t *testing.T, limits limit.Limiter) {
	t.Helper()
	data, err := delivered()
	must(t, err)
	reg, now, catalogue := data.registry.Registry, w.clock.Now, data.catalogue
	times, err := timetable.Fixed(reg)
	must(t, err)
	keys, err := seal.NewKeys(bytes.Repeat([]byte{7}, seal.KeySize))
	must(t, err)
	rules, err := routing.CompileRules([]routing.Rule{
		{ID: "ho-so-khoa-hoc", Version: 3, Name: "Hồ sơ khoa học", When: `has("hồ sơ khoa học")`, Agency: most, Owner: "test"},
	})
	must(t, err)
	open := openIndex
	if w.index != nil {
		open = w.index
	}
	public, staff := open(t, search.Public), open(t, search.Staff)
	w.API = &api.API{
		Intake: &intake.Service{
			Store: w.store, Registry: reg, Times: times, Keys: keys, Limits: limits, Now: now, Random: rand.Reader,
		},
		Triage: &triage.Service{
			Store: w.store, Registry: reg, Times: times, Keys: keys, Policy: routing.DefaultPolicy(), Staff: staff, Now: now, Random: rand.Reader, Scope: data.registry.Scope,
			Rules:      func(context.Context) (*routing.RuleSet, error) { return rules, nil },
			Classifier: func(context.Context) (*routing.Model, error) { return nil, nil }, //nolint:nilnil // none is trained here
		},
		Answers:  &answers.Service{Store: w.store, Registry: reg, Now: now},
		Openness: &openness.Service{Store: w.store, Now: now},
		Dialogue: &dialogue.Service{Store: w.store, Registry: reg, Times: times, Now: now},
		Teamwork: &teamwork.Service{Store: w.store, Registry: reg, Now: now},
		Opinions: &opinions.Service{Store: w.store, Registry: reg, Times: times, Now: now},
		Accounts: &accounts.Service{
			Store: w.store, Registry: reg, Keys: keys, Limits: limits, Now: now, Random: rand.Reader, Hashing: accounts.NewHashing(1),
		},
		Finding:   &finding.Service{Store: w.store, Keys: keys, Public: public, Staff: staff, Now: now, Holder: "test"},
		Insight:   &insight.Service{Store: w.store, Now: now},
		Rulebook:  &rulebook.Service{Store: w.store, Registry: reg, Now: now, Log: slog.New(slog.DiscardHandler)},
		Learning:  &learning.Service{Store: w.store, Registry: reg, Now: now, Log: slog.New(slog.DiscardHandler)},
		Registry:  reg,
		Limits:    limits,
		Translate: catalogue.Message, Plural: catalogue.Plural,
		Now: now,
	}
	w.Attachments = cabinet(t, w.store, reg, keys, now)
	w.echo, err = httpx.New(httpx.Options{
		Uploads: uploads(), Downloads: api.DownloadRoutes(),
		Log: slog.New(slog.NewJSONHandler(&w.log, nil)), Now: now, Translate: catalogue.Message,
		Pseudonym: func(address string) string { return keys.Pseudonym("client", address) },
	})
	must(t, err)
	w.Routes(w.echo)
}

func openIndex(t *testing.T, audience search.Audience) search.Index {
	t.Helper()
	index, err := blevesearch.Open(t.TempDir(), audience, nil)
	must(t, err)
	t.Cleanup(func() { must(t, index.Close()) })
	return index
}

// reply is an answer of the API.
type reply struct {
	status int
	header http.Header
	body   string
}

// into reads the body of a reply.
func (r reply) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
}

// problem reads the body of a failure.
func (r reply) problem(t *testing.T) httpx.Problem {
	t.Helper()
	var p httpx.Problem
	r.into(t, &p)
	return p
}

// send makes one call and holds it to the contract. A body is sent as JSON;
// headers alternate names and values.
func (w *world) send(t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	if !strings.HasPrefix(path, "/api") {
		path = api.Base + path
	}
	var content io.Reader = http.NoBody
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, content)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.echo.ServeHTTP(rec, r)
	got := reply{rec.Code, rec.Header(), rec.Body.String()}
	checkExchange(t, method, path, body, got)
	if got.status == http.StatusInternalServerError {
		t.Errorf("%s %s is a 500: %s", method, path, w.log.String())
	}
	return got
}

// jobs counts what the outbox promises.
func (w *world) jobs(t *testing.T) map[store.JobKind]int {
	t.Helper()
	out := map[store.JobKind]int{}
	must(t, w.store.View(t.Context(), func(tx store.Tx) error {
		pending, err := tx.Outbox().Pending(t.Context())
		for kind, backlog := range pending {
			if backlog.Count > 0 {
				out[kind] = backlog.Count
			}
		}
		return err
	}))
	return out
}

// scenario is one call with everything that must and must not come of it.
type scenario struct {
	name          string
	method, path  string
	headers       []string
	body          string
	status        int
	has, hasNot   []string
	jobs          map[store.JobKind]int // new in the outbox; nil: nothing
	code          string                // of the problem, where it is one
	field, reason string                // the first wrong field and its code
}

// run makes the call and checks it.
func (s scenario) run(t *testing.T, w *world) {
	t.Helper()
	before := w.jobs(t)
	r := w.send(t, s.method, s.path, s.body, s.headers...)
	if r.status != s.status {
		t.Fatalf("status %d, want %d: %s", r.status, s.status, r.body)
	}
	for _, want := range s.has {
		if !strings.Contains(r.body, want) {
			t.Errorf("body lacks %q: %s", want, r.body)
		}
	}
	for _, private := range s.hasNot {
		if strings.Contains(r.body, private) {
			t.Errorf("body holds %q: %s", private, r.body)
		}
	}
	after := w.jobs(t)
	maps.DeleteFunc(after, func(kind store.JobKind, n int) bool { return n == before[kind] })
	for kind := range after {
		after[kind] -= before[kind]
	}
	if want := s.jobs; len(want)+len(after) > 0 && !cmp.Equal(want, after) {
		t.Errorf("new jobs (-want +got):\n%s", cmp.Diff(want, after))
	}
	if s.code != "" {
		s.checkProblem(t, r.problem(t))
	}
}

func (s scenario) checkProblem(t *testing.T, p httpx.Problem) {
	t.Helper()
	if p.Code != s.code {
		t.Errorf("code %q, want %q", p.Code, s.code)
	}
	if p.Title == "" || i18n.IsMissing(p.Title) {
		t.Errorf("title %q", p.Title)
	}
	if s.field == "" {
		return
	}
	if len(p.Fields) == 0 || p.Fields[0].Name != s.field || p.Fields[0].Code != s.reason {
		t.Fatalf("fields %+v, want %s %s", p.Fields, s.field, s.reason)
	}
	if m := p.Fields[0].Message; m == "" || i18n.IsMissing(m) {
		t.Errorf("message %q", m)
	}
}

// text of the submission that most tests send.
const (
	sampleTitle = "Cho nộp hồ sơ nhiệm vụ khoa học bằng chữ ký số"
	sampleBody  = "Đề nghị cho phép ký số toàn bộ hồ sơ nhiệm vụ khoa học để không phải in và gửi bản giấy."
)

// submission returns a body with one field changed; path is dotted. A nil
// value takes the field away.
func submission(path string, value any) string {
	whole := map[string]any{
		"kind": "initiative", "title": sampleTitle, "body": sampleBody, "topic": "khoa-hoc-cong-nghe",
		"submitter": map[string]any{"type": "person", "name": "Nguyễn Văn An", "email": "an@example.vn"},
		"consent":   map[string]any{"terms": true, "publish_name": false},
	}
	at := whole
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		at = at[name].(map[string]any)
	}
	switch last := names[len(names)-1]; {
	case last == "":
	case value == nil:
		delete(at, last)
	default:
		at[last] = value
	}
	b, err := json.Marshal(whole)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// receive sends the sample and returns its acknowledgement.
func (w *world) receive(t *testing.T) api.Acknowledgement {
	t.Helper()
	r := w.send(t, http.MethodPost, "/submissions", submission("", nil))
	if r.status != http.StatusCreated {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	var ack api.Acknowledgement
	r.into(t, &ack)
	return ack
}

// triaged sends the sample and puts it before a coordinator, as routing does
// when it is not sure.
func (w *world) triaged(t *testing.T) api.Acknowledgement {
	t.Helper()
	ack := w.receive(t)
	code, err := civic.ParseCode(ack.Code)
	must(t, err)
	must(t, w.store.Do(t.Context(), func(tx store.Tx) error {
		s, err := tx.Submissions().GetByCode(t.Context(), code)
		if err != nil {
			return err
		}
		if err := s.Move(civic.Triage); err != nil {
			return err
		}
		s.Version++
		s.TriageReason = triage.ReasonUnsure
		return tx.Submissions().Update(t.Context(), s)
	}))
	return ack
}

// work does the jobs of comparing and routing until none is left.
func (w *world) work(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	for _, kind := range []store.JobKind{store.JobMatch, store.JobRoute} {
		var due []store.Job
		must(t, w.store.View(ctx, func(tx store.Tx) (err error) {
			due, err = tx.Outbox().Due(ctx, kind, w.clock.Now(), w.clock.Now(), 100)
			return err
		}))
		for _, j := range due {
			do := w.Triage.Match
			if kind == store.JobRoute {
				do = w.Triage.Route
			}
			must(t, do(ctx, j.ID, civic.SubmissionID(j.Subject)))
		}
	}
}

// staff makes an account with an open session and returns its Authorization
// header. The session is written directly: hashing a password for each test
// would take longer than the test.
func (w *world) staff(t *testing.T, role civic.Role, agency civic.AgencyCode) (header []string) {
	t.Helper()
	token := rand.Text()
	u := civic.User{
		Email: strings.ToLower(token) + "@demo.test", Name: "Trần Thị " + string(role), Role: role, Agency: agency,
		PasswordHash: "unused", Active: true, CreatedAt: w.clock.Now(),
	}
	must(t, w.store.Do(t.Context(), func(tx store.Tx) error {
		id, err := tx.Users().Add(t.Context(), u)
		if err != nil {
			return err
		}
		now := w.clock.Now()
		return tx.Sessions().Add(t.Context(), store.Session{
			TokenHash: sha256.Sum256([]byte(token)), User: id, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(time.Hour),
		})
	}))
	return []string{"Authorization", "Bearer " + token}
}

// act does a staff action with the version that the case has now.
func (w *world) act(t *testing.T, who []string, code, action, body string) reply {
	t.Helper()
	etag := w.send(t, http.MethodGet, "/staff/submissions/"+code, "", who...).header.Get("ETag")
	return w.send(t, http.MethodPost, "/staff/submissions/"+code+"/"+action, body, append([]string{"If-Match", etag}, who...)...)
}

// drain brings the search indexes up to date.
func (w *world) drain(t *testing.T) {
	t.Helper()
	for _, name := range store.IndexNames {
		for more := true; more; {
			var err error
			more, err = w.Finding.Drain(t.Context(), name)
			must(t, err)
		}
	}
}
