package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/intake"
)

// The form's own fields beside those of the API.
const (
	fieldFormKey = "form_key"
	fieldTrap    = "website" // left empty by people; see the style .hk-trap
	holdHoneypot = "hold.honeypot"
)

// submitRoutes are the pages on which people send something.
func (w *Web) submitRoutes(g *echo.Group) {
	g.GET("/submit", w.showSubmit)
	g.POST("/submit", w.postSubmit)
	g.GET("/submit/sent", w.showSent)
}

// showSubmit shows the empty form. The cookie it leaves says nothing; it lets
// postSubmit see whether this browser keeps cookies.
func (w *Web) showSubmit(c echo.Context) error {
	w.setCookie(c, cookieProbe, "1", "/", receiptLasts)
	keepForBack(c)
	return w.show(c, http.StatusOK, w.submitPage(c, map[string]string{}, nil, w.NewKey()))
}

func (w *Web) submitPage(c echo.Context, values map[string]string, wrong []errs.Field, key string) *SubmitPage {
	words := w.words(c)
	page := &SubmitPage{Frame: w.frame(c, "submit", words.t("submit.title")), FormKey: key}
	page.Description = words.t("submit.lead")
	submitFields(page, words, w.Registry, w.Now(), values, wrong)
	return page
}

// postSubmit stores a submission and leads to its receipt. A browser that
// keeps no cookies gets the receipt at once: its codes are told only here.
func (w *Web) postSubmit(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	request := submission(values, string(httpx.Lang(c)))
	if request.Hold = w.Hold(ctx, httpx.ClientNetwork(c)); values.Get(fieldTrap) != "" {
		request.Hold = holdHoneypot
	}
	if key := sentKey(c, request.BodyHash); key != "" {
		request.IdempotencyKey = key
	}
	receipt, err := w.Intake.Submit(ctx, httpx.ActorFrom(c), request)
	if err != nil {
		return w.submitFailed(c, values, err)
	}
	byMail := strings.TrimSpace(values.Get("submitter.email")) != ""
	w.openCase(c, receipt.Code, receipt.Token)
	w.keepReceipt(c, receipt, byMail)
	w.keepSent(c, request)
	if _, err := c.Cookie(cookieProbe); err != nil {
		return w.showReceipt(c, receipt.Code, receipt.Secret, receipt.Token, byMail)
	}
	return c.Redirect(http.StatusSeeOther, "/"+string(httpx.Lang(c))+sentPath)
}

// submission reads the form. Its key makes a form that is sent twice count
// once; the hash covers every field but the key.
func submission(values url.Values, lang string) intake.Request {
	key := values.Get(fieldFormKey)
	content := url.Values{}
	for name, v := range values {
		if name != fieldFormKey {
			content[name] = v
		}
	}
	ticked := func(name string) bool { return values.Get(name) == "yes" }
	r := intake.Request{
		Draft: civic.Draft{
			Kind: civic.Kind(values.Get("kind")), Title: values.Get("title"), Body: values.Get("body"),
			Topic: civic.TopicCode(values.Get("topic")), Area: civic.AreaCode(values.Get("area")),
			Language: civic.Language(lang), Channel: civic.ChannelWeb,
			Submitter: civic.SubmitterType(values.Get("submitter.type")),
			Contact: civic.Contact{
				Name: values.Get("submitter.name"), Email: values.Get("submitter.email"), Phone: values.Get("submitter.phone"),
				Address: values.Get("submitter.address"), Organisation: values.Get("submitter.organisation"),
			},
			AcceptTerms: ticked("consent.terms"), PublishName: ticked("consent.publish_name"),
		},
		BodyHash: sha256.Sum256([]byte(content.Encode())),
	}
	if validKey(key) {
		r.IdempotencyKey = key
	}
	return r
}

// keepSent notes under which key this browser sent which content. Going back
// brings the old text, and where the browser has not kept the page a new key
// with it; without this note the same text would count twice.
func (w *Web) keepSent(c echo.Context, r intake.Request) {
	if r.IdempotencyKey != "" {
		w.setCookieBoth(c, cookieSent, hex.EncodeToString(r.BodyHash[:])+"."+r.IdempotencyKey, "/submit", receiptLasts)
	}
}

// sentKey returns the key under which this browser sent this very content
// within the last hour, or nothing.
func sentKey(c echo.Context, content [sha256.Size]byte) string {
	cookie, err := c.Cookie(cookieSent)
	if err != nil {
		return ""
	}
	hash, key, _ := strings.Cut(cookie.Value, ".")
	if hash != hex.EncodeToString(content[:]) || !validKey(key) {
		return ""
	}
	return key
}

// validKey reports whether a form's key is one that NewKey could have drawn.
// The field comes back from outside; anything else counts as no key.
func validKey(key string) bool {
	const longest = 128 // as for the API's header
	return key != "" && len(key) <= longest &&
		!strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

// submitFailed brings the form back with everything that was typed.
func (w *Web) submitFailed(c echo.Context, values url.Values, err error) error {
	if !worthKeeping(err) {
		return err
	}
	typed := map[string]string{}
	for name := range values {
		typed[name] = values.Get(name)
	}
	page := w.submitPage(c, typed, errs.FieldsOf(err), values.Get(fieldFormKey))
	switch {
	case errs.CodeOf(err) == "idempotency.other_body":
		// The person went back, changed the text and sent it again.
		page.FormKey = w.NewKey()
		page.Notice = &Notice{Tone: "care", Text: w.words(c).t("submit.already_sent"), Alert: true}
	case len(page.Errors) == 0:
		page.Notice = w.problemNotice(w.words(c), err)
	}
	if !validKey(page.FormKey) {
		page.FormKey = w.NewKey()
	}
	return w.showFailed(c, err, page)
}

const (
	sentPath = "/submit/sent"
	// receiptLasts is how long the receipt stays on the device that sent it:
	// long enough to find a pen, short on a computer in a library.
	receiptLasts = time.Hour
)

// keepReceipt lets the receipt be shown again on this device after a reload.
func (w *Web) keepReceipt(c echo.Context, r intake.Acknowledgement, byMail bool) {
	mail := "0"
	if byMail {
		mail = "1"
	}
	value := strings.Join([]string{string(r.Code), r.Secret, r.Token, mail}, ".")
	w.setCookieBoth(c, cookieReceipt, value, sentPath, receiptLasts)
}

// showSent shows the receipt out of the cookie that postSubmit left.
func (w *Web) showSent(c echo.Context) error {
	cookie, err := c.Cookie(cookieReceipt)
	if err != nil {
		return w.show(c, http.StatusOK, w.sentPage(c))
	}
	parts := strings.Split(cookie.Value, ".")
	if len(parts) != 4 {
		return w.show(c, http.StatusOK, w.sentPage(c))
	}
	err = w.showReceipt(c, civic.Code(parts[0]), parts[1], parts[2], parts[3] == "1")
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return w.show(c, http.StatusOK, w.sentPage(c))
	}
	return err
}

func (w *Web) sentPage(c echo.Context) *SentPage {
	page := &SentPage{Frame: w.frame(c, "submit", w.words(c).t("sent.lost_title"))}
	page.NoIndex = true
	return page
}

// showReceipt shows code, secret and what happens next. The token proves that
// the codes are the sender's.
func (w *Web) showReceipt(c echo.Context, code civic.Code, secret, token string, byMail bool) error {
	ctx := c.Request().Context()
	sender, err := w.Intake.Sender(ctx, code, token)
	if err != nil {
		return err
	}
	view, err := w.Intake.Case(ctx, sender, code)
	if err != nil {
		return err
	}
	page := w.sentPage(c)
	page.Title = w.words(c).t("sent.title")
	page.OtherURL = "/" + string(page.Other) + sentPath
	page.Code, page.Secret = code.String(), civic.GroupSecret(secret)
	page.ReceivedAt, page.DueAt, page.ByMail = view.Submission.ReceivedAt, view.Submission.DueAt, byMail
	return w.show(c, http.StatusOK, page)
}
