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
	b.get("/vi/stats").is(http.StatusOK, "Chưa có ý kiến nào", "CC BY 4.0")
	b.get("/vi/").hasNot("Đến hôm nay")
	answered, open := b.submit(nil), w.browser().submit(nil)
	w.publish(answered)
	w.handled(open)
	w.clock.Advance(60 * 24 * time.Hour)
	b.get("/vi/stats").is(http.StatusOK, "Bộ Khoa học và Công nghệ", "Ý kiến đã nhận", "50%", "Đang quá hạn", "11/2026", `id="meaning-share"`, "Kaplan")
	b.get("/en/stats?year=2026").is(http.StatusOK, "Figures", "Ministry of Science and Technology", `href="/en/stats?year=2026" aria-current="true"`)
	b.get("/vi/stats?year=1999").is(http.StatusOK, "Chưa có ý kiến nào")
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
	for _, none := range []string{"2026-13.csv", "2026-11.xml", "figures", "..%2fkeys", "x.csv"} {
		b.get("/open-data/" + none).is(http.StatusNotFound)
	}
}
