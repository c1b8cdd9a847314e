package web

import "hienke/internal/civic"

// worklistPages are the pages around the queue, in their main states.
func worklistPages(w words) map[string]Page {
	who := Frame{Section: "queue", Staff: StaffName{Name: "Trần Văn Bình", Role: civic.RoleCoordinator}}
	pages := map[string]Page{
		"staff-works-none": &WorksPage{Frame: who},
		"staff-tasks-none": &TasksPage{Frame: who},
		"staff-tasks": &TasksPage{Frame: who, Rows: []TaskRow{
			{ID: 1, What: w.t("worklist.job.message_send"), Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", Why: w.taskReason("mail.refused"), Tries: 3, Since: sampleTime, Next: sampleTime},
			{ID: 2, What: w.t("worklist.job.account_mail"), Why: "mail.unavailable", Tries: 1, Since: sampleTime, Under: true},
		}},
		"staff-views": &ViewsPage{
			Frame: who, New: &ViewForm{Legend: w.t("worklist.save_view"), URL: "/staff/views", Fields: saveForm(w, nil)[:1]},
			Views: []ViewForm{{
				ID: 7, URL: "/staff/views/7", See: "/staff/queue?due=overdue", Legend: "Đất đai", Version: 2,
				Theirs: []Fact{{w.t("form.view_name.label"), "Đất đai"}},
			}},
			Shared: []ViewLink{{Label: "Chung", URL: "/staff/queue?due=overdue", By: "Lê Thị Hoa"}},
		},
	}
	works := &WorksPage{Frame: who}
	for _, state := range civic.BulkStates {
		work := civic.BulkWork{
			ID: 3, Act: civic.BulkAssign, State: state, Capped: true,
			Lines: map[civic.LineState]int{civic.LineWaiting: 1, civic.LineFit: 2, civic.LineUnfit: 1, civic.LineDone: 2, civic.LineRefused: 1},
		}
		page := &WorkPage{
			Frame: who, State: state, Act: w.workName(work), By: "Trần Văn Bình", MadeAt: sampleTime, URL: "/staff/bulk/works/3",
			Total: work.Total(), Settled: settledOf(work), Summary: w.workSummary(work), Input: []Fact{{w.t("form.agency.label"), most.Text}},
			Only: w.onlyLeft(work, state == civic.BulkDone), Next: "/staff/bulk/works/3?after=100", Go: w.plural("worklist.go", 2), Undo: w.plural("worklist.undo", 2), Droppable: true,
			Links: []Link{{Label: w.t("worklist.see_undo"), URL: "/staff/bulk/works/4"}},
		}
		for _, line := range civic.LineStates {
			page.Rows = append(page.Rows, WorkRow{
				Code: "HK-2A4F-7HKL-9MQT", URL: "/staff/cases/x", Title: sampleTitle, Language: "vi", State: line,
				What: []string{w.t("worklist.change.agency", "from", most.Text, "to", hanoi.Text)}, Problem: w.lineProblem("submission.version_mismatch"),
			})
		}
		pages["staff-work-"+string(state)] = page
		works.Rows = append(works.Rows, WorksRow{URL: "/staff/bulk/works/3", Act: w.workName(work), State: state, MadeAt: sampleTime, Done: 2, Total: 7, Undone: w.t("worklist.undone")})
	}
	pages["staff-works"] = works
	exportPages(who, pages)
	return pages
}

// exportPages are the pages around files of cases.
func exportPages(who Frame, pages map[string]Page) {
	list := &ExportsPage{Frame: who, Next: "/staff/exports?before=3"}
	for _, state := range civic.ExportStates {
		row := ExportRow{URL: "/staff/exports/3", Filter: "Tất cả đang mở", Export: civic.Export{
			ID: 3, Format: civic.ExportXLSX, State: state, RowsDone: 3000, RowsAll: 12345, AskedAt: sampleTime, BegunAt: sampleTime,
		}}
		page := &ExportPage{Frame: who, Looking: row.Busy(), Again: "/staff/queue/export?format=xlsx"}
		switch state {
		case civic.ExportRunning:
			page.Refresh = refreshSeconds
		case civic.ExportDone:
			row.EndedAt, row.Size, row.KeptUntil = sampleTime, "1,2 MB", sampleTime
		case civic.ExportFailed:
			row.EndedAt, page.Problem = sampleTime, "Hãy lập tiếp sau ít phút."
		case civic.ExportWaiting, civic.ExportExpired:
		}
		page.ExportRow = row
		list.Rows = append(list.Rows, row)
		pages["staff-export-"+string(state)] = page
	}
	pages["staff-exports"], pages["staff-exports-none"] = list, &ExportsPage{Frame: who}
	offer := &ExportOfferPage{
		Frame: who, Format: civic.ExportCSV, Count: 12345, Filter: "Tất cả đang mở", Given: []Hidden{{"status", "triage"}}, Back: "/staff/queue?status=triage",
	}
	most := *offer
	most.Most = true
	pages["staff-export-offer"], pages["staff-export-offer-most"] = offer, &most
}
