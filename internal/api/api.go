package api

import (
	_ "embed"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/accounts"
	"hienke/internal/answers"
	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/dialogue"
	"hienke/internal/errs"
	"hienke/internal/finding"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/insight"
	"hienke/internal/intake"
	"hienke/internal/learning"
	"hienke/internal/limit"
	"hienke/internal/openness"
	"hienke/internal/opinions"
	"hienke/internal/rulebook"
	"hienke/internal/teamwork"
	"hienke/internal/triage"
)

// Base is where version 1 of the API lives.
const Base = httpx.APIPrefix + "/v1"

// API answers the calls of the contract. All fields are required.
type API struct {
	Intake   *intake.Service
	Triage   *triage.Service
	Answers  *answers.Service
	Dialogue *dialogue.Service
	Openness *openness.Service
	Opinions *opinions.Service
	Teamwork *teamwork.Service
	Accounts *accounts.Service
	Finding  *finding.Service
	Insight  *insight.Service
	Rulebook *rulebook.Service
	// Attachments keeps the files of submissions.
	Attachments *attachments.Service
	Learning    *learning.Service
	Registry    *civic.Registry
	Limits      limit.Limiter
	// Translate is i18n.Catalogue.Message.
	Translate func(lang i18n.Lang, key string, params map[string]string) string
	// Plural is i18n.Catalogue.Plural.
	Plural func(lang i18n.Lang, key string, n int, args ...any) string
	Now    func() time.Time
}

// Routes adds every call to e, each staff call with its permission.
func (a *API) Routes(e *echo.Echo) {
	v1 := e.Group(Base)
	v1.GET("/openapi.json", getSpecification)
	a.submissionRoutes(v1)
	a.registryRoutes(v1)
	v1.POST("/staff/sessions", a.signIn)
	staff := v1.Group("/staff", httpx.Staff(a.Accounts.AuthenticateCaller))
	a.staffRoutes(staff)
	a.ruleRoutes(staff)
	a.modelRoutes(staff)
}

func (a *API) submissionRoutes(g *echo.Group) {
	g.POST("/submissions", a.submit)
	g.GET("/submissions/:code", a.getSubmission)
	g.POST("/submissions/:code/withdraw", a.withdraw)
	g.POST("/submissions/:code/object", a.object)
	g.POST("/submissions/:code/information", told(a, a.giveInformation))
	g.POST("/submissions/:code/rating", told(a, a.rate))
	g.POST("/submissions/:code/reopen", told(a, a.reopen))
	g.POST("/submissions/:code/attachments", a.addAttachments)
	g.GET("/submissions/:code/attachments/:ref", a.getAttachment)
	g.POST("/similar", a.similar)
	g.GET("/search", a.search)
	g.GET("/stats", a.getStats)
}

func (a *API) registryRoutes(g *echo.Group) {
	g.GET("/agencies", a.listAgencies)
	g.GET("/topics", a.listTopics)
	g.GET("/areas", a.listAreas)
}

func (a *API) staffRoutes(g *echo.Group) {
	g.DELETE("/sessions/current", a.signOut, httpx.RequireStaff)
	g.GET("/queue", a.getQueue, httpx.Require(civic.SeeQueue))
	g.GET("/figures", a.getFigures, httpx.Require(civic.SeeFigures))
	g.GET("/submissions/:code", a.getCase, httpx.Require(civic.SeeCase))
	g.GET("/submissions/:code/attachments/:ref", a.getCaseAttachment, httpx.Require(civic.SeeCase))
	g.POST("/submissions/:code/contact", a.lookAtContact, httpx.Require(civic.SeeContact))
	g.GET("/contact-looks", a.listLooks, httpx.Require(civic.SeeLooks))

	g.POST("/submissions/:code/assign", act(a, a.assign), httpx.Require(civic.AssignCase))
	g.POST("/submissions/:code/accept", act(a, a.accept), httpx.Require(civic.HandleCase))
	g.POST("/submissions/:code/hand-back", act(a, a.handBack), httpx.Require(civic.HandleCase))
	g.POST("/submissions/:code/urgent", act(a, a.markUrgent), httpx.Require(civic.AssignCase))
	g.POST("/submissions/:code/not-urgent", act(a, a.markNotUrgent), httpx.Require(civic.AssignCase))
	g.POST("/submissions/:code/merge", act(a, a.merge), httpx.Require(civic.TriageCase))
	g.POST("/submissions/:code/unmerge", act(a, a.unmerge), httpx.Require(civic.TriageCase))
	g.POST("/submissions/:code/lead", act(a, a.lead), httpx.Require(civic.TriageCase))
	g.POST("/submissions/:code/split-cluster", act(a, a.splitCluster), httpx.Require(civic.TriageCase))
	g.POST("/submissions/:code/split", act(a, a.split), httpx.Require(civic.TriageCase))
	g.POST("/submissions/:code/reject", act(a, a.reject), httpx.Require(civic.TriageCase))
	g.POST("/submissions/:code/decide-scope", act(a, a.decideScope), httpx.Require(civic.TriageCase))
	g.POST("/submissions/:code/unrestrict", act(a, a.unrestrict), httpx.Require(civic.TriageCase))
	g.POST("/submissions/:code/request-information", act(a, a.requestInformation), httpx.Require(civic.HandleCase))
	g.POST("/submissions/:code/record-information", act(a, a.recordInformation), httpx.Require(civic.HandleCase))
	g.POST("/submissions/:code/extend", act(a, a.extend), httpx.Require(civic.HandleCase))
	g.POST("/submissions/:code/ask-opinion", act(a, a.askOpinion), httpx.Require(civic.HandleCase))
	g.POST("/submissions/:code/withdraw-opinion", act(a, a.withdrawOpinion), httpx.Require(civic.HandleCase))
	g.POST("/submissions/:code/add-todo", act(a, a.addTodo), httpx.Require(civic.NoteCase))
	g.POST("/submissions/:code/finish-todo", act(a, a.finishTodo), httpx.Require(civic.NoteCase))
	g.POST("/submissions/:code/link", act(a, a.link), httpx.Require(civic.NoteCase))
	g.POST("/submissions/:code/unlink", act(a, a.unlink), httpx.Require(civic.NoteCase))
	g.GET("/todos", a.listTodos, httpx.Require(civic.SeeQueue))
	g.GET("/opinions", a.listOpinions, httpx.Require(civic.SeeQueue))
	g.POST("/opinions/:id/give", a.giveOpinion, httpx.Require(civic.HandleCase))
	g.POST("/opinions/:id/decline", a.declineOpinion, httpx.Require(civic.HandleCase))
	g.POST("/submissions/:code/draft-answer", act(a, a.draftAnswer), httpx.Require(civic.HandleCase))
	g.POST("/submissions/:code/approve", act(a, a.approve), httpx.Require(civic.ApproveCase))
	g.POST("/submissions/:code/return", act(a, a.returnAnswer), httpx.Require(civic.ApproveCase))
	g.POST("/submissions/:code/correct", act(a, a.correct), httpx.Require(civic.HandleCase))
	g.POST("/submissions/:code/cancel-publication", act(a, a.cancelPublication), httpx.Require(civic.ApproveCase))
	g.POST("/submissions/:code/settle-commitment", act(a, a.settleCommitment), httpx.Require(civic.HandleCase))
	g.GET("/commitments", a.listCommitments, httpx.Require(civic.SeeCase))
	g.POST("/submissions/:code/publish", act(a, a.publish), httpx.Require(civic.PublishCase))
	g.POST("/submissions/:code/redact", act(a, a.redact), httpx.Require(civic.RedactCase))
	g.POST("/submissions/:code/take-down", act(a, a.takeDown), httpx.Require(civic.TakeDownCase))
	g.POST("/submissions/:code/note", act(a, a.note), httpx.Require(civic.NoteCase))
	g.POST("/bulk/reject", bulk(a, func(in BulkRefusal) []BulkItem { return in.Items }, a.bulkReject), httpx.Require(civic.TriageCase))
	g.POST("/bulk/decide-scope", bulk(a, func(in BulkScopeChoice) []BulkItem { return in.Items }, a.bulkDecideScope), httpx.Require(civic.TriageCase))
	g.POST("/submissions/:code/:action", noSuchAction, httpx.Require(civic.SeeCase))
}

// specification is openapi.yaml as JSON; a test keeps the two the same.
//
//go:embed openapi.json
var specification []byte

func getSpecification(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", registryCache)
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, specification)
}

// codeOf reads the code in the path. What cannot be a code names nothing that
// is there: NotFound, with the field that tells a slip of the pen.
func codeOf(c echo.Context) (civic.Code, error) {
	code, err := civic.ParseCode(c.Param("code"))
	if err != nil {
		return "", &errs.Error{Kind: errs.NotFound, Code: "submission.not_found", Fields: errs.FieldsOf(err), Err: err}
	}
	return code, nil
}

// pageOf reads page and per_page; 20 lines fill a screen.
func pageOf(c echo.Context) (httpx.Page, error) { return httpx.ParsePage(c, 20, 100) }

// text returns a text of the catalogue in the language of the request; names
// and values of placeholders alternate.
func (a *API) text(c echo.Context, key string, params ...string) string {
	m := make(map[string]string, len(params)/2)
	for i := 0; i+1 < len(params); i += 2 {
		m[params[i]] = params[i+1]
	}
	return a.Translate(httpx.Lang(c), key, m)
}

// language returns the language of the request as the domain spells it.
func language(c echo.Context) civic.Language { return civic.Language(httpx.Lang(c)) }

// maybe is a code, or null where there is none.
func maybe[S ~string](s S) MaybeCode {
	if s == "" {
		return nil
	}
	plain := string(s)
	return &plain
}

// maybeTime is a time, or null while it has not come.
func maybeTime(t time.Time) MaybeTime {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
