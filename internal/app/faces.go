package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"hienke/frontend"
	"hienke/internal/api"
	"hienke/internal/civic"
	"hienke/internal/drafts"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/limit"
	"hienke/internal/limit/memlimit"
	"hienke/internal/limit/redislimit"
	"hienke/internal/web"
)

// openLimits makes the rate limits: on the Redis that the processes share, or
// in this process when it is the only one. Asking the embedded Redis would take
// 500 times as long and know no more.
func (a *App) openLimits(at *redis.UniversalOptions) error {
	switch {
	case a.Config.Rate.Limits == "off":
		a.Limits = unlimited{}
		return nil
	case a.embeddedQueue:
		a.Limits = memlimit.New(a.Now, 0)
		return nil
	}
	l := redislimit.New(at, memlimit.New(a.Now, 0), a.Now)
	l.OnFailure = func(err error) { a.Log.Warn("limits are kept in this process", "error", err.Error()) }
	a.onClose(l.Close)
	a.Limits = l
	return nil
}

// prefixes reads networks of the configuration, which was checked.
func prefixes(written []string) []netip.Prefix {
	out := make([]netip.Prefix, len(written))
	for i, p := range written {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// unlimited lets everything through.
type unlimited struct{}

// Allow implements limit.Limiter.
func (unlimited) Allow(context.Context, limit.Rule, string) limit.Verdict {
	return limit.Verdict{Allowed: true}
}

// openFaces builds the pages and the API, where this process has them.
func (a *App) openFaces(context.Context) (err error) {
	if a.Catalogue, err = i18n.Load(frontend.Locales()); err != nil {
		return err
	}
	if a.Options.Role == Worker || a.Options.Role == Tool {
		return nil
	}
	pages, err := a.pages()
	if err != nil {
		return err
	}
	e, err := httpx.New(httpx.Options{
		Log: a.Log, Now: a.Now, Translate: a.Catalogue.Message, RenderPage: pages.RenderError,
		Pseudonym: func(address string) string { return a.Keys.Pseudonym("log", address)[:logPseudonym] },
		Observe:   a.metrics.observe, TrustedProxies: prefixes(a.Config.HTTP.TrustedProxies), Secure: a.secure(), Origins: []string{a.publicURL()},
		Precompressed: []string{web.AssetPrefix}, Uploads: a.uploads(), Downloads: downloads(), Streams: web.StreamRoutes(),
	})
	if err != nil {
		return fmt.Errorf("build the face kit: %w", err)
	}
	pages.Register(e.Group("")) //nolint:contextcheck // handlers take the context of their request
	faces := &api.API{
		Intake: a.Intake, Triage: a.Triage, Answers: a.Answers, Accounts: a.Accounts, Finding: a.Finding, Insight: a.Insight, Dialogue: a.Dialogue, Openness: a.Openness, Opinions: a.Opinions, Teamwork: a.Teamwork,
		Rulebook: a.Rulebook, Learning: a.Learning, Attachments: a.Attachments,
		Registry: a.Data.Registry, Limits: a.Limits, Translate: a.Catalogue.Message, Plural: a.Catalogue.Plural, Now: a.Now,
	}
	faces.Routes(e) //nolint:contextcheck // the same
	a.routes = httpx.Routes(e)
	mux := http.NewServeMux()
	mux.Handle("/", e)
	mux.HandleFunc("GET /healthz", a.health)
	mux.HandleFunc("GET /readyz", a.ready)
	a.handler = mux
	return nil
}

// logPseudonym is how many characters of a pseudonym stand in the log: enough
// to tell callers apart within a day, too few to prove anything.
const logPseudonym = 12

// leastFormTime is how long nobody takes to read and fill in five pages.
const leastFormTime = 3 * time.Second

// leastTime is leastFormTime where limits are kept at all.
func (a *App) leastTime() time.Duration {
	if a.Config.Rate.Limits == "off" {
		return 0
	}
	return leastFormTime
}

// secure reports whether people reach the service by https only.
func (a *App) secure() bool { return strings.HasPrefix(a.publicURL(), "https://") }

func (a *App) pages() (*web.Web, error) {
	c := a.Config.Contact
	renderer, err := web.NewRenderer(a.Catalogue)
	if err != nil {
		return nil, err
	}
	return web.New(web.Deps{
		Intake: a.Intake, Triage: a.Triage, Answers: a.Answers, Accounts: a.Accounts, Search: a.Finding.Public, Thesaurus: a.Data.Thesaurus, Insight: a.Insight,
		Rulebook: a.Rulebook, Learning: a.Learning,
		Registry: a.Data.Registry, Times: a.Times, Renderer: renderer, Now: a.Now, NewKey: rand.Text,
		Dialogue: a.Dialogue, Openness: a.Openness, Opinions: a.Opinions, Teamwork: a.Teamwork, Reach: a.Reach, Guardians: a.Guardians, Following: a.Following, Notices: a.Notices,
		Attachments: a.Attachments, Audit: a.Audit, Deadlines: a.Deadlines, Directory: a.Directory, Reminders: a.Reminders, Absence: a.Absence,
		Privacy:  a.Privacy,
		Worklist: a.Worklist, Bulk: a.Bulk, Exports: a.Exports,
		Drafts:    &drafts.Service{Store: a.Store, Keys: a.Keys, Now: a.Now, NewToken: rand.Text},
		PublicURL: a.publicURL(),
		Contact:   web.Contact{Operator: c.Organisation, Email: c.Email, Phone: c.Phone, Address: c.Address},
		Licence:   web.Licence{Name: a.Config.OpenData.Licence, URL: a.Config.OpenData.LicenceURL, Source: a.Config.OpenData.Source},
		Embedders: a.Config.HTTP.Embedders,
		Secure:    a.secure(), Demo: a.Options.Demo,
	})
}

// describeSaved says in words what a saved search is about. Workers have no
// pages, so that it stands on the catalogue and the registry alone.
func (a *App) describeSaved(saved string, lang civic.Language) string {
	return web.Describe(a.Catalogue, a.Data.Registry, saved, lang)
}
