package web_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hienke/internal/bulk"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// waiting stores cases that wait for a coordinator, the first due first.
func (w *world) waiting(n int) (out []civic.Code) {
	w.t.Helper()
	w.must(w.store.Do(w.t.Context(), func(tx store.Tx) error {
		for i := range n {
			code, err := civic.NewCode(rand.Reader)
			if err != nil {
				return err
			}
			now := w.clock.Now()
			sub := civic.Submission{
				Code: code, Kind: civic.Feedback, Title: "Việc chờ phân loại " + code.String(), Body: "Nội dung đủ dài để đọc.", Language: civic.Vietnamese, Channel: civic.ChannelWeb,
				Submitter: civic.Person, State: civic.Triage, Version: 1, ReceivedAt: now, UpdatedAt: now, Visibility: civic.Private,
				DueAt: now.Add(time.Duration(i+1) * time.Minute),
			}
			if _, err := tx.Submissions().Add(w.t.Context(), store.Receipt{Submission: sub}); err != nil {
				return err
			}
			out = append(out, code)
		}
		return nil
	}))
	return out
}

// stretches does the work on many cases that the queue would do, and returns
// after how many jobs it was at its end. between is called after the first.
func (w *world) stretches(between func()) (n int) {
	w.t.Helper()
	for {
		var jobs []store.Job
		w.must(w.store.Do(w.t.Context(), func(tx store.Tx) (err error) {
			jobs, err = tx.Outbox().Due(w.t.Context(), store.JobBulk, w.clock.Now(), w.clock.Now(), 1)
			return err
		}))
		if len(jobs) == 0 {
			return n
		}
		w.must(w.bulk.Work(w.t.Context(), jobs[0].ID, jobs[0].Subject))
		if n++; n == 1 && between != nil {
			between()
		}
	}
}

// lines reads every page of a work and returns what became of each case.
func (b *browser) lines(path string) map[string]string {
	b.w.t.Helper()
	line := regexp.MustCompile(`<span class="hk-code">(HK-[0-9A-Z-]+)</span></td>[\s\S]*?<span class="hk-tag[^"]*">([^<]+)</span>`)
	out := map[string]string{}
	for path != "" {
		p := b.get(path).is(http.StatusOK)
		path = ""
		for _, m := range line.FindAllStringSubmatch(p.body, -1) {
			if out[m[1]] != "" {
				b.w.t.Errorf("%s stands twice", m[1])
			}
			out[m[1]] = m[2]
		}
		if strings.Contains(p.body, `rel="next"`) {
			path = strings.ReplaceAll(p.find(nextPage), "&amp;", "&")
		}
	}
	return out
}

// count tallies what became of cases.
func count(lines map[string]string) map[string]int {
	out := map[string]int{}
	for _, became := range lines {
		out[became]++
	}
	return out
}

// TestAThousandCasesAreActedOnThroughThePages: as many as one work takes, with
// one that a colleague decides about meanwhile and one that is accepted before
// all is taken back.
func TestAThousandCasesAreActedOnThroughThePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cases := w.waiting(bulk.Max + 3)
	coordinator, colleague := w.staff(civic.RoleCoordinator, "Trần Văn Bình", ""), w.staff(civic.RoleCoordinator, "Vũ Thị Mai", "")
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	began := time.Now()
	lap := func(what string) { t.Logf("%s: %d ms", what, time.Since(began).Milliseconds()); began = time.Now() }

	whole := url.Values{"view": {"triage"}, "all": {"yes"}}
	ask := coordinator.get("/staff/bulk?"+whole.Encode()).is(http.StatusOK, "1.000", `name="all" value="yes"`)
	if len(ask.body) > 100_000 {
		t.Errorf("the page that asks what to do has %d bytes", len(ask.body))
	}
	lap("the page that asks what to do")
	form := url.Values{"filters": {ask.find(`name="filters" value="([^"]*)"`)}, "all": {"yes"}, "agency": {string(most)}}
	work := coordinator.post("/staff/bulk/assign", form).is(http.StatusSeeOther).header.Get("Location")
	lap("the order")
	coordinator.get(work).is(http.StatusOK, "đang xem trước", `data-refresh=`, "Đã qua 0 trên 1.000 hồ sơ")
	jobs := w.stretches(func() { coordinator.get(work).is(http.StatusOK, "Đã qua 200 trên 1.000 hồ sơ") })
	lap("the preview")
	coordinator.get(work).is(http.StatusOK, "1.000 hồ sơ sẽ thay đổi", "nhiều nhất 1.000 hồ sơ", "Thực hiện với 1.000 hồ sơ").hasNot("?only=left")
	lap("the page of the preview")
	if got := count(coordinator.lines(work)); got["làm được"] != bulk.Max || jobs != bulk.Max/bulk.Stretch {
		t.Errorf("after %d jobs the preview says %v", jobs, got)
	}
	lap("all ten pages of the preview")

	// A colleague decides about one while the first stretch is done.
	const theirs, accepted = 700, 3
	coordinator.post(work+"/go", nil).is(http.StatusSeeOther)
	w.stretches(func() {
		colleague.act(sent{code: cases[theirs], code4: cases[theirs].String()}, "assign", url.Values{"agency": {"bo-y-te"}, "reason": {"Đúng việc của Bộ Y tế"}}).is(http.StatusSeeOther)
		coordinator.get(work).is(http.StatusOK, "đang thực hiện", "Đã qua 200 trên 1.000 hồ sơ")
	})
	lap("the acts")
	coordinator.get(work).is(http.StatusOK, "999 hồ sơ đã xong", "1 hồ sơ chưa làm", work+"?only=left", "Hoàn tác 999 hồ sơ")
	if left := coordinator.lines(work + "?only=left"); len(left) != 1 || left[cases[theirs].String()] != "chưa làm" {
		t.Errorf("left alone are %v", left)
	}
	coordinator.get(work+"?only=left").is(http.StatusOK, "đã được người khác cập nhật", `href="`+work+`"`)
	if got := count(coordinator.lines(work)); got["đã xong"] != bulk.Max-1 || got["chưa làm"] != 1 {
		t.Errorf("it became of them %v", got)
	}
	if sub := w.stored(cases[theirs]); sub.Agency != "bo-y-te" {
		t.Errorf("what the colleague decided became %q", sub.Agency)
	}
	for _, code := range cases[bulk.Max:] {
		if sub := w.stored(code); sub.State != civic.Triage {
			t.Errorf("%s was not meant and is %s", code, sub.State)
		}
	}

	// An officer accepts one, and all is taken back but that.
	officer.act(sent{code: cases[accepted], code4: cases[accepted].String()}, "accept", url.Values{}).is(http.StatusSeeOther)
	began = time.Now()
	undo := coordinator.post(work+"/undo", nil).is(http.StatusSeeOther).header.Get("Location")
	w.stretches(nil)
	lap("the preview of taking it back")
	coordinator.get(undo).is(http.StatusOK, "998 hồ sơ sẽ thay đổi", "1 hồ sơ không làm được")
	coordinator.post(undo+"/go", nil).is(http.StatusSeeOther)
	w.stretches(nil)
	lap("taking it back")
	if got := count(coordinator.lines(undo)); got["đã xong"] != bulk.Max-2 || got["để nguyên"] != 1 {
		t.Errorf("taken back: %v", got)
	}
	if sub := w.stored(cases[accepted]); sub.State != civic.InProgress || sub.Agency != most {
		t.Errorf("what was accepted is %s with %q", sub.State, sub.Agency)
	}
	if sub := w.stored(cases[0]); sub.State != civic.Triage || sub.Agency != "" {
		t.Errorf("what was taken back is %s with %q", sub.State, sub.Agency)
	}
}
