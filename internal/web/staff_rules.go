package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/rulebook"
	"hienke/internal/store"
)

const (
	rulesPath   = "/staff/rules"
	newRulePath = rulesPath + "/new"
)

// rulePath is the page of one rule.
func rulePath(id string) string { return rulesPath + "/" + url.PathEscape(id) }

func (w *Web) showRules(c echo.Context) error {
	page, err := w.rulesPage(c)
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "rules.done.")
	return w.show(c, http.StatusOK, page)
}

// tellDone says that what the address names was done.
func (w *Web) tellDone(c echo.Context, to *[]*Notice, prefix string) {
	if text := w.words(c).optional(prefix + c.QueryParam("done")); text != "" && c.QueryParam("done") != "" {
		*to = append(*to, &Notice{Tone: "done", Text: text})
	}
}

func (w *Web) rulesPage(c echo.Context) (*RulesPage, error) {
	words := w.words(c)
	entries, err := w.Rulebook.List(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return nil, err
	}
	page := &RulesPage{Frame: w.staffFrame(c, "rules", words.t("staff.rules"))}
	failing := 0
	for i, e := range entries {
		v := e.Latest()
		if e.Live != nil {
			v = *e.Live
		}
		row := RuleRow{
			ID: e.ID, URL: rulePath(e.ID), Name: ruleName(v), Place: e.Position, Tags: words.ruleTags(e), Agency: w.agency(words.lang, v.Agency),
			Validity: words.validity(v.ValidFrom, v.ValidTo), Owner: v.Owner, Faults: w.ruleFaults(words, e),
		}
		if i > 0 {
			row.Up = e.Position - 1
		}
		if i < len(entries)-1 {
			row.Down = e.Position + 1
		}
		if len(row.Faults) > 0 {
			failing++
		}
		page.Rows = append(page.Rows, row)
	}
	if failing > 0 {
		page.Notices = append(page.Notices, &Notice{Tone: "stop", Title: words.t("rules.failing_title"), Text: words.plural("rules.failing", failing)})
	}
	return page, nil
}

// ruleName is the name of a version, which one of the registry's file may lack.
func ruleName(v rulebook.Version) string {
	if v.Name == "" {
		return v.ID
	}
	return v.Name
}

// ruleTags say in which states a rule's versions are.
func (w words) ruleTags(e rulebook.Entry) []Tag {
	var out []Tag
	if e.Live != nil {
		out = append(out, Tag{w.t("rules.live", "version", e.Live.Version), "done"})
		if e.Dormant {
			out = append(out, Tag{w.t("rules.dormant"), "wait"})
		}
	}
	if e.Draft != nil {
		out = append(out, Tag{w.t("rules.draft", "version", e.Draft.Version), "active"})
	}
	if e.Live == nil && e.Draft == nil {
		out = append(out, Tag{w.t("rules.retired", "version", e.Latest().Version), ""})
	}
	return out
}

// ruleFaults say why a live rule does not do what it should.
func (w *Web) ruleFaults(words words, e rulebook.Entry) []string {
	var out []string
	if e.Live == nil {
		return nil
	}
	if e.Broken != "" {
		out = append(out, words.t("rules.fault_broken", "detail", firstLine(e.Broken)))
	}
	if e.AgencyEnded {
		text := words.t("rules.fault_agency", "agency", w.agency(words.lang, e.Live.Agency).Text)
		if heirs := w.agencyNames(words.lang, e.Successors); len(heirs) > 0 {
			text += " " + words.t("rules.fault_successors", "agencies", strings.Join(heirs, "; "))
		}
		out = append(out, text)
	}
	if v := e.Live; v.Errors > 0 {
		out = append(out, words.plural("rules.fault_errors", v.Errors,
			"time", i18n.DateTime(words.lang, v.LastErrorAt, civic.Zone), "detail", firstLine(v.LastError)))
	}
	return out
}

func (w *Web) agencyNames(lang i18n.Lang, codes []civic.AgencyCode) []string {
	var out []string
	for _, code := range codes {
		out = append(out, w.agency(lang, code).Text)
	}
	return out
}

// firstLine leaves out the drawing that a compiler puts below its message.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimSpace(line)
}

func (w *Web) showNewRule(c echo.Context) error {
	values := map[string]string{"owner": httpx.ActorFrom(c).Name}
	return w.show(c, http.StatusOK, w.rulePage(c, nil, values, nil))
}

func (w *Web) showRule(c echo.Context) error {
	e, history, err := w.ruleEntry(c, c.Param("id"))
	if err != nil {
		return err
	}
	page := w.rulePage(c, &ruleFound{e, history}, nil, nil)
	w.tellDone(c, &page.Notices, "rules.done.")
	return w.show(c, http.StatusOK, page)
}

// ruleFound is a rule with all its versions, the newest first.
type ruleFound struct {
	rulebook.Entry
	history []rulebook.Version
}

// version returns one of the versions.
func (r ruleFound) version(n int) (rulebook.Version, error) {
	i := slices.IndexFunc(r.history, func(v rulebook.Version) bool { return v.Version == n })
	if i < 0 {
		return rulebook.Version{}, errs.New(errs.NotFound, "rule.not_found")
	}
	return r.history[i], nil
}

func (w *Web) ruleEntry(c echo.Context, id string) (rulebook.Entry, []rulebook.Version, error) {
	ctx, actor := c.Request().Context(), httpx.ActorFrom(c)
	history, err := w.Rulebook.History(ctx, actor, id)
	if err != nil {
		return rulebook.Entry{}, nil, err
	}
	entries, err := w.Rulebook.List(ctx, actor)
	if err != nil {
		return rulebook.Entry{}, nil, err
	}
	i := slices.IndexFunc(entries, func(e rulebook.Entry) bool { return e.ID == id })
	if i < 0 {
		return rulebook.Entry{}, nil, errs.New(errs.NotFound, "rule.not_found")
	}
	return entries[i], history, nil
}

// rulePage builds the page of a rule, nil for a new one. values are what was
// typed; nil for what the version says that a person edits next.
func (w *Web) rulePage(c echo.Context, found *ruleFound, values map[string]string, wrong []errs.Field) *RulePage {
	words := w.words(c)
	page := &RulePage{Frame: w.staffFrame(c, "rules", words.t("rules.new")), Heading: words.t("rules.new"), URL: newRulePath}
	if found != nil {
		v := found.Latest()
		page.Heading, page.ID, page.URL = ruleName(v), found.ID, rulePath(found.ID)
		page.Title, page.Base = page.Heading, found.history[0].Version
		page.Tags, page.Faults = words.ruleTags(found.Entry), w.ruleFaults(words, found.Entry)
		page.Steps = words.ruleSteps(found.Entry)
		for _, old := range found.history {
			page.History = append(page.History, w.ruleHistory(words, old))
		}
		if values == nil {
			values = ruleValues(v)
		}
	}
	f := w.ruleForm(words, values, wrong)
	page.Fields, page.Errors, page.Codes = f.used, f.summary(), w.ruleCodes(words)
	page.Failed = len(wrong) > 0
	return page
}

// ruleHistory tells of one version.
func (w *Web) ruleHistory(words words, v rulebook.Version) RuleHistory {
	moment := func(key string, at time.Time, name string) string {
		if name == "" {
			name = words.t("desk.by_system")
		}
		return words.t(key, "time", i18n.DateTime(words.lang, at, civic.Zone), "name", name)
	}
	out := RuleHistory{
		Version: v.Version, Tag: words.stateTag(v.State), Condition: strings.TrimSpace(v.Condition), Agency: w.agency(words.lang, v.Agency),
		Lines: []string{moment("rules.written", v.WrittenAt, v.Writer)},
		Facts: []Fact{
			{words.t("rules.field.name"), ruleName(v)}, {words.t("rules.validity"), words.validity(v.ValidFrom, v.ValidTo)},
			{words.t("rules.field.owner"), v.Owner},
		},
	}
	if v.Note != "" {
		out.Facts = append(out.Facts, Fact{words.t("rules.field.note"), v.Note})
	}
	if !v.LiveAt.IsZero() {
		out.Lines = append(out.Lines, moment("rules.went_live", v.LiveAt, v.LiveName))
	}
	if !v.RetiredAt.IsZero() {
		out.Lines = append(out.Lines, moment("rules.was_retired", v.RetiredAt, v.RetiredName))
	}
	if v.Errors > 0 {
		out.Lines = append(out.Lines, words.plural("rules.fault_errors", v.Errors,
			"time", i18n.DateTime(words.lang, v.LastErrorAt, civic.Zone), "detail", firstLine(v.LastError)))
	}
	if v.Impact != nil {
		out.DryRun = dryRunPath(v.ID, v.Version)
	}
	return out
}

// stateTag names the state of one version.
func (w words) stateTag(s store.RuleState) Tag {
	tone := map[store.RuleState]string{store.RuleLive: "done", store.RuleDraft: "active"}[s]
	return Tag{w.t("rules.state." + string(s)), tone}
}

// postRule saves what was written as a new draft. A draft that was sent twice
// is stored once.
func (w *Web) postRule(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	id := c.Param("id")
	d, unread := draftFrom(id, values)
	ctx, actor := c.Request().Context(), httpx.ActorFrom(c)
	if len(unread) > 0 {
		err = w.Rulebook.Check(ctx, actor, d) // so that everything wrong is said at once
		if err != nil && errs.KindOf(err) != errs.Invalid {
			return err
		}
		return w.ruleFailed(c, id, values, errs.InvalidFields(append(unread, errs.FieldsOf(err)...)...))
	}
	v, err := w.Rulebook.Save(ctx, actor, d)
	if err != nil {
		return w.ruleFailed(c, id, values, err)
	}
	return c.Redirect(http.StatusSeeOther, rulePath(v.ID)+"?done=save")
}

// ruleFailed shows the form again with what was typed. When somebody else
// saved a version meanwhile, the history below shows it.
func (w *Web) ruleFailed(c echo.Context, id string, values url.Values, err error) error {
	if !worthKeeping(err) {
		return err
	}
	var found *ruleFound
	if id != "" {
		e, history, readErr := w.ruleEntry(c, id)
		if readErr != nil {
			return err
		}
		found = &ruleFound{e, history}
	}
	page := w.rulePage(c, found, typedRule(values), errs.FieldsOf(err))
	page.Failed = true
	words := w.words(c)
	switch {
	case errs.CodeOf(err) == "rule.version_mismatch" && found != nil:
		newest := found.history[0]
		page.Notices = append(page.Notices, &Notice{
			Tone: "care", Title: words.t("rules.conflict_title"), Alert: true,
			Text: words.t("rules.conflict", "version", newest.Version, "name", newest.Writer),
		})
	case len(page.Errors) == 0:
		page.Notices = append(page.Notices, w.problemNotice(words, err))
	}
	return w.showFailed(c, err, page)
}
