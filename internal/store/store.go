// Package store is the port to the database, the one place that must survive.
//
// What one transaction writes is seen whole or not at all. Every method that
// changes a submission leaves it marked for both search indexes in the same
// transaction, so that no change is ever missed by search. Errors are
// classified: NotFound, Conflict, or Unavailable when the database is away.
//
// Implementations are held to these sentences by package storetest.
package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Store runs units of work.
type Store interface {
	// Do runs fn in one transaction and commits when fn returns nil; an error
	// rolls everything back and is returned. It may call fn again after a
	// deadlock or serialization failure, so fn must touch nothing but tx, wait
	// for nothing else and compute nothing heavy. Do is never nested.
	Do(ctx context.Context, fn func(tx Tx) error) error
	// View runs fn on one consistent, read-only snapshot. A write inside it
	// fails.
	View(ctx context.Context, fn func(tx Tx) error) error
	// Receive stores one submission durably together with everything in r,
	// and returns after the commit. Waiting calls share a commit; a bad row
	// fails alone. The commit outlives ctx: a call whose context ends returns
	// early, and the submission may or may not be there.
	//
	// With an idempotency key that was seen before, nothing is stored: the
	// same body gives the first Received again with Replayed set, another body
	// is Conflict with code idempotency.other_body. A call that arrives while
	// the first is under way waits for it. A taken code is Conflict with code
	// submission.code_taken, and then nothing is stored.
	Receive(ctx context.Context, r Receipt) (Received, error)
	// Ping reports whether the database answers.
	Ping(ctx context.Context) error
	// Close waits for what Receive has in hand and gives the connections back.
	Close() error
}

// Tx is the inside of one transaction.
type Tx interface {
	Submissions() Submissions
	Events() Events
	Contacts() Contacts
	Outbox() Outbox
	Matches() Matches
	Shelf() Shelf
	Routes() Routes
	Scopes() Scopes
	Models() Models
	Trainings() Trainings
	Rules() Rules
	Agencies() Agencies
	AgencyNotices() AgencyNotices
	Answers() Answers
	Commitments() Commitments
	AnswerSaves() AnswerSaves
	AnswerTemplates() AnswerTemplates
	Inquiries() Inquiries
	Ratings() Ratings
	Messages() Messages
	Reaches() Reaches
	Users() Users
	Sessions() Sessions
	ServiceTokens() ServiceTokens
	Looks() Looks
	AccountChanges() AccountChanges
	AccountLinks() AccountLinks
	AccountMails() AccountMails
	Factors() Factors
	Passkeys() Passkeys
	Identities() Identities
	SignInSteps() SignInSteps
	Drafts() Drafts
	Attachments() Attachments
	Proofs() Proofs
	Following() Following
	IndexQueue() IndexQueue
	Leases() Leases
	Parts() Parts
	Figures() Figures
	Audit() Audit
	Timetable() Timetable
	Recounts() Recounts
	Directory() Directory
	Prompts() Prompts
	StaffMails() StaffMails
	LateNotes() LateNotes
	Absences() Absences
	PrivacyRequests() PrivacyRequests
	PrivacyMessages() PrivacyMessages
	Guardians() Guardians
	QueueViews() QueueViews
	Tags() Tags
	Claims() Claims
	BulkWorks() BulkWorks
	Exports() Exports
	Opinions() Opinions
	Todos() Todos
	Mentions() Mentions
	CaseLinks() CaseLinks
}

// Receipt is everything that receiving writes in one transaction. The ID of
// Submission is zero, and so are the Submission fields of Events and Messages
// and the Subject of Jobs: the store fills them in.
type Receipt struct {
	Submission civic.Submission
	Contact    SealedContact // zero: no contact
	Events     []civic.Event
	Jobs       []Job
	// Messages are mails to the sender, queued unless State says otherwise; the
	// store adds an outbox row of kind JobSend for each.
	Messages []civic.Message
	// Guardian is whom a child named, nil where the sender is none. Submission is
	// filled in by the store.
	Guardian *SealedGuardian
	// Draft is the hash of the token of the draft that the submission was
	// written in, zero where there was none. The same transaction notes that it
	// was sent and gives its whole files to the submission; a job of kind
	// JobMatch rests until its NextAt only while one of them waits to be looked
	// into.
	Draft [32]byte
	// Idempotency is nil when the sender gave no key.
	Idempotency *Idempotency
}

// Idempotency recognises a repeated request, however late: the contract names no
// end, and an import knows by it which lines it has stored before. Both hashes
// stand in the submission's own row, so there is nothing to prune. Both are SHA-256: of the key, and
// of the whole body.
type Idempotency struct {
	Key, Body [32]byte
}

// Received is what the sender gets back.
type Received struct {
	ID         civic.SubmissionID
	Code       civic.Code
	ReceivedAt time.Time
	Replayed   bool
}

// SealedContact is a contact as it lies in the database. The key is wrapped by
// the installation's key; destroying it erases the contact.
type SealedContact struct {
	WrappedKey []byte
	Sealed     []byte
	// EmailIndex and PhoneIndex are keyed hashes by which Find knows the
	// contact; empty where there is no address, or no number. Get leaves them
	// empty.
	EmailIndex, PhoneIndex string
}

// Submissions keeps submissions.
type Submissions interface {
	// Add stores a submission with everything in r as part of the transaction,
	// without the group commit that Receive is for and without a key against
	// repeats. A taken code is Conflict with code submission.code_taken, which
	// undoes the transaction.
	Add(ctx context.Context, r Receipt) (Received, error)
	// Get returns the submission, or NotFound.
	Get(ctx context.Context, id civic.SubmissionID) (civic.Submission, error)
	// GetByCode returns the submission, or NotFound.
	GetByCode(ctx context.Context, code civic.Code) (civic.Submission, error)
	// Lock is Get, and until the transaction ends no other transaction changes
	// the submission. Several are locked in ascending order of id and returned
	// in the order named. Inside View it fails.
	Lock(ctx context.Context, ids ...civic.SubmissionID) ([]civic.Submission, error)
	// Update writes every field but ID, Code, ReceivedAt and the original
	// text, and marks the submission for the indexes. It is Conflict with code
	// submission.version_mismatch when the stored version is not s.Version-1
	// or s.Version: the caller raises Version by one exactly when a person
	// would see the change.
	Update(ctx context.Context, s civic.Submission) error
	// Correct puts title and body in the place of the original text, keeps what
	// stood there as c says, and marks the submission for the indexes.
	Correct(ctx context.Context, title, body string, c civic.TextCorrection) error
	// Corrections returns what stood in a submission before each Correct, the
	// oldest first.
	Corrections(ctx context.Context, id civic.SubmissionID) ([]civic.TextCorrection, error)
	// Erase puts civic.ErasedTitle and civic.ErasedBody in the place of the text
	// for ever, forgets what Corrections gives, empties everything that people wrote
	// about the submission but the answer, and removes its files, whose names in the blob store it returns. It
	// marks the submission for the indexes.
	Erase(ctx context.Context, id civic.SubmissionID) (files []string, err error)
	// List returns those of ids that exist, in the order of ids.
	List(ctx context.Context, ids []civic.SubmissionID) ([]civic.Submission, error)
	// Queue returns a page of open or chosen cases for staff.
	Queue(ctx context.Context, q QueueQuery) (QueuePage, error)
	// CountQueue returns Total alone.
	CountQueue(ctx context.Context, q QueueQuery) (int, error)
	// CountStates returns Total in parts, by state.
	CountStates(ctx context.Context, q QueueQuery) (map[civic.State]int, error)
	// CountAgencies returns Total in parts, by agency; the empty one has none.
	CountAgencies(ctx context.Context, q QueueQuery) (map[civic.AgencyCode]int, error)
	// DueUntil returns the cases that are in one of civic.AgencysTurn, whose
	// deadline lies in a time, half open, in the order of their deadline. A nil
	// scope is everything that has an agency.
	DueUntil(ctx context.Context, scope []civic.AgencyCode, from, until time.Time) ([]Due, error)
	// Register returns up to limit of the cases that Queue pages through, with an
	// id above after, in order of id: the walk of an export.
	Register(ctx context.Context, q QueueQuery, after civic.SubmissionID, limit int) ([]QueueItem, error)
	// Public returns a page of public submissions, newest answer first, by a
	// plain look at the words of title and answer: the way to answer a search
	// when the engine is away.
	Public(ctx context.Context, q PublicQuery) (PublicPage, error)
	// Published returns up to limit public submissions with an id above after, in
	// order of id, those before offset left out.
	Published(ctx context.Context, offset int, after civic.SubmissionID, limit int) ([]Published, error)
	// CountPublished returns how many submissions are public.
	CountPublished(ctx context.Context) (int, error)
	// After returns up to limit submissions with an id above after, in order
	// of id: the walk of a rebuild.
	After(ctx context.Context, after civic.SubmissionID, limit int) ([]civic.Submission, error)
	// NewlyOverdue returns up to limit open submissions whose DueAt has passed
	// and that NoteOverdue has not marked, the most overdue first.
	NewlyOverdue(ctx context.Context, now time.Time, limit int) ([]civic.SubmissionID, error)
	// NoteOverdue marks a submission so that NewlyOverdue leaves it out. It
	// reports false when it was marked already.
	NoteOverdue(ctx context.Context, id civic.SubmissionID) (bool, error)
	// ForgetOverdue lets a passed deadline be noted once more, after a new one
	// was set.
	ForgetOverdue(ctx context.Context, id civic.SubmissionID) error
	// Silent returns up to limit submissions that were answered before a time
	// and are not closed yet.
	Silent(ctx context.Context, before time.Time, limit int) ([]civic.SubmissionID, error)
	// Count returns how many submissions there are in each state.
	Count(ctx context.Context) (map[civic.State]int, error)
}

// Due is a case with its deadline.
type Due struct {
	ID     civic.SubmissionID
	Agency civic.AgencyCode
	DueAt  time.Time
}

// QueueSort is an order of the staff queue.
type QueueSort string

// The orders. Each ends with the id, so that a page is stable.
const (
	SortDue    QueueSort = "due"    // what will be late first; the default
	SortNewest QueueSort = "newest" // by receipt
	SortOldest QueueSort = "oldest"
)

// QueueQuery chooses what a staff queue shows. Empty fields do not filter.
type QueueQuery struct {
	// Scope limits to submissions with one of these agencies; nil means all.
	// An empty, non-nil scope matches nothing.
	Scope []civic.AgencyCode
	// States to show; empty means civic.Open.
	States []civic.State
	// ScopedAs limits to cases of one of these scopes.
	ScopedAs []civic.Scope
	Agencies []civic.AgencyCode
	Topics   []civic.TopicCode
	// Assignees limits to what one of these has accepted.
	Assignees []civic.UserID
	// DueFrom and DueUntil bound DueAt, half open; zero bounds are open.
	DueFrom, DueUntil time.Time
	// Channels limits to how it came in.
	Channels []civic.Channel
	// Held limits to what must be checked first.
	Held bool
	// IDs limits to these, as a text search found them; nil does not filter.
	IDs []civic.SubmissionID
	// Unassigned limits to what nobody has accepted, HandedOn to what an agency
	// gave away.
	Unassigned, HandedOn bool
	// Urgent limits to what is marked as urgent.
	Urgent bool
	// PausedOut limits to cases whose clock was stopped at least Count times, or
	// for more than Days working days. A zero Count does not filter.
	PausedOut civic.PauseUse
	// NotBy leaves out cases whose current answer this person drafted.
	NotBy civic.UserID
	// Tags limits to cases with one of these.
	Tags []civic.TagID
	// ClaimedBy limits to what this person holds a claim on at ClaimedAt.
	ClaimedBy civic.UserID
	ClaimedAt time.Time
	// Counted limits to what a figure counts. FigureForeseen is not decided in
	// the store and filters nothing there.
	Counted       civic.Counted
	Sort          QueueSort
	Page, PerPage int // Page from 1; PerPage 1 to 1000
	// From begins the page at a place in the order, and Page does not count. The
	// page is in the order of Sort, whichever way it was read.
	From *QueuePlace
	// CountTo bounds how far Total counts, which is then at most one more; 0
	// means that it is exact.
	CountTo int
}

// QueuePage is one page of the queue.
type QueuePage struct {
	Total int
	Items []QueueItem
	// More tells that there are cases beyond the page, in the direction in which
	// it was read.
	More bool
}

// QueueItem is a submission with what a line of the queue tells about it.
type QueueItem struct {
	civic.Submission
	AssigneeName string
	Duplicates   int // submissions that follow it
	Route        civic.Route
	HasRoute     bool
	// SetApart is the scope that holds, empty while the case was not judged.
	SetApart civic.Scope
}

// PublicQuery is a plain search. Words are folded and all must occur, and of
// each of Names one must, its words in a row; empty fields do not filter.
type PublicQuery struct {
	Words         []string
	Names         [][]string
	Kinds         []civic.Kind
	Topics        []civic.TopicCode
	Agencies      []civic.AgencyCode
	Areas         []civic.AreaCode
	States        []civic.State
	Outcomes      []civic.Outcome
	Years         []int     // of the answer, or of receipt while open, in civic.Zone
	From, Until   time.Time // bounds of the answer, half open; an open case is outside
	Oldest        bool
	Page, PerPage int
}

// Published is a public submission as a site map lists it.
type Published struct {
	ID        civic.SubmissionID
	Code      civic.Code
	ChangedAt time.Time // of the answer, the publication or the receipt, whichever was last
}

// PublicPage is one page of a plain search.
type PublicPage struct {
	Total int
	Items []civic.Submission
}

// Events is the append-only history.
type Events interface {
	// Add appends.
	Add(ctx context.Context, e civic.Event) error
	// List returns the history of a submission, oldest first, with the names
	// of staff filled in.
	List(ctx context.Context, id civic.SubmissionID) ([]civic.Event, error)
}

// Contacts keeps sealed contacts apart from the texts.
type Contacts interface {
	// Get returns the sealed contact. It is NotFound when there is none, and
	// Gone when its key was destroyed.
	Get(ctx context.Context, id civic.SubmissionID) (SealedContact, error)
	// Held returns which of the submissions have a contact that can be opened.
	Held(ctx context.Context, ids []civic.SubmissionID) ([]civic.SubmissionID, error)
	// Replace puts another contact in the place of one, with a key of its own.
	// It is NotFound when there was none, and Gone when it was destroyed.
	Replace(ctx context.Context, id civic.SubmissionID, c SealedContact) error
	// Find returns up to limit submissions whose contact has one of the two
	// indexes, the newest first. An empty index finds nothing.
	Find(ctx context.Context, emailIndex, phoneIndex string, limit int) ([]civic.SubmissionID, error)
	// Destroy erases the key, and with it the contact, for ever, and the guardian
	// whom a child named. Find does not know it any more.
	Destroy(ctx context.Context, id civic.SubmissionID, at time.Time) error
}

// Messages keeps what was or was not sent to senders.
type Messages interface {
	// Add stores a queued message together with its outbox row.
	Add(ctx context.Context, m civic.Message) (int64, error)
	// AddAll is Add for many at once.
	AddAll(ctx context.Context, list []civic.Message) error
	// Get returns the message, or NotFound.
	Get(ctx context.Context, id int64) (civic.Message, error)
	// Settle records what became of a message. It reports false when that was
	// recorded before.
	Settle(ctx context.Context, id int64, state civic.MessageState, reason string, at time.Time) (bool, error)
	// List returns the messages of a submission, oldest first.
	List(ctx context.Context, id civic.SubmissionID) ([]civic.Message, error)
	// Route records by which way a queued message goes. A message by post waits
	// queued until somebody has posted it.
	Route(ctx context.Context, id int64, way civic.Way) error
	// Letters returns messages that go by post and wait, the oldest first, or
	// that were posted since a time, the newest first.
	Letters(ctx context.Context, q LettersQuery) (LettersPage, error)
	// Posted records that somebody posted a letter of that version. It reports
	// false when that was recorded before, and is Conflict with code
	// message.moved_on when something else was.
	Posted(ctx context.Context, id int64, version int, by civic.UserID, at time.Time) (bool, error)
	// Unposted records that a letter of that version was not posted after all,
	// like Posted.
	Unposted(ctx context.Context, id int64, version int) (bool, error)
	// AddTo is Add for a message that goes to another contact than the one that
	// the submission has now.
	AddTo(ctx context.Context, m civic.Message, c SealedContact) (int64, error)
	// Addressee returns that contact, or NotFound where the message goes to the
	// submission's. It is forgotten when the message is settled, or the
	// submission's contact destroyed.
	Addressee(ctx context.Context, id int64) (SealedContact, error)
	// Crowd counts the messages of some kinds, by a way, to whoever message id
	// goes to, itself among them: those that wait, and those that were sent
	// since a time, but not in a digest.
	Crowd(ctx context.Context, id int64, way civic.Way, kinds []civic.MessageKind, since time.Time) (int, error)
	// Hold lets a queued message wait for a digest.
	Hold(ctx context.Context, id int64, until time.Time) error
	// Held returns the queued messages that wait for the digest of message id,
	// the oldest first.
	Held(ctx context.Context, id int64) ([]civic.Message, error)
	// DueDigests returns one message of each digest that is due, up to limit.
	DueDigests(ctx context.Context, now time.Time, limit int) ([]int64, error)
	// Bounce records that a message which was sent did not arrive. It reports
	// false when it was not sent, or when that was recorded before.
	Bounce(ctx context.Context, id int64, reason string, at time.Time) (bool, error)
	// ListByState returns a page of messages in a state, newest first.
	ListByState(ctx context.Context, state civic.MessageState, limit int) ([]civic.Message, error)
}

// Users keeps staff accounts.
type Users interface {
	// Add stores an account and returns its ID. A taken address is Conflict
	// with code user.email_taken; addresses compare without case.
	Add(ctx context.Context, u civic.User) (civic.UserID, error)
	// Get returns the account, or NotFound.
	Get(ctx context.Context, id civic.UserID) (civic.User, error)
	// GetByEmail returns the account, or NotFound.
	GetByEmail(ctx context.Context, email string) (civic.User, error)
	// Update writes every field but ID and CreatedAt, or NotFound.
	Update(ctx context.Context, u civic.User) error
	// SignedIn notes a sign-in, or NotFound.
	SignedIn(ctx context.Context, id civic.UserID, at time.Time) error
	// List returns all accounts by address.
	List(ctx context.Context) ([]civic.User, error)
}

// Session is a staff member's sign-in. Only the hash of its token is kept.
type Session struct {
	TokenHash [32]byte // SHA-256
	User      civic.UserID
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
	Device    string    // what the browser calls itself, shortened
	How       string    // password, code, passkey, provider
	ProvedAt  time.Time // when the person last proved who they are; zero: at sign-in alone
	// ProviderToken is the sealed identity token of a provider, by which its own
	// session is ended too. Only Get returns it.
	ProviderToken []byte
}

// Sessions keeps sign-ins.
type Sessions interface {
	Add(ctx context.Context, s Session) error
	// Get returns the session, or NotFound. It does not look at the clock.
	Get(ctx context.Context, tokenHash [32]byte) (Session, error)
	// Touch moves SeenAt and ExpiresAt.
	Touch(ctx context.Context, tokenHash [32]byte, seenAt, expiresAt time.Time) error
	// Remove ends one session; a missing one is no error.
	Remove(ctx context.Context, tokenHash [32]byte) error
	// ListUser returns the sessions of an account, the last seen first.
	ListUser(ctx context.Context, id civic.UserID) ([]Session, error)
	// Prove notes that the person proved again who they are, and how.
	Prove(ctx context.Context, tokenHash [32]byte, how string, at time.Time) error
	// RemoveUser ends every session of an account.
	RemoveUser(ctx context.Context, id civic.UserID) error
	// RemoveExpired deletes what expired before now and returns how many.
	RemoveExpired(ctx context.Context, now time.Time) (int, error)
}

// Leases keeps one worker at a time on a job that must not run twice at once.
type Leases interface {
	// Take gives or renews the lease for holder until now+ttl, and reports
	// false while another holder has it.
	Take(ctx context.Context, name, holder string, now time.Time, ttl time.Duration) (bool, error)
	// Release gives the lease back if holder has it.
	Release(ctx context.Context, name, holder string) error
}
