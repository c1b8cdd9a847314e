package app

import (
	"context"
	"fmt"

	"hienke/internal/accounts"
	"hienke/internal/civic"
)

// policy is what the configuration decides about sign-ins.
func (a *App) policy() accounts.Policy {
	c := a.Config.Accounts
	p := accounts.Policy{Idle: c.Idle, Longest: c.Longest}
	for _, role := range c.SecondFactor {
		p.SecondFactor = append(p.SecondFactor, civic.Role(role))
	}
	return p
}

// passkeys is where passkeys are taken, nil where the configuration knows none.
func (a *App) passkeys() (*accounts.Passkeys, error) {
	if a.Config.Accounts.Passkeys == "off" {
		return nil, nil //nolint:nilnil // no passkeys is a choice, and accounts knows it
	}
	return accounts.NewPasskeys(a.publicURL(), a.Config.Accounts.Passkeys == "alone")
}

// examinePasskeys says whether browsers make passkeys at the public address.
func (a *App) examinePasskeys() Check {
	switch p := a.Accounts.Passkeys; {
	case p == nil:
		return Check{Name: "passkeys", Finding: "off"}
	case !p.Ready():
		return Check{Name: "passkeys", Finding: "none at " + p.Origin, Advice: "Passkeys want an address with https:// and a name: set http.public_url, or accounts.passkeys to off."}
	default:
		return Check{Name: "passkeys", Finding: "at " + p.Origin}
	}
}

// provider is the provider of identities, nil when none is configured.
func (a *App) provider() (*accounts.Provider, error) {
	c := a.Config.OIDC
	if c.Issuer == "" {
		return nil, nil //nolint:nilnil // no provider is a choice, and accounts knows it
	}
	groups, err := accounts.ParseGroups(c.Groups)
	if err != nil {
		return nil, fmt.Errorf("read oidc.groups: %w", err)
	}
	for _, g := range groups {
		if _, known := a.Data.Registry.Agency(g.Agency); g.Agency != "" && !known {
			return nil, fmt.Errorf("read oidc.groups: there is no agency %s", g.Agency)
		}
	}
	return &accounts.Provider{
		Issuer: c.Issuer, ClientID: c.ClientID, ClientSecret: c.ClientSecret, RedirectURL: a.publicURL() + "/staff/provider/back",
		SignedOutURL: a.publicURL() + "/staff/sign-in?done=signed-out",
		Label:        c.Label, GroupsClaim: c.GroupsClaim, Groups: groups,
	}, nil
}

// groupsOf are the groups of the provider that give rights at each agency.
func groupsOf(p *accounts.Provider) map[civic.AgencyCode][]string {
	if p == nil {
		return nil
	}
	out := map[civic.AgencyCode][]string{}
	for _, g := range p.Groups {
		if g.Agency != "" {
			out[g.Agency] = append(out[g.Agency], g.Group)
		}
	}
	return out
}

// examineProvider asks the provider of identities who it is.
func (a *App) examineProvider(ctx context.Context) Check {
	c := Check{Name: "identities", Finding: "no OpenID Connect provider"}
	if a.Accounts.Provider == nil {
		return c
	}
	c.Finding = fmt.Sprintf("%s, %d groups", a.Config.OIDC.Issuer, len(a.Accounts.Provider.Groups))
	if _, c.Err = a.Accounts.Provider.Meet(ctx); c.Err != nil {
		c.Advice = "Check oidc.issuer: its /.well-known/openid-configuration must answer and name the same issuer."
	}
	return c
}
