package accounts_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
)

const keyOrigin = "https://hienke.example.vn"

// withPasskeys is a desk that takes passkeys, and a device.
func withPasskeys(t *testing.T, h *house.House) (*desk, *testkit.Authenticator) {
	t.Helper()
	d := newDesk(h)
	var err error
	if d.s.Passkeys, err = accounts.NewPasskeys(keyOrigin, true); err != nil || !d.s.Passkeys.SignsIn() {
		t.Fatalf("passkeys: %v", err)
	}
	return d, &testkit.Authenticator{Origin: keyOrigin, RPID: "hienke.example.vn", Verifies: true}
}

// enrol gives an account a passkey of the device and returns its recovery codes.
func (d *desk) enrol(t *testing.T, in accounts.SignedIn, device *testkit.Authenticator) []string {
	t.Helper()
	me, err := d.s.Authenticate(t.Context(), in.Token)
	wantCode(t, "authenticate", err, "")
	asked, err := d.s.BeginPasskey(t.Context(), me, password)
	wantCode(t, "ask for a passkey", err, "")
	codes, err := d.s.ConfirmPasskey(t.Context(), me, in.Token, accounts.NewPasskey{Step: asked.Step, Name: "Điện thoại", Response: device.Create(t, asked.Options).JSON()})
	wantCode(t, "confirm a passkey", err, "")
	return codes
}

// byPasskey signs in with a passkey alone; bend makes the answer what a forger
// would send.
func (d *desk) byPasskey(t *testing.T, device *testkit.Authenticator, bend func(testkit.AuthenticatorResponse)) (accounts.SignedIn, error) {
	t.Helper()
	asked, err := d.s.BeginPasskeySignIn(t.Context(), "192.0.2.1")
	wantCode(t, "ask for a passkey", err, "")
	answer := device.Get(t, asked.Options)
	if bend != nil {
		bend(answer)
	}
	return d.s.FinishPasskeySignIn(t.Context(), asked.Step, answer.JSON(), accounts.Attempt{Client: "192.0.2.1"})
}

func attempt(code string) accounts.Attempt {
	return accounts.Attempt{Email: account().Email, Password: password, Code: code, Client: "192.0.2.1"}
}

func TestAPasskeyIsASecondFactorAndASignIn(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		d, device := withPasskeys(t, h)
		d.s.Policy.SecondFactor = []civic.Role{civic.RoleOfficer}
		id := d.add(t, account())
		in := d.signIn(t)
		me, err := d.s.Authenticate(t.Context(), in.Token)
		if err != nil || !me.Unproven || me.May(civic.SeeQueue) {
			t.Fatalf("with a password alone: %+v, %v", me, err)
		}
		_, err = d.s.BeginPasskey(t.Context(), me, "sai mật khẩu rồi")
		wantCode(t, "without the password", err, "input.invalid")
		codes := d.enrol(t, in, device)
		if len(codes) != 10 {
			t.Fatalf("%d recovery codes", len(codes))
		}
		me, err = d.s.Authenticate(t.Context(), in.Token)
		if err != nil || me.Unproven || !me.May(civic.SeeQueue) {
			t.Errorf("with a passkey: %+v, %v", me, err)
		}
		if m, _ := d.lastMail(t); m.Kind != accounts.MailFactors || m.User != id {
			t.Errorf("the owner is told %+v", m)
		}

		_, err = d.s.Enter(t.Context(), attempt(""))
		wantCode(t, "the password alone", err, "signin.code_required")
		_, err = d.s.Enter(t.Context(), attempt("123456"))
		wantCode(t, "an invented code", err, "signin.code_wrong")
		asked, err := d.s.BeginSecond(t.Context(), attempt(""))
		wantCode(t, "begin the second step", err, "")
		if again, err := d.s.Second(t.Context(), asked.Step); err != nil || again != asked {
			t.Errorf("the step that waits is %+v, %v", again, err)
		}
		in, err = d.s.FinishWithPasskey(t.Context(), asked.Step, device.Get(t, asked.Options).JSON(), attempt(""))
		wantCode(t, "password and passkey", err, "")
		if me, err = d.s.Authenticate(t.Context(), in.Token); err != nil || me.Unproven {
			t.Errorf("password and passkey: %+v, %v", me, err)
		}
		d.Clock.Advance(time.Hour)
		in, err = d.byPasskey(t, device, nil)
		if err != nil || in.User.ID != id || in.Known == "" {
			t.Fatalf("the passkey alone: %+v, %v", in, err)
		}
		if me, err = d.s.Authenticate(t.Context(), in.Token); err != nil || me.Unproven {
			t.Errorf("the passkey alone: %+v, %v", me, err)
		}
		_, err = d.s.Enter(t.Context(), attempt(codes[0]))
		wantCode(t, "a recovery code, for who lost the device", err, "")
		_, err = d.s.Enter(t.Context(), attempt(codes[0]))
		wantCode(t, "the same once more", err, "signin.code_wrong")

		own, err := d.s.Own(t.Context(), me)
		if err != nil || len(own.Passkeys) != 1 || own.Codes || !own.Passkeys[0].UsedAt.Equal(d.Clock.Now()) || own.Passkeys[0].SignCount != 2 {
			t.Fatalf("the account is %+v, %v", own, err)
		}
		key := own.Passkeys[0].ID
		other := d.Staff(t, civic.RoleOfficer, house.Science)
		wantCode(t, "rename somebody else's", d.s.RenamePasskey(t.Context(), other, key, "x"), "passkey.not_found")
		wantCode(t, "no name", d.s.RenamePasskey(t.Context(), me, key, "  "), "input.invalid")
		wantCode(t, "rename", d.s.RenamePasskey(t.Context(), me, key, "Khóa ở nhà"), "")
		wantCode(t, "remove without the password", d.s.RemovePasskey(t.Context(), me, key, "sai mật khẩu rồi"), "input.invalid")
		wantCode(t, "remove", d.s.RemovePasskey(t.Context(), me, key, password), "")
		_, err = d.s.Authenticate(t.Context(), in.Token)
		wantCode(t, "a session from before", err, "actor.not_signed_in")
		_, err = d.byPasskey(t, device, nil)
		wantCode(t, "a removed passkey", err, "passkey.refused")
		if left, err := d.s.RecoveryLeft(t.Context(), me); left != 0 || err != nil {
			t.Errorf("%d recovery codes stay without a factor, %v", left, err)
		}
	})
}

// TestCodesAndPasskeysStandBesideEachOther: neither takes the other away, and
// who lost all of them gets in by an administrator alone.
func TestCodesAndPasskeysStandBesideEachOther(t *testing.T) {
	t.Parallel()
	d, device := withPasskeys(t, house.New(t))
	id := d.add(t, account())
	d.enrol(t, d.signIn(t), device)
	in, err := d.byPasskey(t, device, nil)
	wantCode(t, "sign in", err, "")
	secret := d.enrolCodes(t, in.Token)
	_, err = d.s.Enter(t.Context(), attempt(codeAt(t, secret, d.Clock.Now().Add(30*time.Second))))
	wantCode(t, "a code", err, "")
	me, err := d.s.Authenticate(t.Context(), in.Token)
	wantCode(t, "authenticate", err, "")
	wantCode(t, "switch codes off", d.s.RemoveCodes(t.Context(), me, password), "")
	if left, err := d.s.RecoveryLeft(t.Context(), me); left != 10 || err != nil {
		t.Errorf("%d recovery codes beside the passkey, %v", left, err)
	}
	_, err = d.s.Enter(t.Context(), attempt(""))
	wantCode(t, "the password alone", err, "signin.code_required")
	admin := d.Staff(t, civic.RoleAdministrator, "")
	wantCode(t, "an administrator takes the factors away", d.s.ResetFactors(t.Context(), admin, id), "")
	_, err = d.byPasskey(t, device, nil)
	wantCode(t, "the passkey", err, "passkey.refused")
	_, err = d.s.Enter(t.Context(), attempt(""))
	wantCode(t, "the password alone", err, "")
}

func TestWhatAForgedPasskeyDoesNotGet(t *testing.T) {
	t.Parallel()
	d, device := withPasskeys(t, house.New(t))
	d.add(t, account())
	in := d.signIn(t)
	me, err := d.s.Authenticate(t.Context(), in.Token)
	wantCode(t, "authenticate", err, "")
	phish := &testkit.Authenticator{Origin: "https://hienke.example.vn.evil.example", RPID: "hienke.example.vn", Verifies: true}
	begin := func() accounts.Ceremony {
		d.Clock.Advance(time.Minute) // the limit of confirmed passwords
		asked, err := d.s.BeginPasskey(t.Context(), me, password)
		wantCode(t, "ask for a passkey", err, "")
		return asked
	}
	confirm := func(who civic.Actor, step, response string) error {
		_, err := d.s.ConfirmPasskey(t.Context(), who, in.Token, accounts.NewPasskey{Step: step, Name: "Khóa", Response: response})
		return err
	}
	asked := begin()
	wantCode(t, "made at another address", confirm(me, asked.Step, phish.Create(t, asked.Options).JSON()), "passkey.refused")
	wantCode(t, "the challenge once more", confirm(me, asked.Step, device.Create(t, asked.Options).JSON()), "signin.step_over")
	other := d.Staff(t, civic.RoleOfficer, house.Science)
	asked = begin()
	wantCode(t, "for somebody else's account", confirm(other, asked.Step, device.Create(t, asked.Options).JSON()), "signin.step_over")
	first := begin()
	asked = begin()
	wantCode(t, "for another challenge", confirm(me, asked.Step, device.Create(t, first.Options).JSON()), "passkey.refused")
	wantCode(t, "no JSON", confirm(me, begin().Step, "x"), "passkey.refused")
	asked = begin()
	d.Clock.Advance(5 * time.Minute)
	wantCode(t, "too late", confirm(me, asked.Step, device.Create(t, asked.Options).JSON()), "signin.step_over")
	asked = begin()
	made := device.Create(t, asked.Options).JSON()
	wantCode(t, "honest", confirm(me, asked.Step, made), "")

	for name, bend := range map[string]func(testkit.AuthenticatorResponse){
		"a bent signature": func(r testkit.AuthenticatorResponse) {
			inner := r["response"].(map[string]any)
			inner["signature"] = strings.Replace(inner["signature"].(string), inner["signature"].(string)[10:14], "AAAA", 1)
		},
		"another owner":         func(r testkit.AuthenticatorResponse) { r["response"].(map[string]any)["userHandle"] = "AAAA" },
		"no owner":              func(r testkit.AuthenticatorResponse) { r["response"].(map[string]any)["userHandle"] = "" },
		"an unknown credential": func(r testkit.AuthenticatorResponse) { r["id"], r["rawId"] = "AAAA", "AAAA" },
	} {
		_, err := d.byPasskey(t, device, bend)
		wantCode(t, name, err, "passkey.refused")
	}
	device.Origin = phish.Origin
	_, err = d.byPasskey(t, device, nil)
	wantCode(t, "proved at another address", err, "passkey.refused")
	device.Origin, device.RPID = keyOrigin, "evil.example"
	_, err = d.byPasskey(t, device, nil)
	wantCode(t, "bound to another name", err, "passkey.refused")
	device.RPID, device.Verifies = "hienke.example.vn", false
	_, err = d.byPasskey(t, device, nil)
	wantCode(t, "the device did not check its owner", err, "passkey.refused")
	device.Verifies = true

	signIn, err := d.s.BeginPasskeySignIn(t.Context(), "192.0.2.1")
	wantCode(t, "ask", err, "")
	answer := device.Get(t, signIn.Options).JSON()
	finish := func(step string) error {
		_, err := d.s.FinishPasskeySignIn(t.Context(), step, answer, accounts.Attempt{Client: "192.0.2.1"})
		return err
	}
	wantCode(t, "honest", finish(signIn.Step), "")
	wantCode(t, "the answer once more", finish(signIn.Step), "signin.step_over")
	signIn, err = d.s.BeginPasskeySignIn(t.Context(), "192.0.2.1")
	wantCode(t, "ask", err, "")
	wantCode(t, "the answer to another challenge", finish(signIn.Step), "passkey.refused")
}

// TestAPasskeyOpensItsOwnersDoorAlone tries the passkey of one account on the
// sign-in of another, and on doors that are closed.
func TestAPasskeyOpensItsOwnersDoorAlone(t *testing.T) {
	t.Parallel()
	d, device := withPasskeys(t, house.New(t))
	id := d.add(t, account())
	d.enrol(t, d.signIn(t), device)
	thief := account()
	thief.Email = "binh@staff.test"
	d.add(t, thief)
	own := &testkit.Authenticator{Origin: keyOrigin, RPID: "hienke.example.vn", Verifies: true}
	in, err := d.s.SignIn(t.Context(), thief.Email, password, "192.0.2.1")
	wantCode(t, "sign in", err, "")
	d.enrol(t, in, own)
	asked, err := d.s.BeginSecond(t.Context(), attempt(""))
	wantCode(t, "begin", err, "")
	_, err = d.s.FinishWithPasskey(t.Context(), asked.Step, own.Get(t, asked.Options).JSON(), attempt(""))
	wantCode(t, "a passkey of another account", err, "passkey.refused")
	signIn, err := d.s.BeginPasskeySignIn(t.Context(), "192.0.2.1")
	wantCode(t, "ask", err, "")
	_, err = d.s.FinishWithPasskey(t.Context(), signIn.Step, device.Get(t, signIn.Options).JSON(), attempt(""))
	wantCode(t, "a challenge of another kind", err, "signin.step_over")

	d.s.Passkeys.Alone = false
	_, err = d.s.BeginPasskeySignIn(t.Context(), "192.0.2.1")
	wantCode(t, "where the policy wants a password", err, "passkey.off")
	_, err = d.s.FinishPasskeySignIn(t.Context(), signIn.Step, "", accounts.Attempt{})
	wantCode(t, "where the policy wants a password", err, "passkey.off")
	asked, err = d.s.BeginSecond(t.Context(), attempt(""))
	wantCode(t, "begin", err, "")
	_, err = d.s.FinishWithPasskey(t.Context(), asked.Step, device.Get(t, asked.Options).JSON(), attempt(""))
	wantCode(t, "beside the password", err, "")
	d.s.Passkeys = nil
	asked, err = d.s.BeginSecond(t.Context(), attempt(""))
	if err != nil || asked.Options != "" {
		t.Errorf("where passkeys are off, one is asked for: %+v, %v", asked, err)
	}
	if d.s.Passkeys, err = accounts.NewPasskeys(keyOrigin, true); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "close", d.s.Close(t.Context(), civic.System, id, true), "")
	_, err = d.byPasskey(t, device, nil)
	wantCode(t, "a closed account", err, "passkey.refused")
}

func TestAPasskeyOfWhichThereIsACopyOpensNothing(t *testing.T) {
	t.Parallel()
	d, device := withPasskeys(t, house.New(t))
	id := d.add(t, account())
	codes := d.enrol(t, d.signIn(t), device)
	for range 3 {
		_, err := d.byPasskey(t, device, nil)
		wantCode(t, "the owner", err, "")
	}
	device.Count = 1 // the copy was taken earlier
	_, err := d.byPasskey(t, device, nil)
	wantCode(t, "the copy", err, "passkey.doubted")
	if m, _ := d.lastMail(t); m.Kind != accounts.MailPasskey || m.User != id || m.Detail != "Điện thoại" {
		t.Errorf("the owner is told %+v", m)
	}
	told := len(d.mails(t))
	device.Count = 50
	_, err = d.byPasskey(t, device, nil)
	wantCode(t, "either of them later", err, "passkey.doubted")
	if n := len(d.mails(t)); n != told {
		t.Errorf("the owner is told %d times", n-told+1)
	}
	asked, err := d.s.BeginSecond(t.Context(), attempt(""))
	if err != nil || asked.Options != "" {
		t.Errorf("the doubted passkey is asked for: %+v, %v", asked, err)
	}
	in, err := d.s.Enter(t.Context(), attempt(codes[3]))
	wantCode(t, "password and recovery code", err, "")
	me, err := d.s.Authenticate(t.Context(), in.Token)
	wantCode(t, "authenticate", err, "")
	own, err := d.s.Own(t.Context(), me)
	if err != nil || own.Passkeys[0].DoubtedAt.IsZero() || own.History[0].What != "passkey_doubted" {
		t.Errorf("the account is %+v, %v", own, err)
	}
	silent := &testkit.Authenticator{Origin: keyOrigin, RPID: "hienke.example.vn", Verifies: true, Silent: true}
	d.Clock.Advance(time.Hour)
	if in, err = d.s.Enter(t.Context(), attempt(codes[4])); err != nil {
		t.Fatal(err)
	}
	d.enrol(t, in, silent)
	for range 2 {
		_, err := d.byPasskey(t, silent, nil)
		wantCode(t, "a device that does not count", err, "")
	}
}

func TestPasskeysWorkAtOneSuitableAddress(t *testing.T) {
	t.Parallel()
	for address, ready := range map[string]bool{
		"https://hienke.example.vn": true, "https://hienke.example.vn:8443": true, "http://localhost:8080": true,
		"http://hienke.example.vn": false, "http://127.0.0.1:8080": false, "https://192.0.2.7": false, "https://[2001:db8::1]": false,
	} {
		p, err := accounts.NewPasskeys(address, true)
		if err != nil || p.Ready() != ready || p.Origin != address {
			t.Errorf("%s: %+v, %v", address, p, err)
		}
	}
	d, _ := withPasskeys(t, house.New(t))
	d.s.Passkeys, _ = accounts.NewPasskeys("http://127.0.0.1:8080", true)
	_, err := d.s.BeginPasskey(t.Context(), d.Staff(t, civic.RoleOfficer, house.Science), password)
	if errs.KindOf(err) != errs.NotFound {
		t.Errorf("at an address that browsers refuse: %v", err)
	}
	var none *accounts.Passkeys
	if none.Ready() || none.SignsIn() {
		t.Error("no passkeys are ready")
	}
}

// enrolCodes switches codes on for who holds a session, and returns the secret.
func (d *desk) enrolCodes(t *testing.T, token string) string {
	t.Helper()
	me, err := d.s.Authenticate(t.Context(), token)
	wantCode(t, "authenticate", err, "")
	wantCode(t, "begin codes", d.s.BeginCodes(t.Context(), me, password), "")
	pending, err := d.s.PendingCodes(t.Context(), me)
	wantCode(t, "pending codes", err, "")
	_, err = d.s.ConfirmCodes(t.Context(), me, token, codeAt(t, pending.Secret, d.Clock.Now()))
	wantCode(t, "confirm codes", err, "")
	return pending.Secret
}
