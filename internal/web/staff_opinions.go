package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/opinions"
	"hienke/internal/triage"
)

const opinionsPath = "/staff/opinions"

// opinionRoutes are the pages of those who are asked for an opinion. What the
// owner of a case does stands among its actions.
func (w *Web) opinionRoutes(g *echo.Group) {
	g.GET("/opinions", w.showOpinions, httpx.Require(civic.SeeQueue))
	for name := range opinionActs {
		g.POST("/cases/:code/"+name, w.postOpinion, named(name), httpx.Require(civic.HandleCase))
	}
}

// opinionActs calls the use case of each act of the asked agency, with what was
// typed into its one field.
var opinionActs = map[string]struct {
	field string
	do    func(s *opinions.Service, ctx context.Context, actor civic.Actor, id int64, text string) error
}{
	"give-opinion":    {"text", (*opinions.Service).Give},
	"decline-opinion": {"reason", (*opinions.Service).Decline},
}

// OpinionsPage lists what other agencies ask.
type OpinionsPage struct {
	Frame
	Count string
	Rows  []OpinionRow
	More  string // says that not all are listed; may be empty
}

func (*OpinionsPage) template() string { return "staff_opinions" }

// OpinionRow is one request in the list.
type OpinionRow struct {
	Code, URL, Title string
	Language         civic.Language
	Question         string // the beginning of it
	Asker, Agency    Name
	DueAt            time.Time
	DueText          string
	Late             bool
}

// questionShown is how much of a question a row shows, in letters: two lines.
const questionShown = 160

// showOpinions lists what waits for an opinion of the person's agency.
func (w *Web) showOpinions(c echo.Context) error {
	words := w.words(c)
	list, total, err := w.Opinions.List(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	page := &OpinionsPage{Frame: w.staffFrame(c, "queue", words.t("worklist.view.opinions")), Count: words.plural("opinions.count", total)}
	if total > len(list) {
		page.More = words.t("opinions.more", "n", strconv.Itoa(len(list)))
	}
	for _, r := range list {
		page.Rows = append(page.Rows, OpinionRow{
			Code: r.Code.String(), URL: staffCasePath(r.Code), Title: r.Title, Language: r.Language, Question: firstLetters(r.Question, questionShown),
			Asker: w.agency(words.lang, r.Asker), Agency: w.agency(words.lang, r.Agency),
			DueAt: r.DueAt, DueText: w.opinionDue(words, r.Opinion), Late: r.Late(w.Now()),
		})
	}
	return w.show(c, http.StatusOK, page)
}

// opinionDue says how much time is left for an opinion, in working days; of one
// that was settled it says nothing.
func (w *Web) opinionDue(words words, o civic.Opinion) string {
	now := w.Now()
	if o.State != civic.OpinionAsked {
		return ""
	}
	switch left := w.Times.Now().Calendar.Remaining(now, o.DueAt, civic.WorkingDays); {
	case o.Late(now):
		return words.plural("due.over", max(-left, 1))
	case left == 0:
		return words.t("due.today")
	default:
		return words.plural("due.left", left)
	}
}

// OpinionText is a request and what came of it.
type OpinionText struct {
	Asker, Agency Name
	Question      string
	AskedBy       string // who asked and when
	DueAt         time.Time
	DueText       string
	Late          bool
	State         civic.OpinionState
	Text          string
	SettledBy     string // who settled it and when; may be empty
}

// moment is a time to the minute in the language of the page.
func (w words) moment(at time.Time) string { return i18n.DateTime(w.lang, at, civic.Zone) }

// Open reports whether an opinion is still waited for.
func (o OpinionText) Open() bool { return o.State == civic.OpinionAsked }

func (w *Web) opinionText(words words, o civic.Opinion) OpinionText {
	out := OpinionText{
		Asker: w.agency(words.lang, o.Asker), Agency: w.agency(words.lang, o.Agency), Question: o.Question, DueAt: o.DueAt,
		DueText: w.opinionDue(words, o), Late: o.Late(w.Now()), State: o.State, Text: o.Text,
	}
	out.AskedBy = words.t("opinions.asked_by", "name", o.AskedByName, "time", words.moment(o.AskedAt))
	if !o.Open() {
		out.SettledBy = words.t("opinions.settled_by", "name", o.SettledByName, "time", words.moment(o.SettledAt))
	}
	return out
}

// opinionTexts are the requests about a case that its own agency reads.
func (w *Web) opinionTexts(words words, found triage.Case) []OpinionText {
	out := make([]OpinionText, 0, len(found.Opinions))
	for _, o := range found.Opinions {
		out = append(out, w.opinionText(words, o))
	}
	return out
}

// mayAskOpinion: the owner asks while it works on the case.
func mayAskOpinion(_ civic.Actor, c *triage.Case) bool {
	return civic.AskableForOpinion.Has(c.Submission.State) && !c.Submission.Restricted
}

func mayWithdrawOpinion(_ civic.Actor, c *triage.Case) bool {
	return len(civic.Waiting(c.Opinions)) > 0
}

func askOpinionFields(w *Web, f *form, _ *triage.Case) []Field {
	f.suggest("days", strconv.Itoa(w.Registry.Limits.Opinion.Amount))
	say := func(field *Field) {
		field.Label, field.Hint = f.words.t("opinions.form."+field.Name+".label"), f.words.optional("opinions.form."+field.Name+".hint")
	}
	return []Field{
		f.field("agency", func(field *Field) { w.agencySelect(f.words, true)(field); say(field) }),
		f.field("question", func(field *Field) { textarea(4)(field); say(field) }),
		f.field("days", func(field *Field) { field.Required, field.Inputmode = true, "numeric"; say(field) }),
	}
}

func withdrawOpinionFields(w *Web, f *form, c *triage.Case) []Field {
	return []Field{f.field("opinion", func(field *Field) {
		field.Widget, field.Required, field.Label = "select", true, f.words.t("opinions.form.opinion.label")
		field.Options = []Option{{Label: f.words.t("form.choose")}}
		for _, o := range civic.Waiting(c.Opinions) {
			field.Options = append(field.Options, Option{Value: strconv.FormatInt(o.ID, 10), Label: w.agency(f.words.lang, o.Agency).Text})
		}
	})}
}

func askOpinion(w *Web, ctx context.Context, p posted) error {
	days, err := strconv.Atoi(strings.TrimSpace(p.values.Get("days")))
	if err != nil {
		return errs.InvalidFields(errs.Field{Name: "days", Code: "field.not_a_number"})
	}
	return w.Opinions.Ask(ctx, p.actor, p.code, p.version, opinions.Request{
		Agency: civic.AgencyCode(p.values.Get("agency")), Question: p.values.Get("question"), Days: days,
	})
}

func withdrawOpinion(w *Web, ctx context.Context, p posted) error {
	id, err := strconv.ParseInt(p.values.Get("opinion"), 10, 64)
	if err != nil {
		return errs.InvalidFields(errs.Field{Name: "opinion", Code: "field.required"})
	}
	return w.Opinions.Withdraw(ctx, p.actor, p.code, p.version, id)
}

// OpinionCasePage is a case for those who are asked about it: the text without
// its sender, the question, and the form for the opinion.
type OpinionCasePage struct {
	Frame
	Errors          []FieldError
	Notices         []*Notice
	Code, CaseTitle string
	Body            string
	Language        civic.Language
	Kind            civic.Kind
	Topic           Name
	Requests        []OpinionText // the newest first
	Actions         []OpinionAction
	Closed          bool
	Kept            []Fact // what was typed for a request that is settled
}

func (*OpinionCasePage) template() string { return "staff_opinion" }

// OpinionAction is what may be done about a request.
type OpinionAction struct {
	Action
	Opinion string // the id
}

// showOpinionCase shows a case to somebody of an agency that is asked about it.
// To everybody else the case is as missing as before: why is the answer then.
func (w *Web) showOpinionCase(c echo.Context, actor civic.Actor, code civic.Code, why error) error {
	page, err := w.opinionCasePage(c, actor, code, attempt{}, "")
	if errs.KindOf(err) == errs.NotFound && err != nil {
		return why
	}
	if err != nil {
		return err
	}
	if text := w.words(c).optional("action." + c.QueryParam("done") + ".done"); text != "" {
		page.Notices = append(page.Notices, &Notice{Tone: "done", Text: text})
	}
	return w.show(c, http.StatusOK, page)
}

// opinionCasePage builds the page; tried is what was sent about the request id.
func (w *Web) opinionCasePage(c echo.Context, actor civic.Actor, code civic.Code, tried attempt, id string) (*OpinionCasePage, error) {
	words := w.words(c)
	list, err := w.Opinions.OfCase(c.Request().Context(), actor, code)
	if err != nil {
		return nil, err
	}
	first := list[0]
	page := &OpinionCasePage{
		Frame: w.staffFrame(c, "queue", code.String()), Code: code.String(), CaseTitle: first.Title, Body: first.Body, Language: first.Language,
		Kind: first.Kind, Topic: w.topic(words.lang, first.Topic), Closed: first.Closed,
	}
	offered := false
	for _, r := range list {
		page.Requests = append(page.Requests, w.opinionText(words, r.Opinion))
		if r.Closed || !actor.MayGiveOpinion(w.Registry, r.Opinion) {
			continue
		}
		for _, name := range []string{"give-opinion", "decline-opinion"} {
			key := strconv.FormatInt(r.ID, 10)
			now := attempt{}
			if tried.action == name && id == key {
				now, offered = tried, true
			}
			page.Actions = append(page.Actions, page.opinionAction(words, name, key, w.agency(words.lang, r.Agency), staffCasePath(code), now))
		}
	}
	if tried.action != "" && !offered {
		page.Kept = words.keptTexts(tried.values)
	}
	return page, nil
}

func (p *OpinionCasePage) opinionAction(words words, name, id string, agency Name, path string, tried attempt) OpinionAction {
	f := newForm(words, map[string]string{}, nil)
	if tried.action != "" {
		f = newForm(words, tried.values, errs.FieldsOf(tried.err))
	}
	f.prefix = name + "-" + id + "-"
	rows := map[string]int{"give-opinion": 10}[name]
	field := f.field(opinionActs[name].field, func(field *Field) {
		textarea(max(rows, 4))(field)
		field.Label, field.Hint = words.t("opinions.form."+name+".label"), words.optional("opinions.form."+name+".hint")
	})
	p.Errors = append(p.Errors, f.summary()...)
	button := Button{Label: words.t("action." + name + ".go")}
	if name == "decline-opinion" {
		button.Tone = "secondary"
	}
	return OpinionAction{Opinion: id, Action: Action{
		Name: name + "-" + id, URL: path + "/" + name, Label: words.t("action."+name+".label", "agency", agency.Text), Effect: words.t("action." + name + ".effect"),
		Open: tried.action != "" || name == "give-opinion" && len(p.Actions) == 0, Fields: []Field{field}, Buttons: []Button{button},
	}}
}

// postOpinion gives or declines an opinion and leads back to the case.
func (w *Web) postOpinion(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	name, actor, given := c.Param("action"), httpx.ActorFrom(c), c.FormValue("opinion")
	act := opinionActs[name]
	id, err := strconv.ParseInt(given, 10, 64)
	if err != nil {
		return errs.Wrap(errs.NotFound, "opinion.not_found", err)
	}
	text := c.FormValue(act.field)
	if err = act.do(w.Opinions, c.Request().Context(), actor, id, text); err == nil {
		return c.Redirect(http.StatusSeeOther, staffCasePath(code)+"?done="+name)
	}
	if !worthKeeping(err) {
		return err
	}
	page, readErr := w.opinionCasePage(c, actor, code, attempt{action: name, values: map[string]string{act.field: text}, err: err}, given)
	if readErr != nil {
		return err
	}
	if len(page.Errors) == 0 {
		page.Notices = append(page.Notices, w.problemNotice(w.words(c), err))
	}
	page.Failed = true
	return w.showFailed(c, err, page)
}
