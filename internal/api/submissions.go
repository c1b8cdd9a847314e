package api

import (
	"context"
	"crypto/sha256"
	"net/http"

	"github.com/labstack/echo/v4"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/intake"
)

// publicCache lets what is public be kept for half a minute, so that it is
// gone from every cache within the minute that a take-down may need.
const publicCache = "public, max-age=30"

func (a *API) submit(c echo.Context) error {
	var in NewSubmission
	body, err := httpx.ReadJSON(c, &in)
	if err != nil {
		return err
	}
	key, err := httpx.IdempotencyKey(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	signs := a.Intake.Signs(ctx, intake.Sighting{Address: httpx.ClientNetwork(c)}, in.Title, in.Body)
	ack, err := a.Intake.Submit(ctx, civic.Public, intake.Request{
		Draft: in.draft(), IdempotencyKey: key, BodyHash: sha256.Sum256(body), Signs: signs,
	})
	if err != nil {
		return err
	}
	self := Base + "/submissions/" + ack.Code.String()
	c.Response().Header().Set(echo.HeaderLocation, self)
	return c.JSON(http.StatusCreated, Acknowledgement{
		Code: ack.Code.String(), Status: string(ack.Status), TrackingToken: ack.Token,
		TrackingSecret: civic.GroupSecret(ack.Secret), ReceivedAt: ack.ReceivedAt.UTC(),
		Links: Links{Self: self, Page: "/" + string(httpx.Lang(c)) + "/track/" + ack.Code.String()},
	})
}

func (in *NewSubmission) draft() civic.Draft {
	out := civic.Draft{
		Kind: civic.Kind(in.Kind), Title: in.Title, Body: in.Body, Topic: civic.TopicCode(in.Topic),
		Area: civic.AreaCode(in.Area), Language: civic.Language(in.Language), Channel: civic.ChannelAPI,
		Submitter: civic.SubmitterType(in.Submitter.Type),
		Contact: civic.Contact{
			Name: in.Submitter.Name, Email: in.Submitter.Email, Phone: in.Submitter.Phone,
			Address: in.Submitter.Address, Organisation: in.Submitter.Organisation, Authors: in.Submitter.Authors,
		},
		AcceptTerms: in.Consent.Terms, PublishName: in.Consent.PublishName, Confidential: in.Consent.Confidential,
	}
	if in.Guardian != nil {
		out.Child, out.Guardian = true, civic.Guardian{Name: in.Guardian.Name, Email: in.Guardian.Email, Phone: in.Guardian.Phone}
	}
	return out
}

// guardianConsent is where the consent stands that a child needs, nil where the
// sender is none.
func guardianConsent(state civic.GuardianState, g *civic.GuardianConsent) *GuardianConsent {
	if g == nil {
		return nil
	}
	return &GuardianConsent{
		State: string(state), AskedAt: maybeTime(g.AskedAt), Until: maybeTime(g.LapseAt), DecidedAt: maybeTime(g.DecidedAt), Publish: g.Publish, Name: g.Name,
	}
}

func (a *API) getSubmission(c echo.Context) error {
	c.Response().Header().Add(echo.HeaderVary, echo.HeaderAuthorization)
	c.Response().Header().Add(echo.HeaderVary, "Accept-Language") // reasons that the program wrote
	token, err := httpx.BearerToken(c)
	if err != nil {
		return err
	}
	code, err := codeOf(c)
	if err != nil {
		return err
	}
	if token != "" {
		return a.showSender(c, code, token)
	}
	p, err := a.Answers.Public(c.Request().Context(), code)
	if err != nil {
		return err
	}
	files, err := a.Attachments.PublicOf(c.Request().Context(), code)
	if err != nil {
		return err
	}
	out := a.publicSubmission(c, p)
	out.Attachments = attached(files, submissionPath(code))
	c.Response().Header().Set("Cache-Control", publicCache)
	return c.JSON(http.StatusOK, out)
}

func (a *API) showSender(c echo.Context, code civic.Code, token string) error {
	actor, err := a.Intake.Sender(c.Request().Context(), code, token)
	if err != nil {
		return err
	}
	return a.answerSender(c, actor, code)
}

func (a *API) answerSender(c echo.Context, actor civic.Actor, code civic.Code) error {
	v, err := a.Intake.Case(c.Request().Context(), actor, code)
	if err != nil {
		return err
	}
	out := a.senderSubmission(c, v)
	if out.Attachments, err = a.ownAttachments(c.Request().Context(), actor, code); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (a *API) withdraw(c echo.Context) error {
	return a.asSender(c, a.Intake.Withdraw)
}

func (a *API) object(c echo.Context) error {
	return a.asSender(c, func(ctx context.Context, actor civic.Actor, code civic.Code) error {
		var in Objection
		if _, err := httpx.ReadJSON(c, &in); err != nil {
			return err
		}
		return a.Intake.Object(ctx, actor, code, in.Reason)
	})
}

// asSender lets the holder of the tracking token do something to the own
// submission and answers with it as it stands then.
func (a *API) asSender(c echo.Context, do func(context.Context, civic.Actor, civic.Code) error) error {
	actor, code, err := a.senderOf(c)
	if err != nil {
		return err
	}
	if err := do(c.Request().Context(), actor, code); err != nil {
		return err
	}
	return a.answerSender(c, actor, code)
}

// senderOf is the holder of the tracking token, and the own submission.
func (a *API) senderOf(c echo.Context) (actor civic.Actor, code civic.Code, err error) {
	token, err := httpx.BearerToken(c)
	if err != nil {
		return actor, code, err
	}
	if token == "" {
		return actor, code, errs.New(errs.Unauthenticated, "submission.token_missing")
	}
	if code, err = codeOf(c); err != nil {
		return actor, code, err
	}
	actor, err = a.Intake.Sender(c.Request().Context(), code, token)
	return actor, code, err
}

func (a *API) publicSubmission(c echo.Context, p answers.PublicCase) PublicSubmission {
	s := p.Submission
	return PublicSubmission{
		Code: s.Code.String(), Status: string(s.State), Kind: string(s.Kind), Title: s.PublicTitle, Body: s.PublicBody,
		Topic: maybe(s.Topic), Area: maybe(s.Area), Agency: maybe(s.Agency),
		ReceivedAt: s.ReceivedAt.UTC(), DueAt: s.DueAt.UTC(), AnsweredAt: maybeTime(s.AnsweredAt), PublishedAt: s.PublishedAt.UTC(),
		Answer: answer(p.Answer), Timeline: a.steps(c, p.Timeline),
	}
}

func (a *API) senderSubmission(c echo.Context, v intake.View) SenderSubmission {
	s := v.Submission
	out := SenderSubmission{
		Code: s.Code.String(), Status: string(s.State), Kind: string(s.Kind), Title: s.Title, Body: s.Body,
		Topic: maybe(s.Topic), Area: maybe(s.Area), Language: string(s.Language), Agency: maybe(s.Agency),
		ReceivedAt: s.ReceivedAt.UTC(), DueAt: s.DueAt.UTC(), AnsweredAt: maybeTime(s.AnsweredAt),
		Visibility: string(s.Visibility), Answer: answer(v.Answer), Rejection: a.rejection(c, s), Timeline: a.steps(c, v.Timeline),
		Parts: make([]PartOf, len(v.Parts)), Inquiries: inquiries(v.Inquiries), Guardian: guardianConsent(s.Guardian, v.Guardian),
	}
	if v.Rating != nil {
		out.Rating = &Rating{Helped: string(v.Rating.Helped), Reason: v.Rating.Reason, RatedAt: v.Rating.RatedAt.UTC()}
	}
	for i, p := range v.Parts {
		out.Parts[i] = PartOf{Code: p.Code.String(), Status: string(p.State)}
	}
	if v.Root != nil {
		out.Follows = &Followed{
			Status: string(v.Root.State), Agency: maybe(v.Root.Agency), DueAt: v.Root.DueAt.UTC(), MayObject: v.MayObject,
		}
	}
	return out
}

func answer(a *civic.Answer) *Answer {
	if a == nil {
		return nil
	}
	return &Answer{Text: a.Text, Outcome: string(a.Outcome), Agency: maybe(a.Agency), AnsweredAt: maybeTime(a.ApprovedAt)}
}

func (a *API) steps(c echo.Context, events []civic.Event) []Step {
	out := make([]Step, len(events))
	for i, e := range events {
		out[i] = Step{At: e.At.UTC(), Event: string(e.Type), Status: string(e.To), Agency: maybe(e.Agency), Reason: a.stepReason(c, e)}
	}
	return out
}
