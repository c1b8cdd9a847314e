package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
)

func TestPlainPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	for path, text := range map[string]string{
		"/vi/": "Ý kiến của ông/bà", "/vi": "Ý kiến của ông/bà", "/en/": "Send a submission", "/vi/how-it-works": "15 ngày làm việc",
		"/en/how-it-works": "15 working days", "/vi/what-belongs": "Luật Tố tụng hành chính", "/vi/privacy": "91/2025/QH15", "/en/privacy": "another consent, never ticked in advance",
		"/vi/accessibility": "WCAG 2.2", "/vi/contact": "chưa công bố thông tin liên hệ", "/vi/track": "Mã bí mật",
	} {
		b.get(path).is(http.StatusOK, text, `href="/assets/public.`)
	}
}

func TestTheEntranceLeadsToTheReadersLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for header, want := range map[string]string{"": "/vi/", "en-GB,en;q=0.9": "/en/", "fr": "/vi/"} {
		p := w.browser().get("/", "Accept-Language", header)
		if p.status != http.StatusFound || p.header.Get("Location") != want {
			t.Errorf("Accept-Language %q leads to %d %q, want %q", header, p.status, p.header.Get("Location"), want)
		}
	}
	w.browser().get("/en/search?q=a&topic=b").is(http.StatusOK, `href="/vi/search?q=a&amp;topic=b"`)
}

func TestAssets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	path := b.get("/vi/").find(`href="(/assets/public\.[0-9a-f]+\.css)"`)
	for accept, want := range map[string]string{"br, gzip": "br", "gzip": "gzip", "br;q=0, gzip": "gzip", "identity": ""} {
		p := b.get(path, "Accept-Encoding", accept).is(http.StatusOK)
		if got := p.header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q gives %q, want %q", accept, got, want)
		}
		if cache := p.header.Get("Cache-Control"); !strings.Contains(cache, "immutable") {
			t.Errorf("Cache-Control is %q", cache)
		}
		if kind := p.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/css") {
			t.Errorf("Content-Type is %q", kind)
		}
	}
	for _, missing := range []string{"/assets/manifest.json", "/assets/none.css", path + ".br", "/assets/..%2ffrontend.go"} {
		b.get(missing).is(http.StatusNotFound)
	}
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.submit(nil)
	b.get("/vi/submit/sent").is(http.StatusOK, s.code4, s.secret, "ngày 14 tháng 12 năm 2026", "thư điện tử của ông/bà")
	b.get("/en/submit/sent").is(http.StatusOK, s.code4, "14 December 2026")
	b.get("/vi/track/"+s.code4).is(http.StatusOK, "Bỏ bản giấy", "Đã tiếp nhận", "Chưa xác định").hasNot("Nguyễn Thị Lan")
	w.browser().get("/vi/submit/sent").is(http.StatusOK, "Không còn thông tin").hasNot(s.code4)
}

func TestTheTrapHoldsASubmission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(func(v url.Values) { v.Set("website", "http://spam.example") })
	w.must(w.store.View(t.Context(), func(tx store.Tx) error {
		got, err := tx.Submissions().GetByCode(t.Context(), s.code)
		if got.Hold != "hold.honeypot" {
			t.Errorf("hold is %q, want hold.honeypot", got.Hold)
		}
		return err
	}))
}

func TestTrack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	other := w.browser().submit(func(v url.Values) { v.Set("form_key", "other") })
	b := w.browser()
	b.get("/vi/track/"+s.code4).is(http.StatusOK, "Nhập hai mã").hasNot("Bỏ bản giấy")
	b.post("/vi/track", url.Values{}).is(http.StatusUnprocessableEntity, "Nhập mã hồ sơ", "Nhập mã bí mật")
	b.post("/vi/track", url.Values{"code": {"HK-1"}, "secret": {s.secret}}).is(http.StatusUnprocessableEntity, "Mã hồ sơ chưa đúng")
	b.post("/vi/track", url.Values{"code": {s.code4}, "secret": {other.secret}}).is(http.StatusNotFound, "Hai mã không khớp")
	p := b.post("/vi/track", url.Values{"code": {" " + strings.ToLower(s.code4)}, "secret": {strings.ToLower(s.secret)}})
	if location := p.header.Get("Location"); location != "/vi/track/"+s.code4 {
		t.Errorf("leads to %q: the secret must not stand in an address", location)
	}
	for _, cookie := range p.header.Values("Set-Cookie") {
		if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || !strings.Contains(cookie, "/track/"+s.code4) {
			t.Errorf("cookie is open to more than it should be: %s", cookie)
		}
	}
	b.follow(p).is(http.StatusOK, "Bỏ bản giấy")
	b.get("/en/track/"+s.code4).is(http.StatusOK, "Received", `lang="vi">Bỏ bản giấy`)
	b.get("/vi/track/"+other.code4).is(http.StatusOK, "Nhập hai mã")
	b.follow(b.post("/vi/track/"+s.code4+"/close", nil)).is(http.StatusOK, "Hồ sơ đã được đóng")
	b.get("/vi/track/"+s.code4).is(http.StatusOK, "Nhập hai mã")
}

func TestGuessingASecretIsSlowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	b := w.browser()
	for range 10 {
		b.post("/vi/track", url.Values{"code": {s.code4}, "secret": {"22222222"}}).is(http.StatusNotFound)
	}
	p := b.post("/vi/track", url.Values{"code": {s.code4}, "secret": {s.secret}}).is(http.StatusTooManyRequests, "Đã thử quá nhiều lần")
	if p.header.Get("Retry-After") == "" {
		t.Error("Retry-After is missing")
	}
}

// publish makes a submission public with an answer.
func (w *world) publish(s sent) {
	w.t.Helper()
	w.put(s.code, func(tx store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency, sub.AnsweredAt = civic.Answered, most, w.clock.Now()
		sub.Visibility, sub.PublishedAt = civic.PublicWithAnswer, w.clock.Now()
		sub.PublicTitle, sub.PublicBody = sub.Title, "Bản công khai, không có tên ai."
		_, err := tx.Answers().Put(w.t.Context(), civic.Answer{
			Submission: sub.ID, Text: "Bộ tiếp thu: từ năm 2027 chấp nhận hồ sơ điện tử.", Outcome: civic.OutcomeAccepted, Agency: most,
			DraftedAt: w.clock.Now(), SubmittedAt: w.clock.Now(), ApprovedAt: w.clock.Now(),
		})
		return err
	})
}

func TestPublicCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	b := w.browser()
	b.get("/vi/s/"+s.code4).is(http.StatusNotFound, "Không tìm thấy trang").hasNot("Bỏ bản giấy")
	b.get("/vi/s/not-a-code").is(http.StatusNotFound)
	w.publish(s)
	b.get("/vi/s/"+s.code4).is(http.StatusOK, "Bỏ bản giấy", "Bản công khai", "Bộ tiếp thu", "Tiếp thu", "Trả lời đúng hạn", "Bộ Khoa học và Công nghệ").
		hasNot("Nguyễn Thị Lan", "lan@example.vn", "chữ ký số và bỏ bản giấy ở xã")
	b.get("/en/s/"+s.code4).is(http.StatusOK, `<div class="hk-prose" lang="vi"><p>Bộ tiếp thu`, "Answered in time")
	if p := b.get("/vi/s/" + string(s.code)); p.status != http.StatusMovedPermanently || p.header.Get("Location") != "/vi/s/"+s.code4 {
		t.Errorf("another spelling gives %d to %q", p.status, p.header.Get("Location"))
	}
	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
		sub.Visibility = civic.TakenDown
		return nil
	})
	b.get("/vi/s/"+s.code4).is(http.StatusGone, "đã được gỡ").hasNot("Bỏ bản giấy")
}

func TestAPublicCaseSaysWhyItHasNoAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.browser().submit(func(v url.Values) { v.Set("title", "Ý kiến gửi trước") })
	s := w.browser().submit(func(v url.Values) { v.Set("form_key", "later") })
	b := w.browser()
	open := "đang được xử lý, chưa có trả lời"
	becomes := func(edit func(sub *civic.Submission)) page {
		w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
			sub.Visibility, sub.PublicTitle, sub.PublicBody = civic.PublicOpen, sub.Title, sub.Body
			edit(sub)
			return nil
		})
		return b.get("/vi/s/" + s.code4)
	}
	becomes(func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, most }).is(http.StatusOK, open)
	becomes(func(sub *civic.Submission) {
		sub.State, sub.Rejection = civic.Rejected, civic.Rejection{Reason: "out_of_scope", Message: "Ông Nguyễn Văn A gửi nơi khác."}
	}).is(http.StatusOK, "Lý do không thụ lý").hasNot(open, "Nguyễn Văn A")
	becomes(func(sub *civic.Submission) { sub.State, sub.Rejection = civic.Withdrawn, civic.Rejection{} }).is(http.StatusOK, "Người gửi đã rút ý kiến này.").hasNot(open)
	becomes(func(sub *civic.Submission) { sub.State, sub.AnsweredAt = civic.Answered, w.clock.Now() }).is(http.StatusOK, "Nội dung trả lời không đăng công khai.").hasNot(open)
	var first civic.SubmissionID
	w.put(root.code, func(_ store.Tx, sub *civic.Submission) error {
		first = sub.ID
		return nil
	})
	follows := func(sub *civic.Submission) { sub.State, sub.Root = civic.Merged, first }
	becomes(follows).is(http.StatusOK, "được trả lời chung với ý kiến đó").hasNot(open, root.code4)
	w.put(root.code, func(_ store.Tx, sub *civic.Submission) error {
		sub.Visibility, sub.PublicTitle, sub.PublicBody = civic.PublicOpen, sub.Title, sub.Body
		return nil
	})
	becomes(follows).is(http.StatusOK, `href="/vi/s/`+root.code4+`"`)
}

func TestSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.publish(s)
	hidden := w.browser().submit(func(v url.Values) {
		v.Set("form_key", "hidden")
		v.Set("title", "Một đề nghị chưa công khai")
	})
	b := w.browser()
	b.get("/vi/").is(http.StatusOK, "Vừa được trả lời", "Bỏ bản giấy").hasNot("chưa công khai")
	b.get("/vi/search?q=ban+giay").is(http.StatusOK, "Tìm thấy 1 hồ sơ", "Bỏ bản giấy", "/vi/s/"+s.code4, `value="ban giay"`).hasNot(hidden.code4)
	b.get("/vi/search?q=khong+co+gi").is(http.StatusOK, "Không tìm thấy hồ sơ nào")
	b.get("/vi/search?kind=recommendation&q=ban&sort=newest&page=x").is(http.StatusOK, "Tìm thấy 1", `name="kind" value="recommendation"`, "Bỏ lọc")
	b.get("/vi/search?q=khong+co+gi").is(http.StatusOK, `href="/vi/submit?title=khong`, "Nhận tin khi có trả lời mới").hasNot("Bỏ bộ lọc")
	b.get("/vi/search?q=ban+giay&kind=solution&year=2020").is(http.StatusOK, "Bỏ mọi bộ lọc", `href="/vi/search?q=ban`, "1 hồ sơ").hasNot("Bỏ bộ lọc “")
	b.get("/vi/search?q=ban+giay&kind=solution").is(http.StatusOK, "Bỏ bộ lọc", "1 hồ sơ")
	b.get("/vi/search?kind=solution").is(http.StatusOK, "Không tìm thấy", `href="/vi/search"`)
	b.get("/vi/search?q=%3Cscript%3E&topic=%22%3E").is(http.StatusOK).hasNot("<script>", `"">`)
	w.search.away = true
	b.get("/vi/search?q=ban").is(http.StatusServiceUnavailable, "Công cụ tìm kiếm đang gián đoạn")
	b.get("/vi/").is(http.StatusOK, "Gửi ý kiến").hasNot("Vừa được trả lời")
}

func TestFailuresArePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	b.get("/vi/nothing").is(http.StatusNotFound, "Không tìm thấy trang", "Mã yêu cầu")
	b.get("/en/nothing").is(http.StatusNotFound, "Page not found")
	b.get("/nothing", "Accept-Language", "en").is(http.StatusNotFound, "Page not found")
	b.do(http.MethodPost, "/vi/search", "").is(http.StatusMethodNotAllowed, "Không thực hiện được")
	b.do(http.MethodPost, "/vi/submit", rightForm().Encode(), "Sec-Fetch-Site", "cross-site").is(http.StatusForbidden, "Yêu cầu đến từ một trang khác")
	b.do(http.MethodPost, "/vi/submit", "title=%00").is(http.StatusBadRequest, "Không đọc được yêu cầu")
	b.get("/vi/search?q=%ff").is(http.StatusBadRequest)
	b.do(http.MethodPost, "/vi/submit/"+strings.Repeat("A", 26)+"/text", "body="+strings.Repeat("a", 2<<20)).is(http.StatusRequestEntityTooLarge, "Nội dung quá lớn")
}

func TestPagesBringNoInlineCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.browser().get("/vi/submit").is(http.StatusOK).hasNot(" style=", " onclick=", "<script>")
	policy := p.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy is %q", policy)
	}
}
