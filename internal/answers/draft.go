package answers

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/prose"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Draft is an answer as an officer writes it.
type Draft struct {
	Text    string
	Outcome civic.Outcome
	// Submit puts it before a second person; otherwise it is only kept.
	Submit bool
	// Details are what stands beside the text. Nil leaves what is stored, and
	// whoever submits so vouches for it.
	Details *Details
}

// Details are what an answer has beside its text.
type Details struct {
	Document civic.Document
	// Answered are the numbers of the sender's questions, from 0, that the text
	// deals with; see Points.
	Answered []int
	// Commitments are what is promised.
	Commitments []civic.Commitment
}

// questionLetters bounds a question that is counted by itself: what is longer
// is a paragraph that ends in a question mark.
const questionLetters = 400

var sentences = regexp.MustCompile(`[^.?!\n;]+[.?!;]?`)

// Points are what a sender asked: every sentence that ends with a question
// mark, or else the separate requests that the scope judge found.
func Points(body string, several []string) []civic.Point {
	var out []civic.Point
	add := func(text string) {
		text = strings.TrimSpace(text)
		if n := utf8.RuneCountInString(text); n > 5 && n <= questionLetters && len(out) < civic.MaxPoints { // "Sao?" is no question by itself
			out = append(out, civic.Point{Text: text})
		}
	}
	for _, s := range sentences.FindAllString(body, -1) {
		if strings.HasSuffix(s, "?") {
			add(s)
		}
	}
	if len(out) == 0 {
		for _, s := range several {
			add(s)
		}
	}
	return out
}

// PointsOf reads what the sender of a case asked.
func PointsOf(ctx context.Context, tx store.Tx, sub civic.Submission) ([]civic.Point, error) {
	judged, err := tx.Scopes().Get(ctx, sub.ID)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return nil, err
	}
	return Points(sub.Body, judged.Several), nil
}

// Draft keeps an answer and, with Submit, puts it before a second person. The
// case must be in progress.
func (s *Service) Draft(ctx context.Context, actor civic.Actor, code civic.Code, version int, d Draft) error {
	d.normalise()
	if err := d.check(); err != nil {
		return err
	}
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.HandleCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.State != civic.InProgress {
			return errs.New(errs.Conflict, "answer.not_in_progress")
		}
		a, err := tx.Answers().Get(ctx, c.Sub.ID)
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return err
		}
		if !a.ApprovedAt.IsZero() { // opened again: what was sent stays as it was sent
			a = civic.Answer{}
		}
		c.Event.Type = civic.EventAnswerDrafted
		if d.Submit {
			c.Event.Type = civic.EventSubmitted
			if err := c.Sub.Move(civic.InReview); err != nil {
				return err
			}
		}
		return write(ctx, tx, actor, c, a, d)
	}})
	if err != nil {
		return fmt.Errorf("draft the answer: %w", err)
	}
	return nil
}

// write stores a wording in the place of a, which is new or a draft.
func write(ctx context.Context, tx store.Tx, actor civic.Actor, c *casework.Change, a civic.Answer, d Draft) error {
	a.Submission, a.Text, a.Outcome, a.Agency = c.Sub.ID, d.Text, d.Outcome, c.Sub.Agency
	a.DraftedBy, a.DraftedAt = actor.User, c.Now
	if d.Submit {
		a.SubmittedAt, a.Remarks = c.Now, ""
	}
	if d.Details != nil {
		var err error
		if a.Points, err = PointsOf(ctx, tx, c.Sub); err != nil {
			return err
		}
		if err := d.answers(a.Points); err != nil {
			return err
		}
		a.Document = d.Details.Document
		if err := hasPaper(ctx, tx, c.Sub.ID, a.Document.File); err != nil {
			return err
		}
	}
	id, err := tx.Answers().Put(ctx, a)
	if err != nil {
		return err
	}
	if d.Details != nil {
		if err := tx.Commitments().Replace(ctx, c.Sub.ID, id, d.Details.Commitments); err != nil {
			return err
		}
	}
	return keepSave(ctx, tx, civic.AnswerSave{Submission: c.Sub.ID, By: actor.User, At: c.Now, Text: d.Text, Outcome: d.Outcome})
}

// answers marks what was dealt with. Nothing goes on while a question is open.
func (d *Draft) answers(points []civic.Point) error {
	open := 0
	for i := range points {
		if points[i].Answered = slices.Contains(d.Details.Answered, i); !points[i].Answered {
			open++
		}
	}
	if d.Submit && open > 0 {
		return errs.InvalidFields(errs.Field{Name: "points", Code: "field.points_open", Params: params("n", open, "of", len(points))})
	}
	return nil
}

// typePDF is the media type of what a signed paper comes as.
const typePDF = "application/pdf"

// hasPaper fails unless the signed paper is a file of the case that may be
// shown: a PDF that a member of staff added and that was looked into.
func hasPaper(ctx context.Context, tx store.Tx, id civic.SubmissionID, ref string) error {
	if ref == "" {
		return nil
	}
	files, err := tx.Attachments().OfSubmission(ctx, id)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Ref == ref && f.AddedBy != 0 && f.State == civic.FileClean && f.Type == typePDF {
			return nil
		}
	}
	return errs.InvalidFields(errs.Field{Name: "document_file", Code: "field.unknown_value"})
}

func (d *Draft) normalise() {
	d.Text = prose.Tidy(vitext.Normalize(d.Text))
	if d.Details == nil {
		return
	}
	d.Details.Document.Number, d.Details.Document.Signatory = vitext.Line(d.Details.Document.Number), vitext.Line(d.Details.Document.Signatory)
	var kept []civic.Commitment
	for _, c := range d.Details.Commitments {
		if c.What, c.Who = vitext.Line(c.What), vitext.Line(c.Who); c.What != "" || c.Who != "" || c.Until != (civic.Date{}) {
			kept = append(kept, c)
		}
	}
	d.Details.Commitments = kept
}

// line brings a text into one line.

// openField finds what a template left to be filled in.
var openField = regexp.MustCompile(`\{[\p{L}][\p{L}\p{N} ,.()-]{0,60}\}`)

func (d *Draft) check() error {
	var wrong []errs.Field
	switch n := utf8.RuneCountInString(d.Text); {
	case n == 0:
		wrong = append(wrong, errs.Field{Name: "text", Code: "field.required"})
	case n < civic.MinAnswer && d.Submit:
		wrong = append(wrong, errs.Field{Name: "text", Code: "field.too_short", Params: params("min", civic.MinAnswer, "got", n)})
	case n > civic.MaxAnswer:
		wrong = append(wrong, errs.Field{Name: "text", Code: "field.too_long", Params: params("max", civic.MaxAnswer, "got", n)})
	case d.Submit && openField.MatchString(d.Text):
		wrong = append(wrong, errs.Field{Name: "text", Code: "field.template_open", Params: map[string]string{"field": openField.FindString(d.Text)}})
	}
	switch {
	case d.Outcome == "":
		wrong = append(wrong, errs.Field{Name: "outcome", Code: "field.required"})
	case !d.Outcome.Valid():
		wrong = append(wrong, errs.Field{Name: "outcome", Code: "field.unknown_value"})
	}
	if d.Details != nil {
		wrong = append(wrong, d.checkDetails()...)
	}
	return errs.InvalidFields(wrong...)
}

// checkDetails: what is accepted is promised to somebody, by somebody, for a
// day.
func (d *Draft) checkDetails() (wrong []errs.Field) {
	length := func(name, text string, least, most int) {
		wrong = append(wrong, errs.FieldsOf(civic.CheckLength(name, text, least, most))...)
	}
	length("document_number", d.Details.Document.Number, 0, civic.MaxDocument)
	length("signatory", d.Details.Document.Signatory, 0, civic.MaxDocument)
	if n := len(d.Details.Commitments); n > 0 && d.Outcome.Valid() && !d.Outcome.Promises() {
		wrong = append(wrong, errs.Field{Name: "commitments.0.what", Code: "field.not_promised"})
	}
	for i, c := range d.Details.Commitments {
		at := fmt.Sprintf("commitments.%d.", i)
		length(at+"what", c.What, 1, civic.MaxCommitment)
		length(at+"who", c.Who, 1, civic.MaxCommitment)
		if c.Until == (civic.Date{}) {
			wrong = append(wrong, errs.Field{Name: at + "until", Code: "field.required"})
		}
	}
	switch n := len(d.Details.Commitments); {
	case n > civic.MaxCommitments:
		wrong = append(wrong, errs.Field{Name: "commitments.0.what", Code: "field.out_of_range", Params: map[string]string{"min": "1", "max": fmt.Sprint(civic.MaxCommitments)}})
	case n == 0 && d.Submit && d.Outcome == civic.OutcomeAccepted:
		wrong = append(wrong, errs.Field{Name: "commitments.0.what", Code: "field.required"})
	}
	return wrong
}

func params(k1 string, v1 int, k2 string, v2 int) map[string]string {
	return map[string]string{k1: fmt.Sprint(v1), k2: fmt.Sprint(v2)}
}
