package web

import (
	"html/template"
	"time"

	"hienke/internal/civic"
	"hienke/internal/i18n"
	"hienke/internal/personal"
	"hienke/internal/prose"
)

// AnswerText is an approved answer.
type AnswerText struct {
	Text     string
	HTML     template.HTML // the same with its paragraphs, lists and links
	Language civic.Language
	Outcome  civic.Outcome
	Agency   Name
	At       time.Time // when it was sent first
	// Corrections are what was put right since, the oldest first.
	Corrections []civic.AnswerVersion
	Document    *DocumentText // nil: no paper is told of
	Commitments []CommitmentText
}

// DocumentText is the paper behind an answer.
type DocumentText struct {
	Number, Signatory string
	Date              time.Time // zero: not told
	URL               string    // of the signed file; empty: not shown here
}

// CommitmentText is one promise with what came of it.
type CommitmentText struct {
	ID              int64
	What, Who, Note string
	Until           time.Time
	State           civic.CommitmentState
	Late            bool // open, and the day has passed
	SettleURL       string
	Typed           string // what the person wrote about it and could not send
}

// richText is a text with its paragraphs, lists and links.
func richText(text string) template.HTML {
	return template.HTML(prose.HTML(text)) //nolint:gosec // sanitised there, and tested to be
}

// answerText is an approved answer; nil stays nil. fileURL begins the addresses
// of the case's files; empty where none is shown.
func (w *Web) answerText(lang i18n.Lang, a *civic.Answer, versions []civic.AnswerVersion, promised []civic.Commitment, fileURL string) *AnswerText {
	if a == nil {
		return nil
	}
	out := &AnswerText{
		Text: a.Text, HTML: richText(a.Text), Language: civic.Vietnamese, Outcome: a.Outcome, Agency: w.agency(lang, a.Agency), At: a.ApprovedAt,
		Document: documentText(a.Document, fileURL), Commitments: w.commitmentTexts(promised),
	}
	if len(versions) > 1 {
		out.At, out.Corrections = versions[0].At, versions[1:]
	}
	return out
}

func documentText(d civic.Document, fileURL string) *DocumentText {
	if d == (civic.Document{}) {
		return nil
	}
	out := &DocumentText{Number: d.Number, Signatory: d.Signatory}
	if d.Date != (civic.Date{}) {
		out.Date = d.Date.Start()
	}
	if d.File != "" && fileURL != "" {
		out.URL = fileURL + d.File
	}
	return out
}

func (w *Web) commitmentTexts(list []civic.Commitment) []CommitmentText {
	out := make([]CommitmentText, len(list))
	for i, c := range list {
		out[i] = CommitmentText{
			ID: c.ID, What: c.What, Who: c.Who, Note: c.Note, Until: c.Until.Start(), State: c.State,
			Late: c.Late(w.Now()),
		}
	}
	return out
}

// MarkedRun is a piece of a text; Kind says what it seems to be where it seems
// to be personal data.
type MarkedRun struct {
	Text string
	Kind personal.Kind
}

// marked cuts a text where personal data seems to stand.
func marked(text string) []MarkedRun {
	var out []MarkedRun
	at := 0
	for _, f := range personal.Find(text) {
		if f.Start > at {
			out = append(out, MarkedRun{Text: text[at:f.Start]})
		}
		out = append(out, MarkedRun{Text: text[f.Start:f.End], Kind: f.Kind})
		at = f.End
	}
	if at < len(text) {
		out = append(out, MarkedRun{Text: text[at:]})
	}
	return out
}

// blotted is a text with what seems to be personal data blotted out.
func blotted(text, with string) string {
	out := ""
	for _, run := range marked(text) {
		if run.Kind != "" {
			run.Text = with
		}
		out += run.Text
	}
	return out
}

// hasPersonal reports whether any of the texts seems to hold personal data.
func hasPersonal(texts ...string) bool {
	for _, t := range texts {
		if len(personal.Find(t)) > 0 {
			return true
		}
	}
	return false
}
