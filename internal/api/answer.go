package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
)

func (a *API) draftAnswer(t turn, in AnswerDraft) error {
	draft := answers.Draft{Text: in.Text, Outcome: civic.Outcome(in.Outcome), Submit: in.Submit}
	if in.Details != nil {
		var err error
		if draft.Details, err = detailsOf(*in.Details); err != nil {
			return err
		}
	}
	return a.Answers.Draft(t.ctx, t.actor, t.code, t.version, draft)
}

// detailsOf reads what an answer has beside its text.
func detailsOf(in AnswerDetails) (*answers.Details, error) {
	d := &answers.Details{Answered: in.Answered}
	var wrong []errs.Field
	day := func(name, text string) civic.Date {
		date, err := civic.ReadDate(text)
		if err != nil {
			wrong = append(wrong, errs.Field{Name: name, Code: "field.not_a_day"})
		}
		return date
	}
	if in.Document != nil {
		d.Document = documentOf(*in.Document, day)
	}
	for i, c := range in.Commitments {
		d.Commitments = append(d.Commitments, civic.Commitment{What: c.What, Who: c.Who, Until: day(fmt.Sprintf("commitments.%d.until", i), c.Until)})
	}
	return d, errs.InvalidFields(wrong...)
}

func documentOf(in AnswerDocument, day func(name, text string) civic.Date) civic.Document {
	return civic.Document{Number: in.Number, Date: day("document_date", in.Date), Signatory: in.Signatory, File: in.File}
}

// approve publishes unless told otherwise: an answer is for everyone. Who sends
// it looked at the texts, unless the body says that nobody did.
func (a *API) approve(t turn, in Approval) error {
	how := answers.Approval{
		Publish: in.Publish == nil || *in.Publish, Files: in.Attachments, Checked: in.PersonalChecked == nil || *in.PersonalChecked,
	}
	if in.PublishAt != nil {
		how.At = *in.PublishAt
	}
	return a.Answers.ApproveWith(t.ctx, t.actor, t.code, t.version, how)
}

func (a *API) correct(t turn, in Correction) error {
	out := answers.Correction{Text: in.Text, Outcome: civic.Outcome(in.Outcome), Note: in.Correction}
	if in.Document != nil {
		d, err := detailsOf(AnswerDetails{Document: in.Document})
		if err != nil {
			return err
		}
		out.Document = &d.Document
	}
	return a.Answers.Correct(t.ctx, t.actor, t.code, t.version, out)
}

func (a *API) cancelPublication(t turn, _ struct{}) error {
	return a.Answers.CancelPublication(t.ctx, t.actor, t.code, t.version)
}

func (a *API) settleCommitment(t turn, in CommitmentResult) error {
	return a.Answers.SettleCommitment(t.ctx, t.actor, t.code, t.version, in.Commitment, civic.CommitmentState(in.State), in.Note)
}

func (a *API) listCommitments(c echo.Context) error {
	list, err := a.Answers.OpenCommitments(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	out := OpenCommitments{Items: []OpenCommitment{}}
	for _, o := range list {
		out.Items = append(out.Items, OpenCommitment{
			Code: o.Code.String(), Title: o.Title, Agency: maybe(o.Agency), Commitment: commitments(a.Now(), o.Commitment)[0],
		})
	}
	return c.JSON(http.StatusOK, out)
}

// commitmentsOf are those of a case that the person may see; of one that an act
// moved out of the person's sight none.
func (a *API) commitmentsOf(c echo.Context, actor civic.Actor, code civic.Code) (CaseCommitments, error) {
	work, err := a.Answers.Work(c.Request().Context(), actor, code)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return CaseCommitments{}, err
	}
	return CaseCommitments{Planned: commitments(a.Now(), work.Planned...), Promised: commitments(a.Now(), work.Promised...)}, nil
}

func commitments(now time.Time, list ...civic.Commitment) []Commitment {
	out := make([]Commitment, len(list))
	for i, c := range list {
		out[i] = Commitment{
			ID: c.ID, What: c.What, Who: c.Who, Until: c.Until.ISO(), State: string(c.State), Late: c.Late(now), Note: c.Note, SettledAt: maybeTime(c.SettledAt),
		}
	}
	return out
}

// points are what the sender asked; never null.
func points(list []civic.Point) []AnswerPoint {
	out := make([]AnswerPoint, len(list))
	for i, p := range list {
		out[i] = AnswerPoint{Text: p.Text, Answered: p.Answered}
	}
	return out
}
