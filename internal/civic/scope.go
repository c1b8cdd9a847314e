package civic

import (
	"slices"
	"time"
)

// Scope tells whether a submission is one for this system.
type Scope string

// The scopes. Only what is InScope is looked at for an agency.
const (
	InScope      Scope = "in_scope"
	Complaint    Scope = "complaint"     // khiếu nại: against a decision or act that touches the sender
	Denunciation Scope = "denunciation"  // tố cáo: somebody is said to have broken the law
	Elsewhere    Scope = "other_channel" // another channel is there for it
	Unclear      Scope = "unclear"       // nobody can tell what is asked
	Spam         Scope = "spam"          // advertising, abuse, noise
)

// Scopes lists every scope.
var Scopes = []Scope{InScope, Complaint, Denunciation, Elsewhere, Unclear, Spam}

// Valid reports whether s is one of Scopes.
func (s Scope) Valid() bool { return slices.Contains(Scopes, s) }

// OtherChannel is a place where matters are taken that are not for this
// system: what the sender is told, and where to go.
type OtherChannel struct {
	Code  string // lower snake
	Scope Scope  // the verdict that leads here
	// Reason is the code of the rejection reason that goes with it.
	Reason string
	Names  Names
	// Message is what the sender is told; Address where to go with it.
	Message, Address Names
	Link             string // of that place; empty if there is no single one
	// Certainty is provisional until somebody has checked address and law.
	Certainty Certainty
	Source    string
}

// ScopeDecision is the stored judgement about a submission: what the machine
// suggested, and what holds now.
type ScopeDecision struct {
	Submission SubmissionID
	// Suggested and Confidence are the machine's, 0 to 1, and stay.
	Suggested  Scope
	Confidence float64
	// Scope is what holds: the suggestion until a person decides.
	Scope   Scope
	Channel string   // code of an OtherChannel, empty if none
	Words   []string // that told most, as the text spells them
	// Accused are names as the text spells them; empty when it accuses nobody.
	Accused []string
	// Several are the beginnings of separate requests.
	Several []string
	// Lifted tells that a coordinator has lifted the restriction that comes with
	// an accusation.
	Lifted    bool
	DecidedBy ActorKind // ActorSystem or ActorStaff
	User      UserID    // zero unless staff
	UserName  string    // filled when read
	DecidedAt time.Time
}

// Accuses tells whether the text accuses a named body or official.
func (d ScopeDecision) Accuses() bool { return len(d.Accused) > 0 }

// OtherChannel returns the channel with the code.
func (r *Registry) OtherChannel(code string) (OtherChannel, bool) {
	i := slices.IndexFunc(r.OtherChannels, func(c OtherChannel) bool { return c.Code == code })
	if i < 0 {
		return OtherChannel{}, false
	}
	return r.OtherChannels[i], true
}
