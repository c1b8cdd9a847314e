package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var timetableTests = []test{
	{"every version of a limit stays, and the revision rises", testLimits},
	{"every version of a day stays, and drafts wait apart", testDays},
	{"one recount goes on at a time", testRecounts},
	{"the clocks of open cases are walked with their inquiries", testClocks},
}

func testLimits(t *testing.T, s store.Store) {
	writer := user(t, s, "writer@staff.test")
	first := civic.LimitVersion{
		LimitKey: civic.LimitKey{Use: civic.ForAnswer}, Limit: civic.Limit{Clock: civic.WorkingDays, Amount: 15}, Source: "QĐ 1", WrittenAt: noon,
	}
	second := civic.LimitVersion{
		LimitKey: civic.LimitKey{Use: civic.ForAnswer, Kind: civic.Initiative, Agency: "most", Urgent: true},
		Limit:    civic.Limit{Clock: civic.CalendarDays}, From: noon.Add(time.Hour), Source: "QĐ 2", WrittenAt: noon, WrittenBy: writer.ID,
	}
	revision := func() int64 {
		return view(t, s, func(tx store.Tx) (int64, error) { return tx.Timetable().Revision(t.Context()) })
	}
	before := revision()
	do(t, s, func(tx store.Tx) error {
		if err := tx.Timetable().Change(t.Context()); err != nil {
			return err
		}
		if err := tx.Timetable().AddLimit(t.Context(), first); err != nil {
			return err
		}
		return tx.Timetable().AddLimit(t.Context(), second)
	})
	if revision() <= before {
		t.Error("the revision did not rise")
	}
	got := view(t, s, func(tx store.Tx) (civic.LimitTable, error) { return tx.Timetable().Limits(t.Context()) })
	for i := range got {
		if got[i].ID == 0 {
			t.Error("a version has no id")
		}
		got[i].ID = 0
	}
	second.Writer = writer.Name
	equal(t, got, civic.LimitTable{first, second})
}

func testDays(t *testing.T, s store.Store) {
	writer := user(t, s, "writer@staff.test")
	day := civic.DayVersion{CalendarDay: civic.CalendarDay{
		Date: civic.Date{Year: 2026, Month: 8, Day: 31}, Kind: civic.Compensation, Name: civic.Names{civic.Vietnamese: "Nghỉ hoán đổi", civic.English: "Swap"},
		Certainty: civic.Provisional, Source: "Dự kiến",
	}, WrittenAt: noon, WrittenBy: writer.ID}
	out := day
	out.Kind, out.Name, out.Certainty = "", civic.Names{}, civic.Decided
	put := func(v civic.DayVersion) {
		do(t, s, func(tx store.Tx) error { return tx.Timetable().PutDraft(t.Context(), v) })
	}
	put(day)
	day.Source = "Thông báo 12"
	put(day) // in place of the first
	drafts := func() []civic.DayVersion {
		return view(t, s, func(tx store.Tx) ([]civic.DayVersion, error) { return tx.Timetable().Drafts(t.Context()) })
	}
	day.Writer, out.Writer = writer.Name, writer.Name
	equal(t, drafts(), []civic.DayVersion{day})
	do(t, s, func(tx store.Tx) error { return tx.Timetable().RemoveDraft(t.Context(), day.Date) })
	equal(t, len(drafts()), 0)
	put(day)
	do(t, s, func(tx store.Tx) error { return tx.Timetable().RemoveDrafts(t.Context()) })
	equal(t, len(drafts()), 0)
	do(t, s, func(tx store.Tx) error {
		if err := tx.Timetable().AddDay(t.Context(), day); err != nil {
			return err
		}
		return tx.Timetable().AddDay(t.Context(), out)
	})
	got := view(t, s, func(tx store.Tx) ([]civic.DayVersion, error) { return tx.Timetable().Days(t.Context()) })
	for i := range got {
		got[i].ID = 0
	}
	equal(t, got, []civic.DayVersion{day, out})
}

func testRecounts(t *testing.T, s store.Store) {
	sub, other := receive(t, s, nil), receive(t, s, nil)
	var r civic.Recount
	begin := func(tx store.Tx) (err error) {
		r = civic.Recount{AskedAt: noon, Reason: civic.OverCalendar, Limit: 7, Day: 9}
		r.ID, err = tx.Recounts().Add(t.Context(), r, noon.Add(time.Minute))
		return err
	}
	do(t, s, begin)
	first := r
	refused(t, s, errs.Conflict, "recount.running", begin)
	due := view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), store.JobRecount, noon.Add(time.Minute), noon, 10)
	})
	if len(due) != 1 || due[0].Subject != first.ID || !due[0].NextAt.Equal(noon.Add(time.Minute)) {
		t.Errorf("jobs: %+v", due)
	}
	moves := []civic.Move{
		{Submission: sub.ID, Code: sub.Code, Agency: sub.Agency, Old: noon, New: noon.Add(time.Hour)},
		{Submission: other.ID, Code: other.Code, Agency: other.Agency, Old: noon, New: noon.Add(-time.Hour), Kept: true},
	}
	first.Cursor, first.Looked, first.Moved, first.Kept, first.EndedAt = other.ID, 2, 1, 1, noon.Add(time.Hour)
	do(t, s, func(tx store.Tx) error { return tx.Recounts().Note(t.Context(), first, moves) })
	equal(t, view(t, s, func(tx store.Tx) (civic.Recount, error) { return tx.Recounts().Get(t.Context(), first.ID) }), first)
	list := func(after civic.SubmissionID, limit int) []civic.Move {
		return view(t, s, func(tx store.Tx) ([]civic.Move, error) {
			return tx.Recounts().Moves(t.Context(), first.ID, after, limit)
		})
	}
	equal(t, list(0, 10), moves)
	equal(t, list(0, 1), moves[:1])
	equal(t, list(sub.ID, 10), moves[1:])
	do(t, s, begin) // the first is over
	equal(t, len(view(t, s, func(tx store.Tx) ([]civic.Recount, error) { return tx.Recounts().List(t.Context(), 10) })), 2)
}

func testClocks(t *testing.T, s store.Store) {
	urgent := receive(t, s, func(r *store.Receipt) { r.Submission.DueAt, r.Submission.Urgent = noon, true })
	receive(t, s, func(r *store.Receipt) { r.Submission.DueAt = time.Time{} }) // no deadline
	settled := receive(t, s, func(r *store.Receipt) { r.Submission.DueAt = noon })
	change(t, s, settled, func(sub *civic.Submission) { sub.State = civic.Answered })
	last := receive(t, s, func(r *store.Receipt) { r.Submission.DueAt = noon.Add(time.Hour) })
	asked := inquiry(urgent, noon)
	do(t, s, func(tx store.Tx) (err error) {
		asked.ID, err = tx.Inquiries().Add(t.Context(), asked)
		return err
	})
	clocks := func(after civic.SubmissionID, limit int) []civic.Clock {
		return view(t, s, func(tx store.Tx) ([]civic.Clock, error) { return tx.Recounts().Clocks(t.Context(), after, limit) })
	}
	want := []civic.Clock{civic.ClockOf(urgent, []civic.Inquiry{asked}), civic.ClockOf(last, nil)}
	equal(t, clocks(0, 10), want)
	equal(t, clocks(0, 1), want[:1])
	equal(t, clocks(urgent.ID, 10), want[1:])
}
