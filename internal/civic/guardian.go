package civic

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hienke/internal/errs"
)

// A child in Vietnamese law is under 16. From 7 years on both the child and a
// parent or guardian consent to what is done with the child's personal data;
// for a younger child a parent sends in the parent's own name.

// GuardianState tells where the consent stands that a child needs from a parent
// or guardian.
type GuardianState string

// The states. The case of a child is handled in each of them: handling rests on
// the law. Published it is with GuardianConfirmed alone.
const (
	NoGuardian        GuardianState = ""          // the sender is no child
	GuardianWaiting   GuardianState = "waiting"   // nobody has answered yet
	GuardianConfirmed GuardianState = "confirmed" // to handling and to publication
	GuardianPrivate   GuardianState = "private"   // to handling, and not to publication
	GuardianRefused   GuardianState = "refused"   // to everything, or by somebody who is not the guardian
	GuardianLapsed    GuardianState = "lapsed"    // nobody answered in time
	GuardianWithdrawn GuardianState = "withdrawn" // it was given, and taken back later
)

// GuardianStates lists every state of a case that a child sent.
var GuardianStates = []GuardianState{
	GuardianWaiting, GuardianConfirmed, GuardianPrivate, GuardianRefused, GuardianLapsed, GuardianWithdrawn,
}

// Child reports whether the sender is a child.
func (g GuardianState) Child() bool { return g != NoGuardian }

// Publishable reports whether the text may become public.
func (g GuardianState) Publishable() bool { return g == NoGuardian || g == GuardianConfirmed }

// Ended reports whether there is no consent any more, so that what is known of
// the child is erased.
func (g GuardianState) Ended() bool {
	return g == GuardianRefused || g == GuardianLapsed || g == GuardianWithdrawn
}

// Guardian is the parent or guardian whom a child names. It is sealed at rest as
// a contact is.
type Guardian struct {
	Name  string
	Email string
	Phone string
}

// Contact is the guardian in the form in which contacts are sealed.
func (g Guardian) Contact() Contact { return Contact{Name: g.Name, Email: g.Email, Phone: g.Phone} }

// SameAs reports whether one of the guardian's addresses is the child's own, so
// that the child would answer in the guardian's place.
func (g Guardian) SameAs(c Contact) (email, phone bool) {
	email = g.Email != "" && NormalEmail(g.Email) == NormalEmail(c.Email)
	phone = g.Phone != "" && NormalPhone(g.Phone) == NormalPhone(c.Phone)
	return email, phone
}

// GuardianHow is how a guardian answered.
type GuardianHow string

// The ways.
const (
	GuardianByLink  GuardianHow = "link"    // on the page that the message leads to
	GuardianOnPaper GuardianHow = "written" // signed, as a member of staff recorded
)

// GuardianConsent is what is known of the consent of a guardian, without who the
// guardian is.
type GuardianConsent struct {
	Submission SubmissionID
	// Whole is the submission whose guardian was asked, for a case that staff made
	// out of it; zero otherwise.
	Whole SubmissionID
	// NameWished tells that the child consented to show the name.
	NameWished bool
	// AskedAt is zero while no message was asked for, and then so are the others.
	AskedAt    time.Time
	RemindAt   time.Time
	LapseAt    time.Time
	RemindedAt time.Time // zero: not reminded
	// DecidedAt is zero until it was answered or lapsed.
	DecidedAt time.Time
	How       GuardianHow
	By        UserID // who recorded a signature
	// Version names the text that the guardian agreed to, empty on paper.
	Version string
	// Publish and Name are the consents to publish the text and to show the name.
	Publish, Name bool
	// NotMine tells that whoever was written to is not the guardian.
	NotMine bool
	// EndedAt is when a consent that was given was taken back.
	EndedAt time.Time
}

// ChildTermsVersion and GuardianTermsVersion name the texts that a child and a
// guardian agree to. They are raised with every change of those texts; a test
// holds them together.
const (
	ChildTermsVersion    = "child-2026-1"
	GuardianTermsVersion = "guardian-2026-1"
)

// GuardianLimits are the spans within which a guardian answers, counted from
// when the message was sent.
type GuardianLimits struct {
	Consent  Limit // until it lapses
	Reminder Limit // until the one reminder
}

// DefaultGuardianLimits are ours: as long as a sender has for a question of an
// agency, and half of it.
func DefaultGuardianLimits() GuardianLimits {
	return GuardianLimits{Consent: Limit{Clock: WorkingDays, Amount: 10}, Reminder: Limit{Clock: WorkingDays, Amount: 5}}
}

// checkGuardian adds what is wrong with what a child says of a guardian. Who is
// keyed in need name no address: a signature on paper is enough.
func (d *Draft) checkGuardian(c *checker) {
	if g := d.Guardian; g.Email == "" && g.Phone == "" && !d.Channel.Keyed() {
		c.add("guardian.email", "field.required")
	}
	d.Guardian.check(c, d.Contact)
}

// Check fails with everything that is wrong with a guardian who is written to
// for a child with a contact of its own.
func (g Guardian) Check(child Contact) error {
	c := &checker{}
	if g.Email == "" && g.Phone == "" {
		c.add("guardian.email", "field.required")
	}
	g.check(c, child)
	return errs.InvalidFields(c.fields...)
}

func (g Guardian) check(c *checker, child Contact) {
	c.length("guardian.name", g.Name, 1, MaxName)
	c.longest("guardian.email", g.Email, MaxEmail)
	if g.Email != "" && !validEmail(g.Email) {
		c.add("guardian.email", "field.not_an_email")
	}
	if g.Phone != "" && !validPhone(g.Phone) {
		c.add("guardian.phone", "field.not_a_phone")
	}
	email, phone := g.SameAs(child)
	if email {
		c.add("guardian.email", "field.same_as_sender")
	}
	if phone {
		c.add("guardian.phone", "field.same_as_sender")
	}
}

// GivenName shortens a name so that who knows the child recognises it and a
// stranger learns little: the last word, which Vietnamese call each other by,
// behind initials. It is empty for what does not look like a name.
func GivenName(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	last := words[len(words)-1]
	head := Initials(strings.Join(words[:len(words)-1], " "))
	if len(words) > 1 && head == "" || !isWord(last) {
		return ""
	}
	return strings.TrimSpace(head + " " + last)
}

func isWord(s string) bool {
	return utf8.RuneCountInString(s) <= longestWord && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
}

// longestWord bounds a given name, in letters: what is longer is none.
const longestWord = 20

// mostInitials is how many there are at most: Vietnamese names have two to
// five words, and what is longer is no name.
const mostInitials = 5

// Initials writes "Nguyễn Văn An" as "N. V. A."; empty where a word does not
// begin with a letter, since somebody may have typed a number as the name.
func Initials(name string) string {
	words := strings.Fields(name)
	if len(words) > mostInitials {
		return ""
	}
	out := make([]string, len(words))
	for i, word := range words {
		first := []rune(word)[0]
		if !unicode.IsLetter(first) {
			return ""
		}
		out[i] = string(unicode.ToUpper(first)) + "."
	}
	return strings.Join(out, " ")
}

// ForGuardian returns the spans of a guardian's consent; where the registry says
// nothing those of DefaultGuardianLimits.
func (l Limits) ForGuardian() GuardianLimits {
	if l.Guardian == (GuardianLimits{}) {
		return DefaultGuardianLimits()
	}
	return l.Guardian
}
