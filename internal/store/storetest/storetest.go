// Package storetest holds implementations of the port store to what its
// comments promise. Each sentence there has a case here, and a case never asks
// which implementation it has.
package storetest

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// test is one case: the name is a sentence.
type test struct {
	name string
	run  func(t *testing.T, s store.Store)
}

// Run checks an implementation. open must return an empty, migrated store and
// clean up after itself through t.Cleanup; closing it twice must do no harm.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	groups := []struct {
		name  string
		tests []test
	}{
		{"units of work", unitTests},
		{"receive", receiveTests},
		{"receive together", receiveTogetherTests},
		{"submissions", submissionTests},
		{"queue", queueTests},
		{"worklist", worklistTests},
		{"bulk works", bulkTests},
		{"exports", exportTests},
		{"public", publicTests},
		{"history", historyTests},
		{"outbox", outboxTests},
		{"index queue", indexQueueTests},
		{"matches", matchTests},
		{"shelf", shelfTests},
		{"clusters", clusterTests},
		{"routes and models", routeTests},
		{"models and examples", modelTests},
		{"rules", ruleTests},
		{"notices to agencies", noticeTests},
		{"answers and messages", answerTests},
		{"work on answers", draftingTests},
		{"people", peopleTests},
		{"reaching senders", reachTests},
		{"accounts", accountTests},
		{"sign-in", signInTests},
		{"drafts", draftTests},
		{"attachments", attachmentTests},
		{"proofs", proofTests},
		{"following", followingTests},
		{"guardians", guardianTests},
		{"dialogue", dialogueTests},
		{"figures", figureTests},
		{"counted", countedTests},
		{"directory", directoryTests},
		{"scopes", scopeTests},
		{"audit", auditTests},
		{"timetable", timetableTests},
		{"reminders", reminderTests},
		{"opinions", opinionTests},
		{"teamwork", teamworkTests},
	}
	for _, group := range groups {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			for _, tt := range group.tests {
				t.Run(tt.name, func(t *testing.T) {
					t.Parallel()
					tt.run(t, open(t))
				})
			}
		})
	}
}

// noon is the time at which every story begins, with the microseconds that a
// store keeps.
var noon = time.Date(2026, time.November, 23, 5, 0, 0, 123456000, time.UTC)

// codes counts the codes given out, so that no two in a run are the same.
var codes atomic.Int64

// receipt is a complete receipt with a code of its own. change may be nil.
func receipt(change func(r *store.Receipt)) store.Receipt {
	r := store.Receipt{
		Submission: civic.Submission{
			Code: civic.Code(fmt.Sprintf("TEST%08d", codes.Add(1))), Kind: civic.Initiative,
			Title: "Đề xuất số hóa thủ tục", Body: "Đề nghị cho nộp hồ sơ trực tuyến\nvà trả kết quả tại nhà.",
			Topic: "digital", Area: "01", Language: civic.Vietnamese, Channel: civic.ChannelWeb, Submitter: civic.Person,
			PublishName: true, State: civic.Received, Version: 1, ReceivedAt: noon, DueAt: noon.AddDate(0, 0, 21),
			ForwardDueAt: noon.AddDate(0, 0, 7), UpdatedAt: noon, Visibility: civic.Private,
		},
		Contact: store.SealedContact{WrappedKey: []byte{0, 1, 2, 255}, Sealed: []byte{3, 4, 0, 5}},
		Events:  []civic.Event{{At: noon, Type: civic.EventReceived, Actor: civic.ActorSender, From: civic.Received, To: civic.Received}},
		Jobs:    []store.Job{{Kind: store.JobMatch, CreatedAt: noon}},
	}
	if change != nil {
		change(&r)
	}
	return r
}

// key is an idempotency key and a body, each by its number.
func key(k, body int) *store.Idempotency {
	hash := func(n int) [32]byte { return sha256.Sum256([]byte(strconv.Itoa(n))) }
	return &store.Idempotency{Key: hash(k), Body: hash(body)}
}

// receive stores a receipt and returns the submission as it was stored.
func receive(t *testing.T, s store.Store, change func(r *store.Receipt)) civic.Submission {
	t.Helper()
	got, err := s.Receive(t.Context(), receipt(change))
	if err != nil {
		t.Fatalf("Receive: %v", err)
	}
	return view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), got.ID) })
}

// receiveMany stores n plain submissions and returns their ids, ascending.
func receiveMany(t *testing.T, s store.Store, n int) []civic.SubmissionID {
	t.Helper()
	ids := make([]civic.SubmissionID, n)
	for i := range ids {
		ids[i] = receive(t, s, nil).ID
	}
	slices.Sort(ids)
	return ids
}

// change stores a changed copy of a submission and returns it.
func change(t *testing.T, s store.Store, sub civic.Submission, edit func(*civic.Submission)) civic.Submission {
	t.Helper()
	edit(&sub)
	do(t, s, func(tx store.Tx) error { return tx.Submissions().Update(t.Context(), sub) })
	return sub
}

// user stores an officer with the given address.
func user(t *testing.T, s store.Store, email string) civic.User {
	t.Helper()
	u := civic.User{Email: email, Name: "Cán bộ " + email, Role: civic.RoleOfficer, Agency: "most", PasswordHash: "$argon2id$", Active: true, CreatedAt: noon}
	do(t, s, func(tx store.Tx) (err error) {
		u.ID, err = tx.Users().Add(t.Context(), u)
		return err
	})
	return u
}

// do runs a transaction that must succeed.
func do(t *testing.T, s store.Store, fn func(tx store.Tx) error) {
	t.Helper()
	if err := s.Do(t.Context(), fn); err != nil {
		t.Fatalf("Do: %v", err)
	}
}

// refused runs a transaction that must fail with kind and code.
func refused(t *testing.T, s store.Store, kind errs.Kind, code string, fn func(tx store.Tx) error) {
	t.Helper()
	wantError(t, s.Do(t.Context(), fn), kind, code)
}

// view reads something that must be there.
func view[T any](t *testing.T, s store.Store, fn func(tx store.Tx) (T, error)) T {
	t.Helper()
	var v T
	err := s.View(t.Context(), func(tx store.Tx) (err error) {
		v, err = fn(tx)
		return err
	})
	if err != nil {
		t.Fatalf("View: %v", err)
	}
	return v
}

// missing checks that reading fails with kind and code.
func missing[T any](t *testing.T, s store.Store, kind errs.Kind, code string, fn func(tx store.Tx) (T, error)) {
	t.Helper()
	err := s.View(t.Context(), func(tx store.Tx) error {
		_, err := fn(tx)
		return err
	})
	wantError(t, err, kind, code)
}

// wantError checks kind and code of a failure.
func wantError(t *testing.T, err error, kind errs.Kind, code string) {
	t.Helper()
	if err == nil || errs.KindOf(err) != kind || errs.CodeOf(err) != code {
		t.Errorf("got error %v, want %v (%s)", err, kind, code)
	}
}

// equal compares what was got with what was wanted.
func equal[T any](t *testing.T, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// idsOf returns the ids of submissions.
func idsOf(list []civic.Submission) []civic.SubmissionID {
	ids := make([]civic.SubmissionID, len(list))
	for i, s := range list {
		ids[i] = s.ID
	}
	return ids
}

// clean acknowledges all that waits for both indexes.
func clean(t *testing.T, s store.Store) {
	t.Helper()
	do(t, s, func(tx store.Tx) error {
		for _, index := range store.IndexNames {
			seen, err := tx.IndexQueue().Take(t.Context(), index, 1000)
			if err != nil {
				return err
			}
			if err := tx.IndexQueue().Ack(t.Context(), index, seen); err != nil {
				return err
			}
		}
		return nil
	})
}

// waiting returns the submissions that wait for both indexes, ascending. It
// fails unless the same wait for each.
func waiting(t *testing.T, s store.Store) []civic.SubmissionID {
	t.Helper()
	var each [2][]civic.SubmissionID
	for i, index := range store.IndexNames {
		dirty := view(t, s, func(tx store.Tx) ([]store.Dirty, error) { return tx.IndexQueue().Take(t.Context(), index, 1000) })
		for _, d := range dirty {
			each[i] = append(each[i], d.Submission)
		}
		slices.Sort(each[i])
	}
	equal(t, each[0], each[1])
	return each[0]
}
