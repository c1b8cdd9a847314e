package timetable_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/timetable"
)

var reg = &civic.Registry{
	Agencies: []civic.Agency{{Code: "gov"}, {Code: "most", Parent: "gov"}, {Code: "ip", Parent: "most"}, {Code: "moh", Parent: "gov"}},
	Limits: civic.Limits{
		Receive: days(2), Forward: days(5), Answer: days(15), Information: days(10), Source: "test",
		PerKind: map[civic.Kind]civic.Limit{civic.Solution: days(20)},
	},
}

func days(n int) civic.Limit { return civic.Limit{Clock: civic.WorkingDays, Amount: n} }

// monday is 2 March 2026, 09:00 in Hanoi.
var monday = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

func at(day int) time.Time { return time.Date(2026, 3, day, 2, 0, 0, 0, time.UTC) }

// end is the last second of a day in March 2026.
func end(day int) time.Time {
	return civic.Date{Year: 2026, Month: 3, Day: day + 1}.Start().UTC().Add(-time.Second)
}

func fixed(t *testing.T, more ...civic.LimitVersion) *timetable.Plan {
	t.Helper()
	times, err := timetable.Fixed(reg)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := times.Now().With(more, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestTheNarrowestLimitHolds(t *testing.T) {
	t.Parallel()
	version := func(id int64, k civic.LimitKey, n int, from time.Time) civic.LimitVersion {
		k.Use = civic.ForAnswer
		return civic.LimitVersion{ID: id, LimitKey: k, Limit: days(n), From: from}
	}
	plan := fixed(t,
		version(1, civic.LimitKey{Agency: "most"}, 12, time.Time{}),
		version(2, civic.LimitKey{Agency: "most", Kind: civic.Initiative}, 30, time.Time{}),
		version(3, civic.LimitKey{Urgent: true}, 5, time.Time{}),
		version(4, civic.LimitKey{Agency: "ip", Urgent: true}, 3, time.Time{}),
		version(5, civic.LimitKey{Agency: "moh"}, 10, at(10)),
		version(6, civic.LimitKey{Agency: "moh"}, 8, at(12)),
		version(7, civic.LimitKey{Agency: "moh"}, 0, at(20)),
	)
	tests := []struct {
		name  string
		clock civic.Clock
		want  int
	}{
		{"the general one", civic.Clock{Kind: civic.Feedback}, 15},
		{"that of the kind", civic.Clock{Kind: civic.Solution}, 20},
		{"that of the agency before that of the kind", civic.Clock{Kind: civic.Solution, Agency: "most"}, 12},
		{"that of both", civic.Clock{Kind: civic.Initiative, Agency: "most"}, 30},
		{"that of the agency above", civic.Clock{Kind: civic.Initiative, Agency: "ip"}, 30},
		{"urgency before everything", civic.Clock{Kind: civic.Initiative, Agency: "most", Urgent: true}, 5},
		{"the nearest urgent one", civic.Clock{Agency: "ip", Urgent: true}, 3},
		{"none before its day", civic.Clock{Agency: "moh", ReceivedAt: at(9)}, 15},
		{"its first version", civic.Clock{Agency: "moh", ReceivedAt: at(11)}, 10},
		{"its later version", civic.Clock{Agency: "moh", ReceivedAt: at(13)}, 8},
		{"the general one after it ended", civic.Clock{Agency: "moh", ReceivedAt: at(21)}, 15},
		{"that of the day it was reopened", civic.Clock{Agency: "moh", ReceivedAt: at(9), ReopenedAt: at(13)}, 8},
	}
	for _, tt := range tests {
		if tt.clock.ReceivedAt.IsZero() {
			tt.clock.ReceivedAt = monday
		}
		if got := plan.Limit(civic.ForAnswer, tt.clock).Amount; got != tt.want {
			t.Errorf("%s: %d days, want %d", tt.name, got, tt.want)
		}
	}
}

func TestAHandOverMovesADeadlineOnlyWhereAnotherLimitHolds(t *testing.T) {
	t.Parallel()
	plan := fixed(t, civic.LimitVersion{ID: 1, LimitKey: civic.LimitKey{Use: civic.ForAnswer, Agency: "moh"}, Limit: days(10)})
	inherited := end(19) // an earlier date than the limits give
	sub := civic.Submission{Kind: civic.Feedback, Agency: "most", ReceivedAt: monday, DueAt: inherited, State: civic.Assigned}
	next := sub
	next.Agency = "ip"
	if plan.Passed(sub, &next, nil); !next.DueAt.Equal(inherited) {
		t.Errorf("to an agency of the same limit: due %s", next.DueAt)
	}
	next.Agency = "moh"
	if plan.Passed(sub, &next, nil); !next.DueAt.Equal(end(16)) {
		t.Errorf("to an agency with 10 days: due %s, want the tenth working day after receipt", next.DueAt)
	}
}

func TestRecount(t *testing.T) {
	t.Parallel()
	was := fixed(t)
	holiday := civic.DayVersion{CalendarDay: civic.CalendarDay{Date: civic.Date{Year: 2026, Month: 3, Day: 10}, Kind: civic.Holiday}}
	later, err := was.With(nil, []civic.DayVersion{holiday}, nil)
	if err != nil {
		t.Fatal(err)
	}
	saturday := civic.DayVersion{CalendarDay: civic.CalendarDay{Date: civic.Date{Year: 2026, Month: 3, Day: 7}, Kind: civic.WorkingDay}}
	earlier, err := was.With(nil, []civic.DayVersion{saturday}, nil)
	if err != nil {
		t.Fatal(err)
	}
	plain := civic.Clock{Kind: civic.Feedback, State: civic.Assigned, ReceivedAt: monday, DueAt: end(23), ForwardDueAt: end(9)}
	with := func(edit func(*civic.Clock)) civic.Clock {
		c := plain
		edit(&c)
		return c
	}
	open := civic.Inquiry{AskedAt: at(3), RemindAt: end(10), ReplyBy: end(17)}
	tests := []struct {
		name  string
		plan  *timetable.Plan
		clock civic.Clock
		now   time.Time
		due   time.Time
		kept  bool
	}{
		{"a holiday gives a day more", later, plain, at(5), end(24), false},
		{"a working Saturday takes one", earlier, plain, at(5), end(20), false},
		{"nothing becomes late by it", earlier, plain, at(23), end(23), true},
		{"what is late may get more time", later, with(func(c *civic.Clock) { c.DueAt = end(23) }), at(25), end(24), false},
		{"a date of other origin keeps its number of days", later, with(func(c *civic.Clock) { c.DueAt = end(16) }), at(5), end(17), false},
		{"the extension moves along", later, with(func(c *civic.Clock) { c.Extended, c.FirstDueAt, c.DueAt = 2, end(23), end(25) }), at(5), end(26), false},
		{"an open question may be replied to for longer", later, with(func(c *civic.Clock) {
			c.Asked = []civic.Inquiry{open}
			c.DueAt = was.Deadlines(*c).Due
		}), at(5), func() time.Time {
			longer := open
			longer.ReplyBy = end(18)
			return later.Deadlines(with(func(c *civic.Clock) { c.Asked = []civic.Inquiry{longer} })).Due
		}(), false},
	}
	for _, tt := range tests {
		got := timetable.Recount(was, tt.plan, tt.clock, tt.now)
		if !got.Clock.DueAt.Equal(tt.due) || got.Move.Kept != tt.kept {
			t.Errorf("%s: due %s kept %v, want %s %v", tt.name, got.Clock.DueAt, got.Move.Kept, tt.due, tt.kept)
		}
	}
	if got := timetable.Recount(was, later, plain, at(5)).Clock.ForwardDueAt; !got.Equal(end(9)) {
		t.Errorf("a holiday after it moved the time to forward to %s", got)
	}
	if got := timetable.Recount(was, earlier, plain, at(5)).Clock.ForwardDueAt; !got.Equal(end(7)) {
		t.Errorf("time to forward %s, want the Saturday", got)
	}
}
