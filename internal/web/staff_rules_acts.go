package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/rulebook"
	"hienke/internal/store"
)

// dryRunPath is the page of what the dry run of a version showed.
func dryRunPath(id string, version int) string { return ruleActPath(id, "dry-run", version) }

// ruleActPath is where a person looks before doing something to a version.
func ruleActPath(id, act string, version int) string {
	return rulePath(id) + "/" + act + "?version=" + strconv.Itoa(version)
}

// drySpans are how many days a dry run looks back; 0 is as far as it reaches.
var drySpans = []int{0, 30, 90, 365}

// tryForm offers a dry run of a version. days is how far back the last one
// looked.
func (w words) tryForm(id string, version, days int) *RuleTry {
	since := Field{
		Widget: "select", Name: "days", Prefix: "v" + strconv.Itoa(version) + "-", Required: true, Label: w.t("rules.since"),
		Value: strconv.Itoa(days),
	}
	for _, d := range drySpans {
		label := w.t("rules.since_all")
		if d > 0 {
			label = w.plural("rules.since_days", d)
		}
		since.Options = append(since.Options, Option{Value: strconv.Itoa(d), Label: label})
	}
	return &RuleTry{URL: rulePath(id) + "/dry-run", Version: version, Since: since}
}

// ruleSteps say what may be done to the draft and to the live version.
func (w words) ruleSteps(e rulebook.Entry) []RuleStep {
	var out []RuleStep
	if v := e.Draft; v != nil {
		step := RuleStep{Heading: w.t("rules.draft", "version", v.Version), Text: w.t("rules.step_draft"), Try: w.tryForm(e.ID, v.Version, 0)}
		if v.Impact != nil {
			step.Text = w.t("rules.step_tried")
			step.Links = append(step.Links, Link{Label: w.t("rules.see_dry_run"), URL: dryRunPath(e.ID, v.Version)},
				Link{Label: w.t("rules.go_live"), URL: ruleActPath(e.ID, "go-live", v.Version)})
		}
		step.Links = append(step.Links, Link{Label: w.t("rules.drop"), URL: ruleActPath(e.ID, "retire", v.Version)})
		out = append(out, step)
	}
	if v := e.Live; v != nil {
		out = append(out, RuleStep{
			Heading: w.t("rules.live", "version", v.Version), Text: w.t("rules.step_live"),
			Links: []Link{{Label: w.t("rules.retire"), URL: ruleActPath(e.ID, "retire", v.Version)}},
		})
	}
	return out
}

// ruleAsked returns the rule of the address and the version that a query or a
// form names.
func (w *Web) ruleAsked(c echo.Context, version string) (ruleFound, rulebook.Version, error) {
	e, history, err := w.ruleEntry(c, c.Param("id"))
	if err != nil {
		return ruleFound{}, rulebook.Version{}, err
	}
	found := ruleFound{e, history}
	n, err := strconv.Atoi(version)
	if err != nil {
		return ruleFound{}, rulebook.Version{}, errs.Wrap(errs.NotFound, "rule.not_found", err)
	}
	v, err := found.version(n)
	return found, v, err
}

// postDryRun tries a draft on past cases and leads to what it showed. Trying
// again changes nothing but that page.
func (w *Web) postDryRun(c echo.Context) error {
	_, v, err := w.ruleAsked(c, c.FormValue("version"))
	if err != nil {
		return err
	}
	var since time.Time
	if days, err := strconv.Atoi(c.FormValue("days")); err == nil && days > 0 {
		since = w.Now().AddDate(0, 0, -days)
	}
	if _, err := w.Rulebook.DryRunVersion(c.Request().Context(), httpx.ActorFrom(c), v.ID, v.Version, since); err != nil {
		return w.ruleActFailed(c, err)
	}
	return c.Redirect(http.StatusSeeOther, dryRunPath(v.ID, v.Version))
}

func (w *Web) showDryRun(c echo.Context) error {
	found, v, err := w.ruleAsked(c, c.QueryParam("version"))
	if err != nil {
		return err
	}
	if v.Impact == nil { // nothing to show yet
		return c.Redirect(http.StatusSeeOther, rulePath(found.ID))
	}
	words, i := w.words(c), v.Impact
	page := &DryRunPage{
		Frame: w.staffFrame(c, "rules", words.t("rules.dry_run", "version", v.Version)), Back: rulePath(v.ID), RuleName: ruleName(v),
		Agency: w.agency(words.lang, v.Agency), When: v.DryRunAt, Lines: words.impactLines(*i),
	}
	if v.Stale {
		page.Notices = append(page.Notices, &Notice{Tone: "care", Text: words.t("rules.stale")})
	}
	if i.Contradicts > 0 {
		page.Notices = append(page.Notices, &Notice{Tone: "care", Text: words.plural("rules.contradicts", i.Contradicts, "confirmed", i.Confirmed)})
	}
	for _, a := range i.Agencies {
		page.Agencies = append(page.Agencies, DryRunAgency{Name: w.agency(words.lang, a.Agency), Come: a.Come, Go: a.Go})
	}
	for _, e := range i.Examples {
		page.Examples = append(page.Examples, DryRunExample{
			Code: e.Code.String(), URL: staffCasePath(e.Code), Title: e.Title,
			Confirmed: w.agency(words.lang, e.Confirmed), Rule: w.agency(words.lang, e.Rule),
		})
	}
	for _, e := range i.Errors {
		page.Failures = append(page.Failures, words.plural("rules.dry_failure", e.Errors, "rule", e.ID, "version", e.Version, "detail", firstLine(e.Last)))
	}
	if v.State == store.RuleDraft {
		page.GoLive = ruleActPath(v.ID, "go-live", v.Version)
		page.Try = words.tryForm(v.ID, v.Version, daysBack(v.DryRunAt, i.Since))
	}
	return w.show(c, http.StatusOK, page)
}

// daysBack is how far a dry run looked back, as its form offers it.
func daysBack(ran, since time.Time) int {
	if since.IsZero() {
		return 0
	}
	const day = 24 * time.Hour
	return int((ran.Sub(since) + day/2) / day)
}

// impactLines tell what a dry run looked at and what it found.
func (w words) impactLines(i rulebook.Impact) []string {
	looked := w.plural("rules.looked", i.Looked)
	if !i.Since.IsZero() {
		looked += " " + w.t("rules.looked_since", "day", i18n.ShortDate(w.lang, i.Since, civic.Zone))
	}
	if i.Capped {
		looked += " " + w.t("rules.capped")
	}
	out := []string{looked, w.plural("rules.matched", i.Matched)}
	if i.Matched > 0 {
		out = append(out, w.plural("rules.decided", i.Decided))
	}
	return append(out, w.plural("rules.changed", i.Changed))
}

// ruleActs are what a person confirms before it is done to a version. reached
// reports that it stands so already: a second click, or another person's, is no
// failure.
var ruleActs = map[string]struct {
	do      func(*rulebook.Service, context.Context, civic.Actor, string, int) error
	may     func(v rulebook.Version) bool
	reached store.RuleState
	tone    string
}{
	"go-live": {
		(*rulebook.Service).GoLive, func(v rulebook.Version) bool { return v.State == store.RuleDraft && v.Impact != nil }, store.RuleLive, "",
	},
	"retire": {
		(*rulebook.Service).Retire, func(v rulebook.Version) bool { return v.State != store.RuleRetired }, store.RuleRetired, "warning",
	},
}

// showRuleAct says what going live or ending will do, and asks once more.
func (w *Web) showRuleAct(c echo.Context) error {
	name := c.Param("act")
	act, known := ruleActs[name]
	if !known {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	found, v, err := w.ruleAsked(c, c.QueryParam("version"))
	if err != nil {
		return err
	}
	if !act.may(v) { // the state changed since the link was made; the page says how it is
		return c.Redirect(http.StatusSeeOther, rulePath(found.ID))
	}
	words, key := w.words(c), name
	if name == "retire" && v.State == store.RuleDraft {
		key = "drop"
	}
	title := words.t("rules.confirm."+key+".title", "rule", ruleName(v), "version", v.Version)
	page := &ConfirmPage{
		Frame: w.staffFrame(c, "rules", title), Heading: title, URL: rulePath(v.ID) + "/" + name,
		Lines:  []string{words.t("rules.confirm."+key+".effect", "agency", w.agency(words.lang, v.Agency).Text)},
		Kept:   []Hidden{{"version", strconv.Itoa(v.Version)}},
		Button: Button{Label: words.t("rules.confirm." + key + ".go"), Tone: act.tone},
		Back:   Link{Label: words.t("rules.back_to_rule"), URL: rulePath(v.ID)},
	}
	if key == "go-live" {
		if found.Live != nil {
			page.Lines = append(page.Lines, words.t("rules.confirm.go-live.replaces", "version", found.Live.Version))
		}
		if v.Stale {
			page.Notice = &Notice{Tone: "care", Text: words.t("rules.stale")}
		}
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) postRuleAct(c echo.Context) error {
	name := c.Param("act")
	act, known := ruleActs[name]
	if !known {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	_, v, err := w.ruleAsked(c, c.FormValue("version"))
	if err != nil {
		return err
	}
	done := name
	if v.State == store.RuleDraft && name == "retire" {
		done = "drop"
	}
	if v.State != act.reached {
		if err := act.do(w.Rulebook, c.Request().Context(), httpx.ActorFrom(c), v.ID, v.Version); err != nil {
			return w.ruleActFailed(c, err)
		}
	}
	return c.Redirect(http.StatusSeeOther, rulePath(v.ID)+"?done="+done)
}

// ruleActFailed shows the rule as it is now, and why the act was not done.
func (w *Web) ruleActFailed(c echo.Context, err error) error {
	if !worthKeeping(err) {
		return err
	}
	e, history, readErr := w.ruleEntry(c, c.Param("id"))
	if readErr != nil {
		return err
	}
	page, words := w.rulePage(c, &ruleFound{e, history}, nil, nil), w.words(c)
	text := words.problem(err)
	if fields := errs.FieldsOf(err); len(fields) > 0 { // the registry changed since the draft was written
		text = words.fieldProblem(fields[0], words.optional("rules.field."+fields[0].Name))
	}
	page.Notices = append(page.Notices, &Notice{Tone: "stop", Title: words.t("desk.refused_title"), Text: text, Alert: true})
	page.Failed = true
	return w.showFailed(c, err, page)
}

// postMoveRule moves a rule up or down. The form says from where: a second
// click finds the rule at its place already, and where others moved it
// meanwhile nothing is done and the order is shown.
func (w *Web) postMoveRule(c echo.Context) error {
	ctx, actor, id := c.Request().Context(), httpx.ActorFrom(c), c.Param("id")
	from, fromErr := strconv.Atoi(c.FormValue("from"))
	to, toErr := strconv.Atoi(c.FormValue("to"))
	e, _, err := w.ruleEntry(c, id)
	if err != nil {
		return err
	}
	switch {
	case fromErr != nil || toErr != nil || e.Position != from && e.Position != to:
		return c.Redirect(http.StatusSeeOther, rulesPath+"?done=moved-before#"+url.PathEscape(id))
	case e.Position == from:
		if err := w.Rulebook.Move(ctx, actor, id, to); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, rulesPath+"?done=move#"+url.PathEscape(id))
}
