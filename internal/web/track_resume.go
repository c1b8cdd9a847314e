package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
)

// A visit to an own case ends after a while, or with a click in another tab,
// and a reply may take longer to write. What was written then goes along while
// the codes are asked for again, and comes back into its form. Nothing is done
// with it until it is sent once more.

// keep puts fields into the form that asks for the codes. Changing the language
// would lose them, so it is not offered.
func (p *TrackPage) keep(kept []Hidden) {
	if p.Kept = kept; len(kept) > 0 {
		p.OtherURL = ""
	}
}

// showVisitEnded asks for the codes and keeps what was written for an act.
func (w *Web) showVisitEnded(c echo.Context, code civic.Code, act string) error {
	page := w.trackPage(c, map[string]string{"code": code.String()}, nil)
	kept := []Hidden{{fieldKept, code.String() + "/" + act}}
	for name, v := range c.Request().PostForm {
		kept = append(kept, Hidden{keptPrefix + name, v[0]})
	}
	page.keep(sortedByName(kept))
	page.Notice = &Notice{Tone: "care", Text: w.words(c).t("track.visit_ended"), Alert: true}
	return w.show(c, http.StatusUnauthorized, page)
}

// resumeSenderAct shows a case that was just opened with what the form for the
// codes had kept for it. It reports false when that kept nothing for this case.
func (w *Web) resumeSenderAct(c echo.Context, code civic.Code, token string) (bool, error) {
	of, act, _ := strings.Cut(c.FormValue(fieldKept), "/")
	if of != code.String() || !slices.ContainsFunc(senderActs, func(a senderAct) bool { return a.name == act }) {
		return false, nil
	}
	tried := attempt{action: act, values: map[string]string{}}
	for _, kept := range stillKept(c) {
		if name, is := strings.CutPrefix(kept.Name, keptPrefix); is {
			tried.values[name] = kept.Value
		}
	}
	ctx := c.Request().Context()
	sender, err := w.Intake.Sender(ctx, code, token)
	if err != nil {
		return false, err
	}
	view, err := w.Intake.Case(ctx, sender, code)
	if err != nil {
		return false, err
	}
	page := w.trackedPage(c, view, tried)
	page.Notice = &Notice{Tone: "care", Text: w.words(c).t("track.resumed")}
	if !slices.ContainsFunc(page.Acts, func(a SenderAct) bool { return a.Name == act }) { // it cannot be done any more
		page.keepText(tried)
	}
	return true, w.show(c, http.StatusOK, page)
}

// keepText shows what was written where no form takes it any more.
func (p *TrackedPage) keepText(tried attempt) {
	for _, name := range []string{"reply", "reason"} {
		p.Kept += tried.values[name]
	}
}
