package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/matching"
	"hienke/internal/triage"
)

// ComparePage is two cases side by side with the differences marked.
type ComparePage struct {
	Frame
	Back  string // the page of the first case
	Sides []CompareSide
	// Verdict tells what the machine thinks of joining the two; may be empty.
	Verdict string
	Equal   bool // no word differs
}

func (*ComparePage) template() string { return "staff_compare" }

// CompareSide is one case of the two.
type CompareSide struct {
	Code       string
	URL        string // empty: outside the person's scope
	Language   civic.Language
	State      civic.State
	Agency     Name
	ReceivedAt time.Time
	Title      []matching.Run
	Body       []matching.Run
	Answer     *AnswerText
	Rejection  *RejectionText
}

// comparePath is the page of two cases.
func comparePath(code civic.Code, other string) string {
	return staffCasePath(code) + "/compare/" + other
}

// compared adds to each case that has a page the comparison with code.
func compared(code civic.Code, all []Related) []Related {
	for i := range all {
		if all[i].URL != "" {
			all[i].Compare = comparePath(code, all[i].Code)
		}
	}
	return all
}

func (w *Web) showCompare(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	other, err := parseCode(c.Param("other"))
	if err != nil {
		return err
	}
	found, err := w.Triage.Compare(c.Request().Context(), httpx.ActorFrom(c), code, other)
	if err != nil {
		return err
	}
	words := w.words(c)
	page := &ComparePage{
		Frame: w.staffFrame(c, "queue", words.t("compare.title", "a", code.String(), "b", other.String())), Back: staffCasePath(code),
		Sides: []CompareSide{w.compareSide(words, found.Left), w.compareSide(words, found.Right)},
	}
	differs := func(r matching.Run) bool { return r.Differs }
	page.Equal = !slices.ContainsFunc(page.Sides, func(s CompareSide) bool {
		return slices.ContainsFunc(s.Title, differs) || slices.ContainsFunc(s.Body, differs)
	})
	if found.Near != nil {
		page.Verdict = words.verdict(*found.Near)
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) compareSide(words words, s triage.Side) CompareSide {
	out := CompareSide{
		Code: s.Case.Code.String(), Language: s.Case.Language, State: s.Case.State, Agency: w.agency(words.lang, s.Case.Agency),
		ReceivedAt: s.Case.ReceivedAt, Title: s.Title, Body: s.Body, Answer: w.answerText(words.lang, s.Answer, nil, nil, ""), Rejection: w.rejection(words.lang, s.Case),
	}
	if s.Visible {
		out.URL = staffCasePath(s.Case.Code)
	}
	return out
}

// verdict tells how near two texts are and, where they are near but not the
// same request, what keeps the machine from joining them.
func (w words) verdict(c matching.Comparison) string {
	text := w.t("compare.near", "share", i18n.Percent(w.lang, c.Jaccard))
	if why := w.optional("compare.reason." + string(c.Reason)); why != "" {
		text += " " + why
	}
	return text
}
