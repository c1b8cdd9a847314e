package civic_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
)

func TestMentioned(t *testing.T) {
	t.Parallel()
	person := func(id civic.UserID, email string, role civic.Role, agency civic.AgencyCode) civic.User {
		return civic.User{ID: id, Email: email, Name: email, Role: role, Agency: agency, Active: true}
	}
	staff := civic.Staff{Registry: &civic.Registry{Agencies: []civic.Agency{{Code: "most"}, {Code: "moh"}}}, Users: []civic.User{
		person(1, "lan@most.test", civic.RoleOfficer, "most"), person(2, "minh.anh@most.test", civic.RoleApprover, "most"),
		person(3, "lan@moh.test", civic.RoleOfficer, "moh"), person(4, "kiem@all.test", civic.RoleAuditor, ""),
		person(5, "hoa@all.test", civic.RoleCoordinator, ""), person(6, "hoa@most.test", civic.RoleOfficer, "most"),
	}}
	sub := civic.Submission{Agency: "most"}
	for _, tt := range []struct {
		name, text string
		who        []civic.UserID
		unknown    []string
	}{
		{"knows the short name", "Nhờ @lan xem", []civic.UserID{1}, nil},
		{"knows it at the ends of the text and before a full stop", "@minh.anh và @lan.", []civic.UserID{2, 1}, nil},
		{"knows the whole address, in capitals too", "(@Lan@most.test)", []civic.UserID{1}, nil},
		{"tells somebody once", "@lan, @lan", []civic.UserID{1}, nil},
		{"does not know who may not see the case", "@lan@moh.test", nil, []string{"@lan@moh.test"}},
		{"does not know who only reads", "@kiem", nil, []string{"@kiem"}},
		{"asks which of two", "@hoa @hoa@all.test", []civic.UserID{5}, []string{"@hoa"}},
		{"leaves addresses alone", "Gửi tới lan@most.test nhé", nil, nil},
	} {
		who, unknown := staff.Mentioned(sub, tt.text)
		if diff := cmp.Diff(tt.who, who); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.unknown, unknown); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
	}
	for id, want := range map[int]string{0: "lan", 5: "hoa@most.test"} {
		if got := staff.Login(staff.Users[id], sub); got != want {
			t.Errorf("the login is %s, want %s", got, want)
		}
	}
}
