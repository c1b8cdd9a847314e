package jobs

import (
	"context"
	"time"

	"hienke/internal/store"
	"hienke/internal/timetable"
)

const (
	// drainEvery is how often an index is brought up to date with what other
	// processes changed. Changes of this process ring its bell.
	drainEvery = time.Second
	// drainGap lets changes gather into a batch: an index writes ten documents
	// in the time of one.
	drainGap = 100 * time.Millisecond
	// minutely is for what people notice within minutes: a case that became
	// overdue, a classifier with new examples.
	minutely = time.Minute
	// hourly is for tidying up.
	hourly = time.Hour
	// keepDone is how long a done job stays in the outbox, for who wants to
	// know what happened last week.
	keepDone = 7 * 24 * time.Hour
	// pruneBatch bounds one deletion, so that it takes milliseconds and the
	// writers of the database hardly wait for it.
	pruneBatch = 1000
)

// Drains returns a loop for each index. drain brings an index up to date by
// one batch, and reports whether it did and more waits. Its bell in bells, if
// there is one, wakes a loop at once.
func Drains(drain func(context.Context, store.IndexName) (more bool, err error), bells map[store.IndexName]Bell) []Loop {
	loops := make([]Loop, 0, len(store.IndexNames))
	for _, index := range store.IndexNames {
		loops = append(loops, Loop{
			Name: "index." + string(index), Every: drainEvery, Gap: drainGap, Wake: bells[index],
			Do: func(ctx context.Context) (bool, error) { return drain(ctx, index) },
		})
	}
	return loops
}

// sealEvery is how often lines of the logs are added to the audit. A round seals
// one batch and no more, however many wait: the sealer must never take the
// database from those who receive.
const sealEvery = time.Second

// Audit returns the loop that adds what the logs gained to the audit.
func Audit(seal func(context.Context) (int, error)) Loop {
	return Loop{Name: "audit", Every: sealEvery, Do: func(ctx context.Context) (bool, error) {
		_, err := seal(ctx)
		return false, err
	}}
}

// Overdue returns the loop that finds cases whose deadline has passed. sweep
// notes a batch of them, and reports whether it did and more wait.
func Overdue(sweep func(context.Context) (more bool, err error)) Loop {
	return Loop{Name: "overdue", Every: minutely, Do: sweep}
}

// Timetable returns the loop by which a process takes up what was changed about
// limits and calendar.
func Timetable(refresh func(context.Context) error) Loop {
	return Loop{Name: "timetable", Every: timetable.RefreshEvery, Do: func(ctx context.Context) (bool, error) {
		return false, refresh(ctx)
	}}
}

// Directory returns the loop by which a process takes up what was changed in the
// lists of the registry.
func Directory(refresh func(context.Context) error) Loop {
	return Loop{Name: "directory", Every: timetable.RefreshEvery, Do: func(ctx context.Context) (bool, error) {
		return false, refresh(ctx)
	}}
}

// Dialogue returns the loop that reminds senders of questions and closes what
// nobody reacted to. sweep does a batch, and reports whether more wait.
func Dialogue(sweep func(context.Context) (more bool, err error)) Loop {
	return Loop{Name: "dialogue", Every: minutely, Do: sweep}
}

// Reminders returns the loop that tells staff and senders of deadlines. sweep
// does a batch, and reports whether more wait.
func Reminders(sweep func(context.Context) (more bool, err error)) Loop {
	return Loop{Name: "reminders", Every: minutely, Do: sweep}
}

// Digests returns the loop that begins the mails about new answers. sweep
// begins some of them, and reports whether more are due. The bell wakes it when
// an answer was noted.
func Digests(sweep func(context.Context) (more bool, err error), noted Bell) Loop {
	return Loop{Name: "digests", Every: minutely, Wake: noted, Do: sweep}
}

// SenderDigests returns the loop that begins the digests of what was held for
// senders with many messages in a day.
func SenderDigests(sweep func(context.Context) (more bool, err error)) Loop {
	return Loop{Name: "sender.digests", Every: minutely, Do: sweep}
}

// PruneFollows returns the loop that forgets addresses that nobody confirmed.
func PruneFollows(prune func(context.Context) (more bool, err error)) Loop {
	return Loop{Name: "prune.follows", Every: hourly, Do: prune}
}

// PruneReminders returns the loop that forgets who was reminded long ago.
func PruneReminders(prune func(context.Context) (more bool, err error)) Loop {
	return Loop{Name: "prune.reminders", Every: hourly, Do: prune}
}

// Training returns the loop that trains the classifier anew when there is
// enough to learn from or somebody asked for it, which check finds out. The
// bell wakes it.
func Training(check func(context.Context) error, asked Bell) Loop {
	return Loop{Name: "training", Every: minutely, Wake: asked, Do: func(ctx context.Context) (bool, error) {
		return false, check(ctx)
	}}
}

// RuleErrors returns the loop that writes how often rules failed, as far as
// that was not written at once.
func RuleErrors(flush func(context.Context) error) Loop {
	return Loop{Name: "rules.errors", Every: minutely, Do: func(ctx context.Context) (bool, error) {
		return false, flush(ctx)
	}}
}

// linksKept is how long a link stays after it is over.
const linksKept = 7 * 24 * time.Hour

// PruneSessions returns the loop that deletes expired sign-ins, and the links
// and half-way sign-ins that are over.
func PruneSessions(st store.Store, now func() time.Time) Loop {
	return Loop{Name: "prune.sessions", Every: hourly, Do: func(ctx context.Context) (bool, error) {
		return false, st.Do(ctx, func(tx store.Tx) error {
			if _, err := tx.AccountLinks().RemoveExpired(ctx, now().Add(-linksKept)); err != nil {
				return err
			}
			if _, err := tx.SignInSteps().RemoveExpired(ctx, now()); err != nil {
				return err
			}
			_, err := tx.Sessions().RemoveExpired(ctx, now())
			return err
		})
	}}
}

// PruneDrafts returns the loop that deletes what nobody finished writing.
func PruneDrafts(st store.Store, now func() time.Time) Loop {
	return Loop{Name: "prune.drafts", Every: hourly, Do: func(ctx context.Context) (more bool, err error) {
		return more, st.Do(ctx, func(tx store.Tx) error {
			n, err := tx.Drafts().RemoveExpired(ctx, now(), pruneBatch)
			more = n == pruneBatch
			return err
		})
	}}
}

// PruneProofs returns the loop that forgets used proofs of work whose challenge
// has expired.
func PruneProofs(st store.Store, now func() time.Time) Loop {
	return Loop{Name: "prune.proofs", Every: hourly, Do: func(ctx context.Context) (more bool, err error) {
		return more, st.Do(ctx, func(tx store.Tx) error {
			n, err := tx.Proofs().RemoveExpired(ctx, now(), pruneBatch)
			more = n == pruneBatch
			return err
		})
	}}
}

// PruneFiles returns the loop that deletes files that came with nothing. sweep
// deletes a batch, and reports whether more may be waiting.
func PruneFiles(sweep func(context.Context) (more bool, err error)) Loop {
	return Loop{Name: "prune.files", Every: hourly, Do: sweep}
}

// PruneExports returns the loop that erases files of cases a day after they were
// made. sweep erases a batch, and reports whether more may be waiting.
func PruneExports(sweep func(context.Context) (more bool, err error)) Loop {
	return Loop{Name: "prune.exports", Every: minutely, Do: sweep}
}

// PruneLetters returns the loop that forgets postal addresses which outlived an
// erasure for the letter about it. sweep forgets a batch, and reports whether more
// may be waiting.
func PruneLetters(sweep func(context.Context) (more bool, err error)) Loop {
	return Loop{Name: "prune.letters", Every: hourly, Do: sweep}
}

// Guardians returns the loop that asks, reminds and gives up guardians of
// children. sweep does some, and reports whether more may be waiting.
func Guardians(sweep func(context.Context) (more bool, err error)) Loop {
	return Loop{Name: "guardians", Every: minutely, Do: sweep}
}

// PruneOutbox returns the loop that deletes jobs done over a week ago.
func PruneOutbox(st store.Store, now func() time.Time) Loop {
	return Loop{Name: "prune.outbox", Every: hourly, Do: func(ctx context.Context) (bool, error) {
		var pruned int
		err := st.Do(ctx, func(tx store.Tx) (err error) {
			pruned, err = tx.Outbox().Prune(ctx, now().Add(-keepDone), pruneBatch)
			return err
		})
		return pruned == pruneBatch, err
	}}
}
