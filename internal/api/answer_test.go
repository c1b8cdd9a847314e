package api_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	client "github.com/meilisearch/meilisearch-go"

	"hienke/internal/api"
	"hienke/internal/civic"
	"hienke/internal/search"
	"hienke/internal/search/meilisearch"
	"hienke/internal/testkit"
)

// steps sends acts in order and holds each answer to what it must say.
func (w *world) steps(t *testing.T, code string, list []step) {
	t.Helper()
	for _, s := range list {
		r := w.act(t, s.who, code, s.action, s.body)
		if r.status != s.status || !strings.Contains(r.body, s.has) {
			t.Fatalf("%s: %d, lacks %q: %s", s.name, r.status, s.has, r.body)
		}
	}
}

type step struct {
	name         string
	who          []string
	action, body string
	status       int
	has          string
}

// asCase reads the case as a person sees it.
func (w *world) asCase(t *testing.T, who []string, code string) (c api.Case) {
	t.Helper()
	w.send(t, "GET", "/staff/submissions/"+code, "", who...).into(t, &c)
	return c
}

func TestAnAnswerWithItsDetails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	coordinator, officer, approver := w.staff(t, civic.RoleCoordinator, ""), w.staff(t, civic.RoleOfficer, most), w.staff(t, civic.RoleApprover, most)
	text := `"text":"Bộ sẽ bỏ bản giấy. Mọi câu hỏi xin gọi 0987 654 321."`
	promise := `{"what":"Ban hành Thông tư","who":"Vụ Pháp chế","until":"2027-03-31"}`
	draft := func(outcome, details string) string {
		return `{` + text + `,"outcome":"` + outcome + `","submit":true,"details":` + details + `}`
	}
	paper := `"document":{"number":"12/BKHCN","date":"2026-11-20","signatory":"Vụ trưởng"}`
	w.steps(t, ack.Code, []step{
		{"it is assigned", coordinator, "assign", `{"agency":"` + most + `"}`, 200, ""},
		{"and accepted", officer, "accept", "", 200, ""},
		{"a day is a day", officer, "draft-answer", draft("accepted", `{"commitments":[{"what":"x","who":"y","until":"mai"}]}`), 422, "commitments.0.until"},
		{"what is accepted is promised", officer, "draft-answer", draft("accepted", `{}`), 422, "commitments.0.what"},
		{"nothing is promised with what is not", officer, "draft-answer", draft("not_accepted", `{"commitments":[`+promise+`]}`), 422, "field.not_promised"},
		{"no paper that is not there", officer, "draft-answer", draft("accepted", `{"document":{"file":"NONE"},"commitments":[`+promise+`]}`), 422, "document_file"},
		{"it goes before a second person", officer, "draft-answer", draft("accepted", `{`+paper+`,"answered":[0,1,2],"commitments":[`+promise+`]}`), 200, `"number":"12/BKHCN"`},
		{"personal data is looked at", approver, "approve", `{"personal_checked":false}`, 422, "field.personal_data"},
		{"it goes out, public at a time", approver, "approve", `{"publish_at":"2026-11-25T01:00:00Z"}`, 200, `"publish_at":"2026-11-25T01:00:00Z"`},
	})
	scenario{method: "GET", path: "/submissions/" + ack.Code, status: 404, code: "submission.not_found"}.run(t, w)
	w.steps(t, ack.Code, []step{
		{"an officer does not take the time back", officer, "cancel-publication", "", 403, "actor.not_allowed"},
		{"an approver does", approver, "cancel-publication", "", 200, `"publish_at":null`},
		{"once", approver, "cancel-publication", "", 409, "publication.not_scheduled"},
		{"a coordinator publishes it", coordinator, "publish", "", 200, `"visibility":"with_answer"`},
		{"nothing changed is no correction", officer, "correct", `{` + text + `,"outcome":"accepted","correction":"Sửa"}`, 422, "field.unchanged"},
		{"a correction waits", officer, "correct", `{"text":"Bộ sẽ bỏ bản giấy từ năm 2028.","outcome":"accepted","correction":"Đúng là năm 2028.","document":{"number":"13/BKHCN"}}`, 200, `"number":"13/BKHCN"`},
	})
	scenario{method: "GET", path: "/submissions/" + ack.Code, status: 200, has: []string{"xin gọi"}, hasNot: []string{"2028"}}.run(t, w)
	w.steps(t, ack.Code, []step{{"a second person approves it", approver, "approve", "", 200, `"correction":"Đúng là năm 2028."`}})
	scenario{method: "GET", path: "/submissions/" + ack.Code, status: 200, has: []string{"2028"}, hasNot: []string{"xin gọi"}}.run(t, w)

	promised := w.asCase(t, officer, ack.Code).Commitments.Promised
	if len(promised) != 1 || promised[0].What != "Ban hành Thông tư" || promised[0].State != "open" || promised[0].Late {
		t.Fatalf("promised: %+v", promised)
	}
	w.clock.Advance(200 * 24 * time.Hour)
	officer = w.staff(t, civic.RoleOfficer, most)
	scenario{method: "GET", path: "/staff/commitments", headers: officer, status: 200, has: []string{ack.Code, `"late":true`, "Vụ Pháp chế"}}.run(t, w)
	scenario{method: "GET", path: "/staff/commitments", headers: w.staff(t, civic.RoleOfficer, "bo-y-te"), status: 200, has: []string{`"items":[]`}}.run(t, w)
	settle := `{"commitment":` + strconv.FormatInt(promised[0].ID, 10) + `,"state":"kept","note":"Thông tư 21/2027"}`
	w.steps(t, ack.Code, []step{
		{"an unknown promise", officer, "settle-commitment", `{"commitment":999999,"state":"kept","note":"x"}`, 404, "commitment.not_found"},
		{"what came of it", officer, "settle-commitment", settle, 200, "Thông tư 21/2027"},
	})
	scenario{method: "GET", path: "/staff/commitments", headers: officer, status: 200, has: []string{`"items":[]`}}.run(t, w)
}

// What is taken down is found by nobody, and neither is what was redacted. The
// search is real.
func TestRedactedAndTakenDown(t *testing.T) {
	t.Parallel()
	for _, engine := range []struct {
		name  string
		index func(t *testing.T, audience search.Audience) search.Index
	}{{"bleve", openIndex}, {"meilisearch", openMeili(testkit.Name("api"))}} {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			w := newWorldOn(t, engine.index)
			ack := w.answered(t, "")
			coordinator, officer := w.staff(t, civic.RoleCoordinator, ""), w.staff(t, civic.RoleOfficer, most)
			page := "/submissions/" + ack.Code
			finds := func(query, total string) {
				t.Helper()
				w.drain(t)
				scenario{method: "GET", path: "/search?q=" + query, status: 200, has: []string{`"total":` + total, engine.name}}.run(t, w)
			}
			finds("chu+ky+so", "1")

			w.steps(t, ack.Code, []step{
				{"nothing to redact", officer, "redact", `{}`, 422, "public_body"},
				{"staff redact it", officer, "redact", `{"public_title":"Bỏ bản giấy ở xã","public_body":"Xin bỏ bản giấy trong mọi thủ tục, kể cả ở thôn thủy lôi.","reason":"Có tên người"}`, 200, `"public_title":"Bỏ bản giấy ở xã"`},
			})
			scenario{method: "GET", path: page, status: 200, has: []string{"thủy lôi"}, hasNot: []string{sampleTitle}}.run(t, w)
			if c := w.asCase(t, officer, ack.Code); c.Title != sampleTitle {
				t.Errorf("the original became %q", c.Title)
			}
			finds("thuy+loi", "1")

			w.steps(t, ack.Code, []step{
				{"an officer does not take it down", officer, "take-down", `{"reason":"Có tên người"}`, 403, "actor.not_allowed"},
				{"for a reason", coordinator, "take-down", `{}`, 422, "reason"},
				{"a coordinator does", coordinator, "take-down", `{"reason":"Người gửi đề nghị gỡ"}`, 200, `"visibility":"taken_down"`},
				{"once", coordinator, "take-down", `{"reason":"Người gửi đề nghị gỡ"}`, 409, "submission.not_public"},
			})
			scenario{method: "GET", path: page, status: 410, code: "submission.taken_down"}.run(t, w)
			finds("thuy+loi", "0")
			scenario{
				method: "GET", path: page, headers: []string{"Authorization", "Bearer " + ack.TrackingToken}, status: 200, has: []string{sampleTitle},
			}.run(t, w)
			list, err := w.Answers.Published(t.Context(), 0, 0, 10)
			must(t, err)
			if len(list) > 0 {
				t.Errorf("still listed: %+v", list)
			}
		})
	}
}

// openMeili opens indexes of a prefix of their own on a real server.
func openMeili(prefix string) func(t *testing.T, audience search.Audience) search.Index {
	return func(t *testing.T, audience search.Audience) search.Index {
		t.Helper()
		url, key := testkit.Meili(t)
		index, err := meilisearch.New(meilisearch.Config{URL: url, Key: key, Prefix: prefix}, audience)
		must(t, err)
		t.Cleanup(func() {
			must(t, index.Close())
			server := client.New(url, client.WithAPIKey(key))
			all, err := server.ListIndexes(&client.IndexesQuery{Limit: 10_000})
			must(t, err)
			for _, x := range all.Results {
				if strings.HasPrefix(x.UID, prefix+"_"+string(audience)) {
					_, err := server.DeleteIndex(x.UID)
					must(t, err)
				}
			}
		})
		return index
	}
}
