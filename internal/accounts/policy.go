package accounts

import (
	"slices"
	"time"

	"hienke/internal/civic"
)

// Policy is what an installation decides about sign-ins. Zero spans stand for
// the defaults.
type Policy struct {
	// Idle is how long a session lasts unused, Longest how long at all. A
	// working day of an office fits into the default of the second.
	Idle, Longest time.Duration
	// SecondFactor names the roles that may do nothing with a password alone.
	SecondFactor []civic.Role
}

func (p Policy) idle() time.Duration    { return orElse(p.Idle, 2*time.Hour) }
func (p Policy) longest() time.Duration { return orElse(p.Longest, 12*time.Hour) }

func orElse(d, standard time.Duration) time.Duration {
	if d <= 0 {
		return standard
	}
	return d
}

// unproven reports whether a sign-in of that kind is not enough for the role.
func (p Policy) unproven(role civic.Role, how string) bool {
	return how == HowPassword && slices.Contains(p.SecondFactor, role)
}

// How somebody signed in.
const (
	HowPassword = "password"
	HowCode     = "code"     // password and a code of an authenticator app, or a recovery code
	HowPasskey  = "passkey"  // a passkey, with the password or instead of it
	HowProvider = "provider" // OpenID Connect; the provider answers for its factors
)
