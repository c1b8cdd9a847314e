package civic

import (
	"time"

	"hienke/internal/errs"
)

// UserID is the key of a staff account.
type UserID int64

// User is a staff account.
type User struct {
	ID           UserID
	Email        string // lower case; the sign-in name
	Name         string
	Role         Role
	Agency       AgencyCode // empty: not bound to one
	PasswordHash string     // argon2id in PHC form; empty: signs in by other means, or not yet
	Active       bool
	CreatedAt    time.Time
	SignedInAt   time.Time // zero: never
	Invited      bool      // filled for lists: has not taken up the invitation yet
}

// ActorKind tells on whose behalf something is done.
type ActorKind string

// The kinds of actors.
const (
	ActorPublic ActorKind = "public" // nobody is known
	ActorSender ActorKind = "sender" // proved with code and secret, or token
	ActorStaff  ActorKind = "staff"
	ActorSystem ActorKind = "system" // jobs, imports and commands
)

// ActorKinds lists every kind.
var ActorKinds = []ActorKind{ActorPublic, ActorSender, ActorStaff, ActorSystem}

// Actor is who does something. Every use case takes one first and checks the
// object itself; a permission in the route line is not enough.
type Actor struct {
	Kind   ActorKind
	User   UserID
	Name   string // of a staff member, for the timeline inside the house
	Role   Role
	Agency AgencyCode
	// Unproven tells that the role needs a second factor which this account has
	// not set up yet. Until then it may nothing.
	Unproven bool
	// Scopes narrow a service account to what its token was made for.
	Scopes TokenScopes
	// Submission is the one that a sender proved to be the sender of.
	Submission SubmissionID
}

// Public and System are the actors without a name.
var (
	Public = Actor{Kind: ActorPublic}
	System = Actor{Kind: ActorSystem}
)

// SenderOf is the actor who holds the tracking secret of a submission.
func SenderOf(id SubmissionID) Actor { return Actor{Kind: ActorSender, Submission: id} }

// StaffOf is the actor behind a signed-in account.
func StaffOf(u User) Actor {
	return Actor{Kind: ActorStaff, User: u.ID, Name: u.Name, Role: u.Role, Agency: u.Agency}
}

// Reaches reports whether a submission with the given agency lies within the
// actor's scope.
func (a Actor) Reaches(reg *Registry, agency AgencyCode) bool {
	if !a.Bound() {
		return a.Kind == ActorStaff || a.Kind == ActorSystem
	}
	return a.Agency != "" && agency != "" && reg.Within(agency, a.Agency)
}

// Check fails unless the actor may do p to the submission: with
// Unauthenticated when nobody is signed in, with NotFound when its existence is
// private to others, with Forbidden when only the act is not allowed.
func (a Actor) Check(reg *Registry, p Permission, s *Submission) error {
	if a.Kind == ActorPublic {
		return errs.New(errs.Unauthenticated, "actor.not_signed_in")
	}
	if !a.Reaches(reg, s.Agency) {
		return errs.New(errs.NotFound, "submission.not_found")
	}
	if !a.May(p) {
		return errs.New(errs.Forbidden, "actor.not_allowed")
	}
	return nil
}

// CheckPermission fails unless the actor holds p, without an object.
func (a Actor) CheckPermission(p Permission) error {
	switch {
	case a.Kind == ActorPublic:
		return errs.New(errs.Unauthenticated, "actor.not_signed_in")
	case !a.May(p):
		return errs.New(errs.Forbidden, "actor.not_allowed")
	}
	return nil
}
