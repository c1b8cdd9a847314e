package web

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/i18n"
	"hienke/internal/inspect"
)

// FileRow is one file in a list.
type FileRow struct {
	Ref, Name, Kind, Size string
	State                 civic.AttachmentState
	// Told says what became of it, in words; empty where nothing needs saying.
	Told string
	// URL opens it; empty while nobody may.
	URL    string
	Public bool
	// OfStaff tells that it came from staff and not from the sender.
	OfStaff bool
	// RemoveURL takes it away; empty where that cannot be done.
	RemoveURL string
}

// FileForm is where files are chosen.
type FileForm struct {
	Action string
	Files  []FileRow
	Errors []FieldError
	// Limits says in advance what is taken.
	Limits  string
	Accept  string // of the file chooser
	MaxSize int64  // bytes of one file
	// Step tells that the form is a step of a submission, with a way on.
	Step bool
	// Back tells that the way on leads to the review.
	Back bool
	// Open tells that something was wrong with what was sent.
	Open bool
	// Closed tells that nothing can be added.
	Closed bool
}

// fileAccept is what a file chooser offers.
var fileAccept = func() string {
	var list []string
	for _, k := range inspect.Kinds {
		list = append(list, k.Extension)
	}
	return strings.Join(append(list, ".jpeg", ".csv"), ",")
}()

// fileRow tells of one file.
func (w words) fileRow(a civic.Attachment) FileRow {
	row := FileRow{Ref: a.Ref, Name: a.Name, State: a.State, Size: i18n.Bytes(w.lang, a.Size), Public: a.Public, OfStaff: a.OfStaff, Told: w.t("files.state." + string(a.State))}
	if a.Type != "" {
		row.Kind = w.t("files.kind." + a.Type)
	}
	switch a.State {
	case civic.FileRefused:
		row.Told = w.t("files.state.refused") + ". " + w.problem(errs.New(errs.Invalid, a.Reason))
	case civic.FileUploading:
		row.Told = w.t("files.unfinished", "got", i18n.Bytes(w.lang, a.Received), "size", i18n.Bytes(w.lang, a.Size))
	}
	return row
}

// fileForm is the form of a place with the files that are there.
func (w *Web) fileForm(c echo.Context, p filePlace) (*FileForm, error) {
	words, limits := w.words(c), w.Attachments.Limits
	list, err := w.Attachments.List(c.Request().Context(), p.owner)
	if err != nil {
		return nil, err
	}
	const megabyte = 1 << 20
	form := &FileForm{
		Action: p.url, Accept: fileAccept, MaxSize: limits.Size, Closed: limits.Count == 0,
		Limits: words.t("files.limits", "count", strconv.Itoa(limits.Count), "size", strconv.FormatInt(limits.Size/megabyte, 10), "total", strconv.FormatInt(limits.Total/megabyte, 10)),
	}
	for _, a := range list {
		row := words.fileRow(a)
		row.RemoveURL = p.removeURL(a)
		form.Files = append(form.Files, row)
	}
	return form, nil
}

// draftFileForm is the form of a step.
func (w *Web) draftFileForm(c echo.Context, token string) *FileForm {
	p, err := w.draftFiles(c)
	if err != nil {
		return &FileForm{Step: true, Closed: true}
	}
	form, err := w.fileForm(c, p)
	if err != nil {
		c.Logger().Warn(err) // nobody is kept from sending by files that cannot be listed
		return &FileForm{Step: true, Closed: true, Action: stepURL(c, token, stepFiles)}
	}
	form.Step = true
	return form
}

// caseFileForm is the form of a case, nil where files cannot be shown.
func (w *Web) caseFileForm(c echo.Context, sub *civic.Submission) *FileForm {
	p, err := w.caseFiles(c)
	if err != nil {
		return nil
	}
	form, err := w.fileForm(c, p)
	if err != nil {
		c.Logger().Warn(err)
		return nil
	}
	form.Closed = form.Closed || !civic.Open.Has(sub.State)
	for i := range form.Files {
		row := &form.Files[i]
		if row.State == civic.FileClean {
			row.URL = p.url + "/" + row.Ref
		}
		if form.Closed {
			row.RemoveURL = ""
		}
	}
	return form
}

// filesRow is the line of the review that lists the files.
func (w *Web) filesRow(c echo.Context, token string) Row {
	words := w.words(c)
	row := Row{Name: "files", Label: words.t("files.change"), ChangeURL: stepURL(c, token, stepFiles) + "?back=review", Long: true}
	var lines []string
	for _, f := range w.draftFileForm(c, token).Files {
		line := f.Name
		if f.State != civic.FileClean {
			line += " (" + strings.ToLower(words.t("files.state."+string(f.State))) + ")"
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		row.Value, row.Empty, row.Long = words.t("files.none"), true, false
		return row
	}
	row.Value = strings.Join(lines, "\n")
	return row
}

// staffFiles are the files of a case for staff, with the checkboxes that show
// them to the public.
func (w *Web) staffFiles(c echo.Context, words words, actor civic.Actor, code civic.Code) []FileRow {
	list, err := w.Attachments.OfCase(c.Request().Context(), actor, code)
	if err != nil {
		c.Logger().Warn(err) // the case is shown without them
		return nil
	}
	var out []FileRow
	for _, a := range list {
		row := words.fileRow(a)
		if a.State == civic.FileClean {
			row.URL, row.Told = staffCasePath(code)+"/files/"+a.Ref, ""
		}
		out = append(out, row)
	}
	return out
}

// publicFiles are the published files of a case.
func (w *Web) publicFiles(c echo.Context, words words, code civic.Code) []FileRow {
	list, err := w.Attachments.PublicOf(c.Request().Context(), code)
	if err != nil {
		c.Logger().Warn(err) // the case is shown without them
		return nil
	}
	var out []FileRow
	for _, a := range list {
		row := words.fileRow(a)
		row.Told, row.Public = "", false // as everything on that page is
		row.URL = publicPath(words.lang, code) + "/files/" + a.Ref
		out = append(out, row)
	}
	return out
}

// filePrefix begins the names of the checkboxes that publish files.
const filePrefix = "file."

// publishedFiles are the refs of the files that were ticked.
func publishedFiles(p posted) []string {
	out := []string{}
	for name := range p.values {
		if ref, ok := strings.CutPrefix(name, filePrefix); ok && p.ticked(name) {
			out = append(out, ref)
		}
	}
	return out
}

// fileFields are the checkboxes, ticked for what is public already.
func fileFields(f *form, files []FileRow) []Field {
	var out []Field
	for _, row := range files {
		if row.State != civic.FileClean {
			continue
		}
		out = append(out, f.field(filePrefix+row.Ref, func(field *Field) {
			field.Widget, field.Label = "checkbox", f.words.t("files.shown")+": "+row.Name
			field.Hint = f.words.t("files.shown_hint")
			if row.Public && len(f.values) == 0 {
				field.Value = "yes"
			}
		}))
	}
	return out
}
