package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/directory"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/vitext"
)

const (
	registryPath = "/staff/registry"
	// entriesPerPage is how many entries a page lists: a province with its
	// departments and communes takes three.
	entriesPerPage = 50
)

// RegistryPage is one list of the registry.
type RegistryPage struct {
	Frame
	Notices []*Notice
	Kind    civic.EntryKind
	Kinds   []Link
	Q       Field
	Total   int
	Rows    []EntryRow
	Pager   Pager
	New     string // address of the form, or empty
	Table   string // address of the page that takes a table, or empty
	History []EntryLine
}

func (*RegistryPage) template() string { return "staff_registry" }

// EntryRow is an entry of a list.
type EntryRow struct {
	Code, URL string
	Name      Name
	Parent    string
	State     Tag
}

// EntryLine is a version of an entry in the history.
type EntryLine struct {
	HistoryLine
	URL    string
	Reason string
	Fields []EntryField
	Undo   string // address of the form that takes it back, or empty
	Label  string // of its button, for who does not see the line
	Report string // address of what came of it, or empty
}

// EntryField is what one field said before and after.
type EntryField struct{ Name, Before, After string }

// EntryPage is one entry, or a new one, with what may be done to it.
type EntryPage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Kind    civic.EntryKind
	Code    string // empty: a new one
	Name    Name
	State   Tag
	Change  FormBlock
	Merge   string // address of the page that merges an agency, or empty
	Acts    []FormBlock
	History []EntryLine
	Back    Link
}

func (*EntryPage) template() string { return "staff_entry" }

// TablePage takes a table of agencies, and says line by line what it would do.
type TablePage struct {
	Frame
	Errors        []FieldError
	Notices       []*Notice
	Columns       []string
	Fields        []Field
	File          Field
	Lines         []TableLine
	More          int
	Added, Edited int
	Same, Wrong   int
	Apply         *FormBlock
}

func (*TablePage) template() string { return "staff_registry_table" }

// TableLine is what one line of a table would do.
type TableLine struct {
	Number     int
	Code, Name string
	State      Tag
	Says       string
}

func (w *Web) registryRoutes(g *echo.Group) {
	manage := httpx.Require(civic.ManageRegistry)
	g.GET("/registry", w.redirectToRegistry, manage)
	g.GET("/registry/agency/table", w.showTable, manage)
	g.POST("/registry/agency/table", w.postTable, manage)
	g.GET("/registry/agency/table.csv", w.showTableFile, manage)
	g.GET("/registry/changes/:id", w.showMerger, manage)
	g.POST("/registry/changes/:id/undo", w.postUndoEntry, manage)
	g.GET("/registry/:kind", w.showRegistry, manage)
	g.GET("/registry/:kind/new", w.showNewEntry, manage)
	g.POST("/registry/:kind/new", w.postNewEntry, manage)
	g.GET("/registry/:kind/:code", w.showEntry, manage)
	g.POST("/registry/:kind/:code", w.postEntry, manage)
	g.POST("/registry/:kind/:code/end", w.postEndEntry, manage)
	g.GET("/registry/:kind/:code/merge", w.showMerge, manage)
	g.POST("/registry/:kind/:code/merge", w.postMerge, manage)
}

func (w *Web) redirectToRegistry(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, listPath(civic.AgencyEntry))
}

func listPath(kind civic.EntryKind) string { return registryPath + "/" + string(kind) }

func entryPath(kind civic.EntryKind, code string) string {
	return listPath(kind) + "/" + url.PathEscape(code)
}

// kindIn reads which list an address means.
func kindIn(c echo.Context) (civic.EntryKind, error) {
	kind := civic.EntryKind(c.Param("kind"))
	if !slices.Contains(civic.EntryKinds, kind) {
		return "", errs.New(errs.NotFound, "registry.not_found")
	}
	return kind, nil
}

func (w *Web) showRegistry(c echo.Context) error {
	kind, err := kindIn(c)
	if err != nil {
		return err
	}
	words, actor, ctx := w.words(c), httpx.ActorFrom(c), c.Request().Context()
	all, err := w.Directory.List(ctx, actor, kind)
	if err != nil {
		return err
	}
	history, err := w.Directory.History(ctx, actor, kind, "")
	if err != nil {
		return err
	}
	page := &RegistryPage{Frame: w.staffFrame(c, "registry", words.t("registry.kind."+string(kind))), Kind: kind}
	for _, k := range civic.EntryKinds {
		if !actor.Bound() || k == civic.AgencyEntry {
			page.Kinds = append(page.Kinds, Link{Label: words.t("registry.kind." + string(k)), URL: listPath(k), Current: k == kind})
		}
	}
	q := strings.TrimSpace(c.QueryParam("q"))
	page.Q = newForm(words, map[string]string{"q": q}, nil).field("q", func(field *Field) { field.Required, field.Label = true, words.t("registry.search") })
	if key := vitext.Words(q); len(key) > 0 {
		all = slices.DeleteFunc(all, func(e civic.Entry) bool { return !mentions(e, key) })
	}
	page.Total = len(all)
	number := pageNumber(c.QueryParam("page"))
	from := min((number-1)*entriesPerPage, len(all))
	for _, e := range all[from:min(from+entriesPerPage, len(all))] {
		page.Rows = append(page.Rows, w.entryRow(words, e))
	}
	page.Pager = pager(number, len(all), entriesPerPage, func(n int) string {
		return listPath(kind) + "?" + url.Values{"q": {q}, "page": {strconv.Itoa(n)}}.Encode()
	})
	if kind != civic.HoldingEntry {
		page.New = listPath(kind) + "/new"
	}
	if kind == civic.AgencyEntry {
		page.Table = listPath(kind) + "/table"
	}
	page.History = w.entryLines(words, history)
	w.tellDone(c, &page.Notices, "registry.done.")
	return w.show(c, http.StatusOK, page)
}

// mentions reports whether an entry has all words in its code or a name.
func mentions(e civic.Entry, words []string) bool {
	all := vitext.Words(strings.Join(append([]string{e.Code, e.Names[civic.Vietnamese], e.Names[civic.English]}, e.Aliases...), " "))
	return !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(all, word) })
}

func (w *Web) entryRow(words words, e civic.Entry) EntryRow {
	return EntryRow{Code: e.Code, URL: entryPath(e.Kind, e.Code), Name: nameOf(e.Names, words.lang), Parent: e.Parent, State: words.entryState(e, w)}
}

// entryState says whether an entry holds.
func (w words) entryState(e civic.Entry, at *Web) Tag {
	now := at.Now()
	switch {
	case e.Valid.Holds(now):
		return Tag{w.t("registry.holds"), "done"}
	case !e.Valid.From.IsZero() && now.Before(e.Valid.From):
		return Tag{w.t("registry.coming"), "wait"}
	}
	return Tag{w.t("registry.ended"), ""}
}

// entryLines tells the history. What holds as a version made it can be taken
// back.
func (w *Web) entryLines(words words, history []civic.EntryChange) []EntryLine {
	var out []EntryLine
	now, undone := map[string]civic.Entry{}, map[int64]bool{}
	for _, v := range history {
		undone[v.Undoes] = true
		if _, known := now[v.Code]; !known {
			now[v.Code] = w.Directory.Entry(v.Kind, v.Code)
		}
	}
	for _, v := range history {
		e := v.Entry
		if e.Code == "" {
			e = v.Before
		}
		name := e.Names.In(civic.Language(words.lang))
		line := EntryLine{
			HistoryLine: HistoryLine{At: v.WrittenAt, By: v.Writer, What: words.t("registry.act."+string(v.Act)) + ": " + name + " (" + v.Code + ")"},
			URL:         entryPath(v.Kind, v.Code), Reason: v.Reason,
		}
		if v.Act == civic.EntryMerged {
			line.Report = mergerPath(v.ID)
		}
		if v.Together > 0 {
			line.What += " " + words.plural("registry.together", v.Together)
		}
		for _, field := range directory.Differences(v.Before, v.Entry) {
			if v.Before.Code != "" && v.Entry.Code != "" {
				line.Fields = append(line.Fields, EntryField{
					Name: words.t("registry.field." + field), Before: words.entryValue(v.Before, field), After: words.entryValue(v.Entry, field),
				})
			}
		}
		if v.Act != civic.EntryUndone && !undone[v.ID] && v.Entry.Equal(now[v.Code]) {
			line.Undo, line.Label = registryPath+"/changes/"+strconv.FormatInt(v.ID, 10)+"/undo", line.What
		}
		out = append(out, line)
	}
	return out
}

// entryValue writes what a field of an entry says.
func (w words) entryValue(e civic.Entry, field string) string {
	value := entryTyped(e)[field]
	switch field {
	case "receives":
		return w.t("registry.receives_" + map[bool]string{true: "yes", false: "no"}[e.Receives])
	case "until":
		if value = ""; !e.Valid.Until.IsZero() {
			value = i18n.ShortDate(w.lang, e.Valid.Until, civic.Zone)
		}
	case "successor":
		value = strings.Join(e.Successors, ", ")
	case "aliases":
		value = strings.Join(e.Aliases, "; ")
	}
	if value == "" {
		return "–"
	}
	return value
}

func (w *Web) postUndoEntry(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errs.New(errs.NotFound, "registry.not_found")
	}
	kind, err := w.Directory.Undo(c.Request().Context(), httpx.ActorFrom(c), id, w.words(c).t("registry.undo_reason"))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, listPath(kind)+"?done=undone")
}
