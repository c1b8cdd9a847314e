package civic_test

import (
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
)

// rights is who may do what, written down apart from the code.
const rights = `
                    officer approver lead coordinator administrator auditor data_protection service
queue.see           yes     yes      yes  yes         yes           yes     yes             no
case.see            yes     yes      yes  yes         yes           yes     yes             no
contact.see         yes     yes      yes  yes         no            no      yes             no
looks.see           no      no       no   no          no            yes     yes             no
case.note           yes     yes      yes  yes         yes           no      no              no
case.assign         no      no       yes  yes         no            no      no              no
case.triage         no      no       no   yes         no            no      no              no
case.handle         yes     yes      yes  no          no            no      no              no
answer.approve      no      yes      yes  no          no            no      no              no
case.publish        no      no       no   yes         no            no      no              no
case.key_in         yes     yes      yes  yes         no            no      no              no
letter.post         yes     yes      yes  yes         no            no      yes             no
users.see           no      no       no   no          yes           yes     no              no
users.manage        no      no       no   no          yes           no      no              no
model.see           no      no       no   no          yes           yes     no              no
model.manage        no      no       no   no          yes           no      no              no
rules.see           no      no       no   yes         yes           yes     no              no
rules.manage        no      no       no   yes         yes           no      no              no
figures.see         no      no       no   yes         yes           yes     no              no
steering.see        no      no       yes  yes         yes           yes     no              no
audit.see           no      no       no   no          no            yes     no              no
times.see           no      no       no   yes         yes           yes     no              no
times.manage        no      no       no   no          yes           no      no              no
privacy.handle      no      no       no   no          no            no      yes             no
tasks.retry         no      no       no   yes         yes           no      no              no
case.redact         yes     yes      yes  yes         no            no      yes             no
case.take_down      no      no       yes  yes         no            no      yes             no
templates.manage    no      no       yes  no          yes           no      no              no
registry.manage     no      no       yes  no          yes           no      no              no
`

func TestRoleByPermission(t *testing.T) {
	t.Parallel()
	rows := strings.Split(strings.TrimSpace(rights), "\n")
	roles := strings.Fields(rows[0])
	if len(roles) != len(civic.Roles) {
		t.Fatalf("%d columns for %d roles", len(roles), len(civic.Roles))
	}
	if len(rows)-1 != len(civic.Permissions) {
		t.Fatalf("%d rows for %d permissions", len(rows)-1, len(civic.Permissions))
	}
	for _, row := range rows[1:] {
		cells := strings.Fields(row)
		p := civic.Permission(cells[0])
		for i, role := range roles {
			a := civic.StaffOf(civic.User{ID: 1, Role: civic.Role(role), Agency: "ministry"})
			if got, want := a.May(p), cells[i+1] == "yes"; got != want {
				t.Errorf("%s may %s: %v, want %v", role, p, got, want)
			}
		}
		for _, a := range []civic.Actor{civic.Public, civic.SenderOf(7), civic.StaffOf(civic.User{Role: "minister"}), {}} {
			if a.May(p) {
				t.Errorf("%+v may %s", a, p)
			}
		}
		if !civic.System.May(p) {
			t.Errorf("the system may not %s", p)
		}
	}
}

func TestReaches(t *testing.T) {
	t.Parallel()
	reg := registryWithEnded()
	staff := func(role civic.Role, agency civic.AgencyCode) civic.Actor {
		return civic.StaffOf(civic.User{ID: 1, Role: role, Agency: agency})
	}
	tests := []struct {
		name  string
		actor civic.Actor
		want  string // the agencies reached, in the order of targets
	}{
		{"an officer reaches the own agency and below", staff(civic.RoleOfficer, "ministry"), "ministry department former"},
		{"an approver reaches the own agency and below", staff(civic.RoleApprover, "ministry"), "ministry department former"},
		{"an officer at the bottom reaches nothing else", staff(civic.RoleOfficer, "department"), "department"},
		{"an officer at the root reaches the whole tree", staff(civic.RoleOfficer, "root"), "root ministry department former"},
		{"an officer without an agency reaches nothing", staff(civic.RoleOfficer, ""), ""},
		{"an officer of an unknown agency reaches nothing that is known", staff(civic.RoleOfficer, "gone"), ""},
		{"a coordinator reaches everything", staff(civic.RoleCoordinator, ""), "none root ministry department former other"},
		{"a coordinator is not bound by an agency", staff(civic.RoleCoordinator, "ministry"), "none root ministry department former other"},
		{"who leads an agency reaches it and below", staff(civic.RoleLead, "ministry"), "ministry department former"},
		{"an auditor of no agency reaches everything", staff(civic.RoleAuditor, ""), "none root ministry department former other"},
		{"an auditor of an agency is bound by it", staff(civic.RoleAuditor, "ministry"), "ministry department former"},
		{"data protection of an agency is bound by it", staff(civic.RoleDataProtection, "department"), "department"},
		{"a service of an agency is bound by it", staff(civic.RoleService, "other"), "other"},
		{"an unknown role is bound", staff("minister", ""), ""},
		{"an administrator reaches everything", staff(civic.RoleAdministrator, ""), "none root ministry department former other"},
		{"the system reaches everything", civic.System, "none root ministry department former other"},
		{"a sender reaches nothing of staff", civic.SenderOf(1), ""},
		{"the public reaches nothing", civic.Public, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, target := range []string{"none", "root", "ministry", "department", "former", "other"} {
				agency := civic.AgencyCode(target)
				if target == "none" {
					agency = "" // not routed yet
				}
				if tt.actor.Reaches(reg, agency) {
					got = append(got, target)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("reaches %q, want %q", strings.Join(got, " "), tt.want)
			}
		})
	}
}

func TestActorCheck(t *testing.T) {
	t.Parallel()
	officer := civic.StaffOf(civic.User{ID: 1, Role: civic.RoleOfficer, Agency: "ministry"})
	coordinator := civic.StaffOf(civic.User{ID: 2, Role: civic.RoleCoordinator})
	tests := []struct {
		name   string
		actor  civic.Actor
		p      civic.Permission
		agency civic.AgencyCode
		want   errs.Kind // Internal for no error
	}{
		{"lets an officer handle a case of the own agency", officer, civic.HandleCase, "department", errs.Internal},
		{"hides a case of another agency", officer, civic.HandleCase, "other", errs.NotFound},
		{"hides a case that is not routed yet", officer, civic.SeeCase, "", errs.NotFound},
		{"hides before it forbids", officer, civic.PublishCase, "other", errs.NotFound},
		{"forbids the act on a case in reach", officer, civic.PublishCase, "ministry", errs.Forbidden},
		{"forbids approving to who may only draft", officer, civic.ApproveCase, "ministry", errs.Forbidden},
		{"lets a coordinator triage any case", coordinator, civic.TriageCase, "", errs.Internal},
		{"forbids handling to a coordinator", coordinator, civic.HandleCase, "ministry", errs.Forbidden},
		{"asks the public to sign in", civic.Public, civic.SeeCase, "ministry", errs.Unauthenticated},
		{"hides staff's view from the sender", civic.SenderOf(5), civic.SeeCase, "ministry", errs.NotFound},
		{"lets the system do everything", civic.System, civic.ManageUsers, "other", errs.Internal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.actor.Check(registryWithEnded(), tt.p, &civic.Submission{ID: 5, Agency: tt.agency})
			if errs.KindOf(err) != tt.want || (err == nil) != (tt.want == errs.Internal) {
				t.Errorf("Check = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestCheckPermission(t *testing.T) {
	t.Parallel()
	officer := civic.StaffOf(civic.User{Role: civic.RoleOfficer})
	tests := []struct {
		name  string
		actor civic.Actor
		p     civic.Permission
		want  errs.Kind
	}{
		{"lets through who holds it", officer, civic.SeeQueue, errs.Internal},
		{"forbids it to who does not", officer, civic.ManageUsers, errs.Forbidden},
		{"forbids staff's work to a sender", civic.SenderOf(1), civic.SeeQueue, errs.Forbidden},
		{"asks the public to sign in", civic.Public, civic.SeeQueue, errs.Unauthenticated},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.actor.CheckPermission(tt.p)
			if errs.KindOf(err) != tt.want || (err == nil) != (tt.want == errs.Internal) {
				t.Errorf("CheckPermission = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestActorsAreWhoTheyAre(t *testing.T) {
	t.Parallel()
	u := civic.User{ID: 4, Name: "Lê Văn Bình", Role: civic.RoleApprover, Agency: "ministry", PasswordHash: "secret"}
	want := civic.Actor{Kind: civic.ActorStaff, User: 4, Name: "Lê Văn Bình", Role: civic.RoleApprover, Agency: "ministry"}
	if got := civic.StaffOf(u); got != want {
		t.Errorf("StaffOf = %+v", got)
	}
	if got := civic.SenderOf(9); got != (civic.Actor{Kind: civic.ActorSender, Submission: 9}) {
		t.Errorf("SenderOf = %+v", got)
	}
}

// TestScopes: a service account may what its token says and what any token may
// say, and nothing that its role would say.
func TestScopes(t *testing.T) {
	t.Parallel()
	a := civic.StaffOf(civic.User{ID: 1, Role: civic.RoleService})
	a.Scopes = civic.TokenScopesOf(civic.SeeQueue, civic.ApproveCase, civic.SeeContact, civic.ManageUsers)
	for _, p := range civic.Permissions {
		if got, want := a.May(p), p == civic.SeeQueue; got != want {
			t.Errorf("may %s: %v", p, got)
		}
	}
	person := civic.StaffOf(civic.User{ID: 1, Role: civic.RoleAuditor})
	person.Scopes = a.Scopes
	if person.May(civic.ManageUsers) || !person.May(civic.SeeCase) {
		t.Error("scopes count for a person")
	}
}

func TestContactNeed(t *testing.T) {
	t.Parallel()
	reg := registryWithEnded()
	staff := func(role civic.Role, agency civic.AgencyCode) civic.Actor {
		return civic.StaffOf(civic.User{ID: 3, Role: role, Agency: agency})
	}
	mine := civic.Submission{ID: 5, Agency: "ministry", State: civic.InProgress, Assignee: 3}
	with := func(edit func(*civic.Submission)) civic.Submission {
		s := mine
		edit(&s)
		return s
	}
	answered := with(func(s *civic.Submission) { s.State = civic.Answered })
	others := with(func(s *civic.Submission) { s.Assignee = 4 })
	foreign := with(func(s *civic.Submission) { s.Agency = "other" })
	accusing := with(func(s *civic.Submission) { s.Restricted = true })
	tests := []struct {
		name  string
		actor civic.Actor
		sub   civic.Submission
		code  string // empty: may look
	}{
		{"an officer may for the own open case", staff(civic.RoleOfficer, "ministry"), mine, ""},
		{"an officer may not for a colleague's", staff(civic.RoleOfficer, "ministry"), others, "contact.not_needed"},
		{"an officer may not once it is answered", staff(civic.RoleOfficer, "ministry"), answered, "contact.not_needed"},
		{"an officer does not even find a foreign one", staff(civic.RoleOfficer, "ministry"), foreign, "submission.not_found"},
		{"an approver may not for what others handle", staff(civic.RoleApprover, "ministry"), others, "contact.not_needed"},
		{"a lead may for any case with the agency", staff(civic.RoleLead, "ministry"), others, ""},
		{"a coordinator may while it is open", staff(civic.RoleCoordinator, ""), foreign, ""},
		{"a coordinator may not afterwards", staff(civic.RoleCoordinator, ""), answered, "contact.not_needed"},
		{"nobody may where somebody is accused", staff(civic.RoleCoordinator, ""), accusing, "contact.restricted"},
		{"data protection may afterwards", staff(civic.RoleDataProtection, ""), answered, ""},
		{"data protection of no agency may where somebody is accused", staff(civic.RoleDataProtection, ""), accusing, ""},
		{"data protection of the agency may not", staff(civic.RoleDataProtection, "ministry"), accusing, "contact.restricted"},
		{"an auditor may not", staff(civic.RoleAuditor, ""), mine, "actor.not_allowed"},
		{"an administrator may not", staff(civic.RoleAdministrator, ""), mine, "actor.not_allowed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.actor.ContactNeed(reg, &tt.sub)
			if (err == nil) != (tt.code == "") || err != nil && errs.CodeOf(err) != tt.code {
				t.Errorf("%v, want %q", err, tt.code)
			}
		})
	}
}
