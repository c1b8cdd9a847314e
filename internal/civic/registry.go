package civic

import (
	"slices"
	"sync/atomic"
	"time"
)

// AgencyCode, TopicCode and AreaCode are the registry's stable codes, lower
// kebab or, for areas, the official two-digit province code.
type (
	AgencyCode string
	TopicCode  string
	AreaCode   string
)

// Agency is a body that can be responsible for a submission. Agencies form a
// tree by Parent; rights reach over a subtree.
type Agency struct {
	Code   AgencyCode
	Parent AgencyCode // empty at a root
	Names  Names
	// Aliases are other names people type: short forms, names before a merger.
	Aliases []string
	// Competence describes in Vietnamese what the agency answers for. Routing
	// starts from it when there is no history.
	Competence string
	// Area is set for bodies of one province.
	Area AreaCode
	// Email is where the agency is told of cases that it is given; empty: it is
	// not told by mail.
	Email string
	// Receives tells whether submissions may be assigned to it directly.
	Receives bool
	Valid    Period
	// Successors took over when the agency ended, all of them.
	Successors []AgencyCode
	// Succession says which of them took over what, where that is known. See
	// Registry.Successor.
	Succession []Succession
	// Source says where the row was taken from.
	Source string
}

// Succession is what one successor took over.
type Succession struct {
	Agency AgencyCode
	// Topics are those that went to it, those below them included. Without any
	// it got what went to no other.
	Topics []TopicCode
}

// Topic is a subject a submission can be filed under.
type Topic struct {
	Code        TopicCode
	Parent      TopicCode
	Names       Names
	Description string // in Vietnamese; words that routing and search may use
	Valid       Period
}

// Area is a province or centrally run city.
type Area struct {
	Code    AreaCode
	Names   Names
	Aliases []string // former provinces and other spellings
	Valid   Period
	Source  string
}

// Registry is everything of the outside world that the house must know. Its
// fields are what was delivered and are read-only once loaded; its methods tell
// what holds now, which Use replaces while the house runs.
type Registry struct {
	Agencies []Agency
	Topics   []Topic
	Areas    []Area
	Calendar []CalendarDay
	Limits   Limits
	// Reminders say who is told of deadlines.
	Reminders Reminders
	// Rejections are the reasons that staff may give.
	Rejections []RejectionReason
	// OtherChannels are where matters belong that are not for this system.
	OtherChannels []OtherChannel
	// RuleNames are the names of the delivered routing rules.
	RuleNames []Names
	// Holdings are what personal data is kept.
	Holdings []Holding

	live atomic.Pointer[Lists]
}

// Lists are the parts of the registry that people change on pages. They are
// read-only.
type Lists struct {
	Agencies   []Agency
	Topics     []Topic
	Areas      []Area
	Rejections []RejectionReason
	Holdings   []Holding

	agencies map[AgencyCode]int // place by code; nil: look through
}

// Delivered returns the lists as they were delivered.
func (r *Registry) Delivered() *Lists {
	return &Lists{Agencies: r.Agencies, Topics: r.Topics, Areas: r.Areas, Rejections: r.Rejections, Holdings: r.Holdings}
}

// Use lets other lists hold from now on.
func (r *Registry) Use(l *Lists) {
	l.agencies = make(map[AgencyCode]int, len(l.Agencies))
	for i, a := range l.Agencies {
		l.agencies[a.Code] = i
	}
	r.live.Store(l)
}

// Lists returns what holds now. Until Use was called that is what was
// delivered.
func (r *Registry) Lists() *Lists {
	if l := r.live.Load(); l != nil {
		return l
	}
	return r.Delivered()
}

// Copy returns a registry that starts from the same rows, for tests that change
// theirs.
func (r *Registry) Copy() *Registry {
	return &Registry{
		Agencies: slices.Clone(r.Agencies), Topics: slices.Clone(r.Topics), Areas: slices.Clone(r.Areas), Calendar: slices.Clone(r.Calendar),
		Limits: r.Limits, Reminders: r.Reminders, Rejections: slices.Clone(r.Rejections), OtherChannels: slices.Clone(r.OtherChannels),
		RuleNames: r.RuleNames,
		Holdings:  slices.Clone(r.Holdings),
	}
}

// RuleName returns a routing rule's name, which decisions keep in Vietnamese, in
// every language that the registry has it in. What people named has one.
func (r *Registry) RuleName(name string) Names {
	for _, n := range r.RuleNames {
		if n[Vietnamese] == name {
			return n
		}
	}
	return Names{Vietnamese: name}
}

// Agency returns the agency with the code, valid or not.
func (r *Registry) Agency(code AgencyCode) (Agency, bool) {
	l := r.Lists()
	i := slices.IndexFunc(l.Agencies, func(a Agency) bool { return a.Code == code })
	if l.agencies != nil {
		var ok bool
		if i, ok = l.agencies[code]; !ok {
			return Agency{}, false
		}
	}
	if i < 0 {
		return Agency{}, false
	}
	return l.Agencies[i], true
}

// Topic returns the topic with the code, valid or not.
func (r *Registry) Topic(code TopicCode) (Topic, bool) {
	return find(r.Lists().Topics, func(t Topic) bool { return t.Code == code })
}

// Area returns the area with the code, valid or not.
func (r *Registry) Area(code AreaCode) (Area, bool) {
	return find(r.Lists().Areas, func(a Area) bool { return a.Code == code })
}

// Rejection returns the reason with the code, valid or not.
func (r *Registry) Rejection(code string) (RejectionReason, bool) {
	return find(r.Lists().Rejections, func(reason RejectionReason) bool { return reason.Code == code })
}

func find[T any](list []T, fits func(T) bool) (found T, ok bool) {
	i := slices.IndexFunc(list, fits)
	if i < 0 {
		return found, false
	}
	return list[i], true
}

// AgenciesAt lists the agencies valid at a time, in registry order.
func (r *Registry) AgenciesAt(at time.Time) []Agency {
	return slices.DeleteFunc(slices.Clone(r.Lists().Agencies), func(a Agency) bool { return !a.Valid.Holds(at) })
}

// TopicsAt lists the topics valid at a time, in registry order.
func (r *Registry) TopicsAt(at time.Time) []Topic {
	return slices.DeleteFunc(slices.Clone(r.Lists().Topics), func(t Topic) bool { return !t.Valid.Holds(at) })
}

// AreasAt lists the areas valid at a time, in registry order.
func (r *Registry) AreasAt(at time.Time) []Area {
	return slices.DeleteFunc(slices.Clone(r.Lists().Areas), func(a Area) bool { return !a.Valid.Holds(at) })
}

// RejectionsAt lists the reasons that staff may give at a time, in registry
// order.
func (r *Registry) RejectionsAt(at time.Time) []RejectionReason {
	return slices.DeleteFunc(slices.Clone(r.Lists().Rejections), func(reason RejectionReason) bool { return !reason.Valid.Holds(at) })
}

// CanReceive reports whether a submission may be assigned to the agency at a
// time.
func (r *Registry) CanReceive(code AgencyCode, at time.Time) bool {
	a, ok := r.Agency(code)
	return ok && a.Receives && a.Valid.Holds(at)
}

// deepest bounds a walk up the tree, and along successors: a circle, which
// checking refuses, ends there. No State has as many levels.
const deepest = 64

// Within reports whether code is root or lies below it in the tree.
func (r *Registry) Within(code, root AgencyCode) bool {
	for range deepest {
		if code == root {
			return true
		}
		a, ok := r.Agency(code)
		if !ok || a.Parent == "" {
			return false
		}
		code = a.Parent
	}
	return false
}

// Subtree lists root and every agency below it, whether valid today or not:
// old cases keep their agency.
func (r *Registry) Subtree(root AgencyCode) []AgencyCode {
	var out []AgencyCode
	for _, a := range r.Lists().Agencies {
		if r.Within(a.Code, root) {
			out = append(out, a.Code)
		}
	}
	return out
}

// Successor returns the agency that does at a time what the agency did about
// a topic: the agency itself while it may receive, else whoever took the topic
// over, else whoever took over the rest, else its only successor; and of that
// one again, if it has ended too. It reports false where nothing decides
// between several or nobody took over: then a person must.
func (r *Registry) Successor(code AgencyCode, topic TopicCode, at time.Time) (AgencyCode, bool) {
	for range deepest { // loading does not refuse a circle
		a, ok := r.Agency(code)
		switch {
		case !ok:
			return "", false
		case a.Receives && a.Valid.Holds(at):
			return code, true
		}
		if code, ok = r.heir(a, topic); !ok {
			return "", false
		}
	}
	return "", false
}

// heir returns who took a topic over from an agency, one step on.
func (r *Registry) heir(a Agency, topic TopicCode) (AgencyCode, bool) {
	for range deepest { // from the topic up to its root
		for _, s := range a.Succession {
			if topic != "" && slices.Contains(s.Topics, topic) {
				return s.Agency, true
			}
		}
		parent, ok := r.Topic(topic)
		if !ok {
			break
		}
		topic = parent.Parent
	}
	for _, s := range a.Succession {
		if len(s.Topics) == 0 {
			return s.Agency, true
		}
	}
	if len(a.Successors) == 1 {
		return a.Successors[0], true
	}
	return "", false
}

// SuccessorsOf lists the agencies that may receive at a time and took over
// anything from the agency, over any number of steps: what a person chooses
// from where Successor cannot decide.
func (r *Registry) SuccessorsOf(code AgencyCode, at time.Time) []AgencyCode {
	var out []AgencyCode
	seen := map[AgencyCode]bool{}
	for next := []AgencyCode{code}; len(next) > 0; next = next[1:] {
		a, ok := r.Agency(next[0])
		if !ok || seen[a.Code] {
			continue
		}
		seen[a.Code] = true
		if a.Receives && a.Valid.Holds(at) {
			out = append(out, a.Code)
			continue
		}
		next = append(next, a.Successors...)
	}
	return out
}
