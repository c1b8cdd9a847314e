package web

import (
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/audit"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/store"
)

const auditPath = "/staff/audit"

// AuditPage is the audit: what anybody read or changed.
type AuditPage struct {
	Frame
	Errors  []FieldError
	Filters []Field
	Total   string // how many entries there are on all pages; empty where nothing was looked for
	Person  string // the one that the list is narrowed to, or empty
	// Everybody leads back to what everybody did; empty where it is that already.
	Everybody string
	Kept      []Hidden
	Rows      []AuditRow
	Newer     string // address of the first page, empty on it
	Older     string
	Files     []Link // the same as a file
}

func (*AuditPage) template() string { return "staff_audit" }

// AuditRow is one entry.
type AuditRow struct {
	Seq          int64
	At           Moment
	Who          string
	WhoURL       string // narrows the list to the person; empty for no person
	What, Detail string
	Code, URL    string
	Agency       Name
	Reason       string
	Subject      Link
	Hash         string // its first characters, for a note on paper
}

// hashShown is how much of a hash people compare by eye.
const hashShown = 12

func (w *Web) auditRoutes(g *echo.Group) {
	g.GET("/audit", w.showAudit, httpx.Require(civic.SeeAudit))
	g.GET("/audit/export", w.exportAudit, httpx.Require(civic.SeeAudit))
}

// auditRequest reads what the list is narrowed to.
func auditRequest(values url.Values) (r audit.Request, wrong []errs.Field) {
	if written := strings.TrimSpace(values.Get("code")); written != "" {
		var err error
		if r.Code, err = civic.ParseCode(written); err != nil {
			wrong = append(wrong, errs.FieldsOf(err)...)
		}
	}
	for _, name := range dayNames {
		written := values.Get(name)
		if written == "" {
			continue
		}
		day, ok := readDay(written)
		switch {
		case !ok:
			wrong = append(wrong, errs.Field{Name: name, Code: "field.unknown_value"})
		case name == dayFrom:
			r.From = day.Start()
		default:
			r.Until = day.Start().AddDate(0, 0, 1)
		}
	}
	for _, source := range store.AuditSources {
		if values.Get("source") == string(source) {
			r.Source = source
		}
	}
	if what := values.Get("what"); isAuditAct(what) {
		r.What = what
	}
	if actor := civic.ActorKind(values.Get("actor")); slices.Contains(civic.ActorKinds, actor) {
		r.Actor = actor
	}
	number := func(name string) int64 {
		n, err := strconv.ParseInt(values.Get(name), 10, 64)
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	r.User, r.Before, r.After = civic.UserID(number("user")), number("before"), number("after")
	return r, wrong
}

// auditFilters are the fields that narrow the list.
var auditFilters = []string{"code", dayFrom, dayTo, "source", "what", "actor"}

// showAudit lists the audit, the newest first.
func (w *Web) showAudit(c echo.Context) error {
	words, values := w.words(c), c.QueryParams()
	r, wrong := auditRequest(values)
	page := &AuditPage{Frame: w.staffFrame(c, "audit", words.t("staff.audit"))}
	page.addFilters(words, values, wrong)
	if len(wrong) > 0 {
		page.Failed = true
		return w.show(c, http.StatusUnprocessableEntity, page)
	}
	found, err := w.Audit.List(c.Request().Context(), httpx.ActorFrom(c), r)
	if err != nil {
		return err
	}
	at := func(path string, change ...string) string {
		q := url.Values{}
		for _, name := range append(slices.Clone(auditFilters), "user") {
			if v := values.Get(name); v != "" {
				q.Set(name, v)
			}
		}
		for i := 0; i < len(change); i += 2 {
			q.Set(change[i], change[i+1])
			if change[i+1] == "" {
				q.Del(change[i])
			}
		}
		return path + "?" + q.Encode()
	}
	for _, e := range found.Entries {
		row := w.auditRow(words, e)
		if e.User != 0 && r.User == 0 {
			row.WhoURL = at(auditPath, "user", strconv.FormatInt(int64(e.User), 10))
		}
		page.Rows = append(page.Rows, row)
		if r.User != 0 {
			page.Person = e.UserName
		}
	}
	if page.Total = words.plural("audit.total", found.Total); found.Total >= audit.MostCounted {
		page.Total = words.t("audit.total_more", "n", strconv.Itoa(audit.MostCounted))
	}
	if r.User != 0 {
		page.Everybody = at(auditPath, "user", "")
		page.Kept = append(page.Kept, Hidden{Name: "user", Value: values.Get("user")})
	}
	if r.Before > 0 {
		page.Newer = at(auditPath)
	}
	if found.More {
		page.Older = at(auditPath, "before", strconv.FormatInt(found.Entries[len(found.Entries)-1].Seq, 10))
	}
	for _, format := range []string{formatCSV, formatJSONL} {
		page.Files = append(page.Files, Link{Label: words.t("audit.file." + format), URL: at(auditPath+"/export", "format", format)})
	}
	return w.show(c, http.StatusOK, page)
}

func (p *AuditPage) addFilters(words words, values url.Values, wrong []errs.Field) {
	typed := map[string]string{}
	for _, name := range auditFilters {
		typed[name] = strings.TrimSpace(values.Get(name))
	}
	f := newForm(words, typed, wrong)
	add := func(name, label string, more func(*Field)) {
		p.Filters = append(p.Filters, f.field(name, func(field *Field) {
			field.Required, field.Label, field.Hint = false, label, ""
			more(field)
		}))
		last := &p.Filters[len(p.Filters)-1]
		last.Label = label // every filter may stay empty
	}
	add("code", words.t("audit.filter.code"), func(field *Field) { field.Plain = true })
	for _, name := range dayNames {
		add(name, words.t("audit.filter."+name), dayControl)
	}
	add("source", words.t("audit.filter.source"), func(field *Field) {
		field.Widget, field.Options = "select", []Option{{Label: words.t("staff.any")}}
		for _, s := range store.AuditSources {
			field.Options = append(field.Options, Option{Value: string(s), Label: words.t("audit.source." + string(s))})
		}
	})
	add("actor", words.t("audit.col.who"), func(field *Field) {
		field.Widget, field.Options = "select", []Option{{Label: words.t("staff.any")}}
		for _, kind := range civic.ActorKinds {
			field.Options = append(field.Options, Option{Value: string(kind), Label: words.t("audit.actor." + string(kind))})
		}
	})
	add("what", words.t("audit.filter.what"), func(field *Field) { field.Widget, field.Options = "select", words.auditActs() })
	p.Errors = f.summary()
}

func (w *Web) auditRow(words words, e audit.Shown) AuditRow {
	row := AuditRow{
		Seq: e.Seq, At: Moment{At: e.At}, Who: e.UserName, What: w.auditWhat(words, e.AuditEntry), Detail: w.auditDetail(words, e.AuditEntry),
		Agency: w.agency(words.lang, e.Agency), Reason: w.auditReason(words, e.What, e.Reason), Subject: words.auditSubject(e.AuditEntry), Hash: hex.EncodeToString(e.Hash[:])[:hashShown],
	}
	if row.Who == "" {
		row.Who = words.t("audit.actor." + string(e.Actor))
	}
	if e.Code != "" {
		row.Code, row.URL = e.Code.String(), staffCasePath(e.Code)
	}
	return row
}

// auditWhat says what was done.
func (w *Web) auditWhat(words words, e store.AuditEntry) string {
	switch e.Source {
	case store.AuditEvents:
		agency := w.agency(words.lang, e.Agency).Text
		if agency == "" {
			agency = words.t("event.agency")
		}
		return words.t("event."+e.What, "agency", agency)
	case store.AuditAccounts:
		return words.t("users.change." + strings.TrimPrefix(e.What, "account_"))
	}
	return words.t("audit.what." + e.What)
}

const formatJSONL = "jsonl"

// auditColumns are the columns of the CSV file.
var auditColumns = []string{
	"seq", "at", "actor", "user", "user_name", "what", "code", "subject", "agency", "detail", "source", "source_id", "submission", "mark", "before", "hash", "seal",
}

// exportedJSON is a line of the JSON file: hash is SHA-256 of the bytes of
// entry.
type exportedJSON struct {
	Entry    json.RawMessage `json:"entry"`
	Hash     string          `json:"hash"`
	Seal     string          `json:"seal,omitempty"`
	Code     string          `json:"code,omitempty"`
	UserName string          `json:"user_name,omitempty"`
}

// exportAudit gives what the list shows as a file, the oldest first.
func (w *Web) exportAudit(c echo.Context) error {
	r, wrong := auditRequest(c.QueryParams())
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	r.Before = 0
	res, write, flush := c.Response(), (func(audit.Exported) error)(nil), func() error { return nil }
	switch c.QueryParam("format") {
	case formatJSONL:
		res.Header().Set(echo.HeaderContentType, "application/x-ndjson; charset=utf-8")
		out := json.NewEncoder(res)
		out.SetEscapeHTML(false)
		write = func(e audit.Exported) error {
			return out.Encode(exportedJSON{Entry: e.Line, Hash: hex.EncodeToString(e.Hash[:]), Seal: e.Seal, Code: codeText(e.Code), UserName: e.UserName})
		}
	case formatCSV:
		res.Header().Set(echo.HeaderContentType, "text/csv; charset=utf-8")
		out := csv.NewWriter(res)
		begun := false
		write = func(e audit.Exported) error {
			if !begun {
				begun = true
				if err := beginCSV(out, res, auditColumns); err != nil {
					return err
				}
			}
			return out.Write(auditRecord(e))
		}
		flush = func() error { out.Flush(); return out.Error() }
	default:
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	res.Header().Set(echo.HeaderContentDisposition, `attachment; filename="audit.`+c.QueryParam("format")+`"`)
	if err := w.Audit.Export(c.Request().Context(), httpx.ActorFrom(c), r, write); err != nil {
		return err
	}
	return flush()
}

func codeText(code civic.Code) string {
	if code == "" {
		return ""
	}
	return code.String()
}

// auditRecord is an entry as a line of the CSV file.
func auditRecord(e audit.Exported) []string {
	var l audit.Line
	if err := json.Unmarshal(e.Line, &l); err != nil {
		panic(err) // it was encoded a moment ago
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	record := []string{
		number(l.Seq), l.At, l.Actor, number(l.User), e.UserName, l.What, codeText(e.Code), l.Subject, l.Agency, l.Detail,
		l.Source, number(l.SourceID), number(l.Submission), l.Mark, l.Before, hex.EncodeToString(e.Hash[:]), e.Seal,
	}
	for i := range record {
		record[i] = plainCell(record[i])
	}
	return record
}
