package web

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/drafts"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/intake"
	"hienke/internal/vitext"
)

// A submission is written in short steps, one thing on each page. What was
// typed lies in a draft whose token stands in the address: the address is all
// that is needed to go on, on this device or another, and every page of it is
// safe for the back button.

const (
	fieldSeen = "seen" // which values the page showed; see stamp
	fieldBack = "back" // "review": the page was opened from there and leads there
)

// The steps, in their order. Those in between show something only where there
// is something to show.
const (
	stepKind    = "kind"
	stepText    = "text"
	stepSimilar = "similar"
	stepCheck   = "check"
	stepFiles   = "files"
	stepTopic   = "topic"
	stepSender  = "sender"
	// stepGuardian is shown to a child alone.
	stepGuardian = "guardian"
	stepReview   = "review"
)

// walked are the steps in their order, but for those that only show something.
var walked = []string{stepKind, stepText, stepFiles, stepTopic, stepSender, stepGuardian, stepReview}

// numbered are the steps that a reader counts, and everybody walks through.
var numbered = []string{stepKind, stepText, stepFiles, stepTopic, stepSender, stepReview}

var followedBy = map[string]string{
	stepKind: stepText, stepText: stepSimilar, stepSimilar: stepCheck, stepCheck: stepFiles, stepFiles: stepTopic, stepTopic: stepSender, stepSender: stepReview, stepGuardian: stepReview,
}

// submitRoutes are the pages on which people send something.
func (w *Web) submitRoutes(g *echo.Group) {
	g.GET("/submit", w.showSubmit)
	g.POST("/submit", w.postSubmit)
	g.GET(sentPath, w.showSent)
	d := g.Group("/submit/:draft")
	d.GET("", w.resumeDraft)
	for _, slug := range walked {
		d.GET("/"+slug, func(c echo.Context) error { return w.showStep(c, slug) })
	}
	for _, slug := range []string{stepKind, stepText, stepTopic, stepSender, stepGuardian} {
		d.POST("/"+slug, func(c echo.Context) error { return w.postStep(c, slug) })
	}
	d.POST("/"+stepReview, w.postReview)
	d.POST("/"+stepFiles, w.postFiles)
	w.fileRoutes(d, w.draftFiles)
	d.GET("/"+stepSimilar, w.showSimilar)
	d.GET("/"+stepCheck, w.showCheck)
	d.GET("/discard", w.showDiscard)
	d.POST("/discard", w.postDiscard)
}

// DiscardPage asks whether a draft is to be thrown away.
type DiscardPage struct {
	Frame
	Act, BackURL string
}

func (*DiscardPage) template() string { return "discard" }

func (w *Web) showDiscard(c echo.Context) error {
	d, err := w.draft(c)
	if err != nil || c.Response().Committed {
		return err
	}
	page := &DiscardPage{Frame: w.frame(c, "submit", w.words(c).t("discard.title")), Act: stepURL(c, d.Token, "discard")}
	page.BackURL, page.NoIndex = "/"+string(page.Lang)+"/submit/"+d.Token, true
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return w.show(c, http.StatusOK, page)
}

// postDiscard throws a draft away, and then its files, to which nothing can be
// added any more. One that is gone by now is no error.
func (w *Web) postDiscard(c echo.Context) error {
	ctx, token := c.Request().Context(), c.Param("draft")
	if err := w.Drafts.Discard(ctx, token); err != nil {
		return err
	}
	if err := w.Attachments.DiscardDraft(ctx, token); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/"+string(httpx.Lang(c))+"/submit?done=discarded")
}

// showSubmit shows the first page, of a draft that is none yet. The cookie it
// leaves says nothing; it lets postReview see whether this browser keeps any.
func (w *Web) showSubmit(c echo.Context) error {
	w.setCookie(c, cookieProbe, "1", "/", draftProbeLasts)
	keepForBack(c)
	page := w.stepPage(c, stepKind, drafts.Draft{}, nil)
	page.GivenTitle = givenTitle(c.QueryParam("title"))
	if c.QueryParam("done") == "discarded" {
		page.Notice = &Notice{Tone: "done", Text: w.words(c).t("discard.done")}
	}
	return w.show(c, http.StatusOK, page)
}

// givenTitle is a title that a link to the form proposes, or empty when it is
// none. It is text like any that is typed, and can be changed.
func givenTitle(title string) string {
	title = strings.TrimSpace(vitext.Normalize(title))
	if strings.ContainsAny(title, "\r\n") || utf8.RuneCountInString(title) > civic.MaxTitle {
		return ""
	}
	return title
}

// draftProbeLasts is as long as a draft.
const draftProbeLasts = drafts.Lasts

// postSubmit begins a draft.
func (w *Web) postSubmit(c echo.Context) error {
	typed, err := typedIn(c, stepKind, nil)
	if err != nil {
		return err
	}
	if title := givenTitle(c.FormValue("title")); title != "" {
		typed["title"] = title
	}
	w.addSigns(c, typed, nil)
	if wrong := w.wrongIn(c, stepKind, typed); wrong != nil {
		return w.showFailed(c, wrong, w.stepPage(c, stepKind, drafts.Draft{Values: typed}, errs.FieldsOf(wrong)))
	}
	d, err := w.Drafts.Begin(c.Request().Context(), typed)
	if err != nil {
		return err
	}
	return w.toStep(c, d.Token, stepText, "")
}

// resumeDraft leads to the first page on which something is missing.
func (w *Web) resumeDraft(c echo.Context) error {
	d, err := w.draft(c)
	if err != nil || c.Response().Committed {
		return err
	}
	return w.toStep(c, d.Token, w.firstOpen(c, d.Values), "")
}

// draft opens the draft of the address. One that was sent is answered here,
// with the way to its receipt.
func (w *Web) draft(c echo.Context) (drafts.Draft, error) {
	d, err := w.Drafts.Get(c.Request().Context(), c.Param("draft"))
	if err == nil && d.Sent != "" {
		err = c.Redirect(http.StatusSeeOther, "/"+string(httpx.Lang(c))+sentPath)
	}
	return d, err
}

// firstOpen is the first step whose values are not all right.
func (w *Web) firstOpen(c echo.Context, values map[string]string) string {
	for _, slug := range walked {
		if slug == stepGuardian && !isChild(values) {
			continue
		}
		if slug == stepReview || w.wrongIn(c, slug, values) != nil {
			return slug
		}
	}
	return stepReview
}

func (w *Web) toStep(c echo.Context, token, slug, query string) error {
	return c.Redirect(http.StatusSeeOther, stepURL(c, token, slug)+query)
}

func stepURL(c echo.Context, token, slug string) string {
	return "/" + string(httpx.Lang(c)) + "/submit/" + token + "/" + slug
}

// showStep shows a step, or leads to an earlier one that is not done.
func (w *Web) showStep(c echo.Context, slug string) error {
	d, err := w.draft(c)
	if err != nil || c.Response().Committed {
		return err
	}
	if open := w.firstOpen(c, d.Values); slices.Index(walked, open) < slices.Index(walked, slug) || slug == stepGuardian && !isChild(d.Values) {
		return w.toStep(c, d.Token, open, "")
	}
	page := w.stepPage(c, slug, d, nil)
	page.Back = c.QueryParam(fieldBack) == stepReview
	if c.QueryParam("done") == "renewed" {
		page.Notice = &Notice{Tone: "care", Text: w.words(c).t("submit.renewed")}
	}
	if page.Files != nil {
		page.Files.Back = page.Back
		if text := w.words(c).optional("files.done." + c.QueryParam("done")); text != "" {
			page.Notice = &Notice{Tone: "done", Text: text}
		}
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store") // what stands there may be personal, and may change in another tab
	return w.show(c, http.StatusOK, page)
}

// postStep saves what was typed, right or wrong, and goes on if it is right.
func (w *Web) postStep(c echo.Context, slug string) error {
	ctx := c.Request().Context()
	d, err := w.Drafts.Get(ctx, c.Param("draft"))
	if err == nil && d.Sent != "" {
		err = errs.New(errs.NotFound, "draft.not_found")
	}
	typed, formErr := typedIn(c, slug, d.Values)
	if formErr == nil {
		w.addSigns(c, typed, d.Values)
	}
	switch {
	case formErr != nil:
		return formErr
	case errs.KindOf(err) == errs.NotFound:
		return w.renewDraft(c, typed)
	case err != nil: // what was typed stands in the form again; the rest of the draft is where it was
		return w.stepFailed(c, slug, drafts.Draft{Token: c.Param("draft")}, typed, err)
	}
	if other, twice := changedElsewhere(c, slug, d.Values, typed); twice {
		return w.askWhichText(c, slug, d, typed, other)
	}
	saved, err := w.Drafts.Save(ctx, d.Token, typed)
	if err != nil {
		return w.stepFailed(c, slug, d, typed, err)
	}
	if wrong := w.wrongIn(c, slug, saved.Values); wrong != nil {
		return w.stepFailed(c, slug, saved, typed, wrong)
	}
	next, query := followedBy[slug], ""
	if slug == stepSender && isChild(saved.Values) {
		next = stepGuardian
	}
	if c.FormValue(fieldBack) == stepReview {
		query = "?back=review"
		if slug != stepText {
			next, query = w.firstOpen(c, saved.Values), ""
		}
	}
	return w.toStep(c, d.Token, next, query)
}

// renewDraft puts what was typed for a draft that is not there any more into a
// new one.
func (w *Web) renewDraft(c echo.Context, typed map[string]string) error {
	d, err := w.Drafts.Begin(c.Request().Context(), typed)
	if err != nil {
		return err
	}
	return w.toStep(c, d.Token, w.firstOpen(c, d.Values), "?done=renewed")
}

func (w *Web) stepFailed(c echo.Context, slug string, d drafts.Draft, typed map[string]string, err error) error {
	if !worthKeeping(err) {
		return err
	}
	d.Values = with(d.Values, typed)
	page := w.stepPage(c, slug, d, errs.FieldsOf(err))
	page.Back = c.FormValue(fieldBack) == stepReview
	if len(page.Errors) == 0 {
		page.Notice = w.problemNotice(w.words(c), err)
	}
	return w.showFailed(c, err, page)
}

// with returns values with others over them.
func with(values, over map[string]string) map[string]string {
	out := maps.Clone(values)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, over)
	return out
}

// changedElsewhere reports whether a step was saved with something else since
// this page was shown, and returns what.
func changedElsewhere(c echo.Context, slug string, stored, typed map[string]string) (map[string]string, bool) {
	names := asked(slug, stored)
	seen := c.FormValue(fieldSeen)
	if seen == "" || seen == stamp(names, stored) {
		return nil, false
	}
	other := map[string]string{}
	for _, name := range names {
		if stored[name] != typed[name] {
			other[name] = stored[name]
		}
	}
	return other, len(other) > 0
}

// askWhichText shows what was typed here in the form, and beside it what was
// saved elsewhere. Sending once more takes what stands in the form.
func (w *Web) askWhichText(c echo.Context, slug string, d drafts.Draft, typed, other map[string]string) error {
	seen := stamp(asked(slug, d.Values), d.Values)
	d.Values = with(d.Values, typed)
	page := w.stepPage(c, slug, d, nil)
	page.Seen, page.Back = seen, c.FormValue(fieldBack) == stepReview
	page.Notice = &Notice{Tone: "care", Text: w.words(c).t("submit.other_tab"), Alert: true}
	for _, f := range page.Fields {
		if text, differs := other[f.Name]; differs && text != "" {
			page.Other = append(page.Other, Row{Label: f.Label, Value: f.shown(text)})
		}
	}
	return w.showFailed(c, errs.New(errs.Conflict, "draft.version_mismatch"), page)
}

// stamp tells the values of a page from all others.
func stamp(names []string, values map[string]string) string {
	h := sha256.New()
	for _, name := range names {
		h.Write([]byte(name + "\x00" + values[name] + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil)[:8]) // two tabs, no attacker: 64 bits are plenty
}

// typedIn reads the values of a step from the form that was sent. before are
// the draft's: which kind it is decides what the text's page asks.
func typedIn(c echo.Context, slug string, before map[string]string) (map[string]string, error) {
	form, err := c.FormParams()
	if err != nil {
		return nil, err
	}
	names := asked(slug, before)
	if before == nil { // a draft that is gone: whatever page it was
		names = slices.Concat(asked(slug, map[string]string{"kind": form.Get("kind")}), structuredNames)
	}
	typed := map[string]string{}
	for _, name := range names {
		typed[name] = strings.TrimSpace(strings.ReplaceAll(form.Get(name), "\r\n", "\n"))
	}
	return typed, nil
}

// postReview stores the submission and leads to its receipt. A browser that
// keeps no cookies gets the receipt at once: its codes are told only here.
func (w *Web) postReview(c echo.Context) error {
	ctx := c.Request().Context()
	d, err := w.Drafts.Get(ctx, c.Param("draft"))
	if err != nil {
		return err
	}
	if d.Sent != "" {
		return w.sentBefore(c, d)
	}
	typed, err := typedIn(c, stepReview, d.Values)
	if err != nil {
		return err
	}
	w.addSigns(c, typed, d.Values)
	d.Values = with(d.Values, typed)
	request := w.request(c, d)
	receipt, err := w.Intake.Submit(ctx, httpx.ActorFrom(c), request)
	if err != nil {
		if wrong := w.wrongIn(c, stepReview, d.Values); errs.KindOf(err) == errs.Invalid && wrong == nil {
			return w.toStep(c, d.Token, w.firstOpen(c, d.Values), "")
		}
		return w.stepFailed(c, stepReview, d, typed, err)
	}
	if err := w.Drafts.Finish(ctx, d.Token, receipt.Code); err != nil {
		c.Logger().Warn(err) // it is stored; the draft ends by itself
	}
	return w.showReceiptOf(c, receipt, request.Contact.Email != "")
}

// sentBefore answers a second click. Whoever sent the draft within the last
// hour is shown the codes again.
func (w *Web) sentBefore(c echo.Context, d drafts.Draft) error {
	if w.Now().Sub(d.ChangedAt) > receiptLasts {
		return c.Redirect(http.StatusSeeOther, "/"+string(httpx.Lang(c))+sentPath)
	}
	receipt, mail, err := w.Intake.Again(c.Request().Context(), d.Sent)
	if err != nil {
		return err
	}
	return w.showReceiptOf(c, receipt, mail)
}

// request is the submission that a draft becomes. Its key makes a draft that
// is sent twice count once.
func (w *Web) request(c echo.Context, d drafts.Draft) intake.Request {
	r := intake.Request{Draft: w.submission(c, d.Values), FilesOf: attachments.DraftHash(d.Token)}
	key := sha256.Sum256([]byte("draft " + d.Token))
	r.IdempotencyKey = hex.EncodeToString(key[:])
	content := url.Values{}
	for name, v := range d.Values {
		if name != valueProven { // of two clicks only the first brings the proof
			content.Set(name, v)
		}
	}
	r.BodyHash = sha256.Sum256([]byte(content.Encode()))
	r.Signs = w.signs(c, d, r)
	return r
}

// submission is what a draft's values say so far.
func (w *Web) submission(c echo.Context, values map[string]string) civic.Draft {
	kind, open := kindOf(values)
	ticked := func(name string) bool { return values[name] == "yes" }
	out := civic.Draft{
		Kind: kind, KindOpen: open, Title: values["title"], Body: wholeText(w.words(c), values),
		Topic: civic.TopicCode(values["topic"]), Area: civic.AreaCode(values["area"]),
		Language: civic.Language(httpx.Lang(c)), Channel: civic.ChannelWeb,
		Submitter: civic.SubmitterType(values["submitter.type"]),
		Contact: civic.Contact{
			Name: values["submitter.name"], Email: values["submitter.email"], Phone: values["submitter.phone"],
			Address: values["submitter.address"], Organisation: values["submitter.organisation"], Authors: structuredValue(values, "submitter.authors"),
		},
		AcceptTerms: ticked("consent.terms"), PublishName: ticked("consent.publish_name"),
		Confidential: structuredValue(values, "confidential") == "yes",
	}
	if out.Child = isChild(values); out.Child { // what an adult left there once is not sent
		out.Guardian = guardianOf(values)
	}
	return out
}

// isChild reports whether the sender says to be under 16.
func isChild(values map[string]string) bool { return values["child"] == "yes" }

func guardianOf(values map[string]string) civic.Guardian {
	return civic.Guardian{Name: values["guardian.name"], Email: values["guardian.email"], Phone: values["guardian.phone"]}
}

const (
	sentPath = "/submit/sent"
	// receiptLasts is how long the receipt stays on the device that sent it:
	// long enough to find a pen, short on a computer in a library.
	receiptLasts = time.Hour
)

// showReceiptOf lets this browser see the case and leads it to the receipt.
func (w *Web) showReceiptOf(c echo.Context, receipt intake.Acknowledgement, byMail bool) error {
	w.openCase(c, receipt.Code, receipt.Token)
	w.keepReceipt(c, receipt, byMail)
	if _, err := c.Cookie(cookieProbe); err != nil {
		return w.showReceipt(c, receipt.Code, receipt.Secret, receipt.Token, byMail)
	}
	return c.Redirect(http.StatusSeeOther, "/"+string(httpx.Lang(c))+sentPath)
}

// keepReceipt lets the receipt be shown again on this device after a reload.
func (w *Web) keepReceipt(c echo.Context, r intake.Acknowledgement, byMail bool) {
	mail := "0"
	if byMail {
		mail = "1"
	}
	value := strings.Join([]string{string(r.Code), r.Secret, r.Token, mail}, ".")
	w.setCookieBoth(c, cookieReceipt, value, sentPath, receiptLasts)
}

// showSent shows the receipt out of the cookie that postReview left.
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
	page.Guardian = w.words(c).guardianLines("sent", view.Submission.Guardian, view.Guardian)
	page.ReceivedAt, page.DueAt, page.ByMail = view.Submission.ReceivedAt, view.Submission.DueAt, byMail
	page.TrackURL = w.PublicURL + "/" + string(httpx.Lang(c)) + casePath(code)
	if page.QR, err = qrCode(page.TrackURL); err != nil {
		return err
	}
	return w.show(c, http.StatusOK, page)
}
