package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/intake"
)

// trackRoutes are the pages on which senders follow what they sent.
func (w *Web) trackRoutes(g *echo.Group) {
	g.GET("/track", w.showTrack)
	g.POST("/track", w.postTrack)
	g.GET("/track/lost", w.showLost)
	g.POST("/track/lost", w.postLost)
	g.GET("/confirm/:code/:token", w.showConfirm)
	g.POST("/confirm/:code/:token", w.postConfirm)
	w.guardianRoutes(g)
	g.GET("/stop/:code/:token", w.showStop)
	g.POST("/stop/:code/:token", w.postStop)
	g.GET("/track/:code", w.showTracked)
	g.POST("/track/:code/close", w.postTrackClose)
	g.POST("/track/:code/:act", w.postSenderAct)
	g.POST("/track/:code/files", w.postCaseFiles)
	g.GET("/track/:code/files/:ref", w.showCaseFile)
	w.fileRoutes(g.Group("/track/:code"), w.caseFiles)
}

// caseLasts is how long a case stays open on a device. It is the time of a
// visit: many people share one telephone.
const caseLasts = 2 * time.Hour

// openCase lets this browser see the sender's view of one case. The cookie
// goes to that case's page alone, and the secret never stands in an address.
func (w *Web) openCase(c echo.Context, code civic.Code, token string) {
	w.setCookieBoth(c, cookieCase, token, casePath(code), caseLasts)
}

// casePath is the sender's page of a case, below the language.
func casePath(code civic.Code) string { return "/track/" + code.String() }

func (w *Web) trackPage(c echo.Context, values map[string]string, wrong []errs.Field) *TrackPage {
	words := w.words(c)
	page := &TrackPage{Frame: w.frame(c, "track", words.t("track.title"))}
	page.Description = words.t("track.lead")
	page.OtherURL = "/" + string(page.Other) + "/track"
	trackFields(page, words, values, wrong)
	page.keep(stillKept(c))
	return page
}

// showTrack asks for code and secret.
func (w *Web) showTrack(c echo.Context) error {
	page := w.trackPage(c, nil, nil)
	if c.QueryParam("done") == "closed" {
		page.Notice = &Notice{Tone: "done", Text: w.words(c).t("track.closed")}
	}
	keepForBack(c)
	return w.show(c, http.StatusOK, page)
}

// postTrack opens a case to this browser.
func (w *Web) postTrack(c echo.Context) error {
	typed := map[string]string{"code": c.FormValue("code"), "secret": c.FormValue("secret")}
	if err := requireTyped(typed, "code", "secret"); err != nil {
		return w.showFailed(c, err, w.trackPage(c, typed, errs.FieldsOf(err)))
	}
	code, token, err := w.Intake.Open(c.Request().Context(), typed["code"], typed["secret"])
	if err != nil {
		return w.trackFailed(c, typed, err)
	}
	w.openCase(c, code, token)
	if resumed, err := w.resumeSenderAct(c, code, token); resumed || err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/"+string(httpx.Lang(c))+casePath(code))
}

// requireTyped fails with Invalid and names every field that is empty, in the
// order given.
func requireTyped(typed map[string]string, names ...string) error {
	var wrong []errs.Field
	for _, name := range names {
		if typed[name] == "" {
			wrong = append(wrong, errs.Field{Name: name, Code: "field.required"})
		}
	}
	return errs.InvalidFields(wrong...)
}

// trackFailed brings the form back. Which half of a wrong pair is wrong is not
// said.
func (w *Web) trackFailed(c echo.Context, typed map[string]string, err error) error {
	wrong := errs.FieldsOf(err)
	if errs.CodeOf(err) == "track.no_match" {
		wrong = []errs.Field{{Name: "secret", Code: "track.no_match"}}
	} else if !worthKeeping(err) {
		return err
	}
	page := w.trackPage(c, typed, wrong)
	if len(page.Errors) == 0 {
		page.Notice = w.problemNotice(w.words(c), err)
	}
	return w.showFailed(c, err, page)
}

// showTracked shows the sender's view to a browser that opened it; any other
// is asked for the codes, and learns nothing of whether the case exists.
func (w *Web) showTracked(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	page := w.trackPage(c, map[string]string{"code": code.String()}, nil)
	cookie, err := c.Cookie(cookieCase)
	if err != nil {
		return w.show(c, http.StatusOK, page)
	}
	ctx := c.Request().Context()
	sender, err := w.Intake.Sender(ctx, code, cookie.Value)
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return w.show(c, http.StatusOK, page)
	}
	if err != nil {
		return err
	}
	view, err := w.Intake.Case(ctx, sender, code)
	if err != nil {
		return err
	}
	shown := w.trackedPage(c, view, attempt{})
	if text := w.words(c).optional("sender_act." + c.QueryParam("done") + ".done"); text != "" {
		shown.Notice = &Notice{Tone: "done", Text: text}
	}
	if c.QueryParam("done") == "file" {
		shown.Notice = &Notice{Tone: "done", Text: w.words(c).t("files.done.added")}
	}
	return w.show(c, http.StatusOK, shown)
}

// trackedPage tells the sender's view. Of a submission that follows another
// the agency and the delay are the other's: there the work is done.
func (w *Web) trackedPage(c echo.Context, view intake.View, tried attempt) *TrackedPage {
	words, lang, code := w.words(c), httpx.Lang(c), view.Submission.Code
	own, shown := view.Submission, view.Submission
	if view.Root != nil {
		shown = *view.Root
	}
	out := &TrackedPage{
		Frame: w.frame(c, "track", words.t("tracked.title", "code", code.String())), Code: code.String(),
		CaseTitle: own.Title, Body: own.Body, Language: own.Language, State: own.State,
		Overdue: dueState(shown, w.Now()) == civic.Overdue, Rejection: w.rejection(lang, shown),
		Agency: w.agency(lang, shown.Agency), ReceivedAt: own.ReceivedAt, DueAt: own.DueAt,
		Answer: w.answerText(lang, view.Answer, view.Versions, view.Commitments, ownFiles(lang, view)), Timeline: w.toldTimeline(words, view.Timeline), Next: w.next(words, &view, shown), Clock: w.clock(words, &view, shown),
	}
	out.NoIndex = true
	out.Guardian, out.GuardianCare = words.guardianLines("sent", own.Guardian, view.Guardian), !own.Guardian.Publishable()
	if list, err := w.Privacy.OfSender(c.Request().Context(), civic.SenderOf(own.ID)); err == nil { // the case is shown without them, too
		for _, r := range list {
			out.Requests = append(out.Requests, requestLine(r))
		}
	}
	for _, p := range view.Parts {
		out.Parts = append(out.Parts, Part{Code: p.Code.String(), State: p.State})
	}
	for _, q := range view.Inquiries {
		out.Questions = append(out.Questions, Question{
			Text: q.Question, AskedAt: q.AskedAt, ReplyBy: q.ReplyBy, Open: civic.MayReply(own, q),
			Reply: q.Reply, EndedAt: q.EndedAt,
		})
	}
	out.Reopened = !own.ReopenedAt.IsZero() && civic.Open.Has(own.State)
	out.Extended = shown.Extended > 0
	w.addTelling(out, words, &view)
	w.addSenderActs(out, words, &view, tried)
	if out.Files = w.caseFileForm(c, &own); out.Files != nil && !out.Files.Closed {
		out.Scripts = append(out.Scripts, "files")
	}
	if own.Visibility.Public() {
		out.PublicURL = publicPath(lang, code)
	}
	return out
}

// ownFiles begins the addresses of the sender's files; of an answer to another
// case the paper is on that one's page.
func ownFiles(lang i18n.Lang, view intake.View) string {
	if view.Root != nil {
		return ""
	}
	return "/" + string(lang) + casePath(view.Submission.Code) + "/files/"
}

// postTrackClose takes the case from this browser.
func (w *Web) postTrackClose(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	w.setCookieBoth(c, cookieCase, "", casePath(code), -time.Second)
	w.setCookieBoth(c, cookieReceipt, "", sentPath, -time.Second)
	return c.Redirect(http.StatusSeeOther, "/"+string(httpx.Lang(c))+"/track?done=closed")
}
