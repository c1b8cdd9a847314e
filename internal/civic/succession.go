package civic

// EffectKind names what goes to a successor beside open cases.
type EffectKind string

// The kinds of effects.
const (
	AccountEffect  EffectKind = "account"
	ViewEffect     EffectKind = "view"
	TagEffect      EffectKind = "tag"
	TemplateEffect EffectKind = "template"
	OpinionEffect  EffectKind = "opinion"
)

// EffectKinds lists every kind, in the order of a report.
var EffectKinds = []EffectKind{AccountEffect, OpinionEffect, TemplateEffect, ViewEffect, TagEffect}

// EffectState says what became of it.
type EffectState string

// The states of effects.
const (
	EffectMoved EffectState = "moved"
	// EffectJoined is of a tag: the successor had one of the name, which has its
	// cases now.
	EffectJoined EffectState = "joined"
	// EffectWithdrawn is of an opinion that the successor would have asked itself
	// for, or had been asked for already.
	EffectWithdrawn EffectState = "withdrawn"
	EffectBack      EffectState = "back" // the merger was taken back, and with it this
	EffectKept      EffectState = "kept" // the merger was taken back, and this stays: somebody changed it since
)

// EffectStates lists every state.
var EffectStates = []EffectState{EffectMoved, EffectJoined, EffectWithdrawn, EffectBack, EffectKept}

// Effect is one thing that went to a successor because of a version of an
// agency.
type Effect struct {
	Kind    EffectKind
	Subject int64 // its key
	Label   string
	// Was and Became are the roles of an account, before and after.
	Was, Became Role
	State       EffectState
}
