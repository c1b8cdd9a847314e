package civic

import (
	"slices"
	"strings"
)

// Role is what a staff account may do; see grants.
type Role string

// The roles of this system. Approving is a role of its own so that whoever
// drafts can be kept from approving.
const (
	RoleOfficer        Role = "officer"         // handles cases of the own agency
	RoleApprover       Role = "approver"        // approves answers, and may handle
	RoleLead           Role = "lead"            // leads an agency: approves, and gives cases to the units inside it
	RoleCoordinator    Role = "coordinator"     // triages for every agency
	RoleAdministrator  Role = "administrator"   // accounts, queues, models
	RoleAuditor        Role = "auditor"         // reads everything but contacts, changes nothing
	RoleDataProtection Role = "data_protection" // handles what people ask about their own data
	RoleService        Role = "service"         // a program; may what its token was made for
)

// Roles lists every role.
var Roles = []Role{
	RoleOfficer, RoleApprover, RoleLead, RoleCoordinator, RoleAdministrator, RoleAuditor, RoleDataProtection, RoleService,
}

// Permission names one thing that may be allowed.
type Permission string

// The permissions.
const (
	SeeQueue    Permission = "queue.see"
	SeeCase     Permission = "case.see"
	SeeContact  Permission = "contact.see" // ask for a sender's contact; the case must need it too, see ContactNeed
	SeeLooks    Permission = "looks.see"   // who looked at contacts
	NoteCase    Permission = "case.note"
	AssignCase  Permission = "case.assign" // give a case to an agency, inside the own reach
	TriageCase  Permission = "case.triage" // reject, join, hold, decide the scope
	HandleCase  Permission = "case.handle" // accept, hand back, draft
	ApproveCase Permission = "answer.approve"
	PublishCase Permission = "case.publish"
	KeyIn       Permission = "case.key_in" // write down what somebody sends on paper or says
	PostLetters Permission = "letter.post" // print letters to senders and post them; see LetterNeed
	SeeUsers    Permission = "users.see"
	ManageUsers Permission = "users.manage"
	SeeModel    Permission = "model.see"
	ManageModel Permission = "model.manage"
	SeeRules    Permission = "rules.see"
	ManageRules Permission = "rules.manage" // routing rules, and which agency an example is for
	SeeFigures  Permission = "figures.see"  // how well the machine decides
	SeeSteering Permission = "steering.see" // what is open, late and silent in the own reach
	SeeAudit    Permission = "audit.see"    // everything that anybody read or changed
	SeeTimes    Permission = "times.see"    // limits, calendar and what moved
	ManageTimes Permission = "times.manage"

	HandlePrivacy Permission = "privacy.handle" // what people ask about their own data
	RetryTasks    Permission = "tasks.retry"    // see what the machine could not do, and have it try again

	RedactCase   Permission = "case.redact"    // write what the public reads of a case
	TakeDownCase Permission = "case.take_down" // take a published case from the public

	ManageTemplates Permission = "templates.manage" // texts that answers of an agency begin with

	ManageRegistry Permission = "registry.manage" // agencies, topics and their like; who is bound, the units below the own agency
)

// Permissions lists every permission.
var Permissions = []Permission{
	SeeQueue, SeeCase, SeeContact, SeeLooks, NoteCase, AssignCase, TriageCase, HandleCase, ApproveCase, PublishCase,
	KeyIn, PostLetters, SeeUsers, ManageUsers, SeeModel, ManageModel, SeeRules, ManageRules, SeeFigures, SeeSteering, SeeAudit, SeeTimes, ManageTimes, HandlePrivacy,
	RetryTasks,
	RedactCase, TakeDownCase, ManageTemplates, ManageRegistry,
}

// reach tells where the rights of a role end.
type reach int

const (
	inside     reach = iota // at the own agency's subtree; without an agency nowhere
	asGiven                 // at the subtree where the account names an agency, else nowhere
	everywhere              // nowhere, whatever the account says
)

// grant is what a role may do, and how far.
type grant struct {
	reach reach
	may   []Permission
}

// grants are the rights of this system; nothing else gives any. A role that is
// missing may nothing.
var grants = map[Role]grant{
	RoleOfficer:  {inside, []Permission{SeeQueue, SeeCase, SeeContact, NoteCase, HandleCase, KeyIn, PostLetters, RedactCase}},
	RoleApprover: {inside, []Permission{SeeQueue, SeeCase, SeeContact, NoteCase, HandleCase, ApproveCase, KeyIn, PostLetters, RedactCase}},
	RoleLead:     {inside, []Permission{SeeQueue, SeeCase, SeeContact, NoteCase, HandleCase, ApproveCase, AssignCase, KeyIn, PostLetters, RedactCase, TakeDownCase, ManageTemplates, SeeSteering, ManageRegistry}},
	RoleCoordinator: {everywhere, []Permission{
		SeeQueue, SeeCase, SeeContact, NoteCase, AssignCase, TriageCase, PublishCase, SeeFigures, SeeSteering, SeeRules, ManageRules, KeyIn, PostLetters, SeeTimes, RetryTasks, RedactCase, TakeDownCase,
	}},
	RoleAdministrator: {everywhere, []Permission{
		SeeQueue, SeeCase, NoteCase, SeeUsers, ManageUsers, SeeModel, ManageModel, SeeFigures, SeeSteering, SeeRules, ManageRules, SeeTimes, ManageTimes, RetryTasks, ManageTemplates, ManageRegistry,
	}},
	RoleAuditor:        {asGiven, []Permission{SeeQueue, SeeCase, SeeLooks, SeeUsers, SeeModel, SeeRules, SeeFigures, SeeSteering, SeeAudit, SeeTimes}},
	RoleDataProtection: {asGiven, []Permission{SeeQueue, SeeCase, SeeContact, SeeLooks, PostLetters, HandlePrivacy, RedactCase, TakeDownCase}},
	RoleService:        {asGiven, nil}, // only what the token carries
}

// NeedsAgency reports whether accounts of the role must name an agency.
func (r Role) NeedsAgency() bool { return grants[r].reach == inside && slices.Contains(Roles, r) }

// ServiceScopes are the permissions that a token of a service account may
// carry. A program approves nothing, publishes nothing and sees no contact: a
// person answers for that.
var ServiceScopes = []Permission{SeeQueue, SeeCase, NoteCase, HandleCase, AssignCase, TriageCase, SeeFigures}

// TokenScopes are the permissions of a token, separated by spaces.
type TokenScopes string

// TokenScopesOf writes permissions as scopes.
func TokenScopesOf(list ...Permission) TokenScopes {
	words := make([]string, len(list))
	for i, p := range list {
		words[i] = string(p)
	}
	return TokenScopes(strings.Join(words, " "))
}

// Has reports whether p is among the scopes and may be.
func (s TokenScopes) Has(p Permission) bool {
	return slices.Contains(strings.Fields(string(s)), string(p)) && slices.Contains(ServiceScopes, p)
}

// List returns the permissions.
func (s TokenScopes) List() []Permission {
	var out []Permission
	for _, word := range strings.Fields(string(s)) {
		out = append(out, Permission(word))
	}
	return out
}

// May reports whether the actor holds the permission at all, without looking
// at an object. The system may do everything; the public and senders nothing
// of staff.
func (a Actor) May(p Permission) bool {
	switch a.Kind {
	case ActorSystem:
		return true
	case ActorStaff:
		if a.Unproven {
			return false
		}
		if a.Role == RoleService {
			return a.Scopes.Has(p)
		}
		return slices.Contains(grants[a.Role].may, p)
	}
	return false
}

// Bound reports whether the actor's rights end at the own agency's subtree.
func (a Actor) Bound() bool {
	if a.Kind != ActorStaff {
		return false
	}
	switch grants[a.Role].reach {
	case everywhere:
		return false
	case asGiven:
		return a.Agency != ""
	}
	return true
}
