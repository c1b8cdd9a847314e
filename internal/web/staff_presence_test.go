package web_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/presence"
	"hienke/internal/store"
)

func TestACaseSaysWhoElseHasItOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.browser().submit(nil).code
	w.put(code, func(_ store.Tx, s *civic.Submission) error { s.State, s.Agency = civic.InProgress, most; return nil })
	at := "/staff/cases/" + code.String()
	hoa, binh := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most), w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	stranger := w.staff(civic.RoleOfficer, "Người Ngoài", "bo-giao-duc-dao-tao")

	hoa.get(at).is(http.StatusOK, `role="status" hidden></p>`).hasNot("Đang mở hồ sơ này")
	binh.get(at).is(http.StatusOK, "Đang mở hồ sơ này: Lê Thị Hoa")
	hoa.get(at+"/present").is(http.StatusOK, "Đang mở hồ sơ này: Trần Văn Bình")
	stranger.get(at+"/present").is(http.StatusNotFound).hasNot("Hoa", "Bình")
	stranger.get(at).is(http.StatusNotFound)
	w.clock.Advance(presence.Span)
	hoa.get(at).is(http.StatusOK).hasNot("Đang mở hồ sơ này: Trần", "Người Ngoài")
}

// away is a board whose Redis cannot be reached.
type away struct{}

func (away) Give(context.Context, presence.Sign) error {
	return errs.New(errs.Unavailable, "presence.away")
}
func (away) Take(context.Context, presence.Sign) error {
	return errs.New(errs.Unavailable, "presence.away")
}
func (away) At(context.Context, civic.SubmissionID) ([]presence.Person, error) {
	return nil, errs.New(errs.Unavailable, "presence.away")
}
func (away) Watch(context.Context, civic.SubmissionID) <-chan struct{} { return nil }

func TestACaseIsShownThoughNobodyKnowsWhoHasItOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lists.Presence = away{}
	code := w.browser().submit(nil).code
	b := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	b.get("/staff/cases/"+code.String()).is(http.StatusOK, code.String())
	b.get("/staff/cases/" + code.String() + "/present").is(http.StatusOK)
}

// listen opens the events of a case and waits for the first.
func (b *browser) listen(ctx context.Context, path string) (status int, first string) {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.w.server.URL+path, nil)
	b.w.must(err)
	r.Header.Set("Accept", "text/event-stream")
	answer, err := b.client.Do(r)
	b.w.must(err)
	b.w.t.Cleanup(func() { _ = answer.Body.Close() })
	lines := bufio.NewScanner(answer.Body)
	for answer.StatusCode == http.StatusOK && lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			return answer.StatusCode, text
		}
	}
	return answer.StatusCode, ""
}

func TestAnAccountIsToldInSixWindowsAtMost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := "/staff/cases/" + w.browser().submit(nil).code.String() + "/present"
	binh, hoa := w.staff(civic.RoleCoordinator, "Trần Văn Bình", ""), w.staff(civic.RoleCoordinator, "Lê Thị Hoa", "")
	ctx, cancel := context.WithCancel(t.Context())
	for i := range 6 {
		if status, _ := binh.listen(ctx, at); status != http.StatusOK {
			t.Fatalf("window %d: status %d", i+1, status)
		}
	}
	if status, _ := binh.listen(t.Context(), at); status != http.StatusTooManyRequests {
		t.Errorf("the seventh window: status %d", status)
	}
	if status, said := hoa.listen(t.Context(), at+"?doing=editing"); status != http.StatusOK || said != "Đang mở hồ sơ này: Trần Văn Bình" {
		t.Errorf("a colleague: status %d, %q", status, said)
	}
	cancel()
	for t.Context().Err() == nil { // the windows close one after the other
		if p := binh.get(at); p.status == http.StatusOK {
			p.is(http.StatusOK, "Lê Thị Hoa (đang viết)")
			return
		}
	}
	t.Error("closed windows are counted still")
}

// TestAWindowOfASessionThatEndedIsToldNothingMore: neither who comes nor who
// writes.
func TestAWindowOfASessionThatEndedIsToldNothingMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := "/staff/cases/" + w.browser().submit(nil).code.String() + "/present"
	binh, hoa := w.staff(civic.RoleCoordinator, "Trần Văn Bình", ""), w.staff(civic.RoleCoordinator, "Lê Thị Hoa", "")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+at, nil)
	w.must(err)
	r.Header.Set("Accept", "text/event-stream")
	answer, err := binh.client.Do(r)
	w.must(err)
	t.Cleanup(func() { _ = answer.Body.Close() })
	lines := bufio.NewScanner(answer.Body)
	next := func() (said string, on bool) {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return text, true
			}
		}
		return "", false
	}
	if said, on := next(); said != "" || !on {
		t.Fatalf("alone at the case: %q, %v", said, on)
	}
	binh.post("/staff/sign-out", nil)
	hoa.get(at)
	if said, on := next(); on {
		t.Errorf("after the end of the session the window was told %q", said)
	}
}

// TestAWindowThatIsOnlyOpenKeepsNoSessionAlive: nobody may sit before it.
func TestAWindowThatIsOnlyOpenKeepsNoSessionAlive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := "/staff/cases/" + w.browser().submit(nil).code.String() + "/present"
	binh := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	for range 23 { // a window asks again every five minutes
		binh.get(at).is(http.StatusOK)
		w.clock.Advance(5 * time.Minute)
	}
	binh.get(at).is(http.StatusOK)
	w.clock.Advance(5 * time.Minute)
	binh.get("/staff/queue").is(http.StatusSeeOther)
}
