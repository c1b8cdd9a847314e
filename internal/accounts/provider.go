package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Provider is another body that answers for who somebody is, by OpenID
// Connect. All fields but Groups and Label are required.
type Provider struct {
	Issuer, ClientID, ClientSecret string
	// RedirectURL is where the provider sends people back to.
	RedirectURL string
	// SignedOutURL is where it sends people back to who signed out there too.
	SignedOutURL string
	// Label is what the button says; empty: a common text.
	Label string
	// GroupsClaim names the claim that lists somebody's groups.
	GroupsClaim string
	// Groups say which role and agency a group gives; the first that fits
	// counts. Who is in none of them stays out.
	Groups []GroupRight

	mu  sync.Mutex
	met *oidc.Provider // asked once it is needed, so that a provider that is away delays nobody
}

// GroupRight is what a group of the provider gives.
type GroupRight struct {
	Group  string
	Role   civic.Role
	Agency civic.AgencyCode
}

// ParseGroups reads lines GROUP=ROLE or GROUP=ROLE@AGENCY.
func ParseGroups(lines []string) ([]GroupRight, error) {
	var out []GroupRight
	for _, line := range lines {
		group, right, ok := strings.Cut(line, "=")
		role, agency, _ := strings.Cut(right, "@")
		r := GroupRight{Group: strings.TrimSpace(group), Role: civic.Role(strings.TrimSpace(role)), Agency: civic.AgencyCode(strings.TrimSpace(agency))}
		if !ok || r.Group == "" || !slices.Contains(civic.Roles, r.Role) || r.Role == civic.RoleService || r.Role.NeedsAgency() && r.Agency == "" {
			return nil, fmt.Errorf("%q is not GROUP=ROLE or GROUP=ROLE@AGENCY", line)
		}
		out = append(out, r)
	}
	return out, nil
}

// Meet asks the provider what it is, once. It is what doctor looks at, too.
func (p *Provider) Meet(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.met != nil {
		return p.met, nil
	}
	// The provider keeps the context for the keys that it reads later.
	met, err := oidc.NewProvider(p.patient(context.WithoutCancel(ctx)), p.Issuer)
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "provider.away", err)
	}
	p.met = met
	return met, nil
}

// providerPatience is how long one question to the provider may take. Whoever
// waits longer has gone.
const providerPatience = 10 * time.Second

func (p *Provider) patient(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, &http.Client{Timeout: providerPatience})
}

// signOut returns the address at which the provider ends its own session
// (OpenID Connect RP-Initiated Logout), empty where it has none or is away: the
// session here has ended already.
func (p *Provider) signOut(ctx context.Context, identity string) string {
	met, err := p.Meet(ctx)
	if err != nil {
		return ""
	}
	var c struct {
		End string `json:"end_session_endpoint"`
	}
	if err := met.Claims(&c); err != nil {
		return ""
	}
	u, err := url.Parse(c.End)
	if err != nil || u.Scheme != "https" && !strings.HasPrefix(p.Issuer, u.Scheme+"://") {
		return ""
	}
	v := u.Query()
	v.Set("id_token_hint", identity)
	v.Set("client_id", p.ClientID)
	v.Set("post_logout_redirect_uri", p.SignedOutURL)
	u.RawQuery = v.Encode()
	return u.String()
}

func providerSeal(session [32]byte) string { return "provider token\x00" + string(session[:]) }

func (p *Provider) oauth(met *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: met.Endpoint(), RedirectURL: p.RedirectURL,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email", "groups"},
	}
}

const stepProvider = "provider"

// handover is what must come back from the provider unchanged.
type handover struct{ Nonce, Verifier, Next string }

// BeginProvider returns where to send somebody who signs in with the provider,
// and the state that the browser must bring back.
func (s *Service) BeginProvider(ctx context.Context, next string) (address, state string, err error) {
	if s.Provider == nil {
		return "", "", errs.New(errs.NotFound, "provider.none")
	}
	met, err := s.Provider.Meet(ctx)
	if err != nil {
		return "", "", err
	}
	nonce, err := s.draw()
	if err != nil {
		return "", "", err
	}
	h := handover{Nonce: nonce, Verifier: oauth2.GenerateVerifier(), Next: next}
	data, err := json.Marshal(h)
	if err != nil {
		return "", "", fmt.Errorf("keep the step: %w", err)
	}
	if state, err = s.addStep(ctx, stepProvider, 0, string(data)); err != nil {
		return "", "", err
	}
	return s.Provider.oauth(met).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(h.Verifier)), state, nil
}

// claims are what we read of an identity.
type claims struct {
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
	Name     string `json:"name"`
	Groups   []string
}

// FinishProvider ends a sign-in with the provider: state and code are what it
// sent back, kept what the browser brought. It returns where to go on.
//
// Who somebody is with the provider is issuer and subject, never an address.
// The first time, an account is made with the role and agency that the groups
// give; an account of the same address is not taken over, which is Conflict.
// Role and agency follow the groups at each sign-in. A closed account stays
// closed.
func (s *Service) FinishProvider(ctx context.Context, state, kept, code string, a Attempt) (in SignedIn, next string, err error) {
	if s.Provider == nil {
		return SignedIn{}, "", errs.New(errs.NotFound, "provider.none")
	}
	if state == "" || state != kept { // begun in another browser: somebody else's sign-in
		return SignedIn{}, "", errs.New(errs.Unauthenticated, "provider.refused")
	}
	step, err := s.step(ctx, stepProvider, state)
	if err != nil {
		return SignedIn{}, "", err
	}
	if err := s.take(ctx, state); err != nil { // before anything is asked: each state once
		return SignedIn{}, "", err
	}
	var h handover
	if err := json.Unmarshal([]byte(step.Data), &h); err != nil {
		return SignedIn{}, "", fmt.Errorf("read the step: %w", err)
	}
	token, raw, err := s.exchange(ctx, h, code)
	if err != nil {
		return SignedIn{}, "", err
	}
	a.identity = raw
	c, right, err := s.Provider.read(token)
	if err != nil {
		return SignedIn{}, "", errOr(s.shutOut(ctx, token.Issuer, token.Subject, err), err)
	}
	u, err := s.providerUser(ctx, token.Issuer, token.Subject, c, right)
	if err != nil {
		return SignedIn{}, "", err
	}
	in, err = s.open(ctx, u, HowProvider, a)
	return in, h.Next, err
}

// shutOut ends the sessions of somebody who is in no group of ours any more: the
// provider has just said so, and other browsers would not hear of it for hours.
func (s *Service) shutOut(ctx context.Context, issuer, subject string, why error) error {
	if errs.CodeOf(why) != "provider.no_group" {
		return nil
	}
	return s.Store.Do(ctx, func(tx store.Tx) error {
		linked, err := tx.Identities().Get(ctx, issuer, subject)
		if err != nil && errs.KindOf(err) == errs.NotFound {
			return nil // was never here
		}
		if err != nil {
			return err
		}
		if err := s.note(ctx, tx, civic.System, linked.User, changeSessions, ""); err != nil {
			return err
		}
		return endAll(ctx, tx, linked.User)
	})
}

// exchange gives the code for an identity and checks it: signature, issuer,
// audience, time and nonce. Whatever is wrong, the person is told the same.
func (s *Service) exchange(ctx context.Context, h handover, code string) (token *oidc.IDToken, raw string, err error) {
	met, err := s.Provider.Meet(ctx)
	if err != nil {
		return nil, "", err
	}
	refused := func(err error) (*oidc.IDToken, string, error) {
		return nil, "", errs.Wrap(errs.Unauthenticated, "provider.refused", err)
	}
	got, err := s.Provider.oauth(met).Exchange(s.Provider.patient(ctx), code, oauth2.VerifierOption(h.Verifier))
	if err != nil {
		return refused(err)
	}
	raw, ok := got.Extra("id_token").(string)
	if !ok {
		return refused(errs.New(errs.Invalid, "provider.refused"))
	}
	token, err = met.VerifierContext(ctx, &oidc.Config{ClientID: s.Provider.ClientID, Now: s.Now}).Verify(ctx, raw)
	if err != nil {
		return refused(err)
	}
	if token.Nonce != h.Nonce {
		return refused(errs.New(errs.Invalid, "provider.refused"))
	}
	return token, raw, nil
}

// read takes what we need out of an identity. Who is in no group that gives a
// right is Forbidden.
func (p *Provider) read(token *oidc.IDToken) (claims, GroupRight, error) {
	var (
		c   claims
		all map[string]json.RawMessage
	)
	if err := token.Claims(&c); err != nil {
		return c, GroupRight{}, errs.Wrap(errs.Unauthenticated, "provider.refused", err)
	}
	if err := token.Claims(&all); err != nil {
		return c, GroupRight{}, errs.Wrap(errs.Unauthenticated, "provider.refused", err)
	}
	if raw, ok := all[p.GroupsClaim]; ok {
		if err := json.Unmarshal(raw, &c.Groups); err != nil {
			return c, GroupRight{}, errs.Wrap(errs.Unauthenticated, "provider.refused", err)
		}
	}
	for _, r := range p.Groups {
		if slices.Contains(c.Groups, r.Group) {
			return c, r, nil
		}
	}
	return c, GroupRight{}, errs.New(errs.Forbidden, "provider.no_group")
}

// providerUser returns the account of an identity, made the first time.
func (s *Service) providerUser(ctx context.Context, issuer, subject string, c claims, right GroupRight) (u civic.User, err error) {
	right, inherited := s.standing(right)
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		linked, err := tx.Identities().Get(ctx, issuer, subject)
		switch {
		case err != nil && errs.KindOf(err) == errs.NotFound:
			u, err = s.addProviderUser(ctx, tx, store.Identity{Issuer: issuer, Subject: subject}, c, right)
			return err
		case err != nil:
			return err
		}
		if u, err = tx.Users().Get(ctx, linked.User); err != nil {
			return err
		}
		if !u.Active {
			return errs.New(errs.Forbidden, "provider.closed")
		}
		if u.Agency == right.Agency && (u.Role == right.Role || inherited && u.Role == civic.RoleLead && right.Role == civic.RoleApprover) {
			return nil
		}
		before := u
		u.Role, u.Agency = right.Role, right.Agency
		if err := s.keepAdministrator(ctx, tx, before, u); err != nil {
			return err
		}
		if err := tx.Users().Update(ctx, u); err != nil {
			return err
		}
		detail := fmt.Sprintf("%s %s → %s %s", before.Role, before.Agency, u.Role, u.Agency)
		if err := s.note(ctx, tx, civic.System, u.ID, changeRole, detail); err != nil {
			return err
		}
		return endAll(ctx, tx, u.ID)
	})
	if err != nil {
		return civic.User{}, fmt.Errorf("find the account of an identity: %w", err)
	}
	return u, nil
}

// standing is what a group gives today: a right at an agency that ended is one at
// its successor, until the operator writes the group anew. Who led the agency
// approves there, unless a merger or an administrator let that person lead.
func (s *Service) standing(right GroupRight) (_ GroupRight, inherited bool) {
	heir, ok := s.Registry.Successor(right.Agency, "", s.Now())
	if !ok || heir == right.Agency {
		return right, false
	}
	if right.Agency = heir; right.Role == civic.RoleLead {
		right.Role = civic.RoleApprover
	}
	return right, true
}

// addProviderUser makes the account of an identity that was never seen. An
// address that the provider did not verify is not taken, and one that another
// account has is not taken over: an administrator must sort that out.
func (s *Service) addProviderUser(ctx context.Context, tx store.Tx, i store.Identity, c claims, right GroupRight) (civic.User, error) {
	u := civic.User{
		Email: canonical(c.Email), Name: strings.TrimSpace(vitext.Normalize(c.Name)), Role: right.Role, Agency: right.Agency, Active: true, CreatedAt: s.Now(),
	}
	if !c.Verified {
		return civic.User{}, errs.New(errs.Forbidden, "provider.unverified")
	}
	if u.Name == "" {
		u.Name = u.Email
	}
	if err := s.checkPerson(NewUser{Email: u.Email, Name: u.Name, Role: u.Role, Agency: u.Agency}); err != nil {
		return civic.User{}, errs.Wrap(errs.Forbidden, "provider.unverified", err)
	}
	id, err := tx.Users().Add(ctx, u)
	if err != nil && errs.KindOf(err) == errs.Conflict {
		return civic.User{}, errs.Wrap(errs.Conflict, "provider.email_taken", err)
	}
	if err != nil {
		return civic.User{}, err
	}
	u.ID = id
	i.User, i.LinkedAt = id, s.Now()
	if err := tx.Identities().Add(ctx, i); err != nil {
		return civic.User{}, err
	}
	return u, s.note(ctx, tx, civic.System, id, changeLinked, i.Issuer)
}
