package web

import (
	"testing"

	"hienke/configs"
	"hienke/frontend"
	"hienke/internal/i18n"
	"hienke/internal/registry"
	"hienke/internal/store"
)

// No line of the audit shows a code.
func TestTheAuditSpeaksInWords(t *testing.T) {
	t.Parallel()
	catalogue, err := i18n.Load(frontend.Locales())
	if err != nil {
		t.Fatal(err)
	}
	data, err := registry.Load(configs.Registry())
	if err != nil {
		t.Fatal(err)
	}
	w := &Web{Deps: Deps{Registry: data.Registry}, Catalogue: catalogue}
	note := func(what, subject, detail string) store.AuditEntry {
		return store.AuditEntry{AuditLine: store.AuditLine{Source: store.AuditNotes, What: what, Subject: subject, Detail: detail}}
	}
	account := note("account_role_changed", "user:7", "officer bo-y-te → approver bo-y-te")
	account.Source = store.AuditAccounts
	event := note("assigned", "", "triage > assigned")
	event.Source = store.AuditEvents
	for _, tt := range []struct {
		entry                    store.AuditEntry
		subject, detail, english string
	}{
		{account, "Tài khoản số 7", "Cán bộ xử lý, Bộ Y tế → Người duyệt, Bộ Y tế", "Officer, Ministry of Health → Approver, Ministry of Health"},
		{event, "", "Đang phân loại → Đã chuyển cơ quan", "Being sorted → With an agency"},
		{note(store.NoteLimitSet, "limit:answer", "kind=initiative urgent=true 5 working_days from 2026-12-01"), "Thời hạn: Trả lời người gửi",
			"Sáng kiến, Chỉ áp dụng cho hồ sơ khẩn, 5 ngày làm việc, từ 01/12/2026", "Initiative, For urgent cases alone, 5 working days, from 1 Dec 2026"},
		{note(store.NoteCalendarApplied, "day:2026-12-01", "holiday provisional"), "Ngày 01/12/2026", "Ngày lễ, Dự kiến", "Public holiday, Provisional"},
		{note(store.NoteAbsenceEntered, "user:3", "user:4 2027-03-01 - 2027-03-05"), "Tài khoản số 3",
			"người làm thay: tài khoản số 4, từ 01/03/2027 đến 05/03/2027", "stands in: account no. 4, from 1 Mar 2027 to 5 Mar 2027"},
		{note(store.NoteRuleLive, "rule:dat-dai/3", ""), "Quy tắc dat-dai, phiên bản 3", "", ""},
		{note(store.NoteRulesOrdered, "rule:dat-dai", "3 > 1"), "Quy tắc dat-dai", "từ 3 đến 1", "from 3 to 1"},
		{note(store.NoteRequestMade, "request:DL-1", "erase"), "Yêu cầu về dữ liệu cá nhân DL-1", "Xóa dữ liệu", "Erase data"},
		{note(store.NoteRequestBounced, "request:DL-1", "outcome"), "Yêu cầu về dữ liệu cá nhân DL-1", "Báo kết quả", "Outcome"},
		{note(store.NoteRequestPosted, "request:DL-1", "outcome"), "Yêu cầu về dữ liệu cá nhân DL-1", "Báo kết quả", "Outcome"},
		{note(store.NoteRequestCorrected, "request:DL-1", "title public_body"), "Yêu cầu về dữ liệu cá nhân DL-1", "Tiêu đề, Nội dung công khai", "Title, Public text"},
		{note(store.NoteRequestCorrected, "request:DL-1", "name email"), "Yêu cầu về dữ liệu cá nhân DL-1", "Họ và tên, Thư điện tử", "Name, E-mail"},
		{note(store.NoteQueueExported, "queue", "coordinator"), "Danh sách hồ sơ", "Cán bộ điều phối", "Coordinator"},
	} {
		vi, en := words{catalogue, i18n.Vietnamese}, words{catalogue, i18n.English}
		if got := vi.auditSubject(tt.entry).Label; got != tt.subject {
			t.Errorf("%s: the subject is %q, want %q", tt.entry.What, got, tt.subject)
		}
		if got := w.auditDetail(vi, tt.entry); got != tt.detail {
			t.Errorf("%s: the detail is %q, want %q", tt.entry.What, got, tt.detail)
		}
		if got := w.auditDetail(en, tt.entry); got != tt.english {
			t.Errorf("%s: the detail is %q, want %q", tt.entry.What, got, tt.english)
		}
	}
}
