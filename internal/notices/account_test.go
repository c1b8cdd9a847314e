package notices_test

import (
	"testing"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/notices"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// account queues a mail to an account, sends it twice and returns what became
// of it.
func (p *post) account(t *testing.T, m store.AccountMail) (got store.AccountMail) {
	t.Helper()
	m.CreatedAt = p.Clock.Now()
	var id int64
	p.Do(t, func(tx store.Tx) (err error) {
		id, err = tx.AccountMails().Add(t.Context(), m)
		return err
	})
	for _, j := range p.Jobs(t, store.JobAccountMail) {
		for range 2 { // what runs twice acts once
			if err := p.s.Account(t.Context(), j.ID, j.Subject); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.View(t, func(tx store.Tx) (err error) {
		got, err = tx.AccountMails().Get(t.Context(), id)
		return err
	})
	return got
}

func TestMailsToAccountsReadAsTheyShould(t *testing.T) {
	t.Parallel()
	for kind, m := range map[string]store.AccountMail{
		accounts.MailInvite: {Nonce: "nonce"}, accounts.MailReset: {Nonce: "nonce"}, accounts.MailPassword: {},
		accounts.MailNewDevice: {Detail: "Firefox, Windows"}, accounts.MailFactors: {}, accounts.MailPasskey: {Detail: "Điện thoại <cũ>"},
		store.AccountMoved: {Detail: "Bộ Khoa học và Công nghệ"}, store.AgencyGrew: {Detail: "Cục Thử nghiệm <cũ>"},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p := newPost(t)
			m.User, m.Kind = p.User(t, civic.User{Email: "hoa@staff.test", Name: "Lê Thị Hoa", Role: civic.RoleOfficer, Agency: house.Science}).ID, kind
			if got := p.account(t, m); got.State != civic.MessageSent {
				t.Errorf("noted %+v", got)
			}
			p.only(t).Golden(t, "testdata/account_"+kind+".vi.txt")
		})
	}
}

func TestNobodyAndClosedAccountsGetNoMail(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	u := p.User(t, civic.User{Role: civic.RoleOfficer, Agency: house.Science})
	p.Do(t, func(tx store.Tx) error {
		u.Active = false
		return tx.Users().Update(t.Context(), u)
	})
	for reason, to := range map[string]civic.UserID{notices.ReasonNoAddress: 0, notices.ReasonOutdated: u.ID} {
		if m := p.account(t, store.AccountMail{User: to, Kind: accounts.MailReset, Nonce: "n"}); m.State != civic.MessageNotSent || m.Reason != reason {
			t.Errorf("%s: noted %+v", reason, m)
		}
	}
	if n := len(p.server.Messages()); n != 0 {
		t.Errorf("%d mails went out", n)
	}
}
