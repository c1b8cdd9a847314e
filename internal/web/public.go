package web

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/httpx"
	"hienke/internal/openness"
	"hienke/internal/search"
)

const (
	latestShown = 5
	// latestTimeout is how long the entrance waits for the newest answers. It
	// is a page for people who want to do something else first.
	latestTimeout = 700 * time.Millisecond
)

// showHome shows the entrance. Search being away takes nothing from it but the
// newest answers.
func (w *Web) showHome(c echo.Context) error {
	words := w.words(c)
	ctx, cancel := context.WithTimeout(c.Request().Context(), latestTimeout)
	defer cancel()
	page := &HomePage{Frame: w.frame(c, "", words.t("home.title"))}
	page.Description = words.t("home.lead")
	page.Feed = searchRequest{}.feedPath(words.lang)
	result, err := w.Search.Query(ctx, search.Query{
		Sort: search.Newest, Page: 1, PerPage: latestShown, Filters: search.Filters{Statuses: civic.WithAnswer},
	})
	if err == nil {
		page.Latest = w.hits(words, result.Hits)
	}
	if report, err := w.Openness.Report(ctx, openness.Slice{}); err == nil && report.Total.Submissions > 0 {
		key := words.keyFigures(report.Total)
		page.Key = []KeyFigure{key[0], key[2], key[7]} // received, answered, in time
	}
	keepForBack(c)
	return w.show(c, http.StatusOK, page)
}

// showPlain shows one of the plain pages, named by the last part of the path.
func (w *Web) showPlain(c echo.Context) error {
	slug := path.Base(c.Path())
	words := w.words(c)
	page := &PlainPage{
		Frame: w.frame(c, slug, words.t("nav."+slug)), Name: slug, Contact: w.Contact,
		Limits: LimitTexts{
			Forward: words.limit(w.Times.Now().General(civic.ForForwarding, "", w.Now())), Answer: words.limit(w.Times.Now().General(civic.ForAnswer, "", w.Now())),
		},
	}
	page.Description = words.t("plain.about_" + slug)
	for _, channel := range w.Registry.OtherChannels {
		page.Channels = append(page.Channels, OtherPlace{
			Name: nameOf(channel.Names, words.lang), Address: nameOf(channel.Address, words.lang), Link: channel.Link,
			Unchecked: channel.Certainty != civic.Decided,
		})
	}
	keepForBack(c)
	return w.show(c, http.StatusOK, page)
}

// caseRoutes are the pages of one published case.
func (w *Web) caseRoutes(g *echo.Group) {
	g.GET("/s/:code", w.showCase)
	g.GET("/s/:code/files/:ref", w.showPublicFile)
}

// showCase shows the public version of a case. Its one address has the code in
// the form in which people write it.
func (w *Web) showCase(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	lang := httpx.Lang(c)
	if canonical := publicPath(lang, code); c.Request().URL.Path != canonical {
		return c.Redirect(http.StatusMovedPermanently, canonical)
	}
	found, err := w.Answers.Public(c.Request().Context(), code)
	if err != nil {
		return err
	}
	words := w.words(c)
	sub := found.Submission
	page := &CasePage{
		Frame: w.frame(c, "search", sub.PublicTitle), Code: code.String(), Kind: sub.Kind, CaseTitle: sub.PublicTitle,
		Body: sub.PublicBody, Language: sub.Language, State: sub.State, Agency: w.agency(lang, sub.Agency),
		Topic: w.topic(lang, sub.Topic), Area: w.area(lang, sub.Area), ReceivedAt: sub.ReceivedAt, DueAt: sub.DueAt,
		DueState: settledDue(sub, w.Now()), AnsweredAt: sub.AnsweredAt, Answer: w.answerText(lang, found.Answer, found.Versions, found.Commitments, publicPath(lang, code)+"/files/"),
		Timeline: w.timeline(words, found.Timeline, false), Sender: words.senderName(found.Sender),
		Similar: w.similarTo(c.Request().Context(), words, &sub),
	}
	page.NoAnswer, page.Rejection = words.noAnswer(&found), w.rejection(lang, sub)
	if found.Root != "" {
		page.RootURL = publicPath(lang, found.Root)
	}
	page.Documents = w.publicFiles(c, words, code)
	page.Description = firstLetters(sub.PublicBody, descriptionLetters)
	if sub.Agency != "" {
		page.Feed = searchRequest{values: url.Values{"agency": {string(sub.Agency)}}}.feedPath(lang)
	}
	page.Article, page.Data = true, describe(page, found.Sender)
	keepForBack(c)
	return w.show(c, http.StatusOK, page)
}

// descriptionLetters is about what search engines show of a description.
const descriptionLetters = 160

// settledDue says whether the deadline was kept, once that is known: nothing
// while there is time left.
func settledDue(sub civic.Submission, now time.Time) civic.DueState {
	if s := dueState(sub, now); s != civic.OnTrack && s != civic.DueSoon {
		return s
	}
	return ""
}
