package absence_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/absence"
	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/testkit/house"
)

func date(day int) civic.Date { return civic.Date{Year: 2026, Month: 3, Day: day} }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fails(t *testing.T, err error, kind errs.Kind, code string) {
	t.Helper()
	if errs.KindOf(err) != kind || errs.CodeOf(err) != code {
		t.Errorf("got %v, want %s %s", err, kind, code)
	}
}

func TestCasesOfWhoIsAwayAreGivenAway(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s := &absence.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Now: h.Clock.Now}
		officer, other := h.Staff(t, civic.RoleOfficer, house.Science), h.Staff(t, civic.RoleOfficer, house.Science)
		lead, stranger := h.Staff(t, civic.RoleLead, house.Science), h.Staff(t, civic.RoleOfficer, house.Education)
		entry := absence.Entry{User: officer.User, Substitute: other.User, From: date(3), Until: date(6)}
		fails(t, s.Add(t.Context(), other, entry), errs.Forbidden, "actor.not_allowed")
		for name, tt := range map[string]struct {
			edit func(*absence.Entry)
			want []string
		}{
			"a stranger":  {func(e *absence.Entry) { e.Substitute = stranger.User }, []string{"substitute absence.cannot_stand_in"}},
			"oneself":     {func(e *absence.Entry) { e.Substitute = e.User }, []string{"substitute absence.cannot_stand_in"}},
			"the past":    {func(e *absence.Entry) { e.From, e.Until = date(1), date(1) }, []string{"until absence.over"}},
			"backwards":   {func(e *absence.Entry) { e.Until = date(2) }, []string{"until absence.over"}},
			"for ever":    {func(e *absence.Entry) { e.Until.Year = 2028 }, []string{"until absence.too_long"}},
			"without day": {func(e *absence.Entry) { e.From, e.Until = civic.Date{}, civic.Date{} }, []string{"from field.not_a_date", "until field.not_a_date"}},
		} {
			e := entry
			tt.edit(&e)
			var got []string
			for _, f := range errs.FieldsOf(s.Add(t.Context(), lead, e)) {
				got = append(got, f.Name+" "+f.Code)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", name, diff)
			}
		}
		must(t, s.Add(t.Context(), officer, entry))
		fails(t, s.Add(t.Context(), lead, entry), errs.Conflict, "absence.overlaps")
		view, err := s.List(t.Context(), other)
		must(t, err)
		if len(view.Absences) != 1 || len(view.Ending) != 0 || len(view.People) != 1 {
			t.Errorf("the substitute sees %+v", view)
		}
		if hidden, err := s.List(t.Context(), stranger); err != nil || len(hidden.Absences) != 0 {
			t.Errorf("a stranger sees %+v, %v", hidden.Absences, err)
		}
		id := view.Absences[0].ID
		mine := h.Receive(t, func(s *civic.Submission) {
			s.State, s.Agency, s.Assignee = civic.InProgress, house.Science, officer.User
		})
		theirs := h.Receive(t, func(s *civic.Submission) { s.State, s.Agency, s.Assignee = civic.InProgress, house.Science, lead.User })
		_, err = s.Cases(t.Context(), stranger, id)
		fails(t, err, errs.NotFound, "absence.not_found")
		cases, err := s.Cases(t.Context(), lead, id)
		must(t, err)
		if cases.Total != 1 || cases.Items[0].Code != mine.Code || len(cases.Takers) != 2 {
			t.Errorf("cases %+v", cases)
		}
		_, err = s.Give(t.Context(), lead, id, stranger.User, []civic.Code{mine.Code})
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "to" {
			t.Errorf("given to a stranger: %v", err)
		}
		given, err := s.Give(t.Context(), lead, id, other.User, []civic.Code{mine.Code, theirs.Code})
		must(t, err)
		if given[0].Err != nil || errs.CodeOf(given[1].Err) != "absence.not_theirs" {
			t.Errorf("given %+v", given)
		}
		if h.Case(t, mine.Code).Assignee != other.User || h.CountEvents(t, mine.Code, civic.EventPassedOn) != 1 || h.Case(t, theirs.Code).Assignee != lead.User {
			t.Error("the cases are not where they belong")
		}
		must(t, s.End(t.Context(), lead, id))
		fails(t, s.End(t.Context(), other, id), errs.NotFound, "absence.not_found")
	})
}

// TestWhoWentElsewhereSeesNoCasesOfWhomTheyStoodInFor: the absence stays in the
// list of both for months.
func TestWhoWentElsewhereSeesNoCasesOfWhomTheyStoodInFor(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s := &absence.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Now: h.Clock.Now}
	officer, other := h.Staff(t, civic.RoleOfficer, house.Science), h.Staff(t, civic.RoleOfficer, house.Science)
	h.Receive(t, func(s *civic.Submission) {
		s.State, s.Agency, s.Assignee = civic.InProgress, house.Science, officer.User
	})
	must(t, s.Add(t.Context(), officer, absence.Entry{User: officer.User, Substitute: other.User, From: date(3), Until: date(6)}))
	view, err := s.List(t.Context(), other)
	must(t, err)
	other.Agency = house.Education
	cases, err := s.Cases(t.Context(), other, view.Absences[0].ID)
	must(t, err)
	if cases.Total != 0 || len(cases.Items) != 0 {
		t.Errorf("from another ministry one reads %+v", cases.Items)
	}
}

// Neither the substitute nor who comes back may approve what they wrote.
func TestNobodyApprovesWhatTheyWroteForSomebodyElse(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s := &answers.Service{Store: h.Store, Registry: h.Registry, Now: h.Clock.Now}
	absent, substitute, third := h.Staff(t, civic.RoleApprover, house.Science), h.Staff(t, civic.RoleApprover, house.Science), h.Staff(t, civic.RoleApprover, house.Science)
	sub := h.Receive(t, func(s *civic.Submission) {
		s.State, s.Agency, s.Assignee = civic.InProgress, house.Science, absent.User
	})
	draft := answers.Draft{Text: "Bộ tiếp thu ý kiến của công dân.", Outcome: civic.OutcomeAccepted}
	must(t, s.Draft(t.Context(), absent, sub.Code, 1, draft))
	draft.Submit = true
	must(t, s.Draft(t.Context(), substitute, sub.Code, 2, draft))
	fails(t, s.Approve(t.Context(), substitute, sub.Code, 3, false), errs.Forbidden, "answer.own_draft")
	fails(t, s.Approve(t.Context(), absent, sub.Code, 3, false), errs.Forbidden, "answer.own_draft")
	must(t, s.Approve(t.Context(), third, sub.Code, 3, false))
}

func TestWhoDoesTheWork(t *testing.T) {
	t.Parallel()
	reg := &civic.Registry{Agencies: []civic.Agency{{Code: "gov"}, {Code: "most", Parent: "gov"}, {Code: "ip", Parent: "most"}}}
	at := date(3).Start()
	away := func(who, by civic.UserID) civic.Absence {
		return civic.Absence{User: who, Substitute: by, From: at, Until: at.AddDate(0, 0, 1)}
	}
	user := func(id civic.UserID, role civic.Role, agency civic.AgencyCode) civic.User {
		return civic.User{ID: id, Role: role, Agency: agency, Active: true}
	}
	staff := civic.Staff{Registry: reg, At: at.Add(time.Hour), Users: []civic.User{
		user(1, civic.RoleOfficer, "most"), user(2, civic.RoleOfficer, "most"), user(3, civic.RoleLead, "most"), user(4, civic.RoleApprover, "ip"),
		user(5, civic.RoleLead, "gov"), user(6, civic.RoleCoordinator, ""), user(7, civic.RoleApprover, "most"),
	}, Absences: []civic.Absence{away(1, 2), away(2, 3)}}
	approvers := func(agency civic.AgencyCode, drafter civic.UserID) []civic.UserID {
		ids, _ := staff.Approvers(agency, drafter)
		return ids
	}
	for name, tt := range map[string]struct{ got, want []civic.UserID }{
		"the substitute of the substitute":          {staff.Handlers(civic.Submission{Agency: "most", Assignee: 1}), []civic.UserID{3}},
		"the lead before anybody took it on":        {staff.Handlers(civic.Submission{Agency: "most"}), []civic.UserID{3}},
		"the only one there":                        {staff.Handlers(civic.Submission{Agency: "ip"}), []civic.UserID{4}},
		"coordinators without an agency":            {staff.Handlers(civic.Submission{}), []civic.UserID{6}},
		"who leads above":                           {staff.Above("most"), []civic.UserID{5}},
		"nobody above":                              {staff.Above("gov"), []civic.UserID{6}},
		"whom one stands in for":                    {staff.Represented(3), []civic.UserID{1, 2}},
		"the other approvers":                       {approvers("most", 7), []civic.UserID{3}},
		"above an agency of one person":             {approvers("ip", 4), []civic.UserID{3, 7}},
		"nobody where the only one at the top did":  {approvers("gov", 5), nil},
		"in the own agency where another one wrote": {approvers("ip", 1), []civic.UserID{4}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	circle := staff
	circle.Absences = []civic.Absence{away(1, 2), away(2, 1)}
	if got := circle.Present(1); got != 1 {
		t.Errorf("in a circle %d does the work of 1", got)
	}
	if staff.MayStandIn(staff.Users[0], staff.Users[6]) || !staff.MayStandIn(staff.Users[2], staff.Users[6]) {
		t.Error("an officer may not stand in for an approver, a lead may")
	}
}
