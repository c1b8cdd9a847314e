package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/mail"
	"hienke/internal/store"
)

// sentMails is a mail server's end of the line.
type sentMails struct{ all []mail.Mail }

func (s *sentMails) Send(_ context.Context, m mail.Mail) error {
	s.all = append(s.all, m)
	return nil
}

// letters does what waits in the outbox, and returns the text of the last mail.
func (w *world) letters(kind store.JobKind, do func(ctx context.Context, job, subject int64) error) string {
	w.t.Helper()
	var due []store.Job
	w.must(w.store.View(w.t.Context(), func(tx store.Tx) (err error) {
		due, err = tx.Outbox().Due(w.t.Context(), kind, w.clock.Now(), w.clock.Now(), 100)
		return err
	}))
	for _, j := range due {
		w.must(do(w.t.Context(), j.ID, j.Subject))
	}
	if len(w.outgoing.all) == 0 {
		return ""
	}
	return w.outgoing.all[len(w.outgoing.all)-1].Text
}

var followLink = regexp.MustCompile(`https://hienke\.example\.vn(/\w\w/following/\S+)`)

func TestFollowing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.published("Trung tâm dữ liệu ở Đà Nẵng", "Đã trả lời", func(sub *civic.Submission) { sub.State, sub.Visibility = civic.InProgress, civic.PublicOpen })
	b := w.browser()
	b.get("/vi/s/"+s.code4).is(http.StatusOK, `href="/vi/follow?case=`+s.code4+`"`)
	b.get("/vi/search?q=trung&sort=oldest").is(http.StatusOK, `href="/vi/follow?q=trung"`)
	b.get("/vi/follow?case="+s.code4).is(http.StatusOK, "Trung tâm dữ liệu ở Đà Nẵng", `name="case" value="`+s.code4)
	b.post("/vi/follow", url.Values{"case": {s.code4}, "email": {"sai"}}).is(http.StatusUnprocessableEntity, "Thư điện tử chưa đúng dạng")
	ask := func(form url.Values) { b.post("/vi/follow", form).is(http.StatusOK, "Xin mở hộp thư") }
	ask(url.Values{"case": {s.code4}, "email": {"doc.gia@example.vn"}})
	ask(url.Values{"q": {"trung tam"}, "topic": {""}, "email": {"doc.gia@example.vn"}})
	last := w.letters(store.JobFollowConfirm, w.following.SendConfirm)
	if len(w.outgoing.all) != 2 || w.outgoing.all[0].To != "doc.gia@example.vn" || !strings.Contains(last, "“trung tam”") {
		t.Fatalf("the mails: %+v", w.outgoing.all)
	}
	confirm := followLink.FindStringSubmatch(w.outgoing.all[0].Text)[1]
	b.get(confirm).is(http.StatusOK, "Xác nhận theo dõi", "Trung tâm dữ liệu ở Đà Nẵng")
	all := b.post(confirm, nil)
	own := all.header.Get("Location")
	b.follow(all).is(http.StatusOK, "Đã xác nhận", "Trung tâm dữ liệu").hasNot("trung tam”") // the other is not confirmed
	own, _, _ = strings.Cut(own, "?")
	b.post(own, url.Values{"List-Unsubscribe": {"One-Click"}}).is(http.StatusOK, "Đã ngừng theo dõi")
	b.get(own).is(http.StatusGone)
	b.get(confirm).is(http.StatusGone)
}

// TestThePageDoesNotTellWhoFollows compares what a known address and an unknown
// one are answered.
func TestThePageDoesNotTellWhoFollows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const known, unknown = "doc.gia@example.vn", "la.mat1@example.vn"
	w.browser().post("/vi/follow", url.Values{"q": {"cau"}, "email": {known}}).is(http.StatusOK)
	w.letters(store.JobFollowConfirm, w.following.SendConfirm)
	w.browser().post(followLink.FindStringSubmatch(w.outgoing.all[0].Text)[1], nil).is(http.StatusSeeOther)
	ask := func(email string) (http.Header, string) {
		p := w.browser().post("/vi/follow", url.Values{"q": {"cau"}, "email": {email}}).is(http.StatusOK, "Xin mở hộp thư")
		p.header.Del("X-Request-Id")
		return p.header, strings.ReplaceAll(p.body, email, "")
	}
	header, body := ask(known)
	if otherHeader, other := ask(unknown); other != body || !cmp.Equal(header, otherHeader) {
		t.Errorf("the answers differ: %s", cmp.Diff(header, otherHeader)+cmp.Diff(body, other))
	}
}

func TestWhatIsNotPublicCannotBeFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	b := w.browser()
	b.get("/vi/follow?case=" + s.code4).is(http.StatusNotFound)
	b.post("/vi/follow", url.Values{"case": {s.code4}, "email": {"doc.gia@example.vn"}}).is(http.StatusNotFound)
	b.get("/vi/follow").is(http.StatusOK).hasNot(`name="email"`)
	b.post("/vi/follow", url.Values{"email": {"doc.gia@example.vn"}}).is(http.StatusUnprocessableEntity)
	b.get("/vi/following/1/x").is(http.StatusGone)
	b.get("/vi/following/confirm/x/x").is(http.StatusGone)
	b.post("/vi/following/end/1/x", nil).is(http.StatusOK)
}
