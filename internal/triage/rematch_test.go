package triage_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/triage"
)

// A corrected text is found by what it says now and no more by what it said; it
// joins nothing by itself, and what takes it on stays.
func TestACorrectedTextIsComparedAnew(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		const wrong = "Nhà tôi ở thôn Sam Sưa, xã Mẫu. Đề nghị làm cầu qua suối để trẻ em đi học mùa mưa khỏi phải lội nước nguy hiểm."
		sub := d.Receive(t, text(wrong))
		d.Clock.Advance(time.Minute)
		near := d.Receive(t, text(letter))
		d.match(t, sub)
		d.match(t, near)
		d.settle(t)
		state := d.Case(t, sub.Code).State
		d.Do(t, func(tx store.Tx) error {
			err := tx.PrivacyRequests().Add(t.Context(), store.SealedRequest{WrappedKey: []byte{1}, Sealed: []byte{2}, PrivacyRequest: civic.PrivacyRequest{
				Ref: "DL-1", Kind: civic.PrivacyCorrect, State: civic.PrivacyGranted, Language: civic.Vietnamese, Submission: sub.ID, MadeAt: d.Clock.Now(), ReplyBy: d.Clock.Now(), DueAt: d.Clock.Now(),
			}})
			if err != nil {
				return err
			}
			err = tx.Submissions().Correct(t.Context(), sub.Title, letter, civic.TextCorrection{
				Submission: sub.ID, Request: "DL-1", At: d.Clock.Now(), By: d.coordinator.User, Reason: "Sai tên thôn", Title: sub.Title, Body: wrong,
			})
			if err != nil {
				return err
			}
			_, err = tx.Outbox().Put(t.Context(), store.Job{Kind: store.JobRematch, Subject: int64(sub.ID), CreatedAt: d.Clock.Now()})
			return err
		})
		for range 2 { // what runs twice acts once
			job := d.Jobs(t, store.JobRematch)
			if len(job) == 0 {
				break
			}
			if err := d.s.Rematch(t.Context(), job[0].ID, sub.ID); err != nil {
				t.Fatal(err)
			}
		}
		d.View(t, func(tx store.Tx) error {
			found, err := tx.Matches().Similar(t.Context(), sub.ID)
			if len(found) != 1 || found[0].Other != near.ID || found[0].Obstacle != triage.ObstacleCorrected {
				t.Errorf("beside the corrected case stands %+v", found)
			}
			return err
		})
		if got := d.Case(t, sub.Code); got.State != state || follows(t, d, sub, near) {
			t.Errorf("a correction moved the case to %s", got.State)
		}
		// Who repeats the wrong text follows nobody, who repeats the new one the
		// earliest that says so now.
		d.Clock.Advance(time.Minute)
		again, anew := d.Receive(t, text(wrong)), d.Receive(t, text(letter))
		d.match(t, again)
		d.match(t, anew)
		if follows(t, d, again, sub) || !follows(t, d, anew, sub) {
			t.Error("later texts are compared with what the case said before")
		}
	})
}
