package triage_test

import (
	"fmt"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// ended adds an agency that ends tomorrow: data goes to Science, the rest is
// not said.
const ended civic.AgencyCode = "bo-cu"

func (d *desk) end() {
	d.Registry.Agencies = append(d.Registry.Agencies, civic.Agency{
		Code: ended, Names: civic.Names{civic.Vietnamese: "Bộ Cũ"}, Receives: true, Valid: civic.Period{Until: d.Clock.Now().Add(24 * time.Hour)},
		Successors: []civic.AgencyCode{house.Education, house.Science},
		Succession: []civic.Succession{{Agency: house.Science, Topics: []civic.TopicCode{"du-lieu"}}},
	})
}

// confirmed returns the agency that people stand by, empty for none.
func (d *desk) confirmed(t *testing.T, sub civic.Submission) civic.AgencyCode {
	t.Helper()
	var code civic.AgencyCode
	err := d.Store.View(t.Context(), func(tx store.Tx) (err error) {
		code, err = tx.Routes().ConfirmedAgency(t.Context(), sub.ID)
		return err
	})
	if err != nil && errs.KindOf(err) != errs.NotFound {
		t.Fatal(err)
	}
	return code
}

func TestOpenCasesOfAnAgencyThatEndedAreListedAndMoved(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		d.end()
		give := func(state civic.State, topic civic.TopicCode) civic.Submission {
			return d.Receive(t, func(sub *civic.Submission) { sub.State, sub.Topic, sub.Agency = state, topic, ended })
		}
		data, other, review := give(civic.InProgress, "du-lieu"), give(civic.Assigned, "khac"), give(civic.InReview, "khac")
		give(civic.Answered, "khac")
		d.assigned(t, house.Science)
		list := func() triage.StrandedPage {
			t.Helper()
			p, err := d.s.Stranded(t.Context(), d.coordinator, 1)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		if p := list(); p.Total != 0 {
			t.Errorf("while it lasts %d are stranded", p.Total)
		}
		d.Clock.Advance(48 * time.Hour)
		p := list()
		got := map[civic.Code]string{}
		for _, c := range p.Items {
			got[c.Code] = fmt.Sprint(c.Successor, c.Successors, c.Movable)
		}
		both := fmt.Sprint([]civic.AgencyCode{house.Education, house.Science})
		want := map[civic.Code]string{
			data.Code: string(house.Science) + both + " true", other.Code: both + " true", review.Code: both + " false",
		}
		if p.Total != 3 || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d are stranded: %v, want %v", p.Total, got, want)
		}

		moved, err := d.s.MoveStranded(t.Context(), d.coordinator, []triage.Transfer{
			{Code: review.Code, Agency: house.Education}, {Code: data.Code, Agency: house.Science}, {Code: other.Code, Agency: ended},
			{Code: other.Code, Agency: house.Education},
		}, "Bộ Cũ đã hợp nhất.")
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"submission.move_not_allowed", "", "input.invalid", ""} {
			if err := moved[i].Err; (err == nil) != (want == "") || err != nil && errs.CodeOf(err) != want {
				t.Errorf("transfer %d: %v, want %q", i, err, want)
			}
		}
		after := d.Case(t, data.Code)
		if after.State != civic.Assigned || after.Agency != house.Science || after.Handovers != 0 || !after.DueAt.Equal(data.DueAt) || d.confirmed(t, data) != house.Science {
			t.Errorf("it stands at %+v", after)
		}
		events := d.Events(t, data.Code)
		if last := events[len(events)-1]; last.Type != civic.EventAssigned || last.Reason != "Bộ Cũ đã hợp nhất." || last.Agency != house.Science {
			t.Errorf("its history ends with %+v", last)
		}
		if p := list(); p.Total != 1 {
			t.Errorf("%d are left", p.Total)
		}
		again, err := d.s.MoveStranded(t.Context(), d.coordinator, []triage.Transfer{{Code: data.Code, Agency: house.Education}}, "")
		if err != nil || errs.CodeOf(again[0].Err) != "submission.not_stranded" {
			t.Errorf("a case with a living agency: %v, %v", again, err)
		}
	})
}

func TestStrandedCasesAreForCoordinators(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	officer := d.Staff(t, civic.RoleOfficer, house.Science)
	if _, err := d.s.Stranded(t.Context(), officer, 1); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("list: %v", err)
	}
	if _, err := d.s.MoveStranded(t.Context(), officer, nil, ""); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("move: %v", err)
	}
	if _, err := d.s.Flags(t.Context(), officer); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("flags: %v", err)
	}
	if _, err := d.s.MoveStranded(t.Context(), d.coordinator, make([]triage.Transfer, 51), ""); errs.KindOf(err) != errs.Invalid {
		t.Errorf("51 at once: %v", err)
	}
}

func TestAnAgencyThatEndedReceivesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	d.end()
	d.Clock.Advance(48 * time.Hour)
	sub := d.Receive(t, func(sub *civic.Submission) { sub.State = civic.Triage })
	if err := d.s.Assign(t.Context(), d.coordinator, sub.Code, 1, ended, ""); errs.KindOf(err) != errs.Invalid {
		t.Errorf("assigned by hand: %v", err)
	}
	officer := d.Staff(t, civic.RoleOfficer, house.Science)
	mine := d.assigned(t, house.Science)
	if err := d.s.HandBack(t.Context(), officer, mine.Code, 1, "Của Bộ Cũ", ended); errs.KindOf(err) != errs.Invalid {
		t.Errorf("suggested by an agency: %v", err)
	}
}

func TestWhatWasHandedBackIsNoExampleForWhoGaveItBack(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub := d.Receive(t, func(sub *civic.Submission) { sub.State = civic.Triage })
		if err := d.s.Assign(t.Context(), d.coordinator, sub.Code, 1, house.Science, ""); err != nil {
			t.Fatal(err)
		}
		if got := d.confirmed(t, sub); got != house.Science {
			t.Errorf("after the assignment %q is confirmed", got)
		}
		officer, teacher := d.Staff(t, civic.RoleOfficer, house.Science), d.Staff(t, civic.RoleOfficer, house.Education)
		if err := d.s.HandBack(t.Context(), officer, sub.Code, 2, "Không thuộc Bộ", house.Education); err != nil {
			t.Fatal(err)
		}
		if got := d.confirmed(t, sub); got != "" {
			t.Errorf("after it was handed back %q is confirmed", got)
		}
		if err := d.s.Accept(t.Context(), teacher, sub.Code, 3, 0); err != nil {
			t.Fatal(err)
		}
		if got := d.confirmed(t, sub); got != house.Education {
			t.Errorf("after the other accepted %q is confirmed", got)
		}
	})
}

// given has a case given to an agency and accepted some days later, 0 for never.
func (d *desk) given(t *testing.T, agency civic.AgencyCode, acceptedAfter int) civic.Submission {
	t.Helper()
	sub := d.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, agency })
	add := func(of civic.EventType, days int) {
		d.Do(t, func(tx store.Tx) error {
			return tx.Events().Add(t.Context(), civic.Event{
				Submission: sub.ID, At: d.Clock.Now().AddDate(0, 0, days), Type: of, Actor: civic.ActorSystem, From: civic.Received, To: civic.Assigned, Agency: agency,
			})
		})
	}
	add(civic.EventRouted, 0)
	if acceptedAfter > 0 {
		add(civic.EventAccepted, acceptedAfter)
	}
	return sub
}

func TestAgenciesThatDoNotTakeTheirCasesAreFlagged(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		const health, home civic.AgencyCode = "bo-y-te", "bo-noi-vu"
		began := d.Clock.Now()
		for range 4 {
			d.given(t, house.Education, 0) // too few to say
			d.given(t, house.Science, 0)   // silent
		}
		d.given(t, house.Science, 0)
		if got := d.flags(t); len(got) != 0 {
			t.Errorf("on the first day: %+v", got)
		}
		for range 5 {
			d.given(t, health, 12) // late
			d.given(t, home, 1)    // in time
		}
		d.given(t, health, 1)
		d.Clock.Set(began.AddDate(0, 0, 13))
		want := []triage.AgencyFlag{
			{Agency: house.Science, Flags: []triage.Flag{triage.FlagSilent}, Due: 5, Waiting: began},
			{Agency: health, Flags: []triage.Flag{triage.FlagSlow}, Due: 6, InTime: 1, Late: 5},
		}
		if got := d.flags(t); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("flags: %+v, want %+v", got, want)
		}
		d.Clock.Set(began.AddDate(0, 0, 31))
		if got := d.flags(t); len(got) != 0 {
			t.Errorf("after the window: %+v", got)
		}
	})
}

func (d *desk) flags(t *testing.T) []triage.AgencyFlag {
	t.Helper()
	got, err := d.s.Flags(t.Context(), d.coordinator)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestHandedBackCasesAreCountedAndFollowToTheNextAgency(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	officer := d.Staff(t, civic.RoleOfficer, house.Science)
	began := d.Clock.Now()
	for range 5 {
		sub := d.given(t, house.Science, 0)
		d.Clock.Advance(time.Minute)
		if err := d.s.HandBack(t.Context(), officer, sub.Code, 1, "Không thuộc Bộ", house.Education); err != nil {
			t.Fatal(err)
		}
		d.given(t, house.Science, 0)
	}
	d.Clock.Set(began.AddDate(0, 0, 13))
	got := d.flags(t)
	if len(got) != 2 || got[0].Agency != house.Education || got[0].Due != 5 || got[0].HandedBack != 0 ||
		got[1].Agency != house.Science || got[1].Due != 5 || got[1].HandedBack != 5 {
		t.Errorf("flags: %+v", got)
	}
}

// told returns the agencies that are to be told by mail, oldest first.
func (d *desk) told(t *testing.T) (out []civic.AgencyCode) {
	t.Helper()
	for _, j := range d.Jobs(t, store.JobNotify) {
		d.View(t, func(tx store.Tx) error {
			n, err := tx.AgencyNotices().Get(t.Context(), j.Subject)
			out = append(out, n.Agency)
			return err
		})
	}
	return out
}

func TestAnAgencyWithAnAddressIsToldOfWhatItIsGiven(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		d.Registry.Agencies = append([]civic.Agency(nil), d.Registry.Agencies...)
		for i := range d.Registry.Agencies {
			if a := &d.Registry.Agencies[i]; a.Code == house.Science || a.Code == house.Education {
				a.Email = "van-thu@bo.example.vn"
			}
		}
		want := []civic.AgencyCode{}
		same := func(after string, more ...civic.AgencyCode) {
			t.Helper()
			if want = append(want, more...); fmt.Sprint(d.told(t)) != fmt.Sprint(want) {
				t.Errorf("%s: told %v, want %v", after, d.told(t), want)
			}
		}
		ruled := d.Receive(t, func(sub *civic.Submission) { sub.Body = "Xin làm " + pontoon + " qua sông cho học sinh." })
		d.settle(t)
		same("routed by a rule", house.Education)
		version := d.Case(t, ruled.Code).Version
		assign := func(agency civic.AgencyCode) {
			t.Helper()
			if err := d.s.Assign(t.Context(), d.coordinator, ruled.Code, version, agency, ""); err != nil {
				t.Fatal(err)
			}
			version++
		}
		assign(house.Education)
		same("assigned to who has it")
		assign("bo-y-te")
		same("assigned to one without an address")
		assign(house.Science)
		same("assigned by hand", house.Science)
		officer := d.Staff(t, civic.RoleOfficer, house.Science)
		if err := d.s.Note(t.Context(), officer, ruled.Code, version, "Ghi chú"); err != nil {
			t.Fatal(err)
		}
		same("a note")

		for _, j := range d.Jobs(t, store.JobNotify)[:1] {
			d.Do(t, func(tx store.Tx) error {
				_, err := tx.AgencyNotices().Settle(t.Context(), j.Subject, civic.MessageNotSent, "refused", d.Clock.Now())
				return err
			})
		}
		if got := d.flags(t); len(got) != 1 || got[0].Agency != house.Education || got[0].Bounced != 1 || fmt.Sprint(got[0].Flags) != "[bounces]" {
			t.Errorf("flags: %+v", got)
		}
	})
}
