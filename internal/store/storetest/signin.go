package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var signInTests = []test{
	{"a link is used once, and voided with its account", testAccountLinks},
	{"a mail to an account has its job and is settled once", testAccountMails},
	{"a code's step and a recovery code are spent once", testFactors},
	{"a passkey is known once, counts upwards and is its owner's", testPasskeys},
	{"an identity is linked once", testIdentities},
	{"a step of a sign-in is taken once", testSignInSteps},
	{"sessions of an account are listed, the last seen first", testSessionList},
}

func testAccountLinks(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	want := store.AccountLink{TokenHash: [32]byte{1}, User: u.ID, Purpose: store.LinkInvite, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	nobody := store.AccountLink{TokenHash: [32]byte{2}, Purpose: store.LinkReset, CreatedAt: noon, ExpiresAt: noon.Add(time.Minute)}
	third := want
	third.TokenHash = [32]byte{3}
	for _, l := range []store.AccountLink{want, nobody, third} {
		do(t, s, func(tx store.Tx) error { return tx.AccountLinks().Add(t.Context(), l) })
	}
	found := func(hash byte) func(store.Tx) (store.AccountLink, error) {
		return func(tx store.Tx) (store.AccountLink, error) {
			return tx.AccountLinks().Get(t.Context(), [32]byte{hash})
		}
	}
	equal(t, view(t, s, found(1)), want)
	equal(t, view(t, s, found(2)), nobody)
	missing(t, s, errs.NotFound, "link.not_found", found(9))
	for _, first := range []bool{true, false} {
		do(t, s, func(tx store.Tx) error {
			got, err := tx.AccountLinks().Use(t.Context(), [32]byte{1}, noon)
			equal(t, got, first)
			return err
		})
	}
	do(t, s, func(tx store.Tx) error { return tx.AccountLinks().Void(t.Context(), u.ID, noon.Add(time.Second)) })
	equal(t, view(t, s, found(3)).UsedAt, noon.Add(time.Second))
	equal(t, view(t, s, found(1)).UsedAt, noon)
	do(t, s, func(tx store.Tx) error {
		n, err := tx.AccountLinks().RemoveExpired(t.Context(), noon.Add(2*time.Minute))
		equal(t, n, 1)
		return err
	})
}

func testAccountMails(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	want := store.AccountMail{User: u.ID, Kind: "new_device", Nonce: "n", Detail: "Firefox", State: civic.MessageQueued, CreatedAt: noon}
	do(t, s, func(tx store.Tx) (err error) {
		want.ID, err = tx.AccountMails().Add(t.Context(), want)
		return err
	})
	found := func(tx store.Tx) (store.AccountMail, error) { return tx.AccountMails().Get(t.Context(), want.ID) }
	equal(t, view(t, s, found), want)
	jobs := view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), store.JobAccountMail, noon, noon, 10)
	})
	if len(jobs) != 1 || jobs[0].Subject != want.ID {
		t.Errorf("the jobs are %+v", jobs)
	}
	since := func(detail string, from time.Time) int {
		return view(t, s, func(tx store.Tx) (int, error) {
			return tx.AccountMails().Since(t.Context(), u.ID, "new_device", detail, from)
		})
	}
	equal(t, []int{since("Firefox", noon), since("Chrome", noon), since("Firefox", noon.Add(time.Second))}, []int{1, 0, 0})
	for _, first := range []bool{true, false} {
		do(t, s, func(tx store.Tx) error {
			got, err := tx.AccountMails().Settle(t.Context(), want.ID, civic.MessageNotSent, "no_channel", noon.Add(time.Minute))
			equal(t, got, first)
			return err
		})
	}
	want.State, want.Reason, want.SettledAt = civic.MessageNotSent, "no_channel", noon.Add(time.Minute)
	equal(t, view(t, s, found), want)
	refused(t, s, errs.NotFound, "message.not_found", func(tx store.Tx) error {
		_, err := tx.AccountMails().Settle(t.Context(), want.ID+9, civic.MessageSent, "", noon)
		return err
	})
}

func testFactors(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	want := store.TOTP{User: u.ID, Sealed: []byte("sealed"), CreatedAt: noon}
	found := func(tx store.Tx) (store.TOTP, error) { return tx.Factors().TOTP(t.Context(), u.ID) }
	missing(t, s, errs.NotFound, "totp.not_found", found)
	for range 2 { // the second in place of the first
		want.Sealed = append(want.Sealed, '!')
		do(t, s, func(tx store.Tx) error { return tx.Factors().PutTOTP(t.Context(), want) })
	}
	equal(t, view(t, s, found), want)
	spend := func(step int64) (ok bool) {
		do(t, s, func(tx store.Tx) (err error) {
			ok, err = tx.Factors().SpendStep(t.Context(), u.ID, step)
			return err
		})
		return ok
	}
	equal(t, []bool{spend(5), spend(5), spend(4), spend(6)}, []bool{true, false, false, true})
	do(t, s, func(tx store.Tx) error { return tx.Factors().PutRecovery(t.Context(), u.ID, [][32]byte{{1}, {2}}) })
	do(t, s, func(tx store.Tx) error { return tx.Factors().PutRecovery(t.Context(), u.ID, [][32]byte{{3}, {4}}) })
	spendRecovery := func(hash byte) (ok bool) {
		do(t, s, func(tx store.Tx) (err error) {
			ok, err = tx.Factors().SpendRecovery(t.Context(), u.ID, [32]byte{hash}, noon)
			return err
		})
		return ok
	}
	equal(t, []bool{spendRecovery(1), spendRecovery(3), spendRecovery(3)}, []bool{false, true, false})
	equal(t, view(t, s, func(tx store.Tx) (int, error) { return tx.Factors().CountRecovery(t.Context(), u.ID) }), 1)
	do(t, s, func(tx store.Tx) error { return tx.Factors().RemoveTOTP(t.Context(), u.ID) })
	missing(t, s, errs.NotFound, "totp.not_found", found)
	equal(t, view(t, s, func(tx store.Tx) (int, error) { return tx.Factors().CountRecovery(t.Context(), u.ID) }), 1)
	do(t, s, func(tx store.Tx) error { return tx.Factors().RemoveRecovery(t.Context(), u.ID) })
	equal(t, spendRecovery(4), false)
}

func testPasskeys(t *testing.T, s store.Store) {
	u, other := user(t, s, "a@example.vn"), user(t, s, "b@example.vn")
	want := store.Passkey{
		User: u.ID, CredentialID: []byte{0, 1}, PublicKey: []byte{2}, Flags: 0xff, Transports: "usb nfc", SignCount: 1<<32 - 2, Name: "Điện thoại", CreatedAt: noon,
	}
	silent := store.Passkey{User: u.ID, CredentialID: []byte{0, 2}, PublicKey: []byte{3}, Name: "Máy tính", CreatedAt: noon}
	for _, p := range []*store.Passkey{&want, &silent} {
		do(t, s, func(tx store.Tx) (err error) {
			p.ID, err = tx.Passkeys().Add(t.Context(), *p)
			return err
		})
	}
	refused(t, s, errs.Conflict, "passkey.taken", func(tx store.Tx) error {
		taken := want
		taken.User = other.ID
		_, err := tx.Passkeys().Add(t.Context(), taken)
		return err
	})
	found := func(id []byte) func(store.Tx) (store.Passkey, error) {
		return func(tx store.Tx) (store.Passkey, error) { return tx.Passkeys().GetByCredential(t.Context(), id) }
	}
	missing(t, s, errs.NotFound, "passkey.not_found", found([]byte{9}))
	use := func(p store.Passkey, count uint32) (ok bool) {
		do(t, s, func(tx store.Tx) (err error) {
			ok, err = tx.Passkeys().Use(t.Context(), p.ID, count, 5, noon.Add(time.Minute))
			return err
		})
		return ok
	}
	equal(t, []bool{use(want, 1<<32-2), use(want, 3), use(want, 0), use(want, 1<<32-1), use(silent, 0), use(silent, 0)}, []bool{false, false, false, true, true, true})
	want.SignCount, want.Flags, want.UsedAt = 1<<32-1, 5, noon.Add(time.Minute)
	equal(t, view(t, s, found(want.CredentialID)), want)
	for _, when := range []time.Time{noon.Add(time.Hour), noon.Add(2 * time.Hour)} {
		do(t, s, func(tx store.Tx) error { return tx.Passkeys().Doubt(t.Context(), silent.ID, when) })
	}
	equal(t, use(silent, 7), false)
	equal(t, view(t, s, found(silent.CredentialID)).DoubtedAt, noon.Add(time.Hour))
	refused(t, s, errs.NotFound, "passkey.not_found", func(tx store.Tx) error { return tx.Passkeys().Rename(t.Context(), other.ID, want.ID, "x") })
	refused(t, s, errs.NotFound, "passkey.not_found", func(tx store.Tx) error { return tx.Passkeys().Remove(t.Context(), other.ID, want.ID) })
	do(t, s, func(tx store.Tx) error { return tx.Passkeys().Rename(t.Context(), u.ID, want.ID, "Khóa ở nhà") })
	do(t, s, func(tx store.Tx) error { return tx.Passkeys().Remove(t.Context(), u.ID, silent.ID) })
	want.Name = "Khóa ở nhà"
	equal(t, view(t, s, func(tx store.Tx) ([]store.Passkey, error) { return tx.Passkeys().ListUser(t.Context(), u.ID) }), []store.Passkey{want})
	do(t, s, func(tx store.Tx) error { return tx.Passkeys().RemoveUser(t.Context(), u.ID) })
	missing(t, s, errs.NotFound, "passkey.not_found", found(want.CredentialID))
}

func testIdentities(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	want := store.Identity{Issuer: "https://id.example.vn", Subject: "42", User: u.ID, LinkedAt: noon}
	do(t, s, func(tx store.Tx) error { return tx.Identities().Add(t.Context(), want) })
	refused(t, s, errs.Conflict, "identity.taken", func(tx store.Tx) error { return tx.Identities().Add(t.Context(), want) })
	get := func(issuer, subject string) func(store.Tx) (store.Identity, error) {
		return func(tx store.Tx) (store.Identity, error) { return tx.Identities().Get(t.Context(), issuer, subject) }
	}
	equal(t, view(t, s, get(want.Issuer, "42")), want)
	missing(t, s, errs.NotFound, "identity.not_found", get("https://other.example.vn", "42"))
	equal(t, view(t, s, func(tx store.Tx) ([]store.Identity, error) { return tx.Identities().ListUser(t.Context(), u.ID) }), []store.Identity{want})
}

func testSignInSteps(t *testing.T, s store.Store) {
	want := store.SignInStep{TokenHash: [32]byte{1}, Kind: "code", User: user(t, s, "a@example.vn").ID, Data: "x", ExpiresAt: noon}
	later := store.SignInStep{TokenHash: [32]byte{2}, Kind: "provider", ExpiresAt: noon.Add(time.Hour)}
	for _, step := range []store.SignInStep{want, later} {
		do(t, s, func(tx store.Tx) error { return tx.SignInSteps().Add(t.Context(), step) })
	}
	get := func(kind string, hash byte) func(store.Tx) (store.SignInStep, error) {
		return func(tx store.Tx) (store.SignInStep, error) {
			return tx.SignInSteps().Get(t.Context(), kind, [32]byte{hash})
		}
	}
	equal(t, view(t, s, get("code", 1)), want)
	missing(t, s, errs.NotFound, "signin.step_not_found", get("provider", 1))
	for _, first := range []bool{true, false} {
		do(t, s, func(tx store.Tx) error {
			got, err := tx.SignInSteps().Take(t.Context(), [32]byte{1})
			equal(t, got, first)
			return err
		})
	}
	own := store.SignInStep{TokenHash: [32]byte{3}, Kind: "code", User: want.User, ExpiresAt: noon.Add(3 * time.Hour)}
	theirs := store.SignInStep{TokenHash: [32]byte{4}, Kind: "code", User: user(t, s, "b@example.vn").ID, ExpiresAt: noon.Add(3 * time.Hour)}
	do(t, s, func(tx store.Tx) error {
		for _, step := range []store.SignInStep{own, theirs} {
			if err := tx.SignInSteps().Add(t.Context(), step); err != nil {
				return err
			}
		}
		return tx.SignInSteps().RemoveUser(t.Context(), want.User)
	})
	missing(t, s, errs.NotFound, "signin.step_not_found", get("code", 3))
	equal(t, view(t, s, get("code", 4)), theirs)
	do(t, s, func(tx store.Tx) error {
		n, err := tx.SignInSteps().RemoveExpired(t.Context(), noon.Add(2*time.Hour))
		equal(t, n, 1)
		return err
	})
}

func testSessionList(t *testing.T, s store.Store) {
	u, other := user(t, s, "a@example.vn"), user(t, s, "b@example.vn")
	one, two := session(t, s, u, 1, time.Hour), session(t, s, u, 2, time.Hour)
	session(t, s, other, 3, time.Hour)
	two.SeenAt = noon.Add(time.Minute)
	two.How, two.ProvedAt = "code", noon.Add(2*time.Minute)
	do(t, s, func(tx store.Tx) error {
		if err := tx.Sessions().Touch(t.Context(), two.TokenHash, two.SeenAt, two.ExpiresAt); err != nil {
			return err
		}
		return tx.Sessions().Prove(t.Context(), two.TokenHash, two.How, two.ProvedAt)
	})
	equal(t, view(t, s, func(tx store.Tx) ([]store.Session, error) { return tx.Sessions().ListUser(t.Context(), u.ID) }), []store.Session{two, one})
	refused(t, s, errs.NotFound, "session.not_found", func(tx store.Tx) error {
		return tx.Sessions().Prove(t.Context(), [32]byte{9}, "code", noon)
	})
	do(t, s, func(tx store.Tx) error { return tx.Users().SignedIn(t.Context(), u.ID, noon) })
	equal(t, view(t, s, func(tx store.Tx) (civic.User, error) { return tx.Users().Get(t.Context(), u.ID) }).SignedInAt, noon)
}
