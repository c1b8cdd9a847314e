package civic

import "hienke/internal/errs"

// ContactNeed fails unless the actor may see the contact of the submission's
// sender now: the role must hold SeeContact, and the case must need it.
//
//   - Data protection needs it for what people ask about their own data,
//     whatever the state.
//   - A coordinator needs it while the case is open.
//   - The leader of an agency needs it while the case is with the agency.
//   - Who handles a case needs it for the cases that are their own, while they
//     are with the agency.
//
// The contact of somebody who accuses a named body or official is closed to
// all until a coordinator lifts that; only a data protection officer of no
// agency is not held by it.
func (a Actor) ContactNeed(reg *Registry, s *Submission) error {
	if err := a.Check(reg, SeeContact, s); err != nil {
		return err
	}
	if a.Kind == ActorSystem {
		return nil
	}
	if s.Restricted && !a.SeesProtected() {
		return errs.New(errs.Forbidden, "contact.restricted")
	}
	needed := false
	switch a.Role {
	case RoleDataProtection:
		needed = true
	case RoleCoordinator:
		needed = Open.Has(s.State)
	case RoleLead:
		needed = WithAgency.Has(s.State)
	default:
		needed = WithAgency.Has(s.State) && s.Assignee == a.User && s.Assignee != 0
	}
	if !needed {
		return errs.New(errs.Forbidden, "contact.not_needed")
	}
	return nil
}

// SeesProtected reports whether the contact of somebody who accuses a named
// body or official is open to the actor.
func (a Actor) SeesProtected() bool {
	return a.Kind == ActorSystem || (a.Role == RoleDataProtection && !a.Bound())
}

// LetterNeed fails unless the actor may print the letter that waits for the
// sender of the submission, and so learn name and address. That it waits is the
// need; the clerk who posts is rarely the one who handled the case. A follower
// is looked at as with the agency of what it follows.
func (a Actor) LetterNeed(reg *Registry, s *Submission) error {
	if err := a.Check(reg, PostLetters, s); err != nil {
		return err
	}
	if s.Restricted && !a.SeesProtected() {
		return errs.New(errs.Forbidden, "contact.restricted")
	}
	return nil
}
