package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
)

const (
	// cookieProvider ties a sign-in with a provider to the browser that began it.
	cookieProvider = "hienke_provider"
	providerPath   = "/staff/provider"
	providerTime   = 5 * time.Minute
)

// providerRoutes lead to the provider of identities and back.
func (w *Web) providerRoutes(g *echo.Group) {
	g.GET("/provider", w.toProvider)
	g.GET("/provider/back", w.backFromProvider)
}

// toProvider sends the browser to the provider. It is a link and no form,
// whose redirect to another site the content policy would stop.
func (w *Web) toProvider(c echo.Context) error {
	address, state, err := w.Accounts.BeginProvider(c.Request().Context(), safeNext(c.QueryParam("next")))
	if err != nil {
		return w.signInFailed(c, "", c.QueryParam("next"), err)
	}
	w.setCookie(c, cookieProvider, state, providerPath, providerTime)
	return c.Redirect(http.StatusSeeOther, address)
}

// backFromProvider ends the sign-in. The cookie comes along although another
// site leads here, because it is Lax and this is a navigation.
func (w *Web) backFromProvider(c echo.Context) error {
	kept := ""
	if cookie, err := c.Cookie(cookieProvider); err == nil {
		kept = cookie.Value
	}
	w.setCookie(c, cookieProvider, "", providerPath, -time.Second)
	in, next, err := w.Accounts.FinishProvider(c.Request().Context(), c.QueryParam("state"), kept, c.QueryParam("code"), w.attemptOf(c))
	if err != nil {
		if errs.KindOf(err) == errs.Internal {
			return err
		}
		page := w.signInPage(c, "", "", nil)
		page.Notice = &Notice{Tone: "stop", Text: w.words(c).problem(err), Alert: true}
		return w.showFailed(c, err, page)
	}
	return w.enter(c, in, next)
}
