package insight

import (
	"cmp"
	"context"
	"slices"

	"hienke/internal/civic"
)

// opinionsCounted bounds how many requests for opinions are looked at.
const opinionsCounted = 5000

// waits counts what is open and what is late by who is waited for.
func (c *counting) waits(ctx context.Context, out *Steering) error {
	for _, state := range civic.Open {
		w := Wait{State: state}
		w.All.Where, w.Overdue.Where = Where{State: state}, Where{State: state, Overdue: true}
		if err := c.counts(ctx, &w.All, &w.Overdue); err != nil {
			return err
		}
		if w.All.Cases > 0 {
			out.Waits = append(out.Waits, w)
		}
	}
	return nil
}

// opinions counts which agencies the cases wait for, and what the reach is asked
// for by others.
func (c *counting) opinions(ctx context.Context, out *Steering) error {
	within := func(code civic.AgencyCode) bool { return c.scope == nil || slices.Contains(c.scope, code) }
	all, err := c.tx.Opinions().Waiting(ctx, nil, opinionsCounted)
	if err != nil {
		return err
	}
	by := map[civic.AgencyCode]*OpinionWait{}
	for _, o := range all {
		late := 0
		if o.Late(c.now) {
			late = 1
		}
		if within(o.Case.Agency) {
			if by[o.Agency] == nil {
				by[o.Agency] = &OpinionWait{Agency: o.Agency}
			}
			by[o.Agency].Asked++
			by[o.Agency].Late += late
		}
		if c.scope != nil && within(o.Agency) && !within(o.Case.Agency) {
			out.Asked.Asked++
			out.Asked.Late += late
		}
	}
	for _, w := range by {
		out.Opinions = append(out.Opinions, *w)
	}
	slices.SortFunc(out.Opinions, func(a, b OpinionWait) int {
		return cmp.Or(b.Late-a.Late, b.Asked-a.Asked, cmp.Compare(a.Agency, b.Agency))
	})
	return nil
}
