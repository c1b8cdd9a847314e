package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/inspect"
)

// Files are sent in two ways. A plain form carries whole files; it works
// everywhere. A script sends pieces, and goes on where a broken line stopped:
// it begins a file (POST uploads), asks how much has come (GET uploads/REF) and
// sends the next piece from there (PATCH uploads/REF, with Upload-Offset).

const (
	fieldFiles = "files"
	fieldGo    = "go"   // which button was pressed
	goNext     = "next" // and what it says: go on after the files

	headerOffset = "Upload-Offset"
	headerLength = "Upload-Length"
)

// UploadRoutes are the patterns of the routes whose bodies hold whole files.
func UploadRoutes() []string {
	var out []string
	for _, lang := range i18n.Langs {
		out = append(out, "/"+string(lang)+"/submit/:draft/files", "/"+string(lang)+"/track/:code/files")
	}
	return append(out, "/staff/cases/:code/paper")
}

// DownloadRoutes are the patterns of the routes that send files.
func DownloadRoutes() []string {
	out := []string{"/staff/cases/:code/files/:ref", "/staff/exports/:id/file", privacyPath + "/:request/extract"}
	for _, lang := range i18n.Langs {
		out = append(out, "/"+string(lang)+"/track/:code/files/:ref", "/"+string(lang)+"/s/:code/files/:ref")
	}
	return out
}

// filePlace is where files are sent to: the page of a draft or of a case.
type filePlace struct {
	owner attachments.Owner
	url   string // of the page's form
	// sent tells that what came is with those who read it.
	sent bool
}

// removeURL takes a file away; empty where that can no longer be done.
func (p filePlace) removeURL(a civic.Attachment) string {
	if p.sent && (a.State == civic.FileWaiting || a.State == civic.FileClean) {
		return ""
	}
	return p.url + "/uploads/" + a.Ref + "/remove"
}

// fileRoutes adds what a place needs; find tells which one a request means.
func (w *Web) fileRoutes(g *echo.Group, find func(echo.Context) (filePlace, error)) {
	at := func(do func(echo.Context, filePlace) error) echo.HandlerFunc {
		return func(c echo.Context) error {
			p, err := find(c)
			if err != nil {
				return err
			}
			return do(c, p)
		}
	}
	g.POST("/files/uploads", at(w.beginUpload))
	g.GET("/files/uploads/:ref", at(w.showUpload))
	g.PATCH("/files/uploads/:ref", at(w.addUpload))
	g.POST("/files/uploads/:ref/remove", at(w.removeFile))
}

// draftFiles is the place of a draft.
func (w *Web) draftFiles(c echo.Context) (filePlace, error) {
	token := c.Param("draft")
	if _, err := w.Drafts.Get(c.Request().Context(), token); err != nil {
		return filePlace{}, err
	}
	return filePlace{owner: attachments.OfDraft(token), url: stepURL(c, token, stepFiles)}, nil
}

// caseFiles is the place of a case, for the browser that opened it.
func (w *Web) caseFiles(c echo.Context) (filePlace, error) {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return filePlace{}, err
	}
	cookie, err := c.Cookie(cookieCase)
	if err != nil {
		return filePlace{}, errs.New(errs.NotFound, "submission.not_found")
	}
	sender, err := w.Intake.Sender(c.Request().Context(), code, cookie.Value)
	if err != nil {
		return filePlace{}, err
	}
	return filePlace{owner: attachments.OfSender(sender, code), url: "/" + string(httpx.Lang(c)) + casePath(code) + "/files", sent: true}, nil
}

// failedFile is a file of a form that was not taken.
type failedFile struct {
	name string
	err  error
}

// takeFiles reads the files of a form, one after the other, and returns those
// that were not taken, and the other fields. What fails as a whole is err.
func (w *Web) takeFiles(c echo.Context, o attachments.Owner) (taken int, failed []failedFile, fields url.Values, err error) {
	fields, err = httpx.ReadFiles(c, fieldFiles, func(name string, content io.Reader) error {
		a, err := w.Attachments.Put(c.Request().Context(), o, name, content)
		switch {
		case err == nil && a.State == civic.FileRefused:
			failed = append(failed, failedFile{a.Name, errs.New(errs.Invalid, a.Reason)})
		case err == nil:
			taken++
		case errs.KindOf(err) == errs.Invalid:
			failed = append(failed, failedFile{attachments.CleanName(name), err})
		default:
			return err
		}
		return nil
	})
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok { // larger than all files may be together
		err = errs.Wrap(errs.Invalid, "file.total_too_large", err)
	}
	return taken, failed, fields, err
}

// postFiles takes the files of the form and goes on, or shows the page again.
func (w *Web) postFiles(c echo.Context) error {
	d, err := w.draft(c)
	if err != nil || c.Response().Committed {
		return err
	}
	taken, failed, fields, err := w.takeFiles(c, attachments.OfDraft(d.Token))
	if err == nil && len(failed) == 0 {
		switch back := fields.Get(fieldBack) == stepReview; {
		case fields.Get(fieldGo) != goNext && taken > 0:
			return w.toStep(c, d.Token, stepFiles, "?done=added"+map[bool]string{true: "&back=review"}[back])
		case fields.Get(fieldGo) == goNext && back:
			return w.toStep(c, d.Token, w.firstOpen(c, d.Values), "")
		case fields.Get(fieldGo) == goNext:
			return w.toStep(c, d.Token, stepTopic, "")
		}
		err = errs.New(errs.Invalid, "file.none_chosen")
	}
	page := w.stepPage(c, stepFiles, d, nil)
	page.Back = fields.Get(fieldBack) == stepReview
	page.Errors, err = fileErrors(w.words(c), failed, err)
	if errs.KindOf(err) != errs.Invalid && !worthKeeping(err) {
		return err
	}
	page.Failed = true
	return w.showFailed(c, err, page)
}

// fileErrors are the lines of the error summary, and the failure that the page
// is answered with.
func fileErrors(words words, failed []failedFile, err error) ([]FieldError, error) {
	var out []FieldError
	for _, f := range failed {
		out = append(out, FieldError{ID: fieldFiles, Text: words.t("files.failed", "name", f.name, "reason", words.problem(f.err))})
	}
	if err != nil {
		return append(out, FieldError{ID: fieldFiles, Text: words.problem(err)}), err
	}
	return out, failed[0].err
}

// postCaseFiles takes files that are sent later.
func (w *Web) postCaseFiles(c echo.Context) error {
	p, err := w.caseFiles(c)
	if err != nil {
		return err
	}
	back := strings.TrimSuffix(p.url, "/files")
	taken, failed, _, err := w.takeFiles(c, p.owner)
	switch {
	case err == nil && len(failed) == 0 && taken > 0:
		return c.Redirect(http.StatusSeeOther, back+"?done=file")
	case err == nil && len(failed) == 0:
		err = errs.New(errs.Invalid, "file.none_chosen")
	}
	wrong, err := fileErrors(w.words(c), failed, err)
	if !worthKeeping(err) {
		return err
	}
	code, _ := parseCode(c.Param("code")) // caseFiles has read it
	cookie, _ := c.Cookie(cookieCase)     // and this
	ctx := c.Request().Context()
	sender, readErr := w.Intake.Sender(ctx, code, cookie.Value)
	if readErr != nil {
		return err
	}
	view, readErr := w.Intake.Case(ctx, sender, code)
	if readErr != nil {
		return err
	}
	page := w.trackedPage(c, view, attempt{})
	page.Errors, page.Failed = append(wrong, page.Errors...), true
	if page.Files != nil {
		page.Files.Open = true
	}
	return w.showFailed(c, err, page)
}

// removeFile takes a file away and leads back.
func (w *Web) removeFile(c echo.Context, p filePlace) error {
	err := w.Attachments.CleanUp(c.Request().Context(), p.owner, c.Param("ref"))
	if err != nil && errs.KindOf(err) != errs.NotFound { // twice is no mistake
		return err
	}
	if c.FormValue(fieldBack) == stepReview {
		return c.Redirect(http.StatusSeeOther, p.url+"?done=removed&back=review")
	}
	if back, ok := strings.CutSuffix(p.url, "/files"); ok && c.Param("code") != "" {
		return c.Redirect(http.StatusSeeOther, back)
	}
	return c.Redirect(http.StatusSeeOther, p.url+"?done=removed")
}

// upload is a file as the script is told of it.
type upload struct {
	Ref    string `json:"ref"`
	Name   string `json:"name"`
	Offset int64  `json:"offset"` // bytes that have come
	State  string `json:"state"`
	Size   string `json:"size"` // in words
	// Text says what became of it, in words.
	Text string `json:"text"`
	// Piece is the most bytes of the next piece.
	Piece int64 `json:"piece"`
	// Remove is the address that takes it away; empty where that cannot be done.
	Remove string `json:"remove,omitempty"`
}

// uploadFailed answers a script: what is wrong, in words.
func (w *Web) uploadFailed(c echo.Context, err error) error {
	problem := httpx.ProblemOf(c, err)
	if failed := c.JSON(problem.Status, map[string]string{"code": problem.Code, "text": problem.Title}); failed != nil {
		return failed
	}
	return err
}

func (w *Web) answerUpload(c echo.Context, p filePlace, a civic.Attachment) error {
	words := w.words(c)
	out := upload{
		Ref: a.Ref, Name: a.Name, Offset: a.Received, State: string(a.State), Size: i18n.Bytes(words.lang, a.Size),
		Text: words.t("files.state." + string(a.State)), Piece: attachments.PieceSize, Remove: p.removeURL(a),
	}
	if a.State == civic.FileRefused {
		out.Text = words.problem(errs.New(errs.Invalid, a.Reason))
	}
	c.Response().Header().Set(headerOffset, strconv.FormatInt(a.Received, 10))
	return c.JSON(http.StatusOK, out)
}

// beginUpload makes room for a file, or finds the one that was broken off.
func (w *Web) beginUpload(c echo.Context, p filePlace) error {
	size, err := strconv.ParseInt(c.FormValue("size"), 10, 64)
	if err != nil || size <= 0 {
		return w.uploadFailed(c, errs.New(errs.Invalid, inspect.CodeEmpty))
	}
	a, err := w.Attachments.Begin(c.Request().Context(), p.owner, attachments.New{Name: c.FormValue("name"), Size: size, Mark: c.FormValue("mark")})
	if err != nil {
		return w.uploadFailed(c, err)
	}
	return w.answerUpload(c, p, a)
}

// showUpload tells how much of a file has come.
func (w *Web) showUpload(c echo.Context, p filePlace) error {
	list, err := w.Attachments.List(c.Request().Context(), p.owner)
	if err != nil {
		return w.uploadFailed(c, err)
	}
	for _, a := range list {
		if a.Ref == c.Param("ref") {
			c.Response().Header().Set(headerLength, strconv.FormatInt(a.Size, 10))
			return w.answerUpload(c, p, a)
		}
	}
	return w.uploadFailed(c, errs.New(errs.NotFound, "file.not_found"))
}

// addUpload takes a piece.
func (w *Web) addUpload(c echo.Context, p filePlace) error {
	offset, err := strconv.ParseInt(c.Request().Header.Get(headerOffset), 10, 64)
	if err != nil || offset < 0 {
		return w.uploadFailed(c, errs.New(errs.Conflict, "file.wrong_offset"))
	}
	content, err := io.ReadAll(io.LimitReader(c.Request().Body, attachments.PieceSize+1))
	if err != nil { // the line broke: what came of this piece counts for nothing
		return err
	}
	a, err := w.Attachments.Append(c.Request().Context(), p.owner, c.Param("ref"), offset, content)
	if err != nil {
		return w.uploadFailed(c, err)
	}
	return w.answerUpload(c, p, a)
}

// sendFile sends what was opened.
func sendFile(c echo.Context, f *attachments.Content) error {
	return httpx.SendFile(c, httpx.File{Name: f.Name, Type: f.Type, Tag: f.Ref, Content: f.Reader(c.Request().Context())})
}

// showCaseFile gives a file to whoever sent it.
func (w *Web) showCaseFile(c echo.Context) error {
	p, err := w.caseFiles(c)
	if err != nil {
		return err
	}
	f, err := w.Attachments.OpenOwn(c.Request().Context(), p.owner, c.Param("ref"))
	if err != nil {
		return err
	}
	return sendFile(c, f)
}

// showPublicFile gives a published file to everybody.
func (w *Web) showPublicFile(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	f, err := w.Attachments.OpenPublic(c.Request().Context(), code, c.Param("ref"))
	if err != nil {
		return err
	}
	return sendFile(c, f)
}

// showStaffFile gives a file of a case to staff who may see it.
func (w *Web) showStaffFile(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	f, err := w.Attachments.OpenForStaff(c.Request().Context(), httpx.ActorFrom(c), code, c.Param("ref"))
	if err != nil {
		return err
	}
	return sendFile(c, f)
}
