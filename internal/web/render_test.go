package web

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hienke/frontend"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/i18n"
	"hienke/internal/openness"
)

func loadCatalogue(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(frontend.Locales())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEveryPage renders every template from literals in both languages.
// HIENKE_TEST_PAGES names a folder that keeps the results, to look at them.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	c := loadCatalogue(t)
	r, err := NewRenderer(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Langs {
		for name, page := range samplePages(words{c, lang}) {
			t.Run(string(lang)+"/"+name, func(t *testing.T) {
				t.Parallel()
				*page.frame() = sampleFrame(page, lang)
				var b bytes.Buffer
				if err := r.Render(&b, page); err != nil {
					t.Fatal(err)
				}
				checkPage(t, b.String(), lang)
				if dir := os.Getenv("HIENKE_TEST_PAGES"); dir != "" {
					if err := os.WriteFile(filepath.Join(dir, string(lang)+"-"+name+".html"), b.Bytes(), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}

// TestEveryPageHasASample: a page that is in no list of samples is rendered
// by nobody before people see it.
func TestEveryPageHasASample(t *testing.T) {
	t.Parallel()
	drawn := map[string]bool{}
	for _, page := range samplePages(words{loadCatalogue(t), i18n.Vietnamese}) {
		drawn[page.template()] = true
	}
	files, err := fs.Glob(frontend.Templates(), "pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(path.Base(file), ".html"); !drawn[name] {
			t.Errorf("pages/%s.html has no sample", name)
		}
	}
}

func sampleFrame(p Page, lang i18n.Lang) Frame {
	f := *p.frame()
	f.Lang, f.Other = lang, i18n.English
	if lang == i18n.English {
		f.Other = i18n.Vietnamese
	}
	f.OtherURL, f.Title = "/"+string(f.Other)+"/submit", "Kiểm tra"
	return f
}

var (
	idAttribute   = regexp.MustCompile(`\sid="([^"]*)"`)
	forAttribute  = regexp.MustCompile(`\sfor="([^"]*)"`)
	refAttribute  = regexp.MustCompile(`\saria-(?:describedby|labelledby)="([^"]*)"`)
	inlineCode    = regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|<style|javascript:|<script>`)
	anchorAddress = regexp.MustCompile(`href="#([^"]*)"`)
)

// checkPage holds what is true of every page, whatever it says.
func checkPage(t *testing.T, html string, lang i18n.Lang) {
	t.Helper()
	if i18n.IsMissing(html) {
		t.Errorf("text missing near %q", html[max(0, strings.Index(html, "⟦")-40):][:100])
	}
	for _, bad := range []string{"<no value>", "%!", "ZgotmplZ"} {
		if strings.Contains(html, bad) {
			t.Errorf("page contains %q", bad)
		}
	}
	if n := strings.Count(html, "<h1"); n != 1 {
		t.Errorf("page has %d h1", n)
	}
	if n := strings.Count(html, "<main"); n != 1 {
		t.Errorf("page has %d main landmarks", n)
	}
	if !strings.Contains(html, `<html lang="`+string(lang)+`"`) {
		t.Error("page does not say its language")
	}
	if found := inlineCode.FindString(html); found != "" {
		t.Errorf("page has inline style or script: %q", found)
	}
	ids := map[string]bool{}
	for _, m := range idAttribute.FindAllStringSubmatch(html, -1) {
		if ids[m[1]] {
			t.Errorf("id %q stands twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, pattern := range []*regexp.Regexp{forAttribute, refAttribute, anchorAddress} {
		for _, m := range pattern.FindAllStringSubmatch(html, -1) {
			for id := range strings.FieldsSeq(m[1]) {
				if !ids[id] {
					t.Errorf("%q points at an id that is not there", m[0])
				}
			}
		}
	}
}

var sampleTime = time.Date(2026, 11, 22, 7, 5, 0, 0, time.UTC)

func sampleRegistry() *civic.Registry {
	return &civic.Registry{
		Topics: []civic.Topic{
			{Code: "digital-infrastructure", Names: civic.Names{"vi": "Hạ tầng số, trung tâm dữ liệu và điện toán đám mây", "en": "Digital infrastructure"}},
			{Code: "research-funding", Names: civic.Names{"vi": "Cơ chế tài chính cho khoa học và công nghệ"}},
		},
		Areas: []civic.Area{
			{Code: "01", Names: civic.Names{"vi": "Thành phố Hà Nội", "en": "Hà Nội"}},
			{Code: "04", Names: civic.Names{"vi": "Tỉnh Cao Bằng"}},
		},
	}
}

const (
	sampleTitle = "Đề nghị cho phép nộp hồ sơ nhiệm vụ khoa học và công nghệ cấp tỉnh hoàn toàn qua mạng, không phải nộp thêm bản giấy"
	sampleBody  = "Hiện nay hồ sơ đăng ký nhiệm vụ khoa học và công nghệ phải nộp cả bản giấy có dấu đỏ và bản điện tử.\n\nỞ xã vùng cao, mỗi lần nộp mất hai ngày đường. Tôi đề nghị chấp nhận bản điện tử có chữ ký số và bỏ bản giấy."
)

var (
	most    = Name{Text: "Bộ Khoa học và Công nghệ", Lang: civic.Vietnamese}
	hanoi   = Name{Text: "Ủy ban nhân dân thành phố Hà Nội", Lang: civic.Vietnamese}
	funding = Name{Text: "Cơ chế tài chính cho khoa học và công nghệ", Lang: civic.Vietnamese}
)

func sampleAnswer() *AnswerText {
	return &AnswerText{HTML: "<p>Trả lời</p>",
		Text:     "Bộ tiếp thu đề nghị của ông. Từ ngày 01 tháng 01 năm 2027, hồ sơ điện tử có chữ ký số được chấp nhận thay bản giấy.\n\nTrong thời gian chuyển tiếp, ông có thể nộp bản giấy sau khi được chọn.",
		Language: civic.Vietnamese, Outcome: civic.OutcomePartly, Agency: most, At: sampleTime,
	}
}

func sampleTimeline(w words) []Moment {
	agency := most.Text
	return []Moment{
		{At: sampleTime.AddDate(0, 0, -9), What: w.t("event.received")},
		{At: sampleTime.AddDate(0, 0, -9), What: w.t("event.routed", "agency", agency), By: w.t("desk.by_system")},
		{At: sampleTime.AddDate(0, 0, -7), What: w.t("event.handed_back", "agency", hanoi.Text), Why: Name{"Việc này thuộc thẩm quyền của Bộ.", "vi"}},
		{At: sampleTime, What: w.t("event.answered")},
	}
}

func sampleHits() []Hit {
	return []Hit{
		{URL: "/vi/s/2A4F7HKL9MQT", Title: sampleTitle, Language: "vi", Kind: civic.Recommendation, Agency: most, Topic: funding,
			AnsweredAt: sampleTime, Snippet: []Span{{Text: "… phải nộp cả bản giấy có dấu đỏ và bản "}, {Text: "điện tử", Marked: true}, {Text: ". Ở xã vùng cao, mỗi lần nộp mất hai ngày đường …"}}},
		{URL: "/vi/s/3A4F7HKL9MQT", Title: "Chia sẻ dữ liệu đất đai giữa xã và tỉnh", Language: "vi", Kind: civic.Solution, Agency: hanoi},
	}
}

func samplePager() Pager {
	return Pager{Previous: "?page=3", Next: "?page=5", Pages: []PagerItem{
		{Number: 1, URL: "?page=1"}, {Gap: true}, {Number: 3, URL: "?page=3"}, {Number: 4, URL: "?page=4", Current: true},
		{Number: 5, URL: "?page=5"}, {Gap: true}, {Number: 18, URL: "?page=18"},
	}}
}

func samplePages(w words) map[string]Page {
	step := func(slug string, values map[string]string, wrong []errs.Field) *StepPage {
		p := &StepPage{Step: slug, At: 2, Of: 5, Heading: "Nội dung", Lead: "Lời dẫn", Seen: "1", Structured: structured(values)}
		if slug != stepKind {
			p.Token, p.ExpiresAt, p.BackURL = "TOKEN", sampleTime, "/vi/submit/TOKEN/kind"
		}
		stepFields(p, w, sampleRegistry(), sampleTime, values, wrong)
		return p
	}
	failed := step(stepText, map[string]string{"title": "Đề", "kind": "feedback", "body": "<b>\n</textarea>"}, []errs.Field{
		{Name: "title", Code: "field.too_short", Params: map[string]string{"min": "5", "got": "2"}},
		{Name: "body", Code: "field.too_long", Params: map[string]string{"max": "50000", "got": "61234"}},
	})
	failed.Notice, failed.Back = &Notice{Tone: "care", Text: w.t("submit.other_tab")}, true
	failed.Other = []Row{{Label: "Nội dung", Value: sampleBody}}
	review := step(stepReview, nil, []errs.Field{{Name: "consent.terms", Code: "field.consent_required"}})
	review.Rows = []Row{{Name: "title", Label: "Tiêu đề", Value: sampleTitle, ChangeURL: "/vi/"}, {Label: "Nội dung", Value: sampleBody, Long: true, ChangeURL: "/vi/"}, {Label: "Thư điện tử", Value: "Không ghi", Empty: true, ChangeURL: "/vi/"}}
	files, closed := step(stepFiles, nil, nil), step(stepFiles, nil, nil)
	files.Files, closed.Files = sampleFiles(w), &FileForm{Step: true, Closed: true}
	files.Files.Step, files.Files.Back = true, true
	qr, _ := qrCode("https://hienke.example.vn/vi/track/HK-2A4F-7HKL-9MQT")
	track, wrong := &TrackPage{}, &TrackPage{}
	trackFields(track, w, nil, nil)
	trackFields(wrong, w, map[string]string{"code": "HK-2A4F"}, []errs.Field{{Name: "code", Code: "field.not_a_code"}, {Name: "secret", Code: "field.required"}})
	lost := &LostPage{Contact: newForm(w, map[string]string{}, nil).field("contact", nil)}
	tracked := &TrackedPage{Code: "HK-2A4F-7HKL-9MQT", Kept: "Tôi hỏi việc khác", Reopened: true, Extended: true, Questions: []Question{
		{Text: "Ở xã nào?", AskedAt: sampleTime, ReplyBy: sampleTime, Open: true}, {Text: "Khi nào?", AskedAt: sampleTime, Reply: "Hôm qua", EndedAt: sampleTime},
		{Text: "Ai?", AskedAt: sampleTime, EndedAt: sampleTime}}}
	for _, a := range senderActs {
		f := newForm(w, map[string]string{}, nil)
		f.prefix = a.name + "-"
		tracked.Acts = append(tracked.Acts, SenderAct{Name: a.name, Title: "Việc làm được", Effect: "Điều xảy ra", Go: "Gửi", Fields: a.fields(f), Open: a.open, Warning: a.warning})
	}
	pages := map[string]Page{
		"home": &HomePage{Latest: sampleHits(), Frame: Frame{Demo: true}}, "home-empty": &HomePage{}, "stats": sampleStats(w), "stats-empty": &StatsPage{Empty: true, Columns: statsColumns}, "submit": step(stepKind, nil, nil), "submit-text": step(stepText, map[string]string{"kind": "initiative"}, nil), "submit-failed": failed,
		"submit-files": files, "submit-files-closed": closed, "submit-topic": step(stepTopic, nil, nil), "submit-sender": step(stepSender, nil, nil), "submit-review": review,
		"submit-similar": &SimilarPage{BackURL: "/vi/", NextURL: "/vi/", Cases: []SimilarCase{
			{URL: "/vi/s/2A4F7HKL9MQT", Title: sampleTitle, Language: "vi", State: civic.Answered, Agency: most, AnsweredAt: sampleTime, Excerpt: sampleBody, Why: "bản giấy, hồ sơ"},
			{URL: "/vi/s/2A4F7HKL9MQT", Title: "Open data", Language: "en", State: civic.InProgress, Why: "data"}}},
		"submit-discard": &DiscardPage{Act: "/vi/submit/x/discard", BackURL: "/vi/submit/x"},
		"submit-check": &CheckPage{BackURL: "/vi/", NextURL: "/vi/", OnlyAttachment: true, Accuses: true,
			Personal: []Row{{Label: "Số điện thoại", Value: "0912 345 678"}},
			Channel:  &ChannelAdvice{Name: Name{"Khiếu nại", "vi"}, Message: Name{"Khiếu nại được giải quyết theo Luật Khiếu nại.", "vi"}, Address: Name{"Cơ quan đã ra quyết định.", "vi"}, Link: "https://example.vn/"}}, "track": track, "track-failed": wrong,
		"guardian": &GuardianPage{Title: w.t("guardian.title"), Asks: true, Lead: w.t("guardian.lead", "date", "30 tháng 11", "child", "N. V. An"),
			Facts: []Fact{{w.t("guardian.child"), "N. V. An"}}, CaseTitle: sampleTitle, Language: "vi", LapseAt: sampleTime,
			Fields: []Field{{Widget: "checkbox", Name: "guardian.publish", Label: w.t("form.guardian.publish.label")}}},
		"guardian-done":  &GuardianPage{Title: w.t("guardian.title"), Notice: &Notice{Tone: "done", Text: w.t("guardian.done")}, After: w.t("guardian.after.confirmed", "date", "30 tháng 11"), Given: true},
		"guardian-wrong": &GuardianPage{Title: w.t("guardian.title"), Notice: &Notice{Tone: "care", Text: w.t("guardian.no_link")}},
		"sent-child":     &SentPage{Code: "HK-2A4F-7HKL-9MQT", Secret: "3AFH-7KLM", ReceivedAt: sampleTime, DueAt: sampleTime, Guardian: w.t("sent.child.waiting", "date", "14 tháng 12")},
		"tracked-child":  &TrackedPage{Code: "HK-2A4F-7HKL-9MQT", CaseTitle: sampleTitle, Body: sampleBody, Language: "vi", State: civic.InProgress, ReceivedAt: sampleTime, Guardian: w.t("sent.child.waiting", "date", "14 tháng 12"), GuardianCare: true},
		"ask":            &AskPage{Title: w.t("ask.confirm.title"), Lead: w.t("ask.confirm.lead"), Go: w.t("ask.confirm.go")}, "ask-done": &AskPage{Title: w.t("ask.stop.title"), Notice: &Notice{Tone: "done", Text: w.t("ask.stop.done")}},
		"lost": lost, "lost-sent": &LostPage{Sent: true, Notice: &Notice{Tone: "done", Text: w.t("lost.sent")}},
		"sent":      &SentPage{QR: qr, TrackURL: "https://hienke.example.vn/vi/track/HK-2A4F-7HKL-9MQT", Code: "HK-2A4F-7HKL-9MQT", Secret: "3AFH-7KLM", ReceivedAt: sampleTime, DueAt: sampleTime.AddDate(0, 0, 21), ByMail: true},
		"sent-lost": &SentPage{},
		"tracked": &TrackedPage{Code: "HK-2A4F-7HKL-9MQT", CaseTitle: sampleTitle, Body: sampleBody, Language: "vi", State: civic.Answered, Agency: most,
			ReceivedAt: sampleTime.AddDate(0, 0, -9), DueAt: sampleTime, Answer: sampleAnswer(), PublicURL: "/vi/s/2A4F7HKL9MQT", Timeline: sampleTimeline(w)},
		"tracked-rejected": &TrackedPage{Code: "HK-2A4F-7HKL-9MQT", CaseTitle: sampleTitle, Body: sampleBody, Language: "vi", State: civic.Rejected, Overdue: true,
			Rejection: &RejectionText{Reason: "Là khiếu nại hoặc tố cáo", Message: "Đề nghị ông gửi đơn đến Ủy ban nhân dân xã, nơi đã ra quyết định."}, ReceivedAt: sampleTime, Timeline: sampleTimeline(w)},
		"tracked-files": &TrackedPage{Code: "HK-2A4F-7HKL-9MQT", CaseTitle: sampleTitle, Body: sampleBody, Language: "vi", State: civic.InProgress, ReceivedAt: sampleTime, Files: sampleFiles(w)},
		"tracked-merged": &TrackedPage{Code: "HK-2A4F-7HKL-9MQT", CaseTitle: sampleTitle, Body: sampleBody, Language: "vi", State: civic.Merged, Agency: most, ReceivedAt: sampleTime, DueAt: sampleTime,
			Timeline: sampleTimeline(w), Parts: []Part{{"HK-3A4F-7HKL-9MQT", civic.Triage}}, Acts: tracked.Acts, Questions: tracked.Questions, Kept: tracked.Kept, Reopened: true, Extended: true, Told: []ToldLine{{Text: "Giấy báo tiếp nhận: đã gửi."}}, Reached: []Fact{{"Thư điện tử", "a•••@example.vn"}}, Care: w.t("reach.failing"), Notice: &Notice{Tone: "done", Text: w.t("sender_act.object.done")}},
		"case": &CasePage{Code: "HK-2A4F-7HKL-9MQT", Kind: civic.Recommendation, CaseTitle: sampleTitle, Body: sampleBody, Language: "vi", State: civic.Answered, Agency: most, Topic: funding,
			Area: Name{"Tỉnh Cao Bằng", "vi"}, ReceivedAt: sampleTime.AddDate(0, 0, -9), DueAt: sampleTime, DueState: civic.AnsweredOn, AnsweredAt: sampleTime, Answer: sampleAnswer(), Timeline: sampleTimeline(w), Sender: Name{"Ông/bà N. T. L.", "vi"},
			Frame:   Frame{Canonical: "https://hienke.example.vn/vi/s/HK-2A4F-7HKL-9MQT", Article: true, Data: map[string]any{"name": "</script><b>"}},
			Similar: []Related{{Code: "HK-4A4F-7HKL-9MQT", URL: "/vi/s/x", Title: "Chữ ký số cho xã vùng cao", Language: "vi", State: civic.Answered}}},
		"case-open": &CasePage{Code: "HK-2A4F-7HKL-9MQT", Kind: civic.Initiative, CaseTitle: "Open data for a village", Body: sampleBody, Language: "en", State: civic.InProgress, ReceivedAt: sampleTime},
		"search": &SearchPage{Q: "ban giay", Narrowed: true, Total: 1234, Hits: sampleHits(), Pager: samplePager(), ClearURL: "/vi/search",
			Notice: &Notice{Tone: "care", Text: w.t("search.degraded")}, Kept: []Hidden{{"topic", "research-funding"}},
			Chips:  []Chip{{Label: funding.Text, Lang: "vi", URL: "/vi/search"}, {Label: "2026", URL: "/vi/search"}},
			Sorts:  []Link{{Label: w.t("search.sort_relevance"), Current: true}, {Label: w.t("search.sort_newest"), URL: "?sort=newest"}},
			Facets: []Facet{{Name: "topic", Values: []FacetValue{{Label: funding.Text, Lang: "vi", Count: 812, URL: "?topic=a", Current: true}, {Label: "Nhân lực", Count: 3, URL: "?topic=b"}}}, {Name: "year", Values: []FacetValue{{Label: "2026", Count: 1200, URL: "?year=2026"}}}}},
		"search-none": &SearchPage{Q: "xyz", Narrowed: true, Chips: []Chip{{Label: "2026", URL: "/vi/search"}}, ClearURL: "/vi/search"},
		"feeds": &FeedsPage{Said: "Cao Bằng", Feed: "https://hienke.example.vn/vi/feeds/answers.atom", JSON: "https://hienke.example.vn/api/v1/search", Embed: "/vi/embed/answers?n=5", Snippet: `<iframe src="x"></iframe>`,
			Form: []Field{{Name: "agency", Widget: "select", Label: w.t("search.facet.agency"), Options: []Option{{Label: w.t("feed.any")}}}}},
		"follow":     &FollowPage{What: sampleTitle, WhatLang: "vi", OfCase: true, Kept: []Hidden{{"case", "HK-2A4F-7HKL-9MQT"}}, BackURL: "/vi/", Email: Field{Name: "email", Label: "Thư điện tử", Type: "email"}},
		"follow-off": &FollowPage{What: "“cầu”", Off: true, BackURL: "/vi/", FeedURL: "/vi/feeds/answers.atom"}, "follow-none": &FollowPage{BackURL: "/vi/"}, "follow-sent": &FollowPage{Sent: true, BackURL: "/vi/", DraftURL: "/vi/submit/x/text"},
		"following": &FollowingPage{Heading: w.t("follow.all_title"), Text: w.t("follow.all_text"), Manage: "/vi/following/1/x", EndAll: true, Done: &Notice{Tone: "done", Text: w.t("follow.confirmed")},
			Follows: []FollowedRow{{ID: 1, Stamp: "x", What: sampleTitle, Lang: "vi", URL: "/vi/s/x", OfCase: true}, {ID: 2, What: w.t("follow.not_public")}}},
		"following-confirm": &FollowingPage{Heading: w.t("follow.confirm_title"), Text: w.t("follow.confirm_text"), Go: w.t("follow.confirm_go"), Act: "/vi/following/confirm/1/x"},
		"embed":             &EmbedPage{Said: "Cao Bằng", All: "/vi/search", Hits: sampleHits()}, "embed-empty": &EmbedPage{All: "/vi/search"},
		"search-down": &SearchPage{Q: "xyz", Down: true, Notice: &Notice{Tone: "stop", Text: w.t("search.down"), Alert: true}},
	}
	for _, slug := range PlainPages {
		pages["plain-"+slug] = &PlainPage{Name: slug, Frame: Frame{Section: slug}, Limits: LimitTexts{Forward: w.plural("limit.working_days", 5), Answer: w.plural("limit.working_days", 15)}, Channels: []OtherPlace{{Name{"Khiếu nại", "vi"}, Name{"Nơi ra quyết định", "vi"}, "https://example.vn", true}},
			Contact: Contact{Operator: "Đơn vị vận hành thử", Email: "lienhe@example.vn", Phone: "024 0000 0000", Address: "Hà Nội"}}
	}
	for _, status := range []int{400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503} {
		key := fmt.Sprintf("error.%d.", status)
		pages[fmt.Sprintf("error-%d", status)] = &ErrorPage{Status: status, Heading: w.t(key + "title"), Text: w.t(key + "text"), RequestID: "7f3a9c", RetryAfter: 30, OfferSearch: status == 404, InStaff: status == 409}
	}
	for _, more := range []func(words) map[string]Page{staffPages, governancePages, timesPages, registryPages, worklistPages, accountPages, deskPages} {
		maps.Copy(pages, more(w))
	}
	return pages
}

func staffPages(w words) map[string]Page {
	who := Frame{Section: "queue", Staff: StaffName{Name: "Trần Văn Bình", Role: civic.RoleCoordinator, Agency: most.Text}}
	rows := make([]QueueRow, 20)
	for i := range rows {
		rows[i] = QueueRow{Code: "HK-2A4F-7HKL-9MQT", URL: fmt.Sprintf("/staff/cases/%d", i), Title: sampleTitle, Language: "vi", Reason: "Theo quy tắc trung-tam-du-lieu, phiên bản 3.",
			Agency: most, Suggested: i%5 == 1, Assignee: "Lê Thị Hoa", State: civic.States[i%len(civic.States)], DueAt: sampleTime, DueState: civic.DueStates[i%4], DueText: w.plural("due.left", i), Duplicates: i % 3}
		rows[i].Choice = "HK-2A4F-7HKL-9MQT.3"
		if rows[i].State == civic.Triage {
			rows[i].Claimed, rows[i].Tags = w.t("worklist.claimed_by", "name", "Lê Thị Hoa", "time", "10:30"), []string{"Đất đai"}
		}
	}
	fields := newForm(w, map[string]string{"outcome": "partly"}, []errs.Field{{Name: "text", Code: "field.required"}})
	fields.prefix = "draft-"
	text := fields.field("text", func(f *Field) { f.Widget, f.Rows, f.Required = "textarea", 8, true })
	signIn := newForm(w, nil, nil)
	filters := newForm(w, nil, nil)
	filter := func(name string) Field {
		return filters.field(name, func(f *Field) {
			f.Widget, f.Required, f.Options = "select", true, []Option{{Label: w.t("staff.any")}}
		})
	}
	return map[string]Page{
		"staff-sign-in": &SignInPage{Next: "/staff/queue", Email: signIn.field("email", func(f *Field) { f.Type, f.Required = "email", true }), Password: signIn.field("password", func(f *Field) { f.Type, f.Required = "password", true })},
		"staff-queue": &QueuePage{Frame: who, Total: 1234, Count: w.counted(1234), Rows: rows, Narrowed: true, Narrowing: []Chip{{Label: "Thời hạn: Quá hạn", URL: "/staff/queue"}}, Wide: "/staff/queue", Q: filter("q"), Saving: saveForm(w, nil),
			Views:    []ViewLink{{Label: w.t("worklist.view.all"), URL: "/staff/queue", Count: "999+", Current: true}, {Label: w.t("worklist.view.overdue"), URL: "/staff/queue?view=overdue", Count: "7", Late: true}},
			Saved:    []ViewLink{{Label: "Đất đai quá hạn", URL: "/staff/queue?due=overdue", Count: "3"}},
			Claiming: true, Previous: "/staff/queue?before=1.x", Next: "/staff/queue?after=1.x", Given: []Hidden{{"view", "overdue"}},
			Filters: []Field{filter("status"), filter("scope"), filter("agency"), filter("topic"), filter("due"), filter("sort")}, Choosing: true},
		"staff-bulk": &BulkPage{Frame: who, Errors: fields.summary(), Notice: &Notice{Tone: "care", Text: w.t("bulk.mixed")},
			Cases: []ChosenCase{{Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", Title: sampleTitle, Language: "vi", Scope: w.t("scope.spam")}},
			Total: 1000, Carried: []Hidden{{"case", "HK-2A4F-7HKL-9MQT.3"}}, Back: "/staff/queue",
			Forms: []BulkForm{{Name: "reject", URL: "/staff/bulk/reject", Label: w.t("worklist.act.reject"), Effect: w.bulkEffect(civic.BulkReject), Open: true, Fields: []Field{text}}}},
		"staff-bulk-none": &BulkPage{Frame: who, Notice: &Notice{Tone: "care", Text: w.t("bulk.none")}},
		"staff-bulk-result": &BulkResultPage{Frame: who, Done: 1, Failed: 1, Rows: []BulkRow{{Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x"},
			{Code: "HK-3A4F-7HKL-9MQT", Problem: w.t("bulk.missing")}}},
		"staff-queue-empty": &QueuePage{Frame: who, Q: filter("q")},
		"staff-case": &StaffCasePage{Frame: who, Code: "HK-2A4F-7HKL-9MQT", CaseTitle: sampleTitle, Body: sampleBody, Language: "vi", Kind: civic.Recommendation, State: civic.InReview, Agency: most, Topic: funding,
			Before: []EarlierText{{"30/11/2026", "Sai tên", sampleTitle, sampleBody}}, Errors: fields.summary(), Notices: []*Notice{{Tone: "care", Title: w.t("desk.conflict_title"), Text: w.t("desk.conflict"), Alert: true}},
			Assignee: "Lê Thị Hoa", Channel: civic.ChannelWeb, Handovers: 1, Visibility: civic.PublicWithAnswer, PublicURL: "/vi/s/2A4F7HKL9MQT", ReceivedAt: sampleTime, ForwardDueAt: sampleTime, DueAt: sampleTime, DueState: civic.Overdue,
			DueText: w.plural("due.over", 2), SenderType: civic.Person, Contact: []Fact{{w.t("form.submitter.email.label"), "lan@example.vn"}},
			Scope: ScopeText{Lines: []string{w.t("scope.suggested", "verdict", w.t("scope.complaint"), "score", "87%")}, Several: []string{"Sửa đường", "Cấp sổ"},
				Channel: &ElsewhereText{Name: "Khiếu nại", Address: "Nơi ra quyết định", Link: "https://example.vn", Unchecked: true}}, Restricted: true,
			Route:      RouteText{Lines: []string{w.t("desk.route_by.model", "score", "87%"), w.t("desk.route_words", "words", "hồ sơ, chữ ký số, nhiệm vụ")}, Candidates: []Candidate{{most, "87%"}, {hanoi, "6%"}}},
			Duplicates: []Related{{Code: "HK-3A4F-7HKL-9MQT", URL: "/staff/cases/3A4F7HKL9MQT", Title: "Bỏ bản giấy trong hồ sơ nhiệm vụ", Language: "vi", State: civic.Merged, Reason: w.t("desk.score", "score", "94%")}},
			Similar: []Related{{Code: "HK-4A4F-7HKL-9MQT", Title: "Chữ ký số cho xã vùng cao", Language: "vi", State: civic.Answered, Reason: w.t("desk.similar_terms", "terms", "chữ ký số, bản giấy"), Advice: w.t("desk.advice.offer_answer"), AdviceURL: "/staff/cases/x?into=y#act-merge"},
				{Code: "HK-5A4F-7HKL-9MQT", Title: "Trả lời riêng", Language: "vi", State: civic.Answered, Reason: w.t("desk.obstacle.answered_in_private"), Advice: w.t("desk.advice.publish_first")}},
			Cluster:  w.plural("desk.cluster", 1234, "first", "02/03/2026", "last", "22/11/2026"),
			Todos:    []TodoLine{{ID: 1, Text: "Gọi cho xã", Who: "Lê", FinishURL: "/staff/cases/HK-2A4F-7HKL-9MQT/finish-todo", Version: 3}},
			Opinions: []OpinionText{{Asker: most, Agency: most, Question: "?", AskedBy: "–", State: civic.OpinionGiven, Text: "Áp dụng.", SettledBy: "–"}},
			Related:  []Related{{Code: "HK-6A4F-7HKL-9MQT", URL: "/staff/cases/z", Title: "Ký số", Language: "vi", State: civic.Triage, Reason: w.t("team.relation.part")}},
			Answer:   &StaffAnswer{Text: sampleAnswer().Text, Outcome: civic.OutcomePartly, By: w.t("desk.answer_by", "name", "Lê Thị Hoa", "time", "14:05, 22/11/2026"), Remarks: "Nêu rõ căn cứ pháp lý."},
			Messages: []MessageLine{{Kind: civic.MessageReceipt, State: w.t("desk.message_state.not_sent"), Reason: w.t("desk.message_reason.no_channel"), Failed: true}},
			Timeline: sampleTimeline(w), Kept: []Fact{{w.t("form.text.label"), "Nội dung đã viết"}},
			Writing: []Action{
				{Name: "draft-answer", URL: "/staff/cases/x/draft-answer", Label: w.t("action.draft-answer.label"), Effect: w.t("action.draft-answer.effect"), Version: 7, Open: true,
					Answer: &AnswerForm{Text: text, Outcome: fields.field("outcome", nil), Points: []Field{fields.field("points.0", func(f *Field) { f.Widget, f.Label = "checkbox", "Đã trả lời: “Khi nào?”" })},
						Promises: [][]Field{{fields.field("document_number", nil)}}, Promising: "accepted partly", Paper: []Field{fields.field("signatory", nil)}, UploadURL: "/staff/cases/x/paper", SavesURL: "/staff/cases/x/saves"},
					Buttons: []Button{{Label: w.t("action.draft-answer.submit"), Name: "submit"}, {Label: w.t("action.draft-answer.go"), Tone: "secondary"}}},
			},
			Actions: []Action{
				{Name: "approve", URL: "/staff/cases/x/approve", Label: w.t("action.approve.label"), Effect: w.t("action.approve.effect"), Version: 7, Open: true,
					Fields: []Field{{Widget: "checkbox", Name: "publish", Prefix: "approve-", Label: w.t("form.publish.label"), Value: "yes"}}, Buttons: []Button{{Label: w.t("action.approve.go")}}},
				{Name: "note", URL: "/staff/cases/x/note", Label: w.t("action.note.label"), Effect: w.t("action.note.effect"), Version: 7, Buttons: []Button{{Label: w.t("action.note.go")}}},
			}},
		"staff-intake": &KeyedPage{Frame: who, Key: "k", Fields: []Field{text}},
		"staff-intake-review": &KeyedPage{Frame: who, Key: "k", Review: true, Rows: []Row{{Label: "Lời", Value: sampleBody, Long: true}, {Label: "Điện thoại", Value: w.t("submit.not_given"), Empty: true}}, Kept: []Hidden{{"via", "letter"}},
			Findings: &CheckPage{OnlyAttachment: true, Accuses: true, Personal: []Row{{Label: "Số điện thoại", Value: "0912 345 678"}},
				Channel: &ChannelAdvice{Name: Name{"Khiếu nại", "vi"}, Message: Name{"Theo Luật Khiếu nại.", "vi"}, Address: Name{"Nơi ra quyết định.", "vi"}}},
			Near: []Related{{Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", Title: sampleTitle, Language: "vi", State: civic.Assigned, Reason: "98%"}}, Similar: []Related{{Code: "HK-3A4F-7HKL-9MQT", State: civic.Triage, Reason: "40%"}}},
		"staff-intake-receipt": &KeyedReceiptPage{Frame: who, Language: "vi", Code: "HK-2A4F-7HKL-9MQT", Secret: "3AFH-7KLM", CaseTitle: sampleTitle, Lead: "Đã nhận.", Keep: w.t("sent.keep"), Due: "Hạn.", At: "Theo dõi.",
			Labels: map[string]string{"title": "Giấy báo tiếp nhận", "code": "Mã hồ sơ", "secret": "Mã bí mật", "qr": "Quét.", "qrLabel": "Mã QR"}, QR: QRCode{Size: 33, Path: "M4 4h7v1h-7z"}, CaseURL: "/staff/cases/x"},
		"staff-todos": &TodosPage{Frame: who, Count: w.plural("team.count", 2), Todos: []TodoLine{
			{ID: 1, Text: "Gọi cho xã", Who: "Lê", Until: sampleTime, Late: true, Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/HK-2A4F-7HKL-9MQT", Title: sampleTitle, Language: "vi"},
			{ID: 2, Text: "Xem lại", Who: "Lê", Done: w.t("team.done_by", "name", "Lê", "time", "09:00"), Code: "HK-3A4F-7HKL-9MQT", URL: "/staff/cases/x", Title: sampleTitle, Language: "vi"}}},
		"staff-todos-none": &TodosPage{Frame: who, Count: w.plural("team.count", 0)},
		"staff-opinions": &OpinionsPage{Frame: who, Count: w.plural("opinions.count", 1), More: w.t("opinions.more", "n", "1"), Rows: []OpinionRow{{
			Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/HK-2A4F-7HKL-9MQT", Title: sampleTitle, Language: "vi", Question: "Quy chuẩn nào áp dụng?", Asker: most, Agency: most, DueAt: sampleTime, DueText: w.t("due.today"), Late: true,
		}}},
		"staff-opinions-none": &OpinionsPage{Frame: who, Count: w.plural("opinions.count", 0)},
		"staff-opinion": &OpinionCasePage{Frame: who, Code: "HK-2A4F-7HKL-9MQT", CaseTitle: sampleTitle, Body: sampleBody, Language: "vi", Kind: civic.Recommendation, Topic: funding,
			Requests: []OpinionText{{Asker: most, Agency: most, Question: "Quy chuẩn nào áp dụng?", AskedBy: w.t("opinions.asked_by", "name", "Lê", "time", "09:00"), DueAt: sampleTime, DueText: w.t("due.today"), State: civic.OpinionAsked}},
			Actions:  []OpinionAction{{Opinion: "1", Action: Action{Name: "give-opinion-1", URL: "/staff/cases/HK-2A4F-7HKL-9MQT/give-opinion", Label: w.t("action.give-opinion.label", "agency", "Bộ"), Effect: w.t("action.give-opinion.effect"), Open: true, Buttons: []Button{{Label: w.t("action.give-opinion.go")}}}}},
			Kept:     []Fact{{"a", "b"}}},
		"staff-opinion-closed": &OpinionCasePage{Frame: who, Code: "HK-2A4F-7HKL-9MQT", CaseTitle: sampleTitle, Body: sampleBody, Language: "vi", Kind: civic.Recommendation, Closed: true,
			Requests: []OpinionText{{Asker: most, Agency: most, Question: "?", AskedBy: "–", State: civic.OpinionGiven, Text: "Áp dụng.", SettledBy: w.t("opinions.settled_by", "name", "Lê", "time", "09:00")}}},
		"staff-case-files": &StaffCasePage{Frame: who, Code: "HK-2A4F-7HKL-9MQT", CaseTitle: "x", Language: "vi", Kind: civic.Solution, State: civic.Received, Channel: civic.ChannelWeb, SenderType: civic.Person, Visibility: civic.Private, ReceivedAt: sampleTime, Files: sampleFiles(w).Files},
		"staff-case-bare":  &StaffCasePage{Frame: who, Code: "HK-2A4F-7HKL-9MQT", CaseTitle: "x", Language: "vi", Kind: civic.Solution, State: civic.Received, Channel: civic.ChannelImport, SenderType: civic.Organisation, Visibility: civic.Private, ReceivedAt: sampleTime},
	}
}

func sampleStats(w words) *StatsPage {
	months := []openness.Group{
		{Code: "2026-10", Figures: openness.Figures{Submissions: 120, Cases: 80, InTime: 60, Late: 8, Open: 12, Overdue: 4, Median: 9, Ninth: 21, Yes: 3, No: 1}},
		{Code: "2026-11", Figures: openness.Figures{Submissions: 60, Cases: 50, InTime: 5, Open: 45, Median: -1, Ninth: -1}},
	}
	p := &StatsPage{At: sampleTime, Columns: statsColumns, Spans: []Link{{Label: "Tất cả", URL: "/vi/stats", Current: true}, {Label: "2026", URL: "/vi/stats?year=2026"}},
		Key: w.keyFigures(months[0].Figures), Chart: w.chart(openness.Report{Months: months}), Files: []DataFile{{"11/2026", "/open-data/2026-11.csv", "/open-data/2026-11.json"}},
		Licence: Licence{"CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/", "Hiến Kế"}, Narrowed: true, ClearURL: "/vi/stats",
		Overdue: []OverdueRow{{Agency: most, Overdue: 4, Long: 1, Longest: 42, Waiting: 1, Prolonged: 2}},
		Tables:  []StatsTable{w.table("agency", months[0].Figures, months, func(string) Name { return most })}}
	p.Tables[0].More = 3
	return p
}
