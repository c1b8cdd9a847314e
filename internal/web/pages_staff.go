package web

import (
	"html/template"
	"slices"
	"time"

	"hienke/internal/civic"
)

// SignInPage asks staff for address and password.
type SignInPage struct {
	Frame
	Errors   []FieldError
	Notice   *Notice
	Next     string // a path inside /staff to go on to
	Email    Field
	Password Field
	// Provider is the text of the button that leads to another provider of
	// identities, empty where there is none.
	Provider string
	// Passkey is the sign-in without a password, nil where there is none.
	Passkey *Passkey
	// Kept is what was typed elsewhere when the session had ended.
	Kept []Hidden
	// Texts is what was typed into a form that cannot be gone on with, for copying.
	Texts []Fact
}

func (*SignInPage) template() string { return "staff_sign_in" }

// QueuePage is the staff's list of cases.
type QueuePage struct {
	Frame
	Notice *Notice
	Total  int
	Count  string // Total in words
	// Views are the standing views, Team the person's lists beside them, Saved the
	// views that people made.
	Views, Team, Saved []ViewLink

	Q       Field
	Filters []Field // selects, in the order shown
	// Narrowed tells that something is filtered, Narrowing what: each link takes
	// one filter off, Wide leads to the view without any.
	Narrowed  bool
	Narrowing []Chip
	Wide      string
	// Given are the filters again, for the forms beside them; Query is their
	// address.
	Given          []Hidden
	Query          string
	Saving         []Field // of the form that saves the filters as a view
	Rows           []QueueRow
	Choosing       bool // cases may be decided together
	Claiming       bool // cases may be claimed
	Previous, Next string
	Files          []Link // the same as a file
}

func (*QueuePage) template() string { return "staff_queue" }

// Kept are the filters that have no field of their own.
func (p *QueuePage) Kept() []Hidden {
	return slices.DeleteFunc(slices.Clone(p.Given), func(h Hidden) bool { return h.Name != "view" && !slices.Contains(figureParams, h.Name) })
}

// ViewLink leads to a view of the queue.
type ViewLink struct {
	Label, URL string
	Count      string // empty where it was not counted
	Current    bool
	Late       bool // the number is bad news
	Shared     bool
	By         string // who saved it
}

// QueueRow is one case in the queue, two short lines high.
type QueueRow struct {
	Code      string
	URL       string
	Title     string
	Language  civic.Language
	Reason    string // why it is where it is
	Urgent    bool
	Agency    Name
	Suggested bool // Agency is only a suggestion so far
	// Choice is the value of the row's checkbox: code and version; empty where
	// nothing is to be decided in bulk.
	Choice   string
	Assignee string
	State    civic.State
	DueAt    time.Time
	DueState civic.DueState
	DueText  string
	// Duplicates counts the submissions that follow this one.
	Duplicates int
	Tags       []string
	Claimed    string // who triages it and until when, or empty
}

// StaffCasePage is everything the role may see of a case, and what it may do.
type StaffCasePage struct {
	// Present says who else has the case open, empty when nobody has; PresentURL
	// goes on telling.
	Present, PresentURL string
	Urgent              bool
	// Conflict is what others made of the case while the person wrote; Seen is the
	// last entry of the history on this page.
	Conflict *Conflict
	Seen     int64
	// Files are those that came with the case.
	Files []FileRow
	// Before is what stood in the text before it was put right on request.
	Before []EarlierText
	Work   *AnswerWork
	Frame
	Errors  []FieldError
	Notices []*Notice

	Code         string
	CaseTitle    string
	Body         string
	Language     civic.Language
	Kind         civic.Kind
	State        civic.State
	Agency       Name
	Topic        Name
	Area         Name
	Assignee     string
	StandsIn     string // who does the assignee's work at the moment; may be empty
	Approval     string // where an answer waits for approval; may be empty
	Channel      civic.Channel
	Consent      civic.Consent // of the sender of something keyed in
	Handovers    int
	Visibility   civic.Visibility
	PublicURL    string
	ReceivedAt   time.Time
	ForwardDueAt time.Time
	DueAt        time.Time
	DueState     civic.DueState
	DueText      string

	SenderType  civic.SubmitterType
	NameConsent bool
	// Guardian tells that the sender is a child and where the guardian's consent
	// stands; Unpublishable that nothing may become public for that reason.
	Guardian      string
	Unpublishable bool
	// Contact is what a look brought; Look says how to get it, or why not.
	Contact []Fact
	Look    LookForm

	Scope      ScopeText
	Restricted bool // the contact is hidden from everybody
	Route      RouteText
	Duplicates []Related
	Similar    []Related
	Cluster    string    // how many follow this case and since when, or empty
	Related    []Related // its parts, or what it is a part of
	Answer     *StaffAnswer
	Questions  []Question    // asked of the sender
	Opinions   []OpinionText // asked of other agencies
	Todos      []TodoLine
	Helped     civic.Helped
	WhyHelped  string
	FirstDueAt time.Time // zero unless the deadline was extended
	Rejection  *RejectionText
	Messages   []MessageLine
	Timeline   []Moment
	Actions    []Action
	Writing    []Action // those with an AnswerForm, for the wide column
	// Kept is what the person wrote for an action that the case no longer
	// allows.
	Kept []Fact
}

func (*StaffCasePage) template() string { return "staff_case" }

// EarlierText is the text of a case before it was corrected, and why it was.
type EarlierText struct{ On, Why, Title, Body string }

// Fact is a label with a value.
type Fact struct{ Label, Value string }

// RouteText is the stored reason of a route, in words.
type RouteText struct {
	Lines      []string
	Candidates []Candidate
	Second     *RunnerUp // nil: no other agency came near
}

// RunnerUp is the agency that came second, and how far behind the first.
type RunnerUp struct {
	Agency Name
	Behind string
	Words  string // what spoke for it, or empty
}

// Candidate is an agency that could be right.
type Candidate struct {
	Agency Name
	Score  string
}

// Related is another submission and why it is shown here.
type Related struct {
	Code     string
	URL      string // empty: outside the person's scope
	Title    string
	Language civic.Language
	State    civic.State
	Reason   string
	// Advice is what can be done about it, or empty; AdviceURL opens the form
	// for it where there is one.
	Advice, AdviceURL string
	// Compare is the page that shows the two side by side; empty where the
	// person may not see both.
	Compare string
}

// StaffAnswer is an answer with who drafted and approved it.
type StaffAnswer struct {
	Text       string
	Outcome    civic.Outcome
	By         string
	ApprovedBy string // empty while it is a draft
	Remarks    string
	HTML       template.HTML
	Found      []MarkedRun   // what in it seems to be personal data
	Document   *DocumentText // nil: no paper
	Points     []civic.Point
	Correction string    // what it puts right
	PublishAt  time.Time // zero unless it will be public by itself
}

// MessageLine is a mail to the sender and what became of it.
type MessageLine struct {
	Kind   civic.MessageKind
	State  string
	Reason string
	Failed bool
}

// Action is one thing that may be done to a case now.
type Action struct {
	Name    string // as in the address
	URL     string
	Label   string
	Effect  string // its consequence in plain words
	Version int    // of the case when the page was made
	Open    bool   // its form stands open
	Fields  []Field
	Answer  *AnswerForm // nil: Fields are the form
	Buttons []Button
}

// Button sends an action's form. With a Name it adds Name=yes.
type Button struct {
	Label string
	Name  string
	Tone  string // secondary, warning or empty
}
