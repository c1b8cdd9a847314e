package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hienke/internal/civic"
)

func TestTheAuditPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	auditor := w.staff(civic.RoleAuditor, "Vũ Văn Kiểm", "")
	auditor.get("/staff/audit").is(http.StatusOK, "Chưa có dòng nào", `href="/staff/audit" aria-current="page"`)
	s := w.browser().submit(nil)
	w.toTriage(s.code)
	coordinator := w.staff(civic.RoleCoordinator, "=Trần Văn Bình", "")
	coordinator.get("/staff/audit").is(http.StatusForbidden)
	for range 2 { // the second is the same sitting
		coordinator.get("/staff/cases/" + s.code4).is(http.StatusOK)
	}
	coordinator.post("/staff/cases/"+s.code4+"/contact", url.Values{"reason": {"Gọi điện hẹn ngày"}}).is(http.StatusOK)
	w.sealAudit()

	shown := auditor.get("/staff/audit?code="+s.code4).is(http.StatusOK, "Đã tiếp nhận", "Mở hồ sơ", "Xem thông tin liên hệ", "Gọi điện hẹn ngày", "Trần Văn Bình")
	if n := strings.Count(shown.body, `"hk-wordy">Mở hồ sơ<`); n != 1 {
		t.Errorf("a sitting is told %d times", n)
	}
	person := shown.find(`user=(\d+)`)
	auditor.get("/staff/audit?user="+person).is(http.StatusOK, "Chỉ những việc của =Trần Văn Bình", "Mở hồ sơ").hasNot(`"hk-wordy">Đã tiếp nhận`)
	auditor.get("/staff/audit?user="+person).is(http.StatusOK, `href="/staff/audit?">Xem việc của mọi người`)
	auditor.get("/staff/audit?what=received&code="+s.code4).is(http.StatusOK, "Đã tiếp nhận", ">1 dòng<", `value="received" selected`).hasNot(`"hk-wordy">Mở hồ sơ<`, "Gọi điện hẹn ngày")
	auditor.get("/staff/audit?what=contact_looked&actor=staff").is(http.StatusOK, ">1 dòng<", "Gọi điện hẹn ngày").hasNot(`"hk-wordy">Mở hồ sơ<`)
	auditor.get("/staff/audit?what=received&actor=staff").is(http.StatusOK, "Chưa có dòng nào", ">0 dòng<")
	auditor.get("/staff/audit/export?format=csv&what=received&actor=sender").is(http.StatusOK, ",received,").hasNot(",case_read,", ",contact_looked,")
	auditor.get("/staff/audit?source=contact_looks").is(http.StatusOK, "Gọi điện hẹn ngày").hasNot(`"hk-wordy">Đã tiếp nhận`)
	auditor.get("/staff/audit?to=2026-11-22").is(http.StatusOK, "Chưa có dòng nào")
	auditor.get("/staff/audit?code=abc").is(http.StatusUnprocessableEntity, "Mã hồ sơ")
	w.staff(civic.RoleAuditor, "Ngô Thị Xa", "bo-giao-duc-dao-tao").get("/staff/audit").is(http.StatusOK, "Chưa có dòng nào")

	csv := auditor.get("/staff/audit/export?format=csv").is(http.StatusOK, "seq,at,actor", ",'=Trần Văn Bình,", s.code4)
	if !strings.HasPrefix(csv.body, "\ufeff") {
		t.Error("a spreadsheet would misread the file")
	}
	lines := strings.Split(strings.TrimSpace(auditor.get("/staff/audit/export?format=jsonl").is(http.StatusOK).body), "\n")
	before := strings.Repeat("0", 64)
	for i, line := range lines {
		var got struct {
			Entry json.RawMessage `json:"entry"`
			Hash  string          `json:"hash"`
		}
		var entry struct {
			Seq    int    `json:"seq"`
			Before string `json:"before"`
		}
		w.must(json.Unmarshal([]byte(line), &got))
		w.must(json.Unmarshal(got.Entry, &entry))
		if sum := sha256.Sum256(got.Entry); hex.EncodeToString(sum[:]) != got.Hash || entry.Before != before || entry.Seq != i+1 {
			t.Errorf("line %d does not follow: %s", i, line)
		}
		before = got.Hash
	}
	w.sealAudit()
	auditor.get("/staff/audit?source=audit_notes").is(http.StatusOK, "Tải nhật ký về", "các dòng sau số 0", "Nhật ký kiểm toán</span>").hasNot(">audit<", ">0 &gt;<")
	auditor.get("/staff/audit?what=audit_exported").is(http.StatusOK, `"hk-wordy">Tải nhật ký về<`, `value="audit_exported" selected`).hasNot(`"hk-wordy">Mở hồ sơ<`)
	auditor.get("/staff/audit?what=drop").is(http.StatusOK, `"hk-wordy">Mở hồ sơ<`)
	auditor.get("/staff/audit/export?format=pdf").is(http.StatusNotFound)
}

// sealAudit does what the sealer does every second.
func (w *world) sealAudit() {
	w.t.Helper()
	_, err := w.audit.Seal(w.t.Context())
	w.must(err)
}
