package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"hienke/internal/civic"
)

// TestATakeDownReachesEveryPlace: the page, its files, the search, the feed and
// what other sites show, the site map and the open data. All read the store or
// the plain search here; what the index holds is its drain's business.
func TestATakeDownReachesEveryPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.publish(s)
	public := w.browser()
	places := []string{"/vi/search?q=" + url.QueryEscape("Bỏ bản giấy"), "/vi/feeds/answers.atom", "/vi/embed/answers", "/sitemap/1.xml", "/vi/"}
	for _, place := range places[:3] {
		public.get(place).is(http.StatusOK, s.code4)
	}
	tag := public.get("/vi/feeds/answers.atom").header.Get("ETag")

	w.staff(civic.RoleOfficer, "Lê Thị Hoa", most).act(s, "take-down", url.Values{"reason": {"x"}}).is(http.StatusForbidden)
	lead := w.staff(civic.RoleLead, "Đỗ Văn Lâm", most)
	lead.act(s, "take-down", url.Values{}).is(http.StatusUnprocessableEntity, `href="#take-down-reason"`)
	lead.follow(lead.act(s, "take-down", url.Values{"reason": {"Có địa chỉ nhà."}})).is(http.StatusOK, "Đã gỡ hồ sơ khỏi công khai", "Có địa chỉ nhà.")

	for _, lang := range []string{"vi", "en"} {
		p := public.get("/"+lang+"/s/"+s.code4).is(http.StatusGone).hasNot("Bộ tiếp thu", "Bỏ bản giấy", "Có địa chỉ nhà.")
		if cached := p.header.Get("Cache-Control"); cached != "no-store" && cached != "private, no-cache" {
			t.Errorf("the page that is gone may be kept: %q", cached)
		}
	}
	for _, place := range places {
		public.get(place).hasNot(s.code4, "Bộ tiếp thu")
	}
	if p := public.get("/vi/feeds/answers.atom", "If-None-Match", tag); p.status != http.StatusOK || p.header.Get("Cache-Control") != "public, max-age=60" {
		t.Errorf("the feed: %d, kept %q", p.status, p.header.Get("Cache-Control"))
	}
	data := public.get("/open-data/figures.csv").is(http.StatusOK).hasNot(s.code4, "Bộ tiếp thu")
	if got := data.header.Get("Cache-Control"); got != "public, max-age=60" {
		t.Errorf("the open data may be kept: %q", got)
	}
}
