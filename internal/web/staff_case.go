package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/presence"
	"hienke/internal/triage"
)

// staffCasePath is the staff's page of a case.
func staffCasePath(code civic.Code) string { return "/staff/cases/" + code.String() }

// showStaffCase shows everything the person may see of a case, and what may be
// done to it now.
func (w *Web) showStaffCase(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	actor := httpx.ActorFrom(c)
	found, err := w.Triage.Case(c.Request().Context(), actor, code)
	if errs.KindOf(err) == errs.NotFound && err != nil {
		return w.showOpinionCase(c, actor, code, err)
	}
	if err != nil {
		return err
	}
	tried, told := w.begun(c, actor, found)
	if told == nil {
		tried = prefilled(c.QueryParams(), found)
	}
	page := w.staffCasePage(c, actor, found, tried)
	page.PresentURL = presentPath(code)
	if page.Present, err = w.attend(c, code, placeOfPage(actor), presence.Looking); err != nil {
		return err
	}
	if told != nil {
		page.Notices = append(page.Notices, told)
	}
	if done := c.QueryParam("done"); done != "" {
		if text := w.words(c).optional("action." + done + ".done"); text != "" {
			page.Notices = append(page.Notices, &Notice{Tone: "done", Text: text})
		} else if done == doneSubmitted {
			page.Notices = append(page.Notices, &Notice{Tone: "done", Text: w.words(c).t("action.draft-answer.done_submitted")})
		}
	}
	return w.show(c, http.StatusOK, page)
}

// staffCasePage builds the page from what the use case returned and from what
// the person tried last.
func (w *Web) staffCasePage(c echo.Context, actor civic.Actor, found triage.Case, tried attempt) *StaffCasePage {
	words, lang, now := w.words(c), httpx.Lang(c), w.Now()
	sub := found.Submission
	page := &StaffCasePage{
		Frame: w.staffFrame(c, "queue", sub.Code.String()), Code: sub.Code.String(), CaseTitle: sub.Title, Body: sub.Body,
		Language: sub.Language, Kind: sub.Kind, State: sub.State, Urgent: sub.Urgent, Agency: w.agency(lang, sub.Agency),
		Topic: w.topic(lang, sub.Topic), Area: w.area(lang, sub.Area), Assignee: found.AssigneeName, Channel: sub.Channel, Consent: sub.Consent,
		Handovers: sub.Handovers, Visibility: sub.Visibility, ReceivedAt: sub.ReceivedAt, ForwardDueAt: sub.ForwardDueAt,
		DueAt: sub.DueAt, DueState: triage.DueStateOf(sub, now), DueText: w.dueText(words, sub, now),
		SenderType: sub.Submitter, NameConsent: sub.PublishName,
		Route: w.routeText(words, found), Scope: w.scopeText(words, found), Restricted: sub.Restricted, Answer: words.staffAnswer(found), Rejection: w.rejection(lang, sub),
		Messages: words.messageLines(found.Messages), Timeline: w.timeline(words, found.Timeline, true),
	}
	page.Guardian = words.guardianLines("desk", sub.Guardian, found.Guardian)
	page.Unpublishable = !sub.Guardian.Publishable()
	for _, q := range found.Inquiries {
		page.Questions = append(page.Questions, Question{
			Text: q.Question, AskedAt: q.AskedAt, ReplyBy: q.ReplyBy, Open: q.EndedAt.IsZero(), Reply: q.Reply, EndedAt: q.EndedAt,
		})
	}
	for _, b := range found.Before {
		on := words.t("privacy.text_corrected", "day", i18n.Date(words.lang, b.At, civic.Zone))
		page.Before = append(page.Before, EarlierText{on, b.Reason, b.Title, b.Body})
	}
	page.Opinions, page.Todos = w.opinionTexts(words, found), w.todoLines(words, actor, found)
	if found.Rating != nil {
		page.Helped, page.WhyHelped = found.Rating.Helped, found.Rating.Reason
	}
	page.FirstDueAt = sub.FirstDueAt
	page.StandsIn, page.Approval = found.StandsIn, w.agency(lang, found.ApprovalAt).Text
	if found.Unapprovable {
		page.Approval = words.t("absence.nobody_approves")
	}
	if sub.Visibility.Public() {
		page.PublicURL = publicPath(lang, sub.Code)
	}
	page.Look = words.lookForm(sub.Code, found)
	page.Duplicates, page.Similar = compared(sub.Code, w.duplicates(words, actor, found)), compared(sub.Code, w.similar(words, found))
	page.Cluster, page.Related = words.clusterText(found), words.relatedCases(found)
	page.Files = w.staffFiles(c, words, actor, sub.Code)
	page.Work = w.answerWork(c, words, actor, found)
	settling := page.settling(tried)
	if n := len(found.Timeline); n > 0 {
		page.Seen = found.Timeline[n-1].ID
	}
	if tried.action == "" {
		tried = page.unsaved(words)
	}
	w.addActions(page, words, actor, found, tried)
	if settling {
		page.Kept = nil
	}
	return page
}

// settling puts what was typed about a promise into its form again, and reports
// whether there is one.
func (p *StaffCasePage) settling(tried attempt) bool {
	for i, c := range p.Work.Promised {
		if tried.action == "settle-commitment" && c.SettleURL != "" && tried.values["commitment"] == strconv.FormatInt(c.ID, 10) {
			p.Work.Promised[i].Typed = tried.values["note"]
			return true
		}
	}
	return false
}

// unsaved is what the person wrote last and did not keep, in its form again.
func (p *StaffCasePage) unsaved(words words) attempt {
	u := p.Work.Unsaved
	if u == nil || p.State != civic.InProgress || p.Work.SavesURL == "" {
		return attempt{}
	}
	p.Notices = append(p.Notices, &Notice{Tone: "care", Text: words.t("answer_work.unsaved", "time", i18n.DateTime(words.lang, u.At, civic.Zone))})
	return attempt{action: "draft-answer", values: map[string]string{"text": u.Text, "outcome": string(u.Outcome)}}
}

const (
	// leastScore is the least probability worth showing: below it a candidate
	// would read 0%.
	leastScore = 0.005
	// similarShown is how many similar cases a person looks through.
	similarShown = 5
)

// routeText is the stored reason of the route, with the agencies that could be
// right.
func (w *Web) routeText(words words, found triage.Case) RouteText {
	var out RouteText
	sub := found.Submission
	if r := words.reasonCode(sub.TriageReason); r != "" {
		out.Lines = append(out.Lines, words.t("desk.triage_reason", "reason", r))
	}
	if r := words.reasonCode(sub.Hold); r != "" {
		out.Lines = append(out.Lines, words.t("desk.hold", "reason", r))
	}
	if sub.KindOpen {
		out.Lines = append(out.Lines, words.t("desk.kind_open"))
	}
	if found.Route == nil {
		return out
	}
	out.Lines = append(out.Lines, words.routeLines(*found.Route)...)
	for _, c := range found.Route.Candidates {
		if c.Score < leastScore {
			continue
		}
		out.Candidates = append(out.Candidates, Candidate{
			Agency: w.agency(words.lang, c.Agency), Score: i18n.Percent(words.lang, c.Score),
		})
	}
	if len(out.Candidates) > 1 {
		first, second := found.Route.Candidates[0], found.Route.Candidates[1]
		out.Second = &RunnerUp{Agency: w.agency(words.lang, second.Agency), Behind: words.behind(first.Score - second.Score)}
		if len(second.Words) > 0 {
			out.Second.Words = words.t("desk.second_words", "words", strings.Join(second.Words, ", "))
		}
	}
	return out
}

// behind says by how many percentage points one share is below another.
func (w words) behind(lead float64) string {
	if points := int(lead*100 + 0.5); points > 0 {
		return w.plural("desk.second_behind", points)
	}
	return w.t("desk.second_close")
}

// duplicates are the earlier case that this one follows, or those that follow
// it.
func (w *Web) duplicates(words words, actor civic.Actor, found triage.Case) []Related {
	var out []Related
	if found.Root != nil {
		r := related(*found.Root, actor.Reaches(w.Registry, found.Root.Agency))
		r.Reason = words.t("desk.duplicate_of")
		if m := found.Membership; m != nil && m.Jaccard > 0 {
			r.Reason += ", " + words.t("desk.score", "score", i18n.Percent(words.lang, m.Jaccard))
		}
		out = append(out, r)
	}
	for _, m := range found.Members {
		r := related(m, actor.Reaches(w.Registry, m.Agency))
		r.Reason = words.t("staff.duplicates_word") + ", " + i18n.ShortDate(words.lang, m.ReceivedAt, civic.Zone)
		out = append(out, r)
	}
	return out
}

func (w *Web) similar(words words, found triage.Case) []Related {
	var out []Related
	plain := 0
	for _, s := range found.Similar {
		if s.Obstacle == "" { // what is nearly the same is shown in any case
			if plain++; plain > similarShown {
				break
			}
		}
		r := related(s.Case, s.Visible)
		r.Reason = words.t("desk.score", "score", i18n.Percent(words.lang, s.Score))
		if s.Obstacle != "" {
			r.Reason += ", " + words.t("desk.obstacle."+s.Obstacle)
		}
		if s.Followers > 0 {
			r.Reason += ", " + words.t("desk.cluster_size", "n", s.Followers+1)
		}
		words.adviseOn(&r, found.Submission, s)
		if len(s.Terms) > 0 {
			r.Reason += ", " + words.t("desk.similar_terms", "terms", strings.Join(s.Terms, ", "))
		}
		if !s.Visible {
			r.URL = publicPath(words.lang, s.Case.Code)
			r.Title = s.Case.PublicTitle
		}
		out = append(out, r)
	}
	return out
}

func related(sub civic.Submission, visible bool) Related {
	r := Related{Code: sub.Code.String(), Title: sub.Title, Language: sub.Language, State: sub.State}
	if visible {
		r.URL = staffCasePath(sub.Code)
	}
	return r
}

// staffAnswer is the answer with who drafted and approved it. Names come out
// of the history, which is the only place that has them.
func (w words) staffAnswer(found triage.Case) *StaffAnswer {
	a := found.Answer
	if a == nil {
		return nil
	}
	name := func(id civic.UserID) string {
		for _, e := range found.Timeline {
			if e.User == id && e.UserName != "" {
				return e.UserName
			}
		}
		return "–"
	}
	out := &StaffAnswer{
		HTML: richText(a.Text), Points: a.Points, Correction: a.Correction, Document: documentText(a.Document, staffCasePath(found.Submission.Code)+"/files/"), Text: a.Text, Outcome: a.Outcome, By: w.t("desk.answer_by", "name", name(a.DraftedBy), "time", w.moment(a.DraftedAt)),
	}
	out.Found = slices.DeleteFunc(marked(a.Text), func(r MarkedRun) bool { return r.Kind == "" })
	if answers.Scheduled(found.Submission, *a) {
		out.PublishAt = a.PublishAt
	}
	if !a.ApprovedAt.IsZero() {
		out.ApprovedBy = w.t("desk.answer_approved", "name", name(a.ApprovedBy), "time", w.moment(a.ApprovedAt))
	}
	if a.Remarks != "" {
		out.Remarks = w.t("desk.remarks", "text", a.Remarks)
	}
	return out
}

func (w words) messageLines(messages []civic.Message) []MessageLine {
	var out []MessageLine
	for _, m := range messages {
		line := MessageLine{
			Kind: m.Kind, Failed: m.State == civic.MessageNotSent,
			State: w.t("desk.message_state."+string(m.State), "time", i18n.DateTime(w.lang, m.SentAt, civic.Zone)),
		}
		if m.Reason != "" {
			if line.Reason = w.optional("desk.message_reason." + m.Reason); line.Reason == "" {
				line.Reason = m.Reason
			}
		}
		out = append(out, line)
	}
	return out
}
