package web

import "hienke/internal/civic"

// timesPages are the pages of limits and calendar, full and empty, for
// TestEveryPage.
func timesPages(w words) map[string]Page {
	who := Frame{Section: "times", Staff: StaffName{Name: "Trần Văn Bình", Role: civic.RoleAdministrator}}
	f := newForm(w, map[string]string{}, nil)
	source := f.field("source", func(field *Field) { field.Label, field.Hint = w.t("times.field.source"), w.t("times.hint.source") })
	form := FormBlock{ID: "change", Title: w.t("times.change"), Lead: w.t("times.change_lead"), URL: "/staff/times/try", Button: w.t("times.try"), Fields: []Field{source}}
	history := []HistoryLine{{At: sampleTime, What: "Trả lời người gửi: 15 ngày làm việc", By: "Trần Văn Bình"}, {At: sampleTime, What: "Trả lời người gửi: 20 ngày"}}
	day := DayRow{
		Day: "02/09/2026", Date: "2026-09-02", Weekday: w.t("calendar.weekday.3"), Kind: w.t("calendar.kind.holiday"), Name: Name{"Quốc khánh", "vi"},
		Certainty: Tag{w.t("calendar.certainty.provisional"), "wait"}, Source: "Bộ luật Lao động 2019, điều 112", Edit: "/staff/times/calendar#change",
	}
	moves := []MoveRow{{Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", Agency: most, Old: sampleTime, New: sampleTime.AddDate(0, 0, 1)}, {Code: "HK-3A4F-7HKL-9MQT", URL: "/staff/cases/y", Old: sampleTime, New: sampleTime, Kept: true}}
	row := RecountRow{URL: "/staff/times/recounts/1", Reason: w.t("recount.over.calendar"), By: "Trần Văn Bình", At: sampleTime, Looked: 12345, Moved: 321, Kept: 2, State: Tag{w.t("recount.done"), "done"}}
	running := []*Notice{{Tone: "care", Text: w.t("times.running", "looked", "500")}}
	return map[string]Page{
		"staff-absences-empty": &AbsencesPage{Frame: who, Enter: form},
		"staff-absences": &AbsencesPage{Frame: who, Enter: form, Rows: []AbsenceRow{
			{Name: "Lê Văn Cường", StandsIn: "Phạm Thu Dung", Days: w.t("absence.days", "from", "01/12/2026", "until", "05/12/2026"), URL: "/staff/absences/1", End: "/staff/absences/1/end", State: Tag{w.t("absence.now"), "active"}}}},
		"staff-absence-empty": &AbsencePage{Frame: who, Heading: w.t("absence.cases", "name", "Lê Văn Cường"), Days: "01/12/2026"},
		"staff-absence": &AbsencePage{Frame: Frame{Section: "absences", Staff: StaffName{Name: "Trần Văn Bình", Role: civic.RoleLead}}, Heading: w.t("absence.cases", "name", "Lê Văn Cường"), Days: "01/12/2026", URL: "/staff/absences/1", Total: 1, To: source,
			Given: []string{"HK-3A4F-7HKL-9MQT: x"}, Rows: []AbsenceCase{{Code: "HK-2A4F-7HKL-9MQT", URL: "/x", Title: sampleTitle, Language: "vi", State: civic.InProgress, DueAt: sampleTime}}},
		"staff-times": &TimesPage{Frame: who, Notices: running, Change: form, History: history, Errors: []FieldError{{source.ID(), "x"}}, Rows: []LimitRow{
			{Use: w.t("times.use.answer"), About: w.t("times.every_case"), Limit: w.limit(civic.Limit{Clock: civic.WorkingDays, Amount: 15}), Since: w.t("times.always"), Source: "Mặc định", Edit: "/staff/times#change"},
			{Use: w.t("times.use.answer"), About: w.t("kind.initiative") + ", " + w.t("times.urgent"), Agency: most, Limit: w.t("times.ended"), Since: w.t("times.since", "day", "01/01/2027"), Source: "Quyết định 12", Edit: "/staff/times#change", Coming: true}}},
		"staff-calendar-empty": &CalendarPage{Frame: who, Year: 2028, Change: form},
		"staff-calendar": &CalendarPage{Frame: who, Notices: running, Year: 2026, Years: []Link{{Label: "2026", URL: "/x", Current: true}, {Label: "2027", URL: "/y"}}, Change: form, History: history,
			Rows: []DayRow{day}, Drafts: []DayRow{day, {Day: "03/09/2026", Weekday: w.t("calendar.weekday.4"), Kind: w.t("calendar.kind.none"), Source: "x"}}, Try: "/staff/times/calendar/try"},
		"staff-preview":        &PreviewPage{Frame: who, Heading: w.t("calendar.preview"), Lines: []string{w.plural("times.looked", 12345), w.plural("times.moves", 1)}, Moves: moves, More: true, Apply: &form, Back: Link{Label: w.t("calendar.back"), URL: "/x"}},
		"staff-recounts-empty": &RecountsPage{Frame: who},
		"staff-recounts":       &RecountsPage{Frame: who, Rows: []RecountRow{row, {URL: "/z", Reason: w.t("recount.over.registry"), At: sampleTime, State: Tag{w.t("recount.running"), "wait"}}}},
		"staff-recount":        &RecountPage{Frame: Frame{Section: "times", Title: w.t("recount.report", "time", "09:00"), Staff: who.Staff}, Row: row, Moves: moves, Next: "/staff/times/recounts/1?after=2"},
	}
}
