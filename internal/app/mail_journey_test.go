package app_test

import (
	"mime"
	"net/http"
	"net/mail"
	"strings"
	"testing"
	"time"

	"hienke/internal/demo"
	"hienke/internal/testkit"
)

// citizen is somebody who follows a case by mail alone.
type citizen struct {
	t       *testing.T
	h       *house
	box     mailbox
	lang    string
	contact map[string]any
	sent    map[string]any // what is asked for

	code, secret string
	browser      *visitor
	officer      string // Authorization of who handles the case
	approver     string
	coordinator  string
}

// citizens are what two people send: the same story in two languages. No part of
// their contacts or titles stands anywhere else.
func citizens() map[string]map[string]any {
	return map[string]map[string]any{
		"vi": {
			"title": "Nộp đơn sáng chế bằng giọng nói ở xã vùng cao",
			"body":  "Tôi bị khiếm thị. Đề nghị Cục Sở hữu trí tuệ nhận đơn đăng ký sáng chế qua giọng nói, vì các mẫu đơn hiện nay không đọc được.",
			"submitter": map[string]any{
				"type": "person", "name": "Trịnh Thị Mai Khuê", "email": "khue.trinh@example.test", "phone": "0911222333", "address": "Ngõ Kín 17",
			},
		},
		"en": {
			"title": "Patent forms that a screen reader can read",
			"body":  "I am blind. Please let the patent office (Cục Sở hữu trí tuệ) take a patent application (đơn đăng ký sáng chế) as speech; today's forms cannot be read aloud.",
			"submitter": map[string]any{
				"type": "person", "name": "Alexandra Quillfeather", "email": "quillfeather@example.test", "phone": "0944555666", "address": "Hidden Lane 4",
			},
		},
	}
}

// TestJourneyByMail is the citizen's whole way by the links of mails, over a
// real mail server: receipt, confirmation, question, reply, answer, judgement,
// end of mails.
func TestJourneyByMail(t *testing.T) {
	t.Parallel()
	h, smtp := withMail(t)
	officer, approver, coordinator := h.signIn(t, demo.Officer), h.signIn(t, demo.Approver), h.signIn(t, demo.Coordinator)
	for lang, sent := range citizens() {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			contact := sent["submitter"].(map[string]any)
			sent["kind"], sent["topic"], sent["language"], sent["consent"] = "initiative", "so-huu-tri-tue", lang, map[string]any{"terms": true, "publish_name": false}
			c := &citizen{
				t: t, h: h, box: mailbox{smtp, contact["email"].(string)}, lang: lang, contact: contact, sent: sent,
				browser: h.visitor(t), officer: officer, approver: approver, coordinator: coordinator,
			}
			c.receives()
			c.isToldNothingMore()
			c.confirms()
			c.isAsked()
			c.isAnswered()
			c.endsMails()
			c.checkAll()
		})
	}
}

// page is the sender's page of the case, which the browser has opened.
func (c *citizen) page() string { return mailSite + "/" + c.lang + "/track/" + c.code }

// says is what a page says in the citizen's language.
func (c *citizen) says(vi, en string) string {
	if c.lang == "en" {
		return en
	}
	return vi
}

// open opens the case by the link of a mail, with the codes of the receipt.
func (c *citizen) open(m testkit.Message) string {
	c.t.Helper()
	link := linkIn(c.t, m, "/"+c.lang+"/track")
	c.browser.get(c.t, link)
	return c.browser.post(c.t, link, "code", c.code, "secret", c.secret)
}

// eventually waits until the sender's page says something.
func (c *citizen) eventually(says string) {
	c.t.Helper()
	eventually(c.t, "the page to say "+says, func() bool { return strings.Contains(c.browser.get(c.t, c.page()), says) })
}

// act does something with the case as a member of staff.
func (c *citizen) act(as, action string, body map[string]any) map[string]any {
	c.t.Helper()
	path := "/api/v1/staff/submissions/" + c.code
	seen := c.h.do(c.t, http.MethodGet, path, nil, "Authorization", as).want(c.t, http.StatusOK)
	return c.h.do(c.t, http.MethodPost, path+"/"+action, body, "Authorization", as, "If-Match", seen.header.Get("ETag")).want(c.t, http.StatusOK).object(c.t)
}

// fact is the value of a line of a mail's small table.
func fact(t *testing.T, m testkit.Message, label string) string {
	t.Helper()
	for line := range strings.SplitSeq(text(m), "\n") {
		if value, ok := strings.CutPrefix(line, label+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("no %q in\n%s", label, text(m))
	return ""
}

// beginning is what a page says first.
func beginning(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	return main[:min(len(main), 500)]
}

func (c *citizen) receives() {
	c.t.Helper()
	sent := c.h.do(c.t, http.MethodPost, "/api/v1/submissions", c.sent).want(c.t, http.StatusCreated).object(c.t)
	receipt := c.box.wait(c.t, 1)
	c.code, c.secret = fact(c.t, receipt, c.says("Mã hồ sơ", "Code")), fact(c.t, receipt, c.says("Mã bí mật", "Secret"))
	if c.code != sent["code"] {
		c.t.Fatalf("the receipt is of %s, and %v was sent", c.code, sent["code"])
	}
	if page := c.open(receipt); !strings.Contains(page, c.sent["title"].(string)) {
		c.t.Fatal("the codes of the receipt do not open the case")
	}
}

// isToldNothingMore: whoever typed the address, its holder has not agreed to
// anything yet.
func (c *citizen) isToldNothingMore() {
	c.t.Helper()
	eventually(c.t, "the case to reach the officer", func() bool {
		got := c.h.do(c.t, http.MethodGet, "/api/v1/staff/submissions/"+c.code, nil, "Authorization", c.officer)
		return got.status == http.StatusOK
	})
	c.eventually(c.says("địa chỉ thư điện tử chưa được xác nhận.", "the e-mail address is not confirmed."))
	if got := c.box.all(); len(got) != 1 {
		c.t.Errorf("%d mails to an address that nobody confirmed", len(got))
	}
}

func (c *citizen) confirms() {
	c.t.Helper()
	link := linkIn(c.t, c.box.wait(c.t, 1), "/"+c.lang+"/confirm/")
	unconfirmed := c.says("chưa được xác nhận, nên chúng tôi chỉ gửi giấy báo", "is not confirmed, so only the receipt is sent")
	stranger := c.h.visitor(c.t) // a mail program opens links by itself
	for range 2 {
		stranger.get(c.t, link)
	}
	if !strings.Contains(c.browser.get(c.t, c.page()), unconfirmed) {
		c.t.Error("opening the link confirms the address")
	}
	if page := stranger.post(c.t, link); !strings.Contains(page, c.says("Đã xác nhận.", "Confirmed.")) {
		c.t.Errorf("after the button the page says %s", beginning(page))
	}
	if strings.Contains(c.browser.get(c.t, c.page()), unconfirmed) {
		c.t.Error("the button does not confirm the address")
	}
	moved := c.box.wait(c.t, 2) // what was kept goes out now
	if agency := c.says("Bộ Khoa học và Công nghệ", "Ministry of Science and Technology"); !strings.Contains(text(moved), agency) {
		c.t.Errorf("after the confirmation came %q without the agency:\n%s", moved.Subject, text(moved))
	}
}

func (c *citizen) isAsked() {
	c.t.Helper()
	const question = "Ông/bà dùng phần mềm đọc màn hình nào?"
	c.act(c.officer, "accept", map[string]any{})
	c.act(c.officer, "request-information", map[string]any{"message": question})
	asked := c.box.wait(c.t, 3)
	if !strings.Contains(text(asked), "> "+question+"\n") {
		c.t.Errorf("the mail does not ask:\n%s", text(asked))
	}
	if page := c.open(asked); !strings.Contains(page, question) {
		c.t.Error("the link of the mail does not lead to the question")
	}
	reply := c.says("Tôi dùng NVDA bản tiếng Việt.", "I use NVDA in Vietnamese.")
	c.browser.post(c.t, c.page()+"/information", "reply", reply)
	seen := c.h.do(c.t, http.MethodGet, "/api/v1/staff/submissions/"+c.code, nil, "Authorization", c.officer).want(c.t, http.StatusOK)
	if seen.object(c.t)["status"] != "in_progress" || !strings.Contains(string(seen.body), reply) {
		c.t.Errorf("the officer does not see the reply: %s", seen.body)
	}
}

func (c *citizen) isAnswered() {
	c.t.Helper()
	const reply = "Bộ tiếp thu đề nghị. Từ quý tới, Cục Sở hữu trí tuệ nhận đơn bằng giọng nói."
	c.act(c.officer, "draft-answer", map[string]any{"text": reply, "outcome": "accepted", "submit": true})
	c.act(c.approver, "approve", map[string]any{"publish": true})
	answered := c.box.wait(c.t, 4)
	if !strings.Contains(text(answered), "> "+reply+"\n") {
		c.t.Errorf("the mail does not answer:\n%s", text(answered))
	}
	public := c.h.visitor(c.t).get(c.t, linkIn(c.t, answered, "/"+c.lang+"/s/"))
	if !strings.Contains(public, reply) || strings.Contains(public, c.contact["name"].(string)) {
		c.t.Error("the public page lacks the answer or shows the name")
	}
	c.open(answered)
	page := c.browser.post(c.t, c.page()+"/rating", "helped", "yes", "reason", "")
	if !strings.Contains(page, c.says("Đã ghi nhận đánh giá.", "Your judgement was recorded.")) {
		c.t.Errorf("after the rating the page says %s", beginning(page))
	}
}

// endsMails is one click in a mail program (RFC 8058), and nothing comes after.
func (c *citizen) endsMails() {
	c.t.Helper()
	answered := c.box.wait(c.t, 4)
	link := strings.Trim(answered.Header.Get("List-Unsubscribe"), "<>")
	if linkIn(c.t, answered, "/"+c.lang+"/stop/") != link {
		c.t.Errorf("the header ends mails at %s, the text elsewhere", link)
	}
	program := c.h.visitor(c.t)
	program.get(c.t, link)
	if strings.Contains(c.browser.get(c.t, c.page()), `value="none" checked`) {
		c.t.Error("opening the link ends the mails")
	}
	program.post(c.t, link, "List-Unsubscribe", "One-Click")
	before := len(c.box.all())
	c.browser.post(c.t, c.page()+"/reopen", "reason", c.says("Mẫu đơn mới vẫn không đọc được.", "The new form cannot be read either."))
	c.act(c.coordinator, "assign", map[string]any{"agency": "bo-khoa-hoc-cong-nghe"})
	c.act(c.officer, "accept", map[string]any{})
	c.act(c.officer, "request-information", map[string]any{"message": "Mẫu đơn nào?"})
	c.eventually(c.says("ông/bà đã chọn không nhận.", "you chose not to get it."))
	if got := c.box.all(); len(got) != before {
		c.t.Errorf("after the end came %q", got[len(got)-1].Subject)
	}
}

// checkAll reads the mails as programs and strangers would.
func (c *citizen) checkAll() {
	c.t.Helper()
	all := c.box.all()
	thread, ids, returns := "", map[string]bool{}, map[string]bool{}
	for i, m := range all {
		c.checkHeader(m)
		if thread == "" {
			thread = m.Header.Get("References")
		}
		for _, name := range []string{"References", "In-Reply-To"} {
			if got := m.Header.Get(name); got != thread || got == "" {
				c.t.Errorf("%q: %s %q, the thread is %q", m.Subject, name, got, thread)
			}
		}
		ids[m.Header.Get("Message-Id")], returns[m.From] = true, true
		first := i == 0
		if got := m.Header.Get("List-Unsubscribe"); first != (got == "") || (got != "") != (m.Header.Get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click") {
			c.t.Errorf("%q: List-Unsubscribe %q", m.Subject, got)
		}
		c.checkSecrets(m, first)
	}
	if len(ids) != len(all) || len(returns) != len(all) || ids[thread] {
		c.t.Errorf("%d mails with the ids %v, which return to %v", len(all), ids, returns)
	}
}

func (c *citizen) checkHeader(m testkit.Message) {
	c.t.Helper()
	h := m.Header
	from, err := mail.ParseAddress(h.Get("From"))
	if err != nil || from.Name != "Hiến Kế" || from.Address != "khong-tra-loi@hienke.example" {
		c.t.Errorf("%q: from %q, %v", m.Subject, h.Get("From"), err)
	}
	if !strings.HasPrefix(m.From, "tra-ve+") || !strings.HasSuffix(m.From, "@hienke.example") {
		c.t.Errorf("%q: returns to %s", m.Subject, m.From)
	}
	if len(m.To) != 1 || h.Get("To") != "<"+c.box.address+">" || h.Get("Cc")+h.Get("Bcc")+h.Get("Reply-To") != "" {
		c.t.Errorf("%q: to %v, %v", m.Subject, m.To, h)
	}
	if at, err := h.Date(); err != nil || time.Since(at).Abs() > patience {
		c.t.Errorf("%q: dated %q, %v", m.Subject, h.Get("Date"), err)
	}
	if id := h.Get("Message-Id"); !strings.HasSuffix(id, "@hienke.example>") {
		c.t.Errorf("%q: Message-ID %s", m.Subject, id)
	}
	if kind, _, err := mime.ParseMediaType(h.Get("Content-Type")); err != nil || kind != "multipart/alternative" || len(m.Parts) != 2 {
		c.t.Errorf("%q: %s in %d parts, %v", m.Subject, h.Get("Content-Type"), len(m.Parts), err)
	}
	if h.Get("Auto-Submitted") != "auto-generated" || h.Get("Content-Language") != c.lang || !strings.Contains(m.Text("text/html"), `<html lang="`+c.lang+`"`) {
		c.t.Errorf("%q: %q in %q", m.Subject, h.Get("Auto-Submitted"), h.Get("Content-Language"))
	}
}

// checkSecrets looks for what mail must not carry, for it goes through hands
// that nobody knows: contacts, who handles the case, and the secret anywhere
// but in the receipt. The receipt may reach a stranger, and has no word of what
// was sent.
func (c *citizen) checkSecrets(m testkit.Message, receipt bool) {
	c.t.Helper()
	never := []string{c.contact["phone"].(string), c.contact["address"].(string), c.contact["email"].(string), c.sent["body"].(string), "@demo.test", "NVDA"}
	if receipt {
		never = append(never, c.contact["name"].(string), c.sent["title"].(string))
	} else {
		never = append(never, c.secret, strings.ReplaceAll(c.secret, "-", ""))
	}
	for _, in := range []string{m.Subject, m.Text("text/plain"), m.Text("text/html")} {
		for _, word := range never {
			if strings.Contains(in, word) {
				c.t.Errorf("%q holds %q", m.Subject, word)
			}
		}
	}
}
