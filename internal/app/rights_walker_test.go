package app_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hienke/internal/accounts"
	"hienke/internal/app"
	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// walker asks the faces as different people.
type walker struct {
	*app.App
	right   *rightsSeen
	own     civic.Submission
	foreign civic.Submission
	files   map[civic.SubmissionID]string // the file of each case
	// people are accounts that others look at and change, one in each agency.
	people map[civic.AgencyCode]civic.UserID
}

// caller is somebody with a session, or nobody.
type caller struct {
	name  string
	actor civic.Actor
	token string
}

// rightsSeen is a log that keeps the right of the last request.
type rightsSeen struct {
	mu   sync.Mutex
	last string
}

func (s *rightsSeen) Enabled(context.Context, slog.Level) bool { return true }
func (s *rightsSeen) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s *rightsSeen) WithGroup(string) slog.Handler            { return s }

func (s *rightsSeen) Handle(_ context.Context, r slog.Record) error {
	if r.Message != "request" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = ""
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "right" {
			s.last = a.Value.String()
		}
		return true
	})
	return nil
}

func newWalker(t *testing.T) *walker {
	t.Helper()
	w := &walker{right: &rightsSeen{}}
	a, err := app.New(t.Context(), quiet(t.TempDir()), app.Options{Role: app.Everything, Log: slog.New(w.right)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	w.App = a
	w.own, w.foreign = w.receive(t, science), w.receive(t, education)
	w.people = map[civic.AgencyCode]civic.UserID{}
	for _, agency := range []civic.AgencyCode{science, education} {
		w.people[agency] = w.person(t, "somebody of "+string(agency), civic.RoleOfficer, agency).actor.User
	}
	w.files = map[civic.SubmissionID]string{w.own.ID: w.attach(t, w.own), w.foreign.ID: w.attach(t, w.foreign)}
	return w
}

// receive stores a case that an agency handles. Its version is 2, so that acts
// at version 1 come too late and change nothing.
func (w *walker) receive(t *testing.T, agency civic.AgencyCode) civic.Submission {
	t.Helper()
	code, err := civic.NewCode(w.Options.Random)
	if err != nil {
		t.Fatal(err)
	}
	now := w.Now()
	wrapped, sealed, err := w.Keys.SealContact(code, civic.Contact{Name: "Người gửi", Email: "nguoi.gui@example.vn"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Store.Receive(t.Context(), store.Receipt{
		Submission: civic.Submission{
			Code: code, Kind: civic.Feedback, Title: "Trạm quan trắc nước", Body: "Đề nghị công bố số đo của trạm theo giờ.", Language: civic.Vietnamese,
			Channel: civic.ChannelWeb, Submitter: civic.Person, State: civic.InProgress, Agency: agency, Version: 2, ReceivedAt: now, UpdatedAt: now,
			DueAt: now.Add(time.Hour), ForwardDueAt: now.Add(time.Hour), Visibility: civic.Private,
		},
		Contact: store.SealedContact{WrappedKey: wrapped, Sealed: sealed},
	})
	if err != nil {
		t.Fatal(err)
	}
	return civic.Submission{ID: got.ID, Code: code, Agency: agency, State: civic.InProgress}
}

// attach puts a file that was looked into beside a case, and returns its name.
func (w *walker) attach(t *testing.T, sub civic.Submission) string {
	t.Helper()
	file, err := w.Attachments.Put(t.Context(), attachments.OfSender(civic.SenderOf(sub.ID), sub.Code), "so-do.txt", strings.NewReader("Số đo theo giờ: 7,1; 7,2; 7,4."))
	if err != nil {
		t.Fatal(err)
	}
	var jobs []store.Job
	err = w.Store.View(t.Context(), func(tx store.Tx) (err error) {
		jobs, err = tx.Outbox().Due(t.Context(), store.JobCheck, w.Now(), w.Now(), 10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if err := w.Attachments.Check(t.Context(), j.ID, civic.AttachmentID(j.Subject)); err != nil {
			t.Fatal(err)
		}
	}
	return file.Ref
}

// callers are one account of each role in the own agency, an auditor and a data
// protection officer of no agency, a program with every scope and one with a
// single one, and nobody.
func (w *walker) callers(t *testing.T) []caller {
	t.Helper()
	out := []caller{{name: "nobody", actor: civic.Public}}
	for _, role := range civic.Roles {
		out = append(out, w.person(t, string(role), role, science))
	}
	out = append(out, w.person(t, "auditor of all", civic.RoleAuditor, ""), w.person(t, "data protection of all", civic.RoleDataProtection, ""))
	for i := range out {
		if out[i].actor.Role == civic.RoleService {
			account := out[i].actor.User
			out[i] = w.program(t, "a program", account, civic.ServiceScopes...)
			out = append(out, w.unproven(t))
			out = append(out, w.program(t, "a narrow program", account, civic.SeeQueue))
			break
		}
	}
	return out
}

func (w *walker) person(t *testing.T, name string, role civic.Role, agency civic.AgencyCode) caller {
	t.Helper()
	now, token := w.Now(), "session-"+strings.ReplaceAll(name, " ", "-")
	u := civic.User{Email: strings.ReplaceAll(name, " ", ".") + "@staff.test", Name: name, Role: role, Agency: agency, Active: true, CreatedAt: now}
	err := w.Store.Do(t.Context(), func(tx store.Tx) (err error) {
		if u.ID, err = tx.Users().Add(t.Context(), u); err != nil {
			return err
		}
		return tx.Sessions().Add(t.Context(), store.Session{
			TokenHash: sha256.Sum256([]byte(token)), User: u.ID, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(time.Hour),
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return caller{name: name, actor: civic.StaffOf(u), token: token}
}

// unproven is a lead whose role needs a second factor, signed in by a password
// alone. It may set one up and nothing else.
func (w *walker) unproven(t *testing.T) caller {
	t.Helper()
	w.Accounts.Policy.SecondFactor = []civic.Role{civic.RoleLead}
	who := w.person(t, "lead without a second factor", civic.RoleLead, science)
	err := w.Store.Do(t.Context(), func(tx store.Tx) error {
		return tx.Sessions().Prove(t.Context(), sha256.Sum256([]byte(who.token)), accounts.HowPassword, w.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	who.actor.Unproven = true
	return who
}

func (w *walker) program(t *testing.T, name string, account civic.UserID, scopes ...civic.Permission) caller {
	t.Helper()
	token, err := w.Accounts.IssueToken(t.Context(), civic.System, accounts.NewToken{
		Account: account, Name: name, Scopes: scopes, ExpiresAt: w.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	actor, err := w.Accounts.AuthenticateCaller(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return caller{name: name, actor: actor, token: token}
}

// ask sends one request about a case and returns the answer.
func (w *walker) ask(t *testing.T, who caller, r routeRight, sub civic.Submission) *httptest.ResponseRecorder {
	t.Helper()
	id := "none"
	if r.object == "user" {
		id = strconv.FormatInt(int64(w.people[sub.Agency]), 10)
	}
	path := strings.NewReplacer(":code", sub.Code.String(), ":other", w.own.Code.String(), ":action", "none", ":act", "none", ":file", "none.csv",
		":version", "1", ":id", id, ":ref", w.files[sub.ID]).Replace(r.path)
	inAPI := strings.HasPrefix(r.path, "/api/")
	body, kind := "", "application/x-www-form-urlencoded"
	values := url.Values{"version": {"1"}}
	for name, v := range actForms[r.path[strings.LastIndex(r.path, "/")+1:]] {
		values.Set(name, strings.ReplaceAll(v[0], "{case}", sub.Code.String()))
	}
	switch {
	case r.method == http.MethodGet:
	case inAPI:
		body, kind = apiBody(t, values), "application/json"
	case strings.HasSuffix(r.path, "/paper"):
		kind = "multipart/form-data; boundary=x"
		body = "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.4\n%%EOF\r\n--x--\r\n"
	default:
		body = values.Encode()
	}
	req := httptest.NewRequestWithContext(t.Context(), r.method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", kind)
	if r.object == "act" && inAPI {
		req.Header.Set("If-Match", `"v1"`)
	}
	switch {
	case who.token == "":
	case inAPI:
		req.Header.Set("Authorization", "Bearer "+who.token)
	default:
		req.AddCookie(&http.Cookie{Name: "hienke_staff", Value: who.token})
	}
	answer := httptest.NewRecorder()
	w.Handler().ServeHTTP(answer, req)
	return answer
}

// apiBody is the form as the API takes it.
func apiBody(t *testing.T, values url.Values) string {
	t.Helper()
	body := map[string]any{}
	for name, v := range values {
		switch name {
		case "version", "scope", "question", "reply", "parts.0.title", "parts.0.body":
		case "days":
			body[name] = 5
		case "opinion", "todo":
			body[name] = 1
		case "members":
			body[name] = v
		default:
			body[name] = v[0]
		}
	}
	if values.Has("parts.0.title") {
		body["parts"] = []any{map[string]string{"title": values.Get("parts.0.title"), "body": values.Get("parts.0.body")}}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}
