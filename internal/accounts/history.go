package accounts

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// What can be changed about an account, as its history names it.
const (
	changeAdded          = "added"
	changePassword       = "password_set"
	changeClosed         = "closed"
	changeReopened       = "reopened"
	changeInvited        = "invited"
	changeRole           = "role_changed"
	changeSessions       = "sessions_ended"
	changeFactors        = "factors_changed"
	changePasskeyAdded   = "passkey_added"
	changePasskeyRemoved = "passkey_removed"
	changePasskeyDoubted = "passkey_doubted"
	changeLinked         = "identity_linked"
	changeTokenIssued    = "token_issued"
	changeTokenRevoked   = "token_revoked"
)

// Changes lists them.
var Changes = []string{
	changeAdded, changePassword, changeClosed, changeReopened, changeInvited, changeRole, changeSessions, changeFactors, changePasskeyAdded,
	changePasskeyRemoved, changePasskeyDoubted, changeLinked, changeTokenIssued, changeTokenRevoked, store.AccountMoved,
}

// note writes a line into the history of an account. detail is never a secret.
func (s *Service) note(ctx context.Context, tx store.Tx, by civic.Actor, of civic.UserID, what, detail string) error {
	return tx.AccountChanges().Add(ctx, store.AccountChange{User: of, By: by.User, At: s.Now(), What: what, Detail: detail})
}
