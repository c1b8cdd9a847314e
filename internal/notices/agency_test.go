package notices_test

import (
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/notices"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// given stores a case that was given to Science, which has an address, and
// returns it with its notice and the outbox row.
func (p *post) given(t *testing.T, edit func(*civic.Submission)) (sub civic.Submission, job, notice int64) {
	t.Helper()
	p.Registry.Agencies = append([]civic.Agency(nil), p.Registry.Agencies...)
	for i := range p.Registry.Agencies {
		if p.Registry.Agencies[i].Code == house.Science {
			p.Registry.Agencies[i].Email = "van-thu@bo.example.vn"
		}
	}
	sub = p.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, house.Science })
	p.Do(t, func(tx store.Tx) (err error) {
		notice, err = tx.AgencyNotices().Add(t.Context(), store.AgencyNotice{Submission: sub.ID, Agency: house.Science, CreatedAt: p.Clock.Now()})
		return err
	})
	if edit != nil {
		p.Change(t, sub.Code, edit)
	}
	return sub, p.Jobs(t, store.JobNotify)[0].ID, notice
}

func (p *post) notice(t *testing.T, id int64) (n store.AgencyNotice) {
	t.Helper()
	p.View(t, func(tx store.Tx) (err error) {
		n, err = tx.AgencyNotices().Get(t.Context(), id)
		return err
	})
	return n
}

func TestAnAgencyIsToldOfACaseAndNothingOfWhatIsInIt(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub, job, notice := p.given(t, nil)
	for range 2 { // what runs twice sends once
		if err := p.s.Notify(t.Context(), job, notice); err != nil {
			t.Fatal(err)
		}
	}
	m := p.only(t)
	got := m.Written()
	for _, secret := range []string{sub.Title, "quan trắc", house.Sender.Name, house.Sender.Email, house.Sender.Phone} {
		if strings.Contains(string(got), secret) {
			t.Errorf("the mail says %q", secret)
		}
	}
	m.Golden(t, "testdata/agency_assigned.vi.txt")
	if n := p.notice(t, notice); n.State != civic.MessageSent || n.SettledAt.IsZero() || len(p.Jobs(t, store.JobNotify)) != 0 {
		t.Errorf("it is kept as %+v", n)
	}
}

func TestWhyAnAgencyIsNotTold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want string
		edit       func(*civic.Submission)
		change     func(*post)
	}{
		{"the case left it", notices.ReasonOutdated, func(sub *civic.Submission) { sub.Agency = house.Education }, nil},
		{"the case went back to a coordinator", notices.ReasonOutdated, func(sub *civic.Submission) { sub.State = civic.Triage }, nil},
		{"its address was taken out", notices.ReasonNoAddress, nil, func(p *post) {
			for i := range p.Registry.Agencies {
				p.Registry.Agencies[i].Email = ""
			}
		}},
		{"no mail server is configured", notices.ReasonNoChannel, nil, func(p *post) { p.s.Mail = nil }},
		{"the server refuses for good", notices.ReasonRefused, nil, func(p *post) { p.server.Refuse(550, "no such mailbox") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			_, job, notice := p.given(t, tt.edit)
			if tt.change != nil {
				tt.change(p)
			}
			if err := p.s.Notify(t.Context(), job, notice); err != nil {
				t.Fatal(err)
			}
			if n := p.notice(t, notice); n.State != civic.MessageNotSent || n.Reason != tt.want {
				t.Errorf("it is kept as %+v, want %s", n, tt.want)
			}
		})
	}
}

func TestANoticeIsTriedAgainWhenTheServerIsAway(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	_, job, notice := p.given(t, nil)
	p.server.Refuse(451, "try again later")
	if err := p.s.Notify(t.Context(), job, notice); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("it fails with %v", err)
	}
	if n := p.notice(t, notice); n.State != civic.MessageQueued {
		t.Errorf("it is kept as %+v", n)
	}
}
