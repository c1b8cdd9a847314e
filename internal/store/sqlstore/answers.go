package sqlstore

import (
	"context"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var (
	_ store.Answers         = answers{}
	_ store.Commitments     = commitments{}
	_ store.AnswerSaves     = saves{}
	_ store.AnswerTemplates = templates{}
)

const answerMissing = "answer.not_found"

const answerSelect = `SELECT id, submission_id, text, outcome, agency, drafted_by, drafted_at, submitted_at, approved_by, approved_at, remarks,
	document_number, document_date, signatory, document_file, points, publish_at, corrects, correction
	FROM answers WHERE submission_id = ? AND `

func scanAnswer(r row) (a civic.Answer, err error) {
	return a, r.Scan(&a.ID, &a.Submission, &a.Text, &a.Outcome, &a.Agency, id(&a.DraftedBy), at(&a.DraftedAt), at(&a.SubmittedAt),
		id(&a.ApprovedBy), at(&a.ApprovedAt), &a.Remarks, &a.Document.Number, optDay(&a.Document.Date), &a.Document.Signatory, &a.Document.File,
		jsonInto(&a.Points), at(&a.PublishAt), id(&a.Corrects), &a.Correction)
}

// optDayDest scans a day written as 2026-11-29; nothing becomes the zero day.
type optDayDest struct{ day *civic.Date }

// optDay makes a destination for Scan.
func optDay(dest *civic.Date) optDayDest { return optDayDest{dest} }

// Scan implements sql.Scanner.
func (d optDayDest) Scan(v any) (err error) {
	text := fmt.Sprintf("%s", v) // string or []byte
	*d.day, err = civic.ReadDate(text)
	return err
}

// Get implements store.Answers.
func (t answers) Get(ctx context.Context, submission civic.SubmissionID) (civic.Answer, error) {
	return get(ctx, t.tx, answerMissing, scanAnswer, answerSelect+"is_current", int64(submission))
}

// Approved implements store.Answers.
func (t answers) Approved(ctx context.Context, submission civic.SubmissionID) (civic.Answer, error) {
	return get(ctx, t.tx, answerMissing, scanAnswer, answerSelect+"approved_at IS NOT NULL ORDER BY id DESC LIMIT 1", int64(submission))
}

// Versions implements store.Answers.
func (t answers) Versions(ctx context.Context, submission civic.SubmissionID) ([]civic.Answer, error) {
	return list(ctx, t.tx, scanAnswer, answerSelect+"approved_at IS NOT NULL ORDER BY id", int64(submission))
}

// Put implements store.Answers. What was current before stays as superseded.
// The text is part of what search shows, so the submission is marked.
func (t answers) Put(ctx context.Context, a civic.Answer) (int64, error) {
	if _, err := t.exec(ctx, `UPDATE answers SET is_current = FALSE WHERE submission_id = ? AND is_current AND id <> ?`, int64(a.Submission), a.ID); err != nil {
		return 0, err
	}
	fields := []any{
		int64(a.Submission), a.Text, words(a.Text), string(a.Outcome), string(a.Agency), ref(a.DraftedBy), a.DraftedAt, opt(a.SubmittedAt),
		ref(a.ApprovedBy), opt(a.ApprovedAt), a.Remarks, a.Document.Number, a.Document.Date.ISO(), a.Document.Signatory, a.Document.File,
		jsonList(a.Points), opt(a.PublishAt), ref(a.Corrects), a.Correction,
	}
	var err error
	if a.ID == 0 {
		a.ID, err = get(ctx, t.tx, answerMissing, scanInt[int64], `INSERT INTO answers (submission_id, text, text_words, outcome, agency,
			drafted_by, drafted_at, submitted_at, approved_by, approved_at, remarks, document_number, document_date, signatory, document_file,
			points, publish_at, corrects, correction)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, fields...)
	} else {
		err = t.must(ctx, answerMissing, `UPDATE answers SET is_current = TRUE, text = ?, text_words = ?, outcome = ?, agency = ?,
			drafted_by = ?, drafted_at = ?, submitted_at = ?, approved_by = ?, approved_at = ?, remarks = ?, document_number = ?,
			document_date = ?, signatory = ?, document_file = ?, points = ?, publish_at = ?, corrects = ?, correction = ?
			WHERE id = ? AND submission_id = ?`, append(fields[1:], a.ID, int64(a.Submission))...)
	}
	if err != nil {
		return 0, err
	}
	return a.ID, t.IndexQueue().Mark(ctx, a.Submission)
}

const commitmentColumns = "c.id, c.submission_id, c.answer_id, c.what, c.who, c.until, c.state, c.note, c.settled_at"

func commitmentInto(c *civic.Commitment) []any {
	return []any{&c.ID, &c.Submission, &c.Answer, &c.What, &c.Who, optDay(&c.Until), &c.State, &c.Note, at(&c.SettledAt)}
}

func scanCommitment(r row) (c civic.Commitment, err error) { return c, r.Scan(commitmentInto(&c)...) }

// Replace implements store.Commitments.
func (t commitments) Replace(ctx context.Context, submission civic.SubmissionID, answer int64, all []civic.Commitment) error {
	if _, err := t.exec(ctx, "DELETE FROM commitments WHERE answer_id = ?", answer); err != nil {
		return err
	}
	for _, c := range all {
		_, err := t.exec(ctx, "INSERT INTO commitments (submission_id, answer_id, what, who, until) VALUES (?, ?, ?, ?, ?)",
			int64(submission), answer, c.What, c.Who, c.Until.ISO())
		if err != nil {
			return err
		}
	}
	return nil
}

// OfAnswer implements store.Commitments.
func (t commitments) OfAnswer(ctx context.Context, answer int64) ([]civic.Commitment, error) {
	return list(ctx, t.tx, scanCommitment, "SELECT "+commitmentColumns+" FROM commitments c WHERE c.answer_id = ? ORDER BY c.id", answer)
}

// Promised implements store.Commitments.
func (t commitments) Promised(ctx context.Context, submission civic.SubmissionID) ([]civic.Commitment, error) {
	return list(ctx, t.tx, scanCommitment, "SELECT "+commitmentColumns+` FROM commitments c JOIN answers a ON a.id = c.answer_id
		WHERE c.submission_id = ? AND a.approved_at IS NOT NULL ORDER BY c.id`, int64(submission))
}

// Settle implements store.Commitments.
func (t commitments) Settle(ctx context.Context, c civic.Commitment) error {
	return t.must(ctx, "commitment.not_found", "UPDATE commitments SET state = ?, note = ?, settled_at = ? WHERE id = ? AND submission_id = ?",
		string(c.State), c.Note, opt(c.SettledAt), c.ID, int64(c.Submission))
}

// Open implements store.Commitments.
func (t commitments) Open(ctx context.Context, scope []civic.AgencyCode, limit int) ([]store.OpenCommitment, error) {
	query := "SELECT " + commitmentColumns + `, s.code, s.title, s.agency FROM commitments c JOIN answers a ON a.id = c.answer_id
		JOIN submissions s ON s.id = c.submission_id WHERE c.state = 'open' AND a.approved_at IS NOT NULL`
	var args []any
	if scope != nil {
		query, args = query+" AND s.agency IN LIST(?)", append(args, t.d.set(texts(scope)))
	}
	return list(ctx, t.tx, func(r row) (o store.OpenCommitment, err error) {
		return o, r.Scan(append(commitmentInto(&o.Commitment), &o.Code, &o.Title, &o.Agency)...)
	}, query+" ORDER BY c.until, c.id LIMIT ?", append(args, limit)...)
}

const saveSelect = `SELECT v.id, v.submission_id, v.saved_by, u.name, v.saved_at, v.text, v.outcome, v.auto
	FROM answer_saves v JOIN users u ON u.id = v.saved_by WHERE v.submission_id = ?`

func scanSave(r row) (s civic.AnswerSave, err error) {
	return s, r.Scan(&s.ID, &s.Submission, &s.By, &s.ByName, at(&s.At), &s.Text, &s.Outcome, &s.Auto)
}

// Add implements store.AnswerSaves.
func (t saves) Add(ctx context.Context, s civic.AnswerSave) (int64, error) {
	return get(ctx, t.tx, "save.not_found", scanInt[int64], `INSERT INTO answer_saves (submission_id, saved_by, saved_at, text, outcome, auto)
		VALUES (?, ?, ?, ?, ?, ?) RETURNING id`, int64(s.Submission), int64(s.By), s.At, s.Text, string(s.Outcome), s.Auto)
}

// Update implements store.AnswerSaves.
func (t saves) Update(ctx context.Context, s civic.AnswerSave) error {
	return t.must(ctx, "save.not_found", "UPDATE answer_saves SET saved_at = ?, text = ?, outcome = ?, auto = ? WHERE id = ?",
		s.At, s.Text, string(s.Outcome), s.Auto, s.ID)
}

// Get implements store.AnswerSaves.
func (t saves) Get(ctx context.Context, submission civic.SubmissionID, save int64) (civic.AnswerSave, error) {
	return get(ctx, t.tx, "save.not_found", scanSave, saveSelect+" AND v.id = ?", int64(submission), save)
}

// List implements store.AnswerSaves.
func (t saves) List(ctx context.Context, submission civic.SubmissionID, limit int) ([]civic.AnswerSave, error) {
	return list(ctx, t.tx, scanSave, saveSelect+" ORDER BY v.id DESC LIMIT ?", int64(submission), limit)
}

// Trim implements store.AnswerSaves.
func (t saves) Trim(ctx context.Context, submission civic.SubmissionID, keep int) error {
	_, err := t.exec(ctx, `DELETE FROM answer_saves WHERE submission_id = ? AND id NOT IN
		(SELECT id FROM answer_saves WHERE submission_id = ? ORDER BY id DESC LIMIT ?)`, int64(submission), int64(submission), keep)
	return err
}

const templateSelect = "SELECT id, agency, name, text, updated_by, updated_at, retired_at FROM answer_templates WHERE "

func scanTemplate(r row) (v civic.AnswerTemplate, err error) {
	return v, r.Scan(&v.ID, &v.Agency, &v.Name, &v.Text, id(&v.UpdatedBy), at(&v.UpdatedAt), at(&v.RetiredAt))
}

// Put implements store.AnswerTemplates.
func (t templates) Put(ctx context.Context, v civic.AnswerTemplate) (int64, error) {
	fields := []any{string(v.Agency), v.Name, v.Text, ref(v.UpdatedBy), v.UpdatedAt, opt(v.RetiredAt)}
	var err error
	if v.ID == 0 {
		v.ID, err = get(ctx, t.tx, templateMissing, scanInt[int64], `INSERT INTO answer_templates (agency, name, text, updated_by, updated_at, retired_at)
			VALUES (?, ?, ?, ?, ?, ?) RETURNING id`, fields...)
	} else {
		err = t.must(ctx, templateMissing, `UPDATE answer_templates SET agency = ?, name = ?, text = ?, updated_by = ?, updated_at = ?,
			retired_at = ? WHERE id = ?`, append(fields, v.ID)...)
	}
	if err != nil {
		return 0, err
	}
	_, err = t.exec(ctx, `INSERT INTO answer_template_versions (template_id, agency, name, text, retired, changed_by, changed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, v.ID, string(v.Agency), v.Name, v.Text, !v.RetiredAt.IsZero(), ref(v.UpdatedBy), v.UpdatedAt)
	return v.ID, err
}

const templateMissing = "template.not_found"

// Get implements store.AnswerTemplates.
func (t templates) Get(ctx context.Context, id int64) (civic.AnswerTemplate, error) {
	return get(ctx, t.tx, templateMissing, scanTemplate, templateSelect+"id = ?", id)
}

// List implements store.AnswerTemplates.
func (t templates) List(ctx context.Context) ([]civic.AnswerTemplate, error) {
	return list(ctx, t.tx, scanTemplate, templateSelect+"retired_at IS NULL ORDER BY agency, name, id")
}

// Retired implements store.AnswerTemplates.
func (t templates) Retired(ctx context.Context) ([]civic.AnswerTemplate, error) {
	return list(ctx, t.tx, scanTemplate, templateSelect+"retired_at IS NOT NULL ORDER BY retired_at DESC, id DESC")
}

// Versions implements store.AnswerTemplates.
func (t templates) Versions(ctx context.Context, template int64) ([]civic.TemplateVersion, error) {
	scan := func(r row) (v civic.TemplateVersion, err error) {
		return v, r.Scan(&v.ID, &v.Template, &v.Agency, &v.Name, &v.Text, &v.Retired, id(&v.By), &v.ByName, at(&v.At))
	}
	return list(ctx, t.tx, scan, `SELECT v.id, v.template_id, v.agency, v.name, v.text, v.retired, v.changed_by, coalesce(u.name, ''), v.changed_at
		FROM answer_template_versions v LEFT JOIN users u ON u.id = v.changed_by WHERE v.template_id = ? ORDER BY v.id DESC`, template)
}
