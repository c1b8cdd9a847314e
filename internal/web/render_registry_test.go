package web

import (
	"hienke/internal/civic"
	"hienke/internal/directory"
)

// registryPages are the pages of the figures and of the lists, full and empty,
// for TestEveryPage.
func registryPages(w words) map[string]Page {
	who := Frame{Section: "registry", Staff: StaffName{Name: "Đỗ An", Role: civic.RoleAdministrator}}
	f := newForm(w, map[string]string{}, nil)
	reason := f.field("reason", func(field *Field) { field.Label, field.Hint, field.Required = w.t("registry.field.reason"), "", true })
	unit := f.field("within", func(field *Field) {
		field.Widget, field.Required, field.Options = "select", true, []Option{{Label: w.t("steering.whole")}}
	})
	form := func(id string) FormBlock {
		own := reason
		own.Prefix = id + "-"
		return FormBlock{ID: id, Title: w.t("registry.change"), URL: "/staff/registry/agency/x", Button: w.t("registry.save"), Fields: []Field{own}}
	}
	some, none := Figure{1234, "/staff/queue?figure=foreseen"}, Figure{}
	states := []SteeringState{{"x", some}, {"x", none}, {"x", some}, {"x", none}, {"x", none}, {"x", some}}
	chart := StatsChart{Wide: bars("x", []barPair{{"01/11", 9, 4}}, chartWide), Narrow: bars("x", []barPair{{"01/11", 9, 4}}, chartNarrow)}
	lines := []EntryLine{
		{HistoryLine: HistoryLine{At: sampleTime, What: "Sửa: Bộ Y tế (bo-y-te)", By: "Đỗ An"}, URL: "/x", Reason: "Nghị quyết", Fields: []EntryField{{"Tên", "a", "b"}}, Undo: "/y", Label: "x"},
		{HistoryLine: HistoryLine{At: sampleTime, What: "Hoàn tác: Bộ Y tế (bo-y-te)", By: "Đỗ An"}, URL: "/x", Reason: "Nhầm"},
	}
	holds := Tag{w.t("registry.holds"), "done"}
	apply := form("apply")
	parts := []MergePart{
		{Name: "Hồ sơ", Count: "2", Says: "x", Items: []MergeItem{{Link: Link{Label: "HK", URL: "/x"}, Says: "y"}, {Link: Link{Label: "Hoa"}, Lang: "vi"}}, More: 3},
		{Name: "Nhãn", Count: "1"},
	}
	return map[string]Page{
		"staff-steering-empty": &SteeringPage{Frame: who, Unit: unit, States: civic.Open},
		"staff-steering": &SteeringPage{
			Frame: who, Unit: unit, Spans: []Link{{Label: "8", URL: "/x", Current: true}}, At: sampleTime, States: civic.Open, Until: "06/12/2026", Silence: "16/11/2026",
			Foreseen: some, Total: SteeringAge{Label: w.t("steering.total"), All: some, Overdue: some, States: states}, ByAge: chart, ByWeek: chart,
			Backlog: []SteeringAge{{Label: w.t("steering.age_from", "least", "60"), All: some, Overdue: none, States: states}},
			Flow:    []SteeringWeek{{Label: "23/11 – 29/11", Now: true, Received: some, Returned: none, Settled: some, Change: "+1"}},
			Agencies: []SteeringAgency{
				{Name: most, Silent: true, Open: some, Overdue: some, Foreseen: some, Quiet: some, HandedBack: none, Rate: "–"},
			}, More: 12, Asked: "x",
			Waits: []SteeringWait{{State: civic.InReview, All: some, Overdue: some}, {State: civic.Triage, All: some}}, Opinions: []SteeringOpinion{{Name: most, Asked: 2, Late: 1}},
			Quality: []SteeringQuality{{Name: string(civic.FigureHelped), Count: some, Part: "50%"}, {Name: string(civic.FigureUndone), Count: none}},
		},
		"staff-registry-empty": &RegistryPage{Frame: who, Kind: civic.HoldingEntry, Q: unit},
		"staff-registry": &RegistryPage{
			Frame: who, Kind: civic.AgencyEntry, Kinds: []Link{{Label: w.t("registry.kind.agency"), URL: "/x", Current: true}}, Q: unit, Total: 60, New: "/n", Table: "/t",
			Rows: []EntryRow{{Code: "bo-y-te", URL: "/x", Name: most, Parent: "chinh-phu", State: holds}}, History: lines,
		},
		"staff-entry-new": &EntryPage{Frame: who, Kind: civic.TopicEntry, Change: form("change"), Back: Link{Label: "x", URL: "/x"}},
		"staff-entry": &EntryPage{
			Frame: who, Kind: civic.AgencyEntry, Code: "bo-y-te", Name: most, State: holds, Change: form("change"), Merge: "/x", Acts: []FormBlock{form("end")}, History: lines,
			Back: Link{Label: "x", URL: "/x"},
		},
		"staff-merge-empty": &MergePage{Frame: who, Name: most, Back: Link{Label: "x", URL: "/x"}, Choose: form("choose"), Title: w.t("registry.survey.title")},
		"staff-merge": &MergePage{
			Frame: who, Name: most, Back: Link{Label: "x", URL: "/x"}, Choose: form("choose"), Title: w.t("registry.survey.title"), Confirm: &apply, Parts: parts,
		},
		"staff-merger": &MergerPage{
			Frame: who, Name: most, Heir: most, Back: Link{Label: "x", URL: "/x"}, Reason: "Nghị quyết", By: "Đỗ An", Says: []string{"x"}, Parts: parts, Undo: "/x", Label: "x",
		},
		"staff-registry-table-empty": &TablePage{Frame: who, Columns: directory.Columns, Fields: []Field{reason}, File: reason},
		"staff-registry-table": &TablePage{
			Frame: who, Columns: directory.Columns, Fields: []Field{reason}, File: reason, Lines: []TableLine{{Number: 2, Code: "a", Name: "A", State: holds, Says: "x"}}, More: 3, Added: 1, Apply: &apply,
		},
	}
}
