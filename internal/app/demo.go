package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"hienke/internal/civic"
	"hienke/internal/demo"
	"hienke/internal/errs"
	"hienke/internal/jobs"
	"hienke/internal/store"
)

// submissionJob fits a use case on a submission to what the queue calls.
func submissionJob(do func(context.Context, int64, civic.SubmissionID) error) jobs.Func {
	return func(ctx context.Context, job, subject int64) error { return do(ctx, job, civic.SubmissionID(subject)) }
}

// seedDemo adds the invented staff and cases.
func (a *App) seedDemo(ctx context.Context) error {
	password, given := a.Config.Demo.Password, true
	if password == "" {
		password, given = rand.Text(), false
	}
	clock := &walkingClock{}
	services, err := a.services(clock.now)
	if err != nil {
		return err
	}
	seed := demo.Seed{
		Intake: services.Intake, Triage: services.Triage, Answers: services.Answers, Accounts: services.Accounts,
		Opinions: services.Opinions, Dialogue: services.Dialogue, Privacy: services.Privacy, Directory: services.Directory,
		SetNow: clock.set, Now: a.Now(), Password: password,
		Settle: func(ctx context.Context) error { return a.settle(ctx, services) },
	}
	exists, err := a.hasDemoStaff(ctx)
	if err != nil {
		return err
	}
	if err := seed.Run(ctx); err != nil {
		return err
	}
	if a.Options.Notice == nil || exists && !given {
		return nil
	}
	if exists { // the configured password holds, also after it was changed
		return a.setDemoPasswords(ctx, password)
	}
	shown := password
	if given {
		shown = "as HIENKE_DEMO_PASSWORD says"
	}
	_, err = fmt.Fprintf(a.Options.Notice, "\nDemo: %s\nStaff pages: %s/staff\n  %s, %s, %s, %s\n  password: %s\n\n",
		a.publicURL(), a.publicURL(), demo.Coordinator, demo.Officer, demo.Approver, demo.Administrator, shown)
	return err
}

func (a *App) hasDemoStaff(ctx context.Context) (bool, error) {
	err := a.Store.View(ctx, func(tx store.Tx) error {
		_, err := tx.Users().GetByEmail(ctx, demo.Coordinator)
		return err
	})
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return false, nil
	}
	return err == nil, err
}

// warnOfDemo tells the operator of a folder that was tried out before: its
// invented accounts can still sign in.
func (a *App) warnOfDemo(ctx context.Context) error {
	exists, err := a.hasDemoStaff(ctx)
	if exists {
		a.Log.Warn("the invented staff of --demo can sign in here; close them with hienke user close ADDRESS")
	}
	return err
}

func (a *App) setDemoPasswords(ctx context.Context, password string) error {
	for _, u := range demo.Staff() {
		if err := a.Accounts.SetInventedPassword(ctx, u.Email, password); err != nil {
			return fmt.Errorf("set the demo password: %w", err)
		}
	}
	return nil
}

// walkingClock is moved by the seed.
type walkingClock struct{ at atomic.Pointer[time.Time] }

func (c *walkingClock) set(at time.Time) { c.at.Store(&at) }

func (c *walkingClock) now() time.Time {
	if at := c.at.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// settleWindow is how many jobs settle reads at once.
const settleWindow = 100

// settle does all matching and routing that waits, in this goroutine. It is
// for the seed, before the workers run.
func (a *App) settle(ctx context.Context, s Services) error {
	do := map[store.JobKind]jobs.Func{
		store.JobMatch: submissionJob(s.Triage.Match), store.JobRoute: submissionJob(s.Triage.Route), store.JobRematch: submissionJob(s.Triage.Rematch),
	}
	for {
		var due []store.Job
		err := a.Store.View(ctx, func(tx store.Tx) error {
			due = nil
			for kind := range do {
				of, err := tx.Outbox().Due(ctx, kind, a.Now(), a.Now(), settleWindow)
				if err != nil {
					return err
				}
				due = append(due, of...)
			}
			return nil
		})
		if err != nil || len(due) == 0 {
			return err
		}
		for _, j := range due {
			if e := do[j.Kind](ctx, j.ID, j.Subject); e != nil {
				err = errors.Join(err, fmt.Errorf("%s: %w", j.Kind, e))
			}
		}
		if err != nil {
			return err
		}
	}
}
