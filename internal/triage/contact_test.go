package triage_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// TestALookIsLoggedOrNotHad: whoever is refused leaves no line, whoever sees
// the contact leaves one, with the reason.
func TestALookIsLoggedOrNotHad(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		d := newDesk(t, h)
		own, other := d.Staff(t, civic.RoleOfficer, house.Science), d.Staff(t, civic.RoleOfficer, house.Education)
		sub := d.assigned(t, house.Science)
		lead, auditor := d.Staff(t, civic.RoleLead, house.Science), d.Staff(t, civic.RoleAuditor, "")
		far, near := d.Staff(t, civic.RoleAuditor, house.Education), d.Staff(t, civic.RoleDataProtection, house.Science)
		tests := []struct {
			name   string
			who    civic.Actor
			reason string
			code   string
		}{
			{"an officer whose case it is not", own, "gọi điện", "contact.not_needed"},
			{"an officer of another agency", other, "gọi điện", "submission.not_found"},
			{"an auditor", auditor, "kiểm tra", "actor.not_allowed"},
			{"an administrator", d.Staff(t, civic.RoleAdministrator, ""), "kiểm tra", "actor.not_allowed"},
			{"nobody", civic.Public, "tò mò", "actor.not_signed_in"},
			{"a coordinator without a reason", d.coordinator, " ", "invalid"},
			{"a coordinator", d.coordinator, "gọi điện", ""},
			{"a lead", lead, "hẹn khảo sát", ""},
		}
		for _, tt := range tests {
			d.Clock.Advance(time.Second)
			contact, err := d.s.Look(t.Context(), tt.who, sub.Code, tt.reason)
			if (err == nil) != (tt.code == "") || err != nil && errs.CodeOf(err) != tt.code && (tt.code != "invalid" || errs.KindOf(err) != errs.Invalid) {
				t.Errorf("%s: %v, want %q", tt.name, err, tt.code)
			}
			if (contact == house.Sender) != (tt.code == "") {
				t.Errorf("%s sees %+v", tt.name, contact)
			}
		}
		log := func(who civic.Actor, r triage.LooksRequest) store.LooksPage {
			t.Helper()
			page, err := d.s.Looks(t.Context(), who, r)
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		page := log(auditor, triage.LooksRequest{Code: sub.Code})
		if page.Total != 2 || page.Items[0].User != lead.User || page.Items[0].Reason != "hẹn khảo sát" || page.Items[0].Agency != house.Science {
			t.Errorf("the log is %+v", page)
		}
		if log(far, triage.LooksRequest{}).Total != 0 || log(near, triage.LooksRequest{}).Total != 2 {
			t.Error("the log is not bound to the agency of the reader")
		}
		if _, err := d.s.Looks(t.Context(), d.coordinator, triage.LooksRequest{}); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("a coordinator reads the log: %v", err)
		}
		d.Do(t, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), sub.ID, d.Clock.Now()) })
		if _, err := d.s.Look(t.Context(), d.coordinator, sub.Code, "gọi điện"); errs.KindOf(err) != errs.Gone {
			t.Errorf("an erased contact: %v", err)
		}
		if c, err := d.s.Case(t.Context(), d.coordinator, sub.Code); err != nil || c.HasContact {
			t.Errorf("an erased contact is offered: %v", err)
		}
	})
}
