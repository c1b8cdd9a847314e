package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/triage"
)

// AnswerForm is the form of an answer, part by part: it stands in the wide
// column, under the text that it answers.
type AnswerForm struct {
	Text, Outcome Field
	Note          *Field // what a correction puts right; nil for a draft
	Points        []Field
	// Promises are rows of what, who and until. They are for the outcomes in
	// Promising alone; PromisesOpen shows them at once.
	Promises     [][]Field
	Promising    string
	PromisesOpen bool
	Paper        []Field
	PaperOpen    bool
	UploadURL    string // takes a signed paper
	SavesURL     string // keeps what is written; empty where nothing is
}

// answerForms are the actions whose form is an AnswerForm.
var answerForms = map[string]func(w *Web, f *form, page *StaffCasePage, found *triage.Case) *AnswerForm{
	"draft-answer": (*Web).draftForm,
	"correct":      (*Web).correctForm,
}

// draftForm is an answer as an officer writes it.
func (w *Web) draftForm(f *form, page *StaffCasePage, found *triage.Case) *AnswerForm {
	out := w.wording(f, found)
	out.SavesURL = page.Work.SavesURL
	for i, p := range page.Work.Points {
		name := "points." + strconv.Itoa(i)
		if p.Answered {
			f.suggest(name, "yes")
		}
		out.Points = append(out.Points, f.field(name, func(field *Field) {
			field.Widget, field.Label = "checkbox", f.words.t("answer_work.point", "text", p.Text)
			if i == 0 {
				if e, ok := f.problemOf("points"); ok {
					field.Error = f.words.fieldProblem(e, "")
				}
			}
		}))
	}
	for i := range min(max(commitmentRows, len(page.Work.Planned)+1), civic.MaxCommitments) {
		out.Promises = append(out.Promises, page.Work.promiseRow(f, i))
	}
	out.Promising = strings.Join(names(civic.Promising), " ")
	out.PromisesOpen = civic.Outcome(out.Outcome.Value).Promises() || wrongOrGiven(slices.Concat(out.Promises...))
	w.addPaper(out, f, page, found)
	return out
}

// promiseRow is the i-th promise: what, by whom, until when.
func (a *AnswerWork) promiseRow(f *form, i int) []Field {
	at := fmt.Sprintf("commitments.%d.", i)
	if i < len(a.Planned) {
		c := a.Work.Planned[i]
		f.suggest(at+"what", c.What)
		f.suggest(at+"who", c.Who)
		f.suggest(at+"until", writtenDate(c.Until))
	}
	var row []Field
	for _, part := range []string{"what", "who", "until"} {
		row = append(row, f.field(at+part, func(field *Field) {
			field.Bare, field.Label = true, f.words.t("answer_work.commitment_"+part, "n", strconv.Itoa(i+1))
			if part == "until" {
				dayControl(field)
			}
		}))
	}
	return row
}

// correctForm is a new version of what was sent.
func (w *Web) correctForm(f *form, page *StaffCasePage, found *triage.Case) *AnswerForm {
	if found.Answer.ApprovedAt.IsZero() { // returned with remarks
		f.suggest("correction", found.Answer.Correction)
	}
	out := w.wording(f, found)
	note := f.field("correction", textarea(3))
	out.Note = &note
	w.addPaper(out, f, page, found)
	return out
}

// wording is the text with its outcome.
func (w *Web) wording(f *form, found *triage.Case) *AnswerForm {
	if found.Answer != nil {
		f.suggest("text", found.Answer.Text)
		f.suggest("outcome", string(found.Answer.Outcome))
	}
	return &AnswerForm{
		Text: f.field("text", textarea(answerRows)),
		Outcome: f.field("outcome", func(field *Field) {
			field.Widget, field.Required, field.Options = "select", true, []Option{{Label: f.words.t("form.choose")}}
			for _, o := range civic.Outcomes {
				field.Options = append(field.Options, Option{Value: string(o), Label: f.words.t("outcome." + string(o))})
			}
		}),
	}
}

const (
	// commitmentRows is how many rows for promises an empty form shows.
	commitmentRows = 3
	// answerRows is the height of the text, in lines: most answers are seen
	// whole, and the questions beside them too.
	answerRows = 16
)

// addPaper adds the signed paper.
func (w *Web) addPaper(out *AnswerForm, f *form, page *StaffCasePage, found *triage.Case) {
	if a := found.Answer; a != nil {
		f.suggest("document_number", a.Document.Number)
		f.suggest("document_date", writtenDate(a.Document.Date))
		f.suggest("signatory", a.Document.Signatory)
		f.suggest("document_file", a.Document.File)
	}
	options := []Option{{Label: f.words.t("answer_work.no_file")}}
	for _, row := range page.Files {
		if row.OfStaff && row.State == civic.FileClean {
			options = append(options, Option{Value: row.Ref, Label: row.Name, Lang: civic.Vietnamese})
		}
	}
	out.Paper = []Field{
		f.field("document_number", nil), f.field("document_date", dayControl), f.field("signatory", nil),
		f.field("document_file", func(field *Field) { field.Widget, field.Options = "select", options }),
	}
	out.PaperOpen, out.UploadURL = wrongOrGiven(out.Paper), page.Work.PaperURL
}

// wrongOrGiven reports whether one of the fields has a value or an error, so
// that it must not lie folded away.
func wrongOrGiven(fields []Field) bool {
	return slices.ContainsFunc(fields, func(f Field) bool { return f.Value != "" || f.Error != "" })
}

func names[T ~string](set []T) []string {
	out := make([]string, len(set))
	for i, v := range set {
		out[i] = string(v)
	}
	return out
}
