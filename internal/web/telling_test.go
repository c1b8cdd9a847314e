package web_test

import (
	"net/http"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// Reasons that the program wrote are in the language of the page, on the history
// of a case and in the audit; history that stands is read as it was written.
func TestReasonsOfTheProgramAreInTheLanguageOfThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.put(s.code, func(tx store.Tx, sub *civic.Submission) error {
		return tx.Events().Add(t.Context(), civic.Event{
			Submission: sub.ID, At: w.clock.Now(), Type: civic.EventEscalated, Actor: civic.ActorSystem, From: sub.State, To: sub.State, Reason: "Quá hạn 5 ngày làm việc",
		})
	})
	w.sealAudit()
	for lang, want := range map[string]string{"vi": "Quá hạn 5 ngày làm việc", "en": "Late by 5 working days"} {
		b := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
		b.follow(b.get("/staff/cases/"+s.code4+"?lang="+lang)).is(http.StatusOK, want)
		a := w.staff(civic.RoleAuditor, "Vũ Văn Kiểm", "")
		a.follow(a.get("/staff/audit?lang="+lang+"&code="+s.code4)).is(http.StatusOK, want)
	}
}
