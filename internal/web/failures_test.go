package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/store"
)

// failure is the page of a problem.
func (w *world) failure(lang string, problem httpx.Problem) string {
	w.t.Helper()
	answer := httptest.NewRecorder()
	c := echo.New().NewContext(httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "/"+lang+"/submit", nil), answer)
	w.must(w.pages.RenderError(c, problem))
	return answer.Body.String()
}

func TestNotFoundOffersASearch(t *testing.T) {
	t.Parallel()
	b := newWorld(t).browser()
	b.get("/vi/khong-co-trang-nay").is(http.StatusNotFound, "Không tìm thấy trang", `action="/vi/search"`, "Tìm trong các hồ sơ đã công khai", `name="robots" content="noindex"`)
	b.get("/en/no-such-page").is(http.StatusNotFound, `action="/en/search"`, "Search the public cases", `href="/en/contact"`)
}

func TestWhatIsGoneSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sent := w.browser().submit(nil)
	w.publish(sent)
	w.put(sent.code, func(_ store.Tx, sub *civic.Submission) error { sub.Visibility = civic.TakenDown; return nil })
	b := w.browser()
	b.get("/vi/s/"+sent.code4).is(http.StatusGone, "theo yêu cầu của người gửi", `action="/vi/search"`).hasNot("Bỏ bản giấy", "ld+json", "og:title")
	b.get("/en/s/"+sent.code4).is(http.StatusGone, "because its sender asked for it").hasNot("Bỏ bản giấy")
}

func TestWhoMustWaitIsToldHowLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct {
		kind   errs.Kind
		wait   time.Duration
		vi, en string
	}{
		{errs.RateLimited, 20 * time.Second, "khoảng 20 giây", "20 seconds"},
		{errs.RateLimited, 5 * time.Minute, "khoảng 5 phút", "about 5 minutes"},
		{errs.Unavailable, 30 * time.Second, "khoảng 30 giây", "30 seconds"},
	} {
		for lang, want := range map[string]string{"vi": tt.vi, "en": tt.en} {
			p := w.failure(lang, httpx.Problem{Status: map[errs.Kind]int{errs.RateLimited: 429, errs.Unavailable: 503}[tt.kind], Code: tt.kind.String(), RetryAfter: tt.wait})
			if !strings.Contains(p, want) {
				t.Errorf("%s in %s does not say %q: %s", tt.kind, lang, want, p)
			}
		}
	}
}

// The database goes away between two steps: what was typed comes back with the
// 503, in the form, ready to be sent again.
func TestAnInterruptionKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	for lang, says := range map[string]string{"vi": "Nội dung đã viết được giữ", "en": "kept below"} {
		w := newWorld(t)
		b := w.browser()
		form := rightForm()
		draft := strings.Replace(b.begin(form), "/vi/", "/"+lang+"/", 1)
		w.must(w.store.Close())
		p := b.post(draft+"/text", form).is(http.StatusServiceUnavailable, form.Get("body"), `value="`+form.Get("title")+`"`, says, `action="`+draft+`/text"`)
		if p.header.Get("Retry-After") == "" {
			t.Error("it does not say when to try again")
		}
	}
}
