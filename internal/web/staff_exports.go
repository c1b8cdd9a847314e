package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/exports"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

const (
	exportsPath = "/staff/exports"
	// refreshSeconds is how long a browser without scripts waits before it looks
	// again: what reading the page takes.
	refreshSeconds = 5
	// refreshFor is for how long it does so. A page that is left open must not
	// keep a sign-in alive for ever.
	refreshFor = time.Hour
)

func exportPath(id int64) string { return exportsPath + "/" + strconv.FormatInt(id, 10) }

// ExportOfferPage offers to make a file that nobody should wait for.
type ExportOfferPage struct {
	Frame
	Format civic.ExportFormat
	Count  int
	Most   bool // there may be more cases than a file takes
	Filter string
	Given  []Hidden
	Back   string
}

func (*ExportOfferPage) template() string { return "staff_export_offer" }

// ExportsPage lists the exports that the person asked for.
type ExportsPage struct {
	Frame
	Notice *Notice
	Rows   []ExportRow
	Next   string
}

func (*ExportsPage) template() string { return "staff_exports" }

// ExportRow is one of them.
type ExportRow struct {
	URL string
	civic.Export
	Filter string
	Size   string
	// KeptUntil is when the file is erased, zero where there is none.
	KeptUntil time.Time
}

// ExportPage shows how far an export is.
type ExportPage struct {
	Frame
	Notice *Notice
	ExportRow
	Problem string // why it failed
	// Looking tells that the page asks for itself anew.
	Looking bool
	Again   string // the address that makes the list anew
}

func (*ExportPage) template() string { return "staff_export" }

// offerExport shows how long the list is and asks whether to make the file.
func (w *Web) offerExport(c echo.Context, given url.Values, format civic.ExportFormat, n int) error {
	words := w.words(c)
	filter, err := w.filterText(c, given)
	if err != nil {
		return err
	}
	return w.show(c, http.StatusOK, &ExportOfferPage{
		Frame: w.staffFrame(c, "queue", words.t("export.offer")), Format: format, Count: n, Most: n == w.Exports.Source.Most(), Filter: filter,
		Given: givenFields(given), Back: queueAddress(given, nil),
	})
}

// filterText says how a list of cases is narrowed.
func (w *Web) filterText(c echo.Context, given url.Values) (string, error) {
	words, actor := w.words(c), httpx.ActorFrom(c)
	tags, err := w.Worklist.Tags(c.Request().Context(), actor)
	if err != nil {
		return "", err
	}
	q, filters := w.queueFilters(words, actor, given, tags)
	chips, _ := narrowing(q, filters, given)
	chips = append(w.figureChip(words, given), chips...)
	var said []string
	if view := viewOf(given); view != civic.ViewAll || len(chips) == 0 { // else the filters say which states are meant
		said = append(said, words.t("worklist.view."+string(view)))
	}
	for _, chip := range chips {
		said = append(said, chip.Label)
	}
	return strings.Join(said, "; "), nil
}

// postExport asks for a file.
func (w *Web) postExport(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	given, format := filtersOf(form), civic.ExportFormat(form.Get("format"))
	id, err := w.Exports.Ask(c.Request().Context(), httpx.ActorFrom(c), given.Encode(), format, civic.Language(httpx.Lang(c)))
	if errs.KindOf(err) == errs.Conflict && err != nil {
		page, pageErr := w.exportsPage(c)
		if pageErr != nil {
			return err
		}
		page.Notice = &Notice{Tone: "care", Text: w.words(c).problem(err), Alert: true}
		return w.showFailed(c, err, page)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, exportPath(id))
}

// showExports lists what the person asked for.
func (w *Web) showExports(c echo.Context) error {
	page, err := w.exportsPage(c)
	if err != nil {
		return err
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) exportsPage(c echo.Context) (*ExportsPage, error) {
	before, err := strconv.ParseInt(c.QueryParam("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	list, more, err := w.Exports.List(c.Request().Context(), httpx.ActorFrom(c), before)
	if err != nil {
		return nil, err
	}
	page := &ExportsPage{Frame: w.staffFrame(c, "queue", w.words(c).t("export.list"))}
	for _, e := range list {
		row, err := w.exportRow(c, e)
		if err != nil {
			return nil, err
		}
		page.Rows = append(page.Rows, row)
	}
	if more {
		page.Next = exportsPath + "?before=" + strconv.FormatInt(list[len(list)-1].ID, 10)
	}
	return page, nil
}

func (w *Web) exportRow(c echo.Context, e civic.Export) (ExportRow, error) {
	given, _ := url.ParseQuery(e.Query) // what was kept was read from an address
	filter, err := w.filterText(c, given)
	row := ExportRow{URL: exportPath(e.ID), Export: e, Filter: filter}
	if e.State == civic.ExportDone {
		row.Size, row.KeptUntil = i18n.Bytes(httpx.Lang(c), e.Size), e.EndedAt.Add(exports.Kept)
	}
	return row, err
}

// exportID reads the export that an address names.
func exportID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, errs.Wrap(errs.NotFound, "export.not_found", err)
	}
	return id, nil
}

// showExport shows how far an export is.
func (w *Web) showExport(c echo.Context) error {
	page, err := w.exportPage(c)
	if err != nil {
		return err
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) exportPage(c echo.Context) (*ExportPage, error) {
	id, err := exportID(c)
	if err != nil {
		return nil, err
	}
	e, err := w.Exports.Show(c.Request().Context(), httpx.ActorFrom(c), id)
	if err != nil {
		return nil, err
	}
	row, err := w.exportRow(c, e)
	if err != nil {
		return nil, err
	}
	words := w.words(c)
	page := &ExportPage{Frame: w.staffFrame(c, "queue", words.t("export.one")), ExportRow: row, Again: words.exportAgain(e)}
	if e.State == civic.ExportFailed {
		page.Problem = words.exportProblem(e.Reason)
	}
	if e.Busy() && w.Now().Before(e.AskedAt.Add(refreshFor)) {
		page.Looking, page.Refresh = true, refreshSeconds
	}
	return page, nil
}

// exportAgain is the address of the same list, to be made anew.
func (w words) exportAgain(e civic.Export) string {
	given, _ := url.ParseQuery(e.Query) // what was kept was read from an address
	given.Set("format", string(e.Format))
	return queueExportPath + "?" + given.Encode()
}

// exportProblem says why an export failed, and what helps.
func (w words) exportProblem(code string) string {
	if s := w.optional("problem." + code); strings.HasPrefix(code, "export.") && s != "" {
		return s
	}
	return w.t("export.failed")
}

// retryExport lets an export go on that failed.
func (w *Web) retryExport(c echo.Context) error {
	id, err := exportID(c)
	if err != nil {
		return err
	}
	if err := w.Exports.Retry(c.Request().Context(), httpx.ActorFrom(c), id); err != nil {
		return w.refuseExport(c, err)
	}
	return c.Redirect(http.StatusSeeOther, exportPath(id))
}

// refuseExport shows how an export stands that moved on meanwhile, or whose file
// is not there, with what can be done now.
func (w *Web) refuseExport(c echo.Context, err error) error {
	if k := errs.KindOf(err); k != errs.Conflict && k != errs.Gone {
		return err
	}
	page, pageErr := w.exportPage(c)
	if pageErr != nil {
		return err
	}
	page.Looking, page.Refresh = false, 0 // this is not the page's own address
	page.Notice = &Notice{Tone: "care", Text: w.words(c).problem(err), Alert: true}
	return w.showFailed(c, err, page)
}

// sendExport sends the file to whoever asked for it.
func (w *Web) sendExport(c echo.Context) error {
	id, err := exportID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	file, err := w.Exports.Open(ctx, httpx.ActorFrom(c), id)
	if err != nil {
		return w.refuseExport(c, err)
	}
	sendSheet(c, file.Format, file.EndedAt)
	c.Response().Header().Set(echo.HeaderContentLength, strconv.FormatInt(file.Size, 10))
	c.Response().WriteHeader(http.StatusOK)
	return file.Send(ctx, c.Response())
}
