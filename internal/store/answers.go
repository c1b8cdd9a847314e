package store

import (
	"context"

	"hienke/internal/civic"
)

// Answers keeps answers.
type Answers interface {
	// Get returns the current answer of a submission, or NotFound. It may be a
	// draft.
	Get(ctx context.Context, id civic.SubmissionID) (civic.Answer, error)
	// Approved returns the last answer that was approved, or NotFound.
	Approved(ctx context.Context, id civic.SubmissionID) (civic.Answer, error)
	// Versions returns every answer that was approved, the oldest first.
	Versions(ctx context.Context, id civic.SubmissionID) ([]civic.Answer, error)
	// Put stores a as the current answer, new when its ID is zero, and returns
	// its ID.
	Put(ctx context.Context, a civic.Answer) (int64, error)
}

// Commitments keeps what answers promise.
type Commitments interface {
	// Replace puts a list in the place of what an answer promised so far. Each
	// is open.
	Replace(ctx context.Context, id civic.SubmissionID, answer int64, list []civic.Commitment) error
	// OfAnswer returns what an answer promises, in the order written.
	OfAnswer(ctx context.Context, answer int64) ([]civic.Commitment, error)
	// Promised returns what the approved answers of a submission promise, in the
	// order written.
	Promised(ctx context.Context, id civic.SubmissionID) ([]civic.Commitment, error)
	// Settle writes State, Note and SettledAt, or NotFound with code
	// commitment.not_found.
	Settle(ctx context.Context, c civic.Commitment) error
	// Open lists open commitments of approved answers of agencies, what is to
	// be done first first, up to limit. A nil scope means every agency.
	Open(ctx context.Context, scope []civic.AgencyCode, limit int) ([]OpenCommitment, error)
}

// OpenCommitment is a promise with the case that it belongs to.
type OpenCommitment struct {
	civic.Commitment
	Code   civic.Code
	Title  string
	Agency civic.AgencyCode
}

// AnswerSaves keeps earlier wordings of drafts.
type AnswerSaves interface {
	// Add stores one and returns its ID.
	Add(ctx context.Context, s civic.AnswerSave) (int64, error)
	// Update writes At, Text, Outcome and Auto, or NotFound with code
	// save.not_found.
	Update(ctx context.Context, s civic.AnswerSave) error
	// Get returns one of a submission with the name of who saved it, or
	// NotFound.
	Get(ctx context.Context, id civic.SubmissionID, save int64) (civic.AnswerSave, error)
	// List returns up to limit of a submission, the newest first, with names.
	List(ctx context.Context, id civic.SubmissionID, limit int) ([]civic.AnswerSave, error)
	// Trim deletes all of a submission but the newest keep.
	Trim(ctx context.Context, id civic.SubmissionID, keep int) error
}

// AnswerTemplates keeps the texts that answers begin with.
type AnswerTemplates interface {
	// Put stores one, new when its ID is zero, keeps it as a version too, and
	// returns its ID. One that is not there is NotFound with code
	// template.not_found.
	Put(ctx context.Context, t civic.AnswerTemplate) (int64, error)
	// Get returns one, in use or not, or NotFound.
	Get(ctx context.Context, id int64) (civic.AnswerTemplate, error)
	// List returns those in use, by agency and name.
	List(ctx context.Context) ([]civic.AnswerTemplate, error)
	// Retired returns those out of use, the last one first.
	Retired(ctx context.Context) ([]civic.AnswerTemplate, error)
	// Versions returns what one was, with its present state, the newest first;
	// of one that never was none.
	Versions(ctx context.Context, id int64) ([]civic.TemplateVersion, error)
}
