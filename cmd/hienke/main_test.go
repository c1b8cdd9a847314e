package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/testkit"
)

// run calls the program as a shell would and returns what it printed.
func run(t *testing.T, stdin string, args ...string) (out, errOut string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	p := process{args: args, in: strings.NewReader(stdin), out: &o, err: &e}
	code = p.run(t.Context())
	return o.String(), e.String(), code
}

// must fails the test unless the program ends well and says what is wanted.
func must(t *testing.T, stdin, want string, args ...string) string {
	t.Helper()
	out, errOut, code := run(t, stdin, args...)
	if code != 0 || !strings.Contains(out, want) {
		t.Fatalf("hienke %s: exit %d, want it to say %q\n%s%s", strings.Join(args, " "), code, want, out, errOut)
	}
	return out
}

func TestEveryCommandHasHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{}, {"serve"}, {"api"}, {"worker"}, {"init"}, {"migrate"}, {"import"}, {"reindex"}, {"doctor"}, {"user"},
		{"user", "add"}, {"user", "invite"}, {"user", "password"}, {"user", "close"}, {"user", "reopen"}, {"user", "list"},
		{"eval"}, {"eval", "duplicates"}, {"eval", "routing"},
	} {
		must(t, "", "Usage: hienke", append(args, "--help")...)
	}
}

func TestMistakesOnTheCommandLineAreToldWithoutDoingAnything(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"serv"}, {"serve", "--lisen", "x"}, {"import"}, {"reindex", "--index", "third"}, {"user", "add", "a@b.test"}} {
		if _, errOut, code := run(t, "", args...); code != exitUsage || !strings.Contains(errOut, "hienke --help") {
			t.Errorf("%v: exit %d\n%s", args, code, errOut)
		}
	}
	_, errOut, code := run(t, "", "--config", filepath.Join(t.TempDir(), "none.toml"), "doctor")
	if code != exitFailure || !strings.Contains(errOut, "none.toml") {
		t.Errorf("a missing file: exit %d\n%s", code, errOut)
	}
}

func TestScaledOutProcessesSayEverythingTheyMiss(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"api", "worker"} {
		_, errOut, code := run(t, "", "--data", t.TempDir(), role)
		for _, want := range []string{"HIENKE_DATABASE_URL", "HIENKE_REDIS_URL", "HIENKE_MEILI_URL", "HIENKE_KEYS_FILE", "HIENKE_BLOB_URL"} {
			if code != exitFailure || !strings.Contains(errOut, want) {
				t.Errorf("%s: exit %d, %s is not asked for\n%s", role, code, want, errOut)
			}
		}
	}
}

func TestInitNeverReplacesAKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secrets", "keys")
	must(t, "", "Keep a copy", "init", "--keys", path)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode is %v, %v", info.Mode(), err)
	}
	if _, _, code := run(t, "", "init", "--keys", path); code != exitFailure {
		t.Errorf("a second init ended with %d", code)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the key was replaced")
	}
}

// lines is a file of three submissions, one of them too short.
func lines(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "letters.jsonl")
	text := `{"id":1,"question":"Xin hỏi thủ tục đăng ký kiểu dáng công nghiệp cần những giấy tờ gì?"}
{"id":2,"question":"ngắn"}
{"id":3,"question":"Kiến nghị công khai tiến độ phủ sóng di động tới từng thôn bản."}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// work does what an operator does on the data in dir.
func work(t *testing.T, dir string) {
	t.Helper()
	file := lines(t)
	out := must(t, "", "3 lines read, 2 would be stored, 0 there already, 1 refused", "--data", dir, "import", file, "--map", "body=question", "--dry-run")
	if !strings.Contains(out, "line 2 refused") || strings.Contains(out, "ngắn") {
		t.Errorf("the report names no line, or repeats its text:\n%s", out)
	}
	must(t, "", "2 stored, 0 there already, 1 refused", "--data", dir, "import", file, "--map", "body=question")
	must(t, "", "0 stored, 2 there already, 1 refused", "--data", dir, "import", file, "--map", "body=question")
	must(t, "mot-mat-khau-dai\n", "can sign in", "--data", dir, "user", "add", "chuyenvien@example.test",
		"--name", "Chuyên viên", "--role", "officer", "--agency", "bo-khoa-hoc-cong-nghe")
	if _, errOut, code := run(t, "ngan\n", "--data", dir, "user", "password", "chuyenvien@example.test"); code != exitFailure ||
		!strings.Contains(errOut, "too_short") {
		t.Errorf("a short password: exit %d\n%s", code, errOut)
	}
	must(t, "", "officer", "--data", dir, "user", "list")
	must(t, "", "", "--data", dir, "user", "close", "chuyenvien@example.test")
	must(t, "", "closed", "--data", dir, "user", "list")
	must(t, "", "is open again", "--data", dir, "user", "enable", "chuyenvien@example.test")
	must(t, "", "are made under /staff/tokens", "--data", dir, "user", "add", "cong@example.test", "--name", "Cổng dịch vụ", "--role", "service")
	if _, errOut, code := run(t, "", "--data", dir, "user", "disable", "khong.co@example.test"); code != exitFailure || !strings.Contains(errOut, "user.not_found") {
		t.Errorf("nobody is closed: exit %d\n%s", code, errOut)
	}
	must(t, "", "staff: 2 documents", "--data", dir, "reindex")
	must(t, "", "public: 0 missing, 0 stale, 0 foreign", "--data", dir, "reindex", "--repair")
	must(t, "", "SQLite, version", "--data", dir, "doctor")
	must(t, "", "version", "--data", dir, "migrate")
}

func TestCommandsWorkOnTheDataAlone(t *testing.T) {
	t.Parallel()
	work(t, t.TempDir())
}

func TestTheHelpNamesEveryRole(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"add", "invite"} {
		help := strings.Join(strings.Fields(must(t, "", "Usage: hienke", "user", command, "--help")), " ")
		for _, role := range civic.Roles {
			if !strings.Contains(help, string(role)) {
				t.Errorf("user %s does not name %s:\n%s", command, role, help)
			}
		}
	}
}

// TestCommandsWorkBesideARunningServer sends the same commands through the
// server that has the folder in use.
func TestCommandsWorkBesideARunningServer(t *testing.T) {
	t.Parallel()
	dir, post := shortTempDir(t), testkit.SMTP(t)
	serve(t, dir, mailing(t, post)...)
	work(t, dir)
	invite(t, dir, post)
	if _, errOut, code := run(t, "", "--data", dir, "serve", "--listen", "127.0.0.1:0"); code != exitFailure || !strings.Contains(errOut, "another process") {
		t.Errorf("a second server on the folder: exit %d\n%s", code, errOut)
	}
}

// invite invites somebody by the command, and waits for the mail that the
// server sends.
func invite(t *testing.T, dir string, post *testkit.SMTPServer) {
	t.Helper()
	person := []string{"--data", dir, "user", "invite", "Moi@Example.Test", "--name", "Trần Thị Mới", "--role", "lead"}
	if _, errOut, code := run(t, "", person...); code != exitFailure || !strings.Contains(errOut, "agency") {
		t.Errorf("a lead of no agency: exit %d\n%s", code, errOut)
	}
	must(t, "", "is invited", append(person, "--agency", "bo-khoa-hoc-cong-nghe")...)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	mails, err := post.Wait(ctx, 1)
	if err != nil || mails[0].To[0] != "moi@example.test" || !strings.Contains(mails[0].Text("text/plain"), "/staff/link/") {
		t.Errorf("the invitation is %+v, %v", mails, err)
	}
	if list := must(t, "", "moi@example.test\tlead\tbo-khoa-hoc-cong-nghe\tinvited\tnever\tTrần Thị Mới", "--data", dir, "user", "list"); strings.Contains(list, "argon2") {
		t.Error("the list shows hashes")
	}
	if _, errOut, code := run(t, "", append(person, "--agency", "bo-khoa-hoc-cong-nghe")...); code != exitFailure || !strings.Contains(errOut, "email_taken") {
		t.Errorf("invited twice: exit %d\n%s", code, errOut)
	}
}

// shortTempDir keeps the control socket's path within the 108 bytes that Unix
// allows.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // best effort
	return dir
}

// lockedBuffer may be written and read at the same time.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestEvalPrintsOneObject(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	corpus := write("corpus.jsonl", `{"id":"a","title":"Lắp mạng không dây ở thôn","text":"Đề nghị lắp mạng không dây tại nhà văn hóa thôn."}
{"id":2,"title":"Trạm sạc xe điện","text":"Mong có chuẩn chung cho đầu sạc xe điện."}
`)
	queries := write("queries.jsonl", `{"query_id":9,"title":"Mạng không dây nhà văn hóa","text":"Xin lắp mạng không dây cho nhà văn hóa của thôn.","relevant":["a"]}
`)
	var got map[string]any
	if err := json.Unmarshal([]byte(must(t, "", "hit_at_1", "eval", "duplicates", "--corpus", corpus, "--queries", queries, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if got["hit_at_1"] != 1.0 || got["mrr_at_10"] != 1.0 {
		t.Errorf("got %v", got)
	}
	var rows strings.Builder
	for range 6 {
		rows.WriteString(`{"title":"Học bổng","text":"Học bổng cho sinh viên nghèo vượt khó","label":"giao-duc"}` + "\n")
		rows.WriteString(`{"title":"Vắc xin","text":"Tiêm vắc xin cho trẻ em vùng cao","label":"y-te"}` + "\n")
	}
	data := write("routing.jsonl", rows.String())
	got = nil
	if err := json.Unmarshal([]byte(must(t, "", "accuracy", "eval", "routing", "--train", data, "--test", data, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"accuracy", "macro_f1", "top3", "auto_share_at_98", "train_seconds", "decision_us", "classes", "rows", "skipped"} {
		if _, ok := got[key]; !ok {
			t.Errorf("%s is missing in %v", key, got)
		}
	}
}
