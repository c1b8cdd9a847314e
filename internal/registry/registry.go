// Package registry reads the data of the outside world that the house must
// know: agencies, areas, topics, calendar, time limits, routing rules, rejection
// reasons, synonyms and what is set apart, from TOML files that people edit.
//
// Reading is strict. A key that nobody knows, a parent that does not exist or
// two agencies of one name is an error, and all problems of all files are
// reported together, so that a person mends them in one go.
package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"

	"hienke/internal/civic"
	"hienke/internal/routing"
	"hienke/internal/scope"
	"hienke/internal/search"
)

// The files, at the root of what Load is given.
const (
	agenciesFile   = "agencies.toml"
	areasFile      = "areas.toml"
	topicsFile     = "topics.toml"
	calendarFile   = "calendar.toml"
	limitsFile     = "limits.toml"
	rulesFile      = "rules.toml"
	rejectionsFile = "rejections.toml"
	synonymsFile   = "synonyms.toml"
	holdingsFile   = "personal_data.toml"
)

// Data is a registry as loaded. It is read-only and safe for concurrent use.
type Data struct {
	Registry   *civic.Registry
	Rules      []Rule
	RuleSet    *routing.RuleSet // Rules, compiled
	Rejections []civic.RejectionReason
	// Holdings are what personal data is kept.
	Holdings []civic.Holding
	// Scope tells what is for this system at all.
	Scope *scope.Judge
	// Thesaurus tells search which names stand for the same.
	Thesaurus *search.Thesaurus

	agencies nameIndex
	areas    nameIndex

	// newJudge makes Scope for other agencies; judged is what it made last.
	newJudge func([]civic.Agency) (*scope.Judge, error)
	judged   atomic.Pointer[judged]
}

// judged is a judge that knows the names of the agencies of some lists.
type judged struct {
	lists *civic.Lists
	judge *scope.Judge
}

// Judge judges as Scope does, by the names that agencies have now.
func (d *Data) Judge(in scope.Input) scope.Verdict {
	lists := d.Registry.Lists()
	known := d.judged.Load()
	if known == nil || known.lists != lists {
		judge, err := d.newJudge(lists.Agencies)
		if err != nil { // names that make no judge: the old ones do
			judge = d.Scope
		}
		known = &judged{lists, judge}
		d.judged.Store(known)
	}
	return known.judge.Judge(in)
}

// Rule is a routing rule as written, in the types of the domain.
type Rule struct {
	ID      string
	Version int    // from 1, raised with every change
	Name    string // what staff see as the reason of a decision
	Agency  civic.AgencyCode
	When    string // the condition; see routing.Rule
	Note    string // why the rule is safe
	Owner   string // who answers for it
	Valid   civic.Period
}

// Load reads and checks every file of fsys. On failure it returns no data and
// an error that names each problem on a line of its own.
func Load(fsys fs.FS) (*Data, error) {
	files, err := readFiles(fsys)
	if err != nil {
		return nil, fmt.Errorf("read the registry:\n%w", err)
	}
	data := files.data()
	if err := errors.Join(files.check(data)...); err != nil {
		return nil, fmt.Errorf("check the registry:\n%w", err)
	}
	return data, nil
}

// RoutingRules returns Rules as the engine takes them, in their order.
func (d *Data) RoutingRules() []routing.Rule {
	out := make([]routing.Rule, len(d.Rules))
	for i, r := range d.Rules {
		out[i] = r.routing()
	}
	return out
}

// ResolveAgency returns the agency that text names, at a time, by its code, a
// name or an alias, with or without accents and however it is punctuated. The
// name of an agency that has ended gives its successor, if there is just one.
// It reports false for text that is anything more than a name.
func (d *Data) ResolveAgency(text string, at time.Time) (civic.AgencyCode, bool) {
	return one(d.agenciesNamed(text, at))
}

// agenciesNamed returns the agencies valid at a time that text names, or else
// the successors of those that it used to name.
func (d *Data) agenciesNamed(text string, at time.Time) map[civic.AgencyCode]bool {
	valid, found := map[civic.AgencyCode]bool{}, map[civic.AgencyCode]bool{}
	for _, code := range d.agencies[key(text)] {
		a, _ := d.Registry.Agency(civic.AgencyCode(code))
		if a.Valid.Holds(at) {
			valid[a.Code] = true
		}
		d.followSuccessors(a, at, found, len(d.Registry.Agencies))
	}
	if len(valid) > 0 {
		return valid
	}
	return found
}

// followSuccessors adds the agencies that do today what a did. depth bounds a
// circle of successors, which loading does not refuse.
func (d *Data) followSuccessors(a civic.Agency, at time.Time, found map[civic.AgencyCode]bool, depth int) {
	if depth == 0 {
		return
	}
	for _, code := range a.Successors {
		next, ok := d.Registry.Agency(code)
		if ok && next.Valid.Holds(at) {
			found[code] = true
		} else if ok {
			d.followSuccessors(next, at, found, depth-1)
		}
	}
}

// ResolveArea returns the area that text names, at a time: by its code, its
// name, a former province that became part of it, or another spelling.
func (d *Data) ResolveArea(text string, at time.Time) (civic.AreaCode, bool) {
	found := map[civic.AreaCode]bool{}
	for _, code := range d.areas[key(text)] {
		if a, ok := d.Registry.Area(civic.AreaCode(code)); ok && a.Valid.Holds(at) {
			found[a.Code] = true
		}
	}
	return one(found)
}

// one returns the only member of a set.
func one[C ~string](set map[C]bool) (C, bool) {
	if len(set) != 1 {
		return "", false
	}
	for code := range set {
		return code, true
	}
	return "", false
}
