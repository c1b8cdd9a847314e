package web

import (
	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/openness"
	"hienke/internal/store"
)

// deskPages are the pages around one case, of data protection and of what is
// looked at later, full and empty, for TestEveryPage.
func deskPages(w words) map[string]Page {
	who := Frame{Section: "queue", Staff: StaffName{Name: "Trần Văn Bình", Role: civic.RoleCoordinator}}
	f := newForm(w, map[string]string{}, nil)
	text := f.field("reason", textarea(3))
	form := FormBlock{ID: "one", Title: "Việc làm", Lead: "Điều xảy ra.", URL: "/staff/x", Hidden: []Hidden{{"version", "1"}}, Fields: []Field{text}, Button: "Gửi"}
	stop := []*Notice{{Tone: "stop", Title: w.t("desk.refused_title"), Text: "x", Alert: true}}
	wrong := []FieldError{{text.ID(), "x"}}
	made := RequestLine{Ref: "DL-2A4F7HKL9M", Kind: civic.PrivacyKinds[0], State: civic.PrivacyStates[0], MadeAt: sampleTime, ReplyBy: sampleTime, DueAt: sampleTime, Extended: "Nhiều hồ sơ", Reason: "Đã làm"}
	row := PrivacyRow{RequestLine: made, URL: "/staff/privacy/1", Code: "HK-2A4F-7HKL-9MQT", CodeURL: "/staff/cases/x", Late: true, ClosedAt: sampleTime}
	at := Moment{At: sampleTime, What: "x"}
	share := Share{Count: 12, Part: "34%"}
	open := CommitmentText{ID: 1, What: "Công bố số liệu", Who: "Cục Mẫu", Note: "Đang làm", Until: sampleTime, State: civic.CommitmentOpen, Late: true, SettleURL: "/staff/x"}
	sides := []CompareSide{
		{Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", Language: "vi", State: civic.Answered, Agency: most, ReceivedAt: sampleTime, Title: []matching.Run{{Text: "Cầu "}, {Text: "<vượt>", Differs: true}}, Body: []matching.Run{{Text: sampleBody}}, Answer: sampleAnswer()},
		{Code: "HK-3A4F-7HKL-9MQT", Language: "en", State: civic.Rejected, ReceivedAt: sampleTime, Rejection: &RejectionText{Reason: "x", Message: "Xin gửi nơi khác."}},
	}
	some := Figure{7, "/staff/queue?due=overdue"}
	ages := SteeringAge{Label: "0 – 7", States: []SteeringState{{"x", some}, {}, {"x", some}}, All: some, Overdue: some}
	report := openness.Report{Months: []openness.Group{{Code: "2026-11", Figures: openness.Figures{Cases: 80, InTime: 60, Late: 8}}}}
	printed := &StaffCasePage{
		Frame: who, Code: "HK-2A4F-7HKL-9MQT", CaseTitle: sampleTitle, Body: sampleBody, Language: "vi", Kind: civic.Recommendation, State: civic.InReview, Agency: most, Topic: funding, Area: Name{"Tỉnh Cao Bằng", "vi"},
		Assignee: "Lê Thị Hoa", Channel: civic.ChannelLetter, ReceivedAt: sampleTime, DueAt: sampleTime, Questions: []Question{{Text: "Ở xã nào?", AskedAt: sampleTime, Reply: "Xã Mẫu", EndedAt: sampleTime}},
		Answer: &StaffAnswer{Text: sampleBody, Outcome: civic.OutcomePartly, By: "Lê Thị Hoa", ApprovedBy: "Trần Văn Bình"}, Rejection: &RejectionText{Reason: "x", Message: "y"}, Timeline: sampleTimeline(w),
	}
	return map[string]Page{
		"privacy-register":   &HoldingsPage{Rows: []HoldingRow{{Name{"Thông tin liên hệ", "vi"}, most, hanoi, funding, most, hanoi}}},
		"privacy-ask":        &PrivacyAskPage{Errors: wrong, Notice: stop[0], Fields: []Field{text}},
		"privacy-made":       &PrivacyAskPage{Made: &made},
		"staff-privacy-none": &PrivacyPage{Frame: who}, "staff-privacy-done": &PrivacyPage{Frame: who, Closed: true, Rows: []PrivacyRow{row}},
		"staff-privacy": &PrivacyPage{Frame: who, Children: []ChildRow{
			{Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", State: civic.GuardianWaiting, AskedAt: sampleTime, Until: sampleTime, Reminded: true},
			{Code: "HK-3A4F-7HKL-9MQT", URL: "/staff/cases/y", State: civic.GuardianRefused, Until: sampleTime, Why: w.t("guardian.reason.not_mine")},
		}, Rows: []PrivacyRow{row, {RequestLine: made, URL: "/staff/privacy/2", Replied: true}}},
		"staff-privacy-request": &PrivacyCasePage{Frame: who, Errors: wrong, Notices: stop, Heading: "DL-2A4F7HKL9M", Row: row, Text: "Xin xóa tên tôi.", Facts: []Fact{{"Tên", "Lò Văn Mẫu"}},
			Consents: []ConsentRow{{Purpose: "x", Version: "1", How: "y", At: sampleTime, Holds: true}, {Purpose: "x", At: sampleTime}}, Forms: []FormBlock{form}, Conflict: &Conflict{Back: "#" + form.ID, Texts: []ConflictText{{Label: "x", Mine: []matching.Run{{Text: "Lam", Differs: true}}, Theirs: []matching.Run{{Text: "Lan", Differs: true}}}}},
			ByHand: "x", Messages: []PrivacyMessageRow{{Kind: civic.PrivacyReceipt, State: "x"}, {Kind: civic.PrivacyReply, State: "x", Reason: "y", Failed: true, Letter: "/staff/privacy/DL-1/letter", Post: "/staff/privacy/DL-1/posted", Kept: "x"}, {Kind: civic.PrivacyEnd, State: "x", Failed: true, Posted: "30/11/2026"}}},
		"staff-privacy-request-bare": &PrivacyCasePage{Frame: who, Heading: "DL-2A4F7HKL9M", Row: PrivacyRow{RequestLine: made}},
		"staff-looks-empty":          &LooksPage{Frame: who, Code: f.field("code", nil)},
		"staff-looks": &LooksPage{Frame: who, Code: f.field("code", nil), Notice: stop[0], Total: 2, Newer: "?page=1", Older: "?page=3", Rows: []LookRow{
			{At: at, Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", Person: "Lê Thị Hoa", Role: civic.RoleOfficer, Agency: most, Reason: "Gọi điện"}, {At: at, Code: "HK-3A4F-7HKL-9MQT", URL: "/staff/cases/y"}}},
		"staff-audit-empty": &AuditPage{Frame: who, Filters: []Field{text}},
		"staff-audit": &AuditPage{Frame: who, Errors: wrong, Filters: []Field{text}, Person: "Lê Thị Hoa", Kept: []Hidden{{"person", "1"}}, Newer: "/staff/audit", Older: "/staff/audit?before=1", Files: []Link{{Label: "CSV", URL: "/staff/audit.csv"}}, Rows: []AuditRow{
			{Seq: 7, At: at, Who: "Lê Thị Hoa", WhoURL: "/staff/audit?person=1", What: "Xem liên hệ", Detail: "x", Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", Agency: most, Reason: "Gọi điện", Subject: Link{Label: "Trần Văn Bình", URL: "/staff/users/7"}, Hash: "ab12"}, {Seq: 6, At: at, Who: w.t("desk.by_system"), What: "Chuyển"}}},
		"staff-privacy-extract": &ExtractPage{Frame: who, Ref: "DL-1", Back: "/staff/privacy/DL-1", URL: "/staff/privacy/DL-1/extract", MadeAt: sampleTime, Files: true,
			Sections: []ExtractSection{{Title: w.t("extract.contact"), Rows: []ExtractFact{{"Họ và tên", "Nguyễn Thị Lan"}}}, {Title: w.t("extract.files")}}},
		"staff-case-print":        &CasePrintPage{printed, sampleTime},
		"staff-case-print-bare":   &CasePrintPage{&StaffCasePage{Frame: who, Code: "HK-2A4F-7HKL-9MQT", CaseTitle: "x", Language: "vi", Kind: civic.Solution, State: civic.Received, Channel: civic.ChannelImport, ReceivedAt: sampleTime, Answer: &StaffAnswer{Text: "x", Outcome: civic.OutcomeExplained}}, sampleTime},
		"staff-commitments-empty": &CommitmentsPage{Frame: who}, "staff-commitments": &CommitmentsPage{Frame: who, Rows: []OpenCommitmentRow{{open, "HK-2A4F-7HKL-9MQT", "/staff/cases/x", sampleTitle, most}}},
		"staff-compare": &ComparePage{Frame: who, Back: "/staff/cases/x", Verdict: w.t("desk.score", "score", "94%"), Sides: sides}, "staff-compare-equal": &ComparePage{Frame: who, Back: "/staff/cases/x", Equal: true, Sides: sides[:1]},
		"staff-figures-empty": &FiguresPage{Frame: who, Empty: true},
		"staff-figures": &FiguresPage{Frame: who, Spans: []Link{{Label: "4", URL: "?weeks=4", Current: true}, {Label: "12", URL: "?weeks=12"}},
			Weeks:    []FigureRow{{Week: "16/11 – 22/11/2026", Now: true, Received: 1234, Joined: share, Undone: share, Alone: share, Corrected: share, ToPerson: share, First: share, AmongThree: share, ByRule: 5}},
			Agencies: []FigureAgency{{Name: most, Alone: 5, Corrected: share, To: []FigureTo{{hanoi, 3}, {funding, 1}}}, {Name: hanoi}},
			Scopes:   []store.ScopeCount{{Suggested: civic.Spam, Decided: civic.InScope, Cases: 3}}, Arrivals: []store.Arrivals{{Channel: civic.ChannelWeb, Received: 9, Held: 2, Released: 1}}},
		"staff-steering-empty": &SteeringPage{Frame: who, Unit: f.field("within", nil), At: sampleTime, States: civic.Open, ByAge: w.chart(openness.Report{}), ByWeek: w.chart(openness.Report{})},
		"staff-steering": &SteeringPage{Frame: who, Spans: []Link{{Label: "4", URL: "?weeks=4", Current: true}, {Label: "12", URL: "?weeks=12"}}, Weeks: 4, Unit: f.field("within", nil), File: "/staff/figures/export", At: sampleTime,
			States: civic.Open, Backlog: []SteeringAge{ages, {Label: "8 – 14"}}, Total: ages, ByAge: w.chart(report), ByWeek: w.chart(report), Until: "30/11/2026", Silence: "01/11/2026", Foreseen: some, More: 3,
			Flow:     []SteeringWeek{{Label: "16/11 – 22/11/2026", Now: true, Received: some, Returned: some, Settled: some, Change: w.signed(-3)}, {Label: "09/11 – 15/11/2026", Change: w.signed(0)}},
			Agencies: []SteeringAgency{{Name: most, Silent: true, Open: some, Overdue: some, Foreseen: some, Quiet: some, HandedBack: some, Due: 4, Rate: w.decimal(1.5)}, {Name: hanoi, Rate: "–"}},
			Quality:  []SteeringQuality{{Name: string(civic.Figures[0]), Count: some, Part: "34%"}, {Name: string(civic.Figures[1])}}},
		"staff-saves-empty":            &SavesPage{Frame: who, Code: "HK-2A4F-7HKL-9MQT", Back: "/staff/cases/x"},
		"staff-saves":                  &SavesPage{Frame: who, Code: "HK-2A4F-7HKL-9MQT", Back: "/staff/cases/x", Rows: []SaveRow{{At: sampleTime, By: "Lê Thị Hoa", Auto: true, Text: sampleBody, Letters: 120, RestoreURL: "/staff/x"}, {At: sampleTime, By: "Lê Thị Hoa", Text: "x", Letters: 1}}},
		"staff-template-history-empty": &TemplateHistoryPage{Frame: who, Name: "Tiếp thu", URL: "/staff/templates/1/history"},
		"staff-template-history": &TemplateHistoryPage{Frame: who, Name: "Tiếp thu", URL: "/staff/templates/1/history", Rows: []TemplateVersionRow{
			{At: sampleTime, By: "Lê Thị Hoa", Name: "Tiếp thu", Text: sampleBody, Agency: most, Current: true}, {At: sampleTime, Name: "Cũ", Text: "x", Retired: true, Restore: "1", Label: "14:05, 22/11/2026"}}},
		"staff-templates-empty": &TemplatesPage{Frame: who, Form: form, Fresh: true},
		"staff-templates":       &TemplatesPage{Frame: who, Errors: wrong, Notices: stop, Fields: "{mã}", Form: form, Rows: []TemplateRow{{Name: "Tiếp thu", Text: sampleBody, Agency: most, UpdatedAt: sampleTime, Edit: "/staff/templates?id=1", Retire: "/staff/templates/1/retire"}, {Name: "Chung", Text: "x", UpdatedAt: sampleTime}}},
	}
}

// sampleFiles are files in every state, of the sender and of staff.
func sampleFiles(w words) *FileForm {
	form := &FileForm{
		Action: "/vi/track/HK-2A4F-7HKL-9MQT/files", Accept: fileAccept, MaxSize: 10 << 20, Limits: w.t("files.limits", "count", "5", "size", "10", "total", "25"),
		Errors: []FieldError{{"files", w.t("problem.file.too_large")}}, Open: true,
	}
	for _, state := range []civic.AttachmentState{civic.FileUploading, civic.FileWaiting, civic.FileClean, civic.FileRefused} {
		row := w.fileRow(civic.Attachment{Ref: "r" + string(state), Name: "Ảnh <cầu>.jpg", Type: "image/jpeg", Size: 1 << 20, Received: 1 << 10, State: state, Reason: "file.infected", OfStaff: state == civic.FileClean})
		row.URL, row.RemoveURL = "/vi/track/x/files/"+row.Ref, "/vi/track/x/files/"+row.Ref+"/remove"
		form.Files = append(form.Files, row)
	}
	return form
}
