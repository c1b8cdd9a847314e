package web_test

import (
	"bufio"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// stored reads what a submission became.
func (w *world) stored(code civic.Code) (sub civic.Submission) {
	w.t.Helper()
	w.must(w.store.View(w.t.Context(), func(tx store.Tx) (err error) {
		sub, err = tx.Submissions().GetByCode(w.t.Context(), code)
		return err
	}))
	return sub
}

// TestWhateverPeopleWriteComesThrough: what keyboards, telephones and Word make
// of a text is stored, shown in the review and shown to the sender.
func TestWhateverPeopleWriteComesThrough(t *testing.T) {
	t.Parallel()
	const padding = " Đây là một nội dung đủ dài để gửi."
	tests := map[string]struct{ typed, want string }{
		"decomposed letters":    {"Ho\u0302\u0300 sơ, tiê\u0301ng Viê\u0323t", "Hồ sơ, tiếng Việt"},
		"emoji with skin":       {"Cảm ơn 👩🏽‍🌾 nhiều 🇻🇳", "Cảm ơn 👩🏽‍🌾 nhiều 🇻🇳"},
		"right to left":         {"مرحبا بكم و שלום xin chào", "مرحبا بكم و שלום xin chào"},
		"pasted from Word":      {"“Đề nghị” – thứ nhất…\u00a0thứ hai\u2028thứ ba", "“Đề nghị” – thứ nhất…"},
		"a list with tabs":      {"1.\tMột\r\n2.\tHai\r\n\r\n3.\tBa", "1.\tMột\n2.\tHai\n\n3.\tBa"},
		"markup":                {`<b>đậm</b> & "ngoặc" '; DROP TABLE submissions; --`, `<b>đậm</b> & "ngoặc" '; DROP TABLE submissions; --`},
		"Chinese and Hmong":     {"一个建议 𖬌𖬣𖬵 Hmoob", "一个建议 𖬌𖬣𖬵 Hmoob"},
		"a mark on every place": {"Z͑ͫa̴l̷g̸o̵ văn bản", "văn bản"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			b := w.browser()
			form := rightForm()
			form.Set("body", tt.typed+padding)
			draft := b.write(form)
			shown := strings.ReplaceAll(html.UnescapeString(b.get(draft+"/text").is(http.StatusOK).body), "\r\n", "\n")
			if !strings.Contains(shown, strings.ReplaceAll(tt.typed, "\r\n", "\n")) {
				t.Error("the form does not hold what was typed")
			}
			s := b.receipt(b.follow(b.post(draft+"/review", form)))
			if got := w.stored(s.code).Body; !strings.Contains(got, tt.want) {
				t.Errorf("stored as %q, want %q", got, tt.want)
			}
			if page := html.UnescapeString(b.get("/vi/track/" + s.code4).is(http.StatusOK).body); !strings.Contains(page, tt.want) {
				t.Errorf("the sender is not shown %q", tt.want)
			}
		})
	}
}

// TestTheLongestTextIsTakenAndOneMoreLetterIsKept: limits count letters, and
// what is over them stays in the form and in the draft.
func TestTheLongestTextIsTakenAndOneMoreLetterIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	long := strings.Repeat("Đề nghị sửa đường. ", civic.MaxBody/19)
	long += strings.Repeat("ế", civic.MaxBody-len([]rune(long)))
	form := rightForm()
	form.Set("body", long)
	s := b.submit(func(v url.Values) { v.Set("body", long) })
	if got := w.stored(s.code).Body; got != long {
		t.Errorf("%d letters were stored, want %d", len([]rune(got)), len([]rune(long)))
	}
	b.stamp(form)
	draft := b.begin(form)
	form.Set("body", long+"ế")
	b.post(draft+"/text", form).is(http.StatusUnprocessableEntity, "50.000", long[:200])
	b.get(draft+"/text").is(http.StatusOK, long[:200])
}

// TestWhatIsNoTextIsRefusedWithAPage: bytes that are no UTF-8, and zero bytes.
// The draft stays as it was.
func TestWhatIsNoTextIsRefusedWithAPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	draft := b.write(rightForm())
	for name, raw := range map[string]string{"windows-1258": "body=" + "Ti%EA%ECng", "a zero byte": "body=a%00b", "half a percent": "body=%E1%BB&x=%zz"} {
		p := b.do(http.MethodPost, draft+"/text", raw, "Content-Type", "application/x-www-form-urlencoded")
		if p.status != http.StatusBadRequest || !strings.Contains(p.body, "<h1") {
			t.Errorf("%s: status %d", name, p.status)
		}
	}
	b.get(draft+"/text").is(http.StatusOK, rightForm().Get("title"))
}

// TestALineThatBreaksInTheMiddleOfSendingCostsNothing: half a request is no
// request; the same draft is sent again and counts once.
func TestALineThatBreaksInTheMiddleOfSendingCostsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	form := rightForm()
	draft := b.write(form)
	body := form.Encode()
	address := strings.TrimPrefix(w.server.URL, "http://")
	for _, cut := range []int{0, 1, len(body) / 2, len(body) - 1} {
		line, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(t.Context(), "tcp", address)
		w.must(err)
		_, err = fmt.Fprintf(line, "POST %s/review HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", draft, address, len(body), body[:cut])
		w.must(err)
		w.must(line.(*net.TCPConn).CloseWrite())
		answer, err := http.ReadResponse(bufio.NewReader(line), nil)
		if err == nil && answer.StatusCode < http.StatusBadRequest {
			t.Errorf("half a request of %d bytes is answered with %d", cut, answer.StatusCode)
		}
		w.must(line.Close())
	}
	b.get(draft+"/review").is(http.StatusOK, form.Get("title"))
	first := b.receipt(b.follow(b.post(draft+"/review", form)))
	again := b.receipt(b.follow(b.post(draft+"/review", form)))
	if first != again {
		t.Errorf("got %+v, then %+v", first, again)
	}
}

// TestADraftGoesOnOnAnotherDevice, by its address alone, on whichever step was
// left; and two devices on two steps take nothing from each other.
func TestADraftGoesOnOnAnotherDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	telephone, form := w.browser(), rightForm()
	telephone.stamp(form)
	draft := telephone.begin(form)
	telephone.post(draft+"/text", form)
	page := telephone.get(draft+"/topic").is(http.StatusOK, "Lưu lại địa chỉ này", "https://hienke.example.vn"+draft)
	if strings.Contains(page.body, "<details") {
		t.Error("the address of the draft is hidden")
	}
	desk := w.browser()
	if p := desk.get(draft); p.status != http.StatusSeeOther || !strings.HasSuffix(p.header.Get("Location"), draft+"/sender") && !strings.HasSuffix(p.header.Get("Location"), draft+"/topic") {
		t.Errorf("the draft goes on at %q", p.header.Get("Location"))
	}
	desk.post(draft+"/sender", form)
	telephone.post(draft+"/topic", form)
	s := desk.receipt(desk.post(draft+"/review", form)) // it never opened the first page, so nobody knows whether it keeps cookies
	if sub := w.stored(s.code); sub.Title != form.Get("title") || sub.Topic != civic.TopicCode(form.Get("topic")) {
		t.Errorf("stored as %+v", sub)
	}
	telephone.get(draft + "/text").is(http.StatusSeeOther)
}

// TestWhoIsNotSureOfTheKindIsNotKept.
func TestWhoIsNotSureOfTheKindIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	b.get("/vi/submit").is(http.StatusOK, "Chưa rõ, nhờ cán bộ xác định")
	s := b.submit(func(v url.Values) { v.Set("kind", "unsure") })
	if sub := w.stored(s.code); sub.Kind != civic.Feedback || !sub.KindOpen {
		t.Errorf("stored as %s, open: %v", sub.Kind, sub.KindOpen)
	}
}
