package accounts_test

import (
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// mails returns the undone mails to accounts, oldest first.
func (d *desk) mails(t *testing.T) (out []store.AccountMail) {
	t.Helper()
	for _, j := range d.Jobs(t, store.JobAccountMail) {
		d.View(t, func(tx store.Tx) error {
			m, err := tx.AccountMails().Get(t.Context(), j.Subject)
			out = append(out, m)
			return err
		})
	}
	return out
}

// lastMail returns the newest mail and the token of its link.
func (d *desk) lastMail(t *testing.T) (store.AccountMail, string) {
	t.Helper()
	all := d.mails(t)
	if len(all) == 0 {
		t.Fatal("no mail waits")
	}
	m := all[len(all)-1]
	return m, d.Keys.LinkToken(m.Nonce)
}

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	if (err == nil) != (code == "") || err != nil && errs.CodeOf(err) != code {
		t.Errorf("%s: %v, want %q", what, err, code)
	}
}

const fresh = "một câu dài dễ nhớ của tôi"

func TestAnInvitationIsTakenUpOnce(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		d := newDesk(h)
		admin := d.Staff(t, civic.RoleAdministrator, "")
		n := account()
		n.Password, n.Email = "", "  Mới@Staff.TEST "
		id, err := d.s.Invite(t.Context(), admin, n)
		wantCode(t, "invite", err, "")
		_, err = d.s.SignIn(t.Context(), "mới@staff.test", "", "192.0.2.1")
		wantCode(t, "sign in before", err, "signin.no_match")
		_, old := d.lastMail(t)
		wantCode(t, "invite again", d.s.InviteAgain(t.Context(), admin, id), "")
		m, token := d.lastMail(t)
		if m.Kind != accounts.MailInvite || m.User != id {
			t.Errorf("the mail is %+v", m)
		}
		wantCode(t, "the first link", d.s.Redeem(t.Context(), old, fresh), "link.over")
		wantCode(t, "an invented link", d.s.Redeem(t.Context(), "x"+token, fresh), "link.over")
		wantCode(t, "a short password", d.s.Redeem(t.Context(), token, "ngắn"), "input.invalid")
		u, purpose, err := d.s.Link(t.Context(), token)
		if err != nil || u.Role != civic.RoleOfficer || purpose != store.LinkInvite || u.PasswordHash != "" {
			t.Errorf("the link is for %+v, %v", u, err)
		}
		wantCode(t, "redeem", d.s.Redeem(t.Context(), token, fresh), "")
		wantCode(t, "redeem twice", d.s.Redeem(t.Context(), token, fresh+" nữa"), "link.over")
		_, err = d.s.SignIn(t.Context(), "MỚI@staff.test", fresh, "192.0.2.1")
		wantCode(t, "sign in", err, "")
		wantCode(t, "invite who is there", d.s.InviteAgain(t.Context(), admin, id), "user.not_invited")
	})
}

func TestAnInvitationEndsByTimeAndByRevocation(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	admin := d.Staff(t, civic.RoleAdministrator, "")
	n := account()
	id, err := d.s.Invite(t.Context(), admin, n)
	wantCode(t, "invite", err, "")
	_, token := d.lastMail(t)
	wantCode(t, "revoke", d.s.Close(t.Context(), admin, id, true), "")
	wantCode(t, "a revoked link", d.s.Redeem(t.Context(), token, fresh), "link.over")
	n.Email = "hai@staff.test"
	if _, err = d.s.Invite(t.Context(), admin, n); err != nil {
		t.Fatal(err)
	}
	_, token = d.lastMail(t)
	d.Clock.Advance(7 * 24 * time.Hour)
	wantCode(t, "a week later", d.s.Redeem(t.Context(), token, fresh), "link.over")
}

// TestAResetTellsNothing: the same answer and the same rows whether or not the
// address is somebody's; the link works once and ends all sessions.
func TestAResetTellsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	id := d.add(t, account())
	in, err := d.s.SignIn(t.Context(), account().Email, password, "192.0.2.1")
	wantCode(t, "sign in", err, "")
	for i, email := range []string{"nobody@staff.test", strings.ToUpper(account().Email)} {
		wantCode(t, email, d.s.RequestReset(t.Context(), email, "192.0.2.1"), "")
		if n := len(d.mails(t)); n != i+1 {
			t.Fatalf("%s: %d mails wait", email, n)
		}
	}
	none := d.mails(t)[0]
	if none.User != 0 {
		t.Errorf("the mail to nobody is for %d", none.User)
	}
	wantCode(t, "the link of nobody", d.s.Redeem(t.Context(), d.Keys.LinkToken(none.Nonce), fresh), "link.over")
	m, token := d.lastMail(t)
	if m.User != id || m.Kind != accounts.MailReset {
		t.Errorf("the mail is %+v", m)
	}
	wantCode(t, "redeem", d.s.Redeem(t.Context(), token, fresh), "")
	wantCode(t, "redeem twice", d.s.Redeem(t.Context(), token, fresh), "link.over")
	_, err = d.s.Authenticate(t.Context(), in.Token)
	wantCode(t, "the old session", err, "actor.not_signed_in")
	if m, _ := d.lastMail(t); m.Kind != accounts.MailPassword || m.User != id {
		t.Errorf("the owner is told %+v", m)
	}
	_, err = d.s.SignIn(t.Context(), account().Email, password, "192.0.2.1")
	wantCode(t, "the old password", err, "signin.no_match")
	_, err = d.s.SignIn(t.Context(), account().Email, fresh, "192.0.2.1")
	wantCode(t, "the new password", err, "")
}

func TestWhatIsGuessedFirstIsNoPassword(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	for p, code := range map[string]string{
		"matkhau123456": "password.common", "Mật khẩu 123456!": "password.common", "aaaaaaaaaaaaaa": "password.common", "123456789012": "password.common",
		"abcabcabcabc": "password.common", "AnhYeuEm2026!!": "password.common", "VietnamVietnam": "password.common", "qwertyuiop1234": "password.common",
		"an.nguyen2026": "password.common", "987654321098": "password.common",
		"mười một chữ": "", "con trâu đi trước": "", "8fK2-mmQp-91xz": "", "mưa rơi ngoài hiên": "",
	} {
		n := account()
		n.Email, n.Password = "an.nguyen@staff.test", p
		_, err := d.s.Add(t.Context(), civic.System, n)
		got := ""
		if f := errs.FieldsOf(err); len(f) > 0 {
			got = f[0].Code
		}
		if got != code && errs.CodeOf(err) != "user.email_taken" {
			t.Errorf("%q: %q, want %q", p, got, code)
		}
	}
}

// TestStrangersCannotLockAnOwnerOut: somebody hammers an account, from
// elsewhere and out of the owner's own network. The owner gets in at once from
// a device that signed in before.
func TestStrangersCannotLockAnOwnerOut(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	try := func(a accounts.Attempt) error {
		_, err := d.s.Enter(t.Context(), a)
		return err
	}
	owner := accounts.Attempt{Email: account().Email, Password: password, Client: "192.0.2.1", Device: "Firefox/1 Windows"}
	in, err := d.s.Enter(t.Context(), owner)
	wantCode(t, "sign in", err, "")
	stranger := accounts.Attempt{Email: account().Email, Password: "sai mật khẩu rồi", Client: "192.0.2.1", Known: in.Known + "x"}
	limited := 0
	for range 60 {
		if errs.KindOf(try(stranger)) == errs.RateLimited {
			limited++
		}
	}
	if limited < 40 {
		t.Errorf("only %d of 60 tries were slowed", limited)
	}
	wantCode(t, "the owner on a new device in that network", try(owner), "signin.too_many_tries")
	owner.Known = in.Known
	wantCode(t, "the owner on the known device", try(owner), "")
	elsewhere := owner
	elsewhere.Known, elsewhere.Client = "", "198.51.100.7"
	wantCode(t, "the owner elsewhere", try(elsewhere), "")
}

func TestAnOwnerHearsOfANewDeviceOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	enter := func(device, known string) string {
		in, err := d.s.Enter(t.Context(), accounts.Attempt{Email: account().Email, Password: password, Client: "192.0.2.1", Device: device, Known: known})
		wantCode(t, device, err, "")
		return in.Known
	}
	known := enter("Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", "")
	enter("Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", known)
	if n := len(d.mails(t)); n != 0 {
		t.Errorf("%d mails about the first device", n)
	}
	for range 2 {
		enter("Mozilla/5.0 (Linux; Android 15) Chrome/140.0", "")
	}
	if all := d.mails(t); len(all) != 1 || all[0].Kind != accounts.MailNewDevice || all[0].Detail != "Chrome, Android" {
		t.Errorf("the mails are %+v", all)
	}
}

// codeAt is what an authenticator app with the secret shows.
func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	if _, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret); err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestCodesOfAnAuthenticatorApp(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		d := newDesk(h)
		d.add(t, account())
		enter := func(code string) (accounts.SignedIn, error) {
			return d.s.Enter(t.Context(), accounts.Attempt{Email: account().Email, Password: password, Code: code, Client: "192.0.2.1"})
		}
		in, err := enter("")
		wantCode(t, "without codes", err, "")
		me, err := d.s.Authenticate(t.Context(), in.Token)
		wantCode(t, "authenticate", err, "")
		wantCode(t, "begin without the password", d.s.BeginCodes(t.Context(), me, "sai mật khẩu rồi"), "input.invalid")
		wantCode(t, "begin", d.s.BeginCodes(t.Context(), me, password), "")
		pending, err := d.s.PendingCodes(t.Context(), me)
		if err != nil || !strings.HasPrefix(pending.URL, "otpauth://totp/") {
			t.Fatalf("pending: %+v, %v", pending, err)
		}
		_, err = enter("")
		wantCode(t, "before the first code", err, "")
		_, err = d.s.ConfirmCodes(t.Context(), me, in.Token, "000000")
		wantCode(t, "a wrong first code", err, "input.invalid")
		now := d.Clock.Now()
		recovery, err := d.s.ConfirmCodes(t.Context(), me, in.Token, codeAt(t, pending.Secret, now))
		if err != nil || len(recovery) != 10 {
			t.Fatalf("confirm: %v, %v", recovery, err)
		}
		wantCode(t, "begin again", d.s.BeginCodes(t.Context(), me, password), "totp.on_already")
		_, err = enter("")
		wantCode(t, "without a code", err, "signin.code_required")
		_, err = enter(codeAt(t, pending.Secret, now))
		wantCode(t, "the first code once more", err, "signin.code_wrong")
		_, err = enter(codeAt(t, pending.Secret, now.Add(30*time.Second)))
		wantCode(t, "a clock one step ahead", err, "")
		_, err = enter(codeAt(t, pending.Secret, now.Add(-30*time.Second)))
		wantCode(t, "an older step", err, "signin.code_wrong")
		d.Clock.Advance(2 * time.Minute)
		_, err = enter(codeAt(t, pending.Secret, d.Clock.Now().Add(-90*time.Second)))
		wantCode(t, "a clock three steps behind", err, "signin.code_wrong")
		_, err = enter(strings.ToUpper(recovery[3]))
		wantCode(t, "a recovery code", err, "")
		_, err = enter(recovery[3])
		wantCode(t, "a recovery code twice", err, "signin.code_wrong")
		d.Clock.Advance(10 * time.Minute)
		again, err := d.s.NewRecoveryCodes(t.Context(), me, password)
		wantCode(t, "new recovery codes", err, "")
		_, err = enter(recovery[4])
		wantCode(t, "an old recovery code", err, "signin.code_wrong")
		_, err = enter(again[0])
		wantCode(t, "a new recovery code", err, "")
		// In two steps, as pages do it.
		a := accounts.Attempt{Email: account().Email, Password: password, Client: "192.0.2.1"}
		asked, err := d.s.BeginSecond(t.Context(), a)
		wantCode(t, "begin the second step", err, "")
		a.Code = again[1]
		_, err = d.s.FinishCode(t.Context(), asked.Step, a)
		wantCode(t, "finish it", err, "")
		a.Code = again[2]
		_, err = d.s.FinishCode(t.Context(), asked.Step, a)
		wantCode(t, "finish it twice", err, "signin.step_over")
		wantCode(t, "remove", d.s.RemoveCodes(t.Context(), me, password), "")
		_, err = enter("")
		wantCode(t, "after removing", err, "")
	})
}

// TestARoleThatNeedsASecondFactorMayNothingWithout: until it is set up.
func TestARoleThatNeedsASecondFactorMayNothingWithout(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	d.s.Policy.SecondFactor = []civic.Role{civic.RoleOfficer}
	in, err := d.s.SignIn(t.Context(), account().Email, password, "192.0.2.1")
	wantCode(t, "sign in", err, "")
	me, err := d.s.Authenticate(t.Context(), in.Token)
	if err != nil || !me.Unproven || me.May(civic.SeeQueue) {
		t.Fatalf("without a second factor: %+v, %v", me, err)
	}
	wantCode(t, "begin", d.s.BeginCodes(t.Context(), me, password), "")
	pending, err := d.s.PendingCodes(t.Context(), me)
	wantCode(t, "pending", err, "")
	_, err = d.s.ConfirmCodes(t.Context(), me, in.Token, codeAt(t, pending.Secret, d.Clock.Now()))
	wantCode(t, "confirm", err, "")
	if me, err = d.s.Authenticate(t.Context(), in.Token); err != nil || me.Unproven || !me.May(civic.SeeQueue) {
		t.Errorf("with it: %+v, %v", me, err)
	}
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	var tokens []string
	for range 3 {
		in, err := d.s.SignIn(t.Context(), account().Email, password, "192.0.2.1")
		wantCode(t, "sign in", err, "")
		tokens = append(tokens, in.Token)
		d.Clock.Advance(time.Second)
	}
	me, err := d.s.Authenticate(t.Context(), tokens[0])
	wantCode(t, "authenticate", err, "")
	own, err := d.s.Own(t.Context(), me)
	if err != nil || len(own.Sessions) != 3 || accounts.Handle(own.Sessions[0]) != accounts.HandleOf(tokens[2]) || own.User.PasswordHash != "" {
		t.Fatalf("own account: %+v, %v", own, err)
	}
	other := d.Staff(t, civic.RoleOfficer, house.Science)
	wantCode(t, "somebody else's session", d.s.EndSession(t.Context(), other, accounts.HandleOf(tokens[1])), "session.not_found")
	wantCode(t, "end one", d.s.EndSession(t.Context(), me, accounts.HandleOf(tokens[1])), "")
	_, err = d.s.Authenticate(t.Context(), tokens[1])
	wantCode(t, "the ended one", err, "actor.not_signed_in")
	wantCode(t, "end the others", d.s.EndOthers(t.Context(), me, tokens[0]), "")
	_, err = d.s.Authenticate(t.Context(), tokens[2])
	wantCode(t, "another one", err, "actor.not_signed_in")
	_, err = d.s.Authenticate(t.Context(), tokens[0])
	wantCode(t, "this one", err, "")
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	admin := d.Staff(t, civic.RoleAdministrator, "")
	officer := d.add(t, account())
	wantCode(t, "close oneself", d.s.Close(t.Context(), admin, admin.User, true), "user.last_administrator")
	wantCode(t, "another role for oneself", d.s.ChangeRole(t.Context(), admin, admin.User, civic.RoleAuditor, ""), "user.last_administrator")
	wantCode(t, "an agency is needed", d.s.ChangeRole(t.Context(), admin, officer, civic.RoleLead, ""), "input.invalid")
	in, err := d.s.SignIn(t.Context(), account().Email, password, "192.0.2.1")
	wantCode(t, "sign in", err, "")
	wantCode(t, "a second administrator", d.s.ChangeRole(t.Context(), admin, officer, civic.RoleAdministrator, ""), "")
	_, err = d.s.Authenticate(t.Context(), in.Token)
	wantCode(t, "the session from before", err, "actor.not_signed_in")
	wantCode(t, "the first may go now", d.s.Close(t.Context(), admin, admin.User, true), "")
	a, err := d.s.Account(t.Context(), civic.System, officer)
	if err != nil || len(a.History) != 1 || a.History[0].What != "role_changed" || a.History[0].By != admin.User ||
		a.History[0].Detail != "officer "+string(house.Science)+" → administrator " {
		t.Errorf("the history is %+v, %v", a.History, err)
	}
}
