package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/notices"
	"hienke/internal/store"
)

// People who left nothing but a postal address are told by letter: staff print
// what waits, post it and say so.

const postPath = "/staff/post"

// PostPage is the list of letters that wait, and of those posted lately.
type PostPage struct {
	Frame
	Notice    *Notice
	Total     int
	Waiting   []LetterRow
	Posted    []LetterRow
	More      int // that wait beside those on the page
	Protected int
}

func (*PostPage) template() string { return "staff_post" }

// LetterRow is one letter of the list. It holds neither name nor address.
type LetterRow struct {
	Mark   string // id and version
	Code   string
	URL    string
	Kind   civic.MessageKind
	Agency Name
	At     time.Time // since when it waits, or when it was posted
	By     string
}

// LettersPage is the letters, one on a sheet.
type LettersPage struct {
	Frame
	Sheets []Sheet
	Gone   int    // chosen, but not to be sent any more
	Back   string // to what the letter belongs to; empty: to the list of letters
}

func (*LettersPage) template() string { return "staff_letters" }

// Sheet is one letter as it is printed, in the sender's language.
type Sheet struct {
	Mark           string
	Language       civic.Language
	From           []string
	Name           string
	Address        string
	Date           string
	Code           string
	Subject        string
	Parts          []notices.Part
	ReplyTo        string // empty: there is nothing to reply to
	CodeLabel, Aid string
}

func (w *Web) letterRoutes(g *echo.Group) {
	post := httpx.Require(civic.PostLetters)
	g.GET("/post", w.showPost, post)
	g.POST("/post/print", w.postPrint, post)
	g.POST("/post/posted", w.postPosted, post)
	g.POST("/post/undo", w.postUndo, post)
}

func markOf(m notices.Mark) string { return fmt.Sprintf("%d.%d", m.Message, m.Version) }

// marks reads which letters were chosen; what is none is left out.
func marks(c echo.Context) (out []notices.Mark, err error) {
	values, err := c.FormParams()
	if err != nil {
		return nil, err
	}
	for _, written := range values["letter"] {
		id, version, _ := strings.Cut(written, ".")
		n, errID := strconv.ParseInt(id, 10, 64)
		v, errVersion := strconv.Atoi(version)
		if errID == nil && errVersion == nil {
			out = append(out, notices.Mark{Message: n, Version: v})
		}
	}
	return out, nil
}

// showPost lists the letters.
func (w *Web) showPost(c echo.Context) error {
	page, err := w.postPage(c)
	if err != nil {
		return err
	}
	words := w.words(c)
	switch n, _ := strconv.Atoi(c.QueryParam("n")); c.QueryParam("done") {
	case "posted":
		page.Notice = &Notice{Tone: "done", Text: words.plural("letters.posted_done", n)}
	case "undo":
		page.Notice = &Notice{Tone: "done", Text: words.t("letters.undone")}
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) postPage(c echo.Context) (*PostPage, error) {
	found, err := w.Notices.ListToPost(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return nil, err
	}
	words := w.words(c)
	page := &PostPage{Frame: w.staffFrame(c, "post", words.t("letters.title")), Total: found.Total, Protected: found.Protected}
	page.More = found.Total - len(found.Waiting)
	for _, l := range found.Waiting {
		page.Waiting = append(page.Waiting, w.letterRow(words, l, l.CreatedAt))
	}
	for _, l := range found.Posted {
		page.Posted = append(page.Posted, w.letterRow(words, l, l.SentAt))
	}
	return page, nil
}

func (w *Web) letterRow(words words, l store.Letter, at time.Time) LetterRow {
	return LetterRow{
		Mark: markOf(notices.Mark{Message: l.ID, Version: l.Version}), Code: l.Code.String(), URL: staffCasePath(l.Code), Kind: l.Kind,
		Agency: w.agency(words.lang, l.Agency), At: at, By: l.PostedByName,
	}
}

// postFailed shows the list as it is now, and what is wrong.
func (w *Web) postFailed(c echo.Context, err error) error {
	if errs.KindOf(err) != errs.Conflict && errs.KindOf(err) != errs.Invalid {
		return err
	}
	page, listErr := w.postPage(c)
	if listErr != nil {
		return listErr
	}
	words := w.words(c)
	page.Notice, page.Failed = &Notice{Tone: "care", Text: words.t("letters.none_chosen"), Alert: true}, true
	if errs.KindOf(err) == errs.Conflict {
		page.Notice.Text = words.t("letters.moved_on")
	}
	return w.showFailed(c, err, page)
}

// postPrint shows the chosen letters, each on a sheet. It is a POST because the
// looks at names and addresses are logged.
func (w *Web) postPrint(c echo.Context) error {
	chosen, err := marks(c)
	if err != nil {
		return err
	}
	ids := make([]int64, len(chosen))
	for i, m := range chosen {
		ids[i] = m.Message
	}
	letters, err := w.Notices.Print(c.Request().Context(), httpx.ActorFrom(c), ids)
	if err != nil {
		return w.postFailed(c, err)
	}
	page := &LettersPage{Frame: w.staffFrame(c, "post", w.words(c).t("letters.sheets")), Gone: len(ids) - len(letters)}
	for _, l := range letters {
		page.Sheets = append(page.Sheets, w.sheet(l))
	}
	return w.show(c, http.StatusOK, page)
}

// sheet lays a letter out.
func (w *Web) sheet(l notices.Letter) Sheet {
	senders := words{w.Catalogue, i18n.Lang(l.Language)}
	s := w.blankSheet(l.Language, l.Name, l.Address)
	s.Mark, s.Code, s.CodeLabel, s.Subject, s.Parts = markOf(l.Mark), l.Code.String(), senders.t("sent.code"), l.Subject, l.Parts
	if l.Kind == civic.MessageQuestion && w.Contact.Address != "" {
		s.ReplyTo = senders.t("letters.reply", "address", strings.Join(strings.Fields(w.Contact.Address), " "), "code", s.Code)
	}
	return s
}

// blankSheet has what every letter has.
func (w *Web) blankSheet(language civic.Language, name, address string) Sheet {
	lang := i18n.Lang(language)
	senders := words{w.Catalogue, lang}
	s := Sheet{Language: language, Name: name, Address: address, Date: i18n.Date(lang, w.Now(), civic.Zone)}
	for _, line := range []string{w.Contact.Operator, w.Contact.Address, w.Contact.Phone} {
		if line != "" {
			s.From = append(s.From, line)
		}
	}
	if len(s.From) == 0 {
		s.From = []string{senders.t("site.name")}
	}
	if w.Contact.Phone != "" {
		s.Aid = senders.t("letters.aid", "phone", w.Contact.Phone)
	}
	return s
}

// postPosted notes that the chosen letters are on their way.
func (w *Web) postPosted(c echo.Context) error {
	chosen, err := marks(c)
	if err != nil {
		return err
	}
	n, err := w.Notices.Post(c.Request().Context(), httpx.ActorFrom(c), chosen)
	if err != nil {
		return w.postFailed(c, err)
	}
	return c.Redirect(http.StatusSeeOther, postPath+"?done=posted&n="+strconv.Itoa(n))
}

// postUndo takes back that one letter was posted.
func (w *Web) postUndo(c echo.Context) error {
	chosen, err := marks(c)
	if err == nil && len(chosen) != 1 {
		return w.postFailed(c, errs.InvalidFields(errs.Field{Name: "letter", Code: "field.required"}))
	}
	if err != nil {
		return err
	}
	if err := w.Notices.Unpost(c.Request().Context(), httpx.ActorFrom(c), chosen[0]); err != nil {
		return w.postFailed(c, err)
	}
	return c.Redirect(http.StatusSeeOther, postPath+"?done=undo")
}
