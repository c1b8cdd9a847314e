package api_test

import (
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// What the program wrote as a reason is given in the language that was asked for,
// to the sender and to staff; what a person wrote stands as it is.
func TestReasonsOfTheProgramAreGivenInBothLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.receive(t)
	code, err := civic.ParseCode(ack.Code)
	must(t, err)
	rule := w.Registry.RuleNames[0]
	if rule[civic.English] == "" || rule[civic.English] == rule[civic.Vietnamese] {
		t.Fatal("the first rule has no English name")
	}
	must(t, w.store.Do(t.Context(), func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(t.Context(), code)
		for _, e := range []civic.Event{
			{Type: civic.EventRouted, Actor: civic.ActorSystem, Reason: rule[civic.Vietnamese]},
			{Type: civic.EventEscalated, Actor: civic.ActorSystem, Reason: "Quá hạn 5 ngày làm việc"},
			{Type: civic.EventAssigned, Actor: civic.ActorStaff, Reason: "Quá hạn 5 ngày làm việc"},
		} {
			if err != nil {
				return err
			}
			e.Submission, e.At, e.From, e.To = sub.ID, w.clock.Now(), sub.State, sub.State
			err = tx.Events().Add(t.Context(), e)
		}
		return err
	}))
	staff := w.staff(t, civic.RoleCoordinator, "")
	for lang, want := range map[string][]string{
		"vi": {rule[civic.Vietnamese], "Quá hạn 5 ngày làm việc", "Quá hạn 5 ngày làm việc"},
		"en": {rule[civic.English], "Late by 5 working days", "Quá hạn 5 ngày làm việc"},
	} {
		r := w.send(t, "GET", "/staff/submissions/"+ack.Code, "", append([]string{"Accept-Language", lang}, staff...)...)
		for _, reason := range want {
			if !strings.Contains(r.body, `"reason":"`+reason+`"`) {
				t.Errorf("staff in %s do not read %q in %s", lang, reason, r.body)
			}
		}
		sender := w.send(t, "GET", "/submissions/"+ack.Code, "", "Accept-Language", lang, "Authorization", "Bearer "+ack.TrackingToken)
		if !strings.Contains(sender.body, `"reason":"`+want[0]+`"`) || !strings.Contains(strings.Join(sender.header.Values("Vary"), ","), "Accept-Language") {
			t.Errorf("the sender in %s does not read %q in %s", lang, want[0], sender.body)
		}
	}
}
