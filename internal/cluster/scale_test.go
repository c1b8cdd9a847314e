package cluster_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// envMembers sets how many copies the campaign of TestACampaignMovesAsOne has;
// measuring by hand takes 100,000.
const envMembers = "HIENKE_TEST_MEMBERS"

// manyMembers is enough to be more than any window of rows, and quick.
const manyMembers = 1_200

// TestACampaignMovesAsOne: what concerns all members of a cluster is a few
// statements and no loop over them. With HIENKE_TEST_MEMBERS and -v it tells
// how long each took.
func TestACampaignMovesAsOne(t *testing.T) {
	t.Parallel()
	members := manyMembers
	if n, err := strconv.Atoi(os.Getenv(envMembers)); err == nil {
		members = n
	}
	house.Each(t, func(t *testing.T, h *house.House) {
		began := time.Now()
		took := func(what string) {
			t.Logf("%-42s %8s", what, time.Since(began).Round(time.Millisecond))
			began = time.Now()
		}
		root, other := h.Receive(t, nil), h.Receive(t, nil)
		ids := fill(t, h, root.ID, members)
		took(fmt.Sprintf("receive and join %d", members))

		by := cluster.By{Kind: civic.ActorStaff, User: h.Staff(t, civic.RoleCoordinator, "").User, Now: h.Clock.Now()}
		act := func(what string, do func(ctx context.Context, tx store.Tx) error) {
			t.Helper()
			began = time.Now()
			h.Do(t, func(tx store.Tx) error { return do(t.Context(), tx) })
			took(what)
		}
		locked := func(ctx context.Context, tx store.Tx, ids ...civic.SubmissionID) []civic.Submission {
			t.Helper()
			subs, err := tx.Submissions().Lock(ctx, ids...)
			if err != nil {
				t.Fatal(err)
			}
			return subs
		}
		act("merge the root into another", func(ctx context.Context, tx store.Tx) error {
			subs := locked(ctx, tx, root.ID, other.ID)
			if err := cluster.Join(ctx, tx, subs[1], &subs[0], 1, by); err != nil {
				return err
			}
			return tx.Submissions().Update(ctx, subs[0])
		})
		count(t, h, other.ID, members+1)
		h.Change(t, other.Code, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, house.Science })
		act("let a member lead", func(ctx context.Context, tx store.Tx) error {
			subs := locked(ctx, tx, other.ID, ids[0])
			if err := cluster.Lead(ctx, tx, subs[0], &subs[1], by); err != nil {
				return err
			}
			return tx.Submissions().Update(ctx, subs[1])
		})
		count(t, h, ids[0], members+1)
		act("pass the lead on", func(ctx context.Context, tx store.Tx) error {
			subs := locked(ctx, tx, ids[0])
			return cluster.Succeed(ctx, tx, cluster.Succession{Root: subs[0], Keep: true}, by)
		})
		count(t, h, root.ID, members) // the earliest received
		tellAll(t, h, root, members, took)
	})
}

// fill receives members that follow root, many at once.
func fill(t *testing.T, h *house.House, root civic.SubmissionID, members int) []civic.SubmissionID {
	t.Helper()
	ids := make([]civic.SubmissionID, members)
	var all sync.WaitGroup
	for worker := range 64 {
		all.Go(func() {
			for i := worker; i < members; i += 64 {
				got, err := h.Store.Receive(t.Context(), copyOf(i, h.Clock.Now()))
				if err != nil {
					t.Errorf("receive: %v", err)
					return
				}
				ids[i] = got.ID
			}
		})
	}
	all.Wait()
	for from := 0; from < members; from += 1000 {
		h.Do(t, func(tx store.Tx) error {
			for _, id := range ids[from:min(from+1000, members)] {
				m := civic.Membership{Submission: id, Root: root, JoinedAt: h.Clock.Now(), By: civic.ActorSystem, Jaccard: 1}
				if err := tx.Matches().Join(t.Context(), m); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return ids
}

// copyOf is a copy of a letter as one more person sends it.
func copyOf(i int, now time.Time) store.Receipt {
	return store.Receipt{Submission: civic.Submission{
		Code: civic.Code(fmt.Sprintf("COPY%08d", i)), Kind: civic.Feedback, Title: "Trạm quan trắc nước",
		Body:  "Đề nghị công bố số đo của các trạm quan trắc nước mặt theo giờ, ở dạng máy đọc được, để người dân theo dõi.",
		State: civic.Merged, Version: 1, Channel: civic.ChannelWeb, Submitter: civic.Person, Visibility: civic.Private,
		ReceivedAt: now.Add(time.Duration(i+1) * time.Second), UpdatedAt: now, DueAt: now, ForwardDueAt: now,
	}, Contact: store.SealedContact{WrappedKey: []byte{1}, Sealed: []byte{2}}}
}

// count fails unless so many follow root, by their membership and by
// themselves.
func count(t *testing.T, h *house.House, root civic.SubmissionID, want int) {
	t.Helper()
	h.View(t, func(tx store.Tx) error {
		some, total, err := tx.Matches().Members(t.Context(), root, 500)
		if err != nil {
			return err
		}
		if total != want {
			t.Errorf("%d follow %d, want %d", total, root, want)
		}
		for _, m := range some {
			sub, err := tx.Submissions().Get(t.Context(), m.Submission)
			if err != nil {
				return err
			}
			if sub.Root != root {
				t.Fatalf("member %d says that it follows %d, want %d", sub.ID, sub.Root, root)
			}
		}
		return nil
	})
}

// tellAll answers the root and does every job that tells.
func tellAll(t *testing.T, h *house.House, root civic.Submission, members int, took func(string)) {
	t.Helper()
	now := h.Clock.Now()
	h.Answer(t, root.Code, civic.Answer{Text: "Bộ đã công bố số liệu.", Outcome: civic.OutcomeAccepted, DraftedAt: now, ApprovedAt: now})
	h.Change(t, root.Code, func(sub *civic.Submission) { sub.State, sub.AnsweredAt = civic.Answered, now })
	h.Do(t, func(tx store.Tx) error { return cluster.TellLater(t.Context(), tx, root.ID, now) })
	s := &answers.Service{Store: h.Store, Registry: h.Registry, Now: h.Clock.Now}
	took("prepare the answer")
	jobs, longest := 0, time.Duration(0)
	for next := h.Jobs(t, store.JobTell); len(next) > 0; next = h.Jobs(t, store.JobTell) {
		began := time.Now()
		if err := s.Tell(t.Context(), next[0].ID, root.ID); err != nil {
			t.Fatal(err)
		}
		jobs++
		longest = max(longest, time.Since(began))
	}
	took(fmt.Sprintf("tell all in %d jobs, the longest %s", jobs, longest.Round(time.Millisecond)))
	h.View(t, func(tx store.Tx) error {
		backlog, err := tx.Outbox().Pending(t.Context())
		if got := backlog[store.JobSend].Count; got != members+1 { // the first root was told that it joined another
			t.Errorf("%d mails are to be sent, want %d", got, members+1)
		}
		return err
	})
}
