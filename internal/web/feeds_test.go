package web_test

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// published sends a case and publishes it with an answer of an agency.
func (w *world) published(title, answer string, edit func(*civic.Submission)) sent {
	w.t.Helper()
	s := w.browser().submit(func(v url.Values) { v.Set("title", title) })
	w.put(s.code, func(tx store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency, sub.Visibility = civic.Answered, most, civic.PublicWithAnswer
		sub.PublicTitle, sub.PublicBody = sub.Title, sub.Body
		sub.AnsweredAt, sub.PublishedAt = w.clock.Now(), w.clock.Now()
		if edit != nil {
			edit(sub)
		}
		_, err := tx.Answers().Put(w.t.Context(), civic.Answer{
			Submission: sub.ID, Text: answer, Outcome: civic.OutcomeAccepted, Agency: sub.Agency, DraftedAt: w.clock.Now(), ApprovedAt: w.clock.Now(),
		})
		return err
	})
	return s
}

// feed is what a reader of RFC 4287 looks at.
type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"http://www.w3.org/2005/Atom id"`
	Title   string   `xml:"http://www.w3.org/2005/Atom title"`
	Updated string   `xml:"http://www.w3.org/2005/Atom updated"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		ID      string `xml:"http://www.w3.org/2005/Atom id"`
		Title   string `xml:"http://www.w3.org/2005/Atom title"`
		Updated string `xml:"http://www.w3.org/2005/Atom updated"`
		Content string `xml:"http://www.w3.org/2005/Atom content"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

func (f feed) link(rel string) string {
	for _, l := range f.Links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

func (b *browser) feed(path string) feed {
	b.w.t.Helper()
	p := b.get(path).is(http.StatusOK)
	if kind := p.header.Get("Content-Type"); !strings.HasPrefix(kind, "application/atom+xml") {
		b.w.t.Errorf("the feed is %q", kind)
	}
	var f feed
	b.w.must(xml.Unmarshal([]byte(p.body), &f))
	for _, at := range append([]string{f.Updated}, updates(f)...) {
		if _, err := time.Parse(time.RFC3339, at); err != nil {
			b.w.t.Errorf("updated is %q", at)
		}
	}
	return f
}

func updates(f feed) (out []string) {
	for _, e := range f.Entries {
		out = append(out, e.Updated)
	}
	return out
}

func TestTheFeedTellsOfPublicAnswersAndOfNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	if f := b.feed("/vi/feeds/answers.atom"); len(f.Entries) != 0 {
		t.Errorf("an empty house has %d entries", len(f.Entries))
	}
	first := w.published("Trung tâm dữ liệu ở Đà Nẵng <b>& khác", "Bộ đã <i>trả lời</i> & xong.\x0c Hết.", func(s *civic.Submission) { s.Topic = "digital-data" })
	w.published("Chuyện riêng của một người", "Riêng", func(s *civic.Submission) { s.Visibility = civic.Private })
	w.published("Cầu vượt ở Hà Nội", "Đã giao", func(s *civic.Submission) { s.Agency = "bo-xay-dung" })

	f := b.feed("/vi/feeds/answers.atom")
	if len(f.Entries) != 2 || f.ID != "https://hienke.example.vn/vi/feeds/answers.atom" || f.link("self") != f.ID ||
		f.link("alternate") != "https://hienke.example.vn/vi/search" || f.link("next") != "" {
		t.Errorf("the feed is %+v", f)
	}
	only := b.feed("/vi/feeds/answers.atom?agency=" + string(most) + "&sort=oldest&status=received&nonsense=1")
	if len(only.Entries) != 1 || only.Entries[0].ID != "tag:hienke.example.vn,2026:case/"+first.code4 {
		t.Fatalf("by agency: %+v", only)
	}
	if e := only.Entries[0]; e.Title != "Trung tâm dữ liệu ở Đà Nẵng <b>& khác" || !strings.Contains(e.Content, "<i>trả lời</i> & xong.") || strings.ContainsRune(e.Content, '\x0c') {
		t.Errorf("the entry is %+v", e)
	}
	if got := b.feed("/en/feeds/answers.atom?q=trung+tam+du+lieu"); len(got.Entries) != 1 || !strings.Contains(got.Title, "trung tam du lieu") {
		t.Errorf("by words: %+v", got)
	}
	w.put(first.code, func(_ store.Tx, s *civic.Submission) error { s.Visibility = civic.TakenDown; return nil })
	if got := b.feed("/vi/feeds/answers.atom"); len(got.Entries) != 1 {
		t.Errorf("what was taken down is still told: %+v", got)
	}
	w.search.away = true
	if p := b.get("/vi/feeds/answers.atom"); p.status != http.StatusServiceUnavailable {
		t.Errorf("without a search the feed answers %d", p.status)
	}
}

func TestAFeedIsSentOnceUntilItChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.published("Trung tâm dữ liệu", "Đã trả lời", nil)
	b := w.browser()
	const path = "/vi/feeds/answers.atom"
	p := b.get(path).is(http.StatusOK)
	tag := p.header.Get("ETag")
	if tag == "" || p.header.Get("Last-Modified") == "" || p.header.Get("Cache-Control") != "public, max-age=60" {
		t.Errorf("headers %v", p.header)
	}
	for _, given := range []string{tag, `"x", ` + tag, "*", strings.TrimPrefix(tag, "W/")} {
		if again := b.get(path, "If-None-Match", given); again.status != http.StatusNotModified || again.body != "" {
			t.Errorf("If-None-Match %s answers %d", given, again.status)
		}
	}
	// An entry that went leaves no time behind, so the time alone proves nothing.
	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error { sub.Visibility = civic.TakenDown; return nil })
	if b.get(path, "If-None-Match", tag).status != http.StatusOK || b.get(path, "If-Modified-Since", p.header.Get("Last-Modified")).status != http.StatusOK {
		t.Error("a reader is not told that an entry went")
	}
}

func TestFeedsHavePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 21 {
		w.published("Trung tâm dữ liệu "+w.unique(), "Đã trả lời", nil)
	}
	b := w.browser()
	first := b.feed("/vi/feeds/answers.atom?q=trung")
	next := strings.TrimPrefix(first.link("next"), "https://hienke.example.vn")
	second := b.feed(next)
	if len(first.Entries) != 20 || len(second.Entries) != 1 || second.link("previous") != first.link("self") || second.ID != first.ID {
		t.Errorf("pages of %d and %d; next is %q", len(first.Entries), len(second.Entries), next)
	}
}

func TestTheListForOtherSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.published("Trung tâm <dữ liệu>", "Đã trả lời", nil)
	w.published("Chuyện khác của người khác", "Đã trả lời", func(s *civic.Submission) { s.Agency = "bo-xay-dung" })
	p := w.browser().get("/vi/embed/answers?agency="+string(most)+"&n=900").is(http.StatusOK, "/vi/s/"+s.code4, "Trung tâm &lt;dữ liệu&gt;", `<base target="_top">`)
	p.hasNot("<script", "Chuyện khác")
	if policy := p.header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "frame-ancestors *") || strings.Contains(policy, "script-src") || len(p.header.Values("Set-Cookie")) > 0 {
		t.Errorf("policy %q", policy)
	}
	w.pages.Embedders = []string{"https://portal.example.vn"}
	if policy := w.browser().get("/en/embed/answers").header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "frame-ancestors https://portal.example.vn") {
		t.Errorf("policy %q", policy)
	}
	w.browser().get("/vi/search").is(http.StatusOK) // and nothing else may be framed
	if policy := w.browser().get("/vi/search").header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("the search's policy is %q", policy)
	}
	w.browser().get("/vi/feeds?agency="+string(most)).is(http.StatusOK, "https://hienke.example.vn/vi/feeds/answers.atom?agency=",
		"&lt;iframe src=", "embed/answers?agency=bo-khoa-hoc-cong-nghe&amp;amp;n=5")
}

func TestWhatRobotsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.published("Trung tâm dữ liệu", "Đã trả lời", nil)
	private := w.browser().submit(func(v url.Values) { v.Set("title", "Chuyện riêng của một người") })
	b := w.browser()
	b.get("/robots.txt").is(http.StatusOK, "Disallow: /staff", "Disallow: /vi/track", "Disallow: /en/submit", "Sitemap: https://hienke.example.vn/sitemap.xml").
		hasNot("Disallow: /vi/s\n", "Disallow: /\n")
	b.get("/sitemap.xml").is(http.StatusOK, "https://hienke.example.vn/sitemap/pages.xml", "https://hienke.example.vn/sitemap/cases-1.xml").hasNot("cases-2")
	b.get("/sitemap/pages.xml").is(http.StatusOK, "https://hienke.example.vn/vi/privacy")
	p := b.get("/sitemap/cases-1.xml").is(http.StatusOK, "<loc>https://hienke.example.vn/vi/s/"+s.code4+"</loc><lastmod>2026-11-23T",
		`hreflang="en" href="https://hienke.example.vn/en/s/`+s.code4).hasNot(private.code4)
	var set struct {
		URLs []struct {
			Loc string `xml:"loc"`
		} `xml:"url"`
	}
	w.must(xml.Unmarshal([]byte(p.body), &set))
	if len(set.URLs) != 2 {
		t.Errorf("%d addresses, want one per language", len(set.URLs))
	}
	for _, none := range []string{"cases-2.xml", "cases-0.xml", "cases-x.xml", "cases-1", "other.xml", "cases--1.xml"} {
		b.get("/sitemap/" + none).is(http.StatusNotFound)
	}
}

func TestSearchBetweenDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.published("Trả lời tháng năm", "Đã trả lời", func(s *civic.Submission) { s.AnsweredAt = time.Date(2026, 5, 31, 16, 59, 0, 0, time.UTC) })
	w.published("Trả lời tháng sáu", "Đã trả lời", func(s *civic.Submission) { s.AnsweredAt = time.Date(2026, 5, 31, 17, 0, 0, 0, time.UTC) }) // 1 June in Hà Nội
	b := w.browser()
	b.get("/vi/search?from=2026-06-01").is(http.StatusOK, "Trả lời tháng sáu", "từ 01/06/2026", `value="2026-06-01"`, `answers.atom?from=2026-06-01"`).hasNot("Trả lời tháng năm")
	b.get("/vi/search?to=2026-05-31").is(http.StatusOK, "Trả lời tháng năm").hasNot("Trả lời tháng sáu")
	b.get("/vi/search?from=31/05/2026&to=x").is(http.StatusOK, "Trả lời tháng năm", "Trả lời tháng sáu")
}
