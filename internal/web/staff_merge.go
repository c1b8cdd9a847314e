package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/directory"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

// MergePage shows what depends on an agency and, once a successor was chosen,
// what a merger would do, before anybody says yes.
type MergePage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Name    Name
	Back    Link
	Choose  FormBlock // asks for the successor, by GET
	Title   string
	Parts   []MergePart
	Confirm *FormBlock
}

func (*MergePage) template() string { return "staff_merge" }

// MergerPage is the report of a merger.
type MergerPage struct {
	Frame
	Notices     []*Notice
	Name, Heir  Name
	Back        Link
	Reason, By  string
	Says        []string
	Parts       []MergePart
	Undo, Label string
}

func (*MergerPage) template() string { return "staff_merger" }

// MergePart is one kind of thing that depends on an agency, with what a merger
// does to it.
type MergePart struct {
	Name, Count, Says string
	Items             []MergeItem
	More              int
}

// MergeItem is one of them.
type MergeItem struct {
	Link
	Lang string
	Says string
}

// partShown is how many things of a kind are named.
const partShown = 10

func mergePath(code string) string { return entryPath(civic.AgencyEntry, code) + "/merge" }

func mergerPath(change int64) string {
	return registryPath + "/changes/" + strconv.FormatInt(change, 10)
}

func (w *Web) showMerge(c echo.Context) error {
	page, err := w.mergePage(c, map[string]string{"successor": c.QueryParam("successor")}, nil)
	if err != nil {
		return err
	}
	return w.show(c, http.StatusOK, page)
}

// mergePage surveys an agency. failed is why a merger was not done, or nil.
func (w *Web) mergePage(c echo.Context, typed map[string]string, failed error) (*MergePage, error) {
	if c.Param("kind") != string(civic.AgencyEntry) {
		return nil, errs.New(errs.NotFound, "registry.not_found")
	}
	ctx, actor, words := c.Request().Context(), httpx.ActorFrom(c), w.words(c)
	e, err := w.Directory.Get(ctx, actor, civic.AgencyEntry, c.Param("code"))
	if err != nil {
		return nil, err
	}
	into := typed["successor"]
	found, err := w.Directory.Survey(ctx, actor, e.Code, into)
	if err != nil && into != "" && worthKeeping(err) { // no successor at all, or one that cannot be
		if failed == nil {
			failed = err
		}
		into = ""
		found, err = w.Directory.Survey(ctx, actor, e.Code, "")
	}
	if err != nil {
		return nil, err
	}
	name := nameOf(e.Names, words.lang)
	page := &MergePage{
		Frame: w.staffFrame(c, "registry", words.t("registry.merge")+": "+name.Text), Name: name, Back: Link{Label: name.Text, URL: entryPath(civic.AgencyEntry, e.Code)},
		Parts: w.surveyParts(words, found), Title: words.t("registry.survey.title"),
	}
	f := newForm(words, typed, errs.FieldsOf(failed))
	f.prefix = "merge-"
	page.Choose = FormBlock{ID: "choose", Title: words.t("registry.survey.choose"), URL: mergePath(e.Code), Button: words.t("registry.try"), Fields: []Field{w.successorField(f, e.Code)}}
	if into != "" {
		heir := w.agency(words.lang, found.Into).Text
		page.Title = words.t("registry.survey.title_into", "agency", heir)
		fields := []Field{}
		if !actor.Bound() && slices.ContainsFunc(found.Accounts, func(u civic.User) bool { return u.Role == civic.RoleLead }) {
			fields = append(fields, f.field("leads_stay", func(field *Field) {
				field.Widget, field.Label, field.Hint = "checkbox", words.t("registry.leads_stay", "agency", heir), words.t("registry.leads_stay_hint")
			}))
		}
		page.Confirm = &FormBlock{
			ID: "confirm", Title: words.t("registry.merge_confirm", "agency", name.Text, "successor", heir), Lead: words.t("registry.merge_lead"),
			URL: mergePath(e.Code), Button: words.t("registry.merge_go"), Tone: "warning", Hidden: []Hidden{{"successor", into}}, Fields: append(fields, w.reasonField(f)),
		}
	}
	if page.Errors = f.summary(); failed != nil && len(page.Errors) == 0 {
		page.Notices = append(page.Notices, w.problemNotice(words, failed))
	}
	page.Failed = failed != nil
	return page, nil
}

// successorField asks who takes over.
func (w *Web) successorField(f *form, code string) Field {
	return f.field("successor", func(field *Field) {
		w.agencySelect(f.words, true)(field)
		field.Options = slices.DeleteFunc(field.Options, func(o Option) bool { return o.Value == code })
		field.Label, field.Hint = f.words.t("registry.field.successor"), f.words.t("registry.hint.successor")
	})
}

// part begins a part with its name, count and consequence.
func (w words) part(kind string, n int, into bool, args ...any) MergePart {
	key := "registry.survey.alone."
	if into {
		key = "registry.survey.goes."
	}
	p := MergePart{Name: w.t("registry.survey.part." + kind), Count: w.number(n)}
	if says := w.optional(key + kind); says != "" {
		p.Says = w.t(key+kind, args...)
	}
	return p
}

// listed names the first things of a part.
func listed[T any](p MergePart, all []T, item func(T) MergeItem) MergePart {
	for _, v := range all[:min(len(all), partShown)] {
		p.Items = append(p.Items, item(v))
	}
	p.More = len(all) - len(p.Items)
	return p
}

// surveyParts tells a survey, without what there is nothing of.
func (w *Web) surveyParts(words words, v directory.Survey) []MergePart {
	into := v.Into != ""
	heir := w.agency(words.lang, v.Into).Text
	var out []MergePart
	add := func(n int, p MergePart) {
		if n > 0 {
			out = append(out, p)
		}
	}
	var states []string
	for _, s := range civic.Open {
		if n := v.Cases[s]; n > 0 {
			states = append(states, words.t("state."+string(s))+": "+words.number(n))
		}
	}
	cases := words.part("cases", v.Total, into, "agency", heir)
	for _, s := range states {
		cases.Items = append(cases.Items, MergeItem{Says: s})
	}
	add(v.Total, cases)
	if into && v.Total > 0 {
		out = append(out, w.deadlinePart(words, v.Deadlines))
	}
	answers := 0
	for _, a := range v.Approvals {
		answers += a.Answers
	}
	add(answers, listed(words.part("approvals", answers, into), v.Approvals, func(a directory.Approval) MergeItem {
		key := "registry.survey.approval"
		if into {
			key = "registry.survey.approval_then"
		}
		return MergeItem{Says: words.plural(key, a.Answers, "at", w.approvedAt(words, a.At), "then", w.approvedAt(words, a.Then))}
	}))
	add(len(v.Accounts), listed(words.part("accounts", len(v.Accounts), into, "agency", heir), v.Accounts, func(u civic.User) MergeItem {
		item := MergeItem{Link: Link{Label: u.Name}, Lang: "vi", Says: words.t("staff.role." + string(u.Role))}
		if !u.Active {
			item.Says += ", " + words.t("users.closed")
		}
		return item
	}))
	add(len(v.Units), listed(words.part("units", len(v.Units), into, "agency", heir), v.Units, func(e civic.Entry) MergeItem {
		name := nameOf(e.Names, words.lang)
		return MergeItem{Link: Link{Label: name.Text, URL: entryPath(civic.AgencyEntry, e.Code)}, Lang: string(name.Lang)}
	}))
	return append(out, w.deskParts(words, v, into, heir)...)
}

func (w *Web) approvedAt(words words, code civic.AgencyCode) string {
	if code == "" {
		return words.t("registry.survey.nobody")
	}
	return w.agency(words.lang, code).Text
}

// deadlinePart says what becomes of deadlines.
func (w *Web) deadlinePart(words words, d directory.Deadlines) MergePart {
	p := words.part("deadlines", d.Moved+d.Kept, true, "moved", words.number(d.Moved), "kept", words.number(d.Kept))
	if d.Moved+d.Kept == 0 {
		p.Says = words.t("registry.survey.no_deadline")
	}
	p = listed(p, d.First, func(m civic.Move) MergeItem {
		says := i18n.ShortDate(words.lang, m.Old, civic.Zone) + " → " + i18n.ShortDate(words.lang, m.New, civic.Zone)
		if m.Kept {
			says = words.t("registry.survey.kept")
		}
		return MergeItem{Link: Link{Label: m.Code.String(), URL: staffCasePath(m.Code)}, Says: says}
	})
	p.More = d.Moved + d.Kept - len(p.Items)
	return p
}

// deskParts tells what others wait for, and what staff made for their work.
func (w *Web) deskParts(words words, v directory.Survey, into bool, heir string) []MergePart {
	var out []MergePart
	add := func(kind string, n int, items func(MergePart) MergePart) {
		if n > 0 {
			p := words.part(kind, n, into, "agency", heir)
			if items != nil {
				p = items(p)
			}
			out = append(out, p)
		}
	}
	plain := func(text, says string) MergeItem { return MergeItem{Link: Link{Label: text}, Lang: "vi", Says: says} }
	add("opinions", len(v.Opinions), func(p MergePart) MergePart {
		for _, o := range v.Opinions[:min(len(v.Opinions), partShown)] {
			says := words.t("registry.survey.asked_by", "agency", w.agency(words.lang, o.Asker).Text, "date", i18n.ShortDate(words.lang, o.DueAt, civic.Zone))
			if into && o.Case.Agency == v.Into {
				says += ". " + words.t("registry.survey.withdrawn")
			}
			p.Items = append(p.Items, MergeItem{Link: Link{Label: o.Case.Code.String()}, Says: says})
		}
		p.More = len(v.Opinions) - len(p.Items)
		return p
	})
	add("asking", v.Asking, nil)
	add("promises", v.Promises, nil)
	add("absences", v.Absences, nil)
	add("rules", len(v.Rules), func(p MergePart) MergePart {
		for _, r := range v.Rules[:min(len(v.Rules), partShown)] {
			p.Items = append(p.Items, plain(r.Name, ""))
		}
		p.More = len(v.Rules) - len(p.Items)
		return p
	})
	add("limits", len(v.Limits), func(p MergePart) MergePart {
		return listed(p, v.Limits, func(l civic.LimitVersion) MergeItem {
			return plain(words.t("times.use."+string(l.Use)), words.number(l.Amount)+" "+words.t("times.clock."+string(l.Clock)))
		})
	})
	add("groups", len(v.Groups), func(p MergePart) MergePart {
		return listed(p, v.Groups, func(g string) MergeItem { return plain(g, "") })
	})
	add("templates", len(v.Templates), func(p MergePart) MergePart {
		return listed(p, v.Templates, func(t civic.AnswerTemplate) MergeItem { return plain(t.Name, "") })
	})
	add("views", len(v.Views), func(p MergePart) MergePart {
		return listed(p, v.Views, func(s civic.SavedView) MergeItem { return plain(s.Name, "") })
	})
	add("tags", len(v.Tags), func(p MergePart) MergePart {
		return listed(p, v.Tags, func(g civic.Tag) MergeItem { return plain(g.Name, "") })
	})
	return out
}

// mergeFirst shows what depends on an agency to who tried to end it.
func (w *Web) mergeFirst(c echo.Context, failed error) error {
	page, err := w.mergePage(c, map[string]string{}, failed)
	if err != nil {
		return failed
	}
	return w.showFailed(c, failed, page)
}

func (w *Web) postMerge(c echo.Context) error {
	typed := formTyped(c, "reason", "successor", "leads_stay")
	if c.Param("kind") != string(civic.AgencyEntry) {
		return errs.New(errs.NotFound, "registry.not_found")
	}
	change, err := w.Directory.Merge(c.Request().Context(), httpx.ActorFrom(c), directory.Merger{
		Code: c.Param("code"), Into: typed["successor"], Reason: typed["reason"], LeadsStay: typed["leads_stay"] != "",
	})
	if err == nil {
		return c.Redirect(http.StatusSeeOther, mergerPath(change)+"?done=merged")
	}
	if !worthKeeping(err) {
		return err
	}
	if errs.CodeOf(err) == "registry.ended" { // the second click, or another person
		page, readErr := w.entryPage(c, "", nil, nil)
		if readErr != nil {
			return err
		}
		return w.entryFailed(c, err, page)
	}
	page, readErr := w.mergePage(c, typed, err)
	if readErr != nil {
		return err
	}
	return w.showFailed(c, err, page)
}

// showMerger reports on a merger.
func (w *Web) showMerger(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errs.New(errs.NotFound, "registry.not_found")
	}
	words := w.words(c)
	r, err := w.Directory.Report(c.Request().Context(), httpx.ActorFrom(c), id)
	if err != nil {
		return err
	}
	name, heir := nameOf(r.Entry.Names, words.lang), w.agency(words.lang, civic.AgencyCode(r.Entry.Parent))
	page := &MergerPage{
		Frame: w.staffFrame(c, "registry", words.t("registry.report.title", "agency", name.Text)), Name: name, Heir: heir, Reason: r.Reason,
		By: words.moment(r.WrittenAt) + " · " + cmp.Or(r.Writer, words.t("desk.by_system")), Back: Link{Label: name.Text, URL: entryPath(civic.AgencyEntry, r.Code)},
		Parts: w.reportParts(words, r),
	}
	switch {
	case r.Undone:
		page.Says = append(page.Says, words.t("registry.report.undone"))
		if r.Moved > 0 {
			page.Says = append(page.Says, words.plural("registry.report.going_back", r.Moved))
		}
	default:
		page.Says = append(page.Says, words.plural("registry.report.moved", r.Moved))
		if r.Left > 0 {
			page.Says = append(page.Says, words.plural("registry.report.left", r.Left))
		}
		page.Undo, page.Label = mergerPath(id)+"/undo", name.Text
	}
	w.tellDone(c, &page.Notices, "registry.done.")
	return w.show(c, http.StatusOK, page)
}

// reportParts tells what else went along, by kind.
func (w *Web) reportParts(words words, r directory.Report) []MergePart {
	var out []MergePart
	for _, kind := range civic.EffectKinds {
		p := MergePart{Name: words.t("registry.survey.part." + string(kind) + "s")}
		n := 0
		for _, e := range r.Effects {
			if e.Kind != kind {
				continue
			}
			n++
			says := []string{words.t("registry.effect." + string(e.State))}
			if e.Was != "" {
				role := words.t("staff.role." + string(e.Became))
				if e.Was != e.Became {
					role = words.t("staff.role."+string(e.Was)) + " → " + role
				}
				says = append([]string{role}, says...)
			}
			p.Items = append(p.Items, MergeItem{Link: Link{Label: e.Label}, Lang: "vi", Says: strings.Join(says, "; ")})
		}
		if p.Count = words.number(n); n > 0 {
			out = append(out, p)
		}
	}
	if len(r.Units) > 0 {
		p := MergePart{Name: words.t("registry.survey.part.units"), Count: words.number(len(r.Units))}
		out = append(out, listed(p, r.Units, func(v civic.EntryChange) MergeItem {
			name := nameOf(v.Entry.Names, words.lang)
			return MergeItem{Link: Link{Label: name.Text, URL: entryPath(v.Kind, v.Code)}, Lang: string(name.Lang), Says: words.t("registry.below", "code", v.Entry.Parent)}
		}))
	}
	return out
}
