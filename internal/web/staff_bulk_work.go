package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/bulk"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

const (
	worksPath = bulkPath + "/works"
	// linesPerPage is how many lines of a work stand on a page.
	linesPerPage = 100
	// everybodysWorks asks for what others did, too.
	everybodysWorks = "?of=everybody"
	// worksShown is how many works stand on a page.
	worksShown = 50
)

func workPath(id int64) string { return worksPath + "/" + strconv.FormatInt(id, 10) }

// WorkPage shows an act on many cases: what it would do, how far it is, or what
// became of each case.
type WorkPage struct {
	Frame
	Notice  *Notice
	State   civic.BulkState
	Act     string // its name in words
	By      string
	MadeAt  time.Time
	EndedAt time.Time
	URL     string
	// Settled of Total lines are seen to in the state that the work is in.
	Settled, Total int
	Summary        []string
	Input          []Fact
	Rows           []WorkRow
	Only           *Link // to the cases that are left alone, or back to all
	Next           string
	// Go confirms, Undo takes back; empty where neither is to be done.
	Go, Undo  string
	Droppable bool
	Links     []Link
}

func (*WorkPage) template() string { return "staff_bulk_work" }

// Busy reports whether something is under way, so that the page is worth
// looking at again.
func (p *WorkPage) Busy() bool { return p.State == civic.BulkChecking || p.State == civic.BulkRunning }

// WorkRow is one case of it.
type WorkRow struct {
	Code, URL, Title string
	Language         civic.Language
	State            civic.LineState
	What             []string // what would change, or did
	Problem          string   // why it would not go, or did not
}

// WorksPage lists what the person did to many cases, or what everybody did.
type WorksPage struct {
	Frame
	Rows []WorksRow
	// Tabs choose whose; empty for who oversees nobody.
	Tabs      []ViewLink
	Everybody bool
	Next      string
}

func (*WorksPage) template() string { return "staff_bulk_works" }

// WorksRow is one of them.
type WorksRow struct {
	URL, Act, Undone string
	By               string // who did it
	What             string // what was typed, in one line
	State            civic.BulkState
	MadeAt           time.Time
	Done, Total      int
}

// showWorks lists what the person did to many cases, or what everybody did.
func (w *Web) showWorks(c echo.Context) error {
	words := w.words(c)
	actor, everybody := httpx.ActorFrom(c), c.QueryParam("of") == "everybody"
	before, err := strconv.ParseInt(c.QueryParam("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	works, more, err := w.Bulk.List(c.Request().Context(), actor, everybody, before, worksShown)
	if err != nil {
		return err
	}
	page := &WorksPage{Frame: w.staffFrame(c, "queue", words.t("worklist.works")), Everybody: everybody}
	if bulk.Oversees(actor) {
		page.Tabs = []ViewLink{
			{Label: words.t("worklist.works_own"), URL: worksPath, Current: !everybody},
			{Label: words.t("worklist.works_all"), URL: worksPath + everybodysWorks, Current: everybody},
		}
	}
	if more {
		v := url.Values{"before": {strconv.FormatInt(works[len(works)-1].ID, 10)}}
		if everybody {
			v.Set("of", "everybody")
		}
		page.Next = worksPath + "?" + v.Encode()
	}
	for _, work := range works {
		row := WorksRow{
			URL: workPath(work.ID), Act: words.workName(work), State: work.State, MadeAt: work.MadeAt,
			Done: work.Lines[civic.LineDone], Total: work.Total(), By: work.UserName,
		}
		for _, f := range w.workInput(words, work) {
			row.What += "; " + f.Label + ": " + f.Value
		}
		row.What = strings.TrimPrefix(row.What, "; ")
		if work.UndoneBy != 0 {
			row.Undone = words.t("worklist.undone")
		}
		page.Rows = append(page.Rows, row)
	}
	return w.show(c, http.StatusOK, page)
}

// workName names an act, and that it takes another one back.
func (w words) workName(work civic.BulkWork) string {
	name := w.t("worklist.act." + string(work.Act))
	if work.UndoOf != 0 {
		return w.t("worklist.undo_of", "act", name)
	}
	return name
}

// workID reads the work that an address names.
func workID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, errs.Wrap(errs.NotFound, "bulk.not_found", err)
	}
	return id, nil
}

// showWork shows one act on many cases.
func (w *Web) showWork(c echo.Context) error {
	id, err := workID(c)
	if err != nil {
		return err
	}
	page, err := w.workPage(c, id)
	if err != nil {
		return err
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) workPage(c echo.Context, id int64) (*WorkPage, error) {
	words, actor := w.words(c), httpx.ActorFrom(c)
	after, err := strconv.Atoi(c.QueryParam("after"))
	if err != nil || after < 0 || after > bulk.Max {
		after = 0
	}
	left := c.QueryParam("only") == "left"
	var states []civic.LineState
	if left {
		states = linesLeft
	}
	work, lines, err := w.Bulk.Show(c.Request().Context(), actor, id, after, linesPerPage+1, states...)
	if err != nil {
		return nil, err
	}
	page := &WorkPage{
		Frame: w.staffFrame(c, "queue", words.workName(work)), State: work.State, Act: words.workName(work), By: work.UserName,
		MadeAt: work.MadeAt, EndedAt: work.EndedAt, URL: workPath(id), Total: work.Total(), Settled: settledOf(work),
		Summary: words.workSummary(work), Input: w.workInput(words, work),
	}
	if len(lines) > linesPerPage {
		lines = lines[:linesPerPage]
		page.Next = workPath(id) + "?after=" + strconv.Itoa(lines[linesPerPage-1].Place)
		if left {
			page.Next += "&only=left"
		}
	}
	page.Only = words.onlyLeft(work, left)
	for _, l := range lines {
		page.Rows = append(page.Rows, w.workRow(words, work, l))
	}
	if work.User == actor.User {
		w.offerWork(page, words, work)
	}
	if work.UndoneBy != 0 {
		page.Links = append(page.Links, Link{Label: words.t("worklist.see_undo"), URL: workPath(work.UndoneBy)})
	}
	if work.UndoOf != 0 {
		page.Links = append(page.Links, Link{Label: words.t("worklist.see_first"), URL: workPath(work.UndoOf)})
	}
	return page, nil
}

// linesLeft are the lines of cases that stay as they were.
var linesLeft = []civic.LineState{civic.LineUnfit, civic.LineRefused}

// onlyLeft leads to the cases that are left alone, where others stand between
// them, and back to all; nothing where there is nothing to choose.
func (w words) onlyLeft(work civic.BulkWork, now bool) *Link {
	n := 0
	for _, state := range linesLeft {
		n += work.Lines[state]
	}
	switch {
	case now:
		return &Link{Label: w.plural("worklist.all_lines", work.Total()), URL: workPath(work.ID)}
	case n > 0 && n < work.Total():
		return &Link{Label: w.plural("worklist.only_left", n), URL: workPath(work.ID) + "?only=left"}
	}
	return nil
}

// offerWork offers what the person may do with the work now.
func (w *Web) offerWork(page *WorkPage, words words, work civic.BulkWork) {
	fit, done := work.Lines[civic.LineFit], work.Lines[civic.LineDone]
	switch {
	case work.State == civic.BulkReady:
		page.Droppable = true
		if fit > 0 {
			page.Go = words.plural("worklist.go", fit)
		}
	case work.State == civic.BulkDone && work.UndoOf == 0 && work.UndoneBy == 0 && done > 0 && work.Act.Undoable():
		page.Undo = words.plural("worklist.undo", done)
	}
}

// settledOf is how many lines are seen to.
func settledOf(work civic.BulkWork) int {
	if work.State == civic.BulkRunning {
		return work.Total() - work.Lines[civic.LineFit]
	}
	return work.Total() - work.Lines[civic.LineWaiting]
}

// workSummary says in a few lines what would be done, or was.
func (w words) workSummary(work civic.BulkWork) []string {
	var out []string
	add := func(key string, state civic.LineState) {
		if n := work.Lines[state]; n > 0 {
			out = append(out, w.plural("worklist.sum."+key, n))
		}
	}
	switch work.State {
	case civic.BulkReady, civic.BulkChecking:
		add("fit", civic.LineFit)
		add("unfit", civic.LineUnfit)
	case civic.BulkRunning, civic.BulkDone:
		add("done", civic.LineDone)
		add("refused", civic.LineRefused)
		add("unfit", civic.LineUnfit)
	case civic.BulkDropped:
		out = append(out, w.t("worklist.dropped"))
	}
	if work.Capped {
		out = append(out, w.t("worklist.capped", "max", work.Total()))
	}
	if work.State == civic.BulkReady {
		key := "worklist.final"
		if work.Act.Undoable() && work.UndoOf == 0 {
			key = "worklist.undoable"
		}
		if work.UndoOf == 0 {
			out = append(out, w.t(key))
		}
	}
	return out
}

// workInput repeats what was typed into the form.
func (w *Web) workInput(words words, work civic.BulkWork) []Fact {
	var out []Fact
	for _, name := range bulkInputs {
		v := work.Input[name]
		if v == "" {
			continue
		}
		switch name {
		case "agency", "suggested_agency":
			v = w.agency(words.lang, civic.AgencyCode(v)).Text
		case "verdict":
			v = words.t("scope." + v)
		case "cluster":
			v = words.t("form.cluster." + v)
		case "channel":
			if e := w.elsewhere(words.lang, v); e != nil {
				v = e.Name
			}
		case "reason_code":
			if r := w.rejection(words.lang, civic.Submission{Rejection: civic.Rejection{Reason: v}}); r != nil {
				v = r.Reason
			}
		}
		out = append(out, Fact{words.t("form." + name + ".label"), v})
	}
	return out
}

func (w *Web) workRow(words words, work civic.BulkWork, l civic.BulkLine) WorkRow {
	row := WorkRow{Code: l.Code.String(), URL: staffCasePath(l.Code), Title: l.Title, Language: l.Language, State: l.State}
	if l.Reason != "" {
		row.Problem = words.lineProblem(l.Reason)
		return row
	}
	if l.Became != "" {
		row.What = w.changes(words, work, bulk.ReadSide(l.Was), bulk.ReadSide(l.Became))
	}
	return row
}

// lineProblem says why a case was left alone, by its code.
func (w words) lineProblem(code string) string {
	if strings.HasPrefix(code, "field.") {
		return w.t("worklist.form_problem")
	}
	if s := w.optional("problem." + code); s != "" {
		return s
	}
	return w.t("problem.kind.conflict")
}

// changes says what became of a case, or would.
func (w *Web) changes(words words, work civic.BulkWork, was, became bulk.Side) []string {
	var out []string
	say := func(key, from, to string) {
		if from != to {
			out = append(out, words.t("worklist.change."+key, "from", from, "to", to))
		}
	}
	say("state", words.t("state."+string(was.State)), words.t("state."+string(became.State)))
	where := func(code civic.AgencyCode) string {
		if code == "" {
			return words.t("staff.unrouted")
		}
		return w.agency(words.lang, code).Text
	}
	say("agency", where(was.Agency), where(became.Agency))
	day := func(at time.Time) string {
		if at.IsZero() {
			return words.t("worklist.no_day")
		}
		return i18n.ShortDate(words.lang, at, civic.Zone)
	}
	say("due", day(was.DueAt), day(became.DueAt))
	if was.Followers > 0 && work.UndoOf == 0 && work.Act != civic.BulkTag && work.Act != civic.BulkUntag {
		out = append(out, words.plural("worklist.change.followers", was.Followers))
	}
	tag := work.Input["tag"]
	switch adds := (work.Act == civic.BulkTag) == (work.UndoOf == 0); {
	case tag == "":
	case adds:
		out = append(out, words.t("worklist.change.tag", "tag", tag))
	default:
		out = append(out, words.t("worklist.change.untag", "tag", tag))
	}
	if len(out) == 0 {
		out = append(out, words.workName(work))
	}
	return out
}

// postWork gives the word, lays the work aside, or prepares taking it back.
func (w *Web) postWork(c echo.Context) error {
	id, err := workID(c)
	if err != nil {
		return err
	}
	ctx, actor, to := c.Request().Context(), httpx.ActorFrom(c), id
	switch c.Param("act") {
	case "go":
		err = w.Bulk.Confirm(ctx, actor, id)
	case "drop":
		err = w.Bulk.Drop(ctx, actor, id)
	case "undo":
		to, err = w.Bulk.TakeBack(ctx, actor, id)
	default:
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	if errs.KindOf(err) == errs.Conflict && err != nil {
		page, readErr := w.workPage(c, id)
		if readErr != nil {
			return err
		}
		page.Notice = &Notice{Tone: "care", Text: w.words(c).problem(err), Alert: true}
		return w.showFailed(c, err, page)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, workPath(to))
}
