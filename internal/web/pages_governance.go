package web

import (
	"time"

	"hienke/internal/civic"
)

// This file has the pages on which staff govern how cases are routed.

// Tag is a short word with a colour. Tone is done, stop, wait, active or empty.
type Tag struct{ Text, Tone string }

// RulesPage lists the routing rules in the order in which they are tried.
type RulesPage struct {
	Frame
	Notices []*Notice
	Rows    []RuleRow
}

func (*RulesPage) template() string { return "staff_rules" }

// RuleRow is one rule of the list: what decides now, else the newest version.
type RuleRow struct {
	ID, URL, Name string
	Place         int
	Tags          []Tag
	Agency        Name
	Validity      string
	Owner         string
	Faults        []string // why it does not do what it should
	// Up and Down are the places that the buttons move it to; 0 at an end.
	Up, Down int
}

// RulePage is the form of one rule, with what may be done to it and its
// history.
type RulePage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Heading string
	ID      string // empty: a new rule
	Tags    []Tag
	Faults  []string
	Steps   []RuleStep
	URL     string
	Base    int // the newest version that the person saw
	Fields  []Field
	Codes   []RuleCodes
	History []RuleHistory
}

func (*RulePage) template() string { return "staff_rule" }

// RuleCodes are the codes that one field of a condition can have.
type RuleCodes struct {
	Label string
	Codes []RuleCode
}

// RuleCode is a code with what it stands for.
type RuleCode struct {
	Code string
	Name Name
}

// RuleStep is one version of a rule that waits or decides, with what may be
// done to it.
type RuleStep struct {
	Heading string
	Text    string
	Try     *RuleTry // nil: nothing to try
	Links   []Link
}

// RuleTry is the form of a dry run.
type RuleTry struct {
	URL     string
	Version int
	Since   Field
}

// RuleHistory is one version of a rule as it was written.
type RuleHistory struct {
	Version   int
	Tag       Tag
	Lines     []string // who did what when
	Condition string
	Facts     []Fact
	Agency    Name
	DryRun    string // address of its dry run; empty: it had none
}

// DryRunPage tells what a draft would have done to past cases.
type DryRunPage struct {
	Frame
	Back     string
	RuleName string
	Notices  []*Notice
	Agency   Name
	When     time.Time
	Lines    []string // what was looked at
	Agencies []DryRunAgency
	Examples []DryRunExample
	Failures []string
	GoLive   string // address; empty: it is no draft any more
	Try      *RuleTry
}

func (*DryRunPage) template() string { return "staff_dry_run" }

// DryRunAgency is how many cases an agency would get and lose. Without a Name
// the row is about cases that no rule decides.
type DryRunAgency struct {
	Name     Name
	Come, Go int
}

// DryRunExample is a case that the rule would send elsewhere than a person.
type DryRunExample struct {
	Code, URL, Title string
	Confirmed, Rule  Name
}

// ConfirmPage says what an act will do and asks once more.
type ConfirmPage struct {
	Frame
	Heading string
	Notice  *Notice
	Lines   []string
	URL     string
	Kept    []Hidden
	Button  Button
	Back    Link
}

func (*ConfirmPage) template() string { return "staff_confirm" }

// ModelsPage is the versions of the classifier and what happened to them.
type ModelsPage struct {
	Frame
	Notices   []*Notice
	Serving   string   // which version decides, in words
	Lines     []string // since when, and what there is to learn from
	Asked     string   // the training that waits or runs, in words; or empty
	Versions  []ModelRow
	Trainings []TrainingRow
	// Calibration is that of the version that decides.
	Calibration []CalibrationRow
}

func (*ModelsPage) template() string { return "staff_models" }

// Meanings are the columns that need a word of explanation, in their order.
func (*ModelsPage) Meanings() []string {
	return []string{"examples", "accuracy", "macro_f1", "top3", "auto", "verdict"}
}

// ModelRow is one version. Shares are written out, "–" where nothing was
// measured.
type ModelRow struct {
	Version                       string
	TrainedAt                     time.Time
	Reason                        string
	Examples, Classes             int
	Accuracy, MacroF1, Top3, Auto string
	Tags                          []Tag
	Verdict, Compared             string
	Activate                      string // address; empty where it cannot be
}

// TrainingRow is one training that was asked for or done.
type TrainingRow struct {
	AskedAt        time.Time
	Reason, Result string
	Failed         bool
}

// CalibrationRow says how often decisions of one degree of certainty were
// right.
type CalibrationRow struct {
	Between, Said, Right string
	Rows                 int
}

// AgenciesPage shows which agencies need a word, and what is left over from
// those that ended.
type AgenciesPage struct {
	Frame
	Errors   []FieldError
	Notices  []*Notice
	Flags    []AgencyFlag
	Stranded *StrandedList // nil: not for this role
	// Waiting counts examples to relabel; negative: not for this role.
	Waiting int
}

func (*AgenciesPage) template() string { return "staff_agencies" }

// AgencyFlag is an agency that does not take what it is given, and why that is
// said.
type AgencyFlag struct {
	Name    Name
	Tags    []Tag
	Reasons []string
}

// StrandedList is the open cases of agencies that ended, with the form that
// moves them.
type StrandedList struct {
	Total  int
	Number int // of the page
	Rows   []StrandedRow
	Fields []Field // for all that are chosen
	Pager  Pager
	Any    bool // some of them may be moved
}

// StrandedRow is one of them.
type StrandedRow struct {
	Code, URL, Title string
	Language         civic.Language
	Agency, Topic    Name
	State            civic.State
	Movable, Chosen  bool
	// To offers the successors; without Options there are none.
	To Field
}

// ExamplesPage lists confirmed routings to agencies that ended.
type ExamplesPage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Total   int
	Number  int
	Rows    []ExampleRow
	Pager   Pager
}

func (*ExamplesPage) template() string { return "staff_examples" }

// ExampleRow is one of them, with the form that says whose it is today.
type ExampleRow struct {
	Code, URL, Title string
	Agency, Topic    Name
	At               time.Time
	To               Field
}
