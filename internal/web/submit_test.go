package web_test

import (
	"html"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/drafts"
	"hienke/internal/matching"
	"hienke/internal/store"
)

func TestEveryStepNamesWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	b.post("/vi/submit", url.Values{"kind": {"none"}}).is(http.StatusUnprocessableEntity, "<title>Lỗi: Ông/bà muốn gửi gì?", `href="#kind"`)
	draft := b.begin(rightForm())
	b.post(draft+"/text", url.Values{"title": {"<b>"}, "body": {"</textarea><script>alert(1)</script>"}}).is(http.StatusUnprocessableEntity,
		"<title>Lỗi: Nội dung ý kiến – Gửi ý kiến, bước 2 trên 6", "Có nội dung cần sửa", `href="#title"`, "cần ít nhất 5 ký tự, hiện có 3",
		`value="&lt;b&gt;"`, "&lt;/textarea&gt;&lt;script&gt;",
	).hasNot("<script>alert")
	// What was wrong is kept like what is right.
	w.browser().get(draft+"/text").is(http.StatusOK, `value="&lt;b&gt;"`)
	b.post(draft+"/text", rightForm())
	b.post(draft+"/topic", url.Values{"topic": {"none"}}).is(http.StatusUnprocessableEntity, `href="#topic"`)
	b.post(draft+"/topic", rightForm())
	b.post(draft+"/sender", url.Values{"submitter.email": {"lan@"}, "submitter.name": {"Nguyễn Thị Lan"}}).is(http.StatusUnprocessableEntity,
		`href="#submitter-email"`, `value="lan@"`, `href="#submitter-type"`, "Nguyễn Thị Lan")
	b.post(draft+"/sender", rightForm())
	b.post(draft+"/review", url.Values{"consent.publish_name": {"yes"}}).is(http.StatusUnprocessableEntity, `href="#consent-terms"`, "Bỏ bản giấy",
		`id="consent-publish-name" name="consent.publish_name" type="checkbox" value="yes" checked`)
	b.get(strings.Replace(draft, "/vi/", "/en/", 1)+"/sender").is(http.StatusOK, "About you", "Nguyễn Thị Lan")
}

func TestADraftIsResumedWhereItStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	draft := b.begin(rightForm())
	leads := func(from, to string) {
		t.Helper()
		p := w.browser().get(draft + from)
		if got := strings.TrimPrefix(p.header.Get("Location"), draft); p.status != http.StatusSeeOther || got != to {
			t.Errorf("%q answers %d and leads to %q, want %q", from, p.status, got, to)
		}
	}
	leads("", "/text")
	leads("/review", "/text")
	leads("/similar", "/text")
	b.post(draft+"/text", rightForm())
	leads("", "/sender")
	leads("/review", "/sender")
	b.post(draft+"/sender", rightForm())
	leads("", "/review")
	w.browser().get(draft+"/review").is(http.StatusOK, "Nguyễn Thị Lan", "lan@example.vn", "Không ghi")
	w.clock.Advance(drafts.Lasts)
	w.browser().get(draft).is(http.StatusNotFound, "Bản nháp này không còn")
	w.browser().get("/vi/submit/khong-co/text").is(http.StatusNotFound)
}

// An expired draft, or one that was sent: what was typed goes on in a new one.
func TestWhatWasTypedForADraftThatIsGoneIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	expired := b.begin(rightForm())
	w.clock.Advance(drafts.Lasts)
	sentAlready := b.write(rightForm())
	b.receipt(b.follow(b.post(sentAlready+"/review", rightForm())))
	for _, draft := range []string{expired, sentAlready} {
		p := b.post(draft+"/text", url.Values{"title": {"Viết lại sau khi hết hạn"}, "body": {"Một nội dung đủ dài để không ai phải gõ lại."}})
		next := p.header.Get("Location")
		b.follow(p).is(http.StatusOK, "được giữ trong một bản nháp mới")
		renewed := strings.SplitAfterN(next, "/", 5)
		address := strings.TrimSuffix(strings.Join(renewed[:4], "")+strings.TrimSuffix(renewed[4], "/"), "/")
		address = address[:strings.LastIndex(address, "/")]
		b.post(address+"/kind", rightForm())
		b.get(address+"/text").is(http.StatusOK, "Viết lại sau khi hết hạn", "không ai phải gõ lại")
	}
}

func TestASecondClickCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	draft := b.write(rightForm())
	first := b.receipt(b.follow(b.post(draft+"/review", rightForm())))
	again := b.receipt(b.follow(b.post(draft+"/review", rightForm())))
	if first != again {
		t.Errorf("the second click gives %s, want %s", again.code, first.code)
	}
	b.get("/vi/submit/sent").is(http.StatusOK, "thư điện tử của ông/bà")
	if p := b.get(draft + "/text"); p.header.Get("Location") != "/vi/submit/sent" {
		t.Errorf("a draft that was sent leads to %q", p.header.Get("Location"))
	}
	// Who finds the address in a browser's history later learns no codes.
	w.clock.Advance(2 * time.Hour)
	stranger := w.browser()
	stranger.follow(stranger.post(draft+"/review", rightForm())).is(http.StatusOK, "Không còn thông tin").hasNot(first.code4, first.secret)
	if other := b.submit(nil); other.code == first.code {
		t.Error("a new draft with the same text was taken for the first")
	}
}

func TestTwoTabsOfOneStepAreShownBoth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	draft := b.begin(rightForm())
	seen := b.get(draft + "/text").find(`name="seen" value="([^"]+)"`)
	one := url.Values{"seen": {seen}, "title": {"Bản ở thẻ thứ nhất"}, "body": {"Nội dung được viết ở thẻ thứ nhất và lưu trước."}}
	b.post(draft+"/text", one).is(http.StatusSeeOther)
	b.post(draft+"/text", one).is(http.StatusSeeOther) // the back button: nothing differs
	two := url.Values{"seen": {seen}, "title": {"Bản ở thẻ thứ hai"}, "body": {"Nội dung được viết ở thẻ thứ hai và lưu sau."}}
	p := b.post(draft+"/text", two).is(http.StatusConflict, "Bản ở thẻ thứ nhất", "Bản ở thẻ thứ hai", "thẻ thứ nhất và lưu trước", "thẻ thứ hai và lưu sau")
	two.Set("seen", p.find(`name="seen" value="([^"]+)"`))
	b.post(draft+"/text", two).is(http.StatusSeeOther)
	b.get(draft+"/text").is(http.StatusOK, "Bản ở thẻ thứ hai").hasNot("Bản ở thẻ thứ nhất")
}

func TestAnInitiativeIsWrittenInParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	form := rightForm()
	form.Set("kind", "initiative")
	draft := b.begin(form)
	b.get(draft+"/text").is(http.StatusOK, "mất tính mới", `name="problem"`).hasNot(`name="body"`)
	b.post(draft+"/text", form).is(http.StatusUnprocessableEntity, `href="#problem"`, `href="#proposal"`)
	form.Set("problem", "Bà con phải đi hai ngày đường.")
	form.Set("proposal", "Nhận hồ sơ có chữ ký số.")
	form.Set("submitter.authors", "Trần Văn B, Lê Thị C")
	form.Set("confidential", "yes")
	b.post(draft+"/text", form).is(http.StatusSeeOther)
	b.post(draft+"/sender", form)
	b.get(draft+"/review").is(http.StatusOK, "hai ngày đường", "Trần Văn B", "Đề nghị không công bố")
	s := b.receipt(b.follow(b.post(draft+"/review", form)))
	w.must(w.store.View(t.Context(), func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(t.Context(), s.code)
		if want := "Vấn đề\nBà con phải đi hai ngày đường.\n\nĐề xuất\nNhận hồ sơ có chữ ký số."; sub.Body != want || !sub.Confidential {
			t.Errorf("stored %q, confidential %v", sub.Body, sub.Confidential)
		}
		return err
	}))
	// Nobody publishes it over the sender's head.
	w.toTriage(s.code)
	w.staff(civic.RoleCoordinator, "Điều phối", "").act(s, "publish", url.Values{"public_title": {"Tiêu đề công khai"}, "public_body": {"Nội dung đủ dài để đăng công khai."}}).
		is(http.StatusConflict, "đề nghị không công bố")
}

func TestAChangedKindLosesNoWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	form := rightForm()
	draft := b.begin(form)
	b.post(draft+"/text", form)
	form.Set("kind", "solution")
	b.post(draft+"/kind", form)
	b.get(draft+"/text").is(http.StatusOK, html.EscapeString(form.Get("body")), `name="problem"`)
	form.Set("problem", form.Get("body"))
	form.Set("proposal", "Nhận hồ sơ có chữ ký số ở mọi nơi.")
	b.post(draft+"/text", form)
	form.Set("kind", "feedback")
	b.post(draft+"/kind", form)
	b.get(draft+"/text").is(http.StatusOK, `name="body"`, "chữ ký số")
}

func TestWhatWasAnsweredIsShownBeforeSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.browser().submit(nil)
	w.put(old.code, func(tx store.Tx, s *civic.Submission) error {
		s.Visibility, s.PublicTitle, s.PublicBody = civic.PublicOpen, s.Title, s.Body
		w.must(s.Move(civic.Triage))
		text := matching.Analyze(matching.Document{ID: int64(s.ID), Title: s.Title, Body: s.Body})
		return tx.Shelf().Put(t.Context(), []store.Shelved{{Submission: s.ID, Fingerprint: 1, Terms: text.Salient(matching.Frequencies{})}})
	})
	b := w.browser()
	draft := b.begin(rightForm())
	b.get(draft+"/text").is(http.StatusOK, `id="similar"`, "/assets/submit.")
	p := b.follow(b.post(draft+"/text", rightForm())).is(http.StatusOK, "Có thể việc này đã được trả lời", "Bỏ bản giấy", "/vi/s/"+string(old.code4))
	next := html.UnescapeString(p.find(`role="button"[^>]*href="([^"]+)"`))
	if next != draft+"/check" {
		t.Errorf("the page leads on to %s", next)
	}
	// From the review a changed text passes here and comes back.
	form := rightForm()
	form.Set("back", "review")
	b.post(draft+"/sender", form)
	b.follow(b.post(draft+"/text", form)).is(http.StatusOK, "/check?back=review")
	if p := b.get(draft + "/check?back=review"); p.header.Get("Location") != draft+"/review" {
		t.Errorf("leads to %q", p.header.Get("Location"))
	}
}

func TestTheTextIsLookedAtBeforeItIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for body, has := range map[string]string{
		"Đề nghị gọi lại cho tôi theo số 0912 345 678 để trao đổi thêm về phần mềm tra cứu.":                                            "<mark class=\"hk-text\">0912 345 678</mark>",
		"Xin xem nội dung đề xuất trong tệp đính kèm.":                                                                                  "Nội dung còn quá ngắn",
		"Tôi khiếu nại quyết định thu hồi đất số 12 của Ủy ban nhân dân xã, đề nghị hủy quyết định này và giải quyết lại cho gia đình.": "khiếu nại",
	} {
		b := w.browser()
		form := rightForm()
		form.Set("body", body)
		draft := b.begin(form)
		b.post(draft+"/text", form)
		p := b.get(draft+"/check").is(http.StatusOK, "chỉ là nhắc nhở", has)
		if !strings.Contains(p.body, draft+"/files") {
			t.Error("there is no way on")
		}
	}
}

func TestWhatIsFilledInTooFastWaitsForACheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.intake.LeastTime = 3 * time.Second
	quick := w.browser().submit(nil)
	b := w.browser()
	draft := b.write(rightForm())
	w.clock.Advance(3 * time.Second)
	steady := b.receipt(b.follow(b.post(draft+"/review", rightForm())))
	b = w.browser()
	draft = b.begin(rightForm()) // without a look at the first page
	for _, step := range []string{"text", "topic", "sender"} {
		b.post(draft+"/"+step, rightForm())
	}
	w.clock.Advance(time.Hour)
	unseen := b.receipt(b.follow(b.post(draft+"/review", rightForm())))
	forged := w.browser()
	form := rightForm()
	form.Set("begun", "1700000000.AAAA")
	draft = forged.begin(form)
	for _, step := range []string{"text", "topic", "sender"} {
		forged.post(draft+"/"+step, form)
	}
	madeUp := forged.receipt(forged.follow(forged.post(draft+"/review", form)))
	w.must(w.store.View(t.Context(), func(tx store.Tx) error {
		for code, want := range map[civic.Code]string{quick.code: "hold.fast", steady.code: "", unseen.code: "hold.unsigned", madeUp.code: "hold.unsigned"} {
			sub, err := tx.Submissions().GetByCode(t.Context(), code)
			if err != nil {
				return err
			}
			if sub.Hold != want {
				t.Errorf("held by %q, want %q", sub.Hold, want)
			}
		}
		return nil
	}))
}

func TestALinkProposesATitle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	b.get("/vi/submit?title=%3Cb%3E+B%C3%A3i+xe").is(http.StatusOK, `name="title" value="&lt;b&gt; Bãi xe"`)
	b.get("/vi/submit?title=" + strings.Repeat("x", 201)).is(http.StatusOK).hasNot(`name="title"`)
	draft := b.begin(url.Values{"kind": {"feedback"}, "title": {"Bãi xe công cộng"}})
	b.get(draft+"/text").is(http.StatusOK, `value="Bãi xe công cộng"`)
}

func TestADraftIsDiscardedOnceThatIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	draft := b.begin(rightForm())
	b.get(draft+"/text").is(http.StatusOK, `href="`+draft+`/discard"`)
	b.get(draft+"/discard").is(http.StatusOK, "Xóa bản nháp?", `action="`+draft+`/discard"`, `href="`+draft+`"`)
	b.get(draft + "/text").is(http.StatusOK) // to look is not to act
	b.attach(draft+"/files", url.Values{"go": {"next"}}, map[string][]byte{"a.txt": []byte("bí mật")}).is(http.StatusSeeOther)
	files := func() (n int) {
		err := w.store.View(t.Context(), func(tx store.Tx) error {
			list, err := tx.Attachments().OfDraft(t.Context(), attachments.DraftHash(path.Base(draft)))
			n = len(list)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if files() != 1 {
		t.Fatal("the file did not arrive")
	}
	b.follow(b.post(draft+"/discard", url.Values{})).is(http.StatusOK, "Đã xóa bản nháp")
	b.get(draft + "/text").is(http.StatusNotFound)
	b.get(draft + "/discard").is(http.StatusNotFound)
	b.follow(b.post(draft+"/discard", url.Values{})).is(http.StatusOK, "Đã xóa bản nháp") // a second click
	if n := files(); n != 0 {
		t.Errorf("%d files of the draft are left", n)
	}
}
