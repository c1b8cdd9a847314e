package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/drafts"
	"hienke/internal/httpx"
	"hienke/internal/personal"
	"hienke/internal/triage"
	"hienke/internal/vitext"
)

// Two pages lie between the text and the rest, and only where they have
// something to say: what was answered already, and what the writer may want to
// change before it can become public. Both let everybody go on.

const (
	similarOffered = 3
	// similarWait bounds the look at what was answered: sending does not wait
	// for a slow database.
	similarWait = 3 * time.Second
	// excerptLetters is how much of an answer is shown: enough to see whether it
	// answers this, short enough for one screen of a telephone.
	excerptLetters = 320
)

// showSimilar shows public cases that may ask for the same, or goes on.
func (w *Web) showSimilar(c echo.Context) error {
	d, done, err := w.pause(c)
	if err != nil || done {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), similarWait)
	defer cancel()
	words := w.words(c)
	found, err := w.Triage.Similar(ctx, d.Values["title"], wholeText(words, d.Values))
	if err != nil {
		c.Logger().Warn(err) // nobody is kept from sending by a search that is away
	}
	query := pauseQuery(c)
	if len(found) == 0 {
		return w.toStep(c, d.Token, stepCheck, query)
	}
	page := &SimilarPage{
		Frame: w.frame(c, "submit", words.t("submit.similar.title")), BackURL: stepURL(c, d.Token, stepText) + query, NextURL: stepURL(c, d.Token, stepCheck) + query,
	}
	page.NoIndex = true
	for _, match := range found[:min(len(found), similarOffered)] {
		similar := w.similarCase(ctx, words, match)
		similar.FollowURL = "/" + string(words.lang) + "/follow?" + url.Values{"case": {match.Case.Code.String()}, fieldDraft: {d.Token}}.Encode()
		page.Cases = append(page.Cases, similar)
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return w.show(c, http.StatusOK, page)
}

// similarCase tells of one public case, with the beginning of its answer.
func (w *Web) similarCase(ctx context.Context, words words, match triage.PublicMatch) SimilarCase {
	sub := match.Case
	out := SimilarCase{
		URL: publicPath(words.lang, sub.Code), Title: sub.PublicTitle, Language: sub.Language, State: sub.State,
		Agency: w.agency(words.lang, sub.Agency), AnsweredAt: sub.AnsweredAt, Why: strings.Join(match.Terms, ", "),
	}
	if public, err := w.Answers.Public(ctx, sub.Code); err == nil && public.Answer != nil {
		out.Excerpt = firstLetters(public.Answer.Text, excerptLetters)
	}
	return out
}

// showCheck points out what the writer may want to change, or goes on.
func (w *Web) showCheck(c echo.Context) error {
	d, done, err := w.pause(c)
	if err != nil || done {
		return err
	}
	next := stepFiles
	if c.QueryParam(fieldBack) == stepReview {
		next = stepReview
	}
	page := w.checkPage(c, d)
	if page.nothing() {
		return w.toStep(c, d.Token, next, "")
	}
	page.BackURL, page.NextURL = stepURL(c, d.Token, stepText)+pauseQuery(c), stepURL(c, d.Token, next)
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return w.show(c, http.StatusOK, page)
}

// pause opens the draft of a page in between, and leads to the text where
// there is none yet.
func (w *Web) pause(c echo.Context) (d drafts.Draft, done bool, err error) {
	d, err = w.draft(c)
	if err != nil || c.Response().Committed {
		return d, true, err
	}
	for _, slug := range []string{stepKind, stepText} {
		if w.wrongIn(c, slug, d.Values) != nil {
			return d, true, w.toStep(c, d.Token, slug, "")
		}
	}
	return d, false, nil
}

// pauseQuery keeps where the way leads after the text was changed.
func pauseQuery(c echo.Context) string {
	if c.QueryParam(fieldBack) == stepReview {
		return "?back=review"
	}
	return ""
}

// checkPage looks at the text as somebody at the counter would.
func (w *Web) checkPage(c echo.Context, d drafts.Draft) *CheckPage {
	words := w.words(c)
	page := &CheckPage{Frame: w.frame(c, "submit", words.t("submit.check.title"))}
	page.NoIndex = true
	for _, name := range asked(stepText, d.Values) {
		if name == "submitter.authors" || name == "confidential" {
			continue
		}
		text := d.Values[name]
		for _, f := range personal.Find(text) {
			page.Personal = append(page.Personal, Row{Name: string(f.Kind), Label: words.t("submit.check." + string(f.Kind)), Value: text[f.Start:f.End]})
		}
	}
	body := wholeText(words, d.Values)
	page.OnlyAttachment = onlyAttachment(body)
	advice := w.Triage.Foresee(d.Values["title"], body)
	page.Accuses = advice.Accuses()
	if channel, ok := w.Registry.OtherChannel(advice.Channel); ok && advice.Scope != civic.InScope {
		lang := httpx.Lang(c)
		page.Channel = &ChannelAdvice{
			Name: nameOf(channel.Names, lang), Message: nameOf(channel.Message, lang), Address: nameOf(channel.Address, lang), Link: channel.Link,
		}
	}
	return page
}

// shortText is under how many words a text that names an attachment says no
// more than that.
const shortText = 25

var attachmentWords = [][]string{{"dinh", "kem"}, {"tep", "dinh"}, {"file", "gui"}, {"attached"}, {"attachment"}}

// onlyAttachment reports whether a text sends its reader to an attachment
// instead of saying what it asks for.
func onlyAttachment(text string) bool {
	found := vitext.Words(text)
	if len(found) >= shortText {
		return false
	}
	for i := range found {
		for _, want := range attachmentWords {
			if len(found)-i >= len(want) && strings.Join(found[i:i+len(want)], " ") == strings.Join(want, " ") {
				return true
			}
		}
	}
	return false
}
