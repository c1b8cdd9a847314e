package deadlines_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/deadlines"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// office is a house with the service and its people.
type office struct {
	*house.House
	s     *deadlines.Service
	admin civic.Actor
}

func each(t *testing.T, run func(t *testing.T, o *office)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) {
		o := &office{House: h, s: &deadlines.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Now: h.Clock.Now}}
		o.admin = h.Staff(t, civic.RoleAdministrator, "")
		if err := o.s.TakeUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		run(t, o)
	})
}

// work runs the jobs of a recount until there is none.
func (o *office) work(t *testing.T) (jobs int) {
	t.Helper()
	for {
		waiting := o.Jobs(t, store.JobRecount)
		if len(waiting) == 0 {
			return jobs
		}
		for range 2 { // what runs twice acts once
			if err := o.s.Recount(t.Context(), waiting[0].ID, waiting[0].Subject); err != nil {
				t.Fatal(err)
			}
		}
		jobs++
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fails(t *testing.T, err error, kind errs.Kind, code string) {
	t.Helper()
	if errs.KindOf(err) != kind || errs.CodeOf(err) != code {
		t.Errorf("got %v, want %s %s", err, kind, code)
	}
}

func date(month time.Month, day int) civic.Date {
	return civic.Date{Year: 2026, Month: month, Day: day}
}

func endOf(d civic.Date) time.Time { return d.Start().UTC().AddDate(0, 0, 1).Add(-time.Second) }

func holiday(d civic.Date) civic.CalendarDay {
	return civic.CalendarDay{Date: d, Kind: civic.Holiday, Name: civic.Names{civic.Vietnamese: "Nghỉ bão"}, Certainty: civic.Decided, Source: "Công điện 5"}
}

func TestTheCalendarMovesOpenDeadlines(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		open := o.Receive(t, nil)
		settled := o.Receive(t, func(s *civic.Submission) { s.State = civic.Answered })
		want := endOf(date(3, 24))
		must(t, o.s.Propose(t.Context(), o.admin, holiday(date(3, 10))))
		preview, err := o.s.TryCalendar(t.Context(), o.admin)
		must(t, err)
		move := civic.Move{Submission: open.ID, Code: open.Code, Old: open.DueAt, New: want}
		if diff := cmp.Diff(deadlines.Preview{Looked: 1, Moved: 1, First: []civic.Move{move}}, preview); diff != "" {
			t.Errorf("preview: -want +got:\n%s", diff)
		}
		if !o.Case(t, open.Code).DueAt.Equal(open.DueAt) {
			t.Error("a look moved the deadline")
		}
		must(t, o.s.Apply(t.Context(), o.admin))
		if fresh := o.Receive(t, func(s *civic.Submission) {
			s.DueAt = o.Times.Now().Deadlines(civic.Clock{Kind: s.Kind, ReceivedAt: s.ReceivedAt}).Due
		}); !fresh.DueAt.Equal(want) {
			t.Errorf("a case received after the change is due %s, want %s", fresh.DueAt, want)
		}
		fails(t, o.s.Apply(t.Context(), o.admin), errs.Conflict, "calendar.no_draft")
		must(t, o.s.Propose(t.Context(), o.admin, holiday(date(3, 11))))
		fails(t, o.s.Apply(t.Context(), o.admin), errs.Conflict, "recount.running")
		o.work(t)
		got := o.Case(t, open.Code)
		if !got.DueAt.Equal(want) || got.Version != open.Version+1 || o.CountEvents(t, open.Code, civic.EventRecounted) != 1 {
			t.Errorf("due %s at version %d with %d events", got.DueAt, got.Version, o.CountEvents(t, open.Code, civic.EventRecounted))
		}
		if !o.Case(t, settled.Code).DueAt.Equal(settled.DueAt) {
			t.Error("a settled case was moved")
		}
		all, err := o.s.Recounts(t.Context(), o.admin)
		must(t, err)
		report, err := o.s.Report(t.Context(), o.admin, all[0].ID, 0)
		must(t, err)
		if report.Moved != 1 || report.Looked != 2 || report.EndedAt.IsZero() {
			t.Errorf("report %+v", report.Recount)
		}
		if diff := cmp.Diff([]civic.Move{move}, report.Moves); diff != "" {
			t.Errorf("moves: -want +got:\n%s", diff)
		}
		must(t, o.s.Apply(t.Context(), o.admin)) // the second draft waited
		o.work(t)
		if got := o.Case(t, open.Code).DueAt; !got.Equal(endOf(date(3, 25))) {
			t.Errorf("after the second day due %s", got)
		}
		// Undone: the day follows the week again.
		must(t, o.s.Propose(t.Context(), o.admin, civic.CalendarDay{Date: date(3, 11), Source: "Rút lại"}))
		must(t, o.s.Apply(t.Context(), o.admin))
		o.work(t)
		if got := o.Case(t, open.Code).DueAt; !got.Equal(want) {
			t.Errorf("after undoing due %s, want %s", got, want)
		}
	})
}

func TestARecountGoesInPartsAndMakesNothingLate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		o.s.Part = 2
		var first, last civic.Submission
		for i := range 5 {
			last = o.ReceiveFrom(t, civic.Contact{}, nil)
			if i == 0 {
				first = last
			}
		}
		o.Clock.Set(date(3, 23).Start().Add(9 * time.Hour)) // the day on which all are due
		must(t, o.s.Propose(t.Context(), o.admin, civic.CalendarDay{
			Date: date(3, 14), Kind: civic.WorkingDay, Name: civic.Names{civic.Vietnamese: "Làm bù"}, Certainty: civic.Decided, Source: "Thông báo 9",
		}))
		preview, err := o.s.TryCalendar(t.Context(), o.admin)
		must(t, err)
		if preview.Kept != 5 || preview.Moved != 0 || len(preview.First) != 5 {
			t.Errorf("preview: %d kept, %d moved, %d shown", preview.Kept, preview.Moved, len(preview.First))
		}
		must(t, o.s.Apply(t.Context(), o.admin))
		if jobs := o.work(t); jobs != 3 {
			t.Errorf("done in %d parts, want 3", jobs)
		}
		for _, sub := range []civic.Submission{first, last} {
			if got := o.Case(t, sub.Code); !got.DueAt.Equal(sub.DueAt) || got.Version != sub.Version {
				t.Errorf("due %s at version %d", got.DueAt, got.Version)
			}
		}
		all, err := o.s.Recounts(t.Context(), o.admin)
		must(t, err)
		if all[0].Kept != 5 || all[0].Looked != 5 {
			t.Errorf("report %+v", all[0])
		}
		page, err := o.s.Report(t.Context(), o.admin, all[0].ID, 0)
		must(t, err)
		if len(page.Moves) != 5 || page.Next != 0 || !page.Moves[0].Kept {
			t.Errorf("%d moves, next after %d", len(page.Moves), page.Next)
		}
	})
}

func TestALimitNeverReachesBackBeforeItsDay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		sub := o.Receive(t, func(s *civic.Submission) { s.State, s.Agency = civic.Assigned, house.Science })
		change := deadlines.LimitChange{
			LimitKey: civic.LimitKey{Use: civic.ForAnswer, Agency: house.Science}, Limit: civic.Limit{Clock: civic.WorkingDays, Amount: 10},
			From: date(3, 3), Source: "Quyết định 12",
		}
		o.Clock.Set(date(3, 4).Start().Add(9 * time.Hour))
		preview, err := o.s.TryLimit(t.Context(), o.admin, change)
		must(t, err)
		if preview.Looked != 1 || preview.Moved != 0 {
			t.Errorf("preview of a later day %+v", preview)
		}
		must(t, o.s.SetLimit(t.Context(), o.admin, change))
		o.work(t)
		if got := o.Case(t, sub.Code); !got.DueAt.Equal(sub.DueAt) {
			t.Errorf("a case received before is due %s", got.DueAt)
		}
		change.From = date(3, 1)
		preview, err = o.s.TryLimit(t.Context(), o.admin, change)
		must(t, err)
		if preview.Moved != 1 || !preview.First[0].New.Equal(endOf(date(3, 16))) {
			t.Errorf("preview of an earlier day %+v", preview)
		}
		must(t, o.s.SetLimit(t.Context(), o.admin, change))
		fails(t, o.s.SetLimit(t.Context(), o.admin, change), errs.Conflict, "recount.running")
		o.work(t)
		if got := o.Case(t, sub.Code); !got.DueAt.Equal(endOf(date(3, 16))) {
			t.Errorf("due %s, want ten working days", got.DueAt)
		}
		view, err := o.s.Limits(t.Context(), o.admin)
		must(t, err)
		if len(view.Holding) != 5 || view.Holding[3].Agency != house.Science || len(view.Table) != 6 || view.Table[5].Writer != o.admin.Name {
			t.Errorf("limits %+v of %d versions", view.Holding, len(view.Table))
		}
	})
}

func TestWhatIsWrongWithAChangeIsSaid(t *testing.T) {
	t.Parallel()
	o := &office{House: house.New(t)}
	o.s = &deadlines.Service{Store: o.Store, Registry: o.Registry, Times: o.Times, Now: o.Clock.Now}
	admin, coordinator := o.Staff(t, civic.RoleAdministrator, ""), o.Staff(t, civic.RoleCoordinator, "")
	good := deadlines.LimitChange{LimitKey: civic.LimitKey{Use: civic.ForAnswer}, Limit: civic.Limit{Clock: civic.WorkingDays, Amount: 9}, From: date(3, 9), Source: "QĐ"}
	fields := func(err error) (out []string) {
		for _, f := range errs.FieldsOf(err) {
			out = append(out, f.Name+" "+f.Code)
		}
		return out
	}
	for name, tt := range map[string]struct {
		edit func(*deadlines.LimitChange)
		want []string
	}{
		"nothing at all":           {func(c *deadlines.LimitChange) { *c = deadlines.LimitChange{} }, []string{"source field.required", "use field.required", "amount limit.general_stays", "clock field.required", "from field.not_a_date"}},
		"a kind for forwarding":    {func(c *deadlines.LimitChange) { c.Use, c.Kind = civic.ForForwarding, civic.Feedback }, []string{"kind limit.kind_for_answers"}},
		"an unknown agency":        {func(c *deadlines.LimitChange) { c.Agency = "nobody" }, []string{"agency field.unknown_value"}},
		"the end of a general one": {func(c *deadlines.LimitChange) { c.Amount = 0 }, []string{"amount limit.general_stays"}},
		"an urgent question":       {func(c *deadlines.LimitChange) { c.Use, c.Urgent = civic.ForInformation, true }, []string{"urgent limit.urgent_not_here"}},
		"more than a year":         {func(c *deadlines.LimitChange) { c.Amount = 366 }, []string{"amount field.out_of_range"}},
	} {
		ch := good
		tt.edit(&ch)
		if diff := cmp.Diff(tt.want, fields(o.s.SetLimit(t.Context(), admin, ch))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	for name, tt := range map[string]struct {
		day  civic.CalendarDay
		want []string
	}{
		"a compensation on a Sunday": {civic.CalendarDay{Date: date(3, 8), Kind: civic.Compensation, Name: civic.Names{"vi": "x"}, Certainty: civic.Decided, Source: "x"}, []string{"kind calendar.off_anyway"}},
		"a working Monday":           {civic.CalendarDay{Date: date(3, 9), Kind: civic.WorkingDay, Name: civic.Names{"vi": "x"}, Certainty: civic.Decided, Source: "x"}, []string{"kind calendar.worked_anyway"}},
		"nothing but a kind":         {civic.CalendarDay{Kind: civic.Holiday}, []string{"source field.required", "date field.not_a_date", "name_vi field.required", "certainty field.required"}},
	} {
		if diff := cmp.Diff(tt.want, fields(o.s.Propose(t.Context(), admin, tt.day))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	fails(t, o.s.SetLimit(t.Context(), coordinator, good), errs.Forbidden, "actor.not_allowed")
	fails(t, o.s.Apply(t.Context(), coordinator), errs.Forbidden, "actor.not_allowed")
	if _, err := o.s.Calendar(t.Context(), coordinator); err != nil {
		t.Errorf("a coordinator may look: %v", err)
	}
	_, err := o.s.Limits(t.Context(), o.Staff(t, civic.RoleOfficer, house.Science))
	fails(t, err, errs.Forbidden, "actor.not_allowed")
}

func TestANewFileIsTakenUpUnlessPeopleSpoke(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		sub := o.Receive(t, nil)
		count := func() int {
			view, err := o.s.Calendar(t.Context(), o.admin)
			must(t, err)
			return len(view.History)
		}
		before := count()
		o.Clock.Advance(time.Minute)
		must(t, o.s.TakeUp(t.Context()))
		if count() != before {
			t.Error("the same file was taken up twice")
		}
		o.Registry.Calendar = append(o.Registry.Calendar[:len(o.Registry.Calendar):len(o.Registry.Calendar)], holiday(date(3, 10)))
		o.Registry.Limits.Answer.Amount = 20
		must(t, o.s.TakeUp(t.Context()))
		o.work(t)
		if got := o.Case(t, sub.Code).DueAt; !got.Equal(endOf(date(3, 24))) {
			t.Errorf("the new day of the file moved it to %s, and the new limit must not", got)
		}
		must(t, o.s.Propose(t.Context(), o.admin, civic.CalendarDay{Date: date(3, 10), Source: "Không nghỉ"}))
		must(t, o.s.Apply(t.Context(), o.admin))
		o.work(t)
		must(t, o.s.TakeUp(t.Context()))
		if got := o.Case(t, sub.Code).DueAt; !got.Equal(sub.DueAt) || len(o.Jobs(t, store.JobRecount)) != 0 {
			t.Errorf("the file won over what was decided: due %s", got)
		}
	})
}
