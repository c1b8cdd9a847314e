package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
)

// data returns what a page tells programs.
func (p page) data() map[string]any {
	p.t.Helper()
	found := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`).FindStringSubmatch(p.body)
	if found == nil {
		p.t.Fatalf("no structured data in %.400s", p.body)
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(found[1]), &out); err != nil {
		p.t.Fatalf("%v in %s", err, found[1])
	}
	return out
}

func TestThePageOfACaseSaysWhatItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	evil := `Trạm </script><script>alert(1)</script> & "đo" gió`
	sent := b.submit(func(f url.Values) { f.Set("title", evil) })
	w.publish(sent)
	address := "https://hienke.example.vn/vi/s/" + sent.code4
	p := b.get("/vi/s/"+sent.code4).is(http.StatusOK,
		`<link rel="canonical" href="`+address+`">`, `property="og:type" content="article"`, `property="og:url" content="`+address+`"`,
		`property="og:locale" content="vi_VN"`, "Ông/bà", "Trả lời đúng hạn", `data-share="share-address"`, "mailto:?subject=")
	p.hasNot("<script>alert", "Nguyễn Thị Lan")
	question := p.data()["mainEntity"].(map[string]any)
	if question["name"] != evil || question["answerCount"] != 1.0 || question["acceptedAnswer"] == nil || question["author"] != nil {
		t.Errorf("the question is %v", question)
	}
	en := b.get("/en/s/"+sent.code4).is(http.StatusOK, `content="en_GB"`, `<h1 class="govuk-heading-l" lang="vi">`, "The address of this case")
	if en.data()["inLanguage"] != "en" {
		t.Errorf("the page is in %v", en.data()["inLanguage"])
	}
	for _, private := range []string{"/vi/track", "/vi/submit", "/vi/khong-co"} {
		if strings.Contains(b.get(private).body, "ld+json") {
			t.Errorf("%s describes a question", private)
		}
	}
	b.get("/vi/khong-co").hasNot("og:title", `rel="canonical"`)
}

func TestTheNameIsWholeOnlyWithItsConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	sent := b.submit(func(f url.Values) { f.Set("consent.publish_name", "yes") })
	w.publish(sent)
	p := b.get("/vi/s/" + sent.code4)
	question := p.data()["mainEntity"].(map[string]any)
	author, _ := question["author"].(map[string]any)
	if name, _ := author["name"].(string); name == "" || !strings.Contains(p.body, name) {
		t.Errorf("the author is %v", author)
	}
}

func TestSimilarCasesStandBesideACase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shown, other := w.browser().submit(nil), w.browser().submit(nil)
	const title, body = "Bỏ bản giấy trong hồ sơ nhiệm vụ khoa học", "Hồ sơ nhiệm vụ khoa học phải nộp cả bản giấy có dấu đỏ và bản điện tử."
	for _, s := range []sent{shown, other} {
		w.publish(s)
		w.put(s.code, func(tx store.Tx, sub *civic.Submission) error {
			sub.PublicTitle, sub.PublicBody = title+" "+s.code4, body
			text := matching.Analyze(matching.Document{Title: sub.PublicTitle, Body: sub.PublicBody})
			return tx.Shelf().Put(t.Context(), []store.Shelved{{Submission: sub.ID, Fingerprint: 1, Terms: text.Salient(matching.Frequencies{})}})
		})
	}
	b := w.browser()
	p := b.get("/vi/s/"+shown.code4).is(http.StatusOK, "Ý kiến tương tự", `href="/vi/s/`+other.code4+`"`)
	if strings.Contains(p.find(`(?s)(<ul class="govuk-list hk-similar">.*?</ul>)`), shown.code4) {
		t.Error("a case stands beside itself")
	}
	b.get("/en/s/"+shown.code4).is(http.StatusOK, "Similar cases", `href="/en/s/`+other.code4+`"`)
}
