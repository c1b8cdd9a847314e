package civic

import (
	"slices"
	"time"
)

// Absence is a time for which another person stands in for somebody.
type Absence struct {
	ID                 int64
	User, Substitute   UserID
	From, Until        time.Time // half open
	WrittenAt          time.Time
	WrittenBy          UserID
	EndedAt            time.Time // zero unless it was ended before its time
	EndedBy            UserID
	Name, StandInsName string // of both, filled when read
}

// Holds reports whether the person is absent at a time.
func (a Absence) Holds(at time.Time) bool {
	return a.EndedAt.IsZero() && !at.Before(a.From) && at.Before(a.Until)
}

// Staff is who works here at a moment, and who stands in for whom.
type Staff struct {
	Registry *Registry
	Users    []User
	Absences []Absence
	At       time.Time
}

// User returns an account.
func (s Staff) User(id UserID) (User, bool) {
	i := slices.IndexFunc(s.Users, func(u User) bool { return u.ID == id })
	if i < 0 {
		return User{}, false
	}
	return s.Users[i], true
}

// absence returns the absence of somebody at the moment.
func (s Staff) absence(id UserID) (Absence, bool) {
	i := slices.IndexFunc(s.Absences, func(a Absence) bool { return a.User == id && a.Holds(s.At) })
	if i < 0 {
		return Absence{}, false
	}
	return s.Absences[i], true
}

// Present returns who does somebody's work at the moment: the person, or who
// stands in, or who stands in for that one. Where those stand in for each other
// in a circle it is the person after all.
func (s Staff) Present(id UserID) UserID {
	at := id
	for range len(s.Absences) + 1 {
		a, absent := s.absence(at)
		if !absent {
			return at
		}
		at = a.Substitute
	}
	return id
}

// Away reports whether somebody else does the person's work at the moment.
func (s Staff) Away(id UserID) bool { return s.Present(id) != id }

// Represented lists those whose work somebody does at the moment beside the own.
func (s Staff) Represented(by UserID) []UserID {
	var out []UserID
	for _, a := range s.Absences {
		if a.User != by && a.Holds(s.At) && s.Present(a.User) == by && !slices.Contains(out, a.User) {
			out = append(out, a.User)
		}
	}
	return out
}

// present are those who do the work of all that fit, each once.
func (s Staff) present(fits func(User) bool) []UserID {
	var out []UserID
	for _, u := range s.Users {
		if !u.Active || !fits(u) {
			continue
		}
		if id := s.Present(u.ID); !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// Handlers are those who are to act on a case: who took it on; before that the
// leads of its agency, or whoever handles cases there; without an agency the
// coordinators.
func (s Staff) Handlers(sub Submission) []UserID {
	if u, ok := s.User(sub.Assignee); ok && u.Active {
		return []UserID{s.Present(u.ID)}
	}
	if sub.Agency == "" {
		return s.Coordinators()
	}
	for _, fits := range []func(User) bool{
		func(u User) bool { return u.Role == RoleLead && u.Agency == sub.Agency },
		func(u User) bool {
			return u.Agency == sub.Agency && StaffOf(u).May(HandleCase) && u.Role != RoleService
		},
	} {
		if found := s.present(fits); len(found) > 0 {
			return found
		}
	}
	return s.Leads(sub.Agency)
}

// Leads are those who lead an agency; where nobody does, those who approve
// there, and where nobody does that either, those of the nearest agency above;
// at last the coordinators.
func (s Staff) Leads(agency AgencyCode) []UserID {
	for _, at := range s.Registry.upwards(agency) {
		if at == "" {
			break
		}
		for _, role := range []Role{RoleLead, RoleApprover} {
			if found := s.present(func(u User) bool { return u.Role == role && u.Agency == at }); len(found) > 0 {
				return found
			}
		}
	}
	return s.Coordinators()
}

// Above are the leads of the nearest agency above one that has any, else the
// coordinators.
func (s Staff) Above(agency AgencyCode) []UserID {
	if a, ok := s.Registry.Agency(agency); ok && a.Parent != "" {
		return s.Leads(a.Parent)
	}
	return s.Coordinators()
}

// Coordinators are those at work.
func (s Staff) Coordinators() []UserID {
	return s.present(func(u User) bool { return u.Role == RoleCoordinator })
}

// Approvers are those who may approve an answer of an agency that somebody
// drafted, and the agency at which they are: the own one, or the nearest above
// where there is anybody but the drafter. So an agency of one person has its
// answers approved above it, and nobody approves the own.
func (s Staff) Approvers(agency AgencyCode, drafter UserID) ([]UserID, AgencyCode) {
	for _, at := range s.Registry.upwards(agency) {
		if at == "" {
			break
		}
		found := s.present(func(u User) bool { return u.Agency == at && StaffOf(u).May(ApproveCase) })
		found = slices.DeleteFunc(found, func(id UserID) bool {
			u, ok := s.User(id)
			return id == drafter || !ok || !StaffOf(u).May(ApproveCase)
		})
		if len(found) > 0 {
			return found, at
		}
	}
	return nil, ""
}

// MayStandIn reports whether somebody can do another's work: an active person
// who may everything that the other may, there where the other may it.
func (s Staff) MayStandIn(substitute, user User) bool {
	if !substitute.Active || substitute.ID == user.ID || substitute.Role == RoleService || user.Role == RoleService {
		return false
	}
	who := StaffOf(substitute)
	for _, p := range grants[user.Role].may {
		if !who.May(p) {
			return false
		}
	}
	return user.Agency == "" && !who.Bound() || user.Agency != "" && who.Reaches(s.Registry, user.Agency)
}
