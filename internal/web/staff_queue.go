package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/store"
	"hienke/internal/triage"
	"hienke/internal/worklist"
)

const (
	// queuePerPage is what a person goes through before thinking of turning the
	// page: three screens.
	queuePerPage = 50
	// countTo is how far views are counted. Beyond it a number tells nobody more,
	// and counting would read every open case.
	countTo = 999
	// countPatience is after how long no further saved view is counted, so that
	// many slow ones do not hold up the page.
	countPatience = 40 * time.Millisecond
)

// showQueue shows the cases in the person's reach, what will be late first.
func (w *Web) showQueue(c echo.Context) error {
	words, given, actor, ctx := w.words(c), c.QueryParams(), httpx.ActorFrom(c), c.Request().Context()
	tags, err := w.Worklist.Tags(ctx, actor)
	if err != nil {
		return err
	}
	request := queueRequest(given, tags)
	request.PerPage, request.CountTo, request.From = queuePerPage, countTo, placeIn(given)
	found, err := w.Triage.Queue(ctx, actor, request)
	if err != nil {
		return err
	}
	ids := make([]civic.SubmissionID, len(found.Items))
	for i, item := range found.Items {
		ids[i] = item.ID
	}
	marks, err := w.Worklist.Marks(ctx, actor, ids)
	if err != nil {
		return err
	}
	page := &QueuePage{
		Frame: w.staffFrame(c, "queue", words.t("staff.queue")), Total: found.Total, Count: words.counted(found.Total),
		Choosing: actor.May(civic.NoteCase) && len(found.Items) > 0, Claiming: actor.May(civic.TriageCase), Given: givenFields(given),
		Query: queueAddress(given, nil),
	}
	page.Q, page.Filters = w.queueFilters(words, actor, given, tags)
	page.Narrowing, page.Wide = narrowing(page.Q, page.Filters, given)
	page.Narrowing = append(w.figureChip(words, given), page.Narrowing...)
	page.Narrowed = len(page.Narrowing) > 0
	page.Saving = saveForm(words, nil)
	for _, item := range found.Items {
		page.Rows = append(page.Rows, w.queueRow(words, actor, item, marks))
	}
	page.Files = words.exportLinks(given)
	page.Previous, page.Next = turns(given, request, found)
	if err := w.fillViews(c, page, given, tags); err != nil {
		return err
	}
	page.Notice = words.queueNotice(given)
	return w.show(c, http.StatusOK, page)
}

// counted says how many cases a view has, and of very many that they are many.
func (w words) counted(n int) string {
	if n > countTo {
		return w.t("worklist.many", "n", i18n.Number(w.lang, countTo))
	}
	return w.plural("staff.count", n)
}

// tally is the number beside a view: short, and empty where nothing was
// counted.
func (w words) tally(n int) string {
	switch {
	case n < 0:
		return ""
	case n > countTo:
		return i18n.Number(w.lang, countTo) + "+"
	}
	return i18n.Number(w.lang, int64(n))
}

// queueNotice tells what was just done, where the address says so.
func (w words) queueNotice(given url.Values) *Notice {
	done := given.Get("done")
	for _, key := range []string{"action." + done + ".done", "worklist.done." + done} {
		if done != "" && w.catalogue.Has(key) {
			return &Notice{Tone: "done", Text: w.t(key, "n", given.Get("n"))}
		}
	}
	return nil
}

// turns are the addresses of the pages before and behind the one that is shown.
func turns(given url.Values, r triage.QueueRequest, found store.QueuePage) (previous, next string) {
	if len(found.Items) == 0 {
		return "", ""
	}
	back := r.From != nil && r.From.Back
	edge := func(item store.QueueItem, back bool) string {
		at := store.PlaceOf(item.Submission, r.Sort).At
		return queueAddress(given, &triage.QueuePlace{At: at, Code: item.Code, Back: back})
	}
	if r.From != nil && (!back || found.More) {
		previous = edge(found.Items[0], true)
	}
	if back || found.More {
		next = edge(found.Items[len(found.Items)-1], false)
	}
	return previous, next
}

// fillViews puts the standing views and the saved ones on the page, each with
// how many cases it has.
func (w *Web) fillViews(c echo.Context, page *QueuePage, given url.Values, tags []civic.Tag) error {
	words, actor, ctx := w.words(c), httpx.ActorFrom(c), c.Request().Context()
	standing := civic.ViewsFor(actor)
	requests := make([]triage.QueueRequest, len(standing))
	for i, v := range standing {
		requests[i] = triage.QueueRequest{View: v}
	}
	counts, err := w.Triage.CountQueues(ctx, actor, countTo, 0, requests)
	if err != nil {
		return err
	}
	saved, err := w.Worklist.Views(ctx, actor)
	if err != nil {
		return err
	}
	here, now := page.Query, viewOf(given)
	for i, v := range standing {
		address := queuePath
		if v != civic.ViewAll {
			address += "?view=" + string(v)
		}
		label := words.t("worklist.view." + string(v))
		if v == civic.ViewAll && actor.Bound() {
			label = words.t("worklist.view.agency")
		}
		page.Views = append(page.Views, ViewLink{
			Label: label, URL: address, Count: words.tally(counts[i]), Late: v == civic.ViewOverdue && counts[i] > 0,
			Current: v == now && !page.Narrowed,
		})
	}
	if page.Team, err = w.teamViews(c); err != nil {
		return err
	}
	requests = requests[:0]
	for _, v := range saved {
		filters, err := url.ParseQuery(v.Query)
		if err != nil {
			filters = url.Values{} // we wrote it ourselves; else it filters nothing
		}
		requests = append(requests, queueRequest(filters, tags))
		address := queueAddress(filters, nil)
		page.Saved = append(page.Saved, ViewLink{Label: v.Name, URL: address, Current: address == here && page.Narrowed, Shared: v.Shared, By: v.OwnerName})
	}
	if counts, err = w.Triage.CountQueues(ctx, actor, countTo, countPatience, requests); err != nil {
		return err
	}
	for i := range page.Saved {
		page.Saved[i].Count = words.tally(counts[i])
	}
	return nil
}

func (w *Web) queueRow(words words, actor civic.Actor, item store.QueueItem, marks worklist.Marks) QueueRow {
	now := w.Now()
	row := QueueRow{
		Code: item.Code.String(), URL: staffCasePath(item.Code), Title: item.Title, Language: item.Language,
		Reason: words.shortReason(item), Agency: w.agency(words.lang, item.Agency), Assignee: item.AssigneeName,
		State: item.State, DueAt: item.DueAt, Urgent: item.Urgent, DueState: triage.DueStateOf(item.Submission, now),
		DueText: w.dueText(words, item.Submission, now), Duplicates: item.Duplicates,
	}
	if actor.May(civic.NoteCase) {
		row.Choice = chosen{item.Code, item.Version}.String()
	}
	for _, g := range marks.Tags[item.ID] {
		row.Tags = append(row.Tags, g.Name)
	}
	if claim, ok := marks.Claims[item.ID]; ok && item.State == civic.Triage {
		key := "worklist.claimed_by"
		if claim.User == actor.User {
			key = "worklist.claimed_own"
		}
		row.Claimed = words.t(key, "name", claim.UserName, "time", claim.ExpiresAt.In(civic.Zone).Format("15:04"))
	}
	if suggests(item) {
		row.Agency, row.Suggested = w.agency(words.lang, item.Route.Agency), true
	}
	return row
}

// leastSuggestion is the probability from which a line of the queue names the
// agency that the router thought best. Below one in four it would mislead more
// often than help; the case itself shows all candidates with their scores.
const leastSuggestion = 0.25

// suggests reports whether a line names the agency that the router thought best
// of a case that has none yet.
func suggests(item store.QueueItem) bool {
	return item.Agency == "" && item.HasRoute && item.Route.Agency != "" && item.Route.Score >= leastSuggestion
}

// shortReason says in one line why a case is where it is: the question for the
// coordinators, or what chose the agency, and the words that counted.
func (w words) shortReason(item store.QueueItem) string {
	var parts []string
	if item.Channel.Keyed() {
		parts = append(parts, w.t("desk.channels."+string(item.Channel)))
	}
	if item.Hold != "" {
		parts = append(parts, w.reasonCode(item.Hold))
	}
	if r := w.reasonCode(item.TriageReason); r != "" && item.State == civic.Triage {
		parts = append(parts, r)
	}
	if r := item.Route; item.HasRoute {
		score := i18n.Percent(w.lang, r.Score)
		if s := w.optional("staff.by." + string(r.By)); s != "" {
			parts = append(parts, w.t("staff.by."+string(r.By), "rule", r.RuleID, "score", score))
		}
		if len(r.Words) > 0 && r.By != civic.RouteByPerson {
			parts = append(parts, strings.Join(r.Words, ", "))
		}
	}
	return strings.Join(parts, " · ")
}

// reasonCode names a code of triage or hold, and nothing for none.
func (w words) reasonCode(code string) string {
	if code == "" {
		return ""
	}
	if s := w.optional("desk.reason_code." + code); s != "" {
		return s
	}
	return code
}

// routeLines tells the stored reason of a route: what decided, how sure it
// was, and the words that counted.
func (w words) routeLines(r civic.Route) []string {
	key := "desk.route_by." + string(r.By)
	var lines []string
	switch r.By {
	case civic.RouteByRule:
		lines = append(lines, w.t(key, "rule", r.RuleID, "version", r.RuleVersion))
	case civic.RouteByModel:
		lines = append(lines, w.t(key, "score", i18n.Percent(w.lang, r.Score)))
	case civic.RouteByPerson, civic.RouteByNone:
		lines = append(lines, w.t(key))
	}
	if len(r.Words) > 0 {
		lines = append(lines, w.t("desk.route_words", "words", strings.Join(r.Words, ", ")))
	}
	return lines
}
