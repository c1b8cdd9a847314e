package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hienke/internal/demo"
)

// The main job, end to end, over the API: a citizen sends, the house compares
// and routes, an officer answers, a second person approves, the public finds
// it without accents.

func TestJourneyEmbedded(t *testing.T) {
	t.Parallel()
	journey(t, embedded(t))
}

func TestJourneyOnPostgreSQLAndRedis(t *testing.T) {
	t.Parallel()
	journey(t, halfOut(t))
}

func TestJourneyScaledOut(t *testing.T) {
	t.Parallel()
	journey(t, scaledOut(t))
}

func journey(t *testing.T, h *house) {
	sent := h.do(t, http.MethodPost, "/api/v1/submissions", proposal(7), "Idempotency-Key", "journey-7").want(t, http.StatusCreated).object(t)
	code, token := sent["code"].(string), "Bearer "+sent["tracking_token"].(string)
	again := h.do(t, http.MethodPost, "/api/v1/submissions", proposal(7), "Idempotency-Key", "journey-7").want(t, http.StatusCreated).object(t)
	if again["code"] != code || again["tracking_token"] != sent["tracking_token"] {
		t.Errorf("a repeat got %v, the first was %v", again, sent)
	}
	h.do(t, http.MethodGet, "/api/v1/submissions/"+code, nil).want(t, http.StatusNotFound) // private until published

	officer, approver := h.signIn(t, demo.Officer), h.signIn(t, demo.Approver)
	staff := "/api/v1/staff/submissions/" + code
	var c map[string]any
	eventually(t, "the submission to be routed to the officer's agency", func() bool {
		got := h.do(t, http.MethodGet, staff, nil, "Authorization", officer)
		if got.status == http.StatusOK {
			c = got.object(t)
		}
		return got.status == http.StatusOK
	})
	route, _ := c["route"].(map[string]any)
	if c["status"] != "assigned" || c["agency"] != "bo-khoa-hoc-cong-nghe" || route == nil || route["reason"] == "" || route["reason"] == nil {
		t.Fatalf("routed without a reason: %v", c)
	}

	act := func(as, action string, body any) map[string]any {
		t.Helper()
		seen := h.do(t, http.MethodGet, staff, nil, "Authorization", as).want(t, http.StatusOK)
		return h.do(t, http.MethodPost, staff+"/"+action, body, "Authorization", as, "If-Match", seen.header.Get("ETag")).
			want(t, http.StatusOK).object(t)
	}
	h.do(t, http.MethodPost, staff+"/accept", map[string]any{}, "Authorization", officer).want(t, http.StatusPreconditionRequired)
	h.do(t, http.MethodPost, staff+"/accept", map[string]any{}, "Authorization", officer, "If-Match", `"v999"`).want(t, http.StatusPreconditionFailed)
	h.do(t, http.MethodPost, staff+"/approve", map[string]any{}, "Authorization", officer, "If-Match", `"v1"`).want(t, http.StatusForbidden)
	act(officer, "accept", map[string]any{})
	reply := "Bộ tiếp thu đề xuất và sẽ thử nghiệm trợ lý ảo hướng dẫn nộp đơn trong quý tới."
	got := act(officer, "draft-answer", map[string]any{"text": reply, "outcome": "accepted", "submit": true})
	if got["status"] != "in_review" {
		t.Fatalf("after submitting the answer: %v", got["status"])
	}
	got = act(approver, "approve", map[string]any{"publish": true})
	if got["status"] != "answered" {
		t.Fatalf("after approving: %v", got["status"])
	}

	eventually(t, "the public to find it without accents", func() bool {
		found := h.do(t, http.MethodGet, "/api/v1/search?q="+url.QueryEscape("tro ly ao giong noi khiem thi"), nil).want(t, http.StatusOK)
		return strings.Contains(string(found.body), code)
	})
	public := h.do(t, http.MethodGet, "/api/v1/submissions/"+code, nil).want(t, http.StatusOK)
	if !strings.Contains(string(public.body), reply) || strings.Contains(string(public.body), "example.test") {
		t.Errorf("the public version: %s", public.body)
	}
	page := h.do(t, http.MethodGet, "/vi/s/"+code, nil).want(t, http.StatusOK)
	if !strings.Contains(string(page.body), "Bộ tiếp thu đề xuất") || strings.Contains(string(page.body), "Nguyễn Thị Thử Nghiệm") {
		t.Errorf("the public page lacks the answer or shows the name")
	}
	own := h.do(t, http.MethodGet, "/api/v1/submissions/"+code, nil, "Authorization", token).want(t, http.StatusOK).object(t)
	if own["status"] != "answered" || len(own["timeline"].([]any)) < 4 || own["due_at"] == nil {
		t.Errorf("the sender's view: %v", own)
	}
}
