package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var reminderTests = []test{
	{"a deadline reaches a step once", testPrompts},
	{"mails to staff gather until they close", testStaffMails},
	{"the morning mail is claimed once a day", testDigests},
	{"what was told long ago is deleted once its case is over", testRemindersPruned},
	{"late notes wait for their time", testLateNotes},
	{"absences do not overlap", testAbsences},
}

func testPrompts(t *testing.T, s store.Store) {
	first := receive(t, s, func(r *store.Receipt) {
		r.Submission.DueAt, r.Submission.ForwardDueAt = noon.Add(time.Hour), noon.Add(time.Minute)
	})
	second := receive(t, s, func(r *store.Receipt) { r.Submission.DueAt, r.Submission.ForwardDueAt = noon, noon.Add(time.Minute) })
	receive(t, s, func(r *store.Receipt) { r.Submission.DueAt = noon.Add(2 * time.Hour) })
	change(t, s, receive(t, s, nil), func(sub *civic.Submission) { sub.State, sub.DueAt = civic.Answered, noon })
	change(t, s, second, func(sub *civic.Submission) { sub.State = civic.InProgress }) // it was accepted
	reached := func(step string, clock civic.LimitUse, limit int) []civic.SubmissionID {
		return view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
			return tx.Prompts().Reached(t.Context(), step, clock, noon.Add(time.Hour), limit)
		})
	}
	equal(t, reached("a", civic.ForAnswer, 10), []civic.SubmissionID{second.ID, first.ID})
	equal(t, reached("a", civic.ForAnswer, 1), []civic.SubmissionID{second.ID})
	equal(t, reached("a", civic.ForForwarding, 10), []civic.SubmissionID{first.ID})
	p := store.Prompt{Submission: second.ID, Step: "a", DueAt: noon}
	for _, want := range []bool{true, false} {
		do(t, s, func(tx store.Tx) error {
			id, got, err := tx.Prompts().Claim(t.Context(), p, noon)
			if got != want {
				t.Errorf("claimed %v, want %v", got, want)
			}
			if got {
				p.ID = id
			}
			return err
		})
	}
	equal(t, reached("a", civic.ForAnswer, 10), []civic.SubmissionID{first.ID})
	equal(t, reached("b", civic.ForAnswer, 10), []civic.SubmissionID{second.ID, first.ID})
	change(t, s, second, func(sub *civic.Submission) { sub.State, sub.DueAt = civic.InProgress, noon.Add(time.Minute) })
	equal(t, reached("a", civic.ForAnswer, 10), []civic.SubmissionID{second.ID, first.ID}) // another deadline
	u := user(t, s, "a@staff.test")
	var mail int64
	do(t, s, func(tx store.Tx) (err error) {
		if mail, err = tx.StaffMails().Queue(t.Context(), u.ID, store.MailReminder, noon, noon.Add(time.Hour)); err != nil {
			return err
		}
		for range 2 {
			if err := tx.Prompts().Tell(t.Context(), p.ID, mail); err != nil {
				return err
			}
		}
		return nil
	})
	equal(t, view(t, s, func(tx store.Tx) ([]store.Prompt, error) { return tx.Prompts().OfMail(t.Context(), mail) }), []store.Prompt{p})
}

func testRemindersPruned(t *testing.T, s store.Store) {
	u := user(t, s, "a@staff.test")
	over, open := receive(t, s, nil), receive(t, s, nil)
	change(t, s, over, func(sub *civic.Submission) { sub.State = civic.Answered })
	mail := func(at time.Time, subs ...civic.Submission) (id int64) {
		do(t, s, func(tx store.Tx) (err error) {
			if id, err = tx.StaffMails().Queue(t.Context(), u.ID, store.MailReminder, at, at); err != nil {
				return err
			}
			for _, sub := range subs {
				prompt, _, err := tx.Prompts().Claim(t.Context(), store.Prompt{Submission: sub.ID, Step: "a", DueAt: at}, at)
				if err != nil {
					return err
				}
				if err := tx.Prompts().Tell(t.Context(), prompt, id); err != nil {
					return err
				}
			}
			return nil
		})
		return id
	}
	settle := func(id int64, at time.Time) {
		do(t, s, func(tx store.Tx) error {
			_, err := tx.StaffMails().Settle(t.Context(), id, civic.MessageSent, "", at)
			return err
		})
	}
	first := mail(noon, over, open)
	second, waiting := mail(noon.Add(time.Hour), over), mail(noon.Add(2*time.Hour), over)
	settle(first, noon.Add(time.Hour))
	settle(second, noon.Add(2*time.Hour))
	pruned := func(what string, before time.Time, limit, wantMails, wantPrompts int) {
		t.Helper()
		do(t, s, func(tx store.Tx) error {
			mails, err := tx.StaffMails().RemoveSettled(t.Context(), before, limit)
			if err != nil {
				return err
			}
			prompts, err := tx.Prompts().RemoveReached(t.Context(), before, limit)
			if mails != wantMails || prompts != wantPrompts {
				t.Errorf("%s: %d mails and %d prompts, want %d and %d", what, mails, prompts, wantMails, wantPrompts)
			}
			return err
		})
	}
	late := noon.Add(24 * time.Hour)
	pruned("what is new", noon, 10, 0, 0)
	pruned("some", late, 1, 1, 1) // of the first mail that of the case which is over
	pruned("the rest", late, 10, 1, 1)
	pruned("all again", late, 10, 0, 0) // one mail waits, and one case is open
	equal(t, view(t, s, func(tx store.Tx) (int, error) {
		told, err := tx.Prompts().OfMail(t.Context(), waiting)
		return len(told), err
	}), 1)
	missing(t, s, errs.NotFound, "staff_mail.not_found", func(tx store.Tx) (store.StaffMail, error) { return tx.StaffMails().Get(t.Context(), first) })
	do(t, s, func(tx store.Tx) error {
		_, fresh, err := tx.Prompts().Claim(t.Context(), store.Prompt{Submission: open.ID, Step: "a", DueAt: noon}, late)
		if fresh {
			t.Error("a step of an open case can be told again")
		}
		return err
	})
}

func testStaffMails(t *testing.T, s store.Store) {
	u, other := user(t, s, "a@staff.test"), user(t, s, "b@staff.test")
	queue := func(who civic.User, kind store.StaffMailKind, at time.Time) (id int64) {
		do(t, s, func(tx store.Tx) (err error) {
			id, err = tx.StaffMails().Queue(t.Context(), who.ID, kind, at, at.Add(time.Hour))
			return err
		})
		return id
	}
	first := queue(u, store.MailReminder, noon)
	equal(t, queue(u, store.MailReminder, noon.Add(59*time.Minute)), first)
	for _, id := range []int64{queue(u, store.MailReminder, noon.Add(time.Hour)), queue(u, store.MailEscalation, noon), queue(other, store.MailReminder, noon)} {
		if id == first {
			t.Error("another mail went into the first")
		}
	}
	due := view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), store.JobStaffMail, noon.Add(time.Hour), noon, 10)
	})
	equal(t, len(due), 3) // the fourth closes later
	settle := func() (ok bool) {
		do(t, s, func(tx store.Tx) (err error) {
			ok, err = tx.StaffMails().Settle(t.Context(), first, civic.MessageNotSent, "outdated", noon)
			return err
		})
		return ok
	}
	equal(t, settle(), true)
	equal(t, settle(), false)
	got := view(t, s, func(tx store.Tx) (store.StaffMail, error) { return tx.StaffMails().Get(t.Context(), first) })
	equal(t, got, store.StaffMail{
		ID: first, User: u.ID, Kind: store.MailReminder, State: civic.MessageNotSent, Reason: "outdated", CreatedAt: noon, ClosesAt: noon.Add(time.Hour), SettledAt: noon,
	})
}

func testDigests(t *testing.T, s store.Store) {
	u, off, closed := user(t, s, "a@staff.test"), user(t, s, "b@staff.test"), user(t, s, "c@staff.test")
	closed.Active = false
	do(t, s, func(tx store.Tx) error {
		if err := tx.Users().Update(t.Context(), closed); err != nil {
			return err
		}
		return tx.StaffMails().SetDigest(t.Context(), off.ID, false)
	})
	day := civic.Date{Year: 2026, Month: 11, Day: 23}
	next := civic.Date{Year: 2026, Month: 11, Day: 24}
	due := func(day civic.Date) []civic.UserID {
		return view(t, s, func(tx store.Tx) ([]civic.UserID, error) { return tx.StaffMails().DigestsDue(t.Context(), day, 10) })
	}
	equal(t, due(day), []civic.UserID{u.ID})
	equal(t, race(t, s, func(tx store.Tx) (bool, error) { return tx.StaffMails().ClaimDigest(t.Context(), u.ID, day) }), 1)
	equal(t, len(due(day)), 0)
	equal(t, due(next), []civic.UserID{u.ID})
	do(t, s, func(tx store.Tx) error { return tx.StaffMails().SetDigest(t.Context(), off.ID, true) })
	equal(t, due(next), []civic.UserID{u.ID, off.ID})
	do(t, s, func(tx store.Tx) error { return tx.StaffMails().SetDigest(t.Context(), u.ID, false) })
	equal(t, view(t, s, func(tx store.Tx) (bool, error) { return tx.StaffMails().WantsDigest(t.Context(), u.ID) }), false)
	equal(t, view(t, s, func(tx store.Tx) (bool, error) { return tx.StaffMails().WantsDigest(t.Context(), closed.ID) }), true)
}

func testLateNotes(t *testing.T, s store.Store) {
	a, b := receive(t, s, nil), receive(t, s, nil)
	put := func(id civic.SubmissionID, at time.Time) {
		do(t, s, func(tx store.Tx) error { return tx.LateNotes().Put(t.Context(), id, at) })
	}
	due := func() []civic.SubmissionID {
		return view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) { return tx.LateNotes().Due(t.Context(), noon, 10) })
	}
	put(a.ID, noon)
	put(b.ID, noon.Add(-time.Hour))
	equal(t, due(), []civic.SubmissionID{b.ID, a.ID})
	put(b.ID, noon.Add(time.Hour))
	equal(t, due(), []civic.SubmissionID{a.ID})
	equal(t, view(t, s, func(tx store.Tx) (bool, error) { return tx.LateNotes().IsDue(t.Context(), a.ID, noon) }), true)
	equal(t, view(t, s, func(tx store.Tx) (bool, error) { return tx.LateNotes().IsDue(t.Context(), b.ID, noon) }), false)
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.LateNotes().Remove(t.Context(), a.ID) })
	}
	equal(t, len(due()), 0)
}

func testAbsences(t *testing.T, s store.Store) {
	u, v := user(t, s, "a@staff.test"), user(t, s, "b@staff.test")
	a := civic.Absence{User: u.ID, Substitute: v.ID, From: noon, Until: noon.Add(time.Hour), WrittenAt: noon, WrittenBy: u.ID}
	add := func(a *civic.Absence) func(tx store.Tx) error {
		return func(tx store.Tx) (err error) {
			a.ID, err = tx.Absences().Add(t.Context(), *a)
			return err
		}
	}
	do(t, s, add(&a))
	overlapping := a
	overlapping.From, overlapping.Until = noon.Add(59*time.Minute), noon.Add(2*time.Hour)
	refused(t, s, errs.Conflict, "absence.overlaps", add(&overlapping))
	after := overlapping
	after.From = noon.Add(time.Hour)
	do(t, s, add(&after))
	a.Name, a.StandInsName, after.Name, after.StandInsName = u.Name, v.Name, u.Name, v.Name
	list := func(since time.Time) []civic.Absence {
		return view(t, s, func(tx store.Tx) ([]civic.Absence, error) { return tx.Absences().List(t.Context(), since) })
	}
	equal(t, list(noon), []civic.Absence{a, after})
	equal(t, list(noon.Add(time.Hour)), []civic.Absence{after})
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.Absences().End(t.Context(), a.ID, v.ID, noon.Add(time.Minute)) })
	}
	a.EndedAt, a.EndedBy = noon.Add(time.Minute), v.ID
	equal(t, view(t, s, func(tx store.Tx) (civic.Absence, error) { return tx.Absences().Get(t.Context(), a.ID) }), a)
	refused(t, s, errs.NotFound, "absence.not_found", func(tx store.Tx) error { return tx.Absences().End(t.Context(), after.ID+9, v.ID, noon) })
	overlapping.Until = noon.Add(time.Hour)
	do(t, s, add(&overlapping)) // the first was ended
}
