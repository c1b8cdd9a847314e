package triage_test

import (
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// relation is how a case stands beside another one for somebody, or nothing.
func (d *desk) relation(t *testing.T, who civic.Actor, of, other civic.Submission) triage.Relation {
	t.Helper()
	c, err := d.s.Case(t.Context(), who, of.Code)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Related {
		if r.Case.ID == other.ID {
			return r.Relation
		}
	}
	return ""
}

func TestCasesOfTheSameSenderAreForThoseWhoMayKnowTheSender(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		officer := d.Staff(t, civic.RoleOfficer, house.Science)
		here := func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, house.Science }
		one, other := d.Receive(t, here), d.Receive(t, here)
		stranger := d.ReceiveFrom(t, civic.Contact{Name: "Người khác", Email: "khac@example.vn"}, here)
		away := d.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, "bo-y-te" })
		if got := d.relation(t, officer, one, other); got != "" {
			t.Errorf("who does not handle the case learns that they are of one sender: %s", got)
		}
		d.Change(t, one.Code, func(sub *civic.Submission) { sub.Assignee = officer.User })
		for sub, want := range map[civic.SubmissionID]triage.Relation{other.ID: triage.RelationSender, stranger.ID: "", away.ID: "", one.ID: ""} {
			if got := d.relation(t, officer, one, civic.Submission{ID: sub}); got != want {
				t.Errorf("case %d is %q, want %q", sub, got, want)
			}
		}
		d.Change(t, one.Code, func(sub *civic.Submission) { sub.Restricted = true })
		if got := d.relation(t, officer, one, other); got != "" {
			t.Errorf("the sender of an accusing text is known by another case: %s", got)
		}
	})
}

func TestLinkedCasesStandBesideEachOther(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		officer := d.Staff(t, civic.RoleOfficer, house.Science)
		here := func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, house.Science }
		one, other := d.Receive(t, here), d.Receive(t, here)
		d.Do(t, func(tx store.Tx) error {
			return tx.CaseLinks().Add(t.Context(), civic.CaseLink{Submission: one.ID, Other: other.ID, By: officer.User, At: d.Clock.Now()})
		})
		if got := d.relation(t, officer, other, one); got != triage.RelationSeeAlso {
			t.Errorf("linked, and it is %q", got)
		}
		d.Change(t, one.Code, func(sub *civic.Submission) { sub.Agency = "bo-y-te" })
		if got := d.relation(t, officer, other, one); got != "" {
			t.Errorf("a case of another agency is shown: %s", got)
		}
	})
}

func TestNotesMentionWhoMaySeeTheCase(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		lan := d.User(t, civic.User{Name: "Lan", Email: "lan@demo.test", Role: civic.RoleOfficer, Agency: house.Science})
		d.User(t, civic.User{Name: "Mai", Email: "mai@demo.test", Role: civic.RoleOfficer, Agency: "bo-y-te"})
		me := d.Staff(t, civic.RoleOfficer, house.Science)
		sub := d.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, house.Science })
		err := d.s.Note(t.Context(), me, sub.Code, sub.Version, "Nhờ @lan và @mai xem")
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Code != "field.unknown_mention" || f[0].Params["names"] != "@mai" {
			t.Errorf("a stranger was mentioned: %v", err)
		}
		if err := d.s.Note(t.Context(), me, sub.Code, sub.Version, "Nhờ @lan xem"); err != nil {
			t.Fatal(err)
		}
		d.View(t, func(tx store.Tx) error {
			m, err := tx.Mentions().Since(t.Context(), lan.ID, d.Clock.Now(), 10)
			if len(m) != 1 || m[0].Case.Code != sub.Code || m[0].By != me.User {
				t.Errorf("mentioned %+v", m)
			}
			return err
		})
		c, err := d.s.Case(t.Context(), me, sub.Code)
		if err != nil || len(c.Colleagues) != 3 { // Lan, the person, and the coordinator of the desk
			t.Errorf("colleagues %+v, %v", c.Colleagues, err)
		}
	})
}
