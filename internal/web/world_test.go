package web_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"hienke/configs"
	"hienke/frontend"
	"hienke/internal/absence"
	"hienke/internal/accounts"
	"hienke/internal/answers"
	"hienke/internal/audit"
	"hienke/internal/bulk"
	"hienke/internal/civic"
	"hienke/internal/deadlines"
	"hienke/internal/dialogue"
	"hienke/internal/directory"
	"hienke/internal/drafts"
	"hienke/internal/errs"
	"hienke/internal/exports"
	"hienke/internal/finding"
	"hienke/internal/following"
	"hienke/internal/guardians"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/insight"
	"hienke/internal/intake"
	"hienke/internal/learning"
	"hienke/internal/limit/memlimit"
	"hienke/internal/notices"
	"hienke/internal/openness"
	"hienke/internal/opinions"
	"hienke/internal/presence/mempresence"
	"hienke/internal/privacy"
	"hienke/internal/reach"
	"hienke/internal/registry"
	"hienke/internal/reminders"
	"hienke/internal/routing"
	"hienke/internal/rulebook"
	"hienke/internal/seal"
	"hienke/internal/search"
	"hienke/internal/store"
	"hienke/internal/store/sqlstore"
	"hienke/internal/teamwork"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
	"hienke/internal/timetable"
	"hienke/internal/triage"
	"hienke/internal/web"
	"hienke/internal/worklist"
)

// world is the pages on a real database, without a queue: what jobs would do
// the tests do by hand.
type world struct {
	t         testing.TB
	count     int // of unique words
	clock     *testkit.Clock
	store     *sqlstore.Store
	intake    *intake.Service
	answers   *answers.Service
	rules     *rulebook.Service
	learn     *learning.Service
	search    *brittle
	registry  *civic.Registry
	pages     *web.Web
	openness  *openness.Service
	keys      *seal.Keys
	server    *httptest.Server
	reach     *reach.Service
	following *following.Service
	guardians *guardians.Service
	notices   *notices.Service
	outgoing  *sentMails
	audit     *audit.Service
	privacy   *privacy.Service
	dialogue  *dialogue.Service
	lists     *worklist.Service
	bulk      *bulk.Service
	exports   *exports.Service
	directory *directory.Service
	sorting   *triage.Service
}

// brittle is a search that can be away.
type brittle struct {
	search.Searcher
	away bool
}

func (b *brittle) Query(ctx context.Context, q search.Query) (search.Result, error) {
	if b.away {
		return search.Result{}, errs.New(errs.Unavailable, "search.unavailable")
	}
	return b.Searcher.Query(ctx, q)
}

// parsed is the renderer that all worlds share, since nothing changes it.
var parsed = sync.OnceValues(func() (*web.Renderer, error) {
	catalogue, err := i18n.Load(frontend.Locales())
	if err != nil {
		return nil, err
	}
	return web.NewRenderer(catalogue)
})

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldOn(t, testkit.SQLite(t, house.Migrate))
}

// newWorldOn is a world on the database of an address.
func newWorldOn(t testing.TB, address string) *world {
	t.Helper()
	w := &world{t: t, clock: testkit.NewClock(time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC))} // a Monday, 09:00 in Hà Nội
	data, err := registry.Load(configs.Registry())
	w.must(err)
	data.Registry.Rejections = data.Rejections
	times, err := timetable.Fixed(data.Registry)
	w.must(err)
	w.store, err = sqlstore.Open(t.Context(), address, sqlstore.Options{})
	w.must(err)
	t.Cleanup(func() { w.must(w.store.Close()) })
	keys, err := seal.NewKeys(make([]byte, seal.KeySize))
	w.must(err)
	limits := memlimit.New(w.clock.Now, 0)
	due := &deadlines.Service{Store: w.store, Registry: data.Registry, Times: times, Now: w.clock.Now}
	w.must(due.TakeUp(t.Context()))
	w.intake = &intake.Service{
		Store: w.store, Registry: data.Registry, Times: times, Keys: keys, Limits: limits, Now: w.clock.Now, Random: rand.Reader,
	}
	users := &accounts.Service{
		Store: w.store, Registry: data.Registry, Keys: keys, Limits: limits, Now: w.clock.Now, Random: rand.Reader,
		Hashing: accounts.NewHashing(2),
	}
	users.Passkeys, err = accounts.NewPasskeys("https://hienke.example.vn", true)
	w.must(err)
	w.answers = &answers.Service{Store: w.store, Registry: data.Registry, Now: w.clock.Now, Keys: keys}
	w.search = &brittle{Searcher: finding.Plain{Store: w.store, Thesaurus: data.Thesaurus}}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	w.rules = &rulebook.Service{Store: w.store, Registry: data.Registry, Now: w.clock.Now, Log: quiet}
	w.learn = &learning.Service{Store: w.store, Registry: data.Registry, Now: w.clock.Now, Log: quiet}
	w.registry = data.Registry
	w.privacy = &privacy.Service{
		Store: w.store, Registry: data.Registry, Times: times, Keys: keys, Limits: limits, Now: w.clock.Now, NewRef: rand.Text,
		DropFile: func(context.Context, string) error { return nil },
	}
	w.audit = &audit.Service{Store: w.store, Registry: data.Registry, Keys: keys, Now: w.clock.Now, Holder: "test"}
	w.keys = keys
	w.openness = &openness.Service{Store: w.store, Now: w.clock.Now}
	w.outgoing = &sentMails{}
	w.following = &following.Service{
		Store: w.store, Keys: keys, Limits: limits, Mail: w.outgoing, Draw: notices.Draw, Now: w.clock.Now, PublicURL: "https://hienke.example.vn",
		Query: web.SavedQuery, Describe: func(saved string, lang civic.Language) string { return w.pages.DescribeSaved(saved, lang) },
	}
	renderer, err := parsed()
	w.must(err)
	sorting := &triage.Service{
		Store: w.store, Registry: data.Registry, Times: times, Keys: keys, Policy: routing.DefaultPolicy(),
		Staff: finding.Plain{Store: w.store}, Now: w.clock.Now, Random: rand.Reader, Scope: data.Scope,
		Rules:      func(context.Context) (*routing.RuleSet, error) { return nil, nil }, //nolint:nilnil // without rules
		Classifier: func(context.Context) (*routing.Model, error) { return nil, nil },   //nolint:nilnil // without a model
	}
	w.sorting = sorting
	w.directory = &directory.Service{Store: w.store, Registry: data.Registry, Now: w.clock.Now}
	w.must(w.directory.Refresh(t.Context()))
	w.dialogue = &dialogue.Service{Store: w.store, Registry: data.Registry, Times: times, Now: w.clock.Now}
	lists := &worklist.Service{Store: w.store, Registry: data.Registry, Now: w.clock.Now, Presence: mempresence.New(w.clock.Now)}
	w.lists = lists
	w.bulk = &bulk.Service{Store: w.store, Registry: data.Registry, Now: w.clock.Now}
	w.bulk.Do, w.bulk.Undo = web.BulkActs(sorting, w.dialogue, lists)
	w.notices = &notices.Service{Store: w.store, Registry: data.Registry, Keys: keys, Mail: w.outgoing, Now: w.clock.Now, PublicURL: "https://hienke.example.vn"}
	files := w.attachments(t, data.Registry, keys)
	w.reach = &reach.Service{
		Store: w.store, Keys: keys, Limits: memlimit.New(w.clock.Now, 0), Now: w.clock.Now, FilesToo: data.FilesWithContact(), Forget: files.Forget,
	}
	w.guardians = &guardians.Service{
		Store: w.store, Registry: data.Registry, Times: times, Keys: keys, Limits: limits, Now: w.clock.Now, Random: rand.Reader, Erase: w.reach.EraseUnconsented,
	}
	w.exports = &exports.Service{
		Store: w.store, Keys: keys, Blobs: files, Now: w.clock.Now, NewRef: rand.Text,
		Source: &web.QueueFile{
			Triage: sorting, Worklist: lists, Registry: data.Registry, Now: w.clock.Now, Catalogue: func() *i18n.Catalogue { return w.pages.Catalogue },
		},
	}
	pages, err := web.New(web.Deps{
		Notices: w.notices,
		Intake:  w.intake, Triage: sorting, Worklist: lists, Bulk: w.bulk, Exports: w.exports,
		Answers: w.answers, Accounts: users, Search: w.search, Thesaurus: data.Thesaurus, Registry: data.Registry,
		Insight:  &insight.Service{Store: w.store, Registry: data.Registry, Times: times, Now: w.clock.Now},
		Rulebook: w.rules, Learning: w.learn, Dialogue: w.dialogue, Openness: w.openness,
		Teamwork:  &teamwork.Service{Store: w.store, Registry: data.Registry, Now: w.clock.Now},
		Opinions:  &opinions.Service{Store: w.store, Registry: data.Registry, Times: times, Now: w.clock.Now},
		Reach:     w.reach,
		Guardians: w.guardians,
		Drafts:    &drafts.Service{Store: w.store, Keys: keys, Now: w.clock.Now, NewToken: rand.Text},
		Following: w.following, Attachments: files,
		Audit: w.audit, Privacy: w.privacy,
		Directory: w.directory, Deadlines: due, Absence: &absence.Service{Store: w.store, Registry: data.Registry, Times: times, Now: w.clock.Now},
		Reminders: &reminders.Service{Store: w.store, Registry: data.Registry, Times: times, Now: w.clock.Now, Draw: notices.Draw},
		Times:     times, Renderer: renderer, Now: w.clock.Now, NewKey: rand.Text, PublicURL: "https://hienke.example.vn",
		Licence: web.Licence{Name: "CC-BY-4.0", URL: "https://creativecommons.org/licenses/by/4.0/", Source: "Hiến Kế"},
	})
	w.must(err)
	e, err := httpx.New(httpx.Options{
		Log: quiet, Now: w.clock.Now, Translate: pages.Catalogue.Message,
		RenderPage: pages.RenderError, Precompressed: []string{web.AssetPrefix}, Uploads: uploads(), Downloads: web.DownloadRoutes(), Streams: web.StreamRoutes(),
	})
	w.must(err)
	pages.Register(e.Group(""))
	w.pages = pages
	w.server = httptest.NewServer(e)
	t.Cleanup(w.server.Close)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// browser keeps cookies and follows no redirect by itself.
type browser struct {
	w      *world
	client *http.Client
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	w.must(err)
	return &browser{w, &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// page is an answer.
type page struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

func (b *browser) do(method, path, body string, headers ...string) page {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.t.Context(), method, b.w.server.URL+path, strings.NewReader(body))
	b.w.must(err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.client.Do(r)
	b.w.must(err)
	defer func() { b.w.must(res.Body.Close()) }()
	content, err := io.ReadAll(res.Body)
	b.w.must(err)
	return page{b.w.t, res.StatusCode, res.Header, string(content)}
}

func (b *browser) get(path string, headers ...string) page {
	b.w.t.Helper()
	return b.do(http.MethodGet, path, "", headers...)
}

func (b *browser) post(path string, form url.Values) page {
	b.w.t.Helper()
	return b.do(http.MethodPost, path, form.Encode())
}

// follow opens where a redirect leads.
func (b *browser) follow(p page) page {
	b.w.t.Helper()
	if p.status != http.StatusSeeOther {
		b.w.t.Fatalf("status %d, want a redirect to follow; body: %.600s", p.status, p.body)
	}
	return b.get(p.header.Get("Location"))
}

// is fails unless the page has the status and every one of the texts.
func (p page) is(status int, has ...string) page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("status %d, want %d; body: %.800s", p.status, status, p.body)
	}
	for _, s := range has {
		if !strings.Contains(p.body, s) {
			p.t.Errorf("page has not %q", s)
		}
	}
	return p
}

// hasNot fails if the page has any of the texts.
func (p page) hasNot(texts ...string) page {
	p.t.Helper()
	for _, s := range texts {
		if strings.Contains(p.body, s) {
			p.t.Errorf("page has %q", s)
		}
	}
	return p
}

// find returns what the first group of the pattern matches.
func (p page) find(pattern string) string {
	p.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(p.body)
	if m == nil {
		p.t.Fatalf("page has nothing like %s", pattern)
	}
	return m[1]
}

// rightForm is a form that is right in every field of every step.
func rightForm() url.Values {
	return url.Values{
		"kind": {"recommendation"}, "title": {"Bỏ bản giấy trong hồ sơ nhiệm vụ khoa học"},
		"body":           {"Đề nghị chấp nhận hồ sơ điện tử có chữ ký số và bỏ bản giấy ở xã vùng cao."},
		"submitter.type": {"person"}, "submitter.name": {"Nguyễn Thị Lan"}, "submitter.email": {"lan@example.vn"},
		"consent.terms": {"yes"}, "website": {""},
	}
}

// begin sends the first step and returns the address of the draft.
func (b *browser) begin(form url.Values) string {
	b.w.t.Helper()
	b.get("/vi/submit").is(http.StatusOK)
	p := b.post("/vi/submit", form)
	if p.status != http.StatusSeeOther {
		b.w.t.Fatalf("the first step answers %d", p.status)
	}
	return strings.TrimSuffix(p.header.Get("Location"), "/text")
}

// write walks through the steps up to the review and returns the draft's
// address. Pages in between, if there are any, are passed by.
func (b *browser) write(form url.Values) string {
	b.w.t.Helper()
	b.stamp(form)
	draft := b.begin(form)
	for _, step := range []string{"text", "topic", "sender"} {
		b.get(draft + "/" + step).is(http.StatusOK)
		if p := b.post(draft+"/"+step, form); p.status != http.StatusSeeOther {
			b.w.t.Fatalf("step %s answers %d: %.900s", step, p.status, p.body)
		}
	}
	b.get(draft + "/review").is(http.StatusOK)
	return draft
}

var stampField = regexp.MustCompile(`name="begun" value="([^"]+)"`)

// stamp opens the form's first page, as every browser does.
func (b *browser) stamp(form url.Values) {
	b.w.t.Helper()
	m := stampField.FindStringSubmatch(b.get("/vi/submit").is(http.StatusOK).body)
	if m == nil {
		b.w.t.Fatal("the first page carries no stamp")
	}
	form.Set("begun", m[1])
}

// sent is a submission whose receipt the sender saw.
type sent struct {
	code   civic.Code
	code4  string // as people write it
	secret string
}

// submit writes and sends as a citizen would and reads the receipt.
func (b *browser) submit(change func(url.Values)) sent {
	b.w.t.Helper()
	form := rightForm()
	if change != nil {
		change(form)
	}
	return b.receipt(b.follow(b.post(b.write(form)+"/review", form)))
}

// receipt reads the codes.
func (b *browser) receipt(p page) sent {
	b.w.t.Helper()
	p.is(http.StatusOK)
	written := p.find(`(HK-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})`)
	code, err := civic.ParseCode(written)
	b.w.must(err)
	return sent{code: code, code4: written, secret: p.find(`>([0-9A-Z]{4}-[0-9A-Z]{4})<`)}
}

const password = "một mật khẩu dài để thử"

// cheap hashes in no time; how dear real hashes are is the accounts' business.
var cheap = &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// account makes an account and returns its address.
func (w *world) account(role civic.Role, name string, agency civic.AgencyCode) string {
	w.t.Helper()
	email := strings.ToLower(rand.Text()) + "@example.vn"
	hash, err := argon2id.CreateHash(password, cheap)
	w.must(err)
	w.must(w.store.Do(w.t.Context(), func(tx store.Tx) error {
		_, err := tx.Users().Add(w.t.Context(), civic.User{
			Email: email, Name: name, Role: role, Agency: agency, PasswordHash: hash, Active: true, CreatedAt: w.clock.Now(),
		})
		return err
	}))
	return email
}

// signIn signs somebody new in by a form that carries more fields, and returns
// what it shows.
func (w *world) signIn(role civic.Role, more url.Values) page {
	w.t.Helper()
	form := url.Values{"email": {w.account(role, "Người mới", most)}, "password": {password}}
	for name, v := range more {
		form[name] = v
	}
	return w.browser().post("/staff/sign-in", form)
}

// staff makes an account and signs in.
func (w *world) staff(role civic.Role, name string, agency civic.AgencyCode) *browser {
	w.t.Helper()
	email := w.account(role, name, agency)
	b := w.browser()
	p := b.post("/staff/sign-in", url.Values{"email": {email}, "password": {password}})
	if p.status != http.StatusSeeOther || p.header.Get("Location") != "/staff/queue" {
		w.t.Fatalf("sign-in: status %d to %q", p.status, p.header.Get("Location"))
	}
	return b
}

// put does to a submission what a job would have done.
func (w *world) put(code civic.Code, change func(tx store.Tx, s *civic.Submission) error) {
	w.t.Helper()
	w.must(w.store.Do(w.t.Context(), func(tx store.Tx) error {
		s, err := tx.Submissions().GetByCode(w.t.Context(), code)
		if err != nil {
			return err
		}
		if err := change(tx, &s); err != nil {
			return err
		}
		s.Version++
		return tx.Submissions().Update(w.t.Context(), s)
	}))
}

// most is an agency of the registry.
const most civic.AgencyCode = "bo-khoa-hoc-cong-nghe"

// toTriage puts a submission before the coordinators, with a suggestion.
func (w *world) toTriage(code civic.Code) {
	w.t.Helper()
	w.put(code, func(tx store.Tx, s *civic.Submission) error {
		s.TriageReason = triage.ReasonUnsure
		err := tx.Routes().Put(w.t.Context(), civic.Route{
			Submission: s.ID, DecidedAt: w.clock.Now(), By: civic.RouteByNone, Agency: most, Score: 0.61,
			Words: []string{"ho", "so"}, Candidates: []civic.RouteCandidate{{Agency: most, Score: 0.61}},
		})
		if err != nil {
			return err
		}
		return s.Move(civic.Triage)
	})
}

// act sends an action from the case page as it stands.
func (b *browser) act(code sent, action string, form url.Values) page {
	b.w.t.Helper()
	version := b.get("/staff/cases/" + code.code4).is(http.StatusOK).find(`name="version" value="(\d+)"`)
	form.Set("version", version)
	return b.post("/staff/cases/"+code.code4+"/"+action, form)
}

// unique is a word that no other text of this world has.
func (w *world) unique() string {
	w.count++
	return "số" + strconv.Itoa(w.count)
}

// inBulk sends an act on many cases, gives the word after the preview, and
// returns what became of them.
func (b *browser) inBulk(act string, form url.Values) page {
	b.w.t.Helper()
	p := b.post("/staff/bulk/"+act, form)
	work := p.header.Get("Location")
	b.follow(p).is(http.StatusOK, "chờ quyết định")
	return b.follow(b.post(work+"/go", url.Values{}))
}
