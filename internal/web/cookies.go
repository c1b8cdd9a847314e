package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/i18n"
)

// The cookies of the public pages. None says who the reader is; the staff's
// session is the face kit's.
const (
	cookieProbe   = "hienke_probe"   // says nothing but that cookies work
	cookieReceipt = "hienke_receipt" // the receipt just made, on its page only
	cookieCase    = "hienke_case"    // opens one case, on that case's page only
	cookieLang    = "hienke_lang"    // the language of the staff pages
)

// setCookie leaves a cookie that scripts cannot read and that other sites'
// forms do not carry.
func (w *Web) setCookie(c echo.Context, name, value, path string, lasts time.Duration) {
	c.SetCookie(&http.Cookie{ //nolint:gosec // Secure is as configured: on a laptop there is no https
		Name: name, Value: value, Path: path, MaxAge: int(lasts.Seconds()),
		HttpOnly: true, Secure: w.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// setCookieBoth leaves a cookie at the same page of every language and nowhere
// else. A negative duration takes it away.
func (w *Web) setCookieBoth(c echo.Context, name, value, path string, lasts time.Duration) {
	for _, lang := range i18n.Langs {
		w.setCookie(c, name, value, "/"+string(lang)+path, lasts)
	}
}
