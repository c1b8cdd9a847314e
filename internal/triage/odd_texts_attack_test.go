package triage_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/unicode/norm"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// oddTexts are texts that nobody plans for. No two ask for the same.
func oddTexts() []string {
	return []string{
		"Đồng ý",
		"Không đồng ý",
		"?!",
		"👍👍👍",
		"👎👎👎",
		strings.Repeat("a", civic.MaxBody),
		strings.Repeat("b", civic.MaxBody),
		strings.Repeat("đ ", civic.MaxBody/2),
		strings.Repeat("xin mở rộng đường ", 500),
		strings.Repeat("xin mở rộng trường ", 500),
		strings.Repeat("khôngcókhoảngtrắng", 200),
		"يرجى تشغيل الحافلة رقم 12 مساء",
		"يرجى تشغيل الحافلة رقم 21 مساء",
		"請開放十二號公車",
		"請開放十三號公車",
		"0912 345 678",
		"0912 345 679",
		"<script>alert(1)</script>",
		"' OR 1=1 --",
		"%%% ___ \\",
		strings.Repeat("Z̷̧̛", 300),
	}
}

// Everybody sends at the same moment: each odd text twice, the second time with
// its letters taken apart and a joiner between them that nobody sees.
func TestOddTextsAreReadAndOnlyTheirOwnCopiesJoin(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		of := map[civic.SubmissionID]int{}
		var subs []civic.Submission
		for i, body := range oddTexts() {
			disguised := norm.NFD.String(body)
			if at := strings.IndexByte(disguised, ' '); at > 0 {
				disguised = disguised[:at] + "\u200b" + disguised[at:]
			}
			for _, b := range []string{body, disguised} {
				sub := d.Receive(t, text(b))
				of[sub.ID] = i
				subs = append(subs, sub)
			}
		}
		d.rush(t, 4)
		d.settle(t)
		checkWhole(t, d, subs)
		joined := 0
		for _, sub := range subs {
			got := d.Case(t, sub.Code)
			if got.State == civic.Received {
				t.Errorf("text %d was never read", of[sub.ID])
			}
			if got.Root == 0 {
				continue
			}
			joined++
			if of[got.Root] != of[sub.ID] {
				t.Errorf("text %d joined text %d", of[sub.ID], of[got.Root])
			}
		}
		if joined < 3 {
			t.Errorf("only %d copies joined: nothing was attacked", joined)
		}
	})
}

// Hundreds of copies of one letter that are read by many hands at once are one
// line with a count, whatever the database.
func TestManyCopiesAtOnceAreOneCase(t *testing.T) {
	t.Parallel()
	const copies = 400
	on(t, func(t *testing.T, d *desk) {
		subs := make([]civic.Submission, copies)
		for i := range subs {
			greeting := []string{"", "Kính gửi quý cơ quan. ", "Xin chào, "}[i%3]
			subs[i] = d.Receive(t, text(fmt.Sprint(greeting, letter)))
		}
		d.rush(t, 8)
		d.settle(t)
		checkWhole(t, d, subs)
		open := 0
		for _, sub := range subs {
			if d.Case(t, sub.Code).Root == 0 {
				open++
			}
		}
		if open != 1 {
			t.Errorf("%d of %d copies lead, want 1", open, copies)
		}
	})
}

// rush does the matching that waits with many hands at once. What another hand
// was faster at comes back as Unavailable, and is tried again as the queue does.
func (d *desk) rush(t *testing.T, hands int) {
	t.Helper()
	const tries = 10 // far fewer than the queue and the outbox give a job
	waiting := make(chan store.Job)
	var all sync.WaitGroup
	for range hands {
		all.Go(func() {
			for j := range waiting {
				var err error = errs.New(errs.Unavailable, "not.tried")
				for n := 0; n < tries && errs.KindOf(err) == errs.Unavailable; n++ {
					err = d.s.Match(t.Context(), j.ID, civic.SubmissionID(j.Subject))
				}
				if err != nil {
					t.Errorf("match %d: %v", j.Subject, err)
				}
			}
		})
	}
	for _, j := range d.Jobs(t, store.JobMatch) {
		waiting <- j
	}
	close(waiting)
	all.Wait()
}
