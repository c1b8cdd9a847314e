package civic

import "time"

// PrivacyKind is what somebody asks about the own personal data.
type PrivacyKind string

// The kinds, as the law on personal data names the rights.
const (
	PrivacySee      PrivacyKind = "see"
	PrivacyCorrect  PrivacyKind = "correct"
	PrivacyErase    PrivacyKind = "erase"
	PrivacyObject   PrivacyKind = "object"
	PrivacyWithdraw PrivacyKind = "withdraw" // a consent
)

// PrivacyKinds lists every kind in the order in which a form offers them.
var PrivacyKinds = []PrivacyKind{PrivacySee, PrivacyCorrect, PrivacyErase, PrivacyObject, PrivacyWithdraw}

// PrivacyState tells where a request stands.
type PrivacyState string

// The states. A request that was refused is told and done like any other.
const (
	PrivacyReceived   PrivacyState = "received"   // nobody knows yet whose it is
	PrivacyIdentified PrivacyState = "identified" // it comes from the sender of a case
	PrivacyGranted    PrivacyState = "granted"
	PrivacyRefused    PrivacyState = "refused"
	PrivacyFulfilled  PrivacyState = "fulfilled" // what was granted is done, and must be told
	PrivacyClosed     PrivacyState = "closed"    // told
)

// PrivacyStates lists every state.
var PrivacyStates = []PrivacyState{
	PrivacyReceived, PrivacyIdentified, PrivacyGranted, PrivacyRefused, PrivacyFulfilled, PrivacyClosed,
}

// PrivacyRequest is what somebody asks about the own personal data. It is a
// case of its own, with clocks of its own.
type PrivacyRequest struct {
	ID  int64
	Ref string // by which people name it
	// Kind, State and the case that it is about, zero until that is known.
	Kind       PrivacyKind
	State      PrivacyState
	Submission SubmissionID
	Code       Code // filled when read
	Agency     AgencyCode

	Language Language // of the page that it was made on
	MadeAt   time.Time
	ReplyBy  time.Time // until when it is said what will be done
	DueAt    time.Time // until when it is done
	ReplyAt  time.Time // zero until then
	DoneAt   time.Time
	ClosedAt time.Time
	// ExtendedFrom is the first DueAt where it was extended, once.
	ExtendedFrom   time.Time
	ExtendedReason string
	Partly         bool // granted in part only
	// Identified says how it became known who asks; Reason why it was decided
	// as it was; Told by which way the person heard.
	Identified, Reason, Told string
	By                       UserID // who handled it last
}

// Open reports whether the request still waits for somebody.
func (r PrivacyRequest) Open() bool { return r.State != PrivacyClosed }

// IdentifiedBySecret is how it is known who asks that holds the secret of a case.
const IdentifiedBySecret = "secret"

// Reopen lets a closed request wait again to be told. It reports false where it
// is not closed.
func (r *PrivacyRequest) Reopen() bool {
	if r.Open() {
		return false
	}
	r.State, r.ClosedAt, r.Told = PrivacyFulfilled, time.Time{}, ""
	if r.DoneAt.IsZero() {
		r.State = PrivacyRefused
	}
	return true
}

// PrivacyInPart are the kinds that can be granted in part: what people do
// about them, not what the system does as a whole.
var PrivacyInPart = []PrivacyKind{PrivacySee, PrivacyCorrect, PrivacyObject}

// PrivacyOutcome is how a request ended.
type PrivacyOutcome string

// The outcomes.
const (
	PrivacyWhole  PrivacyOutcome = "granted"
	PrivacyPart   PrivacyOutcome = "partly"
	PrivacyNoneOf PrivacyOutcome = "refused"
)

// Outcome returns how the request ended, empty while it did not.
func (r PrivacyRequest) Outcome() PrivacyOutcome {
	switch {
	case r.State == PrivacyRefused, r.State == PrivacyClosed && r.DoneAt.IsZero():
		return PrivacyNoneOf
	case r.DoneAt.IsZero():
		return ""
	case r.Partly:
		return PrivacyPart
	}
	return PrivacyWhole
}

// PrivacyMessageKind is at which step of a request the person is written to.
type PrivacyMessageKind string

// The kinds of messages.
const (
	PrivacyReceipt  PrivacyMessageKind = "receipt"
	PrivacyReply    PrivacyMessageKind = "reply"
	PrivacyExtended PrivacyMessageKind = "extended"
	PrivacyEnd      PrivacyMessageKind = "outcome"
)

// PrivacyMessageKinds lists every kind.
var PrivacyMessageKinds = []PrivacyMessageKind{PrivacyReceipt, PrivacyReply, PrivacyExtended, PrivacyEnd}

// PrivacyLimits are the clocks of requests.
type PrivacyLimits struct {
	FirstReply Limit
	PerKind    map[PrivacyKind]Limit
	Extension  Limit // by how much one may be extended, once
}

// DefaultPrivacyLimits are those of Nghị định 356/2025/NĐ-CP as far as they are
// known.
func DefaultPrivacyLimits() PrivacyLimits {
	days := func(n int) Limit { return Limit{Clock: CalendarDays, Amount: n} }
	return PrivacyLimits{
		FirstReply: Limit{Clock: WorkingDays, Amount: 2},
		PerKind: map[PrivacyKind]Limit{
			PrivacySee: days(10), PrivacyCorrect: days(10), PrivacyErase: days(20), PrivacyObject: days(15), PrivacyWithdraw: days(15),
		},
		Extension: days(15),
	}
}

// TextCorrection is one time that the text of a case was put right, because
// personal data in it were wrong.
type TextCorrection struct {
	Submission SubmissionID
	Request    string // Ref of the one that asked for it
	At         time.Time
	By         UserID
	ByName     string // filled when read, for staff eyes only
	Reason     string
	// Title, Body and what the public read, as they stood before.
	Title, Body             string
	PublicTitle, PublicBody string
}

// TermsVersion names the text that senders agree to. It is raised with every
// change of that text; a test holds the two together.
const TermsVersion = "2026-1"

// ErasedTitle and ErasedBody stand where a text was erased.
const (
	ErasedTitle = "Nội dung đã được xóa"
	ErasedBody  = "Nội dung đã được xóa theo yêu cầu của người gửi."
)

// Holding is one kind of personal data that is kept: the register that whoever
// controls personal data owes.
type Holding struct {
	Code   string
	Name   Names
	Where  Names // it lies
	Why    Names
	Basis  Names // in law, or consent
	Kept   Names // how long
	SeenBy Names
	// WithContact tells that it is erased together with the sender's contact.
	WithContact bool
}
