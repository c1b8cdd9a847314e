package app_test

import (
	"net/http"
	"strings"
	"testing"

	"hienke/internal/demo"
)

// guardianOf are what three children send, and how each guardian answers.
var childrenSend = map[string]struct {
	title, body, button string
	published           bool
	state               string
}{
	"agrees":        {"Thư viện xã chưa có sách khoa học cho học sinh", "Em mong thư viện xã có thêm sách về vũ trụ và máy tính cho học sinh cấp hai.", "agree", true, "confirmed"},
	"refuses":       {"Câu lạc bộ rô bốt ở trường em", "Em đề nghị mỗi trường có một câu lạc bộ rô bốt với dụng cụ dùng chung của huyện.", "refuse", false, "refused"},
	"is a stranger": {"Đường mạng ở thôn em rất chậm", "Em học trực tuyến hay bị mất mạng, mong thôn được kéo cáp quang trong năm nay.", "not_mine", false, "refused"},
}

// TestJourneyOfAChild is the way of a child and of a guardian by the link of a
// mail, over a real mail server: programs look at the link first, nothing is
// published before the answer, and the answer is kept.
func TestJourneyOfAChild(t *testing.T) {
	t.Parallel()
	h, smtp := withMail(t)
	coordinator := h.signIn(t, demo.Coordinator)
	for name, c := range childrenSend {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who := c.button + "@example.test"
			sent := h.do(t, http.MethodPost, "/api/v1/submissions", map[string]any{
				"kind": "recommendation", "title": c.title, "body": c.body, "consent": map[string]any{"terms": true, "publish_name": true},
				"submitter": map[string]any{"type": "person", "name": "Đinh Thị Bảo Ngân", "email": "child." + who},
				"guardian":  map[string]any{"name": "Đinh Văn Quảng", "email": "guardian." + who},
			}).want(t, http.StatusCreated).object(t)
			path := "/api/v1/staff/submissions/" + sent["code"].(string)
			seen := func() map[string]any {
				return h.do(t, http.MethodGet, path, nil, "Authorization", coordinator).want(t, http.StatusOK).object(t)
			}
			state := func() any { return seen()["guardian"].(map[string]any)["state"] }
			publish := func(want int) {
				t.Helper()
				eventually(t, "the case to be left alone", func() bool {
					tag := h.do(t, http.MethodGet, path, nil, "Authorization", coordinator).header.Get("ETag")
					return h.do(t, http.MethodPost, path+"/publish", map[string]any{}, "Authorization", coordinator, "If-Match", tag).status == want
				})
			}
			mail := mailbox{smtp, "guardian." + who}.wait(t, 1)
			link := linkIn(t, mail, "/vi/guardian/")
			browser := h.visitor(t)
			for range 2 { // a mail program opens links by itself
				if page := browser.get(t, link); !strings.Contains(page, c.title) || strings.Contains(page, "Đinh Thị") {
					t.Fatalf("the page says %s", beginning(page))
				}
			}
			if state() != "waiting" {
				t.Fatal("opening the link answers")
			}
			publish(http.StatusConflict)
			if page := browser.post(t, link, "do", c.button, "guardian.publish", "yes"); !strings.Contains(page, "Đã ghi nhận") {
				t.Fatalf("after the button the page says %s", beginning(page))
			}
			if got := state(); got != c.state {
				t.Errorf("the consent is %v", got)
			}
			if c.published {
				publish(http.StatusOK)
				public := h.do(t, http.MethodGet, "/api/v1/submissions/"+sent["code"].(string), nil).want(t, http.StatusOK)
				if strings.Contains(string(public.body), "Ngân") {
					t.Error("the public reads the name")
				}
				return
			}
			publish(http.StatusConflict)
			eventually(t, "the contact to be erased", func() bool { return seen()["has_contact"] == false })
			h.do(t, http.MethodGet, "/api/v1/submissions/"+sent["code"].(string), nil).want(t, http.StatusNotFound)
			own := h.do(t, http.MethodGet, "/api/v1/submissions/"+sent["code"].(string), nil, "Authorization", "Bearer "+sent["tracking_token"].(string)).want(t, http.StatusOK).object(t)
			if own["guardian"].(map[string]any)["state"] != c.state || own["body"] != c.body {
				t.Errorf("the child sees %v", own)
			}
		})
	}
}
