package web

import (
	"time"

	"hienke/internal/civic"
)

// HomePage is the entrance.
type HomePage struct {
	Frame
	Latest []Hit // newest answered cases; may be empty
	// Key are three figures; none while nothing was received.
	Key []KeyFigure
}

func (*HomePage) template() string { return "home" }

// StepPage is one step of the form for a submission. Its fields keep what was
// typed.
type StepPage struct {
	Frame
	Errors []FieldError
	Notice *Notice
	Step   string
	// At and Of count the steps, from 1.
	At, Of        int
	Heading, Lead string
	// Unsent says which messages to a guardian cannot be sent; empty where all can.
	Unsent string
	// GivenTitle is the title that a link to the form proposed.
	GivenTitle string
	// Token names the draft; empty before the first page was sent.
	Token     string
	ResumeURL string    // the whole address of the draft, to be kept
	ExpiresAt time.Time // of the draft
	BackURL   string    // the step before; empty on the first
	// Back tells that the page was opened from the review and leads there.
	Back bool
	// Seen tells the values that the page shows from what another tab saved.
	Seen string
	// Begun is the stamp of when the form was begun. Unproven asks the browser
	// for a proof of work.
	Begun    string
	Unproven bool
	Fields   []Field
	// Files is where files are chosen, on their step.
	Files *FileForm
	// Structured tells that the kind is one that is written in parts.
	Structured bool
	// Other is what another tab saved, where it differs.
	Other []Row
	// Rows is everything that was written, on the last step.
	Rows []Row
}

func (*StepPage) template() string { return "submit" }

// Action is where the form is sent.
func (p *StepPage) Action() string {
	if p.Token == "" {
		return "/" + string(p.Lang) + "/submit"
	}
	return "/" + string(p.Lang) + "/submit/" + p.Token + "/" + p.Step
}

// Row is a label with its value.
type Row struct {
	Name, Label, Value string
	// Long tells that the value has paragraphs; Empty that it says that there is
	// none.
	Long, Empty bool
	ChangeURL   string
}

// SimilarPage shows what may have been answered already, before anything is
// sent.
type SimilarPage struct {
	Frame
	BackURL, NextURL string
	Cases            []SimilarCase
}

func (*SimilarPage) template() string { return "submit_similar" }

// SimilarCase is a public case with the beginning of its answer.
type SimilarCase struct {
	// FollowURL follows the case instead of sending a new one.
	FollowURL  string
	URL, Title string
	Language   civic.Language
	State      civic.State
	Agency     Name
	AnsweredAt time.Time // zero: no answer yet
	Excerpt    string    // of the answer; may be empty
	Why        string    // the words that both have
}

// CheckPage points out what the writer may want to change.
type CheckPage struct {
	Frame
	BackURL, NextURL string
	Personal         []Row
	OnlyAttachment   bool
	// Accuses tells that the text accuses a named body or official.
	Accuses bool
	Channel *ChannelAdvice // where it rather belongs; nil: here
}

func (*CheckPage) template() string { return "submit_check" }

func (p *CheckPage) nothing() bool {
	return len(p.Personal) == 0 && !p.OnlyAttachment && !p.Accuses && p.Channel == nil
}

// ChannelAdvice is where a matter is taken that is not for this system.
type ChannelAdvice struct {
	Name, Message, Address Name
	Link                   string // may be empty
}

// SentPage shows code and secret after a submission was stored. Without a
// Code it says that this device does not know them any more.
type SentPage struct {
	Frame
	Code       string // grouped for reading aloud
	Secret     string // grouped
	ReceivedAt time.Time
	DueAt      time.Time // zero: not said
	ByMail     bool
	Guardian   string // what a child is told of the guardian; else empty
	// TrackURL is the whole address of the sender's page; QR the same for a
	// telephone's camera.
	TrackURL string
	QR       QRCode
}

func (*SentPage) template() string { return "sent" }

// TrackPage asks for code and secret.
type TrackPage struct {
	Frame
	Errors []FieldError
	Notice *Notice
	Code   Field
	Secret Field
	// Kept is what somebody wrote whose visit had ended meanwhile.
	Kept []Hidden
}

func (*TrackPage) template() string { return "track" }

// TrackedPage is the sender's view of the own submission.
type TrackedPage struct {
	Frame
	Code      string
	CaseTitle string
	Body      string
	Language  civic.Language
	State     civic.State
	// Next is what comes next and by when, Clock how the deadline stands; either
	// may be empty.
	Next, Clock string
	Overdue     bool
	Rejection   *RejectionText
	Agency      Name
	ReceivedAt  time.Time
	DueAt       time.Time
	Answer      *AnswerText
	PublicURL   string // empty while it is not public
	Timeline    []Moment
	Parts       []Part // cases made out of it
	Errors      []FieldError
	Notice      *Notice
	// Questions are the agency's, the oldest first.
	Questions []Question
	// Reopened tells that the answer below was objected to, and another one is
	// being made.
	Reopened bool
	// Extended tells that the deadline was moved once.
	Extended bool
	// Told are the messages to the sender, and Reached what is known of where
	// they go, masked; Care says that mails do not go out, and what to do.
	Told    []ToldLine
	Reached []Fact
	Care    string
	// Acts are what the sender can do now.
	Acts []SenderAct
	// Requests are what the sender asked about the own data.
	Requests []RequestLine
	// Files are those of the case, and where more are added.
	Files *FileForm
	// Guardian tells a child where the guardian's consent stands, with care while
	// there is none.
	Guardian     string
	GuardianCare bool
	// Kept is what the sender wrote for something that cannot be done any more.
	Kept string
}

// Question is what an agency asked, and the reply.
type Question struct {
	Text             string
	AskedAt, ReplyBy time.Time
	Open             bool // the clock stands still for it
	Reply            string
	EndedAt          time.Time
}

// SenderAct is the form of one thing that a sender can do.
type SenderAct struct {
	Name, Title, Effect, Go string
	Fields                  []Field
	Open, Warning           bool
}

// FormOf is a form with the address that it is sent to.
type FormOf struct {
	Act SenderAct
	URL string
}

// On is the form on the page of a case.
func (a SenderAct) On(p *TrackedPage) FormOf {
	return FormOf{a, "/" + string(p.Lang) + "/track/" + p.Code + "/" + a.Name}
}

// Part is a case that was made out of a submission.
type Part struct {
	Code  string
	State civic.State
}

func (*TrackedPage) template() string { return "tracked" }

// Hit is one case in a list of results.
type Hit struct {
	URL        string
	Title      string
	Language   civic.Language
	Snippet    []Span
	Kind       civic.Kind
	Agency     Name
	Topic      Name
	AnsweredAt time.Time // zero: no answer yet
}

// Span is a piece of a snippet; Marked where it matched the query.
type Span struct {
	Text   string
	Marked bool
}

// SearchPage is the public search. Its whole state is in its address.
type SearchPage struct {
	Frame
	Q        string
	Kept     []Hidden // parameters that a new query keeps
	Notice   *Notice
	Chips    []Chip
	ClearURL string
	// Narrowed tells that a query or a filter is set.
	Narrowed bool
	// Down tells that no engine answered at all.
	Down   bool
	Total  int
	Hits   []Hit
	Sorts  []Link
	Facets []Facet
	Pager  Pager
	// Days are the form that narrows to days of the answer, with what it keeps.
	Days DaysForm
	// FollowURL saves the search; empty: there is nothing to save.
	FollowURL string
	// Help is offered where nothing was found; nil: something was.
	Help *SearchHelp
	// FeedsURL explains how to take the results over.
	FeedsURL string
}

func (*SearchPage) template() string { return "search" }

// Hidden is a hidden form input.
type Hidden struct{ Name, Value string }

// Chip is a chosen filter with the address that takes it away.
type Chip struct {
	Label string
	Lang  civic.Language // empty: the page's
	URL   string
}

// Facet is one way to narrow a search.
type Facet struct {
	Name   string // the parameter
	Values []FacetValue
}

// FacetValue is a choice and how many cases it would leave.
type FacetValue struct {
	Label   string
	Lang    civic.Language // empty: the page's
	Count   int
	URL     string
	Current bool
}

// CasePage is the public version of a case.
type CasePage struct {
	Frame
	Code       string
	Kind       civic.Kind
	CaseTitle  string
	Body       string
	Language   civic.Language
	State      civic.State
	Agency     Name
	Topic      Name
	Area       Name
	ReceivedAt time.Time
	DueAt      time.Time
	DueState   civic.DueState
	AnsweredAt time.Time
	Answer     *AnswerText
	// NoAnswer says why there is none, and Rejection why there will be none.
	NoAnswer  string
	Rejection *RejectionText
	// RootURL is the public case that this one follows.
	RootURL string
	// Documents are the published files.
	Documents []FileRow
	Timeline  []Moment
	Sender    Name
	Similar   []Related
}

func (*CasePage) template() string { return "case" }

// PlainPage is one of the plain pages; its text is a template per language.
type PlainPage struct {
	Frame
	Name    string // slug
	Contact Contact
	Limits  LimitTexts
	// Channels are where matters belong that are not for this system.
	Channels []OtherPlace
}

// OtherPlace is where a matter is taken that does not belong here. Unchecked
// tells that nobody has confirmed the address yet.
type OtherPlace struct {
	Name, Address Name
	Link          string // may be empty
	Unchecked     bool
}

func (*PlainPage) template() string { return "plain" }

// Contact says how to reach whoever runs the service. All comes from
// configuration; what is empty is not shown.
type Contact struct {
	Operator, Email, Phone, Address string
}

// Any reports whether there is anything to show.
func (c Contact) Any() bool { return c != Contact{} }

// LimitTexts are the legal time limits in words.
type LimitTexts struct {
	Forward, Answer string
}
