package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
)

// entryFields are the fields of the form of each list, in their order.
var entryFields = map[civic.EntryKind][]string{
	civic.AgencyEntry:    {"parent", "name_vi", "name_en", "aliases", "text_vi", "area", "email", "receives", "source"},
	civic.TopicEntry:     {"parent", "name_vi", "name_en", "text_vi"},
	civic.AreaEntry:      {"name_vi", "name_en", "aliases", "source"},
	civic.RejectionEntry: {"name_vi", "name_en", "text_vi", "text_en", "belongs_vi", "belongs_en", "link"},
	civic.HoldingEntry:   {"name_vi", "name_en", "text_vi", "text_en"},
}

// entryTyped is an entry as its form has it.
func entryTyped(e civic.Entry) map[string]string {
	receives := ""
	if e.Receives {
		receives = "yes"
	}
	return map[string]string{
		"code": e.Code, "parent": e.Parent, "name_vi": e.Names[civic.Vietnamese], "name_en": e.Names[civic.English], "aliases": strings.Join(e.Aliases, "\n"),
		"text_vi": e.Text[civic.Vietnamese], "text_en": e.Text[civic.English], "belongs_vi": e.Belongs[civic.Vietnamese],
		"belongs_en": e.Belongs[civic.English], "link": e.Link, "area": e.Area, "email": e.Email, "receives": receives, "source": e.Source,
	}
}

// entryFrom is the entry that a form describes.
func entryFrom(kind civic.EntryKind, code string, typed map[string]string) civic.Entry {
	in := func(field string) civic.Names {
		return civic.Names{civic.Vietnamese: typed[field+"_vi"], civic.English: typed[field+"_en"]}
	}
	return civic.Entry{
		Kind: kind, Code: code, Parent: strings.TrimSpace(typed["parent"]), Names: in("name"), Aliases: strings.Split(typed["aliases"], "\n"), Text: in("text"),
		Belongs: in("belongs"), Link: typed["link"], Area: typed["area"], Email: typed["email"], Receives: typed["receives"] == "yes", Source: typed["source"],
	}
}

// entryForm asks for the fields of a list, and why.
func (w *Web) entryForm(f *form, kind civic.EntryKind, adds bool) []Field {
	words := f.words
	label := func(field *Field) {
		field.Label = words.t("registry.field." + field.Name)
		if own := words.optional("registry.field_of." + string(kind) + "." + field.Name); own != "" {
			field.Label = own
		}
		field.Hint = words.optional("registry.hint." + field.Name)
	}
	var out []Field
	if adds {
		out = append(out, f.field("code", func(field *Field) {
			label(field)
			field.Required, field.Plain, field.Hint = true, true, words.t("registry.code_hint."+string(kind))
		}))
	}
	for _, name := range entryFields[kind] {
		out = append(out, f.field(name, func(field *Field) {
			label(field)
			switch {
			case name == "name_vi" || name == "name_en":
				field.Required = true
			case name == "receives":
				field.Widget = "checkbox"
			case name == "area":
				field.Widget, field.Options = "select", append([]Option{{Label: words.t("registry.no_area")}}, areaOptions(w.Registry, words.lang, w.Now())...)
			case name == "parent" && kind == civic.TopicEntry:
				field.Widget, field.Options = "select", []Option{{Label: words.t("registry.no_parent")}}
				for _, t := range w.Registry.TopicsAt(w.Now()) {
					if t.Parent == "" {
						field.Options = append(field.Options, registryOption(string(t.Code), t.Names, words.lang))
					}
				}
			case name == "aliases" || strings.HasPrefix(name, "text_") || strings.HasPrefix(name, "belongs_"):
				field.Widget, field.Rows = "textarea", 3
			}
			field.Required = field.Required || kind != civic.AgencyEntry && strings.HasPrefix(name, "text_")
		}))
	}
	return append(out, w.reasonField(f))
}

// reasonField asks why.
func (w *Web) reasonField(f *form) Field {
	return f.field("reason", func(field *Field) {
		field.Required, field.Label, field.Hint = true, f.words.t("registry.field.reason"), f.words.t("registry.hint.reason")
	})
}

// formTyped reads the fields of a form.
func formTyped(c echo.Context, names ...string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		out[name] = strings.ReplaceAll(c.FormValue(name), "\r\n", "\n")
	}
	return out
}

func (w *Web) showNewEntry(c echo.Context) error {
	kind, err := kindIn(c)
	if err != nil {
		return err
	}
	typed := map[string]string{"receives": "yes"}
	if a := httpx.ActorFrom(c); a.Bound() {
		typed["parent"] = string(a.Agency)
	}
	return w.show(c, http.StatusOK, w.newEntryPage(c, kind, typed, nil))
}

func (w *Web) newEntryPage(c echo.Context, kind civic.EntryKind, typed map[string]string, failed error) *EntryPage {
	words := w.words(c)
	f := newForm(words, typed, errs.FieldsOf(failed))
	title := words.t("registry.new." + string(kind))
	page := &EntryPage{
		Frame: w.staffFrame(c, "registry", title), Kind: kind, Back: Link{Label: words.t("registry.kind." + string(kind)), URL: listPath(kind)},
		Change: FormBlock{ID: "change", Title: title, URL: listPath(kind) + "/new", Button: words.t("registry.add"), Fields: w.entryForm(f, kind, true)},
	}
	page.Errors = f.summary()
	return page
}

func (w *Web) postNewEntry(c echo.Context) error {
	kind, err := kindIn(c)
	if err != nil {
		return err
	}
	typed := formTyped(c, append([]string{"code", "reason"}, entryFields[kind]...)...)
	err = w.Directory.Put(c.Request().Context(), httpx.ActorFrom(c), entryFrom(kind, strings.TrimSpace(typed["code"]), typed), true, typed["reason"])
	if err == nil {
		return c.Redirect(http.StatusSeeOther, listPath(kind)+"?done=added")
	}
	if !worthKeeping(err) {
		return err
	}
	return w.entryFailed(c, err, w.newEntryPage(c, kind, typed, err))
}

// entryFailed shows a form again with what was typed.
func (w *Web) entryFailed(c echo.Context, err error, page *EntryPage) error {
	if len(page.Errors) == 0 {
		page.Notices = append(page.Notices, w.problemNotice(w.words(c), err))
	}
	page.Failed = true
	return w.showFailed(c, err, page)
}

func (w *Web) showEntry(c echo.Context) error {
	page, err := w.entryPage(c, "", nil, nil)
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "registry.done.")
	return w.show(c, http.StatusOK, page)
}

// entryPage is an entry with its forms. act names the one that came back with
// what was typed.
func (w *Web) entryPage(c echo.Context, act string, typed map[string]string, failed error) (*EntryPage, error) {
	kind, err := kindIn(c)
	if err != nil {
		return nil, err
	}
	words, actor, ctx := w.words(c), httpx.ActorFrom(c), c.Request().Context()
	e, err := w.Directory.Get(ctx, actor, kind, c.Param("code"))
	if err != nil {
		return nil, err
	}
	history, err := w.Directory.History(ctx, actor, kind, e.Code)
	if err != nil {
		return nil, err
	}
	page := &EntryPage{
		Frame: w.staffFrame(c, "registry", e.Names.In(civic.Language(words.lang))), Kind: kind, Code: e.Code, Name: nameOf(e.Names, words.lang), State: words.entryState(e, w),
		Back: Link{Label: words.t("registry.kind." + string(kind)), URL: listPath(kind)}, History: w.entryLines(words, history),
	}
	form := func(name string, stands map[string]string) *form {
		if act == name {
			return newForm(words, typed, errs.FieldsOf(failed))
		}
		return newForm(words, stands, nil)
	}
	change := form("change", entryTyped(e))
	page.Change = FormBlock{ID: "change", Title: words.t("registry.change"), URL: entryPath(kind, e.Code), Button: words.t("registry.save"), Fields: w.entryForm(change, kind, false)}
	page.Errors = change.summary()
	if kind == civic.HoldingEntry || !e.Valid.Until.IsZero() {
		return page, nil
	}
	if kind == civic.AgencyEntry {
		page.Merge = mergePath(e.Code)
	}
	f := form("end", nil)
	f.prefix = "end-"
	page.Acts = append(page.Acts, FormBlock{
		ID: "end", Title: words.t("registry.end"), Lead: words.t("registry.end_lead"), URL: entryPath(kind, e.Code) + "/end", Button: words.t("registry.end_go"),
		Fields: []Field{w.reasonField(f)}, Tone: "warning",
	})
	page.Errors = append(page.Errors, f.summary()...)
	return page, nil
}

// actOnEntry does something to an entry and shows it, or its forms again.
func (w *Web) actOnEntry(c echo.Context, act, done string, typed map[string]string, do func(civic.EntryKind, string) error) error {
	kind, err := kindIn(c)
	if err != nil {
		return err
	}
	if err = do(kind, c.Param("code")); err == nil {
		return c.Redirect(http.StatusSeeOther, entryPath(kind, c.Param("code"))+"?done="+done)
	}
	if !worthKeeping(err) {
		return err
	}
	page, readErr := w.entryPage(c, act, typed, err)
	if readErr != nil {
		return err
	}
	if errs.CodeOf(err) == "registry.in_demand" {
		return w.mergeFirst(c, err)
	}
	return w.entryFailed(c, err, page)
}

func (w *Web) postEntry(c echo.Context) error {
	typed := formTyped(c, append([]string{"reason"}, entryFields[civic.EntryKind(c.Param("kind"))]...)...)
	return w.actOnEntry(c, "change", "changed", typed, func(kind civic.EntryKind, code string) error {
		return w.Directory.Put(c.Request().Context(), httpx.ActorFrom(c), entryFrom(kind, code, typed), false, typed["reason"])
	})
}

func (w *Web) postEndEntry(c echo.Context) error {
	typed := formTyped(c, "reason")
	return w.actOnEntry(c, "end", "ended", typed, func(kind civic.EntryKind, code string) error {
		return w.Directory.End(c.Request().Context(), httpx.ActorFrom(c), kind, code, typed["reason"])
	})
}
