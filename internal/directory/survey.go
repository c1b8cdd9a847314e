package directory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

// Survey is what depends on an agency: what a merger takes along, and what keeps
// the agency from ending without one.
type Survey struct {
	Agency civic.AgencyCode
	// Into is the successor; empty where nobody said one yet.
	Into civic.AgencyCode
	// Cases counts the open ones by state.
	Cases map[civic.State]int
	Total int
	// Deadlines is what becomes of those of the open cases.
	Deadlines Deadlines
	// Approvals are the answers that wait for a second person, by the agency at
	// which that person is: a small agency has them approved above it.
	Approvals []Approval
	// Accounts are of its people and programs, closed ones too.
	Accounts []civic.User
	// Units are the agencies right below it that hold.
	Units []civic.Entry
	// Opinions are those that it is asked for, of open cases; Asking counts those
	// that it waits for itself.
	Opinions []store.OpinionRequest
	Asking   int
	// Promises counts what it promised in answers and has not settled.
	Promises  int
	Views     []civic.SavedView
	Tags      []civic.Tag
	Templates []civic.AnswerTemplate
	// Rules are those that send cases to it.
	Rules []store.RuleVersion
	// Limits are those that were set for it alone.
	Limits []civic.LimitVersion
	// Groups are the groups of the sign-in provider that give rights at it.
	Groups []string
	// Absences counts the substitutes that its people have now or later.
	Absences int
}

// Deadlines is what becomes of the deadlines of open cases.
type Deadlines struct {
	// Moved go to another day; Kept stay because they would be late at once.
	Moved, Kept int
	First       []civic.Move // the first of both
}

// Approval counts answers that wait at an agency now, and where they will.
type Approval struct {
	At, Then civic.AgencyCode // empty: nobody may
	Answers  int
}

// Depends reports whether anything open depends on the agency, so that it cannot
// end without a successor.
func (v Survey) Depends() bool {
	return v.Total+len(v.Opinions)+v.Asking+v.Promises+len(v.Rules)+len(v.Units)+len(v.Groups) > 0 ||
		slices.ContainsFunc(v.Accounts, func(u civic.User) bool { return u.Active })
}

// surveyed bounds how much of one kind a survey lists.
const surveyed = 1000

// Survey says what depends on an agency and, where into is one, what a merger
// would do. It writes nothing.
func (s *Service) Survey(ctx context.Context, actor civic.Actor, code, into string) (Survey, error) {
	var out Survey
	err := s.plan(ctx, actor, func(d *draft) (err error) {
		if into != "" {
			if _, err := d.succession(code, into); err != nil {
				return err
			}
		}
		out, err = d.survey(code, into)
		return err
	})
	return out, err
}

// survey collects what depends on an agency. The book is as it will be.
func (d *draft) survey(code, into string) (Survey, error) {
	agency := civic.AgencyCode(code)
	v := Survey{Agency: agency, Into: civic.AgencyCode(into), Groups: d.s.Groups[agency]}
	for _, read := range []func(*Survey) error{d.surveyCases, d.surveyStaff, d.surveyDesk, d.surveyRules} {
		if err := read(&v); err != nil {
			return v, err
		}
	}
	for _, e := range d.s.Registry.Lists().Entries(civic.AgencyEntry) {
		if e.Parent == code && e.Valid.Holds(d.now) {
			v.Units = append(v.Units, e)
		}
	}
	if into == "" {
		return v, nil
	}
	return v, d.surveyDeadlines(&v)
}

// surveyCases counts cases and what they wait for.
func (d *draft) surveyCases(v *Survey) (err error) {
	q := store.QueueQuery{Agencies: []civic.AgencyCode{v.Agency}, Page: 1, PerPage: 1, CountTo: 1}
	if v.Cases, err = d.tx.Submissions().CountStates(d.ctx, q); err != nil {
		return err
	}
	for _, n := range v.Cases {
		v.Total += n
	}
	if v.Opinions, err = d.tx.Opinions().Waiting(d.ctx, q.Agencies, surveyed); err != nil {
		return err
	}
	all, err := d.tx.Opinions().Waiting(d.ctx, nil, surveyed)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.Case.Agency == v.Agency {
			v.Asking++
		}
	}
	promises, err := d.tx.Commitments().Open(d.ctx, q.Agencies, surveyed)
	v.Promises = len(promises)
	return err
}

// surveyStaff lists people and what waits for their approval.
func (d *draft) surveyStaff(v *Survey) error {
	users, err := d.tx.Users().List(d.ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.Agency == v.Agency {
			u.PasswordHash = ""
			v.Accounts = append(v.Accounts, u)
		}
	}
	absences, err := d.tx.Absences().List(d.ctx, d.now)
	if err != nil {
		return err
	}
	for _, a := range absences {
		if a.EndedAt.IsZero() && slices.ContainsFunc(v.Accounts, func(u civic.User) bool { return u.ID == a.User || u.ID == a.Substitute }) {
			v.Absences++
		}
	}
	return d.surveyApprovals(v, civic.Staff{Registry: d.s.Registry, Users: users, Absences: absences, At: d.now})
}

// surveyApprovals counts where answers wait for a second person, now and after.
func (d *draft) surveyApprovals(v *Survey, staff civic.Staff) error {
	page, err := d.tx.Submissions().Queue(d.ctx, store.QueueQuery{
		Agencies: []civic.AgencyCode{v.Agency}, States: []civic.State{civic.InReview}, Page: 1, PerPage: surveyed, CountTo: 1,
	})
	if err != nil {
		return err
	}
	then := staff
	then.Registry = d.registry()
	for _, item := range page.Items {
		a, err := d.tx.Answers().Get(d.ctx, item.ID)
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return err
		}
		_, at := staff.Approvers(v.Agency, a.DraftedBy)
		waits := Approval{At: at}
		if v.Into != "" {
			then.Users = moving(staff.Users, v.Agency, v.Into)
			_, waits.Then = then.Approvers(v.Into, a.DraftedBy)
		}
		i := slices.IndexFunc(v.Approvals, func(o Approval) bool { return o.At == waits.At && o.Then == waits.Then })
		if i < 0 {
			i, v.Approvals = len(v.Approvals), append(v.Approvals, waits)
		}
		v.Approvals[i].Answers++
	}
	return nil
}

// moving is the accounts as they will be.
func moving(users []civic.User, from, to civic.AgencyCode) []civic.User {
	out := slices.Clone(users)
	for i := range out {
		if out[i].Agency == from {
			out[i].Agency = to
		}
	}
	return out
}

// surveyDesk lists what staff made for their work.
func (d *draft) surveyDesk(v *Survey) (err error) {
	if v.Views, err = d.tx.QueueViews().OfAgency(d.ctx, v.Agency); err != nil {
		return err
	}
	if v.Tags, err = d.tx.Tags().List(d.ctx, v.Agency); err != nil {
		return err
	}
	templates, err := d.tx.AnswerTemplates().List(d.ctx)
	v.Templates = slices.DeleteFunc(templates, func(t civic.AnswerTemplate) bool { return t.Agency != v.Agency })
	return err
}

// surveyRules lists the rules and limits that name the agency.
func (d *draft) surveyRules(v *Survey) error {
	rules, err := d.tx.Rules().List(d.ctx)
	if err != nil {
		return err
	}
	for _, r := range rules {
		if r.Agency == v.Agency && r.State == store.RuleLive && (r.ValidTo.IsZero() || r.ValidTo.After(d.now)) {
			v.Rules = append(v.Rules, r)
		}
	}
	limits, err := d.tx.Timetable().Limits(d.ctx)
	if err != nil {
		return err
	}
	for _, l := range limits {
		if holding, ok := limits.Holding(l.LimitKey, d.now); l.Agency == v.Agency && ok && holding.ID == l.ID {
			v.Limits = append(v.Limits, l)
		}
	}
	return nil
}

// registry is the registry as the draft leaves it.
func (d *draft) registry() *civic.Registry {
	out := d.s.Registry.Copy()
	var entries []civic.Entry
	for _, kind := range civic.EntryKinds {
		entries = append(entries, d.book.kinds[kind]...)
	}
	out.Use(out.Delivered().With(entries...))
	return out
}

// surveyDeadlines says which deadlines of open cases move because another limit
// holds at the successor, as casework.Passed will compute them.
func (d *draft) surveyDeadlines(v *Survey) error {
	plan, err := timetable.Read(d.ctx, d.tx, d.registry())
	if err != nil {
		return fmt.Errorf("read the limits: %w", err)
	}
	for after := civic.SubmissionID(0); v.Total > 0; {
		clocks, err := d.tx.Recounts().Clocks(d.ctx, after, surveyed)
		if err != nil {
			return err
		}
		for _, c := range clocks {
			if c.Agency == v.Agency {
				v.Deadlines.add(plan, c, v.Into, d.now)
			}
		}
		if len(clocks) < surveyed {
			break
		}
		after = clocks[len(clocks)-1].Submission
	}
	return nil
}

// movesListed is how many moves of deadlines a survey lists.
const movesListed = 20

// add counts what becomes of one deadline.
func (m *Deadlines) add(plan *timetable.Plan, c civic.Clock, into civic.AgencyCode, now time.Time) {
	then := c
	then.Agency = into
	if plan.Limit(civic.ForAnswer, c) == plan.Limit(civic.ForAnswer, then) {
		return
	}
	move := civic.Move{Submission: c.Submission, Code: c.Code, Old: c.DueAt, New: plan.Deadlines(then).Due}
	switch {
	case move.New.Equal(move.Old):
		return
	case move.New.Before(move.Old) && move.New.Before(now):
		m.Kept, move.Kept, move.New = m.Kept+1, true, move.Old
	default:
		m.Moved++
	}
	if len(m.First) < movesListed {
		m.First = append(m.First, move)
	}
}
