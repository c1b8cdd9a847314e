package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

func TestAHeadOfOfficeSeesWhoWaitsForWhom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lead := w.staff(civic.RoleLead, "Lê Văn Tám", most)
	lead.get("/staff/figures").is(http.StatusOK, "Ai đang chờ ai", "Không có hồ sơ nào đang mở")
	w.stands(1, stand{received: -30, due: -3, state: civic.InReview, agency: most})
	w.stands(2, stand{received: -3, due: 12, state: civic.InProgress, agency: most})
	w.stands(3, stand{received: -30, due: -3, state: civic.InProgress, agency: "bo-y-te"})
	page := lead.get("/staff/figures").is(http.StatusOK, "Người duyệt câu trả lời", "Cán bộ xử lý soạn trả lời").
		hasNot("Ý kiến của", "Cơ quan khác đang chờ", "Cán bộ điều phối quyết định")
	late := page.find(`Người duyệt câu trả lời</th><td[^>]*>.*?</td><td[^>]*data-label="Quá hạn">(.*?)</td>`)
	if want := `status=in_review`; !strings.Contains(late, want) || !strings.Contains(late, ">1</a>") {
		t.Errorf("what is late says %s", late)
	}
	if n := page.find(`Cán bộ xử lý soạn trả lời</th><td[^>]*>.*?</td><td[^>]*data-label="Quá hạn">(.*?)</td>`); n != "0" {
		t.Errorf("of what is in time %s are late", n)
	}
	w.must(w.store.Do(t.Context(), func(tx store.Tx) error {
		own, err := tx.Submissions().GetByCode(t.Context(), "TEST00000002")
		if err != nil {
			return err
		}
		foreign, err := tx.Submissions().GetByCode(t.Context(), "TEST00000003")
		if err != nil {
			return err
		}
		users, err := tx.Users().List(t.Context())
		if err != nil {
			return err
		}
		for _, o := range []civic.Opinion{
			{Submission: own.ID, Asker: most, Agency: "bo-y-te", DueAt: w.clock.Now().Add(-time.Hour)},
			{Submission: foreign.ID, Asker: "bo-y-te", Agency: most, DueAt: w.clock.Now().Add(time.Hour)},
		} {
			o.Question, o.AskedBy, o.AskedAt = "?", users[0].ID, w.clock.Now().Add(-2*time.Hour)
			if _, err := tx.Opinions().Add(t.Context(), o); err != nil {
				return err
			}
		}
		return nil
	}))
	lead.get("/staff/figures").is(http.StatusOK, "Ý kiến của", "Bộ Y tế", "Cơ quan khác đang chờ 1 ý kiến của cơ quan này, quá hạn: 0")
	w.staff(civic.RoleLead, "Vũ Hạnh", "bo-y-te").get("/staff/figures").is(http.StatusOK, "Ý kiến của", "Bộ Khoa học và Công nghệ", "chờ 1 ý kiến của cơ quan này, quá hạn: 1")
}
