package timetable

import (
	"time"

	"hienke/internal/civic"
)

// Recounted is what a change makes of one open case.
type Recounted struct {
	Clock civic.Clock // with the new deadlines
	// Move is what is told of it; its times are equal where the deadline for the
	// answer stays.
	Move civic.Move
	// Questions are those whose times moved.
	Questions []civic.Inquiry
}

// Changed reports whether anything is to be written.
func (r Recounted) Changed(before civic.Clock) bool {
	return !r.Clock.DueAt.Equal(before.DueAt) || !r.Clock.FirstDueAt.Equal(before.FirstDueAt) ||
		!r.Clock.ForwardDueAt.Equal(before.ForwardDueAt) || len(r.Questions) > 0
}

// Recount computes the deadlines of an open case by the plan next in place of
// was. A deadline that was is the reason of is computed by next; one that came
// about otherwise (by an import, or taken over from another case) keeps its
// number of working days. A reply that was asked for by a day is never wanted
// earlier, and no deadline becomes one that has passed already: a change makes
// no case late.
func Recount(was, next *Plan, c civic.Clock, now time.Time) Recounted {
	out := Recounted{Clock: c, Move: civic.Move{Submission: c.Submission, Code: c.Code, Agency: c.Agency, Old: c.DueAt, New: c.DueAt}}
	explained := was.Deadlines(c)
	out.Clock.Asked, out.Questions = next.questions(c)
	fresh := next.Deadlines(out.Clock)
	due := next.moved(was, c, c.DueAt, explained.Due, fresh.Due)
	if due.Before(c.DueAt) && due.Before(now) {
		out.Move.New, out.Move.Kept = due, true
		due = c.DueAt
	} else {
		out.Move.New = due
		if c.Extended > 0 {
			out.Clock.FirstDueAt = next.moved(was, c, c.FirstDueAt, explained.FirstDue, fresh.FirstDue)
		}
	}
	out.Clock.DueAt = due
	if !c.ForwardDueAt.IsZero() && (c.State == civic.Received || c.State == civic.Triage || c.State == civic.Assigned) {
		forward := next.moved(was, c, c.ForwardDueAt, explained.ForwardDue, fresh.ForwardDue)
		if !forward.Before(c.ForwardDueAt) || !forward.Before(now) {
			out.Clock.ForwardDueAt = forward
		}
	}
	return out
}

// moved is where a deadline goes.
func (p *Plan) moved(was *Plan, c civic.Clock, stands, explained, fresh time.Time) time.Time {
	if stands.Equal(explained) || stands.Equal(fresh) { // the second came after the change
		return fresh
	}
	n := was.Calendar.Elapsed(c.Began(), stands, civic.WorkingDays)
	return p.Calendar.Due(c.Began(), civic.Limit{Clock: civic.WorkingDays, Amount: max(1, n)})
}

// questions are the inquiries of a case by the plan, and those of them that
// moved: the open one, if it may be replied to for longer.
func (p *Plan) questions(c civic.Clock) (all, moved []civic.Inquiry) {
	limit := p.Limits.For(p.Registry, civic.LimitKey{Use: civic.ForInformation, Agency: c.Agency}, c.Began())
	half := limit
	half.Amount = max(1, limit.Amount/2)
	for _, i := range c.Asked {
		if by := p.Calendar.Due(i.AskedAt, limit); i.EndedAt.IsZero() && by.After(i.ReplyBy) {
			i.ReplyBy = by
			if remind := p.Calendar.Due(i.AskedAt, half); i.RemindedAt.IsZero() && remind.After(i.RemindAt) {
				i.RemindAt = remind
			}
			moved = append(moved, i)
		}
		all = append(all, i)
	}
	return all, moved
}
