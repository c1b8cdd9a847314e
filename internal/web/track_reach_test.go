package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// reached is what is kept of how a sender is told.
func (w *world) reached(s sent) (r civic.Reach, mails []civic.Message) {
	w.t.Helper()
	w.must(w.store.View(w.t.Context(), func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(w.t.Context(), s.code)
		if err != nil {
			return err
		}
		if r, err = tx.Reaches().Get(w.t.Context(), sub.ID); err != nil {
			return err
		}
		mails, err = tx.Messages().List(w.t.Context(), sub.ID)
		return err
	}))
	return r, mails
}

func (w *world) has(s sent, kind civic.MessageKind) bool {
	w.t.Helper()
	_, mails := w.reached(s)
	return slices.ContainsFunc(mails, func(m civic.Message) bool { return m.Kind == kind })
}

func TestLinksInMailAskFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.submit(func(v url.Values) { v.Set("submitter.email", "Lan.Pham@example.vn") })
	track := "/vi/track/" + s.code4
	b.get(track).is(http.StatusOK, "chưa được xác nhận", "L•••@example.vn").hasNot("Lan.Pham@")
	other := w.browser() // the mail may be read on another device
	confirm := "/vi/confirm/" + s.code4 + "/" + casework.ConfirmToken(w.keys, s.code, "lan.pham@example.vn")
	for range 2 {
		other.get(confirm).is(http.StatusOK, "Xác nhận địa chỉ này").hasNot("Lan", "example.vn")
		if r, _ := w.reached(s); r.Confirmed() {
			t.Fatal("looking at the page confirmed it")
		}
	}
	other.get(confirm+"x").is(http.StatusNotFound, "không còn dùng được")
	other.post("/vi/confirm/"+s.code4+"/"+casework.StopToken(w.keys, s.code), nil).is(http.StatusNotFound)
	for range 2 {
		other.post(confirm, nil).is(http.StatusOK, "Đã xác nhận")
	}
	if r, _ := w.reached(s); !r.Confirmed() {
		t.Fatal("it was not confirmed")
	}
	b.get(track).is(http.StatusOK).hasNot("chưa được xác nhận, nên")

	stop := "/en/stop/" + s.code4 + "/" + casework.StopToken(w.keys, s.code)
	other.get(stop).is(http.StatusOK, "Stop messages")
	if r, _ := w.reached(s); r.Wants != civic.WantsAll {
		t.Fatal("looking at the page stopped them")
	}
	other.post(stop, url.Values{"List-Unsubscribe": {"One-Click"}}).is(http.StatusOK, "Stopped")
	if r, _ := w.reached(s); r.Wants != civic.WantsNone {
		t.Error("they were not stopped")
	}
	b.follow(b.post(track+"/messages", url.Values{"wants": {"needed"}, "language": {"en"}, "way": {""}})).is(http.StatusOK, "Đã lưu lựa chọn")
	if r, _ := w.reached(s); r.Wants != civic.WantsNeeded || r.Language != civic.English || !r.Confirmed() {
		t.Errorf("kept %+v", r)
	}
	b.post(track+"/messages", url.Values{"wants": {"everything"}}).is(http.StatusUnprocessableEntity)
}

func TestSenderChangesAndErasesContactData(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.submit(func(v url.Values) { v.Set("submitter.email", "cu@example.vn") })
	track := "/vi/track/" + s.code4
	old := "/vi/confirm/" + s.code4 + "/" + casework.ConfirmToken(w.keys, s.code, "cu@example.vn")
	b.post(old, nil).is(http.StatusOK)
	b.post(track+"/contact", url.Values{"email": {"không phải"}}).is(http.StatusUnprocessableEntity, `href="#contact-email"`)
	w.browser().post(track+"/contact", url.Values{"email": {"moi@example.vn"}}) // a stranger without the codes
	if w.has(s, civic.MessageContact) {
		t.Fatal("a stranger changed it")
	}
	b.follow(b.post(track+"/contact", url.Values{"email": {"moi@example.vn"}, "phone": {"0912 345 678"}})).
		is(http.StatusOK, "m•••@example.vn", "••• 678", "chưa được xác nhận", "đã được thay đổi").hasNot("moi@example.vn")
	if r, _ := w.reached(s); r.Confirmed() || !w.has(s, civic.MessageContact) {
		t.Errorf("the new mailbox counts as confirmed: %+v", r)
	}
	b.post(old, nil).is(http.StatusNotFound)

	b.post(track+"/erase", nil).is(http.StatusUnprocessableEntity, "Đánh dấu để xác nhận xóa")
	b.get(track + "/erase").is(http.StatusMethodNotAllowed)
	b.follow(b.attach(track+"/files", nil, map[string][]byte{"don-co-chu-ky.txt": []byte("Đơn viết tay.")})).
		is(http.StatusOK, "don-co-chu-ky.txt", "Các tệp ông/bà đã gửi cũng bị xóa vĩnh viễn")
	b.follow(b.post(track+"/erase", url.Values{"erase_sure": {"yes"}})).
		is(http.StatusOK, "Đã xóa thông tin liên hệ", "Thông tin liên hệ và các tệp của người gửi đã được xóa").
		hasNot("example.vn", "Xóa vĩnh viễn", "don-co-chu-ky.txt")
	b.post(track+"/contact", url.Values{"email": {"lai@example.vn"}}).is(http.StatusGone)
}

func TestALostCodeGoesToTheKnownContactOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.submit(func(v url.Values) { v.Set("submitter.email", "Mat.Ma@example.vn") })
	b.get("/vi/track").is(http.StatusOK, "/vi/track/lost")
	known := b.post("/vi/track/lost", url.Values{"contact": {"mat.ma@EXAMPLE.vn"}}).is(http.StatusOK, "mã được gửi đến đó")
	w.letters(store.JobCodes, w.reach.SendCodes)
	if !w.has(s, civic.MessageCode) {
		t.Error("nothing was sent")
	}
	unknown := w.browser().post("/vi/track/lost", url.Values{"contact": {"khong.ai@example.vn"}}).is(http.StatusOK, "mã được gửi đến đó")
	if known.body != unknown.body {
		t.Error("the two answers differ")
	}
	for _, text := range []string{"", "abc", "a@b"} {
		b.post("/vi/track/lost", url.Values{"contact": {text}}).is(http.StatusUnprocessableEntity, `href="#lost-contact"`)
	}
	for range 5 { // one mailbox is never filled, and nobody is told
		b.post("/vi/track/lost", url.Values{"contact": {"mat.ma@example.vn"}}).is(http.StatusOK)
	}
	w.letters(store.JobCodes, w.reach.SendCodes)
	_, mails := w.reached(s)
	n := 0
	for _, m := range mails {
		if m.Kind == civic.MessageCode {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d mails with codes", n)
	}
	if p := b.post("/vi/track/lost", url.Values{"contact": {strings.Repeat("9", 9)}}); p.status != http.StatusTooManyRequests && p.status != http.StatusOK {
		t.Errorf("status %d", p.status)
	}
}
