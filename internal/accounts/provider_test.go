package accounts_test

import (
	"testing"
	"time"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
)

// abroad is a desk with a provider of identities.
type abroad struct {
	*desk
	p *testkit.Provider
}

func newAbroad(t *testing.T) *abroad {
	t.Helper()
	d := newDesk(house.New(t))
	p := testkit.NewProvider(t, d.Clock.Now)
	groups, err := accounts.ParseGroups([]string{"hienke-admins=administrator", "khcn-chuyenvien=officer@" + string(house.Science), "khcn-lanhdao=lead@" + string(house.Science)})
	if err != nil {
		t.Fatal(err)
	}
	d.s.Provider = &accounts.Provider{
		Issuer: p.URL, ClientID: p.ClientID, ClientSecret: p.ClientSecret, RedirectURL: "https://hienke.example.vn/staff/provider/back",
		GroupsClaim: "groups", Groups: groups,
	}
	return &abroad{d, p}
}

// person is somebody whom the provider knows.
func person(edit func(*testkit.Identity)) testkit.Identity {
	who := testkit.Identity{Subject: "s-1", Email: "Hoa@Co.Quan", Name: "Lê Thị Hoa", Verified: true, Groups: []string{"moi-nguoi", "khcn-chuyenvien"}}
	if edit != nil {
		edit(&who)
	}
	return who
}

// enter goes the whole way.
func (a *abroad) enter(t *testing.T, who testkit.Identity, lie testkit.Lie) (accounts.SignedIn, error) {
	t.Helper()
	a.p.SetPerson(who, lie)
	address, kept, err := a.s.BeginProvider(t.Context(), "/staff/queue?q=1")
	if err != nil {
		return accounts.SignedIn{}, err
	}
	state, code := a.p.Visit(t, address)
	in, next, err := a.s.FinishProvider(t.Context(), state, kept, code, accounts.Attempt{Client: "192.0.2.1"})
	if err == nil && next != "/staff/queue?q=1" {
		t.Errorf("it leads to %q", next)
	}
	return in, err
}

func TestAProviderOfIdentities(t *testing.T) {
	t.Parallel()
	a := newAbroad(t)
	in, err := a.enter(t, person(nil), testkit.Honest)
	if err != nil || in.User.Email != "hoa@co.quan" || in.User.Role != civic.RoleOfficer || in.User.Agency != house.Science {
		t.Fatalf("the first time: %+v, %v", in.User, err)
	}
	again, err := a.enter(t, person(func(i *testkit.Identity) { i.Email, i.Groups = "doi@co.quan", []string{"khcn-lanhdao"} }), testkit.Honest)
	if err != nil || again.User.ID != in.User.ID || again.User.Role != civic.RoleLead || again.User.Email != "hoa@co.quan" {
		t.Errorf("with another address and group: %+v, %v", again.User, err)
	}
	_, err = a.s.Authenticate(t.Context(), in.Token)
	wantCode(t, "the session with the old role", err, "actor.not_signed_in")
	me, err := a.s.Authenticate(t.Context(), again.Token)
	if err != nil || !me.May(civic.ApproveCase) {
		t.Errorf("the session with the new role: %+v, %v", me, err)
	}
	wantCode(t, "ask for a password", a.s.RequestReset(t.Context(), "hoa@co.quan", "192.0.2.1"), "")
	if m, _ := a.lastMail(t); m.User != 0 {
		t.Errorf("who comes by a provider gets a link for a password: %+v", m)
	}
	wantCode(t, "invite who comes by a provider", a.s.InviteAgain(t.Context(), civic.System, in.User.ID), "user.not_invited")
	a.p.Rotate(t)
	_, err = a.enter(t, person(nil), testkit.Honest)
	wantCode(t, "with a new key of the provider", err, "")
	wantCode(t, "close", a.s.Close(t.Context(), civic.System, in.User.ID, true), "")
	_, err = a.enter(t, person(nil), testkit.Honest)
	wantCode(t, "a closed account", err, "provider.closed")
}

// TestWhoLeftEveryGroupIsOutAtTheNextSignIn: the sessions that were open in other
// browsers end with the attempt.
func TestWhoLeftEveryGroupIsOutAtTheNextSignIn(t *testing.T) {
	t.Parallel()
	a := newAbroad(t)
	in, err := a.enter(t, person(nil), testkit.Honest)
	wantCode(t, "the first time", err, "")
	other, err := a.enter(t, person(func(i *testkit.Identity) { i.Subject, i.Email = "s-2", "nam@co.quan" }), testkit.Honest)
	wantCode(t, "a colleague", err, "")
	_, err = a.enter(t, person(func(i *testkit.Identity) { i.Groups = []string{"moi-nguoi"} }), testkit.Honest)
	wantCode(t, "in no group of ours any more", err, "provider.no_group")
	_, err = a.s.Authenticate(t.Context(), in.Token)
	wantCode(t, "a session from before", err, "actor.not_signed_in")
	_, err = a.s.Authenticate(t.Context(), other.Token)
	wantCode(t, "the session of the colleague", err, "")
}

func TestAGroupOfAnAgencyThatEndedGivesARightAtItsSuccessor(t *testing.T) {
	t.Parallel()
	a := newAbroad(t)
	for i := range a.Registry.Agencies {
		if g := &a.Registry.Agencies[i]; g.Code == house.Science {
			g.Valid.Until, g.Successors = a.Clock.Now(), []civic.AgencyCode{house.Education}
		}
	}
	a.Clock.Advance(time.Minute)
	leads := person(func(i *testkit.Identity) { i.Groups = []string{"khcn-lanhdao"} })
	in, err := a.enter(t, leads, testkit.Honest)
	if err != nil || in.User.Agency != house.Education || in.User.Role != civic.RoleApprover {
		t.Fatalf("the first time: %+v, %v", in.User, err)
	}
	wantCode(t, "let that person lead", a.s.ChangeRole(t.Context(), civic.System, in.User.ID, civic.RoleLead, house.Education), "")
	if in, err = a.enter(t, leads, testkit.Honest); err != nil || in.User.Role != civic.RoleLead {
		t.Errorf("after an administrator decided: %+v, %v", in.User, err)
	}
}

func TestWhatAProviderMustNotGetAwayWith(t *testing.T) {
	t.Parallel()
	a := newAbroad(t)
	for _, lie := range []testkit.Lie{testkit.WrongNonce, testkit.WrongAudience, testkit.WrongIssuer, testkit.Expired, testkit.WrongKey, testkit.NoSignature} {
		_, err := a.enter(t, person(nil), lie)
		wantCode(t, "a wrong "+string(lie), err, "provider.refused")
	}
	_, err := a.enter(t, person(func(i *testkit.Identity) { i.Groups = []string{"moi-nguoi"} }), testkit.Honest)
	wantCode(t, "no group of ours", err, "provider.no_group")
	_, err = a.enter(t, person(func(i *testkit.Identity) { i.Verified = false }), testkit.Honest)
	wantCode(t, "an address that is not verified", err, "provider.unverified")
	a.add(t, account())
	_, err = a.enter(t, person(func(i *testkit.Identity) { i.Email, i.Groups = account().Email, []string{"hienke-admins"} }), testkit.Honest)
	wantCode(t, "the address of another account", err, "provider.email_taken")
	users, err := a.s.List(t.Context(), civic.System)
	if err != nil || len(users) != 1 || users[0].Role != civic.RoleOfficer {
		t.Errorf("the accounts are %+v, %v", users, err)
	}
}

func TestEachStateAndCodeIsGoodOnceAndInOneBrowser(t *testing.T) {
	t.Parallel()
	a := newAbroad(t)
	a.p.SetPerson(person(nil), testkit.Honest)
	begin := func() (state, kept, code string) {
		address, kept, err := a.s.BeginProvider(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		state, code = a.p.Visit(t, address)
		return state, kept, code
	}
	finish := func(state, kept, code string) error {
		_, _, err := a.s.FinishProvider(t.Context(), state, kept, code, accounts.Attempt{})
		return err
	}
	state, kept, code := begin()
	wantCode(t, "another browser", finish(state, "", code), "provider.refused")
	wantCode(t, "an invented state", finish("x", "x", code), "signin.step_over")
	wantCode(t, "the right one", finish(state, kept, code), "")
	wantCode(t, "the state twice", finish(state, kept, code), "signin.step_over")
	other, otherKept, _ := begin()
	wantCode(t, "the code twice", finish(other, otherKept, code), "provider.refused")
	state, kept, _ = begin()
	_, _, stolen := begin()
	wantCode(t, "the code of another browser, whose verifier is missing", finish(state, kept, stolen), "provider.refused")
	state, kept, code = begin()
	a.Clock.Advance(5 * time.Minute)
	wantCode(t, "too late", finish(state, kept, code), "signin.step_over")
	a.p.Close()
	a.s.Provider = &accounts.Provider{Issuer: a.p.URL, ClientID: "x", ClientSecret: "x", RedirectURL: "x"}
	if _, _, err := a.s.BeginProvider(t.Context(), ""); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("a provider that is away: %v", err)
	}
	for _, line := range []string{"x", "=officer", "g=king", "g=officer", "g=service"} {
		if _, err := accounts.ParseGroups([]string{line}); err == nil {
			t.Errorf("%q is taken", line)
		}
	}
}
