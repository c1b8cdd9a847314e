package api_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hienke/internal/api"
	"hienke/internal/civic"
)

// answered brings the sample through the whole house and publishes it.
func (w *world) answered(t *testing.T, publish string) api.Acknowledgement {
	t.Helper()
	ack := w.triaged(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	officer, approver := w.staff(t, civic.RoleOfficer, most), w.staff(t, civic.RoleApprover, most)
	for _, step := range []struct {
		who          []string
		action, body string
	}{
		{coordinator, "assign", `{"agency":"` + most + `"}`},
		{officer, "accept", ""},
		{officer, "draft-answer", `{"text":"Bộ tiếp thu; từ ngày 01/01/2027 hồ sơ được ký số.","outcome":"accepted","submit":true}`},
		{approver, "approve", publish},
	} {
		if r := w.act(t, step.who, ack.Code, step.action, step.body); r.status != 200 {
			t.Fatalf("%s: %d %s", step.action, r.status, r.body)
		}
	}
	return ack
}

func TestThePublicReadsQuestionAndAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.answered(t, "")
	r := w.send(t, "GET", "/submissions/"+ack.Code, "")
	if r.status != 200 || r.header.Get("Cache-Control") != "public, max-age=30" || !slices.Contains(r.header.Values("Vary"), "Authorization") {
		t.Errorf("status %d, header %v", r.status, r.header)
	}
	for _, want := range []string{sampleTitle, "Bộ tiếp thu", `"outcome":"accepted"`, `"agency":"` + most, `"status":"answered"`} {
		if !strings.Contains(r.body, want) {
			t.Errorf("lacks %s: %s", want, r.body)
		}
	}
	for _, private := range []string{"Văn An", "example.vn", "Trần Thị", "drafted"} {
		if strings.Contains(r.body, private) {
			t.Errorf("holds %s: %s", private, r.body)
		}
	}
}

func TestAnAnswerCanStayPrivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.answered(t, `{"publish":false}`)
	scenario{method: "GET", path: "/submissions/" + ack.Code, status: 404, code: "submission.not_found"}.run(t, w)
	scenario{
		method: "GET", path: "/submissions/" + ack.Code, headers: []string{"Authorization", "Bearer " + ack.TrackingToken},
		status: 200, has: []string{"Bộ tiếp thu", `"visibility":"private"`},
	}.run(t, w)
	w.drain(t)
	scenario{method: "GET", path: "/search?q=chu+ky+so", status: 200, has: []string{`"total":0`}, hasNot: []string{ack.Code}}.run(t, w)
}

func TestSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.answered(t, "")
	w.receive(t) // the same text, private
	w.drain(t)
	find := func(query string) api.SearchResult {
		t.Helper()
		r := w.send(t, "GET", "/search?"+query, "")
		if r.status != 200 {
			t.Fatalf("%s: %d %s", query, r.status, r.body)
		}
		var got api.SearchResult
		r.into(t, &got)
		return got
	}
	for _, query := range []string{
		"q=chu+ky+so", "q=" + url.QueryEscape("chữ ký số"), "", "kind=initiative&kind=solution", "topic=khoa-hoc-cong-nghe", "agency=" + most,
		"status=answered", "outcome=accepted", "year=2026", "from=2026-11-23&to=2026-11-23", "sort=newest&page=1&per_page=1",
	} {
		got := find(query)
		if got.Total != 1 || len(got.Hits) != 1 || got.Hits[0].Code != ack.Code || got.Degraded || got.Engine != "bleve" {
			t.Errorf("%s: %+v", query, got)
		}
	}
	for _, query := range []string{"q=khongcogi", "kind=solution", "from=2026-11-24", "to=2026-11-22", "agency=bo-y-te", "page=2"} {
		if got := find(query); len(got.Hits) != 0 {
			t.Errorf("%s: %+v", query, got)
		}
	}
	got := find("q=chu+ky+so")
	if h := got.Hits[0]; h.Title != sampleTitle || !strings.Contains(h.Snippet, "ký số") || h.AnsweredAt == nil {
		t.Errorf("hit %+v", h)
	}
	if v := got.Facets["agency"]; len(v) != 1 || v[0].Label != "Bộ Khoa học và Công nghệ" || v[0].Count != 1 {
		t.Errorf("facet %+v", v)
	}
	if v := got.Facets["kind"]; len(v) != 1 || v[0].Label != "Sáng kiến" {
		t.Errorf("facet %+v", v)
	}
}

func TestTheRegistry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct{ path, lang, has string }{
		{"/agencies", "", `"name":"Bộ Khoa học và Công nghệ"`}, {"/agencies", "en", `"name":"Ministry of Science and Technology"`},
		{"/topics", "", `"code":"khoa-hoc-cong-nghe"`}, {"/areas", "", `"name":"`},
	} {
		r := w.send(t, "GET", tt.path, "", "Accept-Language", tt.lang)
		if r.status != 200 || !strings.Contains(r.body, tt.has) || !slices.Contains(r.header.Values("Vary"), "Accept-Language") {
			t.Errorf("%s %s: %d %v %.300s", tt.path, tt.lang, r.status, r.header.Values("Vary"), r.body)
		}
	}
	var areas struct{ Areas []api.Area }
	w.send(t, "GET", "/areas", "").into(t, &areas)
	if len(areas.Areas) != 34 {
		t.Errorf("%d areas, want the 34 provinces of today", len(areas.Areas))
	}
	if r := w.send(t, "GET", "/agencies", ""); strings.Contains(r.body, "bo-giao-thong-van-tai") {
		t.Error("an agency of the past is listed")
	}
}

func TestTheContractIsServed(t *testing.T) {
	t.Parallel()
	r := newWorld(t).send(t, "GET", "/openapi.json", "")
	var doc struct{ OpenAPI string }
	if err := json.Unmarshal([]byte(r.body), &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Errorf("%d %v %.100s", r.status, err, r.body)
	}
}

func TestComparingIsLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 60 {
		if r := w.send(t, "POST", "/similar", `{"title":"a"}`); r.status != 200 || r.body != "{\"matches\":[]}\n" {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	r := w.send(t, "POST", "/similar", `{"title":"a"}`)
	if r.status != 429 || r.header.Get("Retry-After") == "" || r.problem(t).Code != "similar.too_many" {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
}

func TestWhatIsNotThereIsAProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, s := range []scenario{
		{method: "GET", path: "/nothing", status: 404, code: "request.no_such_address"},
		{method: "GET", path: "/api/v2/search", status: 404, code: "request.no_such_address"},
		{method: "DELETE", path: "/search", status: 405, code: "request.method_not_allowed"},
		{method: "PUT", path: "/submissions", status: 405, code: "request.method_not_allowed"},
	} {
		s.run(t, w)
	}
}
