package web

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
	"hienke/internal/httpx"
)

// RenderError shows a failure as a page. It is the hook of the face kit, which
// has chosen the status. Whoever is not signed in is led to the sign-in, and
// from there back.
func (w *Web) RenderError(c echo.Context, p httpx.Problem) error {
	path := c.Request().URL.Path
	inStaff := path == "/staff" || strings.HasPrefix(path, "/staff/")
	if inStaff && p.Status == http.StatusUnauthorized {
		if kept, texts := interrupted(c), w.lostTexts(c); kept != nil || texts != nil {
			return w.showSessionEnded(c, kept, texts)
		}
		return c.Redirect(http.StatusSeeOther, "/staff/sign-in?next="+url.QueryEscape(backTo(c)))
	}
	if inStaff && p.Status == http.StatusForbidden && httpx.ActorFrom(c).Unproven {
		return c.Redirect(http.StatusSeeOther, accountPath)
	}
	words := w.words(c)
	key := "error." + p.Code + "." // some failures have words of their own
	if !w.Catalogue.Has(key + "title") {
		key = "error." + strconv.Itoa(errorText(p.Status)) + "."
	}
	page := &ErrorPage{
		Status: p.Status, Heading: words.t(key + "title"), Text: words.t(key + "text"), Detail: detail(p),
		RetryAfter: int(math.Ceil(p.RetryAfter.Seconds())), RequestID: p.RequestID,
		OfferSearch: p.Status == http.StatusNotFound || p.Status == http.StatusGone, InStaff: inStaff,
	}
	if page.RetryAfter > secondsTold {
		page.RetryMinutes = (page.RetryAfter + 59) / 60
	}
	if inStaff {
		page.Frame = w.staffFrame(c, "", page.Heading)
		page.Kept = w.lostTexts(c)
	} else {
		page.Frame = w.frame(c, "", page.Heading)
	}
	page.NoIndex = true
	return w.show(c, p.Status, page)
}

// secondsTold is up to how many seconds a wait is told in seconds.
const secondsTold = 90

// backTo is where a person should come out after signing in: the page asked
// for, or for a form the page that holds it.
func backTo(c echo.Context) string {
	u := c.Request().URL
	if c.Request().Method != http.MethodPost {
		return u.RequestURI()
	}
	parts := strings.Split(u.Path, "/")
	switch {
	case len(parts) > 4 && parts[2] == "cases", len(parts) > 3 && parts[2] == "rules":
		return strings.Join(parts[:4], "/")
	case len(parts) > 3 && (parts[2] == "models" || parts[2] == "agencies"):
		return strings.Join(parts[:3], "/")
	}
	return queuePath
}

// detail is the sentence of the error code, left out where the page's own
// words say the same.
func detail(p httpx.Problem) string {
	switch p.Status {
	case http.StatusConflict, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests:
		return p.Title
	}
	return ""
}

// errorText maps a status to one that has words of its own.
func errorText(status int) int {
	switch status {
	case 400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503:
		return status
	case http.StatusPreconditionFailed, http.StatusPreconditionRequired:
		return http.StatusConflict
	}
	if status >= 400 && status < 500 {
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// showFailed answers a failure with the form that was sent, its text kept. The
// status is the face kit's. It returns err, so that the failure is logged as
// any other.
func (w *Web) showFailed(c echo.Context, err error, p Page) error {
	problem := httpx.ProblemOf(c, err)
	if s := int(math.Ceil(problem.RetryAfter.Seconds())); s > 0 {
		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(s))
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if failed := w.show(c, problem.Status, p); failed != nil {
		return failed
	}
	return err
}

// worthKeeping reports whether a failure should bring the form back instead of
// an error page: everything that the person can mend or wait for.
func worthKeeping(err error) bool {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict, errs.RateLimited, errs.Unavailable:
		return true
	}
	return false
}

// problemNotice says what an error means, for failures that no field explains.
func (w *Web) problemNotice(words words, err error) *Notice {
	return &Notice{Tone: "stop", Text: words.problem(err) + " " + words.t("error.kept"), Alert: true}
}
