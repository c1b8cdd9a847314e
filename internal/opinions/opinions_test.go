package opinions_test

import (
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/opinions"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

const (
	owner   civic.AgencyCode = "bo-khoa-hoc-cong-nghe"
	asked   civic.AgencyCode = "bo-y-te"
	foreign civic.AgencyCode = "bo-giao-duc-dao-tao"
)

// desk is two agencies and a third one in a house.
type desk struct {
	*house.House
	s                   *opinions.Service
	owner, asked, third civic.Actor
}

func on(t *testing.T, run func(t *testing.T, d *desk)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) {
		run(t, &desk{
			h, &opinions.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Now: h.Clock.Now},
			h.Staff(t, civic.RoleOfficer, owner), h.Staff(t, civic.RoleOfficer, asked), h.Staff(t, civic.RoleOfficer, foreign),
		})
	})
}

func (d *desk) handled(t *testing.T) civic.Submission {
	t.Helper()
	return d.Receive(t, func(sub *civic.Submission) {
		sub.State, sub.Agency = civic.InProgress, owner
		sub.Body = "Tôi tên là Trần Giả Định, số điện thoại 0912 345 678. Đề nghị đo tiếng ồn ở cổng bệnh viện."
	})
}

func question(days int) opinions.Request {
	return opinions.Request{Agency: asked, Question: "Quy chuẩn nào áp dụng?", Days: days}
}

// ask asks about a new case and returns the request.
func (d *desk) ask(t *testing.T) (civic.Submission, civic.Opinion) {
	t.Helper()
	sub := d.handled(t)
	must(t, d.s.Ask(t.Context(), d.owner, sub.Code, sub.Version, question(3)))
	return d.Case(t, sub.Code), d.opinions(t, sub)[0]
}

func (d *desk) opinions(t *testing.T, sub civic.Submission) (out []civic.Opinion) {
	t.Helper()
	d.View(t, func(tx store.Tx) (err error) {
		out, err = tx.Opinions().List(t.Context(), sub.ID)
		return err
	})
	return out
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

func TestAnotherAgencyIsAskedAndTheCaseStaysWhereItIs(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		before := d.handled(t)
		must(t, d.s.Ask(t.Context(), d.owner, before.Code, before.Version, question(3)))
		sub, o := d.Case(t, before.Code), d.opinions(t, before)[0]
		if sub.State != before.State || sub.Agency != owner || !sub.DueAt.Equal(before.DueAt) || !sub.ForwardDueAt.Equal(before.ForwardDueAt) {
			t.Errorf("asking moved the case: %+v", sub)
		}
		if days := d.Calendar.Elapsed(d.Clock.Now(), o.DueAt, civic.WorkingDays); days != 3 || o.Asker != owner {
			t.Errorf("asked %+v, due in %d working days", o, days)
		}
		fails(t, d.s.Ask(t.Context(), d.owner, sub.Code, sub.Version, question(3)), "opinion.asked")
		must(t, d.s.Give(t.Context(), d.asked, o.ID, "  Áp dụng quy chuẩn tiếng ồn.  "))
		o = d.opinions(t, sub)[0]
		if o.State != civic.OpinionGiven || o.Text != "Áp dụng quy chuẩn tiếng ồn." || o.SettledBy != d.asked.User {
			t.Errorf("given %+v", o)
		}
		after := d.Case(t, sub.Code)
		if after.Version != sub.Version+1 || !after.DueAt.Equal(before.DueAt) || after.Agency != owner {
			t.Errorf("the opinion moved the case: %+v", after)
		}
		for _, e := range []civic.EventType{civic.EventOpinionAsked, civic.EventOpinionGiven} {
			if d.CountEvents(t, sub.Code, e) != 1 {
				t.Errorf("no line %s in the history", e)
			}
			for _, public := range civic.PublicEvents {
				if public == e {
					t.Errorf("the sender reads %s", e)
				}
			}
		}
		if m := d.Messages(t, sub.Code); len(m) != 0 {
			t.Errorf("the sender is told %v", m)
		}
		fails(t, d.s.Give(t.Context(), d.asked, o.ID, "Thêm nữa"), "opinion.settled")
		fails(t, d.s.Withdraw(t.Context(), d.owner, sub.Code, after.Version, o.ID), "opinion.settled")
	})
}

func TestTheAskedAgencyReadsNothingOfTheSender(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub, _ := d.ask(t)
		found, err := d.s.OfCase(t.Context(), d.asked, sub.Code)
		must(t, err)
		if len(found) != 1 || strings.Contains(found[0].Body, "Giả Định") || strings.Contains(found[0].Body, "0912") || !strings.Contains(found[0].Body, "đo tiếng ồn") {
			t.Errorf("seen %+v", found)
		}
		list, total, err := d.s.List(t.Context(), d.asked)
		must(t, err)
		if total != 1 || len(list) != 1 || list[0].Code != sub.Code || strings.Contains(list[0].Body, "0912") {
			t.Errorf("listed %d: %+v", total, list)
		}
	})
}

func TestAnOpinionIsOfTheAskedAgencyAndOfNobodyElse(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub, o := d.ask(t)
		_, err := d.s.OfCase(t.Context(), d.third, sub.Code)
		fails(t, err, "submission.not_found")
		for who, want := range map[*civic.Actor]string{&d.third: "opinion.not_found", &d.owner: "opinion.not_found", {Kind: civic.ActorPublic}: "actor.not_signed_in"} {
			fails(t, d.s.Give(t.Context(), *who, o.ID, "Ý kiến"), want)
			fails(t, d.s.Decline(t.Context(), *who, o.ID, "Lý do"), want)
		}
		auditor := d.Staff(t, civic.RoleAuditor, asked)
		fails(t, d.s.Give(t.Context(), auditor, o.ID, "Ý kiến"), "actor.not_allowed")
		if n, err := d.s.Count(t.Context(), d.third); err != nil || n != 0 {
			t.Errorf("a third agency counts %d, %v", n, err)
		}
		fails(t, d.s.Ask(t.Context(), d.asked, sub.Code, sub.Version, question(3)), "submission.not_found")
		fails(t, d.s.Withdraw(t.Context(), d.asked, sub.Code, sub.Version, o.ID), "submission.not_found")
		fails(t, d.s.Ask(t.Context(), d.Staff(t, civic.RoleCoordinator, ""), sub.Code, sub.Version, question(3)), "actor.not_allowed")
		other := d.handled(t)
		fails(t, d.s.Withdraw(t.Context(), d.owner, other.Code, other.Version, o.ID), "opinion.not_found")
	})
}

func TestARequestIsDeclinedOrWithdrawn(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub, o := d.ask(t)
		must(t, d.s.Decline(t.Context(), d.asked, o.ID, "Việc này do Bộ Xây dựng quản lý."))
		must(t, d.s.Ask(t.Context(), d.owner, sub.Code, d.Case(t, sub.Code).Version, question(5)))
		again := d.opinions(t, sub)[1]
		must(t, d.s.Withdraw(t.Context(), d.owner, sub.Code, d.Case(t, sub.Code).Version, again.ID))
		states := d.opinions(t, sub)
		if states[0].State != civic.OpinionDeclined || states[1].State != civic.OpinionWithdrawn {
			t.Errorf("the requests are %+v", states)
		}
		if found, err := d.s.OfCase(t.Context(), d.asked, sub.Code); err != nil || len(found) != 1 || found[0].State != civic.OpinionDeclined {
			t.Errorf("seen %+v, %v", found, err)
		}
		alone, o := d.ask(t)
		must(t, d.s.Withdraw(t.Context(), d.owner, alone.Code, alone.Version, o.ID))
		_, err := d.s.OfCase(t.Context(), d.asked, alone.Code)
		fails(t, err, "opinion.withdrawn")
	})
}

func TestWhenNobodyIsAsked(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub := d.handled(t)
		ask := func(r opinions.Request) error {
			return d.s.Ask(t.Context(), d.owner, sub.Code, d.Case(t, sub.Code).Version, r)
		}
		fails(t, ask(opinions.Request{Agency: owner, Question: "?", Days: 1}), "input.invalid")
		fails(t, ask(opinions.Request{Agency: "nobody", Question: "?", Days: 1}), "input.invalid")
		fails(t, ask(opinions.Request{Agency: asked, Question: " ", Days: 1}), "input.invalid")
		for _, days := range []int{0, civic.MaxOpinionDays + 1} {
			fails(t, ask(question(days)), "input.invalid")
		}
		fails(t, d.s.Ask(t.Context(), d.owner, sub.Code, sub.Version+1, question(1)), "submission.version_mismatch")
		d.Change(t, sub.Code, func(sub *civic.Submission) { sub.Restricted = true })
		fails(t, ask(question(1)), "opinion.restricted")
		d.Change(t, sub.Code, func(sub *civic.Submission) { sub.Restricted, sub.State = false, civic.Assigned })
		fails(t, ask(question(1)), "opinion.not_now")
	})
}

func TestAClosedCaseNeedsNoOpinion(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub, o := d.ask(t)
		d.Change(t, sub.Code, func(sub *civic.Submission) { sub.State = civic.Rejected })
		fails(t, d.s.Give(t.Context(), d.asked, o.ID, "Ý kiến"), "opinion.case_closed")
		if n, err := d.s.Count(t.Context(), d.asked); err != nil || n != 0 {
			t.Errorf("still waiting: %d, %v", n, err)
		}
		if found, err := d.s.OfCase(t.Context(), d.asked, sub.Code); err != nil || !found[0].Closed {
			t.Errorf("seen %+v, %v", found, err)
		}
	})
}

// TestWhatTurnsOutToAccuseIsTakenFromTheAskedAgency: it may be the accused.
func TestWhatTurnsOutToAccuseIsTakenFromTheAskedAgency(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub, o := d.ask(t)
		d.Change(t, sub.Code, func(sub *civic.Submission) { sub.Restricted = true })
		_, err := d.s.OfCase(t.Context(), d.asked, sub.Code)
		fails(t, err, "opinion.restricted")
		list, total, err := d.s.List(t.Context(), d.asked)
		must(t, err)
		n, err := d.s.Count(t.Context(), d.asked)
		must(t, err)
		if len(list) != 0 || total != 0 || n != 0 {
			t.Errorf("listed %d of %d, counted %d", len(list), total, n)
		}
		fails(t, d.s.Give(t.Context(), d.asked, o.ID, "Ý kiến"), "opinion.restricted")
		_, err = d.s.OfCase(t.Context(), d.third, sub.Code)
		fails(t, err, "submission.not_found")
	})
}
