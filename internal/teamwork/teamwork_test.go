package teamwork_test

import (
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/teamwork"
	"hienke/internal/testkit/house"
)

const (
	own     civic.AgencyCode = "bo-khoa-hoc-cong-nghe"
	foreign civic.AgencyCode = "bo-y-te"
)

// team is two colleagues of an agency and a stranger in a house.
type team struct {
	*house.House
	s                        *teamwork.Service
	me, colleague, foreigner civic.User
}

func on(t *testing.T, run func(t *testing.T, d *team)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) {
		person := func(email string, agency civic.AgencyCode) civic.User {
			return h.User(t, civic.User{Name: email, Email: email, Role: civic.RoleOfficer, Agency: agency})
		}
		run(t, &team{
			h, &teamwork.Service{Store: h.Store, Registry: h.Registry, Now: h.Clock.Now},
			person("an@demo.test", own), person("binh@demo.test", own), person("an@other.test", foreign),
		})
	})
}

func (d *team) handled(t *testing.T, agency civic.AgencyCode) civic.Submission {
	t.Helper()
	return d.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, agency })
}

func (d *team) add(t *testing.T, sub civic.Submission, n teamwork.NewTodo) error {
	t.Helper()
	return d.s.AddTodo(t.Context(), civic.StaffOf(d.me), sub.Code, d.Case(t, sub.Code).Version, n)
}

func (d *team) mine(t *testing.T, u civic.User) []store.TodoOfCase {
	t.Helper()
	list, err := d.s.Mine(t.Context(), civic.StaffOf(u))
	must(t, err)
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fails compares the code of a failure, or of its first field.
func fails(t *testing.T, err error, code string) {
	t.Helper()
	got := errs.CodeOf(err)
	if fields := errs.FieldsOf(err); len(fields) > 0 {
		got = fields[0].Name + " " + fields[0].Code
	}
	if got != code {
		t.Errorf("got %s (%v), want %s", got, err, code)
	}
}

func TestATodoIsGivenToWhoMaySeeTheCaseAndDoneOnce(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *team) {
		sub := d.handled(t, own)
		today := civic.DateOf(d.Clock.Now())
		fails(t, d.add(t, sub, teamwork.NewTodo{Text: " "}), "text field.required")
		fails(t, d.add(t, sub, teamwork.NewTodo{Text: "Gọi cho xã", Until: "mai"}), "until field.not_a_date")
		fails(t, d.add(t, sub, teamwork.NewTodo{Text: "Gọi cho xã", Until: "2020-01-31"}), "until field.in_the_past")
		fails(t, d.add(t, sub, teamwork.NewTodo{Text: "Gọi cho xã", User: d.foreigner.ID}), "user field.unknown_value")
		must(t, d.add(t, sub, teamwork.NewTodo{Text: "Xem lại", User: d.colleague.ID, Until: today.String()}))
		must(t, d.add(t, sub, teamwork.NewTodo{Text: "Gọi  cho xã"}))
		if mine := d.mine(t, d.me); len(mine) != 1 || mine[0].Text != "Gọi cho xã" || mine[0].Case.Code != sub.Code {
			t.Errorf("my list: %+v", mine)
		}
		todo := d.mine(t, d.colleague)[0]
		if todo.Until != today || todo.Late(d.Clock.Now()) {
			t.Errorf("the colleague's: %+v", todo)
		}
		finish := func(who civic.User, sub civic.Submission) error {
			return d.s.FinishTodo(t.Context(), civic.StaffOf(who), sub.Code, d.Case(t, sub.Code).Version, todo.ID)
		}
		fails(t, finish(d.foreigner, sub), "submission.not_found")
		fails(t, finish(d.me, d.handled(t, own)), "todo.not_found")
		must(t, finish(d.me, sub))
		fails(t, finish(d.me, sub), "todo.done")
		if len(d.mine(t, d.colleague)) != 0 || d.CountEvents(t, sub.Code, civic.EventTodoDone) != 1 {
			t.Error("it is not done")
		}
		// The case goes away, and with it what is to do.
		d.Change(t, sub.Code, func(sub *civic.Submission) { sub.Agency = foreign })
		if mine := d.mine(t, d.me); len(mine) != 0 {
			t.Errorf("my list after the case left: %+v", mine)
		}
	})
}

func TestCasesAreLinkedByWhoSeesBoth(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *team) {
		one, other, strange := d.handled(t, own), d.handled(t, own), d.handled(t, foreign)
		me := civic.StaffOf(d.me)
		link := func(a civic.Submission, code string) error {
			return d.s.Link(t.Context(), me, a.Code, d.Case(t, a.Code).Version, code, "Cùng một cây cầu")
		}
		for _, code := range []string{"", "HK-2222-2222-2222", one.Code.String(), strange.Code.String()} {
			fails(t, link(one, code), "other field.unknown_case")
		}
		fails(t, link(strange, one.Code.String()), "submission.not_found")
		must(t, link(one, strings.ToLower(other.Code.String())))
		fails(t, link(other, one.Code.String()), "link.exists")
		unlink := func(a, b civic.Submission) error {
			return d.s.Unlink(t.Context(), me, a.Code, d.Case(t, a.Code).Version, b.Code.String())
		}
		must(t, unlink(other, one))
		fails(t, unlink(one, other), "link.not_found")
		if d.CountEvents(t, one.Code, civic.EventLinked) != 1 || d.CountEvents(t, other.Code, civic.EventUnlinked) != 1 {
			t.Error("the history does not tell of it")
		}
	})
}
