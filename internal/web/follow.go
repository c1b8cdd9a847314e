package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/following"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/search"
)

// followRoutes are for who wants to be told of public cases. No link acts on
// GET, for mail programs open them by themselves.
func (w *Web) followRoutes(g *echo.Group) {
	g.GET("/follow", w.showFollow)
	g.POST("/follow", w.postFollow)
	g.GET("/following/confirm/:id/:stamp", w.showOneFollow)
	g.POST("/following/confirm/:id/:stamp", w.postConfirmFollow)
	g.GET("/following/end/:id/:stamp", w.showOneFollow)
	g.POST("/following/end/:id/:stamp", w.postEnd)
	g.GET("/following/:id/:stamp", w.showFollowing)
	g.POST("/following/:id/:stamp", w.postFollowing)
}

// FollowPage asks for an address, and says what will be told.
type FollowPage struct {
	Frame
	What     string // in words
	WhatLang civic.Language
	OfCase   bool
	Case     string
	Kept     []Hidden
	Email    Field
	Errors   []FieldError
	Notice   *Notice
	// Off tells that no mail can be sent; there is the feed alone.
	Off bool
	// Sent tells that a mail is on its way, if the address is right.
	Sent    bool
	FeedURL string
	BackURL string
	// DraftURL leads back to what is being written; empty: nothing is.
	DraftURL string
}

func (*FollowPage) template() string { return "follow" }

// FollowingPage shows one thing that is followed, or everything.
type FollowingPage struct {
	Frame
	Heading, Text, Go string
	Follows           []FollowedRow
	// Act is where the button sends to; empty: there is none.
	Act, Manage string
	EndAll      bool
	Done        *Notice
}

func (*FollowingPage) template() string { return "following" }

// FollowedRow is one thing that is followed.
type FollowedRow struct {
	ID     int64
	Stamp  string
	What   string
	Lang   civic.Language
	URL    string
	OfCase bool
}

const fieldDraft = "draft"

// savedSearch is a search in the form in which it is kept: without page and
// order, which do not change what matches.
func (r searchRequest) saved() string {
	kept := url.Values{}
	for name, v := range r.values {
		if name != "page" && name != "sort" && name != "status" {
			kept[name] = v
		}
	}
	return kept.Encode()
}

// SavedQuery reads a saved search.
func SavedQuery(saved string) search.Query {
	values, err := url.ParseQuery(saved)
	if err != nil {
		return search.Query{Page: 1, PerPage: 1, Text: "\x00", Filters: search.Filters{Years: []int{-1}}} // matches nothing
	}
	q := readValues("", values).query()
	return q
}

// Describe says in words what a saved search is about, for mails.
func Describe(c *i18n.Catalogue, reg *civic.Registry, saved string, lang civic.Language) string {
	return (&Web{Catalogue: c, Deps: Deps{Registry: reg}}).DescribeSaved(saved, lang)
}

// DescribeSaved says in words what a saved search is about.
func (w *Web) DescribeSaved(saved string, lang civic.Language) string {
	values, _ := url.ParseQuery(saved) // what was saved was read from an address
	return w.sayFilters(words{w.Catalogue, i18n.Lang(lang)}, readValues("", values))
}

// followPage is what is asked for by the address or the form.
func (w *Web) followPage(c echo.Context, values url.Values) (*FollowPage, following.Wish, error) {
	words := w.words(c)
	wish := following.Wish{Email: values.Get("email"), Language: civic.Language(words.lang)}
	page := &FollowPage{Off: !w.Following.Enabled()}
	title := words.t("follow.title_search")
	if given := values.Get("case"); given != "" {
		code, err := parseCode(given)
		if err != nil {
			return nil, wish, err
		}
		found, err := w.Answers.Public(c.Request().Context(), code)
		if err != nil {
			return nil, wish, err
		}
		wish.Case, title = code, words.t("follow.title_case")
		page.OfCase, page.Case, page.What, page.WhatLang = true, code.String(), found.Submission.PublicTitle, found.Submission.Language
		page.Kept = []Hidden{{Name: "case", Value: code.String()}}
		page.BackURL = publicPath(words.lang, code)
		if token := values.Get(fieldDraft); token != "" {
			if _, err := w.Drafts.Get(c.Request().Context(), token); err == nil {
				page.Kept = append(page.Kept, Hidden{Name: fieldDraft, Value: token})
				page.DraftURL = stepURL(c, token, stepText)
			}
		}
	} else {
		asked := readValues("/"+string(words.lang)+"/search", values)
		wish.Query = asked.saved()
		page.What, page.FeedURL, page.BackURL = w.sayFilters(words, asked), asked.feedPath(words.lang), asked.with(func(url.Values) {})
		page.Kept = asked.kept()
		if q := asked.text(); q != "" {
			page.Kept = append(page.Kept, Hidden{Name: "q", Value: q})
		}
	}
	page.Frame = w.frame(c, "search", title)
	page.NoIndex = true
	return page, wish, nil
}

func (w *Web) showFollow(c echo.Context) error {
	page, _, err := w.followPage(c, c.QueryParams())
	if err != nil {
		return err
	}
	page.fill(newForm(w.words(c), nil, nil))
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return w.show(c, http.StatusOK, page)
}

func (p *FollowPage) fill(f *form) {
	p.Email = f.field("email", func(f *Field) {
		f.Type, f.Autocomplete, f.Inputmode, f.Required, f.Plain = "email", "email", "email", true, true
	})
	p.Errors = f.summary()
	p.Failed = len(p.Errors) > 0
}

func (w *Web) postFollow(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	page, wish, err := w.followPage(c, values)
	if err != nil {
		return err
	}
	if page.Off {
		return errs.New(errs.Unavailable, "follow.off")
	}
	words := w.words(c)
	if wish.Case == "" && wish.Query == "" {
		return w.show(c, http.StatusUnprocessableEntity, page)
	}
	err = w.Following.Ask(c.Request().Context(), httpx.ClientNetwork(c), wish)
	page.fill(newForm(words, map[string]string{"email": wish.Email}, errs.FieldsOf(err)))
	switch {
	case err == nil:
		page.Sent = true
		return w.show(c, http.StatusOK, page)
	case errs.KindOf(err) == errs.Invalid:
		return w.showFailed(c, err, page)
	}
	return err
}

func followID(c echo.Context) int64 {
	n, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// row says what is followed.
func (w *Web) followedRow(words words, f following.Followed) FollowedRow {
	row := FollowedRow{ID: f.ID, Stamp: f.Stamp, OfCase: f.Code != ""}
	switch {
	case f.Code == "":
		row.What, row.URL = w.DescribeSaved(f.Query, civic.Language(words.lang)), "/"+string(words.lang)+"/search?"+f.Query
	case f.Title == "":
		row.What = words.t("follow.not_public")
	default:
		row.What, row.Lang, row.URL = f.Title, f.Language, publicPath(words.lang, f.Code)
	}
	return row
}

// showOneFollow asks before anything is confirmed or ended.
func (w *Web) showOneFollow(c echo.Context) error {
	f, err := w.Following.Follow(c.Request().Context(), followID(c), c.Param("stamp"))
	if err != nil {
		return err
	}
	words := w.words(c)
	act := "confirm"
	if c.Path() == "/"+string(words.lang)+"/following/end/:id/:stamp" {
		act = "end"
	}
	page := w.followingPage(c, words.t("follow."+act+"_title"))
	page.Text, page.Go, page.Act = words.t("follow."+act+"_text"), words.t("follow."+act+"_go"), c.Request().URL.Path
	page.Follows = []FollowedRow{w.followedRow(words, f)}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) followingPage(c echo.Context, title string) *FollowingPage {
	page := &FollowingPage{Frame: w.frame(c, "search", title), Heading: title}
	page.NoIndex = true
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return page
}

func (w *Web) postConfirmFollow(c echo.Context) error {
	path, err := w.Following.Confirm(c.Request().Context(), followID(c), c.Param("stamp"))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, path+"?done=confirmed")
}

// postEnd ends one follow, from the page or by one click of a mail program.
func (w *Web) postEnd(c echo.Context) error {
	if err := w.Following.End(c.Request().Context(), followID(c), c.Param("stamp")); err != nil {
		return err
	}
	return w.showEnded(c)
}

func (w *Web) showEnded(c echo.Context) error {
	words := w.words(c)
	page := w.followingPage(c, words.t("follow.ended_title"))
	page.Text = words.t("follow.ended_text")
	return w.show(c, http.StatusOK, page)
}

// showFollowing shows everything that somebody follows.
func (w *Web) showFollowing(c echo.Context) error {
	p, err := w.Following.Person(c.Request().Context(), followID(c), c.Param("stamp"))
	if err != nil {
		return err
	}
	words := w.words(c)
	page := w.followingPage(c, words.t("follow.all_title"))
	page.Text, page.Manage, page.EndAll = words.t("follow.all_text"), c.Request().URL.Path, true
	for _, f := range p.Follows {
		page.Follows = append(page.Follows, w.followedRow(words, f))
	}
	switch c.QueryParam("done") {
	case "confirmed":
		page.Done = &Notice{Tone: "done", Text: words.t("follow.confirmed")}
	case "ended":
		page.Done = &Notice{Tone: "done", Text: words.t("follow.ended_one")}
	}
	return w.show(c, http.StatusOK, page)
}

// postFollowing ends one thing, or everything; a mail program that unsubscribes
// by itself (RFC 8058) names none and ends everything.
func (w *Web) postFollowing(c echo.Context) error {
	ctx, id, stamp := c.Request().Context(), followID(c), c.Param("stamp")
	if one := c.FormValue("follow"); one != "" {
		n, err := strconv.ParseInt(one, 10, 64)
		if err != nil {
			return errs.New(errs.NotFound, httpx.CodeNoRoute)
		}
		if err := w.Following.End(ctx, n, c.FormValue("stamp")); err != nil {
			return err
		}
		if p, err := w.Following.Person(ctx, id, stamp); err == nil && len(p.Follows) > 0 {
			return c.Redirect(http.StatusSeeOther, c.Request().URL.Path+"?done=ended")
		}
		return w.showEnded(c)
	}
	if err := w.Following.EndAll(ctx, id, stamp); err != nil {
		return err
	}
	return w.showEnded(c)
}
