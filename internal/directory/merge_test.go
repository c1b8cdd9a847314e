package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/directory"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// office is agencies at work: the Ministry of Health with an institute below it,
// next to the Ministry of Science.
type office struct {
	*house.House
	s                   *directory.Service
	admin               civic.Actor
	lead, officer, heir civic.Actor
	asked, own, foreign civic.Submission
	opinion, dropped    int64
	tag                 civic.TagID
	template, view      int64
}

func newOffice(t *testing.T, h *house.House) *office {
	t.Helper()
	reg := files()
	reg.Agencies = append(reg.Agencies, civic.Agency{Code: "institute", Parent: "moh", Names: civic.Names{civic.Vietnamese: "Viện", civic.English: "Institute"}, Receives: true})
	o := &office{House: h, s: process(t, h, reg), admin: h.Staff(t, civic.RoleAdministrator, "")}
	o.lead, o.officer, o.heir = h.Staff(t, civic.RoleLead, "moh"), h.Staff(t, civic.RoleOfficer, "moh"), h.Staff(t, civic.RoleLead, "most")
	at := func(agency civic.AgencyCode, state civic.State) civic.Submission {
		return h.Receive(t, func(sub *civic.Submission) { sub.Agency, sub.State = agency, state })
	}
	o.own, o.asked, o.foreign = at("moh", civic.InProgress), at("institute", civic.InProgress), at("most", civic.InProgress)
	h.Do(t, func(tx store.Tx) error {
		ctx, now := t.Context(), h.Clock.Now()
		ask := func(sub civic.Submission) (int64, error) {
			return tx.Opinions().Add(ctx, civic.Opinion{Submission: sub.ID, Asker: sub.Agency, Agency: "moh", Question: "?", AskedBy: o.heir.User, AskedAt: now, DueAt: now.Add(time.Hour)})
		}
		tag, err := tx.Tags().Ensure(ctx, civic.Tag{Agency: "moh", Name: "Dịch", MadeBy: o.officer.User, MadeAt: now})
		if err != nil {
			return err
		}
		o.tag = tag.ID
		if o.opinion, err = ask(o.asked); err != nil {
			return err
		}
		if o.dropped, err = ask(o.foreign); err != nil {
			return err
		}
		if o.template, err = tx.AnswerTemplates().Put(ctx, civic.AnswerTemplate{Agency: "moh", Name: "Mẫu", Text: "x", UpdatedAt: now}); err != nil {
			return err
		}
		o.view, err = tx.QueueViews().Add(ctx, civic.SavedView{Owner: o.officer.User, Agency: "moh", Name: "Gấp", Shared: true, CreatedAt: now})
		return err
	})
	return o
}

// stands tells where everything is.
func (o *office) stands(t *testing.T) string {
	t.Helper()
	var out []string
	o.View(t, func(tx store.Tx) error {
		ctx := t.Context()
		out = nil
		for _, id := range []civic.UserID{o.lead.User, o.officer.User} {
			u, err := tx.Users().Get(ctx, id)
			if err != nil {
				return err
			}
			out = append(out, fmt.Sprintf("%s@%s", u.Role, u.Agency))
		}
		for _, id := range []int64{o.opinion, o.dropped} {
			op, err := tx.Opinions().Get(ctx, id)
			if err != nil {
				return err
			}
			out = append(out, fmt.Sprintf("%s@%s", op.State, op.Agency))
		}
		tmpl, err := tx.AnswerTemplates().Get(ctx, o.template)
		if err != nil {
			return err
		}
		view, err := tx.QueueViews().Get(ctx, o.view)
		if err != nil {
			return err
		}
		tags, err := tx.Tags().List(ctx, "most")
		out = append(out, "template@"+string(tmpl.Agency), "view@"+string(view.Agency), fmt.Sprint(len(tags), " tags"), "unit below "+o.s.Entry(civic.AgencyEntry, "institute").Parent)
		return err
	})
	return strings.Join(out, ", ")
}

func TestAMergerTakesEverythingAlongAndGivesItBack(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		o := newOffice(t, h)
		before := o.stands(t)
		merger := directory.Merger{Code: "moh", Into: "most", Reason: "Nghị quyết"}
		v, err := o.s.Survey(t.Context(), o.admin, "moh", "most")
		must(t, err)
		if v.Total != 1 || len(v.Accounts) != 2 || len(v.Units) != 1 || len(v.Opinions) != 2 || len(v.Views) != 1 || len(v.Tags) != 1 || len(v.Templates) != 1 || !v.Depends() {
			t.Errorf("the survey has %+v", v)
		}
		if got := o.stands(t); got != before {
			t.Errorf("a survey moved something: %s", got)
		}
		change, err := o.s.Merge(t.Context(), o.admin, merger)
		must(t, err)
		want := "approver@most, officer@most, asked@most, withdrawn@moh, template@most, view@most, 1 tags, unit below most"
		if got := o.stands(t); got != want {
			t.Errorf("after the merger\n%s, want\n%s", got, want)
		}
		if !o.s.Registry.Within("moh", "most") || !o.s.Registry.Within("institute", "most") {
			t.Error("the successor does not reach what it took over")
		}
		if mails := h.Jobs(t, store.JobAccountMail); len(mails) != 3 {
			t.Errorf("%d mails, want one to each who moved and one to who leads the successor", len(mails))
		}
		if n := h.CountEvents(t, o.asked.Code, civic.EventOpinionAsked); n != 1 {
			t.Errorf("the case says %d times who is asked now", n)
		}
		if _, err := o.s.Merge(t.Context(), o.admin, merger); errs.CodeOf(err) != "registry.ended" {
			t.Errorf("a second time: %v", err)
		}
		r, err := o.s.Report(t.Context(), o.admin, change)
		must(t, err)
		if len(r.Effects) != 7 || len(r.Units) != 1 || r.Left != 1 || r.Undone {
			t.Errorf("the report has %d things, %d units, %d cases left", len(r.Effects), len(r.Units), r.Left)
		}

		o.Do(t, func(tx store.Tx) error { // somebody took the officer over for good
			u, err := tx.Users().Get(t.Context(), o.officer.User)
			if err != nil {
				return err
			}
			u.Role = civic.RoleApprover
			return tx.Users().Update(t.Context(), u)
		})
		_, err = o.s.Undo(t.Context(), o.admin, change, "Nhầm")
		must(t, err)
		want = "lead@moh, approver@most, asked@moh, withdrawn@moh, template@moh, view@moh, 0 tags, unit below moh"
		if got := o.stands(t); got != want {
			t.Errorf("taken back\n%s, want\n%s", got, want)
		}
		r, err = o.s.Report(t.Context(), o.admin, change)
		must(t, err)
		if i := slices.IndexFunc(r.Effects, func(e civic.Effect) bool { return e.Subject == int64(o.officer.User) && e.Kind == civic.AccountEffect }); !r.Undone || r.Effects[i].State != civic.EffectKept {
			t.Errorf("the report after that: %+v", r.Effects)
		}
	})
}

func TestLeadsStayWhereSomebodySaysSo(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	_, err := o.s.Merge(t.Context(), o.admin, directory.Merger{Code: "moh", Into: "most", Reason: "x", LeadsStay: true})
	must(t, err)
	if got := o.stands(t); !strings.HasPrefix(got, "lead@most") {
		t.Error(got)
	}
}

func TestChainsOfMergers(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	merge := func(code, into string) (int64, error) {
		return o.s.Merge(t.Context(), o.admin, directory.Merger{Code: code, Into: into, Reason: "x"})
	}
	if _, err := merge("moh", "moh"); errs.KindOf(err) != errs.Invalid {
		t.Errorf("into itself: %v", err)
	}
	// A successor from below the agency takes its place.
	first, err := merge("moh", "institute")
	must(t, err)
	if e := o.s.Entry(civic.AgencyEntry, "institute"); e.Parent != "gov" || o.s.Entry(civic.AgencyEntry, "moh").Parent != "institute" {
		t.Errorf("the institute is below %q", e.Parent)
	}
	if _, err := merge("institute", "moh"); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a circle: %v", err)
	}
	_, err = merge("institute", "most")
	must(t, err)
	if to, ok := o.s.Registry.Successor("moh", "", o.Clock.Now()); !ok || to != "most" || !o.s.Registry.Within("moh", "most") {
		t.Errorf("after the second merger %q does the work", to)
	}
	if got := o.stands(t); !strings.HasPrefix(got, "approver@most, officer@most") {
		t.Error(got)
	}
	if _, err := o.s.Undo(t.Context(), o.admin, first, "x"); errs.CodeOf(err) != "registry.changed_since" {
		t.Errorf("the first one is taken back while the second stands: %v", err)
	}
}

func TestTwoUnitsOfOneNameKeepAMergerBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	twin := civic.Entry{Kind: civic.AgencyEntry, Code: "twin", Parent: "most", Names: civic.Names{civic.Vietnamese: "Viện", civic.English: "Twin"}}
	must(t, o.s.Put(t.Context(), o.admin, twin, true, "x"))
	_, err := o.s.Merge(t.Context(), o.admin, directory.Merger{Code: "moh", Into: "most", Reason: "x"})
	if f := errs.FieldsOf(err); len(f) != 1 || f[0].Code != "registry.unit_name_taken" || f[0].Params["unit"] != "institute" || f[0].Params["code"] != "twin" {
		t.Errorf("%v %+v", err, f)
	}
}

func TestAnAgencyEndsOnceNothingDependsOnIt(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		reg := files()
		reg.Agencies = append(reg.Agencies, civic.Agency{Code: "empty", Parent: "gov", Names: civic.Names{civic.Vietnamese: "Trống", civic.English: "Empty"}, Receives: true})
		s, admin := process(t, h, reg), h.Staff(t, civic.RoleAdministrator, "")
		u := h.User(t, civic.User{Role: civic.RoleOfficer, Agency: "empty"})
		end := func() error { return s.End(t.Context(), admin, civic.AgencyEntry, "empty", "Hết việc") }
		if err := end(); errs.CodeOf(err) != "registry.in_demand" {
			t.Errorf("with an open account: %v", err)
		}
		h.Do(t, func(tx store.Tx) error {
			u.Active = false
			return tx.Users().Update(t.Context(), u)
		})
		s.Groups = map[civic.AgencyCode][]string{"empty": {"nhom"}}
		if err := end(); errs.CodeOf(err) != "registry.in_demand" {
			t.Errorf("with a group of the provider: %v", err)
		}
		s.Groups = nil
		must(t, end())
	})
}
