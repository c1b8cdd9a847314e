package triage_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// act is one thing that staff do to a case.
type act struct {
	name  string
	state civic.State // from which it is allowed
	do    func(s *triage.Service, ctx context.Context, actor civic.Actor, code civic.Code, version int) error
	event civic.EventType
	then  civic.State
}

var acts = []act{
	{"assign", civic.Assigned, func(s *triage.Service, ctx context.Context, a civic.Actor, c civic.Code, v int) error {
		return s.Assign(ctx, a, c, v, house.Education, "Thuộc lĩnh vực giáo dục.")
	}, civic.EventAssigned, civic.Assigned},
	{"accept", civic.Assigned, func(s *triage.Service, ctx context.Context, a civic.Actor, c civic.Code, v int) error {
		return s.Accept(ctx, a, c, v, 0)
	}, civic.EventAccepted, civic.InProgress},
	{"hand back", civic.Assigned, func(s *triage.Service, ctx context.Context, a civic.Actor, c civic.Code, v int) error {
		return s.HandBack(ctx, a, c, v, "Không thuộc thẩm quyền.", "")
	}, civic.EventHandedBack, civic.Triage},
	{"reject", civic.Assigned, func(s *triage.Service, ctx context.Context, a civic.Actor, c civic.Code, v int) error {
		return s.Reject(ctx, a, c, v, civic.Rejection{Reason: "out_of_scope", Message: "Không thuộc phạm vi tiếp nhận."})
	}, civic.EventRejected, civic.Rejected},
	{"note", civic.Assigned, func(s *triage.Service, ctx context.Context, a civic.Actor, c civic.Code, v int) error {
		return s.Note(ctx, a, c, v, "Đã gọi điện hỏi thêm.")
	}, civic.EventNoted, civic.Assigned},
}

// mayAct is who may do what to a case that is assigned to Science, written down
// apart from the code: the row's kind of error, or ok.
const mayAct = `
               assign            accept           hand_back        reject           note
own_officer    forbidden         ok               ok               forbidden        ok
own_approver   forbidden         ok               ok               forbidden        ok
above_officer  forbidden         ok               ok               forbidden        ok
other_officer  not_found         not_found        not_found        not_found        not_found
lost_officer   not_found         not_found        not_found        not_found        not_found
coordinator    ok                forbidden        forbidden        ok               ok
administrator  forbidden         forbidden        forbidden        forbidden        ok
sender         not_found         not_found        not_found        not_found        not_found
public         unauthenticated   unauthenticated  unauthenticated  unauthenticated  unauthenticated
`

func TestWhoMayDoWhatToACase(t *testing.T) {
	t.Parallel()
	rows := strings.Split(strings.TrimSpace(mayAct), "\n")
	for _, row := range rows[1:] {
		cells := strings.Fields(row)
		t.Run(cells[0], func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, house.New(t))
			actor := d.person(t, cells[0])
			for i, a := range acts {
				sub := d.assigned(t, house.Science)
				if cells[0] == "sender" {
					actor = civic.SenderOf(sub.ID)
				}
				err := a.do(d.s, t.Context(), actor, sub.Code, sub.Version)
				got := "ok"
				if err != nil {
					got = errs.KindOf(err).String()
				}
				if got != cells[i+1] {
					t.Errorf("%s: %v, want %s", a.name, err, cells[i+1])
				}
				now := d.Case(t, sub.Code)
				if got == "ok" && (now.State != a.then || now.Version != 2 || d.CountEvents(t, sub.Code, a.event) != 1) {
					t.Errorf("%s left it %s, version %d, with %d events", a.name, now.State, now.Version, d.CountEvents(t, sub.Code, a.event))
				}
				if got != "ok" && (now.State != civic.Assigned || now.Version != 1 || len(d.Events(t, sub.Code)) != 1) {
					t.Errorf("%s was refused and left a trace: %s, version %d", a.name, now.State, now.Version)
				}
			}
		})
	}
}

// person returns one of the people of mayAct.
func (d *desk) person(t *testing.T, name string) civic.Actor {
	t.Helper()
	switch name {
	case "own_officer":
		return d.Staff(t, civic.RoleOfficer, house.Science)
	case "own_approver":
		return d.Staff(t, civic.RoleApprover, house.Science)
	case "above_officer":
		return d.Staff(t, civic.RoleOfficer, house.Government)
	case "other_officer":
		return d.Staff(t, civic.RoleOfficer, house.Education)
	case "lost_officer":
		return d.Staff(t, civic.RoleOfficer, "")
	case "coordinator":
		return d.coordinator
	case "administrator":
		return d.Staff(t, civic.RoleAdministrator, "")
	default:
		return civic.Public
	}
}

func TestTheStateDecidesWhatIsAllowed(t *testing.T) {
	t.Parallel()
	allowed := map[string][]civic.State{
		"assign":    {civic.Triage, civic.Assigned, civic.InProgress},
		"accept":    {civic.Assigned},
		"hand back": {civic.Assigned, civic.InProgress},
		"reject":    {civic.Received, civic.Triage, civic.Assigned, civic.InProgress, civic.AwaitingCitizen},
		"note":      civic.States,
	}
	d := newDesk(t, house.New(t))
	officer := d.Staff(t, civic.RoleOfficer, house.Science)
	for _, a := range acts {
		actor := officer
		if a.name == "assign" || a.name == "reject" {
			actor = d.coordinator
		}
		for _, state := range civic.States {
			sub := d.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = state, house.Science })
			err := a.do(d.s, t.Context(), actor, sub.Code, 1)
			if may := civic.StateSet(allowed[a.name]).Has(state); may != (err == nil) || !may && errs.KindOf(err) != errs.Conflict {
				t.Errorf("%s while %s: %v", a.name, state, err)
			}
		}
	}
}

func TestAnActOnAnotherVersionIsAConflict(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	officer := d.Staff(t, civic.RoleOfficer, house.Science)
	for _, a := range acts {
		for _, version := range []int{0, 2, -1} {
			actor := officer
			if a.name == "assign" || a.name == "reject" {
				actor = d.coordinator
			}
			sub := d.assigned(t, house.Science)
			err := a.do(d.s, t.Context(), actor, sub.Code, version)
			if errs.KindOf(err) != errs.Conflict || errs.CodeOf(err) != "submission.version_mismatch" {
				t.Errorf("%s on version %d: %v", a.name, version, err)
			}
		}
	}
}

func TestOfTwoPeopleWhoActAtTheSameMomentOneIsTold(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		officer := d.Staff(t, civic.RoleOfficer, house.Science)
		sub := d.assigned(t, house.Science)
		failures := make([]error, 6)
		var all sync.WaitGroup
		for i := range failures {
			all.Go(func() { failures[i] = d.s.Accept(t.Context(), officer, sub.Code, 1, 0) })
		}
		all.Wait()
		done := 0
		for _, err := range failures {
			switch {
			case err == nil:
				done++
			case errs.CodeOf(err) != "submission.version_mismatch":
				t.Errorf("the slower one is told %v", err)
			}
		}
		if got := d.Case(t, sub.Code); done != 1 || got.Version != 2 || d.CountEvents(t, sub.Code, civic.EventAccepted) != 1 {
			t.Errorf("%d succeeded, version %d", done, got.Version)
		}
	})
}

// TestAReceiptKeptBackGoesOutWithTheCase: what had to be checked first was
// received without mail; letting it through tells the sender, once.
func TestAReceiptKeptBackGoesOutWithTheCase(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	held := d.ReceiveFrom(t, house.Sender, func(sub *civic.Submission) {
		sub.State, sub.TriageReason, sub.Hold = civic.Triage, triage.ReasonHeld, "hold.rate"
	})
	free := d.ReceiveFrom(t, house.Sender, func(sub *civic.Submission) { sub.State = civic.Triage })
	for _, c := range []struct {
		sub  civic.Submission
		want int
	}{{held, 1}, {free, 0}} {
		for i, agency := range []civic.AgencyCode{house.Science, house.Education} {
			if err := d.s.Assign(t.Context(), d.coordinator, c.sub.Code, i+1, agency, ""); err != nil {
				t.Fatal(err)
			}
		}
		got := map[civic.MessageKind]int{}
		for _, m := range d.Messages(t, c.sub.Code) {
			got[m.Kind]++
		}
		if got[civic.MessageReceipt] != c.want || got[civic.MessageMoved] != 2 { // the sender has a telephone and wants every step
			t.Errorf("the sender is told %v, want %d receipts and two moves", got, c.want)
		}
	}
}

func TestAssign(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	sub := d.Receive(t, func(sub *civic.Submission) {
		sub.State, sub.TriageReason, sub.Hold = civic.Triage, triage.ReasonHeld, "hold.rate"
	})
	if err := d.s.Assign(t.Context(), d.coordinator, sub.Code, 1, house.Science, "  Thuộc\x00 Bộ.  "); err != nil {
		t.Fatal(err)
	}
	got := d.Case(t, sub.Code)
	if got.State != civic.Assigned || got.Agency != house.Science || got.TriageReason != "" || got.Hold != "" || got.Handovers != 0 {
		t.Errorf("the case is %+v", got)
	}
	if !got.DueAt.Equal(sub.DueAt) || !got.ForwardDueAt.Equal(sub.ForwardDueAt) {
		t.Error("a clock was restarted")
	}
	events := d.Events(t, sub.Code)
	if e := events[len(events)-1]; e.Reason != "Thuộc Bộ." || e.User != d.coordinator.User || e.Agency != house.Science || e.From != civic.Triage {
		t.Errorf("the event is %+v", e)
	}
	if r := d.route(t, sub); r.By != civic.RouteByPerson || r.Agency != house.Science {
		t.Errorf("the reason is %+v", r)
	}
	if err := d.s.Assign(t.Context(), d.coordinator, sub.Code, 2, house.Education, ""); err != nil {
		t.Fatal(err)
	}
	if got := d.Case(t, sub.Code); got.Agency != house.Education || got.Handovers != 1 {
		t.Errorf("given on it is %+v", got)
	}
	for _, bad := range []civic.AgencyCode{"", "nowhere", "bo-thong-tin-truyen-thong"} { // the last one ended in 2025
		err := d.s.Assign(t.Context(), d.coordinator, sub.Code, 3, bad, "")
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "agency" {
			t.Errorf("assigned to %q: %v", bad, err)
		}
	}
}

func TestAcceptNamesWhoHandlesIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	officer, colleague := d.Staff(t, civic.RoleOfficer, house.Science), d.Staff(t, civic.RoleOfficer, house.Science)
	stranger, admin := d.Staff(t, civic.RoleOfficer, house.Education), d.Staff(t, civic.RoleAdministrator, "")
	closed := d.User(t, civic.User{Role: civic.RoleOfficer, Agency: house.Science})
	d.Do(t, func(tx store.Tx) error {
		closed.Active = false
		return tx.Users().Update(t.Context(), closed)
	})
	for assignee, want := range map[civic.UserID]civic.UserID{0: officer.User, colleague.User: colleague.User} {
		sub := d.assigned(t, house.Science)
		if err := d.s.Accept(t.Context(), officer, sub.Code, 1, assignee); err != nil {
			t.Fatal(err)
		}
		if got := d.Case(t, sub.Code); got.Assignee != want || got.State != civic.InProgress {
			t.Errorf("handled by %d, want %d", got.Assignee, want)
		}
	}
	for name, assignee := range map[string]civic.UserID{
		"a stranger": stranger.User, "an administrator": admin.User, "a coordinator": d.coordinator.User, "a closed account": closed.ID, "nobody": 9999,
	} {
		sub := d.assigned(t, house.Science)
		err := d.s.Accept(t.Context(), officer, sub.Code, 1, assignee)
		if f := errs.FieldsOf(err); errs.KindOf(err) != errs.Invalid || len(f) != 1 || f[0].Name != "assignee" {
			t.Errorf("given to %s: %v", name, err)
		}
	}
}

func TestTheThirdHandOverGoesToTheCoordinators(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	science, education := d.Staff(t, civic.RoleOfficer, house.Science), d.Staff(t, civic.RoleOfficer, house.Education)
	sub := d.assigned(t, house.Science)
	turns := []struct {
		by    civic.Actor
		to    civic.AgencyCode
		state civic.State
		left  civic.AgencyCode
	}{
		{science, house.Education, civic.Assigned, house.Education},
		{education, house.Science, civic.Assigned, house.Science},
		{science, house.Education, civic.Triage, ""},
	}
	for i, turn := range turns {
		if err := d.s.HandBack(t.Context(), turn.by, sub.Code, i+1, "Không thuộc thẩm quyền.", turn.to); err != nil {
			t.Fatal(err)
		}
		got := d.Case(t, sub.Code)
		if got.State != turn.state || got.Agency != turn.left || got.Handovers != i+1 || got.Assignee != 0 || !got.DueAt.Equal(sub.DueAt) {
			t.Errorf("after %d hand-overs: %+v", i+1, got)
		}
		events := d.Events(t, sub.Code)
		if e := events[len(events)-1]; e.Agency != turn.by.Agency || e.Reason != "Không thuộc thẩm quyền." {
			t.Errorf("the event says %+v, want it to name who gave it back", e)
		}
	}
	if got := d.Case(t, sub.Code); got.TriageReason != triage.ReasonHandedOn {
		t.Errorf("the coordinator is told %q", got.TriageReason)
	}
}

func TestHandingBackWithoutABetterAddressGoesToTheCoordinators(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	officer := d.Staff(t, civic.RoleOfficer, house.Science)
	for _, suggested := range []civic.AgencyCode{"", house.Science} {
		sub := d.assigned(t, house.Science)
		if err := d.s.HandBack(t.Context(), officer, sub.Code, 1, "Không rõ.", suggested); err != nil {
			t.Fatal(err)
		}
		if got := d.Case(t, sub.Code); got.State != civic.Triage || got.Agency != "" {
			t.Errorf("suggesting %q: %s with %q", suggested, got.State, got.Agency)
		}
		if _, err := d.s.Case(t.Context(), officer, sub.Code); errs.KindOf(err) != errs.NotFound {
			t.Errorf("who gave it back still opens it: %v", err)
		}
	}
	sub := d.assigned(t, house.Science)
	for _, bad := range []struct{ reason, suggested, field string }{
		{"", "", "reason"}, {" \x00\u200b ", "", "reason"}, {strings.Repeat("ệ", civic.MaxReason+1), "", "reason"}, {"Không rõ.", "nowhere", "suggested_agency"},
	} {
		err := d.s.HandBack(t.Context(), officer, sub.Code, 1, bad.reason, civic.AgencyCode(bad.suggested))
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != bad.field {
			t.Errorf("%.10q to %q: %v", bad.reason, bad.suggested, err)
		}
	}
}

func TestRejectTellsTheSenderWhy(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	for _, bad := range []struct {
		r     civic.Rejection
		field string
	}{
		{civic.Rejection{Reason: "because", Message: "Không xử lý."}, "reason_code"},
		{civic.Rejection{Reason: "out_of_scope", Message: "  "}, "message"},
		{civic.Rejection{Reason: "out_of_scope", Message: strings.Repeat("x", civic.MaxMessage+1)}, "message"},
	} {
		err := d.s.Reject(t.Context(), d.coordinator, d.assigned(t, house.Science).Code, 1, bad.r)
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != bad.field {
			t.Errorf("%+v: %v", bad.r.Reason, err)
		}
	}
	for _, reason := range d.Registry.Rejections {
		sub := d.assigned(t, house.Science)
		want := civic.Rejection{Reason: reason.Code, Message: "Đã xem xét."}
		if err := d.s.Reject(t.Context(), d.coordinator, sub.Code, 1, want); err != nil {
			t.Fatal(err)
		}
		if got := d.Case(t, sub.Code); got.Rejection != want || got.State != civic.Rejected {
			t.Errorf("%s: %+v", reason.Code, got.Rejection)
		}
	}
}

func TestTheOverdueAreNotedOnce(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		open := d.assigned(t, house.Science)
		settled := d.Receive(t, func(sub *civic.Submission) { sub.State = civic.Rejected })
		d.Clock.Set(open.DueAt)
		sweep := func() {
			t.Helper()
			if more, err := d.s.SweepOverdue(t.Context()); err != nil || more {
				t.Fatalf("sweep: %v %v", more, err)
			}
		}
		sweep()
		if n := d.CountEvents(t, open.Code, civic.EventOverdue); n != 0 {
			t.Errorf("noted %d times in the last second that is in time", n)
		}
		d.Clock.Advance(time.Second)
		later := d.assigned(t, house.Science) // due weeks after
		var all sync.WaitGroup
		for range 4 { // of as many processes
			all.Go(func() {
				if _, err := d.s.SweepOverdue(t.Context()); err != nil {
					t.Errorf("sweep: %v", err)
				}
			})
		}
		all.Wait()
		sweep()
		for code, want := range map[civic.Code]int{open.Code: 1, settled.Code: 0, later.Code: 0} {
			if n := d.CountEvents(t, code, civic.EventOverdue); n != want {
				t.Errorf("%s was noted %d times, want %d", code, n, want)
			}
		}
		if v := d.Case(t, open.Code).Version; v != 1 {
			t.Errorf("the sweep changed the version to %d: whoever has the page open loses it", v)
		}
	})
}

func TestTheSweepSaysWhetherMoreMayBeWaiting(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	const overdue = 201 // one more than a sweep takes
	for i := range overdue {
		d.ReceiveFrom(t, civic.Contact{}, func(sub *civic.Submission) { sub.Title = fmt.Sprintf("Ý kiến số %d", i) })
	}
	d.Clock.Advance(60 * 24 * time.Hour)
	for _, want := range []bool{true, false} {
		if more, err := d.s.SweepOverdue(t.Context()); err != nil || more != want {
			t.Errorf("more %v, want %v, %v", more, want, err)
		}
	}
}
