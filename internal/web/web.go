package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/frontend"
	"hienke/internal/absence"
	"hienke/internal/accounts"
	"hienke/internal/answers"
	"hienke/internal/attachments"
	"hienke/internal/audit"
	"hienke/internal/bulk"
	"hienke/internal/civic"
	"hienke/internal/deadlines"
	"hienke/internal/dialogue"
	"hienke/internal/directory"
	"hienke/internal/drafts"
	"hienke/internal/exports"
	"hienke/internal/following"
	"hienke/internal/guardians"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/insight"
	"hienke/internal/intake"
	"hienke/internal/learning"
	"hienke/internal/notices"
	"hienke/internal/openness"
	"hienke/internal/opinions"
	"hienke/internal/privacy"
	"hienke/internal/reach"
	"hienke/internal/reminders"
	"hienke/internal/rulebook"
	"hienke/internal/search"
	"hienke/internal/teamwork"
	"hienke/internal/timetable"
	"hienke/internal/triage"
	"hienke/internal/worklist"
)

// Deps are what the pages need. All but PublicURL, Contact, Licence, Secure and Demo are
// required.
type Deps struct {
	Intake      *intake.Service
	Triage      *triage.Service
	Answers     *answers.Service
	Accounts    *accounts.Service
	Insight     *insight.Service
	Drafts      *drafts.Service
	Openness    *openness.Service
	Dialogue    *dialogue.Service
	Opinions    *opinions.Service
	Teamwork    *teamwork.Service
	Reach       *reach.Service
	Guardians   *guardians.Service
	Rulebook    *rulebook.Service
	Learning    *learning.Service
	Following   *following.Service
	Audit       *audit.Service
	Privacy     *privacy.Service
	Notices     *notices.Service
	Attachments *attachments.Service
	Deadlines   *deadlines.Service
	Directory   *directory.Service
	Reminders   *reminders.Service
	Absence     *absence.Service
	Worklist    *worklist.Service
	Bulk        *bulk.Service
	Exports     *exports.Service
	// Search answers for the public.
	Search search.Searcher
	// Thesaurus says which names stand for the same; nil knows none.
	Thesaurus *search.Thesaurus
	Registry  *civic.Registry
	Times     *timetable.Times
	Renderer  *Renderer
	Now       func() time.Time
	// NewKey draws what tells one form from another, visible ASCII.
	NewKey func() string
	// PublicURL is the address of the service without a slash at its end, for
	// links that leave the page.
	PublicURL string
	// Contact says how to reach whoever runs the service.
	Contact Contact
	// Licence is that of the open data.
	Licence Licence
	// Secure says that people reach the service by https only.
	Secure bool
	// Embedders are the sites that may show the list of answers in a frame, as
	// CSP writes them; empty: every site.
	Embedders []string
	// Demo puts the band on every page that says that the cases are invented.
	Demo bool
}

// Web serves the pages.
type Web struct {
	Deps
	// Catalogue is that of the renderer.
	Catalogue *i18n.Catalogue
	assets    *assets
	streams   streams
}

// New fails when a dependency is missing and with frontend.ErrNotBuilt when the
// binary carries no styles.
func New(d Deps) (*Web, error) {
	if d.Notices == nil || d.Intake == nil || d.Triage == nil || d.Answers == nil || d.Accounts == nil || d.Insight == nil || d.Rulebook == nil ||
		d.Drafts == nil || d.Dialogue == nil || d.Reach == nil || d.Openness == nil || d.Opinions == nil || d.Teamwork == nil || d.Learning == nil || d.Search == nil ||
		d.Following == nil || d.Attachments == nil || d.Worklist == nil || d.Bulk == nil || d.Exports == nil || d.Audit == nil || d.Privacy == nil || d.Deadlines == nil || d.Directory == nil || d.Reminders == nil || d.Absence == nil ||
		d.Registry == nil || d.Times == nil || d.Renderer == nil || d.Now == nil || d.NewKey == nil {
		return nil, errors.New("web: a dependency is missing")
	}
	files, err := newAssets(frontend.Assets())
	if err != nil {
		return nil, err
	}
	return &Web{Deps: d, Catalogue: d.Renderer.catalogue, assets: files}, nil
}

// Register adds every route of the pages to g, which stands at the root.
func (w *Web) Register(g *echo.Group) {
	g.GET("/", w.redirectToLanguage)
	g.GET(AssetPrefix+":file", w.assets.serve)
	w.dataRoutes(g)
	w.crawlerRoutes(g)
	g.GET(challengePath, w.showChallenge)
	for _, lang := range i18n.Langs {
		w.publicRoutes(g.Group("/" + string(lang)))
	}
	w.staffRoutes(g.Group("/staff", w.staffLanguage, httpx.Staff(w.Accounts.Authenticate)))
	w.presenceRoutes(g.Group("/staff", w.staffLanguage, httpx.Staff(w.Accounts.Recognise)))
}

// publicRoutes are the pages without sign-in, for one language.
func (w *Web) publicRoutes(g *echo.Group) {
	g.GET("", w.showHome)
	g.GET("/", w.showHome)
	w.submitRoutes(g)
	w.trackRoutes(g)
	w.searchRoutes(g)
	w.feedRoutes(g)
	w.followRoutes(g)
	w.caseRoutes(g)
	w.statsRoutes(g)
	w.privacyRoutes(g)
	for _, slug := range PlainPages {
		g.GET("/"+slug, w.showPlain)
	}
}

// staffRoutes are the pages behind the sign-in, each with the permission that
// opens it. The use cases check the object once more.
func (w *Web) staffRoutes(g *echo.Group) {
	g.GET("/sign-in", w.showSignIn)
	g.POST("/sign-in", w.postSignIn)
	g.POST("/sign-out", w.postSignOut)
	for _, entrance := range []string{"", "/"} {
		g.GET(entrance, w.redirectToQueue, httpx.Require(civic.SeeQueue))
	}
	g.GET("/queue", w.showQueue, httpx.Require(civic.SeeQueue))
	g.GET("/queue/export", w.exportQueue, httpx.Require(civic.SeeQueue))
	g.GET("/exports", w.showExports, httpx.Require(civic.SeeQueue))
	g.POST("/exports", w.postExport, httpx.Require(civic.SeeQueue))
	g.GET("/exports/:id", w.showExport, httpx.Require(civic.SeeQueue))
	g.GET("/exports/:id/file", w.sendExport, httpx.Require(civic.SeeQueue))
	g.POST("/exports/:id/retry", w.retryExport, httpx.Require(civic.SeeQueue))
	g.GET("/figures", w.showSteering, httpx.Require(civic.SeeSteering))
	g.GET("/figures/export", w.exportSteering, httpx.Require(civic.SeeSteering))
	g.GET("/figures/machine", w.showFigures, httpx.Require(civic.SeeFigures))
	w.governanceRoutes(g)
	w.auditRoutes(g)
	w.staffPrivacyRoutes(g)
	w.intakeRoutes(g)
	w.letterRoutes(g)
	w.accountRoutes(g)
	w.userRoutes(g)
	w.timesRoutes(g)
	w.registryRoutes(g)
	w.absenceRoutes(g)
	g.GET("/cases/:code", w.showStaffCase, httpx.Require(civic.SeeCase))
	g.GET("/cases/:code/print", w.printStaffCase, httpx.Require(civic.SeeCase))
	g.GET("/cases/:code/files/:ref", w.showStaffFile, httpx.Require(civic.SeeCase))
	g.GET("/cases/:code/compare/:other", w.showCompare, httpx.Require(civic.SeeCase))
	w.worklistRoutes(g)
	w.opinionRoutes(g)
	g.GET("/todos", w.showTodos, httpx.Require(civic.SeeQueue))
	g.POST("/cases/:code/contact", w.postContact, httpx.Require(civic.SeeContact))
	g.GET("/looks", w.showLooks, httpx.Require(civic.SeeLooks))
	g.GET("/cases/:code/saves", w.showSaves, httpx.Require(civic.SeeCase))
	g.POST("/cases/:code/saves", w.postSave, httpx.Require(civic.HandleCase))
	g.POST("/cases/:code/paper", w.postPaper, httpx.Require(civic.HandleCase))
	g.POST("/cases/:code/settle-commitment", w.postAction, named("settle-commitment"), httpx.Require(civic.HandleCase))
	g.GET("/commitments", w.showCommitments, httpx.Require(civic.SeeCase))
	w.templateRoutes(g)
	for _, af := range actionForms {
		g.POST("/cases/:code/"+af.name, w.postAction, named(af.name), httpx.Require(af.permission))
	}
	g.POST("/cases/:code/:action", w.postAction, httpx.Require(civic.SeeCase)) // names no act: NotFound
}

// named gives the route of one act the name that handlers and error pages find
// in the path of the others.
func named(action string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			code := c.Param("code")
			c.SetParamNames("code", "action")
			c.SetParamValues(code, action)
			return next(c)
		}
	}
}

// governanceRoutes are the pages on which staff govern how cases are routed.
func (w *Web) governanceRoutes(g *echo.Group) {
	rules, models := httpx.Require(civic.ManageRules), httpx.Require(civic.ManageModel)
	g.GET("/rules", w.showRules, httpx.Require(civic.SeeRules))
	g.GET("/rules/new", w.showNewRule, rules)
	g.POST("/rules/new", w.postRule, rules)
	g.GET("/rules/:id", w.showRule, httpx.Require(civic.SeeRules))
	g.POST("/rules/:id", w.postRule, rules)
	g.POST("/rules/:id/move", w.postMoveRule, rules)
	g.GET("/rules/:id/dry-run", w.showDryRun, rules)
	g.POST("/rules/:id/dry-run", w.postDryRun, rules)
	g.GET("/rules/:id/:act", w.showRuleAct, rules)
	g.POST("/rules/:id/:act", w.postRuleAct, rules)
	g.GET("/models", w.showModels, httpx.Require(civic.SeeModel))
	g.POST("/models/train", w.postTrain, models)
	g.GET("/models/:version/activate", w.showActivate, models)
	g.POST("/models/:version/activate", w.postActivate, models)
	g.GET("/agencies", w.showAgencies, httpx.Require(civic.SeeFigures))
	g.POST("/agencies/move", w.postMoveStranded, httpx.Require(civic.TriageCase))
	g.GET("/agencies/examples", w.showExamples, rules)
	g.POST("/agencies/examples", w.postRelabel, rules)
}

// redirectToLanguage leads to the reader's language. Nothing is remembered:
// the browser says what its reader speaks.
func (w *Web) redirectToLanguage(c echo.Context) error {
	c.Response().Header().Add(echo.HeaderVary, "Accept-Language")
	return c.Redirect(http.StatusFound, "/"+string(httpx.Lang(c))+"/")
}

// words speaks the language of the request.
func (w *Web) words(c echo.Context) words { return words{w.Catalogue, httpx.Lang(c)} }

// frame fills what every public page has in common. titleKey names the page.
func (w *Web) frame(c echo.Context, section, title string) Frame {
	lang := httpx.Lang(c)
	other := otherLang(lang)
	f := Frame{Lang: lang, Other: other, Title: title, Section: section, Demo: w.Demo}
	u := c.Request().URL
	f.Canonical = w.PublicURL + u.EscapedPath()
	if rest, ok := strings.CutPrefix(u.Path, "/"+string(lang)); ok {
		f.OtherURL = "/" + string(other) + rest
		if u.RawQuery != "" && c.Request().Method != http.MethodPost {
			f.OtherURL += "?" + u.RawQuery
		}
	}
	if f.OtherURL == "" {
		f.OtherURL = "/" + string(other) + "/"
	}
	return f
}

func otherLang(l i18n.Lang) i18n.Lang {
	if l == i18n.English {
		return i18n.Vietnamese
	}
	return i18n.English
}

// show answers with a page.
func (w *Web) show(c echo.Context, status int, p Page) error {
	c.Response().Header().Set(echo.HeaderContentType, echo.MIMETextHTMLCharsetUTF8)
	return w.Renderer.Render(&lateHeader{c: c, status: status}, p)
}

// lateHeader sends the status with the first byte, so that a template that
// fails leaves the answer to the error handler.
type lateHeader struct {
	c      echo.Context
	status int
}

func (l *lateHeader) Write(b []byte) (int, error) {
	if !l.c.Response().Committed {
		l.c.Response().WriteHeader(l.status)
	}
	return l.c.Response().Write(b)
}

// keepForBack lets the browser keep the page for its back button, which also
// brings back what was typed. It is for pages that hold nothing personal; they
// are asked for anew whenever they are opened again.
func keepForBack(c echo.Context) {
	c.Response().Header().Set(echo.HeaderCacheControl, "private, no-cache")
}
