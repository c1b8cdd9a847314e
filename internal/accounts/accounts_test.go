package accounts_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// password is the one of every account made here.
const password = "mật khẩu đủ dài 1"

// desk is accounts in a house.
type desk struct {
	*house.House
	s *accounts.Service
}

func newDesk(h *house.House) *desk {
	return &desk{h, &accounts.Service{
		Store: h.Store, Registry: h.Registry, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now, Random: h.Random, Hashing: accounts.NewHashing(2),
	}}
}

// account is one that keeps every rule.
func account() accounts.NewUser {
	return accounts.NewUser{Email: "an@staff.test", Name: "Nguyễn Thị An", Role: civic.RoleOfficer, Agency: house.Science, Password: password}
}

// cheap is the hash of password with the least work there is. A sign-in costs
// what the stored hash says, and what a real one costs is another test's.
var cheap = sync.OnceValues(func() (string, error) {
	return argon2id.CreateHash(password, &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
})

// add stores an account with the cheap hash.
func (d *desk) add(t *testing.T, n accounts.NewUser) civic.UserID {
	t.Helper()
	hash, err := cheap()
	if err != nil {
		t.Fatal(err)
	}
	return d.User(t, civic.User{Email: n.Email, Name: n.Name, Role: n.Role, Agency: n.Agency, PasswordHash: hash}).ID
}

// register adds an account as an administrator does.
func (d *desk) register(t *testing.T, n accounts.NewUser) civic.UserID {
	t.Helper()
	id, err := d.s.Add(t.Context(), civic.System, n)
	if err != nil {
		t.Fatalf("add the account: %v", err)
	}
	return id
}

func (d *desk) signIn(t *testing.T) accounts.SignedIn {
	t.Helper()
	in, err := d.s.SignIn(t.Context(), account().Email, password, "192.0.2.1")
	if err != nil {
		t.Fatalf("sign in: %v", err)
	}
	return in
}

// signedIn reports whether a token still opens the house.
func (d *desk) signedIn(t *testing.T, token string) bool {
	t.Helper()
	_, err := d.s.Authenticate(t.Context(), token)
	if err != nil && errs.KindOf(err) != errs.Unauthenticated {
		t.Errorf("authenticate: %v", err)
	}
	return err == nil
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		d := newDesk(h)
		id := d.register(t, account())
		in, err := d.s.SignIn(t.Context(), "  AN@Staff.Test ", password, "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		if len(in.Token) != 43 || in.User.ID != id || in.User.PasswordHash != "" || !in.ExpiresAt.Equal(house.Morning.Add(12*time.Hour)) {
			t.Errorf("signed in as %+v", in)
		}
		actor, err := d.s.Authenticate(t.Context(), in.Token)
		want := civic.Actor{Kind: civic.ActorStaff, User: id, Name: "Nguyễn Thị An", Role: civic.RoleOfficer, Agency: house.Science}
		if err != nil || actor != want {
			t.Errorf("the actor is %+v, %v", actor, err)
		}
		if again := d.signIn(t); again.Token == in.Token {
			t.Error("two sign-ins share a token")
		}
		for _, token := range []string{"", "x", in.Token + "x", in.Token[:42]} {
			if d.signedIn(t, token) {
				t.Errorf("%q opens the house", token)
			}
		}
	})
}

func TestEveryFailedSignInSaysTheSame(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		d := newDesk(h)
		d.add(t, account())
		closed := account()
		closed.Email = "closed@staff.test"
		d.add(t, closed)
		if err := d.s.SetActive(t.Context(), civic.System, closed.Email, false); err != nil {
			t.Fatal(err)
		}
		first := ""
		for _, tt := range []struct{ name, email, password string }{
			{"a wrong password", account().Email, "sai mật khẩu rồi"},
			{"an unknown account", "nobody@staff.test", password},
			{"a closed account", closed.Email, password},
			{"an account without a name", "", ""},
			{"the decoy's account", "", "AAAAAAAAAAAA"},
			{"an overlong password", account().Email, strings.Repeat("x", accounts.MaxPassword+1)},
			{"an address that no database takes", "an\x00@staff.test", password},
			{"an address that is not UTF-8", "an\xff@staff.test", password},
		} {
			in, err := d.s.SignIn(t.Context(), tt.email, tt.password, "192.0.2.1")
			if errs.KindOf(err) != errs.Unauthenticated || errs.CodeOf(err) != "signin.no_match" || in != (accounts.SignedIn{}) {
				t.Errorf("%s: %+v %v", tt.name, in, err)
				continue
			}
			if first == "" {
				first = err.Error()
			}
			if err.Error() != first {
				t.Errorf("%s says %q, others %q", tt.name, err, first)
			}
		}
	})
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	const idle, whole = 2 * time.Hour, 12 * time.Hour
	tests := []struct {
		name string
		live func(d *desk, token string) // what happens meanwhile
		want bool
	}{
		{"not while it is used", func(d *desk, _ string) { d.Clock.Advance(idle - time.Second) }, true},
		{"when nobody used it for two hours", func(d *desk, _ string) { d.Clock.Advance(idle) }, false},
		{"not when it was used in between", func(d *desk, token string) {
			for range 5 {
				d.Clock.Advance(idle - time.Minute)
				d.s.Authenticate(context.Background(), token) //nolint:errcheck // the end of the test looks
			}
		}, true},
		{"after twelve hours however busy", func(d *desk, token string) {
			for until := house.Morning.Add(whole); d.Clock.Now().Before(until); {
				d.Clock.Advance(time.Hour)
				d.s.Authenticate(context.Background(), token) //nolint:errcheck // the end of the test looks
			}
		}, false},
		{"at sign-out", func(d *desk, token string) { _, _ = d.s.SignOut(context.Background(), token) }, false}, // the end of the test looks
		{"with a new password", func(d *desk, _ string) {
			d.s.SetPassword(context.Background(), civic.System, account().Email, "một mật khẩu khác") //nolint:errcheck // the end of the test looks
		}, false},
		{"when the account is closed", func(d *desk, _ string) {
			d.s.SetActive(context.Background(), civic.System, account().Email, false) //nolint:errcheck // the end of the test looks
		}, false},
		{"not when another's is closed", func(d *desk, _ string) { _, _ = d.s.SignOut(context.Background(), "another") }, true}, // the end of the test looks
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(house.New(t))
			d.add(t, account())
			token := d.signIn(t).Token
			tt.live(d, token)
			if got := d.signedIn(t, token); got != tt.want {
				t.Errorf("signed in: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestExpiredSessionsAreDeleted(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	d.signIn(t)
	d.Clock.Advance(3 * time.Hour)
	fresh := d.signIn(t).Token
	if err := d.s.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !d.signedIn(t, fresh) {
		t.Error("a living session was deleted")
	}
	d.Do(t, func(tx store.Tx) error {
		n, err := tx.Sessions().RemoveExpired(t.Context(), d.Clock.Now())
		if n != 0 {
			t.Errorf("%d were left", n)
		}
		return err
	})
}

func TestSignInTriesAreLimited(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	hashing := d.s.Hashing
	d.s.Hashing = nil // a try over the limit must not cost a hash: this would wait for ever
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 10 {
		d.s.SignIn(ctx, account().Email, "sai mật khẩu rồi", "192.0.2.1") //nolint:errcheck // only to be counted
	}
	_, err := d.s.SignIn(t.Context(), strings.ToUpper(account().Email), password, "192.0.2.1")
	if errs.KindOf(err) != errs.RateLimited || errs.CodeOf(err) != "signin.too_many_tries" || errs.RetryAfterOf(err) != 30*time.Second {
		t.Errorf("the eleventh try: %v", err)
	}
	d.s.Hashing = hashing
	d.Clock.Advance(30 * time.Second)
	if _, err := d.s.SignIn(t.Context(), account().Email, password, "192.0.2.1"); err != nil {
		t.Errorf("half a minute later: %v", err)
	}
}

func TestOneAddressCannotTryManyAccounts(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // no hash is made
	d.s.Hashing = nil
	for i := range 50 {
		d.s.SignIn(ctx, "user"+string(rune('a'+i%26))+string(rune('a'+i/26))+"@staff.test", password, "192.0.2.1") //nolint:errcheck // only to be counted
	}
	if _, err := d.s.SignIn(ctx, "last@staff.test", password, "192.0.2.1"); errs.KindOf(err) != errs.RateLimited {
		t.Errorf("the 51st account: %v", err)
	}
	if _, err := d.s.SignIn(ctx, "last@staff.test", password, "192.0.2.2"); errs.KindOf(err) == errs.RateLimited {
		t.Errorf("another address: %v", err)
	}
}

func TestAddNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	tests := []struct {
		name   string
		change func(*accounts.NewUser)
		want   string
	}{
		{"everything wrong", func(n *accounts.NewUser) { *n = accounts.NewUser{} }, "email name role password"},
		{"an officer of nowhere", func(n *accounts.NewUser) { n.Agency = "" }, "agency"},
		{"an unknown agency", func(n *accounts.NewUser) { n.Agency = "nowhere" }, "agency"},
		{"an unknown role", func(n *accounts.NewUser) { n.Role = "minister" }, "role"},
		{"a short password", func(n *accounts.NewUser) { n.Password = strings.Repeat("ệ", accounts.MinPassword-1) }, "password"},
		{"a name of nothing visible", func(n *accounts.NewUser) { n.Name = " \u200b\x00" }, "name"},
	}
	for _, tt := range tests {
		n := account()
		tt.change(&n)
		_, err := d.s.Add(t.Context(), civic.System, n)
		var got []string
		for _, f := range errs.FieldsOf(err) {
			got = append(got, f.Name)
		}
		if s := strings.Join(got, " "); s != tt.want || errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %q, want %q (%v)", tt.name, s, tt.want, err)
		}
	}
	d.register(t, accounts.NewUser{Email: "c@staff.test", Name: "C", Role: civic.RoleCoordinator, Password: strings.Repeat("ệ", accounts.MinPassword-5) + "một hai ba"})
	d.add(t, account())
	again := account()
	again.Email = "AN@STAFF.TEST"
	if _, err := d.s.Add(t.Context(), civic.System, again); errs.KindOf(err) != errs.Conflict || errs.CodeOf(err) != "user.email_taken" {
		t.Errorf("a taken address: %v", err)
	}
}

func TestOnlyAdministratorsManageAccounts(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	for _, role := range civic.Roles {
		actor := d.Staff(t, role, house.Science)
		n := account()
		n.Email = string(role) + "@new.test"
		_, addErr := d.s.Add(t.Context(), actor, n)
		_, listErr := d.s.List(t.Context(), actor)
		for act, err := range map[string]error{
			"add": addErr, "list": listErr, "close": d.s.SetActive(t.Context(), actor, account().Email, true),
			"set a password": d.s.SetPassword(t.Context(), actor, account().Email, "một mật khẩu khác"),
		} {
			want := role == civic.RoleAdministrator || role == civic.RoleAuditor && act == "list"
			if (err == nil) != want || !want && errs.KindOf(err) != errs.Forbidden {
				t.Errorf("%s may %s: %v", role, act, err)
			}
		}
	}
	if _, err := d.s.List(t.Context(), civic.Public); errs.KindOf(err) != errs.Unauthenticated {
		t.Errorf("the public lists accounts: %v", err)
	}
}

func (dry) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

// TestTokensOfPrograms: a token is shown once, carries what it was made for,
// and ends by time, by revocation and with its account.
func TestTokensOfPrograms(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	admin := d.Staff(t, civic.RoleAdministrator, "")
	service, err := d.s.Add(t.Context(), admin, accounts.NewUser{Email: "cong@dich.vu", Name: "Cổng dịch vụ công", Role: civic.RoleService, Agency: house.Science})
	if err != nil {
		t.Fatal(err)
	}
	day := d.Clock.Now().Add(24 * time.Hour)
	good := accounts.NewToken{Account: service, Name: "Đồng bộ", Scopes: []civic.Permission{civic.SeeQueue, civic.SeeCase}, ExpiresAt: day}
	issue := func(who civic.Actor, edit func(*accounts.NewToken)) (string, error) {
		n := good
		if edit != nil {
			edit(&n)
		}
		return d.s.IssueToken(t.Context(), who, n)
	}
	for name, tt := range map[string]struct {
		who  civic.Actor
		edit func(*accounts.NewToken)
		want errs.Kind
	}{
		"an officer issues none":         {d.Staff(t, civic.RoleOfficer, house.Science), nil, errs.Forbidden},
		"a person gets none":             {admin, func(n *accounts.NewToken) { n.Account = admin.User }, errs.Conflict},
		"one that approves is not made":  {admin, func(n *accounts.NewToken) { n.Scopes = []civic.Permission{civic.ApproveCase} }, errs.Invalid},
		"one that may nothing is not":    {admin, func(n *accounts.NewToken) { n.Scopes = nil }, errs.Invalid},
		"one for ever is not":            {admin, func(n *accounts.NewToken) { n.ExpiresAt = day.AddDate(2, 0, 0) }, errs.Invalid},
		"one that is over is not":        {admin, func(n *accounts.NewToken) { n.ExpiresAt = d.Clock.Now() }, errs.Invalid},
		"one without a name is not made": {admin, func(n *accounts.NewToken) { n.Name = " " }, errs.Invalid},
	} {
		if _, err := issue(tt.who, tt.edit); err == nil || errs.KindOf(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	token, err := issue(admin, nil)
	if err != nil {
		t.Fatal(err)
	}
	actor, err := d.s.AuthenticateCaller(t.Context(), token)
	if err != nil || !actor.May(civic.SeeCase) || actor.May(civic.HandleCase) || !actor.Bound() || actor.Agency != house.Science {
		t.Fatalf("the program is %+v, %v", actor, err)
	}
	if _, err := d.s.Authenticate(t.Context(), token); errs.KindOf(err) != errs.Unauthenticated {
		t.Errorf("a token opens a page: %v", err)
	}
	list, err := d.s.Tokens(t.Context(), admin)
	if err != nil || len(list) != 1 || !list[0].UsedAt.Equal(d.Clock.Now()) || list[0].TokenHash != [32]byte{} {
		t.Fatalf("the list is %+v, %v", list, err)
	}
	for agency, want := range map[civic.AgencyCode]int{"": 1, house.Science: 1, house.Education: 0} {
		seen, err := d.s.Tokens(t.Context(), d.Staff(t, civic.RoleAuditor, agency))
		if err != nil || len(seen) != want {
			t.Errorf("an auditor of %q sees %d tokens, wants %d: %v", agency, len(seen), want, err)
		}
	}
	closedFor := func(why, token string) {
		t.Helper()
		if _, err := d.s.AuthenticateCaller(t.Context(), token); errs.KindOf(err) != errs.Unauthenticated || err == nil {
			t.Errorf("%s: %v", why, err)
		}
	}
	second, err := issue(admin, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.s.RevokeToken(t.Context(), admin, list[0].ID); err != nil {
		t.Fatal(err)
	}
	closedFor("a revoked token", token)
	closedFor("an invented token", "hks_"+second)
	if err := d.s.SetActive(t.Context(), admin, "cong@dich.vu", false); err != nil {
		t.Fatal(err)
	}
	closedFor("a token of a closed account", second)
	if err := d.s.SetActive(t.Context(), admin, "cong@dich.vu", true); err != nil {
		t.Fatal(err)
	}
	if _, err := d.s.AuthenticateCaller(t.Context(), second); err != nil {
		t.Error(err)
	}
	d.Clock.Set(day)
	closedFor("a token that is over", second)
	if err := d.s.SetPassword(t.Context(), admin, "cong@dich.vu", "một mật khẩu rất dài"); errs.KindOf(err) != errs.Conflict {
		t.Errorf("a program gets a password: %v", err)
	}
}
