// Package reminders sees to it that nothing waits because somebody forgot. It
// reminds those who are to act before a deadline, tells those above them after
// it, tells senders that an answer is late, and sends staff a mail in the
// morning with what the day asks for.
//
// Everything follows from rows: a deadline that reached a step is claimed once,
// by whichever worker comes first, and what there is to tell gathers in one
// mail for each person. So a worker that was away for days tells where each
// case stands now, once, and not what it missed in between.
package reminders

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/mail"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

const (
	// atOnce bounds one sweep, so that each transaction is short.
	atOnce = 100
	// gather is how long a mail waits during office hours for more of its kind.
	gather = 10 * time.Minute
	// evening is when the offices close: what comes later waits for the morning.
	evening = 17*time.Hour + 30*time.Minute
	// night is when senders are told nothing any more until the next morning.
	night = 21 * time.Hour
)

// Service reminds. All fields but Mail and Committed are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Times    *timetable.Times
	Now      func() time.Time
	// Mail is nil when no channel is configured.
	Mail mail.Sender
	// Draw writes a mail from a template.
	Draw func(name string, lang civic.Language, values any) (mail.Mail, error)
	// PublicURL is the address of the site, without a slash at the end.
	PublicURL string
	// Committed is told that the outbox has something new.
	Committed func()
}

// Sweep does what time demands now, some of it, and reports whether more may be
// waiting.
func (s *Service) Sweep(ctx context.Context) (more bool, err error) {
	now := s.Now()
	for _, part := range []func(context.Context, time.Time) (int, error){s.sweepSteps, s.sweepOpinions, s.sweepLate, s.sweepDigests} {
		n, err := part(ctx, now)
		if err != nil {
			return false, fmt.Errorf("remind of what is due: %w", err)
		}
		if n > 0 && s.Committed != nil {
			s.Committed()
		}
		more = more || n >= atOnce
	}
	return more, nil
}

// pruneBatch bounds one deletion, so that it takes milliseconds and the writers
// of the database hardly wait for it.
const pruneBatch = 500

// Prune deletes what is kept no longer of mails that were sent and of steps that
// were told, some of it, and reports whether more may be left. The mails go
// first: what one of them tells of stays as long as it does.
func (s *Service) Prune(ctx context.Context) (more bool, err error) {
	before := s.Now().Add(-s.Registry.Reminders.KeptFor)
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		mails, err := tx.StaffMails().RemoveSettled(ctx, before, pruneBatch)
		if err != nil {
			return err
		}
		prompts, err := tx.Prompts().RemoveReached(ctx, before, pruneBatch)
		more = mails == pruneBatch || prompts == pruneBatch
		return err
	})
	if err != nil {
		return false, fmt.Errorf("forget who was reminded long ago: %w", err)
	}
	return more, nil
}

// staff is who works here now.
func (s *Service) staff(ctx context.Context, tx store.Tx, now time.Time) (civic.Staff, error) {
	out := civic.Staff{Registry: s.Registry, At: now}
	var err error
	if out.Users, err = tx.Users().List(ctx); err != nil {
		return out, err
	}
	out.Absences, err = tx.Absences().List(ctx, now)
	return out, err
}

// sweepSteps finds deadlines that reached a step.
func (s *Service) sweepSteps(ctx context.Context, now time.Time) (n int, err error) {
	for _, clock := range []civic.LimitUse{civic.ForAnswer, civic.ForForwarding} {
		found, err := s.sweepClock(ctx, clock, now)
		if err != nil {
			return 0, err
		}
		n = max(n, found)
	}
	return n, nil
}

func (s *Service) sweepClock(ctx context.Context, clock civic.LimitUse, now time.Time) (n int, err error) {
	steps := s.steps(clock, now)
	var ids []civic.SubmissionID
	err = s.Store.View(ctx, func(tx store.Tx) error {
		ids = nil
		for _, step := range steps {
			found, err := tx.Prompts().Reached(ctx, step.Code, clock, step.until, atOnce)
			if err != nil {
				return err
			}
			n = max(n, len(found))
			ids = append(ids, found...)
		}
		return nil
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	slices.Sort(ids)
	return n, s.Store.Do(ctx, func(tx store.Tx) error {
		staff, err := s.staff(ctx, tx, now)
		if err != nil {
			return err
		}
		subs, err := tx.Submissions().List(ctx, slices.Compact(ids))
		if err != nil {
			return err
		}
		for _, sub := range subs {
			if err := s.prompt(ctx, tx, staff, clock, steps, sub, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// step is a step with the latest deadline that has reached it.
type step struct {
	civic.ReminderStep
	until time.Time
}

// steps are those of a clock, the earliest first.
func (s *Service) steps(clock civic.LimitUse, now time.Time) []step {
	var out []step
	for _, known := range s.Registry.Reminders.Steps {
		if known.Clock == clock {
			out = append(out, step{known, s.until(known.After, now)})
		}
	}
	slices.SortStableFunc(out, func(a, b step) int { return a.After - b.After })
	return out
}

// until is the latest deadline that is so many working days past, or ahead of
// now where after is negative.
func (s *Service) until(after int, now time.Time) time.Time {
	plan := s.Times.Now()
	day := civic.DateOf(now)
	if after <= 0 {
		last := day.Start().AddDate(0, 0, 1).Add(-time.Second)
		if after == 0 {
			return last
		}
		return plan.Calendar.Due(now, civic.Limit{Clock: civic.WorkingDays, Amount: -after})
	}
	at := day.Start()
	for left := after; ; at = at.AddDate(0, 0, -1) {
		if plan.Calendar.IsWorkingDay(civic.DateOf(at)) {
			if left--; left == 0 {
				return at.Add(-time.Second)
			}
		}
	}
}

// prompt claims every step that a deadline reached and tells of the last one
// alone: who was away for long is told how it stands.
func (s *Service) prompt(ctx context.Context, tx store.Tx, staff civic.Staff, clock civic.LimitUse, steps []step, sub civic.Submission, now time.Time) error {
	deadline := sub.DueAt
	if clock == civic.ForForwarding {
		deadline = sub.ForwardDueAt
	}
	var last *step
	var id int64
	for i := range steps {
		if deadline.After(steps[i].until) {
			break
		}
		claimed, first, err := tx.Prompts().Claim(ctx, store.Prompt{Submission: sub.ID, Step: steps[i].Code, DueAt: deadline}, now)
		if err != nil {
			return err
		}
		if last = nil; first {
			last, id = &steps[i], claimed
		}
	}
	if last == nil { // another worker was quicker
		return nil
	}
	kind := store.MailReminder
	if last.Escalates() {
		kind = store.MailEscalation
		err := tx.Events().Add(ctx, civic.Event{
			Submission: sub.ID, At: now, Type: civic.EventEscalated, Actor: civic.ActorSystem, From: sub.State, To: sub.State, Agency: sub.Agency, Reason: civic.Escalation(last.After),
		})
		if err != nil {
			return err
		}
	}
	for _, user := range recipients(staff, last.To, sub) {
		mail, err := tx.StaffMails().Queue(ctx, user, kind, now, s.closes(now))
		if err != nil {
			return err
		}
		if err := tx.Prompts().Tell(ctx, id, mail); err != nil {
			return err
		}
	}
	return nil
}

// recipients are the people whom a step tells of a case, each once.
func recipients(staff civic.Staff, to []civic.Recipient, sub civic.Submission) []civic.UserID {
	var out []civic.UserID
	for _, r := range to {
		var found []civic.UserID
		switch {
		case r == civic.ToHandler:
			found = staff.Handlers(sub)
		case r == civic.ToCoordinators || sub.Agency == "":
			found = staff.Coordinators()
		case r == civic.ToLead:
			found = staff.Leads(sub.Agency)
		case r == civic.ToParent:
			found = staff.Above(sub.Agency)
		}
		for _, id := range found {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// closes is when a mail that begins now goes out: soon while offices are open,
// else on the next morning that is worked.
func (s *Service) closes(now time.Time) time.Time {
	calendar := s.Times.Now().Calendar
	day := civic.DateOf(now)
	since, morning := now.Sub(day.Start()), s.Registry.Reminders.DigestAt
	if calendar.IsWorkingDay(day) && since < evening {
		if since < morning {
			return day.Start().Add(morning).UTC()
		}
		return now.Add(gather)
	}
	for {
		if day = civic.DateOf(day.Start().AddDate(0, 0, 1)); calendar.IsWorkingDay(day) {
			return day.Start().Add(morning).UTC()
		}
	}
}
