package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/guardians"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

// GuardianPage is where the parent or guardian of a child answers. A GET never
// acts: programs that look into mail follow links, too.
type GuardianPage struct {
	Frame
	Title  string
	Notice *Notice
	// Asks tells that there is something to answer; the rest says what.
	Asks      bool
	Lead      string
	Facts     []Fact
	CaseTitle string
	Language  civic.Language // of CaseTitle
	LapseAt   time.Time
	Fields    []Field // the consents that may be given or not
	After     string  // what follows, once it was answered
	Given     bool    // there is a consent that can be taken back
}

func (*GuardianPage) template() string { return "guardian" }

// The answers of the page's buttons.
const (
	answerAgree   = "agree"
	answerRefuse  = "refuse"
	answerNotMine = "not_mine"
)

func (w *Web) guardianRoutes(g *echo.Group) {
	g.GET("/guardian/:token", w.showGuardian)
	g.POST("/guardian/:token", w.postGuardian)
}

// guardianPage shows what a link asks, or what became of it.
func (w *Web) guardianPage(c echo.Context) (*GuardianPage, error) {
	words := w.words(c)
	page := &GuardianPage{Frame: w.frame(c, "track", words.t("guardian.title")), Title: words.t("guardian.title")}
	page.NoIndex = true
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	asked, err := w.Guardians.Open(c.Request().Context(), c.Param("token"))
	if err != nil {
		if errs.KindOf(err) == errs.NotFound {
			page.Notice = &Notice{Tone: "care", Text: words.t("guardian.no_link")}
		}
		return page, err
	}
	if asked.State != civic.GuardianWaiting {
		page.After, page.Given = w.guardianAfter(words, asked), !asked.State.Ended()
		return page, nil
	}
	page.Asks, page.LapseAt = true, asked.LapseAt
	page.CaseTitle, page.Language = blotted(asked.Title, words.t("answer_work.blotted")), asked.Language
	child := asked.Child
	if child == "" {
		child = words.t("guardian.nameless")
	}
	page.Lead = words.t("guardian.lead", "date", i18n.Date(words.lang, asked.ReceivedAt, civic.Zone), "child", child)
	page.Facts = []Fact{{words.t("guardian.child"), child}, {words.t("guardian.kind"), words.t("kind." + string(asked.Kind))}}
	f := newForm(words, map[string]string{}, nil)
	for _, name := range []string{"guardian.publish", "guardian.publish_name"} {
		if name == "guardian.publish" || asked.Consent.NameWished {
			page.Fields = append(page.Fields, f.field(name, func(field *Field) { field.Widget = "checkbox" }))
		}
	}
	return page, nil
}

// guardianAfter says what was answered and what follows.
func (w *Web) guardianAfter(words words, asked guardians.Asked) string {
	key := string(asked.State)
	switch {
	case asked.Consent.How == civic.GuardianOnPaper && !asked.State.Ended():
		key = "written"
	case asked.State == civic.GuardianConfirmed && asked.Consent.Name:
		key = "name"
	case asked.State == civic.GuardianRefused && asked.Consent.NotMine:
		key = "not_mine"
	}
	at := asked.Consent.DecidedAt
	if at.IsZero() {
		at = asked.LapseAt
	}
	return words.t("guardian.after."+key, "date", i18n.Date(words.lang, at, civic.Zone))
}

func (w *Web) showGuardian(c echo.Context) error {
	page, err := w.guardianPage(c)
	if err != nil {
		if page.Notice == nil {
			return err
		}
		return w.showFailed(c, err, page)
	}
	if page.Asks {
		return w.show(c, http.StatusOK, page)
	}
	page.Notice = &Notice{Tone: "care", Text: w.words(c).t("guardian.answered")}
	return w.show(c, http.StatusOK, page)
}

// postGuardian keeps the answer. A second one, and one that comes too late,
// change nothing and are told what holds.
func (w *Web) postGuardian(c echo.Context) error {
	words := w.words(c)
	a := guardians.Answer{Publish: c.FormValue("guardian.publish") == "yes", Name: c.FormValue("guardian.publish_name") == "yes"}
	switch c.FormValue(fieldDo) {
	case answerAgree:
		a.Agree = true
	case answerNotMine:
		a.NotMine = true
	case answerRefuse:
	default: // a program, and not one of the buttons
		return c.Redirect(http.StatusSeeOther, "/"+string(httpx.Lang(c))+"/guardian/"+c.Param("token"))
	}
	answerErr := w.Guardians.Answer(c.Request().Context(), c.Param("token"), a)
	if k := errs.KindOf(answerErr); answerErr != nil && k != errs.Conflict && k != errs.Gone && k != errs.NotFound {
		return answerErr
	}
	page, err := w.guardianPage(c)
	switch {
	case err != nil && page.Notice == nil:
		return err
	case err != nil:
		return w.showFailed(c, err, page)
	case answerErr != nil:
		page.Notice = &Notice{Tone: "care", Text: words.t("guardian.answered"), Alert: true}
		return w.showFailed(c, answerErr, page)
	}
	page.Notice = &Notice{Tone: "done", Text: words.t("guardian.done")}
	return w.show(c, http.StatusOK, page)
}

// guardianNames are the fields of what a child says of a guardian.
var guardianNames = []string{"guardian.name", "guardian.email", "guardian.phone"}

// guardianFields are empty: whom the child named before is not shown to whoever
// looks over the shoulder.
func guardianFields(f *form) (out []Field) {
	for _, name := range guardianNames {
		out = append(out, f.field(name, func(field *Field) {
			field.Autocomplete, field.Required = "off", name == "guardian.name"
			if name == "guardian.email" {
				field.Type, field.Plain = "email", true
			}
		}))
	}
	return out
}

// guardianLines tell where the consent of a guardian stands.
func (w words) guardianLines(kind string, state civic.GuardianState, g *civic.GuardianConsent) string {
	if !state.Child() || g == nil {
		return ""
	}
	at, key := g.DecidedAt, string(state)
	switch {
	case state == civic.GuardianWaiting && g.LapseAt.IsZero():
		key = "unasked"
	case state == civic.GuardianWaiting:
		at = g.LapseAt
	case state == civic.GuardianWithdrawn:
		at = g.EndedAt
	case state == civic.GuardianConfirmed && g.Name:
		key = "name"
	}
	prefix := map[string]string{"sent": "sent.child.", "desk": "guardian.desk."}[kind]
	return w.t(prefix+key, "date", i18n.Date(w.lang, at, civic.Zone))
}
