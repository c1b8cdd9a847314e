package web_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestThePublicSeesHowSubmissionsAreHandled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	b.get("/vi/stats").is(http.StatusOK, "Chưa có ý kiến nào", "CC-BY-4.0")
	b.get("/vi/").hasNot("Đến hôm nay")
	answered, open := b.submit(nil), w.browser().submit(nil)
	w.publish(answered)
	w.handled(open)
	w.clock.Advance(60 * 24 * time.Hour)
	b.get("/vi/stats").is(http.StatusOK, "Bộ Khoa học và Công nghệ", "Ý kiến đã nhận", "50%", "Đang quá hạn", "11/2026", `id="meaning-share"`, "Kaplan")
	b.get("/en/stats?year=2026").is(http.StatusOK, "Figures", "Ministry of Science and Technology", `href="/en/stats?year=2026" aria-current="true"`)
	b.get("/vi/stats?year=1999").is(http.StatusOK, "Chưa có ý kiến nào")
	b.get("/vi/stats?from=2026-11&until=2026-11&agency=bo-khoa-hoc-cong-nghe").is(http.StatusOK, "dưới 5 ý kiến phù hợp", `value="2026-11" selected`, "Bỏ thu hẹp").hasNot("50%")
	b.get("/en/stats?from=2026-12").is(http.StatusOK, "Show everything").hasNot("50%")
	b.get("/vi/stats?from=nonsense&area=%27x").is(http.StatusOK)
	b.get("/vi/stats").is(http.StatusOK, "Tạm dừng, chờ người gửi", "Đã được gia hạn", `href="/open-data/2026-11.json"`, `rel="license">CC-BY-4.0`)
	b.get("/vi/stats?year=%27%3B+DROP").is(http.StatusOK)
	b.get("/vi/").is(http.StatusOK, "Đến hôm nay", "Xem toàn bộ số liệu")
}

func TestOpenDataAreForPrograms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	w.publish(b.submit(nil))
	p := b.get("/open-data/2026-11.csv").is(http.StatusOK)
	if p.header.Get("Access-Control-Allow-Origin") != "*" || !strings.HasPrefix(p.header.Get("Content-Type"), "text/csv") {
		t.Errorf("headers %v", p.header)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.body, "\ufeff"))).ReadAll()
	w.must(err)
	var objects []map[string]any
	w.must(json.Unmarshal([]byte(b.get("/open-data/figures.json").is(http.StatusOK).body), &objects))
	if len(rows) != 2 || rows[0][0] != "month" || rows[1][0] != "2026-11" || len(objects) != 1 || objects[0]["in_time"] != 1.0 {
		t.Errorf("rows %v, objects %v", rows, objects)
	}
	if strings.Contains(p.body, "Lan") || strings.Contains(p.body, "HK-") {
		t.Error("the data name somebody")
	}
	var schema struct {
		Schema struct {
			Fields []struct{ Name, Title string }
		}
	}
	w.must(json.Unmarshal([]byte(b.get("/open-data/schema.json").is(http.StatusOK).body), &schema))
	if len(schema.Schema.Fields) != len(rows[0]) {
		t.Errorf("the schema has %d fields, the files %d", len(schema.Schema.Fields), len(rows[0]))
	}
	for i, f := range schema.Schema.Fields {
		if f.Name != rows[0][i] || f.Title == "" {
			t.Errorf("field %d is %+v, the column %s", i, f, rows[0][i])
		}
	}
	var groups []map[string]any
	w.must(json.Unmarshal([]byte(b.get("/open-data/by-agency.json").is(http.StatusOK).body), &groups))
	if len(groups) != 1 || groups[0]["agency"] != "bo-khoa-hoc-cong-nghe" || groups[0]["in_time_share"] != 1.0 || groups[0]["median_days"] != 0.0 || groups[0]["helped_share"] != nil {
		t.Errorf("by agency: %v", groups)
	}
	for _, by := range []string{"agency", "topic", "area", "month"} {
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.get("/open-data/by-"+by+".csv").is(http.StatusOK).body, "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 2 || rows[0][0] != by {
			t.Errorf("by %s: %v, %v", by, rows, err)
		}
	}
	var list struct {
		Licenses  []struct{ Name string }
		Resources []struct {
			Name, Path string
			Schema     struct {
				Fields []struct{ Name, Title, Type string }
			}
		}
	}
	w.must(json.Unmarshal([]byte(b.get("/open-data/datapackage.json").is(http.StatusOK).body), &list))
	if len(list.Resources) != 6 || len(list.Licenses) != 1 || list.Licenses[0].Name != "CC-BY-4.0" {
		t.Errorf("the package lists %+v", list)
	}
	for _, r := range list.Resources {
		header, _, _ := strings.Cut(strings.TrimPrefix(b.get("/open-data/"+r.Path).is(http.StatusOK).body, "\ufeff"), "\n")
		var names []string
		for _, f := range r.Schema.Fields {
			names = append(names, f.Name)
			if f.Title == "" || strings.Contains(f.Title, "⟦") {
				t.Errorf("%s.%s has no title", r.Name, f.Name)
			}
		}
		if header != strings.Join(names, ",") {
			t.Errorf("%s has the columns %s, its schema %v", r.Path, header, names)
		}
	}
	for _, none := range []string{"by-name.csv", "2026-13.csv", "2026-11.xml", "figures", "..%2fkeys", "x.csv"} {
		b.get("/open-data/" + none).is(http.StatusNotFound)
	}
}
