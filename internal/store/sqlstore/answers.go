package sqlstore

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.Answers = answers{}

const answerMissing = "answer.not_found"

const answerSelect = `SELECT id, submission_id, text, outcome, agency, drafted_by, drafted_at, submitted_at, approved_by, approved_at, remarks
	FROM answers WHERE submission_id = ? AND `

func scanAnswer(r row) (a civic.Answer, err error) {
	return a, r.Scan(&a.ID, &a.Submission, &a.Text, &a.Outcome, &a.Agency, id(&a.DraftedBy), at(&a.DraftedAt), at(&a.SubmittedAt),
		id(&a.ApprovedBy), at(&a.ApprovedAt), &a.Remarks)
}

// Get implements store.Answers.
func (t answers) Get(ctx context.Context, submission civic.SubmissionID) (civic.Answer, error) {
	return get(ctx, t.tx, answerMissing, scanAnswer, answerSelect+"is_current", int64(submission))
}

// Approved implements store.Answers.
func (t answers) Approved(ctx context.Context, submission civic.SubmissionID) (civic.Answer, error) {
	return get(ctx, t.tx, answerMissing, scanAnswer, answerSelect+"approved_at IS NOT NULL ORDER BY id DESC LIMIT 1", int64(submission))
}

// Put implements store.Answers. What was current before stays as superseded.
// The text is part of what search shows, so the submission is marked.
func (t answers) Put(ctx context.Context, a civic.Answer) (int64, error) {
	if _, err := t.exec(ctx, `UPDATE answers SET is_current = FALSE WHERE submission_id = ? AND is_current AND id <> ?`, int64(a.Submission), a.ID); err != nil {
		return 0, err
	}
	fields := []any{
		int64(a.Submission), a.Text, words(a.Text), string(a.Outcome), string(a.Agency), ref(a.DraftedBy), a.DraftedAt, opt(a.SubmittedAt),
		ref(a.ApprovedBy), opt(a.ApprovedAt), a.Remarks,
	}
	var err error
	if a.ID == 0 {
		a.ID, err = get(ctx, t.tx, answerMissing, scanInt[int64], `INSERT INTO answers (submission_id, text, text_words, outcome, agency,
			drafted_by, drafted_at, submitted_at, approved_by, approved_at, remarks)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, fields...)
	} else {
		err = t.must(ctx, answerMissing, `UPDATE answers SET is_current = TRUE, text = ?, text_words = ?, outcome = ?, agency = ?,
			drafted_by = ?, drafted_at = ?, submitted_at = ?, approved_by = ?, approved_at = ?, remarks = ?
			WHERE id = ? AND submission_id = ?`, append(fields[1:], a.ID, int64(a.Submission))...)
	}
	if err != nil {
		return 0, err
	}
	return a.ID, t.IndexQueue().Mark(ctx, a.Submission)
}
