package web_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// nextPage is where the queue goes on.
const nextPage = `href="([^"]+)" rel="next"`

func TestTheQueueIsReadPageByPageWhileOthersWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var cases []civic.Code
	w.must(w.store.Do(t.Context(), func(tx store.Tx) error {
		for i := range 120 {
			code, err := civic.NewCode(rand.Reader)
			if err != nil {
				return err
			}
			now := w.clock.Now()
			sub := civic.Submission{
				Code: code, Kind: civic.Feedback, Title: "Việc cần làm số " + code.String(), Body: "Nội dung đủ dài để đọc.", Language: civic.Vietnamese, Channel: civic.ChannelWeb,
				Submitter: civic.Person, State: civic.Triage, Version: 1, ReceivedAt: now, UpdatedAt: now, Visibility: civic.Private,
			}
			if i < 100 {
				sub.DueAt = now.Add(time.Duration(i/3) * time.Hour)
			}
			if _, err := tx.Submissions().Add(t.Context(), store.Receipt{Submission: sub}); err != nil {
				return err
			}
			cases = append(cases, code)
		}
		return nil
	}))
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	seen := map[string]int{}
	p := coordinator.get("/staff/queue?view=triage").is(http.StatusOK, "120 hồ sơ", `aria-current="page">Chờ phân loại <span class="hk-tally">120</span>`).hasNot(`rel="prev"`)
	for range 3 {
		for _, code := range cases {
			if strings.Contains(p.body, `<span class="hk-code">`+code.String()+"<") {
				seen[code.String()]++
			}
		}
		// Somebody settles what was read, which would move every later page.
		for code := range seen {
			read, err := civic.ParseCode(code)
			w.must(err)
			w.put(read, func(_ store.Tx, s *civic.Submission) error { s.State = civic.Withdrawn; return nil })
		}
		if !strings.Contains(p.body, `rel="next"`) {
			break
		}
		p = coordinator.get(strings.ReplaceAll(p.find(nextPage), "&amp;", "&")).is(http.StatusOK, `rel="prev"`)
	}
	if len(seen) != len(cases) {
		t.Errorf("%d of %d cases were met", len(seen), len(cases))
	}
	for code, n := range seen {
		if n != 1 {
			t.Errorf("%s was met %d times", code, n)
		}
	}
	for _, place := range []string{"after=x", "after=-5." + cases[0].String(), "before=9e9.HK", "after=99999999999999999999." + cases[0].String()} {
		coordinator.get("/staff/queue?status=all&"+place).is(http.StatusOK, cases[0].String())
	}
}

func TestAViewIsSavedSharedAndKeptFromOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	officer, colleague := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most), w.staff(civic.RoleApprover, "Phạm Văn Nam", most)
	stranger := w.staff(civic.RoleOfficer, "Đỗ Thị Lan", "bo-giao-duc-dao-tao")
	s := w.browser().submit(nil)
	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency, sub.DueAt = civic.Assigned, most, w.clock.Now().Add(-time.Hour)
		return nil
	})
	form := url.Values{"query": {"due=overdue&status=assigned&page=7&evil=1"}, "view_name": {""}}
	officer.post("/staff/views", form).is(http.StatusUnprocessableEntity, `name="query" value="due=overdue`)
	form.Set("view_name", "  Quá hạn  chưa nhận ")
	form.Set("view_shared", "yes")
	officer.follow(officer.post("/staff/views", form)).is(http.StatusOK, "Đã lưu bộ lọc",
		`href="/staff/queue?due=overdue&amp;status=assigned" aria-current="page" lang="vi">Quá hạn chưa nhận <span class="hk-tally">1</span>`)
	colleague.get("/staff/queue").is(http.StatusOK, "Quá hạn chưa nhận")
	stranger.get("/staff/queue").is(http.StatusOK).hasNot("Quá hạn chưa nhận")

	path := officer.get("/staff/views").is(http.StatusOK).find(`action="(/staff/views/\d+)"`)
	colleague.post(path, url.Values{"version": {"1"}, "view_name": {"Của tôi"}}).is(http.StatusNotFound)
	colleague.post(path, url.Values{"remove": {"yes"}}).is(http.StatusNotFound)
	officer.follow(officer.post(path, url.Values{"version": {"1"}, "view_name": {"Chưa nhận"}})).is(http.StatusOK, "Chưa nhận")
	officer.post(path, url.Values{"version": {"1"}, "view_name": {"Từ cửa sổ cũ"}}).is(http.StatusConflict, "Từ cửa sổ cũ", "vừa được sửa ở nơi khác", "<strong lang=\"vi\">Chưa nhận</strong>")
	colleague.get("/staff/queue").is(http.StatusOK).hasNot("Chưa nhận</a>") // it is shared no more
	officer.follow(officer.post(path, url.Values{"remove": {"yes"}})).is(http.StatusOK, "Đã xóa bộ lọc").hasNot(path)
}

func TestWhatWaitsIsClaimedInBatches(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.browser().submit(nil), w.browser().submit(nil)
	w.toTriage(one.code)
	first, second := w.staff(civic.RoleCoordinator, "Trần Văn Bình", ""), w.staff(civic.RoleCoordinator, "Vũ Thị Mai", "")
	first.follow(first.post("/staff/claims", url.Values{})).is(http.StatusOK, one.code4, "Đã nhận 1 hồ sơ", "Giữ đến 09:30")
	w.toTriage(two.code)
	second.follow(second.post("/staff/claims", url.Values{})).is(http.StatusOK, two.code4).hasNot(one.code4)
	second.follow(second.post("/staff/claims", url.Values{})).is(http.StatusOK, "Không còn hồ sơ nào chờ phân loại")
	second.get("/staff/queue?view=triage").is(http.StatusOK, one.code4, "Trần Văn Bình giữ đến 09:30")
	first.follow(first.post("/staff/claims", url.Values{"release": {"yes"}})).is(http.StatusOK, "Đã trả lại 1 hồ sơ")
	second.follow(second.post("/staff/claims", url.Values{})).is(http.StatusOK, one.code4, two.code4)
	w.staff(civic.RoleOfficer, "Lê Thị Hoa", most).post("/staff/claims", url.Values{}).is(http.StatusForbidden)
}

func TestAnActOnManyCasesIsPreviewedDoneAndUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	one, two := w.browser().submit(nil), w.browser().submit(nil)
	for _, s := range []sent{one, two} {
		w.toTriage(s.code)
	}
	whole := url.Values{"view": {"triage"}, "all": {"yes"}}
	ask := coordinator.get("/staff/bulk?"+whole.Encode()).is(http.StatusOK, "Hồ sơ đã chọn: 2", `name="all" value="yes"`, `action="/staff/bulk/assign"`, "Có thể hoàn tác", "Không hoàn tác được")
	ask.hasNot(`action="/staff/bulk/hand-back"`, `action="/staff/bulk/extend"`)
	whole = url.Values{"filters": {ask.find(`name="filters" value="([^"]*)"`)}, "all": {"yes"}}
	coordinator.post("/staff/bulk/assign", whole).is(http.StatusUnprocessableEntity, "Chọn cơ quan")
	whole.Set("agency", string(most))
	p := coordinator.post("/staff/bulk/assign", whole)
	work := p.header.Get("Location")
	coordinator.follow(p).is(http.StatusOK, "2 hồ sơ sẽ thay đổi", "Đang phân loại → Đã chuyển cơ quan", "Chưa có cơ quan → Bộ Khoa học và Công nghệ", "Thực hiện với 2 hồ sơ")
	if w.stored(one.code).State != civic.Triage {
		t.Fatal("a preview changed the case")
	}
	w.put(two.code, func(store.Tx, *civic.Submission) error { return nil }) // somebody works on it meanwhile
	coordinator.follow(coordinator.post(work+"/go", url.Values{})).is(http.StatusOK, "1 hồ sơ đã xong", "1 hồ sơ chưa làm vì vừa có thay đổi", "đã được người khác cập nhật", "Hoàn tác 1 hồ sơ")
	if sub := w.stored(one.code); sub.State != civic.Assigned || sub.Agency != most {
		t.Errorf("the case is %s with %q", sub.State, sub.Agency)
	}
	coordinator.post(work+"/go", url.Values{}).is(http.StatusConflict, "không còn chờ quyết định")
	w.staff(civic.RoleOfficer, "Vũ Thị Mai", most).get(work).is(http.StatusNotFound)
	w.staff(civic.RoleCoordinator, "Vũ Thị Mai", "").get(work).is(http.StatusOK, one.code4, two.code4).hasNot("/undo")
	w.staff(civic.RoleAuditor, "Kiểm Tra Viên", "").get(work).is(http.StatusOK, one.code4, two.code4).hasNot("/undo")

	p = coordinator.post(work+"/undo", url.Values{})
	undo := p.header.Get("Location")
	coordinator.follow(p).is(http.StatusOK, "Hoàn tác: Giao cơ quan", "Bộ Khoa học và Công nghệ → Chưa có cơ quan")
	coordinator.follow(coordinator.post(undo+"/go", url.Values{})).is(http.StatusOK, "1 hồ sơ đã xong")
	if sub := w.stored(one.code); sub.State != civic.Triage || sub.Agency != "" || sub.TriageReason == "" {
		t.Errorf("undone, the case is %s with %q because of %q", sub.State, sub.Agency, sub.TriageReason)
	}
	coordinator.get(work).is(http.StatusOK, undo).hasNot(`action="` + work + `/undo"`)
	coordinator.get("/staff/bulk/works").is(http.StatusOK, "Hoàn tác: Giao cơ quan", "đã hoàn tác", "đã làm 1 trên 2 hồ sơ")
	w.browser().get("/vi/track/" + one.code4) // the sender's page has a sentence for it
}

func TestATagIsTheAgencysOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	officer, above := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most), w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	s := w.browser().submit(nil)
	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency = civic.Assigned, most
		return nil
	})
	form := url.Values{"case": {s.code4 + ".2"}, "tag": {" Thư viện  số "}}
	officer.inBulk("tag", form).is(http.StatusOK, "Thêm nhãn", "1 hồ sơ đã xong", "Hoàn tác 1 hồ sơ")
	officer.get("/staff/queue?tag=Th%C6%B0+vi%E1%BB%87n+s%E1%BB%91").is(http.StatusOK, s.code4, `<span class="hk-label" lang="vi">Thư viện số</span>`, "Thư viện số (1)")
	above.get("/staff/queue").is(http.StatusOK, s.code4).hasNot("Thư viện số")
	officer.follow(officer.post("/staff/bulk/tag", form)).is(http.StatusOK, "Hồ sơ đã có nhãn này").hasNot("/go")
	officer.inBulk("untag", url.Values{"case": {s.code4 + ".2"}, "tag": {"thư viện số"}}).is(http.StatusOK, "Bỏ nhãn")
	officer.get("/staff/queue").is(http.StatusOK, s.code4).hasNot(`class="hk-label"`)
}

func TestWhatTheMachineCouldNotDoIsListedAndTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	var job store.Job
	w.must(w.store.Do(t.Context(), func(tx store.Tx) error {
		jobs, err := tx.Outbox().Due(t.Context(), store.JobSend, w.clock.Now(), w.clock.Now(), 1)
		if err != nil {
			return err
		}
		job = jobs[0]
		return tx.Outbox().Fail(t.Context(), job.ID, "mail.refused", w.clock.Now().Add(6*time.Hour))
	}))
	admin := w.staff(civic.RoleAdministrator, "Trần Văn Bình", "")
	retry := admin.get("/staff/tasks").is(http.StatusOK, s.code4, "Gửi tin cho người gửi", "mail.refused", "1 lần").find(`action="(/staff/tasks/\d+/retry)"`)
	admin.follow(admin.post(retry, url.Values{})).is(http.StatusOK, "Việc này được thử lại ngay")
	w.must(w.store.View(t.Context(), func(tx store.Tx) error {
		again, err := tx.Outbox().Get(t.Context(), job.ID)
		if !again.NextAt.IsZero() {
			t.Errorf("it rests until %v", again.NextAt)
		}
		return err
	}))
	admin.post("/staff/tasks/x/retry", url.Values{}).is(http.StatusNotFound)
	w.staff(civic.RoleOfficer, "Lê Thị Hoa", most).get("/staff/tasks").is(http.StatusForbidden)
}
