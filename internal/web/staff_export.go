package web

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/xuri/excelize/v2"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/exports"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/store"
	"hienke/internal/triage"
)

const (
	queueExportPath = queuePath + "/export"
	typeXLSX        = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// queueColumns are the columns of a file of cases. None of them is about who
// sent it.
var queueColumns = []string{
	"code", "kind", "title", "state", "agency", "topic", "area", "assignee", "channel", "received", "due", "due_state", "answered", "duplicates",
}

// exportLinks lead to the queue as a file, as it is narrowed now.
func (w words) exportLinks(given url.Values) []Link {
	var out []Link
	for _, format := range civic.ExportFormats {
		v := filtersOf(given)
		v.Set("format", string(format))
		out = append(out, Link{Label: w.t("export.file." + string(format)), URL: queueExportPath + "?" + v.Encode()})
	}
	return out
}

// filtersOf are the filters of an address alone.
func filtersOf(given url.Values) url.Values {
	v := url.Values{}
	for _, kept := range givenFields(given) {
		v.Set(kept.Name, kept.Value)
	}
	return v
}

// exportQueue gives the cases of the queue as a file for a spreadsheet, or
// offers to make the file where there are too many to wait for.
func (w *Web) exportQueue(c echo.Context) error {
	words, res := w.words(c), c.Response()
	format := civic.ExportFormat(c.QueryParam("format"))
	if !format.Valid() {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	actor, given := httpx.ActorFrom(c), filtersOf(c.QueryParams())
	n, err := w.Exports.Count(c.Request().Context(), actor, given.Encode())
	if err != nil {
		return err
	}
	if n > exports.AtOnce {
		return w.offerExport(c, given, format, n)
	}
	tags, err := w.Worklist.Tags(c.Request().Context(), actor)
	if err != nil {
		return err
	}
	out := newSheet(format, res)
	now, begun := w.Now(), false
	begin := func() error {
		if begun {
			return nil
		}
		begun = true
		sendSheet(c, format, now)
		return out.begin(words.exportHead())
	}
	err = w.Triage.Export(c.Request().Context(), actor, queueRequest(given, tags), func(item store.QueueItem) error {
		if err := begin(); err != nil { // not before: a refusal is a page and no file
			return err
		}
		return out.add(w.queueRecord(words, item, now))
	})
	if err != nil {
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	return out.end()
}

// sendSheet says in the header that a file of cases follows, as they stood at a
// time.
func sendSheet(c echo.Context, format civic.ExportFormat, at time.Time) {
	kind := "text/csv; charset=utf-8"
	if format == civic.ExportXLSX {
		kind = typeXLSX
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, kind)
	h.Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="ho-so-%s.%s"`, at.In(civic.Zone).Format(time.DateOnly), format))
}

// exportHead names the columns.
func (w words) exportHead() []string {
	head := make([]string, len(queueColumns))
	for i, name := range queueColumns {
		head[i] = w.t("export.col." + name)
	}
	return head
}

// queueRecord is a case as a line of a file.
func (w *Web) queueRecord(words words, item store.QueueItem, now time.Time) []string {
	day := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return i18n.ShortDate(words.lang, at, civic.Zone)
	}
	record := []string{
		item.Code.String(), words.t("kind." + string(item.Kind)), item.Title, words.t("state." + string(item.State)),
		w.agency(words.lang, item.Agency).Text, w.topic(words.lang, item.Topic).Text, w.area(words.lang, item.Area).Text, item.AssigneeName,
		words.t("desk.channels." + string(item.Channel)), day(item.ReceivedAt), day(item.DueAt), "", day(item.AnsweredAt), strconv.Itoa(item.Duplicates),
	}
	if s := triage.DueStateOf(item.Submission, now); s != civic.NotDue {
		record[11] = words.t("due." + string(s))
	}
	for i := range record {
		record[i] = plainCell(record[i])
	}
	return record
}

// sheet is a table on its way into a file.
type sheet interface {
	begin(head []string) error
	add(record []string) error
	end() error
}

func newSheet(format civic.ExportFormat, to io.Writer) sheet {
	if format == civic.ExportXLSX {
		return &xlsxSheet{to: to}
	}
	return &csvSheet{csv: csv.NewWriter(to), to: to}
}

type csvSheet struct {
	csv *csv.Writer
	to  io.Writer
}

func (s *csvSheet) begin(head []string) error { return beginCSV(s.csv, s.to, head) }
func (s *csvSheet) add(record []string) error { return s.csv.Write(record) }
func (s *csvSheet) end() error                { s.csv.Flush(); return s.csv.Error() }

// xlsxSheet writes all cells as text: nothing in it is ever a formula.
type xlsxSheet struct {
	to     io.Writer
	file   *excelize.File
	stream *excelize.StreamWriter
	row    int
}

// Widths of the columns, in characters.
const (
	sheetWidth = 18
	titleWidth = 60
	titleAt    = 3
)

func (s *xlsxSheet) begin(head []string) (err error) {
	s.file = excelize.NewFile()
	if s.stream, err = s.file.NewStreamWriter(s.file.GetSheetName(0)); err != nil {
		return err
	}
	if err := s.stream.SetColWidth(1, len(head), sheetWidth); err != nil {
		return err
	}
	if err := s.stream.SetColWidth(titleAt, titleAt, titleWidth); err != nil {
		return err
	}
	if err := s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	return s.add(head)
}

func (s *xlsxSheet) add(record []string) error {
	s.row++
	cells := make([]any, len(record))
	for i, v := range record {
		cells[i] = v
	}
	at, err := excelize.CoordinatesToCellName(1, s.row)
	if err != nil {
		return err
	}
	return s.stream.SetRow(at, cells)
}

func (s *xlsxSheet) end() error {
	defer s.file.Close() //nolint:errcheck // what it wrote to the disk for itself
	if err := s.stream.Flush(); err != nil {
		return err
	}
	_, err := s.file.WriteTo(s.to)
	return err
}

// CasePrintPage is a case for the paper file.
type CasePrintPage struct {
	*StaffCasePage
	PrintedAt time.Time
}

func (*CasePrintPage) template() string { return "staff_case_print" }

// printStaffCase shows a case as it goes into the paper file: without what is
// clicked, and without the contact.
func (w *Web) printStaffCase(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	actor := httpx.ActorFrom(c)
	found, err := w.Triage.Case(c.Request().Context(), actor, code)
	if err != nil {
		return err
	}
	return w.show(c, http.StatusOK, &CasePrintPage{w.staffCasePage(c, actor, found, attempt{}), w.Now()})
}
