package triage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// Flag says why coordinators should talk to an agency.
type Flag string

// The flags.
const (
	// FlagSilent: it was given at least five cases and accepted none.
	FlagSilent Flag = "silent"
	// FlagSlow: of at least five cases it accepted less than a fifth in time.
	FlagSlow Flag = "slow"
	// FlagBounces: mail to it was refused for good.
	FlagBounces Flag = "bounces"
)

const (
	// flagWindow is how far back Flags looks.
	flagWindow = 30 * 24 * time.Hour
	// flagLeast is how many cases say something about an agency.
	flagLeast = 5
	// refused is the reason with which notices keeps mail that bounced.
	refused = "refused"
	// flagShare is the share accepted in time below which an agency is slow.
	flagShare = 0.2
)

// AgencyFlag is an agency that does not take what it is given, with the counts
// of the last 30 days. A case counts once each time it is given to the agency.
type AgencyFlag struct {
	Agency civic.AgencyCode
	Flags  []Flag
	// Due counts cases that it had to accept by now: the time to forward has
	// passed since they were given, or they were accepted. What it handed back
	// or what was taken from it before is not among them.
	Due int
	// InTime and Late count those of them that it accepted; the rest wait.
	InTime, Late int
	// Waiting is since when the oldest of those waits; zero when none does.
	Waiting time.Time
	// HandedBack counts the cases that it handed back.
	HandedBack int
	// Bounced counts the mails to it that were refused for good.
	Bounced int
}

// handing is a case once given to an agency.
type handing struct {
	agency                civic.AgencyCode // empty: not known yet
	at                    time.Time
	accepted, back, moved time.Time // zero: not so
}

// Flags lists the agencies that never accept or hardly ever in time, or whose
// mail bounces, the one with the most cases waiting first. In time is within the limit to forward,
// counted from when the agency got the case.
func (s *Service) Flags(ctx context.Context, actor civic.Actor) ([]AgencyFlag, error) {
	if err := actor.CheckPermission(civic.SeeFigures); err != nil {
		return nil, err
	}
	now := s.Now()
	var steps []store.Step
	var bounced map[civic.AgencyCode]int
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if steps, err = tx.Agencies().Steps(ctx, now.Add(-flagWindow)); err != nil {
			return err
		}
		bounced, err = tx.AgencyNotices().Refused(ctx, refused, now.Add(-flagWindow))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("see how agencies take their cases: %w", err)
	}
	counts := map[civic.AgencyCode]*AgencyFlag{}
	of := func(code civic.AgencyCode) *AgencyFlag {
		if counts[code] == nil {
			counts[code] = &AgencyFlag{Agency: code}
		}
		return counts[code]
	}
	for code, n := range bounced {
		of(code).Bounced = n
	}
	plan := s.Times.Now()
	for _, h := range handings(steps) {
		of(h.agency).count(h, plan.Calendar.Due(h.at, plan.Limits.For(s.Registry, civic.LimitKey{Use: civic.ForForwarding, Agency: h.agency}, h.at)), now)
	}
	var out []AgencyFlag
	for code, f := range counts {
		if code != "" && f.judge() {
			out = append(out, *f)
		}
	}
	slices.SortFunc(out, func(a, b AgencyFlag) int {
		return cmp.Or(cmp.Compare(b.Due-b.InTime-b.Late, a.Due-a.InTime-a.Late), cmp.Compare(a.Agency, b.Agency))
	})
	return out, nil
}

// count adds one handing, which was to be accepted by due.
func (f *AgencyFlag) count(h handing, due, now time.Time) {
	switch {
	case !h.accepted.IsZero():
		f.Due++
		if h.accepted.After(due) {
			f.Late++
		} else {
			f.InTime++
		}
		if !h.back.IsZero() {
			f.HandedBack++
		}
	case !h.back.IsZero():
		f.HandedBack++
	case !h.moved.IsZero() || !now.After(due):
	default:
		f.Due++
		if f.Waiting.IsZero() || h.at.Before(f.Waiting) {
			f.Waiting = h.at
		}
	}
}

// judge sets the flags and reports whether there are any.
func (f *AgencyFlag) judge() bool {
	switch {
	case f.Due < flagLeast:
	case f.InTime+f.Late == 0:
		f.Flags = append(f.Flags, FlagSilent)
	case float64(f.InTime) < flagShare*float64(f.Due):
		f.Flags = append(f.Flags, FlagSlow)
	}
	if f.Bounced > 0 {
		f.Flags = append(f.Flags, FlagBounces)
	}
	return len(f.Flags) > 0
}

// handings folds the steps of cases, which stand case by case in their order.
func handings(steps []store.Step) []handing {
	var out []handing
	open := -1 // of the case, in out
	for i, step := range steps {
		if i == 0 || steps[i-1].Submission != step.Submission {
			open = -1
		}
		switch step.Type {
		case civic.EventRouted, civic.EventAssigned:
			if open >= 0 {
				out[open].moved = step.At
			}
			out = append(out, handing{agency: step.Agency, at: step.At})
			open = len(out) - 1
		case civic.EventAccepted:
			if open < 0 { // given before the time that is looked at
				continue
			}
			out[open].agency, out[open].accepted = step.Agency, step.At
		case civic.EventHandedBack:
			if open >= 0 {
				out[open].agency, out[open].back = step.Agency, step.At
			}
			if open = -1; step.To == civic.Assigned { // straight on to another, which the event does not name
				out = append(out, handing{at: step.At})
				open = len(out) - 1
			}
		}
		last := i+1 == len(steps) || steps[i+1].Submission != step.Submission
		if last && open >= 0 && out[open].agency == "" {
			out[open].agency = step.Now
		}
	}
	return out
}
