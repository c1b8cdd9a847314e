package app

import (
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
