package reminders_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/notices"
	"hienke/internal/reminders"
	"hienke/internal/routing"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// office is a house with a mail server, the service, and its people.
type office struct {
	*house.House
	t      *testing.T
	s      *reminders.Service
	triage *triage.Service
	server *testkit.SMTPServer

	officer, substitute, lead, minister, coordinator civic.User
}

func each(t *testing.T, run func(o *office)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) { run(newOffice(t, h)) })
}

func newOffice(t *testing.T, h *house.House) *office {
	t.Helper()
	sender, server := h.Mail(t)
	o := &office{House: h, t: t, server: server, s: &reminders.Service{
		Store: h.Store, Registry: h.Registry, Times: h.Times, Now: h.Clock.Now, Mail: sender, Draw: notices.Draw, PublicURL: house.Site,
	}, triage: &triage.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Policy: routing.DefaultPolicy(), Now: h.Clock.Now}}
	person := func(name, email string, role civic.Role, agency civic.AgencyCode) civic.User {
		return h.User(t, civic.User{Name: name, Email: email, Role: role, Agency: agency})
	}
	o.officer = person("Lê Văn Cường", "cuong@demo.test", civic.RoleOfficer, house.Science)
	o.substitute = person("Phạm Thu Dung", "dung@demo.test", civic.RoleOfficer, house.Science)
	o.lead = person("Trần Thị Em", "em@demo.test", civic.RoleLead, house.Science)
	o.minister = person("Đỗ Văn Giang", "giang@demo.test", civic.RoleLead, house.Government)
	o.coordinator = person("Hồ Thị Hạnh", "hanh@demo.test", civic.RoleCoordinator, "")
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// case of the officer, received now and due in 15 working days.
func (o *office) handled() civic.Submission {
	o.t.Helper()
	return o.ReceiveFrom(o.t, civic.Contact{}, func(s *civic.Submission) {
		s.State, s.Agency, s.Assignee = civic.InProgress, house.Science, o.officer.ID
	})
}

// at sets the clock to a time of day in March or later in 2026, in Hanoi.
func (o *office) at(month time.Month, day, hour, minute int) {
	o.Clock.Set(time.Date(2026, month, day, hour, minute, 0, 0, civic.Zone))
}

// sweep does every round until nothing waits, twice: what runs twice acts once.
func (o *office) sweep() {
	o.t.Helper()
	for range 2 {
		for _, round := range []func() (bool, error){
			func() (bool, error) { return o.triage.SweepOverdue(o.t.Context()) },
			func() (bool, error) { return o.s.Sweep(o.t.Context()) },
		} {
			for more := true; more; {
				var err error
				more, err = round()
				o.must(err)
			}
		}
	}
}

// post sends every mail whose time has come and returns their subjects by
// address.
func (o *office) post() map[string][]string {
	o.t.Helper()
	before := len(o.server.Messages())
	for _, j := range o.Jobs(o.t, store.JobStaffMail) {
		for range 2 {
			if !j.NextAt.After(o.Clock.Now()) {
				o.must(o.s.Send(o.t.Context(), j.ID, j.Subject))
			}
		}
	}
	out := map[string][]string{}
	for _, m := range o.server.Messages()[before:] {
		name, _, _ := strings.Cut(m.To[0], "@")
		out[name] = append(out[name], m.Subject)
	}
	return out
}

// day is one sweep at a time and the mails half an hour later.
func (o *office) day(month time.Month, day, hour, minute int) map[string][]string {
	o.t.Helper()
	o.at(month, day, hour, minute)
	o.sweep()
	o.Clock.Advance(30 * time.Minute)
	return o.post()
}

// only keeps the mails whose subject begins so.
func only(all map[string][]string, prefix string) map[string]int {
	out := map[string]int{}
	for name, subjects := range all {
		for _, s := range subjects {
			if strings.HasPrefix(s, prefix) {
				out[name]++
			}
		}
	}
	return out
}

const (
	reminder   = "Nhắc hạn"
	escalation = "Quá hạn"
	digest     = "Việc trong ngày"
)

func (o *office) mailed(got map[string][]string, prefix string, want ...string) {
	o.t.Helper()
	names := map[string]int{}
	for _, w := range want {
		names[w]++
	}
	if diff := cmp.Diff(names, only(got, prefix)); diff != "" {
		o.t.Errorf("%s at %s: -want +got:\n%s", prefix, o.Clock.Now().In(civic.Zone).Format("02/01 15:04"), diff)
	}
}

func TestEachStepIsToldOnceUpTheTree(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		sub := o.handled() // due on 23 March
		o.mailed(o.day(3, 17, 9, 0), reminder)
		got := o.day(3, 18, 0, 5) // three working days before, at night
		o.mailed(got, reminder)   // nobody is woken
		o.mailed(o.day(3, 18, 7, 30), reminder, "cuong")
		o.mailed(o.day(3, 19, 9, 0), reminder)
		o.mailed(o.day(3, 23, 9, 0), reminder, "cuong") // today
		got = o.day(3, 24, 9, 0)
		o.mailed(got, reminder)
		o.mailed(got, escalation, "cuong", "em")
		o.mailed(o.day(3, 25, 9, 0), escalation)
		o.mailed(o.day(3, 26, 9, 0), escalation, "giang")
		o.mailed(o.day(3, 28, 9, 0), escalation) // a Saturday
		o.mailed(o.day(3, 30, 9, 0), escalation, "hanh")
		o.mailed(o.day(4, 10, 9, 0), escalation)
		if n := o.CountEvents(o.t, sub.Code, civic.EventEscalated); n != 3 {
			o.t.Errorf("%d lines of history", n)
		}
		// A new deadline is a new matter.
		o.Change(o.t, sub.Code, func(s *civic.Submission) { s.DueAt = time.Date(2026, 4, 15, 16, 59, 59, 0, time.UTC) })
		o.mailed(o.day(4, 13, 9, 0), reminder, "cuong")
	})
}

func TestAWorkerThatWasAwayCatchesUpOnceWithoutAStorm(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		const cases = 120 // more than one batch
		for range cases {
			o.handled()
		}
		told := o.Receive(o.t, func(s *civic.Submission) {
			s.State, s.Agency, s.Assignee = civic.InProgress, house.Science, o.officer.ID
		})
		o.at(3, 27, 10, 0) // four working days after the deadline; nothing ran since 2 March
		o.sweep()
		o.mailed(o.post(), escalation) // it gathers
		o.Clock.Advance(30 * time.Minute)
		got := o.post()
		o.mailed(got, reminder)            // those moments have passed
		o.mailed(got, escalation, "giang") // the last step alone, in one mail
		o.mailed(got, digest)              // those went out at once, below
		all := o.server.Messages()
		per := map[string]int{}
		for _, m := range all {
			per[m.To[0]]++
		}
		for who, n := range per {
			if n > 2 {
				o.t.Errorf("%s got %d mails", who, n)
			}
		}
		if len(all) > 6 {
			o.t.Errorf("%d mails for %d cases", len(all), cases)
		}
		if s := got["giang"]; len(s) != 1 || !strings.Contains(s[0], strconv.Itoa(cases+1)) {
			o.t.Errorf("the mail says %v", s)
		}
		if n := late(o, told.Code); n != 1 {
			o.t.Errorf("the sender was told %d times", n)
		}
		o.sweep()
		o.Clock.Advance(time.Hour)
		if got := o.post(); len(got) != 0 {
			o.t.Errorf("mails once more: %v", got)
		}
	})
}

func late(o *office, code civic.Code) (n int) {
	for _, m := range o.Messages(o.t, code) {
		if m.Kind == civic.MessageLate {
			n++
		}
	}
	return n
}

func TestSendersOfLateCasesAreToldEverySevenDays(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		sub := o.Receive(o.t, func(s *civic.Submission) {
			s.State, s.Agency, s.Assignee = civic.InProgress, house.Science, o.officer.ID
		})
		follower := o.Receive(o.t, nil)
		o.Follow(o.t, follower.Code, sub.Code)
		expect := func(want int) {
			o.t.Helper()
			o.sweep()
			if a, b := late(o, sub.Code), late(o, follower.Code); a != want || b != want {
				o.t.Errorf("at %s told %d and %d times, want %d", o.Clock.Now().In(civic.Zone).Format("02/01 15:04"), a, b, want)
			}
		}
		o.at(3, 23, 23, 59)
		expect(0)
		o.at(3, 24, 0, 1) // at night
		expect(0)
		o.at(3, 24, 8, 0)
		expect(1)
		o.at(3, 31, 7, 59)
		expect(1)
		o.at(3, 31, 8, 0)
		expect(2)
		o.at(4, 21, 15, 0) // three weeks later, once
		expect(3)
		o.at(4, 28, 7, 59)
		expect(3)
		o.at(4, 28, 8, 0)
		expect(4)
		o.Change(o.t, sub.Code, func(s *civic.Submission) { s.State = civic.Answered })
		o.at(5, 20, 9, 0)
		expect(4)
	})
}

func TestTheSubstituteIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		o.handled()
		o.at(3, 17, 9, 0)
		o.Do(o.t, func(tx store.Tx) error {
			_, err := tx.Absences().Add(o.t.Context(), civic.Absence{
				User: o.officer.ID, Substitute: o.substitute.ID, From: civic.Date{Year: 2026, Month: 3, Day: 18}.Start(), Until: civic.Date{Year: 2026, Month: 3, Day: 21}.Start(),
				WrittenAt: o.Clock.Now(),
			})
			return err
		})
		got := o.day(3, 18, 9, 0)
		o.mailed(got, reminder, "dung")
		got = o.day(3, 23, 9, 0) // back again
		o.mailed(got, reminder, "cuong")
		o.mailed(got, digest, "cuong", "em", "hanh") // what is due today, told to who has it, leads it or coordinates
	})
}

func TestTheMorningMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	approver := o.User(t, civic.User{Name: "Ngô Văn Khoa", Email: "khoa@demo.test", Role: civic.RoleApprover, Agency: house.Government})
	o.handled()
	o.at(3, 3, 9, 0)
	fresh := o.ReceiveFrom(t, civic.Contact{}, func(s *civic.Submission) { s.State, s.Agency = civic.Assigned, house.Science })
	review := o.ReceiveFrom(t, civic.Contact{}, func(s *civic.Submission) {
		s.State, s.Agency, s.Assignee = civic.InReview, house.Education, o.officer.ID
	})
	alone := o.User(t, civic.User{Name: "Vũ Thị Lan", Email: "lan@demo.test", Role: civic.RoleApprover, Agency: house.Education})
	o.Answer(t, review.Code, civic.Answer{Text: "Bộ tiếp thu ý kiến của công dân.", Outcome: civic.OutcomeAccepted, DraftedBy: alone.ID, DraftedAt: o.Clock.Now(), SubmittedAt: o.Clock.Now()})
	for _, tt := range []struct {
		day, hour, minute int
		want              []string
	}{
		{4, 7, 29, nil},
		{4, 7, 30, []string{"cuong", "dung", "em", "giang", "khoa"}}, // one waits to be accepted; the answer of who is alone waits above
		{4, 12, 0, nil},
		{7, 9, 0, nil}, // a Saturday
		{9, 9, 0, []string{"cuong", "dung", "em", "giang", "khoa"}},
	} {
		o.at(3, tt.day, tt.hour, tt.minute)
		o.sweep()
		o.mailed(o.post(), digest, tt.want...)
	}
	o.Do(t, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(t.Context(), fresh.Code)
		if err != nil {
			return err
		}
		sub.State, sub.Assignee = civic.InProgress, o.substitute.ID
		return tx.Submissions().Update(t.Context(), sub)
	})
	o.must(o.s.SetDigest(t.Context(), civic.StaffOf(approver), false))
	if on, err := o.s.WantsDigest(t.Context(), civic.StaffOf(approver)); err != nil || on {
		t.Errorf("turned off: %v, %v", on, err)
	}
	o.at(3, 10, 9, 0)
	o.sweep()
	o.mailed(o.post(), digest, "giang")
}

func TestTheMailsToStaffAsWritten(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	o.handled()
	read := func(name, to, subject string) {
		t.Helper()
		all := o.server.Messages()
		slices.Reverse(all)
		i := slices.IndexFunc(all, func(m testkit.Message) bool {
			return strings.HasPrefix(m.To[0], to) && strings.HasPrefix(m.Subject, subject)
		})
		if i < 0 {
			t.Fatalf("no mail %q to %s", subject, to)
		}
		if strings.Contains(string(all[i].Written()), "quan trắc") {
			t.Errorf("%s tells what is in the case", name)
		}
		all[i].Golden(t, "testdata/staff_"+name+".vi.txt")
	}
	o.day(3, 18, 9, 0)
	read("reminder", "cuong", reminder)
	o.Do(t, func(tx store.Tx) error {
		_, err := tx.Absences().Add(t.Context(), civic.Absence{
			User: o.officer.ID, Substitute: o.substitute.ID, From: civic.Date{Year: 2026, Month: 3, Day: 24}.Start(), Until: civic.Date{Year: 2026, Month: 3, Day: 25}.Start(),
			WrittenAt: o.Clock.Now(),
		})
		return err
	})
	o.ReceiveFrom(t, civic.Contact{}, func(s *civic.Submission) { s.State, s.Agency = civic.Assigned, house.Science })
	o.day(3, 24, 9, 0)
	read("digest", "dung", digest)
	read("escalation", "em", escalation)
}

func TestWhoWasRemindedIsForgottenAfterAQuarter(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		u := o.Staff(o.t, civic.RoleOfficer, house.Science).User
		now := o.Clock.Now()
		var old, waiting int64
		o.Do(o.t, func(tx store.Tx) (err error) {
			if old, err = tx.StaffMails().Queue(o.t.Context(), u, store.MailReminder, now, now); err != nil {
				return err
			}
			if waiting, err = tx.StaffMails().Queue(o.t.Context(), u, store.MailEscalation, now, now); err != nil {
				return err
			}
			_, err = tx.StaffMails().Settle(o.t.Context(), old, civic.MessageSent, "", now)
			return err
		})
		there := func(id int64) bool {
			err := o.Store.View(o.t.Context(), func(tx store.Tx) error { _, err := tx.StaffMails().Get(o.t.Context(), id); return err })
			return err == nil
		}
		prune := func() {
			if more, err := o.s.Prune(o.t.Context()); more || err != nil {
				o.t.Errorf("Prune: %v, %v", more, err)
			}
		}
		o.Clock.Advance(o.Registry.Reminders.KeptFor)
		prune()
		if !there(old) {
			o.t.Error("it is forgotten too early")
		}
		o.Clock.Advance(time.Hour)
		prune()
		if there(old) || !there(waiting) {
			o.t.Errorf("kept: the old one %v, the one that waits %v", there(old), there(waiting))
		}
	})
}
