package civic

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hienke/internal/errs"
)

// SubmissionID is the key inside the house. It never leaves it: the public
// name is the Code.
type SubmissionID int64

// Kind is what the sender offers.
type Kind string

// The kinds.
const (
	Feedback       Kind = "feedback"       // phản ánh
	Recommendation Kind = "recommendation" // kiến nghị
	Initiative     Kind = "initiative"     // sáng kiến
	Solution       Kind = "solution"       // giải pháp
)

// Kinds lists every kind.
var Kinds = []Kind{Feedback, Recommendation, Initiative, Solution}

// Channel is how a submission came in.
type Channel string

// The channels.
const (
	ChannelWeb    Channel = "web"
	ChannelAPI    Channel = "api"
	ChannelImport Channel = "import"

	// What staff keyed in for somebody.
	ChannelLetter Channel = "letter"
	ChannelVisit  Channel = "visit"
	ChannelPhone  Channel = "phone"
)

// Channels lists every channel.
var Channels = []Channel{ChannelWeb, ChannelAPI, ChannelImport, ChannelLetter, ChannelVisit, ChannelPhone}

// KeyedChannels are those on which staff write down what somebody says.
var KeyedChannels = []Channel{ChannelLetter, ChannelVisit, ChannelPhone}

// Keyed reports whether staff keyed it in for somebody.
func (c Channel) Keyed() bool { return slices.Contains(KeyedChannels, c) }

// Consent is how somebody agreed to what staff keyed in.
type Consent string

// The consents.
const (
	ConsentOwn     Consent = ""        // the sender did it alone, on the form or over the API
	ConsentWritten Consent = "written" // it stands in the letter, or a form was signed
	ConsentOral    Consent = "oral"    // said to the member of staff
	ConsentNone    Consent = "none"    // was not asked or not given: the name stays hidden
)

// KeyedConsents are the consents that staff may record.
var KeyedConsents = []Consent{ConsentWritten, ConsentOral, ConsentNone}

// SubmitterType tells who speaks.
type SubmitterType string

// The submitter types.
const (
	Person       SubmitterType = "person"
	Organisation SubmitterType = "organisation"
)

// Contact is the personal data of a sender. It is sealed at rest with a key of
// its own and kept apart from the text.
type Contact struct {
	Name         string `json:"name"`
	Email        string `json:"email,omitempty"`
	Phone        string `json:"phone,omitempty"`
	Address      string `json:"address,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	// Authors are the people behind an initiative or a solution, where they are
	// not the sender alone.
	Authors string `json:"authors,omitempty"`
}

// Visibility is a decision, not an accident: nothing is public until staff
// make it so.
type Visibility string

// The visibilities.
const (
	Private          Visibility = "private"     // the default
	PublicWithAnswer Visibility = "with_answer" // question and answer together
	PublicOpen       Visibility = "open"        // published while it is handled
	TakenDown        Visibility = "taken_down"  // was public; answers 410
)

// Public reports whether the public may read the submission.
func (v Visibility) Public() bool { return v == PublicWithAnswer || v == PublicOpen }

// Outcome is what an answer amounts to.
type Outcome string

// The outcomes.
const (
	OutcomeAccepted    Outcome = "accepted"
	OutcomePartly      Outcome = "partly"
	OutcomeInPlace     Outcome = "in_place"
	OutcomeNotAccepted Outcome = "not_accepted"
	OutcomeExplained   Outcome = "explained"
)

// Outcomes lists every outcome.
var Outcomes = []Outcome{OutcomeAccepted, OutcomePartly, OutcomeInPlace, OutcomeNotAccepted, OutcomeExplained}

// Promising lists the outcomes that something is promised with: what is taken
// up, wholly or in part, will be done by somebody.
var Promising = []Outcome{OutcomeAccepted, OutcomePartly}

// Promises reports whether something may be promised with the outcome.
func (o Outcome) Promises() bool { return slices.Contains(Promising, o) }

// Submission is one citizen's text and everything that was decided about it.
type Submission struct {
	ID       SubmissionID
	Code     Code
	Kind     Kind
	Title    string
	Body     string
	Topic    TopicCode // empty: not sure
	Area     AreaCode  // empty: none or not sure
	Language Language  // of the text
	Channel  Channel
	// Submitter is who speaks; the personal data are in the sealed contact.
	Submitter SubmitterType
	// PublishName is the sender's separate consent to show the name.
	PublishName bool
	// Consent is how the sender of something keyed in agreed to it.
	Consent Consent
	// TermsVersion is that of the text which the sender agreed to, empty where
	// none was shown.
	TermsVersion string
	// KindOpen tells that the sender was not sure of the kind and that nobody has
	// decided it since; Kind is Feedback then.
	KindOpen bool
	// Guardian tells that the sender is a child, and where the guardian's consent
	// stands. While it is not confirmed nothing of the case becomes public.
	Guardian GuardianState
	// Confidential is the sender's wish that it stays unpublished: publication
	// destroys the novelty of an invention. Staff cannot go over it.
	Confidential bool
	// Urgent is a decision of staff; shorter limits may hold for it.
	Urgent bool
	State  State
	// Version rises with every change that a person sees, from 1.
	Version  int
	Agency   AgencyCode // empty until routed
	Assignee UserID     // zero until somebody accepted
	// Handovers counts how often an agency gave the case back or it was moved.
	Handovers  int
	ReceivedAt time.Time
	// DueAt is the deadline for an answer that holds now, with every pause and
	// extension; it is what the citizen sees.
	DueAt time.Time
	// FirstDueAt is the deadline before it was extended, by which an answer is in
	// time or late; zero while it never was.
	FirstDueAt time.Time
	// Extended is by how many days, counted as the limit of its kind is.
	Extended int
	// ReopenedAt is when the sender had it opened again, which is done once; zero
	// until then.
	ReopenedAt time.Time
	// FirstTimeliness is that of the answer which the sender objected to; empty
	// until then. The new clock does not forgive the old one.
	FirstTimeliness Timeliness
	// ForwardDueAt is by when it must be with the responsible agency.
	ForwardDueAt time.Time
	AnsweredAt   time.Time // zero until approved
	UpdatedAt    time.Time
	// TriageReason is a code why a coordinator must look, empty otherwise.
	TriageReason string
	// Hold is a code why the submission is checked before anything else
	// (over a limit, honeypot), empty otherwise.
	Hold string
	// Root is the earlier submission that this one follows when merged.
	Root SubmissionID
	// Rejection is why it is not handled, empty otherwise.
	Rejection Rejection
	// Restricted is set on a text that accuses a named body or official: the
	// contact is shown to nobody, nothing assigns it by itself, and its answer
	// is not published with the approval.
	Restricted bool

	Visibility  Visibility
	PublicTitle string // the public version; the original stays
	PublicBody  string
	PublishedAt time.Time
}

// Rejection tells the sender why a submission is not handled.
type Rejection struct {
	Reason  string // a reason code of the registry
	Message string
	Channel string // code of the OtherChannel to turn to; empty if none
}

// Deadline is by when an answer is in time: DueAt as it stood before it was
// extended.
func (s *Submission) Deadline() time.Time {
	if s.FirstDueAt.IsZero() {
		return s.DueAt
	}
	return s.FirstDueAt
}

// Timeliness says how an answer stands to its deadline.
type Timeliness string

// The kinds of timeliness.
const (
	InTime       Timeliness = "in_time"  // by the first deadline
	InExtendedBy Timeliness = "extended" // after the first, by the extended one
	Late         Timeliness = "late"
)

// Timeliness says whether the first answer was in time; empty while there is
// none.
func (s *Submission) Timeliness() Timeliness {
	switch {
	case s.FirstTimeliness != "":
		return s.FirstTimeliness
	case s.AnsweredAt.IsZero():
		return ""
	case s.Deadline().IsZero() || !s.AnsweredAt.After(s.Deadline()): // without a deadline nothing is late
		return InTime
	case !s.AnsweredAt.After(s.DueAt):
		return InExtendedBy
	}
	return Late
}

// ClockFrom is when the answer clock began to run.
func (s *Submission) ClockFrom() time.Time {
	if s.ReopenedAt.IsZero() {
		return s.ReceivedAt
	}
	return s.ReopenedAt
}

// Text returns title and body as matching and routing read them.
func (s *Submission) Text() string { return s.Title + "\n" + s.Body }

// Limits of what the form and the API take, in letters (runes).
const (
	MinTitle   = 5
	MaxTitle   = 200
	MinBody    = 20
	MaxBody    = 50_000
	MaxName    = 200
	MaxEmail   = 254 // octets in an address that SMTP can carry, RFC 5321
	MaxPhone   = 30
	MaxAddress = 500
	MaxAuthors = 500
)

// Draft is what a sender hands in, before it is anything.
type Draft struct {
	Kind        Kind
	Title       string
	Body        string
	Topic       TopicCode
	Area        AreaCode
	Language    Language
	Channel     Channel
	Submitter   SubmitterType
	Contact     Contact
	AcceptTerms bool
	PublishName bool
	// Confidential asks that it stays unpublished.
	Confidential bool
	// KindOpen tells that the sender is not sure of the kind. Kind is Feedback
	// then, the widest of them, until staff say otherwise.
	KindOpen bool
	// Child tells that the sender is under 16; Guardian is whom the child names.
	Child    bool
	Guardian Guardian
}

// Valid reports whether k is one of Kinds.
func (k Kind) Valid() bool { return slices.Contains(Kinds, k) }

// Check returns every rule that d breaks as one Invalid error, or nil. It
// expects text that was normalised already. An import has no sender to reach
// and no consent, so those rules do not bind the channel import.
func (d *Draft) Check(reg *Registry, at time.Time) error {
	var c checker
	c.oneOf("kind", string(d.Kind), KindNames())
	c.length("title", d.Title, MinTitle, MaxTitle)
	c.length("body", d.Body, MinBody, MaxBody)
	if t, ok := reg.Topic(d.Topic); d.Topic != "" && (!ok || !t.Valid.Holds(at)) {
		c.add("topic", "field.unknown_value")
	}
	if a, ok := reg.Area(d.Area); d.Area != "" && (!ok || !a.Valid.Holds(at)) {
		c.add("area", "field.unknown_value")
	}
	if d.Language != "" && !validLanguage(d.Language) {
		c.add("language", "field.unknown_value")
	}
	if d.Channel != ChannelImport {
		d.checkSender(&c)
	}
	return errs.InvalidFields(c.fields...)
}

func (d *Draft) checkSender(c *checker) {
	c.oneOf("submitter.type", string(d.Submitter), []string{string(Person), string(Organisation)})
	c.length("submitter.name", d.Contact.Name, 1, MaxName)
	c.longest("submitter.address", d.Contact.Address, MaxAddress)
	c.longest("submitter.organisation", d.Contact.Organisation, MaxName)
	c.longest("submitter.authors", d.Contact.Authors, MaxAuthors)
	if d.Submitter == Organisation && d.Contact.Organisation == "" {
		c.add("submitter.organisation", "field.required")
	}
	c.longest("submitter.email", d.Contact.Email, MaxEmail)
	if d.Contact.Email != "" && !validEmail(d.Contact.Email) {
		c.add("submitter.email", "field.not_an_email")
	}
	if d.Contact.Phone != "" && !validPhone(d.Contact.Phone) {
		c.add("submitter.phone", "field.not_a_phone")
	}
	if d.Child {
		d.checkGuardian(c)
	}
	if !d.AcceptTerms {
		c.add("consent.terms", "field.consent_required")
	}
}

// KindNames returns Kinds as plain strings, for checks and forms.
func KindNames() []string {
	out := make([]string, len(Kinds))
	for i, k := range Kinds {
		out[i] = string(k)
	}
	return out
}

func validLanguage(l Language) bool {
	// A text may be in any language; the tag must only look like one.
	if len(l) < 2 || len(l) > 35 { // 35: longest tag RFC 5646 asks programs to take
		return false
	}
	return strings.Trim(string(l), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}

func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return false
	}
	at := strings.LastIndexByte(s, '@')
	return at > 0 && validDomain(s[at+1:])
}

// validDomain takes names of at least two labels as mail servers have them,
// internationalised ones too; a bare address of a machine is none.
func validDomain(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.ContainsFunc(l, notInDomain) { // 63 octets: RFC 1035
			return false
		}
	}
	return len(labels) > 1 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

func notInDomain(r rune) bool {
	return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}

// validPhone takes what people write: digits with spaces, dots, dashes,
// brackets and one leading plus; 6 to 15 digits (E.164 has at most 15).
func validPhone(s string) bool {
	if utf8.RuneCountInString(s) > MaxPhone {
		return false
	}
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0:
		case strings.ContainsRune(" .-()", r):
		default:
			return false
		}
	}
	return digits >= 6 && digits <= 15
}
