package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/intake"
	"hienke/internal/store"
)

// solved asks for a task and does it as a browser would.
func (b *browser) solved() string {
	b.w.t.Helper()
	p := b.get("/challenge").is(http.StatusOK)
	if got := p.header.Get("Cache-Control"); got != "no-store" {
		b.w.t.Errorf("a task may be kept: %q", got)
	}
	var task struct {
		Parameters struct{ Salt, Nonce, KeyPrefix string }
	}
	b.w.must(json.Unmarshal([]byte(p.body), &task))
	salt, err := hex.DecodeString(task.Parameters.Salt)
	b.w.must(err)
	nonce, err := hex.DecodeString(task.Parameters.Nonce)
	b.w.must(err)
	for n := range uint32(1 << 20) {
		key := sha256.Sum256(binary.BigEndian.AppendUint32(append(append([]byte{}, salt...), nonce...), n))
		found := hex.EncodeToString(key[:])
		if !strings.HasPrefix(found, task.Parameters.KeyPrefix) {
			continue
		}
		plain, err := json.Marshal(map[string]any{"challenge": json.RawMessage(p.body), "solution": map[string]any{"counter": n, "derivedKey": found}})
		b.w.must(err)
		return base64.StdEncoding.EncodeToString(plain)
	}
	b.w.t.Fatal("the task has no solution")
	return ""
}

// TestAProofWidensTheLimit: 40 people behind one address, one after another.
// Without a proof the last ones wait for a check; a proof counts once, however
// often it is sent.
func TestAProofWidensTheLimit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		work func(b *browser, used string) string
		want string
	}{
		{"without a proof", func(*browser, string) string { return "" }, intake.HoldRate},
		{"with one that was used before", func(_ *browser, used string) string { return used }, intake.HoldRate},
		{"with nonsense", func(*browser, string) string { return "eyJ9" }, intake.HoldRate},
		{"with a proof each", func(b *browser, _ string) string { return b.solved() }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			used := w.browser().solved()
			w.browser().submit(func(v url.Values) { v.Set("altcha", used) })
			var last sent
			for range 40 {
				b := w.browser()
				last = b.submit(func(v url.Values) {
					v.Set("altcha", tt.work(b, used))
					v.Set("title", v.Get("title")+" "+w.unique())
				})
			}
			w.must(w.store.View(t.Context(), func(tx store.Tx) error {
				sub, err := tx.Submissions().GetByCode(t.Context(), last.code)
				if sub.Hold != tt.want {
					t.Errorf("the last is held by %q, want %q", sub.Hold, tt.want)
				}
				return err
			}))
		})
	}
}

// TestACoordinatorLetsWhatIsHeldThrough, one by one and many at once.
func TestACoordinatorLetsWhatIsHeldThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trapped := func(v url.Values) { v.Set("website", "http://spam.example") }
	cases := []sent{w.browser().submit(trapped), w.browser().submit(trapped)}
	for _, s := range cases {
		w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
			sub.State, sub.TriageReason = civic.Triage, "triage.held"
			return nil
		})
	}
	free := w.browser().submit(nil)
	coordinator := w.staff(civic.RoleCoordinator, "Lê Thị Hoa", "")
	coordinator.get("/staff/queue?status=held").is(http.StatusOK, cases[0].code4, cases[1].code4, "giống thao tác của máy").hasNot(free.code4)
	coordinator.get("/staff/cases/"+cases[0].code4).is(http.StatusOK, "Tạm giữ để kiểm tra", "giống thao tác của máy", "Cho qua kiểm tra")
	chosen := url.Values{}
	for _, s := range cases {
		chosen.Add("case", s.code4+".2")
	}
	coordinator.get("/staff/bulk?"+chosen.Encode()).is(http.StatusOK, `action="/staff/bulk/release"`)
	coordinator.inBulk("release", chosen).is(http.StatusOK, "2 hồ sơ đã xong")
	coordinator.get("/staff/queue?status=held").is(http.StatusOK).hasNot(cases[0].code4)
	for _, s := range cases {
		w.must(w.store.View(t.Context(), func(tx store.Tx) error {
			sub, err := tx.Submissions().GetByCode(t.Context(), s.code)
			if sub.Hold != "" || sub.TriageReason != "triage.released" {
				t.Errorf("%s: held by %q because of %q", s.code4, sub.Hold, sub.TriageReason)
			}
			return err
		}))
	}
}
