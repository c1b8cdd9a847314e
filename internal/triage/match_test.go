package triage_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// follows reports whether a case follows another in every place that says so.
func follows(t *testing.T, d *desk, follower, root civic.Submission) bool {
	t.Helper()
	sub := d.Case(t, follower.Code)
	member := false
	d.View(t, func(tx store.Tx) error {
		m, err := tx.Matches().Membership(t.Context(), sub.ID)
		if err != nil && errs.KindOf(err) == errs.NotFound {
			return nil
		}
		member = m.Root == root.ID
		return err
	})
	if (sub.State == civic.Merged) != member || member && sub.Root != root.ID {
		t.Errorf("%s is %s with root %d; its membership says that it follows %d: %v", sub.Code, sub.State, sub.Root, root.ID, member)
	}
	return member
}

func TestAnExactCopyJoinsTheEarlierOneWhicheverIsMatchedFirst(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		for first, body := range map[string]string{"the earlier": letter, "the later": "Đề nghị lắp đèn cảm biến ở các lối đi bộ quanh hồ để ai cũng thấy an toàn."} {
			earlier := d.Receive(t, text(body))
			d.Clock.Advance(time.Minute)
			later := d.Receive(t, text(body))
			if first == "the earlier" {
				d.match(t, earlier)
				d.match(t, later)
			} else {
				d.match(t, later)
				d.match(t, earlier)
			}
			d.settle(t)
			if !follows(t, d, later, earlier) {
				t.Errorf("%s matched first: the later one does not follow", first)
			}
			if got := d.Case(t, earlier.Code); got.State != civic.Triage || got.Root != 0 {
				t.Errorf("%s matched first: the earlier one is %s", first, got.State)
			}
			for _, sub := range []civic.Submission{earlier, later} {
				if n := d.CountEvents(t, sub.Code, civic.EventMatched); n != 1 {
					t.Errorf("%s matched first: matched %d times", first, n)
				}
			}
			if n := d.CountEvents(t, later.Code, civic.EventMerged); n != 1 {
				t.Errorf("%s matched first: merged %d times", first, n)
			}
		}
	})
}

func TestCopiesMatchedAtTheSameMomentAllFollowTheEarliest(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		const copies = 8
		var subs []civic.Submission
		for range copies {
			subs = append(subs, d.Receive(t, text(letter)))
			d.Clock.Advance(time.Second)
		}
		jobs := d.Jobs(t, store.JobMatch)
		var all sync.WaitGroup
		for _, j := range jobs {
			all.Go(func() {
				for { // the queue tries again what lies outside of the job
					err := d.s.Match(t.Context(), j.ID, civic.SubmissionID(j.Subject))
					if err == nil {
						return
					}
					if errs.KindOf(err) != errs.Unavailable {
						t.Errorf("match: %v", err)
						return
					}
				}
			})
		}
		all.Wait()
		d.settle(t)
		for i, sub := range subs {
			switch {
			case i == 0 && d.Case(t, sub.Code).State != civic.Triage:
				t.Errorf("the earliest is %s", d.Case(t, sub.Code).State)
			case i > 0 && !follows(t, d, sub, subs[0]):
				t.Errorf("copy %d does not follow the earliest", i)
			}
			if n := d.CountEvents(t, sub.Code, civic.EventMatched); n != 1 {
				t.Errorf("copy %d was matched %d times", i, n)
			}
		}
	})
}

func TestWhatIsNearlyTheSameIsJoinedAndWhatDiffersInSubstanceIsNot(t *testing.T) {
	t.Parallel()
	swap := func(from, to string) string {
		if !strings.Contains(letter, from) {
			t.Fatalf("the letter has no %q", from)
		}
		return strings.Replace(letter, from, to, 1)
	}
	tests := []struct {
		name, copy string
		want       bool
	}{
		{"other spaces and signs", strings.ReplaceAll(letter, ". ", " !\n\n"), true},
		{"an ordinary word more", swap("Xin cảm ơn", "Xin trân trọng cảm ơn"), true},
		{"another amount", swap("500 triệu", "50 triệu"), false},
		{"another place", swap("Huế", "Vinh"), false},
		{"a negation less", swap("không đủ", "đủ"), false},
		{"the opposite wish", swap("tăng mức", "giảm mức"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, house.New(t))
			root := d.Receive(t, text(letter))
			d.Clock.Advance(time.Minute)
			other := d.Receive(t, text(tt.copy))
			d.settle(t)
			if got := follows(t, d, other, root); got != tt.want {
				t.Errorf("joined: %v, want %v", got, tt.want)
			}
			if tt.want {
				return
			}
			c, err := d.s.Case(t.Context(), d.coordinator, other.Code)
			if err != nil || len(c.Similar) != 1 || c.Similar[0].Case.ID != root.ID || len(c.Similar[0].Terms) == 0 || c.Similar[0].Rank != 1 {
				t.Errorf("it is not shown as similar with its reason: %+v, %v", c.Similar, err)
			}
		})
	}
}

func TestWhichCopiesAreLeftAlone(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		root  func(*civic.Submission)
		later func(*civic.Submission)
	}{
		{"a later one that is held", nil, func(sub *civic.Submission) { sub.Hold = "hold.rate" }},
		{"of an earlier one that is held", func(sub *civic.Submission) { sub.Hold = "hold.honeypot" }, nil},
		{"of one answered in private", func(sub *civic.Submission) { sub.State, sub.AnsweredAt = civic.Answered, house.Morning }, nil},
		{"of one refused", func(sub *civic.Submission) { sub.State = civic.Rejected }, nil},
		{"of one withdrawn", func(sub *civic.Submission) { sub.State = civic.Withdrawn }, nil},
		{"of one answered and taken down", func(sub *civic.Submission) {
			sub.State, sub.AnsweredAt, sub.Visibility = civic.Answered, house.Morning, civic.TakenDown
		}, nil},
		{"a later one that a person has accepted", nil, func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, house.Science }},
		{"a later one withdrawn meanwhile", nil, func(sub *civic.Submission) { sub.State = civic.Withdrawn }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, house.New(t))
			root := d.Receive(t, text(letter))
			d.settle(t)
			d.Clock.Advance(time.Minute)
			later := d.Receive(t, text(letter))
			if tt.root != nil {
				d.Change(t, root.Code, tt.root)
			}
			if tt.later != nil {
				d.Change(t, later.Code, tt.later)
			}
			before := d.Case(t, later.Code).State
			d.settle(t)
			if follows(t, d, later, root) {
				t.Fatal("it was joined")
			}
			if got := d.Case(t, later.Code).State; before != civic.Received && got != before {
				t.Errorf("it was %s and is %s", before, got)
			}
			if got := d.Case(t, root.Code); got.State == civic.Merged {
				t.Error("the earlier one follows")
			}
		})
	}
}

func TestACopyOfAPublishedAnswerIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		root := d.Receive(t, text(letter))
		d.settle(t)
		d.Change(t, root.Code, func(sub *civic.Submission) {
			sub.State, sub.AnsweredAt, sub.Visibility, sub.PublicTitle = civic.Answered, house.Morning, civic.PublicWithAnswer, "Đã trả lời"
		})
		later, silent := d.Receive(t, text(letter)), d.ReceiveFrom(t, civic.Contact{}, text(letter))
		d.settle(t)
		if !follows(t, d, later, root) || !follows(t, d, silent, root) {
			t.Error("the copies do not follow")
		}
		if m := d.Messages(t, later.Code); len(m) != 1 || m[0].Kind != civic.MessageAnswer || m[0].State != civic.MessageQueued {
			t.Errorf("the sender is told %+v", m)
		}
		if m := d.Messages(t, silent.Code); len(m) != 0 {
			t.Errorf("nobody can be told, and yet %+v", m)
		}
	})
}

func TestFollowersOfALaterRootMoveToTheEarlierOne(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		first := d.Receive(t, text(letter))
		d.Clock.Advance(time.Minute)
		second, third := d.Receive(t, text(letter)), d.Receive(t, text(letter))
		d.match(t, second)
		d.match(t, third) // knows only the second
		if !follows(t, d, third, second) {
			t.Fatal("the third does not follow the second")
		}
		d.match(t, first)
		d.settle(t)
		c, err := d.s.Case(t.Context(), d.coordinator, first.Code)
		if err != nil || c.Followers != 2 || len(c.Members) != 2 {
			t.Errorf("the first has %d followers, %v", c.Followers, err)
		}
		for _, sub := range []civic.Submission{second, third} {
			seen, err := d.s.Case(t.Context(), d.coordinator, sub.Code)
			if err != nil || seen.Root == nil || seen.Root.ID != first.ID || seen.Submission.Root != first.ID {
				t.Errorf("%s follows %+v by its membership and %d by itself, %v", sub.Code, seen.Root, seen.Submission.Root, err)
			}
		}
	})
}

func TestAPairTakenApartIsNeverJoinedAgain(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		root, later := d.Receive(t, text(letter)), d.Receive(t, text(letter))
		d.settle(t)
		if err := d.s.Unmerge(t.Context(), d.coordinator, later.Code, d.Case(t, later.Code).Version, "Khác đối tượng."); err != nil {
			t.Fatal(err)
		}
		if follows(t, d, later, root) {
			t.Fatal("it still follows")
		}
		got := d.Case(t, later.Code)
		if got.State != civic.Triage || got.TriageReason != "triage.unmerged" || got.Root != 0 || got.Agency != "" {
			t.Errorf("taken apart it is %+v", got)
		}
		d.Do(t, func(tx store.Tx) error { // somebody starts matching anew
			for _, sub := range []civic.Submission{root, later} {
				if _, err := tx.Outbox().Put(t.Context(), store.Job{Kind: store.JobMatch, Subject: int64(sub.ID), CreatedAt: d.Clock.Now()}); err != nil {
					return err
				}
			}
			return nil
		})
		d.settle(t)
		if follows(t, d, later, root) {
			t.Error("it was joined again")
		}
		if n := d.CountEvents(t, later.Code, civic.EventUnmerged); n != 1 {
			t.Errorf("unmerged %d times", n)
		}
		if err := d.s.Unmerge(t.Context(), d.coordinator, later.Code, d.Case(t, later.Code).Version, ""); errs.KindOf(err) != errs.Conflict {
			t.Errorf("taking apart what is apart: %v", err)
		}
	})
}

func TestAJobThatRunsTwiceActsOnce(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		root, later := d.Receive(t, text(letter)), d.Receive(t, text(letter))
		jobs := d.Jobs(t, store.JobMatch)
		for range 2 {
			for _, j := range jobs {
				if err := d.s.Match(t.Context(), j.ID, civic.SubmissionID(j.Subject)); err != nil {
					t.Fatal(err)
				}
			}
		}
		routes := d.Jobs(t, store.JobRoute)
		if len(routes) != 1 || routes[0].Subject != int64(root.ID) {
			t.Fatalf("to be routed: %+v", routes)
		}
		for range 2 {
			if err := d.s.Route(t.Context(), routes[0].ID, root.ID); err != nil {
				t.Fatal(err)
			}
		}
		for sub, want := range map[civic.Code]map[civic.EventType]int{
			root.Code:  {civic.EventReceived: 1, civic.EventMatched: 1, civic.EventTriaged: 1, civic.EventMerged: 0},
			later.Code: {civic.EventReceived: 1, civic.EventMatched: 1, civic.EventTriaged: 0, civic.EventMerged: 1},
		} {
			for of, n := range want {
				if got := d.CountEvents(t, sub, of); got != n {
					t.Errorf("%s has %d events %s, want %d", sub, got, of, n)
				}
			}
			if v := d.Case(t, sub).Version; v != 2 {
				t.Errorf("%s has version %d", sub, v)
			}
		}
	})
}

// TestACaseThatSharesAWordIsNotSimilar: a person is shown what may ask for the
// same, and not whatever comes nearest.
func TestACaseThatSharesAWordIsNotSimilar(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	bodies := []string{
		"Trạm bơm nước ở cánh đồng phía đông hỏng đã ba tháng, lúa của bà con héo hết, mong cơ quan sửa máy bơm trước vụ chiêm.",
		"Đề nghị thư viện mở cửa buổi tối để sinh viên đọc tạp chí khoa học, phòng đọc hiện đóng từ năm giờ, ghế ngồi lại thiếu nước uống.",
		"Trạm bơm nước ở đồng phía đông lại hỏng, lúa héo, xin sửa máy bơm cho kịp vụ chiêm này.",
	}
	var subs []civic.Submission
	for i, body := range bodies {
		subs = append(subs, d.Receive(t, func(sub *civic.Submission) { sub.Title, sub.Body = fmt.Sprintf("Việc thứ %d", i), body }))
		d.settle(t)
	}
	d.View(t, func(tx store.Tx) error {
		similar, err := tx.Matches().Similar(t.Context(), subs[2].ID)
		if err != nil {
			return err
		}
		if len(similar) != 1 || similar[0].Other != subs[0].ID {
			t.Errorf("shown as similar: %+v, want the pump alone", similar)
		}
		return nil
	})
}
