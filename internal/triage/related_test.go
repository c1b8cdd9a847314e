package triage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// What is nearly the same and did not join by itself stands first in the list,
// with why and with what to do.
func TestNearCopiesThatDoNotJoinAreShownWithWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	answered := func(v civic.Visibility) func(*civic.Submission) {
		return func(sub *civic.Submission) {
			sub.State, sub.AnsweredAt, sub.Visibility = civic.Answered, house.Morning, v
		}
	}
	other := func(from, to string) string { return strings.Replace(letter, from, to, 1) }
	tests := []struct {
		name             string
		copy             string
		root, later      func(*civic.Submission)
		obstacle, advice string
	}{
		{"of a refused one", letter, in(civic.Rejected), nil, triage.ObstacleRefused, triage.AdviceRefuse},
		{"of a withdrawn one", letter, in(civic.Withdrawn), nil, triage.ObstacleWithdrawn, ""},
		{"of one answered in private", letter, answered(civic.Private), nil, triage.ObstaclePrivate, triage.AdvicePublish},
		{"of a held one", letter, func(sub *civic.Submission) { sub.Hold = "hold.rate" }, nil, triage.ObstacleHeld, triage.AdviceFollow},
		{"a held one", letter, nil, func(sub *civic.Submission) { sub.Hold = "hold.rate" }, triage.ObstacleHeld, triage.AdviceFollow},
		{"in hand already", letter, nil, in(civic.InProgress), triage.ObstacleInHand, triage.AdviceFollow},
		{"that a person judges", letter, nil, func(sub *civic.Submission) {
			sub.State, sub.TriageReason = civic.Triage, cluster.ReasonObjected
		}, triage.ObstacleInHand, triage.AdviceFollow},
		{"with another amount", other("500 triệu", "50 triệu"), nil, nil, "other_number", triage.AdviceFollow},
		{"with another place", other("Huế", "Vinh"), nil, nil, "other_name", triage.AdviceFollow},
		{"with another amount than a published answer's", other("500 triệu", "50 triệu"), answered(civic.PublicWithAnswer), nil, "other_number", triage.AdviceAnswer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, house.New(t))
			root := d.Receive(t, text(letter))
			d.settle(t)
			d.Clock.Advance(time.Minute)
			later := d.Receive(t, text(tt.copy))
			for sub, edit := range map[civic.Code]func(*civic.Submission){root.Code: tt.root, later.Code: tt.later} {
				if edit != nil {
					d.Change(t, sub, edit)
				}
			}
			d.settle(t)
			c, err := d.s.Case(t.Context(), d.coordinator, later.Code)
			if err != nil || len(c.Similar) != 1 {
				t.Fatalf("beside it stands %+v, %v", c.Similar, err)
			}
			got := c.Similar[0]
			if got.Case.ID != root.ID || got.Obstacle != tt.obstacle || got.Advice != tt.advice || got.Jaccard < 0.8 || got.Rank != 1 {
				t.Errorf("beside it stands %q, to be done %q, jaccard %f, rank %d", got.Obstacle, got.Advice, got.Jaccard, got.Rank)
			}
			officer, err := d.s.Case(t.Context(), d.Staff(t, civic.RoleAdministrator, ""), later.Code)
			if err != nil || officer.Similar[0].Advice != "" {
				t.Errorf("who may not do it is advised %+v, %v", officer.Similar, err)
			}
		})
	}
}

// A campaign must not fill the whole list: it is one line with its size, and
// what a person finds behind it is found too.
func TestACampaignIsOneLineOfTheList(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		for i := range 150 { // so that the campaign's words are not everybody's
			d.Receive(t, func(sub *civic.Submission) {
				sub.Title, sub.Body = fmt.Sprintf("Việc %c%c", 'a'+i%26, 'a'+i/26), strings.Repeat(fmt.Sprintf("chuyện%d ở%d làng%d ", i, i, i), 3)
			})
		}
		for range 12 {
			d.Receive(t, text(letter))
			d.Clock.Advance(time.Minute)
			d.settle(t)
		}
		alone := d.Receive(t, text("Trường vùng cao chưa có phòng thí nghiệm, học sinh không được làm thực hành. Mong Nhà nước có kinh phí để mua thiết bị cho trường."))
		d.settle(t)
		d.Clock.Advance(time.Minute)
		sub := d.Receive(t, text("Mong Nhà nước tăng mức hỗ trợ cho các nhóm nghiên cứu trẻ vì hiện nay nhiều nhóm không đủ kinh phí để mua thiết bị."))
		d.settle(t)
		c, err := d.s.Case(t.Context(), d.coordinator, sub.Code)
		if err != nil {
			t.Fatal(err)
		}
		shown := map[civic.Code]int{}
		for i, s := range c.Similar {
			shown[s.Case.Code] = s.Followers
			if s.Case.State == civic.Merged || s.Rank != i+1 || s.Obstacle != "" || s.Jaccard != 0 {
				t.Errorf("line %d is %+v", i, s.Similar)
			}
		}
		if len(shown) != 2 || len(c.Similar) != 2 {
			t.Fatalf("%d lines for %d cases", len(c.Similar), len(shown))
		}
		if n, ok := shown[alone.Code]; !ok || n != 0 {
			t.Errorf("the lone case: %v, %d followers", ok, n)
		}
		delete(shown, alone.Code)
		for code, n := range shown {
			if n != 11 {
				t.Errorf("%s has %d followers", code, n)
			}
		}
	})
}

// What was found beside a case may have joined another one since.
func TestTheListShowsWhatLeadsNow(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	var subs []civic.Submission
	for i, amount := range []string{"500", "50", "5"} {
		subs = append(subs, d.Receive(t, text(strings.Replace(letter, "500", amount, 1))))
		d.Clock.Advance(time.Duration(i+1) * time.Minute)
		d.settle(t)
	}
	if err := d.merge(t, subs[1], subs[0], ""); err != nil {
		t.Fatal(err)
	}
	c, err := d.s.Case(t.Context(), d.coordinator, subs[2].Code)
	if err != nil || len(c.Similar) != 1 || c.Similar[0].Case.ID != subs[0].ID || c.Similar[0].Followers != 1 {
		t.Errorf("beside it stands %+v, %v", c.Similar, err)
	}
	if err := d.merge(t, subs[2], subs[0], ""); err != nil {
		t.Fatal(err)
	}
	if c, err = d.s.Case(t.Context(), d.coordinator, subs[2].Code); err != nil || len(c.Similar) != 0 {
		t.Errorf("its own cluster stands beside it: %+v, %v", c.Similar, err)
	}
}

func TestManyNearFormLettersFillTheListNoFurtherThanTen(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	var last civic.Submission
	for i := range 14 {
		last = d.Receive(t, text(strings.Replace(letter, "500", fmt.Sprint(100+i), 1)))
		d.Clock.Advance(time.Minute)
	}
	d.settle(t)
	c, err := d.s.Case(t.Context(), d.coordinator, last.Code)
	if err != nil {
		t.Fatal(err)
	}
	apart := 0
	for _, s := range c.Similar {
		if s.Obstacle == "other_number" {
			apart++
		}
	}
	if apart != 10 {
		t.Errorf("%d are shown as nearly the same", apart)
	}
}

// A cluster that people made of different texts is one line too, stored under
// its root.
func TestAClusterOfDifferentTextsIsFoundOnceUnderItsRoot(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	root := d.Receive(t, text("Nhóm nghiên cứu trẻ của chúng tôi rất thiếu thiết bị và mong được Nhà nước hỗ trợ kinh phí."))
	other := d.Receive(t, text("Xin tăng kinh phí mua thiết bị và trả lương cho nghiên cứu viên trẻ ở các trường."))
	d.settle(t)
	if err := d.merge(t, other, root, ""); err != nil {
		t.Fatal(err)
	}
	sub := d.Receive(t, text("Mong Nhà nước tăng kinh phí hỗ trợ nhóm nghiên cứu trẻ mua thiết bị, trả lương nghiên cứu viên."))
	d.settle(t)
	d.View(t, func(tx store.Tx) error {
		similar, err := tx.Matches().Similar(t.Context(), sub.ID)
		if len(similar) != 1 || similar[0].Other != root.ID {
			t.Errorf("stored are %+v, want the root alone", similar)
		}
		return err
	})
}
