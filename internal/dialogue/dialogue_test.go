package dialogue_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/dialogue"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

const agency civic.AgencyCode = "bo-khoa-hoc-cong-nghe"

// talk is the dialogue in a house, with an officer of the agency.
type talk struct {
	*house.House
	s       *dialogue.Service
	officer civic.Actor
}

func on(t *testing.T, run func(t *testing.T, d *talk)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) {
		run(t, &talk{h, &dialogue.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Now: h.Clock.Now}, h.Staff(t, civic.RoleOfficer, agency)})
	})
}

// handled stores a case that the agency is working on.
func (d *talk) handled(t *testing.T) civic.Submission {
	t.Helper()
	return d.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, agency })
}

// answered stores a case with an approved answer.
func (d *talk) answered(t *testing.T) civic.Submission {
	t.Helper()
	sub := d.handled(t)
	d.Answer(t, sub.Code, civic.Answer{Text: "Trả lời đầy đủ.", Outcome: civic.OutcomeAccepted, Agency: agency, ApprovedAt: d.Clock.Now()})
	d.Change(t, sub.Code, func(sub *civic.Submission) { sub.State, sub.AnsweredAt = civic.Answered, d.Clock.Now() })
	return d.Case(t, sub.Code)
}

func (d *talk) ask(t *testing.T, sub civic.Submission) civic.Submission {
	t.Helper()
	must(t, d.s.Ask(t.Context(), d.officer, sub.Code, d.Case(t, sub.Code).Version, "Việc này ở xã nào?"))
	return d.Case(t, sub.Code)
}

func (d *talk) inquiries(t *testing.T, sub civic.Submission) (out []civic.Inquiry) {
	t.Helper()
	d.View(t, func(tx store.Tx) (err error) {
		out, err = tx.Inquiries().List(t.Context(), sub.ID)
		return err
	})
	return out
}

func (d *talk) sweep(t *testing.T) {
	t.Helper()
	_, err := d.s.Sweep(t.Context())
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fails(t *testing.T, err error, code string) {
	t.Helper()
	if errs.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func day(t time.Time) string { return t.In(civic.Zone).Format("02/01/2006") }

func TestAQuestionStopsTheClockUntilTheReply(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.handled(t)
		before := sub.DueAt
		sender := civic.SenderOf(sub.ID)
		fails(t, d.s.Reply(t.Context(), sender, sub.Code, "Ở xã Mường Lống"), "inquiry.none_open")
		asked := d.ask(t, sub)
		if asked.State != civic.AwaitingCitizen || !asked.DueAt.After(before) {
			t.Errorf("asked: %s, due %s, before %s", asked.State, day(asked.DueAt), day(before))
		}
		if m := d.Messages(t, sub.Code); len(m) == 0 || m[len(m)-1].Kind != civic.MessageQuestion {
			t.Errorf("the sender is told %v", m)
		}
		fails(t, d.s.Ask(t.Context(), d.officer, sub.Code, asked.Version, "Và nữa?"), "inquiry.not_in_progress")
		fails(t, d.s.Reply(t.Context(), civic.SenderOf(sub.ID+1), sub.Code, "Tôi là người khác"), "submission.not_found")

		// Two working days later: the deadline moves by exactly those.
		d.Clock.Advance(48 * time.Hour)
		must(t, d.s.Reply(t.Context(), sender, sub.Code, "  Ở xã Mường Lống  "))
		got := d.Case(t, sub.Code)
		want := d.Calendar.Due(sub.ReceivedAt, d.Registry.Limits.AnswerFor(sub.Kind), civic.Pause{From: sub.ReceivedAt, Until: d.Clock.Now()})
		if got.State != civic.InProgress || !got.DueAt.Equal(want) || !got.DueAt.After(before) || !got.DueAt.Before(asked.DueAt) {
			t.Errorf("after the reply: %s, due %s, want %s", got.State, day(got.DueAt), day(want))
		}
		if i := d.inquiries(t, sub); len(i) != 1 || i[0].Reply != "Ở xã Mường Lống" || i[0].EndedAt.IsZero() {
			t.Errorf("inquiries %+v", i)
		}
		for _, e := range d.Events(t, sub.Code) {
			if strings.Contains(e.Reason, "Mường Lống") {
				t.Error("what the sender wrote stands in the history")
			}
		}
	})
}

func TestWhatTheSenderSaysByTelephoneIsRecorded(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.ask(t, d.handled(t))
		must(t, d.s.Record(t.Context(), d.officer, sub.Code, sub.Version, "Gọi điện: ở xã Mường Lống."))
		if got := d.Case(t, sub.Code); got.State != civic.InProgress {
			t.Errorf("the case is %s", got.State)
		}
	})
}

func TestWhoDoesNotReplyIsRemindedOnceAndThenTheClockRunsOn(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.ask(t, d.handled(t))
		open := d.inquiries(t, sub)[0]
		d.Clock.Set(open.RemindAt.Add(time.Second))
		d.sweep(t)
		d.sweep(t)
		if n := d.CountEvents(t, sub.Code, civic.EventReminded); n != 1 {
			t.Errorf("reminded %d times", n)
		}
		d.Clock.Set(open.ReplyBy.Add(time.Second))
		d.sweep(t)
		d.sweep(t)
		got := d.Case(t, sub.Code)
		if got.State != civic.InProgress || !got.DueAt.Equal(sub.DueAt) || d.CountEvents(t, sub.Code, civic.EventUnheard) != 1 {
			t.Errorf("after the wait: %s, due %s, want %s", got.State, day(got.DueAt), day(sub.DueAt))
		}
		// A second question begins a pause of its own.
		again := d.ask(t, sub)
		if !again.DueAt.After(got.DueAt) {
			t.Errorf("asked again: due %s, before %s", day(again.DueAt), day(got.DueAt))
		}
	})
}

func TestAQuestionOfACaseThatMovedOnIsEndedQuietly(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.ask(t, d.handled(t))
		d.Change(t, sub.Code, func(sub *civic.Submission) { sub.State = civic.Rejected })
		version := d.Case(t, sub.Code).Version
		d.Clock.Advance(60 * 24 * time.Hour)
		d.sweep(t)
		if got := d.Case(t, sub.Code); got.Version != version || d.inquiries(t, sub)[0].EndedAt.IsZero() {
			t.Errorf("the case is at version %d, want %d", got.Version, version)
		}
	})
}

func TestADeadlineIsExtendedOnceAndTheFirstOneCounts(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.handled(t)
		first := sub.DueAt
		must(t, d.s.Extend(t.Context(), d.officer, sub.Code, sub.Version, 5, "Cần lấy ý kiến của bộ khác."))
		got := d.Case(t, sub.Code)
		if !got.Deadline().Equal(first) || d.Calendar.Elapsed(first, got.DueAt, civic.WorkingDays) != 5 {
			t.Errorf("first %s, then %s; was %s", day(got.Deadline()), day(got.DueAt), day(first))
		}
		fails(t, d.s.Extend(t.Context(), d.officer, sub.Code, got.Version, 5, "Lần nữa."), "extension.used")
		// A question after it moves both, and the distance stays.
		asked := d.ask(t, sub)
		d.Clock.Advance(48 * time.Hour)
		must(t, d.s.Reply(t.Context(), civic.SenderOf(sub.ID), sub.Code, "Đây ạ"))
		got = d.Case(t, sub.Code)
		if !got.Deadline().After(first) || d.Calendar.Elapsed(got.Deadline(), got.DueAt, civic.WorkingDays) != 5 || !asked.Deadline().After(got.Deadline()) {
			t.Errorf("after the reply: first %s, then %s", day(got.Deadline()), day(got.DueAt))
		}
		for _, days := range []int{0, -1, dialogue.MaxExtension + 1} {
			other := d.handled(t)
			fails(t, d.s.Extend(t.Context(), d.officer, other.Code, other.Version, days, "Lý do"), "input.invalid")
		}
	})
}

func TestTheLastWordAboutAnAnswerCounts(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.answered(t)
		sender := civic.SenderOf(sub.ID)
		fails(t, d.s.Rate(t.Context(), sender, sub.Code, "maybe", ""), "input.invalid")
		must(t, d.s.Rate(t.Context(), sender, sub.Code, civic.HelpedYes, ""))
		must(t, d.s.Rate(t.Context(), sender, sub.Code, civic.HelpedNo, "Chưa nói khi nào làm."))
		d.View(t, func(tx store.Tx) error {
			r, err := tx.Ratings().Get(t.Context(), sub.ID)
			if r.Helped != civic.HelpedNo || r.Reason != "Chưa nói khi nào làm." || r.Answer == 0 {
				t.Errorf("rated %+v", r)
			}
			return err
		})
		if got := d.Case(t, sub.Code); got.State != civic.Closed {
			t.Errorf("the case is %s", got.State)
		}
		open := d.handled(t)
		fails(t, d.s.Rate(t.Context(), civic.SenderOf(open.ID), open.Code, civic.HelpedYes, ""), "rating.not_now")
	})
}

func TestWhoFollowsJudgesTheAnswerOfTheOther(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		root, follower := d.answered(t), d.handled(t)
		d.Follow(t, follower.Code, root.Code)
		must(t, d.s.Rate(t.Context(), civic.SenderOf(follower.ID), follower.Code, civic.HelpedPartly, ""))
		if got := d.Case(t, follower.Code); got.State != civic.Merged {
			t.Errorf("the follower is %s", got.State)
		}
	})
}

func TestAnAnswerIsObjectedToOnce(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.answered(t)
		sender := civic.SenderOf(sub.ID)
		d.Clock.Advance(dialogue.RateWithin)
		must(t, d.s.Rate(t.Context(), sender, sub.Code, civic.HelpedNo, "")) // settled, and still not the end
		fails(t, d.s.Reopen(t.Context(), sender, sub.Code, " "), "input.invalid")
		must(t, d.s.Reopen(t.Context(), sender, sub.Code, "Câu hỏi về vùng cao chưa được trả lời."))
		got := d.Case(t, sub.Code)
		due := d.Calendar.Due(d.Clock.Now(), d.Registry.Limits.AnswerFor(sub.Kind))
		if got.State != civic.Triage || got.Agency != "" || got.TriageReason != dialogue.ReasonReopened || !got.DueAt.Equal(due) {
			t.Errorf("opened again: %+v", got)
		}
		d.Change(t, sub.Code, func(sub *civic.Submission) { sub.State, sub.AnsweredAt = civic.Answered, d.Clock.Now() })
		fails(t, d.s.Reopen(t.Context(), sender, sub.Code, "Lần nữa"), "reopening.used")

		late := d.answered(t)
		d.Clock.Advance(dialogue.RateWithin + time.Second)
		fails(t, d.s.Reopen(t.Context(), civic.SenderOf(late.ID), late.Code, "Quá muộn"), "reopening.not_now")
	})
}

func TestWhatNobodyReactsToIsClosed(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.answered(t)
		d.Clock.Advance(dialogue.SettleAfter)
		d.sweep(t)
		if got := d.Case(t, sub.Code); got.State != civic.Answered {
			t.Errorf("too early: %s", got.State)
		}
		d.Clock.Advance(time.Second)
		d.sweep(t)
		d.sweep(t)
		if got := d.Case(t, sub.Code); got.State != civic.Closed || d.CountEvents(t, sub.Code, civic.EventClosed) != 1 {
			t.Errorf("the case is %s", got.State)
		}
	})
}

func TestOnlyTheAgencysPeopleAskAndExtend(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.handled(t)
		coordinator := d.Staff(t, civic.RoleCoordinator, "")
		fails(t, d.s.Ask(t.Context(), coordinator, sub.Code, sub.Version, "Ở đâu?"), "actor.not_allowed")
		fails(t, d.s.Extend(t.Context(), civic.SenderOf(sub.ID), sub.Code, sub.Version, 3, "Lý do"), "submission.not_found")
		fails(t, d.s.Ask(t.Context(), d.officer, sub.Code, sub.Version+1, "Ở đâu?"), "submission.version_mismatch")
	})
}

// reply lets so many days pass and replies.
func (d *talk) reply(t *testing.T, sub civic.Submission, days int) {
	t.Helper()
	d.Clock.Advance(time.Duration(days) * 24 * time.Hour)
	must(t, d.s.Reply(t.Context(), civic.SenderOf(sub.ID), sub.Code, "Đây ạ"))
}

func TestQuestionsStopTheClockSoOftenAndNotMore(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.handled(t)
		for range d.Registry.Limits.Pauses.Count {
			if left := d.s.PausesLeft(d.Case(t, sub.Code), d.inquiries(t, sub)); !left.Possible {
				t.Fatalf("left %+v", left)
			}
			d.ask(t, sub)
			d.reply(t, sub, 0)
		}
		before := d.Case(t, sub.Code)
		if left := d.s.PausesLeft(before, d.inquiries(t, sub)); left.Possible || left.Used.Count != left.Limit.Count {
			t.Errorf("left %+v", left)
		}
		fails(t, d.s.Ask(t.Context(), d.officer, sub.Code, before.Version, "Lần nữa?"), "inquiry.pauses_used")
		running := dialogue.Question{Text: "Lần nữa?", Running: true}
		must(t, d.s.AskWith(t.Context(), d.officer, sub.Code, before.Version, running))
		asked := d.Case(t, sub.Code)
		if asked.State != civic.InProgress || !asked.DueAt.Equal(before.DueAt) {
			t.Errorf("asked: %s, due %s, want %s", asked.State, day(asked.DueAt), day(before.DueAt))
		}
		fails(t, d.s.AskWith(t.Context(), d.officer, sub.Code, asked.Version, running), "inquiry.open")
		d.reply(t, sub, 2)
		after := d.Case(t, sub.Code)
		if list := d.inquiries(t, sub); list[len(list)-1].Reply != "Đây ạ" || after.State != civic.InProgress || !after.DueAt.Equal(before.DueAt) {
			t.Errorf("replied: %s, due %s, %+v", after.State, day(after.DueAt), list)
		}
	})
}

func TestQuestionsStopTheClockForSoLongAndNotLonger(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.handled(t)
		for range 2 { // each waits in vain: ten working days
			d.ask(t, sub)
			list := d.inquiries(t, sub)
			d.Clock.Set(list[len(list)-1].ReplyBy.Add(time.Second))
			d.sweep(t)
		}
		got := d.Case(t, sub.Code)
		if left := d.s.PausesLeft(got, d.inquiries(t, sub)); left.Possible || left.Used.Days != left.Limit.Days || left.Used.Count != 2 {
			t.Errorf("left %+v", left)
		}
		fails(t, d.s.Ask(t.Context(), d.officer, sub.Code, got.Version, "Lần nữa?"), "inquiry.pauses_used")
	})
}

func TestAQuestionWhileTheClockRunsIsEndedWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *talk) {
		sub := d.handled(t)
		must(t, d.s.AskWith(t.Context(), d.officer, sub.Code, sub.Version, dialogue.Question{Text: "Ở xã nào?", Running: true}))
		open := d.inquiries(t, sub)[0]
		d.Clock.Set(open.RemindAt.Add(time.Second))
		d.sweep(t)
		d.Clock.Set(open.ReplyBy.Add(time.Second))
		d.sweep(t)
		got := d.Case(t, sub.Code)
		if got.State != civic.InProgress || !got.DueAt.Equal(sub.DueAt) || d.inquiries(t, sub)[0].EndedAt.IsZero() ||
			d.CountEvents(t, sub.Code, civic.EventReminded) != 1 || d.CountEvents(t, sub.Code, civic.EventUnheard) != 1 {
			t.Errorf("after the wait: %s, due %s, %+v", got.State, day(got.DueAt), d.inquiries(t, sub))
		}
	})
}
