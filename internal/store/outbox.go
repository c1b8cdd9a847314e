package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// JobKind names one kind of work in the outbox, noun.verb.
type JobKind string

// The kinds of work.
const (
	JobMatch JobKind = "submission.match" // compare with everything before; Subject is a submission
	JobRoute JobKind = "submission.route" // find the responsible agency; Subject is a submission
	// JobRematch compares anew what was corrected; Subject is a submission.
	JobRematch JobKind = "submission.rematch"
	JobSend    JobKind = "message.send"   // mail one message; Subject is a message
	JobDigest  JobKind = "message.digest" // mail what is held for one person at once; Subject is any of it
	JobTell    JobKind = "cluster.tell"   // send an answer to those who follow; Subject is their root
	JobNotify  JobKind = "agency.notify"  // mail an agency what it was given; Subject is an agency notice

	JobFollowMatch   JobKind = "follow.match"     // find who is to be told of a public case; Subject is a submission
	JobFollowConfirm JobKind = "follow.confirm"   // mail a link to confirm; Subject is a follow
	JobFollowTell    JobKind = "follow.tell"      // mail one step of a followed case; Subject is news
	JobFollowDigest  JobKind = "follow.digest"    // mail new answers; Subject is a subscriber
	JobCheck         JobKind = "attachment.check" // look into a file; Subject is an attachment
	// JobAccountMail mails a member of staff about the own account; Subject is
	// an account mail.
	JobAccountMail JobKind = "account.mail"
	// JobPrivacyMail mails somebody who asked about the own personal data; Subject
	// is a privacy message.
	JobPrivacyMail JobKind = "privacy.mail"
	// JobRecount computes some open deadlines anew; Subject is a recount.
	JobRecount JobKind = "deadline.recount"
	// JobStaffMail mails a member of staff about the work; Subject is a staff mail.
	JobStaffMail JobKind = "staff.mail"
	JobBulk      JobKind = "bulk.work" // go on with an act on many cases; Subject is a bulk work
	// JobCodes sends lost codes to the contact of a submission, which is Subject;
	// 0 where what was typed is nobody's: the answer must take the same work.
	JobCodes   JobKind = "codes.send"
	JobPublish JobKind = "case.publish" // show an answered case at its time; Subject is a submission
	// JobSucceed gives the open cases of an agency that ended to its successor, or
	// back; Subject is a version of an entry.
	JobSucceed JobKind = "agency.succeed"
	JobExport  JobKind = "export.write" // go on with a file of cases; Subject is an export
	// JobUnconsented erases what is known of a child whose guardian does not
	// agree; Subject is a submission.
	JobUnconsented JobKind = "guardian.erase"
)

// JobKinds lists every kind.
var JobKinds = []JobKind{
	JobMatch, JobRoute, JobRematch, JobSend, JobDigest, JobTell, JobNotify, JobFollowMatch, JobFollowConfirm, JobFollowTell, JobFollowDigest, JobCheck, JobAccountMail,
	JobPrivacyMail, JobRecount, JobStaffMail,
	JobBulk,
	JobPublish, JobCodes, JobSucceed, JobExport, JobUnconsented,
}

// Job is one row of the outbox: a promise to do something, made in the same
// transaction as its cause.
type Job struct {
	ID      int64 // given by the store; a fresh one per effect
	Kind    JobKind
	Subject int64
	// Dispatch counts how often the row was given up by the queue and sent
	// anew. Together with ID it names the queue's task.
	Dispatch  int
	Attempts  int       // failures so far
	NextAt    time.Time // not before; zero means at once
	SentAt    time.Time // zero: not in the queue
	DoneAt    time.Time // zero: still to do
	LastError string    // class of the last failure, without personal data
	CreatedAt time.Time
}

// Outbox keeps the promises. The queue may forget everything at any time; the
// outbox is the truth.
type Outbox interface {
	// Put adds a job and returns its ID.
	Put(ctx context.Context, j Job) (int64, error)
	// Get returns the job, or NotFound.
	Get(ctx context.Context, id int64) (Job, error)
	// Due returns up to limit undone jobs of a kind that may be sent: not in
	// the queue with NextAt not after now, or in the queue since before
	// staleBefore (the queue may have lost them). Those come first that wait
	// longest, counted from SentAt, else NextAt, else CreatedAt, so that jobs
	// which fail again and again do not keep fresh ones from their turn.
	Due(ctx context.Context, kind JobKind, now, staleBefore time.Time, limit int) ([]Job, error)
	// Sent notes that the queue has the jobs. Jobs done meanwhile are left.
	Sent(ctx context.Context, ids []int64, at time.Time) error
	// Finish marks the job done and reports true, or reports false when it was
	// done before. A handler's transaction begins with it, so that what runs
	// twice acts once.
	Finish(ctx context.Context, id int64, at time.Time) (bool, error)
	// Fail notes a failure that the queue's quick retries did not cure: it
	// raises Attempts and Dispatch and lets the job rest until nextAt.
	Fail(ctx context.Context, id int64, reason string, nextAt time.Time) error
	// Hasten lets the undone jobs of a kind and subject that rest go at once.
	Hasten(ctx context.Context, kind JobKind, subject int64) error
	// Failing returns up to limit undone jobs with at least one failure, the
	// oldest first.
	Failing(ctx context.Context, limit int) ([]Job, error)
	// Retry lets an undone job that rests go at once. It reports false when the
	// job is done, or in the queue already.
	Retry(ctx context.Context, id int64) (bool, error)
	// Forget marks every undone job as not in the queue and returns how many:
	// for a start with an empty queue.
	Forget(ctx context.Context) (int, error)
	// Pending counts undone jobs and the time of the oldest, per kind.
	Pending(ctx context.Context) (map[JobKind]Backlog, error)
	// Prune deletes jobs done before a time, up to limit, and returns how many.
	Prune(ctx context.Context, doneBefore time.Time, limit int) (int, error)
}

// Backlog is what waits of one kind.
type Backlog struct {
	Count  int
	Oldest time.Time
	Failed int // jobs with at least one failure
}

// IndexName names one of the two search indexes.
type IndexName string

// The indexes. Public and private never mix.
const (
	IndexPublic IndexName = "public"
	IndexStaff  IndexName = "staff"
)

// IndexNames lists both.
var IndexNames = []IndexName{IndexPublic, IndexStaff}

// Dirty is a submission that an index has not seen since it changed.
type Dirty struct {
	Submission civic.SubmissionID
	Mark       int64 // rises with every change until acknowledged
}

// IndexQueue keeps what the indexes have not seen yet.
type IndexQueue interface {
	// Mark marks submissions for both indexes. Receive, Update, NoteOverdue,
	// Answers.Put and what changes memberships do it by themselves.
	Mark(ctx context.Context, ids ...civic.SubmissionID) error
	// MarkAll marks every submission for one index.
	MarkAll(ctx context.Context, index IndexName) error
	// Take returns up to limit dirty submissions, the longest waiting first.
	// A mark is never given twice, so that a late Ack hits no newer change.
	Take(ctx context.Context, index IndexName, limit int) ([]Dirty, error)
	// Ack removes marks that did not rise since they were taken.
	Ack(ctx context.Context, index IndexName, seen []Dirty) error
	// Len counts what waits.
	Len(ctx context.Context, index IndexName) (int, error)
}
