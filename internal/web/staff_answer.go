package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/answers"
	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/triage"
)

// AnswerWork is what stands around the answer of a case for staff.
type AnswerWork struct {
	answers.Work
	SavesURL string // keeps what is written; empty where nothing is
	PaperURL string // takes a signed paper; empty where none is taken
	// Templates and Reuse begin a draft with a text that is there.
	Templates, Reuse []Link
	Promised         []CommitmentText
	Planned          []CommitmentText
	// Original and Public are the texts beside each other, with personal data
	// marked; Differs tells that staff wrote a public version.
	Original, Public []MarkedRun
	PublicTitle      []MarkedRun
	Differs          bool
	Found            bool // of personal data in what is or becomes public
	Version          int
}

// answerWork reads what stands around the answer. The case is shown without it
// where that fails.
func (w *Web) answerWork(c echo.Context, words words, actor civic.Actor, found triage.Case) *AnswerWork {
	ctx, sub := c.Request().Context(), found.Submission
	work, err := w.Answers.Work(ctx, actor, sub.Code)
	if err != nil {
		c.Logger().Warn(err)
		return &AnswerWork{}
	}
	shown := answers.Preview(sub)
	out := &AnswerWork{
		Work: work, Promised: w.commitmentTexts(work.Promised), Planned: w.commitmentTexts(work.Planned), Version: sub.Version,
		Original: marked(sub.Body), Public: marked(shown.PublicBody), PublicTitle: marked(shown.PublicTitle),
		Differs: sub.PublicBody != "" && sub.PublicBody != sub.Body || sub.PublicTitle != "" && sub.PublicTitle != sub.Title,
		Found:   hasPersonal(shown.PublicTitle, shown.PublicBody),
	}
	if found.Answer != nil {
		out.Found = out.Found || hasPersonal(found.Answer.Text)
	}
	if actor.Check(w.Registry, civic.HandleCase, &sub) != nil {
		return out
	}
	path := staffCasePath(sub.Code)
	for i := range out.Promised {
		if out.Promised[i].State == civic.CommitmentOpen {
			out.Promised[i].SettleURL = path + "/settle-commitment"
		}
	}
	if civic.Open.Has(sub.State) || civic.WithAnswer.Has(sub.State) {
		out.PaperURL = path + "/paper"
	}
	if sub.State != civic.InProgress {
		return out
	}
	out.SavesURL = path + "/saves"
	list, err := w.Answers.TemplatesFor(ctx, sub.Agency)
	if err != nil {
		c.Logger().Warn(err)
	}
	for _, t := range list {
		out.Templates = append(out.Templates, Link{Label: t.Name, URL: path + "?template=" + strconv.FormatInt(t.ID, 10) + "#act-draft-answer"})
	}
	for _, s := range found.Similar {
		if s.Case.Visibility == civic.PublicWithAnswer && civic.WithAnswer.Has(s.Case.State) {
			title := s.Case.PublicTitle
			out.Reuse = append(out.Reuse, Link{Label: words.t("answer_work.reuse", "code", s.Case.Code.String(), "title", title), URL: path + "?reuse=" + s.Case.Code.String() + "#act-draft-answer"})
		}
	}
	return out
}

// begun is the draft form with a text that was there before: a template, an
// answered case like this one, an earlier wording, or what the person wrote
// last and did not keep. The notice says which.
func (w *Web) begun(c echo.Context, actor civic.Actor, found triage.Case) (attempt, *Notice) {
	ctx, words, sub := c.Request().Context(), w.words(c), found.Submission
	var text, outcome, told string
	var err error
	switch {
	case c.QueryParam("template") != "":
		id, _ := strconv.ParseInt(c.QueryParam("template"), 10, 64)
		text, err = w.Answers.FromTemplate(ctx, sub, id)
		told = words.t("answer_work.from_template")
	case c.QueryParam("reuse") != "":
		code, _ := civic.ParseCode(c.QueryParam("reuse"))
		var other answers.PublicCase
		if other, err = w.Answers.Public(ctx, code); err == nil && other.Answer != nil {
			text, outcome = other.Answer.Text, string(other.Answer.Outcome)
			told = words.t("answer_work.from_case", "code", code.String())
		}
	case c.QueryParam("restore") != "":
		id, _ := strconv.ParseInt(c.QueryParam("restore"), 10, 64)
		var save civic.AnswerSave
		if save, err = w.Answers.SaveOf(ctx, actor, sub.Code, id); err == nil {
			text, outcome = save.Text, string(save.Outcome)
			told = words.t("answer_work.from_save", "name", save.ByName, "time", i18n.DateTime(words.lang, save.At, civic.Zone))
		}
	}
	if err != nil || text == "" || sub.State != civic.InProgress {
		return attempt{}, nil
	}
	return attempt{action: "draft-answer", values: map[string]string{"text": text, "outcome": outcome}}, &Notice{Tone: "care", Text: told}
}

// detailsOf reads the parts of the draft form beside its text.
func detailsOf(v url.Values) (*answers.Details, error) {
	d := &answers.Details{}
	var wrong []errs.Field
	day := func(name string) civic.Date {
		date, err := civic.ReadDate(v.Get(name))
		if err != nil {
			wrong = append(wrong, errs.Field{Name: name, Code: "field.not_a_day"})
		}
		return date
	}
	for i := range civic.MaxPoints {
		if v.Get("points."+strconv.Itoa(i)) == "yes" {
			d.Answered = append(d.Answered, i)
		}
	}
	for i := range civic.MaxCommitments + 1 {
		at := fmt.Sprintf("commitments.%d.", i)
		c := civic.Commitment{What: v.Get(at + "what"), Who: v.Get(at + "who"), Until: day(at + "until")}
		if strings.TrimSpace(c.What+c.Who) != "" || c.Until != (civic.Date{}) {
			d.Commitments = append(d.Commitments, c)
		}
	}
	d.Document = paperOf(v, day)
	return d, errs.InvalidFields(wrong...)
}

func paperOf(v url.Values, day func(string) civic.Date) civic.Document {
	return civic.Document{
		Number: strings.TrimSpace(v.Get("document_number")), Date: day("document_date"), Signatory: strings.TrimSpace(v.Get("signatory")),
		File: v.Get("document_file"),
	}
}

// approvalOf reads how an answer goes out.
func approvalOf(p posted) (answers.Approval, error) {
	out := answers.Approval{Publish: p.ticked("publish"), Files: publishedFiles(p), Checked: p.ticked("personal_checked")}
	written := strings.TrimSpace(p.values.Get("publish_at"))
	if written == "" {
		return out, nil
	}
	at, ok := momentTyped(written)
	if ok {
		out.At = at
		return out, nil
	}
	return out, errs.InvalidFields(errs.Field{Name: "publish_at", Code: "field.not_a_moment"})
}

// postSave keeps what is being written. It is asked by a script, between two
// keys, and answers when it was kept.
func (w *Web) postSave(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	err = w.Answers.Save(c.Request().Context(), httpx.ActorFrom(c), code, c.FormValue("text"), civic.Outcome(c.FormValue("outcome")))
	if err != nil {
		return err
	}
	words := w.words(c)
	return c.JSON(http.StatusOK, map[string]string{"text": words.t("answer_work.saved_at", "time", w.Now().In(civic.Zone).Format("15:04:05"))})
}

// SavesPage is the history of a draft.
type SavesPage struct {
	Frame
	Code, Back string
	Rows       []SaveRow
}

func (*SavesPage) template() string { return "staff_saves" }

// SaveRow is one wording.
type SaveRow struct {
	At         time.Time
	By         string
	Auto       bool
	Text       string
	Letters    int
	RestoreURL string // empty while the case takes no draft
}

func (w *Web) showSaves(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), httpx.ActorFrom(c)
	list, err := w.Answers.Saves(ctx, actor, code)
	if err != nil {
		return err
	}
	page := &SavesPage{Frame: w.staffFrame(c, "queue", w.words(c).t("answer_work.saves")), Code: code.String(), Back: staffCasePath(code)}
	found, err := w.Triage.Case(ctx, actor, code)
	if err != nil {
		return err
	}
	may := found.Submission.State == civic.InProgress && actor.Check(w.Registry, civic.HandleCase, &found.Submission) == nil
	for _, s := range list {
		row := SaveRow{At: s.At, By: s.ByName, Auto: s.Auto, Text: s.Text, Letters: len([]rune(s.Text))}
		if may {
			row.RestoreURL = page.Back + "?restore=" + strconv.FormatInt(s.ID, 10) + "#act-draft-answer"
		}
		page.Rows = append(page.Rows, row)
	}
	return w.show(c, http.StatusOK, page)
}

// postPaper takes a signed paper that belongs to the answer. It comes with
// everything that stands in the form of the answer, which the page shows again:
// to attach a file saves nothing and loses nothing.
func (w *Web) postPaper(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	actor, ctx := httpx.ActorFrom(c), c.Request().Context()
	before, err := w.Triage.Case(ctx, actor, code)
	if err != nil {
		return err
	}
	if _, err := w.Attachments.List(ctx, attachments.OfStaff(actor, code)); err != nil { // before anything is read
		return err
	}
	taken, failed, fields, err := w.takeFiles(c, attachments.OfStaff(actor, code))
	if err == nil && len(failed) == 0 && taken == 0 {
		err = errs.New(errs.Invalid, "file.none_chosen")
	}
	words := w.words(c)
	var wrong []FieldError
	if err != nil || len(failed) > 0 {
		if wrong, err = fileErrors(words, failed, err); !worthKeeping(err) {
			return err
		}
	}
	found, readErr := w.Triage.Case(ctx, actor, code)
	if readErr != nil {
		return readErr
	}
	version, _ := strconv.Atoi(fields.Get("version"))
	if version == 0 && err == nil { // there was no form around it
		return c.Redirect(http.StatusSeeOther, staffCasePath(code)+"?done=paper#files")
	}
	page, old := w.besidePaper(c, posted{actor: actor, code: code, version: version, values: fields}, before.Submission.Version, found)
	if err != nil {
		page.Errors, page.Failed = append(wrong, page.Errors...), true
		return w.showFailed(c, err, page)
	}
	page.Notices = append(page.Notices, &Notice{Tone: "done", Text: words.t("action.paper.done") + " " + words.t("action.paper.done_unsaved")})
	if old {
		page.Notices = append(page.Notices, &Notice{Tone: "care", Title: words.t("desk.conflict_title"), Text: words.t("desk.conflict"), Alert: true})
		return w.show(c, http.StatusPreconditionFailed, page)
	}
	return w.show(c, http.StatusOK, page)
}

// besidePaper is the case with what stood in the form of the answer while a file
// was attached. It reports whether the case was another than the one that the
// person saw, and then shows both texts.
func (w *Web) besidePaper(c echo.Context, p posted, version int, found triage.Case) (page *StaffCasePage, old bool) {
	name, words := "draft-answer", w.words(c)
	if civic.WithAnswer.Has(found.Submission.State) {
		name = "correct"
	}
	typed := map[string]string{}
	for field := range p.values {
		typed[field] = p.values.Get(field)
	}
	var conflict *Conflict
	if old = p.version != 0 && p.version != version; old {
		conflict = w.conflict(words, p, name, found, typed)
	}
	page = w.staffCasePage(c, p.actor, found, attempt{action: name, values: typed, whole: true})
	if conflict != nil {
		page.meet(conflict, name)
	}
	return page, old
}

// CommitmentsPage lists what is promised and not done.
type CommitmentsPage struct {
	Frame
	Rows []OpenCommitmentRow
}

func (*CommitmentsPage) template() string { return "staff_commitments" }

// OpenCommitmentRow is one promise with its case.
type OpenCommitmentRow struct {
	CommitmentText
	Code, URL, Title string
	Agency           Name
}

func (w *Web) showCommitments(c echo.Context) error {
	list, err := w.Answers.OpenCommitments(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	page := &CommitmentsPage{Frame: w.staffFrame(c, "queue", w.words(c).t("answer_work.open_commitments"))}
	for _, o := range list {
		page.Rows = append(page.Rows, OpenCommitmentRow{
			CommitmentText: w.commitmentTexts([]civic.Commitment{o.Commitment})[0], Code: o.Code.String(), URL: staffCasePath(o.Code),
			Title: o.Title, Agency: w.agency(httpx.Lang(c), o.Agency),
		})
	}
	return w.show(c, http.StatusOK, page)
}
