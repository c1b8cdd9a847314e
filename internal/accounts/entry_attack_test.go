package accounts_test

import (
	"fmt"
	"testing"
	"time"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit/memlimit"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// TestAskingForAPasswordIsTheSameForEverybody: whoever is asked for, one link,
// one mail and one job are written, and nothing else can be seen from outside.
func TestAskingForAPasswordIsTheSameForEverybody(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	own := d.add(t, account())
	closed, program := account(), account()
	closed.Email, program.Email, program.Role, program.Agency = "dong@staff.test", "cong@staff.test", civic.RoleService, ""
	wantCode(t, "close", d.s.Close(t.Context(), civic.System, d.add(t, closed), true), "")
	if _, err := d.s.Invite(t.Context(), civic.System, program); err != nil {
		t.Fatal(err)
	}
	for i, asked := range []struct {
		email string
		to    civic.UserID
	}{{"khong.co@staff.test", 0}, {closed.Email, 0}, {program.Email, 0}, {"no\x00text", 0}, {account().Email, own}} {
		wantCode(t, asked.email, d.s.RequestReset(t.Context(), asked.email, "192.0.2.1"), "")
		mails := d.mails(t)
		if len(mails) != i+1 || mails[i].User != asked.to || mails[i].Kind != accounts.MailReset || mails[i].Nonce == "" {
			t.Fatalf("%q: %d mails, the last %+v", asked.email, len(mails), mails[len(mails)-1])
		}
		d.View(t, func(tx store.Tx) error {
			_, _, err := d.s.Link(t.Context(), d.Keys.LinkToken(mails[i].Nonce))
			if (err == nil) != (asked.to != 0) {
				t.Errorf("%q: the link: %v", asked.email, err)
			}
			return nil
		})
	}
}

// TestNobodyIsFloodedWithLinks: a thousand networks that ask for one person send
// three mails, and the links in them hold.
func TestNobodyIsFloodedWithLinks(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	own := d.add(t, account())
	for i := range 40 {
		wantCode(t, "ask", d.s.RequestReset(t.Context(), account().Email, fmt.Sprintf("192.0.2.%d", i)), "")
	}
	var links []string
	for _, m := range d.mails(t) {
		if m.User == own {
			links = append(links, d.Keys.LinkToken(m.Nonce))
		}
	}
	if len(links) != 3 {
		t.Fatalf("%d mails reach the person", len(links))
	}
	wantCode(t, "the first link", d.s.Redeem(t.Context(), links[0], fresh), "")
	d.Clock.Advance(time.Hour + time.Second)
	wantCode(t, "an hour later", d.s.RequestReset(t.Context(), account().Email, "192.0.2.1"), "")
	if all := d.mails(t); all[len(all)-1].User != own {
		t.Error("an hour later no link comes")
	}
}

// TestAStolenPasswordDoesNotLockTheOwnersCodesOut: who knows the password tries
// codes until there are no tries left; the owner's own device has its own.
func TestAStolenPasswordDoesNotLockTheOwnersCodesOut(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	in := d.signIn(t)
	secret := d.enrolCodes(t, in.Token)
	for range 200 {
		a := attempt("000000")
		a.Client = "198.51.100.7"
		if _, err := d.s.Enter(t.Context(), a); errs.KindOf(err) == errs.RateLimited {
			break
		}
	}
	a := attempt(codeAt(t, secret, d.Clock.Now().Add(30*time.Second)))
	if _, err := d.s.Enter(t.Context(), a); errs.KindOf(err) != errs.RateLimited {
		t.Errorf("an unknown device, after the thief: %v", err)
	}
	a.Known = in.Known
	_, err := d.s.Enter(t.Context(), a)
	wantCode(t, "the owner's device", err, "")
}

// TestWhatEndsASessionEndsItInEveryProcess: no process keeps an idea of its own
// of who is signed in and what they may do.
func TestWhatEndsASessionEndsItInEveryProcess(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		d := newDesk(h)
		id := d.add(t, account())
		elsewhere := *d.s // another process: the same database and key, nothing else
		elsewhere.Limits, elsewhere.Hashing = memlimit.New(h.Clock.Now, 0), accounts.NewHashing(1)
		admin := d.Staff(t, civic.RoleAdministrator, "")
		for name, end := range map[string]func(me civic.Actor, token string) error{
			"its owner": func(me civic.Actor, token string) error {
				return d.s.EndSession(t.Context(), me, accounts.HandleOf(token))
			},
			"an administrator": func(civic.Actor, string) error { return d.s.EndSessions(t.Context(), admin, id) },
			"another role":     func(civic.Actor, string) error { return d.s.ChangeRole(t.Context(), admin, id, civic.RoleAuditor, "") },
			"the same role again": func(civic.Actor, string) error {
				return d.s.ChangeRole(t.Context(), admin, id, civic.RoleOfficer, house.Science)
			},
			"the end of the account": func(civic.Actor, string) error {
				if err := d.s.Close(t.Context(), admin, id, true); err != nil {
					return err
				}
				return d.s.Close(t.Context(), admin, id, false)
			},
		} {
			in := d.signIn(t)
			me, err := elsewhere.Authenticate(t.Context(), in.Token)
			wantCode(t, name+": before", err, "")
			wantCode(t, name, end(me, in.Token), "")
			_, err = elsewhere.Authenticate(t.Context(), in.Token)
			wantCode(t, name+": after", err, "actor.not_signed_in")
		}
	})
}

// TestASecondStepDoesNotOutliveThePassword that was proved for it, nor the account
// that it leads into: what ends all sessions ends it too.
func TestASecondStepDoesNotOutliveThePassword(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		d := newDesk(h)
		id := d.add(t, account())
		in := d.signIn(t)
		me, err := d.s.Authenticate(t.Context(), in.Token)
		wantCode(t, "authenticate", err, "")
		d.enrolCodes(t, in.Token)
		codes, err := d.s.NewRecoveryCodes(t.Context(), me, password)
		wantCode(t, "recovery codes", err, "")
		admin, now := d.Staff(t, civic.RoleAdministrator, ""), password
		for i, end := range []func() error{
			func() error {
				now = "một câu khác hẳn và đủ dài"
				return d.s.ChangePassword(t.Context(), me, password, now)
			},
			func() error { return d.s.EndSessions(t.Context(), admin, id) },
			func() error { return d.s.ChangeRole(t.Context(), admin, id, civic.RoleAuditor, "") },
		} {
			a := accounts.Attempt{Email: account().Email, Password: now, Client: "192.0.2.1"}
			asked, err := d.s.BeginSecond(t.Context(), a)
			wantCode(t, "begin", err, "")
			wantCode(t, "what ends it", end(), "")
			a.Code = codes[i]
			_, err = d.s.FinishCode(t.Context(), asked.Step, a)
			wantCode(t, "finish afterwards", err, "signin.step_over")
		}
	})
}
