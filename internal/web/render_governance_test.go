package web

import (
	"hienke/internal/civic"
	"hienke/internal/notices"
)

// governancePages are the pages on which staff govern the routing, full and
// empty, for TestEveryPage.
func governancePages(w words) map[string]Page {
	who := Frame{Section: "rules", Staff: StaffName{Name: "Trần Văn Bình", Role: civic.RoleAdministrator}}
	live, draft := Tag{w.t("rules.live", "version", 3), "done"}, Tag{w.t("rules.draft", "version", 4), "active"}
	const condition = "any(\"đơn đăng ký sáng chế\", \"bằng độc quyền sáng chế\",\n    \"Cục Sở hữu trí tuệ\") and Kind != \"initiative\""
	f := newForm(w, map[string]string{"reason": "Hợp nhất."}, nil)
	reason := f.field("reason", func(field *Field) { field.Widget, field.Rows = "textarea", 3 })
	to := Field{Widget: "select", Name: "to.x", Label: w.t("agencies.to", "code", "HK-2A4F-7HKL-9MQT"), Options: []Option{{Label: w.t("form.choose")}, {Value: "y", Label: most.Text}}}
	wrong := to
	wrong.Prefix, wrong.Error = "wrong-", w.t("problem.at.agency.unknown_value")
	steps := w.tryForm("so-huu", 4, 30)
	stop := []*Notice{{Tone: "stop", Title: w.t("models.broken_title"), Text: w.t("models.broken", "version", "a1", "detail", "checksum"), Alert: true}}
	clerk := Frame{Section: "post", ToPost: 3, Staff: StaffName{Name: "Trần Văn Bình", Role: civic.RoleOfficer, Agency: most.Text}}
	return map[string]Page{
		"staff-post-empty": &PostPage{Frame: clerk},
		"staff-post": &PostPage{Frame: clerk, Notice: &Notice{Tone: "care", Text: w.t("letters.moved_on"), Alert: true}, Total: 51, More: 50, Protected: 2,
			Waiting: []LetterRow{{Mark: "1.0", Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", Kind: civic.MessageAnswer, Agency: hanoi, At: sampleTime}, {Mark: "2.0", Code: "HK-3A4F-7HKL-9MQT", URL: "/staff/cases/y", Kind: civic.MessageRejected, At: sampleTime}},
			Posted:  []LetterRow{{Mark: "3.1", Code: "HK-4A4F-7HKL-9MQT", URL: "/staff/cases/z", Kind: civic.MessageQuestion, Agency: hanoi, At: sampleTime, By: "Trần Văn Bình"}}},
		"staff-letters-request": &LettersPage{Frame: clerk, Back: "/staff/privacy/DL-1", Sheets: []Sheet{{Language: "vi", Name: "x", Address: "y", Code: "DL-1"}}},
		"staff-letters-none":    &LettersPage{Frame: clerk, Gone: 2},
		"staff-letters": &LettersPage{Frame: clerk, Gone: 1, Sheets: []Sheet{{
			Mark: "1.0", Language: "vi", From: []string{"Sở Mẫu", "1 Phố Mẫu"}, Name: "Lò Văn Mẫu", Address: "Bản Mẫu,\nxã Mẫu", Date: "29 tháng 11 năm 2026",
			Code: "HK-2A4F-7HKL-9MQT", CodeLabel: "Mã hồ sơ", Subject: "Sở Mẫu cần ông/bà bổ sung thông tin", ReplyTo: "Xin viết về 1 Phố Mẫu.", Aid: "Xin gọi 024 0000 0000.",
			Parts: []notices.Part{{Paragraphs: [][]string{{"Kính gửi ông", "Lò Văn Mẫu"}}}, {Quoted: true, Paragraphs: [][]string{{"Cầu nào?"}}}, {Facts: [][2]string{{"Hạn", "ngày 1"}}}},
		}}},
		"staff-rules-empty": &RulesPage{Frame: who},
		"staff-rules": &RulesPage{Frame: who, Notices: stop, Rows: []RuleRow{
			{ID: "so-huu", URL: "/staff/rules/so-huu", Name: "Quyền sở hữu công nghiệp", Place: 1, Down: 2, Tags: []Tag{live, draft}, Agency: most, Validity: w.t("rules.always"), Owner: "coordinators"},
			{ID: "lao-dong", URL: "/staff/rules/lao-dong", Name: "Lao động", Place: 2, Up: 1, Tags: []Tag{live, {w.t("rules.dormant"), "wait"}}, Agency: hanoi, Validity: w.validity(sampleTime, sampleTime),
				Owner: "Tổ điều phối", Faults: []string{w.t("rules.fault_agency", "agency", hanoi.Text), w.plural("rules.fault_errors", 7, "time", "14:05, 22/11/2026", "detail", "memory budget exceeded")}},
		}},
		"staff-rule-new": &RulePage{Frame: who, Heading: w.t("rules.new"), URL: newRulePath, Fields: []Field{reason}},
		"staff-rule": &RulePage{Frame: who, ID: "so-huu", Heading: "Quyền sở hữu công nghiệp", URL: "/staff/rules/so-huu", Base: 4, Tags: []Tag{live, draft}, Faults: []string{w.t("rules.fault_broken", "detail", "unknown name")},
			Errors: []FieldError{{ID: reason.ID(), Text: "x"}}, Fields: []Field{reason}, Codes: []RuleCodes{{w.t("rules.codes.Topic"), []RuleCode{{"research-funding", funding}}}},
			Steps: []RuleStep{{Heading: draft.Text, Text: w.t("rules.step_tried"), Try: steps, Links: []Link{{Label: w.t("rules.go_live"), URL: "/staff/rules/so-huu/go-live?version=4"}}}, {Heading: live.Text, Text: w.t("rules.step_live")}},
			History: []RuleHistory{{Version: 4, Tag: w.stateTag("draft"), Lines: []string{w.t("rules.written", "time", "14:05, 22/11/2026", "name", "Trần Văn Bình")}, Condition: condition,
				Facts: []Fact{{w.t("rules.field.owner"), "Tổ điều phối"}}, Agency: most, DryRun: "/staff/rules/so-huu/dry-run?version=4"}}},
		"staff-dry-run-empty": &DryRunPage{Frame: who, RuleName: "Quyền sở hữu công nghiệp", Agency: most, When: sampleTime, Back: "/staff/rules/so-huu"},
		"staff-dry-run": &DryRunPage{Frame: who, RuleName: "Quyền sở hữu công nghiệp", Agency: most, When: sampleTime, Back: "/staff/rules/so-huu", GoLive: "/staff/rules/so-huu/go-live?version=4", Try: steps,
			Notices: []*Notice{{Tone: "care", Text: w.t("rules.stale")}}, Lines: []string{w.plural("rules.looked", 10000), w.plural("rules.matched", 1)},
			Agencies: []DryRunAgency{{most, 812, 0}, {Name{}, 0, 800}}, Failures: []string{w.plural("rules.dry_failure", 3, "rule", "lao-dong", "version", 2, "detail", "x")},
			Examples: []DryRunExample{{"HK-2A4F-7HKL-9MQT", "/staff/cases/x", sampleTitle, hanoi, most}}},
		"staff-confirm": &ConfirmPage{Frame: who, Heading: w.t("rules.confirm.go-live.title", "rule", "Quyền sở hữu công nghiệp", "version", 4), Lines: []string{w.t("rules.confirm.go-live.effect", "agency", most.Text)},
			URL: "/staff/rules/so-huu/go-live", Kept: []Hidden{{"version", "4"}}, Button: Button{Label: w.t("rules.go_live")}, Back: Link{Label: w.t("rules.back_to_rule"), URL: "/staff/rules/so-huu"}},
		"staff-models-empty": &ModelsPage{Frame: who, Serving: w.t("models.none")},
		"staff-models": &ModelsPage{Frame: who, Notices: stop, Serving: w.t("models.serving", "version", "b2"), Asked: w.t("models.asked", "time", "14:05"), Lines: []string{w.plural("models.confirmed", 1234)},
			Versions: []ModelRow{{Version: "a1b2c3d4e5f60718", TrainedAt: sampleTime, Reason: w.t("models.reason.nightly"), Examples: 1234, Classes: 61, Accuracy: w.tenths(0.8374), MacroF1: w.tenths(0.805), Top3: w.tenths(0.958), Auto: w.tenths(0.451),
				Tags: []Tag{{w.t("models.tag_serving"), "done"}}, Verdict: w.t("models.verdicts.not_worse"), Compared: w.plural("models.compared", 123, "own", 9, "rival", 4), Activate: "/staff/models/a1/activate"}},
			Trainings:   []TrainingRow{{sampleTime, w.t("models.reason.asked"), w.t("models.verdicts.failed"), true}, {sampleTime, w.t("models.reason.first"), w.t("models.running"), false}},
			Calibration: []CalibrationRow{{"90% – 100%", w.tenths(0.961), w.tenths(0.958), 24}}},
		"staff-agencies-empty": &AgenciesPage{Frame: who, Stranded: &StrandedList{}},
		"staff-agencies": &AgenciesPage{Frame: who, Waiting: 3, Flags: []AgencyFlag{{hanoi, []Tag{{w.t("agencies.flag.silent"), "stop"}}, []string{w.plural("agencies.due", 5, "in_time", 0, "late", 0, "waiting", 5)}}},
			Stranded: &StrandedList{Total: 51, Number: 1, Fields: []Field{reason}, Any: true, Pager: samplePager(), Rows: []StrandedRow{
				{Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", Title: sampleTitle, Language: "vi", Agency: hanoi, Topic: funding, State: civic.Assigned, Movable: true, Chosen: true, To: to},
				{Code: "HK-3A4F-7HKL-9MQT", URL: "/staff/cases/y", Title: sampleTitle, Language: "vi", Agency: hanoi, State: civic.InProgress, Movable: true},
				{Code: "HK-4A4F-7HKL-9MQT", URL: "/staff/cases/z", Title: sampleTitle, Language: "vi", Agency: hanoi, State: civic.InReview}}}},
		"staff-examples-empty": &ExamplesPage{Frame: who},
		"staff-examples": &ExamplesPage{Frame: who, Total: 51, Number: 1, Pager: samplePager(), Errors: []FieldError{{ID: wrong.ID(), Text: wrong.Error}}, Rows: []ExampleRow{
			{Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", Title: sampleTitle, Agency: hanoi, Topic: funding, At: sampleTime, To: wrong},
			{Code: "HK-3A4F-7HKL-9MQT", URL: "/staff/cases/y", Title: sampleTitle, Agency: hanoi, At: sampleTime, To: to}}},
	}
}
