package httpx

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
)

const (
	keyActor = "httpx.actor"
	keyToken = "httpx.token"
	// keyRight holds the permission that the route asked for, signedIn where
	// any account will do. It stands in the log.
	keyRight = "httpx.right"
	signedIn = "signed-in"
	// maxToken bounds a token in characters; ours have 43.
	maxToken = 512
	// sessionCookie is the staff cookie; with https it gets the __Host- prefix,
	// by which browsers hold it to this host and to https.
	sessionCookie = "hienke_staff"
)

// Authenticate tells who holds a session token. It fails with Unauthenticated
// when the token is unknown or has expired.
type Authenticate func(ctx context.Context, token string) (civic.Actor, error)

// Staff looks for a session token, by Authorization under /api and by cookie
// on pages, and makes its holder the actor. Without a token the actor is
// civic.Public. A token that is no good fails the request under /api; on pages
// it makes the actor civic.Public and drops the cookie.
func Staff(authenticate Authenticate) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			token, err := sessionToken(c)
			if err != nil {
				return err
			}
			if token == "" {
				return next(c)
			}
			actor, err := authenticate(c.Request().Context(), token)
			switch {
			case err == nil:
				c.Set(keyActor, actor)
				c.Set(keyToken, token)
			case IsAPI(c) || errs.KindOf(err) != errs.Unauthenticated:
				return err
			default:
				ClearSession(c)
			}
			return next(c)
		}
	}
}

// Require lets a request pass only when the actor holds the permission. It
// belongs into the route line, behind Staff; the use case checks the object.
func Require(p civic.Permission) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set(keyRight, string(p))
			if err := ActorFrom(c).CheckPermission(p); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// RequireStaff lets any signed-in account pass.
func RequireStaff(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Set(keyRight, signedIn)
		if ActorFrom(c).Kind != civic.ActorStaff {
			return errs.New(errs.Unauthenticated, "actor.not_signed_in")
		}
		return next(c)
	}
}

// RequireProven lets any signed-in account pass that has the second factor which
// its role needs. RequireStaff alone is for setting one up.
func RequireProven(next echo.HandlerFunc) echo.HandlerFunc {
	return RequireStaff(func(c echo.Context) error {
		if ActorFrom(c).Unproven {
			return errs.New(errs.Forbidden, "actor.not_allowed")
		}
		return next(c)
	})
}

// ActorFrom returns who is asking, as Staff or SetActor found out; otherwise
// civic.Public.
func ActorFrom(c echo.Context) civic.Actor {
	if a, ok := c.Get(keyActor).(civic.Actor); ok {
		return a
	}
	return civic.Public
}

// SetActor says who is asking, where something other than a staff session
// proves it.
func SetActor(c echo.Context, a civic.Actor) { c.Set(keyActor, a) }

// SessionFrom returns the session token that Staff accepted, or nothing.
func SessionFrom(c echo.Context) string {
	token, _ := c.Get(keyToken).(string)
	return token
}

func sessionToken(c echo.Context) (string, error) {
	if IsAPI(c) {
		return BearerToken(c)
	}
	cookie, err := c.Cookie(cookieName(c))
	if err != nil || len(cookie.Value) > maxToken {
		return "", nil //nolint:nilerr // no cookie, no session
	}
	return cookie.Value, nil
}

// BearerToken returns the token of the Authorization header, empty when there
// is no header. Any other scheme or form is Unauthenticated.
func BearerToken(c echo.Context) (string, error) {
	values := c.Request().Header.Values(echo.HeaderAuthorization)
	if len(values) == 0 {
		return "", nil
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimSpace(token)
	visible := !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
	if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > maxToken || !visible {
		return "", errs.New(errs.Unauthenticated, CodeCredentials)
	}
	return token, nil
}

// SetSession gives the browser a session that lasts so long. The span is told
// and no moment, for the browser's clock may be wrong.
func SetSession(c echo.Context, token string, lasts time.Duration) {
	setCookie(c, token, int(lasts.Seconds()))
}

// ClearSession takes the session from the browser.
func ClearSession(c echo.Context) { setCookie(c, "", -1) }

func setCookie(c echo.Context, token string, maxAge int) {
	c.SetCookie(&http.Cookie{ //nolint:gosec // without https a Secure cookie would never come back
		Name: cookieName(c), Value: token, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: secure(c),
		// Lax, so that a link in a mail to staff opens the case; posts from
		// elsewhere are refused by refuseCrossOrigin as well.
		SameSite: http.SameSiteLaxMode,
	})
}

func cookieName(c echo.Context) string {
	if secure(c) {
		return "__Host-" + sessionCookie
	}
	return sessionCookie
}

func secure(c echo.Context) bool {
	k, ok := c.Get(keyKit).(*kit)
	return ok && k.Secure
}
