package triage_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// Many people change the same few clusters at the same moment, in every way
// that there is. Whatever order wins, no case may be lost between two roots.
func TestManyHandsOnTheSameClustersLeaveThemWhole(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		const cases, hands, acts = 8, 6, 20
		var subs []civic.Submission
		for range cases {
			subs = append(subs, d.Receive(t, in(civic.Triage)))
		}
		var all sync.WaitGroup
		done := make([]int, hands)
		for hand := range hands {
			all.Go(func() {
				random := rand.New(rand.NewPCG(1, uint64(hand)))
				for range acts {
					err := d.randomAct(t, random, subs)
					switch errs.KindOf(err) {
					case errs.Conflict, errs.Invalid:
					default:
						if err != nil {
							t.Errorf("a hand is told %v", err)
						}
					}
					if err == nil {
						done[hand]++
					}
				}
			})
		}
		all.Wait()
		total := 0
		for _, n := range done {
			total += n
		}
		if total < hands {
			t.Errorf("only %d acts succeeded: nothing was attacked", total)
		}
		checkWhole(t, d, subs)
	})
}

// randomAct does something to one of the cases, as it stands in this moment.
func (d *desk) randomAct(t *testing.T, random *rand.Rand, subs []civic.Submission) error {
	one, other := subs[random.IntN(len(subs))], subs[random.IntN(len(subs))]
	version := d.Case(t, one.Code).Version
	switch random.IntN(6) {
	case 0, 1, 2:
		return d.s.Merge(t.Context(), d.coordinator, one.Code, version, other.Code.String(), "")
	case 3:
		return d.s.Unmerge(t.Context(), d.coordinator, one.Code, version, "")
	case 4:
		return d.s.Lead(t.Context(), d.coordinator, one.Code, version, "")
	}
	return d.s.SplitCluster(t.Context(), d.coordinator, one.Code, version, []string{other.Code.String()}, "")
}

// checkWhole: who follows, follows a root that follows nobody, and says the
// same as its membership.
func checkWhole(t *testing.T, d *desk, subs []civic.Submission) {
	t.Helper()
	d.View(t, func(tx store.Tx) error {
		for _, s := range subs {
			sub, err := tx.Submissions().Get(t.Context(), s.ID)
			if err != nil {
				return err
			}
			m, err := tx.Matches().Membership(t.Context(), s.ID)
			if err != nil && errs.KindOf(err) != errs.NotFound {
				return err
			}
			if sub.State != civic.Merged {
				if err == nil || sub.Root != 0 {
					t.Errorf("%d is %s and follows %d, by its membership %d", sub.ID, sub.State, sub.Root, m.Root)
				}
				continue
			}
			root, err := tx.Submissions().Get(t.Context(), m.Root)
			if err != nil || root.State == civic.Merged || sub.Root != root.ID {
				t.Errorf("%d follows %d, by its membership %d, which is %s (%v)", sub.ID, sub.Root, m.Root, root.State, err)
			}
		}
		return nil
	})
}

// Whoever is quicker: a case that leads has no answer drafted elsewhere.
func TestALeadWhileAnAnswerIsDraftedIsOneOrTheOther(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		for range 5 {
			group := d.campaign(t, 1, func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, house.Science })
			var both sync.WaitGroup
			var led, drafted error
			both.Go(func() { led = d.s.Lead(t.Context(), d.coordinator, group[1].Code, group[1].Version, "") })
			both.Go(func() { // as package answers drafts: under the lock of the case
				drafted = d.Store.Do(t.Context(), func(tx store.Tx) error {
					locked, err := tx.Submissions().Lock(t.Context(), group[0].ID)
					if err != nil || locked[0].State != civic.InProgress {
						return errs.New(errs.Conflict, "answer.not_in_progress")
					}
					_, err = tx.Answers().Put(t.Context(), civic.Answer{Submission: group[0].ID, Text: "Dự thảo.", DraftedAt: d.Clock.Now()})
					return err
				})
			})
			both.Wait()
			if (led == nil) == (drafted == nil) {
				t.Errorf("led: %v, drafted: %v", led, drafted)
			}
			checkWhole(t, d, group)
		}
	})
}

// A copy that arrives while its root is merged by hand ends in the new cluster.
func TestACopyThatArrivesDuringAMergeFindsTheNewRoot(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		root, target := d.Receive(t, text(letter)), d.Receive(t, in(civic.Triage))
		d.settle(t)
		later := d.Receive(t, text(letter))
		job := d.job(t, store.JobMatch, later.ID)
		var both sync.WaitGroup
		both.Go(func() {
			if err := d.merge(t, root, target, ""); err != nil {
				t.Errorf("merge: %v", err)
			}
		})
		both.Go(func() {
			for {
				err := d.s.Match(t.Context(), job.ID, later.ID)
				if errs.KindOf(err) == errs.Unavailable && err != nil {
					continue // the queue tries again
				}
				if err != nil {
					t.Errorf("match: %v", err)
				}
				return
			}
		})
		both.Wait()
		checkWhole(t, d, []civic.Submission{root, target, later})
		if got := d.Case(t, later.Code); got.Root != target.ID {
			t.Errorf("it follows %d, want %d", got.Root, target.ID)
		}
		if c, err := d.s.Case(t.Context(), d.coordinator, target.Code); err != nil || c.Followers != 2 {
			t.Errorf("%d followers, %v", c.Followers, err)
		}
	})
}
