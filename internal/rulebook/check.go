package rulebook

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Draft is what a person writes. Fields of a failed check have the names id,
// name, condition, agency, valid_to, owner and note.
type Draft struct {
	// ID names the rule, lower case with hyphens. Empty makes a new rule with an
	// id from its name.
	ID string
	// Base is the highest version of the rule that the person saw, 0 for a new
	// rule. Any other is Conflict with code rule.version_mismatch.
	Base      int
	Name      string // what people read as the reason
	Condition string // see routing.Rule
	Agency    civic.AgencyCode
	// ValidFrom and ValidTo bound when the rule holds, half open; zero is open.
	ValidFrom, ValidTo time.Time
	Owner, Note        string
}

// Bounds of what people write, in letters.
const (
	maxID    = 60
	maxName  = 200
	maxOwner = 200
)

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// tidy brings what was typed into one form.
func (d Draft) tidy() Draft {
	d.ID, d.Condition = strings.TrimSpace(d.ID), strings.TrimSpace(d.Condition)
	for _, text := range []*string{&d.Name, &d.Owner, &d.Note} {
		*text = strings.TrimSpace(vitext.Normalize(*text))
	}
	return d
}

// idFrom makes an id of a name, one that is not taken.
func idFrom(name string, taken []string) string {
	base := strings.Join(vitext.Words(name), "-")
	if len(base) > maxID-4 {
		base = base[:maxID-4]
	}
	base = strings.Trim(base, "-")
	if !idForm.MatchString(base) || base == newRule { // or a name in another script
		base = "rule"
	}
	id := base
	for n := 2; slices.Contains(taken, id); n++ {
		id = base + "-" + strconv.Itoa(n)
	}
	return id
}

// newRule is no id: it is where the pages write a new rule.
const newRule = "new"

// Check returns every wrong field of a draft, as Save would, and stores
// nothing.
func (s *Service) Check(ctx context.Context, actor civic.Actor, d Draft) error {
	if err := actor.CheckPermission(civic.ManageRules); err != nil {
		return err
	}
	d = d.tidy()
	if d.ID == "" {
		d.ID = idFrom(d.Name, nil)
	}
	return s.check(d)
}

// check returns every wrong field of a draft.
func (s *Service) check(d Draft) error {
	var wrong []errs.Field
	add := func(err error) { wrong = append(wrong, errs.FieldsOf(err)...) }
	if !idForm.MatchString(d.ID) || len(d.ID) > maxID {
		wrong = append(wrong, errs.Field{Name: "id", Code: "rule.id_form"})
	} else if d.ID == newRule {
		wrong = append(wrong, errs.Field{Name: "id", Code: "rule.id_taken"})
	}
	add(civic.CheckLength("name", d.Name, 1, maxName))
	add(civic.CheckLength("owner", d.Owner, 1, maxOwner))
	add(civic.CheckLength("note", d.Note, 0, civic.MaxReason))
	if a, ok := s.Registry.Agency(d.Agency); !ok || !a.Receives {
		wrong = append(wrong, errs.Field{Name: "agency", Code: "field.unknown_value"})
	} else if until := a.Valid.Until; !until.IsZero() && !until.After(s.Now()) {
		wrong = append(wrong, errs.Field{Name: "agency", Code: "rule.agency_ended"})
	}
	if !d.ValidTo.IsZero() && !d.ValidFrom.Before(d.ValidTo) {
		wrong = append(wrong, errs.Field{Name: "valid_to", Code: "rule.ends_before_it_begins"})
	}
	wrong = append(wrong, s.checkCondition(d.Condition)...)
	return errs.InvalidFields(wrong...)
}

// checkCondition compiles the condition alone, so that what the compiler says
// is about nothing else, and looks at the codes in it.
func (s *Service) checkCondition(condition string) []errs.Field {
	if condition == "" {
		return []errs.Field{{Name: "condition", Code: "field.required"}}
	}
	_, err := routing.CompileRules([]routing.Rule{{ID: "x", Version: 1, When: condition, Agency: "x", Owner: "x"}})
	if err != nil {
		detail := strings.TrimPrefix(strings.TrimPrefix(cause(err).Error(), routing.ErrRule.Error()+": "), "condition: ")
		return []errs.Field{{Name: "condition", Code: "rule.condition_wrong", Params: map[string]string{"detail": detail}}}
	}
	tree, err := parser.Parse(condition)
	if err != nil {
		return nil // it compiled; only the check of codes is left out
	}
	codes := &codeCheck{known: s.knownCode}
	ast.Walk(&tree.Node, codes)
	return codes.wrong
}

// knownCode reports whether a field of the environment can have a value.
func (s *Service) knownCode(field, value string) bool {
	switch field {
	case "Topic":
		_, ok := s.Registry.Topic(civic.TopicCode(value))
		return ok
	case "Area":
		_, ok := s.Registry.Area(civic.AreaCode(value))
		return ok
	case "Kind":
		return slices.Contains(civic.Kinds, civic.Kind(value))
	case "SubmitterType":
		return value == string(civic.Person) || value == string(civic.Organisation)
	}
	return true
}

// codeCheck finds comparisons with codes that do not exist: such a rule would
// compile and never hold. The empty code stands for what is not known.
type codeCheck struct {
	known func(field, value string) bool
	wrong []errs.Field
}

// Visit implements ast.Visitor.
func (c *codeCheck) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || !slices.Contains([]string{"==", "!=", "in"}, n.Operator) {
		return
	}
	for _, side := range [][2]ast.Node{{n.Left, n.Right}, {n.Right, n.Left}} {
		field, ok := side[0].(*ast.IdentifierNode)
		if !ok {
			continue
		}
		for _, value := range constants(side[1]) {
			if value != "" && !c.known(field.Value, value) {
				c.wrong = append(c.wrong, errs.Field{
					Name: "condition", Code: "rule.unknown_code", Params: map[string]string{"field": field.Value, "value": value},
				})
			}
		}
	}
}

// constants are the texts that a node stands for.
func constants(node ast.Node) []string {
	switch n := node.(type) {
	case *ast.StringNode:
		return []string{n.Value}
	case *ast.ArrayNode:
		var out []string
		for _, element := range n.Nodes {
			out = append(out, constants(element)...)
		}
		return out
	}
	return nil
}

// version is the draft as it is stored.
func (d Draft) version(n int, now time.Time, by civic.UserID) store.RuleVersion {
	return store.RuleVersion{
		ID: d.ID, Version: n, Name: d.Name, Condition: d.Condition, Agency: d.Agency, ValidFrom: d.ValidFrom, ValidTo: d.ValidTo,
		Owner: d.Owner, Note: d.Note, WrittenAt: now, WrittenBy: by, State: store.RuleDraft,
	}
}
