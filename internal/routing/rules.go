package routing

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"hienke/internal/vitext"
)

// Rule sends texts that meet a condition to an agency. Rules are data: written
// by a named owner, with a version and dates.
type Rule struct {
	ID      string
	Version int    // from 1, raised with every change
	Name    string // what a person sees as the reason; may be empty
	// When is the condition, an expression of github.com/expr-lang/expr that
	// gives true or false. It may use
	//
	//	Kind Topic Area Title Body SubmitterType Organisation   as in Input
	//	Words                    the folded words of title and body
	//	has("trí tuệ nhân tạo")  the words occur in a row, accents or not
	//	any("a b", "c", …)       at least one of them does
	//	all("a b", "c", …)       each of them does
	//
	// and operators, for example
	//
	//	Topic == "intellectual-property" or any("sáng chế", "nhãn hiệu")
	//
	// There are no loops and no other functions, so a condition takes time
	// proportional to the text.
	When   string
	Agency string
	// ValidFrom and ValidTo bound when the rule holds, half open; a zero time
	// leaves that side open.
	ValidFrom, ValidTo time.Time
	Owner              string // who answers for the rule
	Note               string
}

// Input is what a decision is about.
type Input struct {
	Kind, Topic, Area string // codes; empty: not known
	Title, Body       string
	SubmitterType     string // person or organisation
	Organisation      string // its name; empty for a person
}

// Text is title and body as the model reads them.
func (in Input) Text() string { return in.Title + "\n" + in.Body }

// environment is what conditions see: the fields of Input, Words, and the
// three functions on phrases.
type environment struct {
	Input
	Words []string
	Has   func(phrase string) bool     `expr:"has"`
	Any   func(phrases ...string) bool `expr:"any"`
	All   func(phrases ...string) bool `expr:"all"`
}

// Bounds of a condition.
const (
	maxCondition = 4_000 // bytes
	maxNodes     = 1_000 // of the syntax tree
)

// ErrRule is wrapped by every error about a bad rule.
var ErrRule = errors.New("bad rule")

// RuleError is a rule that failed.
type RuleError struct {
	RuleID  string
	Version int
	Err     error
}

// Error names the rule and what is wrong.
func (e RuleError) Error() string {
	return fmt.Sprintf("rule %s version %d: %v", e.RuleID, e.Version, e.Err)
}

// Unwrap gives the cause.
func (e RuleError) Unwrap() error { return e.Err }

// RuleSet is compiled rules in their order. It is read-only and safe for
// concurrent use. A nil RuleSet has no rules.
type RuleSet struct {
	rules []compiledRule
}

type compiledRule struct {
	Rule
	program *vm.Program
}

// CompileRules checks and compiles rules; their order is the order in which
// they are tried. The error joins a RuleError for everything wrong with any of
// them; with an error there is no rule set.
func CompileRules(rules []Rule) (*RuleSet, error) {
	set := &RuleSet{}
	seen := map[string]bool{}
	var problems []error
	bad := func(r Rule, err error) {
		problems = append(problems, RuleError{r.ID, r.Version, fmt.Errorf("%w: %w", ErrRule, err)})
	}
	for _, r := range rules {
		for _, problem := range r.problems() {
			bad(r, problem)
		}
		if r.ID != "" && seen[r.ID] {
			bad(r, errors.New("another rule has the same id"))
		}
		seen[r.ID] = true
		if n := len(r.When); strings.TrimSpace(r.When) == "" || n > maxCondition {
			continue // said by problems
		}
		program, err := compile(r.When)
		if err != nil {
			bad(r, fmt.Errorf("condition: %w", err))
		}
		set.rules = append(set.rules, compiledRule{r, program})
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return set, nil
}

// problems lists what is wrong with a rule apart from its condition's syntax.
func (r Rule) problems() []error {
	var found []error
	missing := func(name, value string) {
		if strings.TrimSpace(value) == "" {
			found = append(found, fmt.Errorf("%s is missing", name))
		}
	}
	missing("id", r.ID)
	missing("condition", r.When)
	missing("agency", r.Agency)
	missing("owner", r.Owner)
	if r.Version < 1 {
		found = append(found, errors.New("version must be at least 1"))
	}
	if !r.ValidTo.IsZero() && !r.ValidFrom.Before(r.ValidTo) {
		found = append(found, errors.New("it ends before it begins"))
	}
	if len(r.When) > maxCondition {
		found = append(found, fmt.Errorf("condition is longer than %d bytes", maxCondition))
	}
	return found
}

// compile allows nothing that loops or makes lists, so that a condition costs
// no more than a few looks at the text.
func compile(condition string) (*vm.Program, error) {
	refused := &refusal{}
	program, err := expr.Compile(condition, expr.Env(environment{}), expr.AsBool(), expr.MaxNodes(maxNodes),
		expr.DisableAllBuiltins(), expr.Patch(refused))
	if err == nil && refused.what != "" {
		return nil, fmt.Errorf("%s is not allowed in a rule", refused.what)
	}
	return program, err
}

// refusal finds what compile does not allow.
type refusal struct{ what string }

// Visit implements ast.Visitor.
func (r *refusal) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BuiltinNode:
		r.what = n.Name
	case *ast.BinaryNode:
		switch n.Operator {
		case "..":
			r.what = "a range"
		case "+": // put together again and again, a text outgrows the memory
			r.what = "putting together with +"
		}
	}
}

// Len returns how many rules there are.
func (s *RuleSet) Len() int {
	if s == nil {
		return 0
	}
	return len(s.rules)
}

// newEnvironment reads a text for conditions, once for all rules.
func newEnvironment(in Input) environment {
	words := vitext.Words(vitext.Bound(in.Text()))
	words = words[:min(len(words), vitext.MaxWords)]
	row := " " + strings.Join(words, " ") + " "
	has := func(phrase string) bool {
		w := vitext.Words(phrase)
		return len(w) > 0 && strings.Contains(row, " "+strings.Join(w, " ")+" ")
	}
	lacks := func(phrase string) bool { return !has(phrase) }
	return environment{
		Input: in, Words: words, Has: has,
		Any: func(phrases ...string) bool { return slices.ContainsFunc(phrases, has) },
		All: func(phrases ...string) bool { return len(phrases) > 0 && !slices.ContainsFunc(phrases, lacks) },
	}
}

// match returns the first rule that is valid at a time, whose agency is
// allowed, and whose condition holds; nil when there is none. Rules that fail
// and rules for agencies that receive nothing are passed over and returned.
func (s *RuleSet) match(in Input, at time.Time, allowed func(agency string) bool) (*Rule, []RuleError) {
	if s.Len() == 0 {
		return nil, nil
	}
	env := newEnvironment(in)
	var failed []RuleError
	for i := range s.rules {
		r := &s.rules[i]
		if at.Before(r.ValidFrom) || !r.ValidTo.IsZero() && !at.Before(r.ValidTo) {
			continue
		}
		holds, err := r.holds(env)
		if err != nil {
			failed = append(failed, RuleError{r.ID, r.Version, err})
			continue
		}
		if !holds {
			continue
		}
		if !allowed(r.Agency) {
			failed = append(failed, RuleError{r.ID, r.Version, fmt.Errorf("agency %s receives nothing now", r.Agency)})
			continue
		}
		return &r.Rule, failed
	}
	return nil, failed
}

// holds evaluates the condition.
func (r *compiledRule) holds(env environment) (bool, error) {
	result, err := expr.Run(r.program, env)
	if err != nil {
		return false, err
	}
	holds, ok := result.(bool)
	if !ok {
		return false, fmt.Errorf("condition gave %T instead of true or false", result)
	}
	return holds, nil
}
