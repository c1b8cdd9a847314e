package api

import (
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/triage"
)

// caseOf shapes a case for staff.
func (a *API) caseOf(c echo.Context, actor civic.Actor, found triage.Case) Case {
	s := found.Submission
	out := Case{
		Code: s.Code.String(), Version: s.Version, Status: string(s.State), Kind: string(s.Kind), Title: s.Title, Body: s.Body,
		Topic: maybe(s.Topic), Area: maybe(s.Area), Language: string(s.Language), Channel: string(s.Channel),
		SubmitterType: string(s.Submitter), PublishName: s.PublishName, Guardian: guardianConsent(s.Guardian, found.Guardian), HasContact: found.HasContact,
		Agency: maybe(s.Agency), Assignee: person(s.Assignee, found.AssigneeName),
		ReceivedAt: s.ReceivedAt.UTC(), ForwardDueAt: s.ForwardDueAt.UTC(), DueAt: s.DueAt.UTC(),
		DueState: string(triage.DueStateOf(s, a.Now())), AnsweredAt: maybeTime(s.AnsweredAt), UpdatedAt: s.UpdatedAt.UTC(),
		Handovers: s.Handovers, TriageReason: maybe(s.TriageReason), Hold: maybe(s.Hold), Rejection: a.rejection(c, s),
		Scope: a.scopeDecision(c, found.Scope), Restricted: s.Restricted, Urgent: s.Urgent,
		Visibility: string(s.Visibility), PublicTitle: s.PublicTitle, PublicBody: s.PublicBody,
		PublishedAt: maybeTime(s.PublishedAt), Answer: caseAnswer(found.Answer),
		Duplicates: a.duplicates(c, actor, found), DuplicatesTotal: found.Followers,
		ClusterFirstAt: maybeTime(found.First), ClusterLastAt: maybeTime(found.Last), Related: relatedCases(found.Related), Opinions: a.opinionsOf(found.Opinions), Todos: todosOf(found.Todos),
		Messages: messages(found.Messages), Inquiries: inquiries(found.Inquiries), Timeline: a.caseSteps(c, found.Timeline),
	}
	if found.Route != nil {
		out.Route = a.route(c, *found.Route)
	}
	return out
}

func caseAnswer(a *civic.Answer) *CaseAnswer {
	if a == nil {
		return nil
	}
	out := &CaseAnswer{
		Text: a.Text, Outcome: maybe(a.Outcome), Agency: maybe(a.Agency), DraftedBy: int64(a.DraftedBy), DraftedAt: a.DraftedAt.UTC(),
		SubmittedAt: maybeTime(a.SubmittedAt), ApprovedAt: maybeTime(a.ApprovedAt), Remarks: a.Remarks,
		Document: AnswerDocument{Number: a.Document.Number, Date: a.Document.Date.ISO(), Signatory: a.Document.Signatory, File: a.Document.File},
		Points:   points(a.Points), Correction: a.Correction, PublishAt: maybeTime(a.PublishAt),
	}
	if a.ApprovedBy != 0 {
		by := int64(a.ApprovedBy)
		out.ApprovedBy = &by
	}
	return out
}

func messages(sent []civic.Message) []Message {
	out := make([]Message, len(sent))
	for i, m := range sent {
		out[i] = Message{
			Kind: string(m.Kind), State: string(m.State), Reason: m.Reason, CreatedAt: m.CreatedAt.UTC(), SentAt: maybeTime(m.SentAt),
		}
	}
	return out
}

func (a *API) caseSteps(c echo.Context, events []civic.Event) []CaseStep {
	out := make([]CaseStep, len(events))
	for i, e := range events {
		out[i] = CaseStep{
			At: e.At.UTC(), Event: string(e.Type), Actor: string(e.Actor), Person: e.UserName, From: string(e.From),
			Status: string(e.To), Agency: maybe(e.Agency), Reason: a.stepReason(c, e),
		}
	}
	return out
}

// stepReason is the reason of a step. The name of a rule, and what the program
// wrote, is given in the language that was asked for; what people wrote stands as
// it is.
func (a *API) stepReason(c echo.Context, e civic.Event) string {
	lang := httpx.Lang(c)
	switch days, late := civic.EscalatedAfter(e.Reason); {
	case e.Type == civic.EventEscalated && late:
		return a.Plural(lang, "event.late_by", days)
	case e.Type == civic.EventRouted:
		return a.Registry.RuleName(e.Reason).In(civic.Language(lang))
	}
	return e.Reason
}

// route tells why a case stands where it stands, for programs and for people.
func (a *API) route(c echo.Context, r civic.Route) *Route {
	out := &Route{
		By: string(r.By), Agency: maybe(r.Agency), Score: r.Score, Model: maybe(r.ModelVersion), Reason: a.routeReason(c, r),
		Words: append([]string{}, r.Words...), Candidates: make([]Candidate, len(r.Candidates)),
	}
	if r.RuleID != "" {
		out.Rule = maybe(fmt.Sprintf("%s@%d", r.RuleID, r.RuleVersion))
	}
	for i, other := range r.Candidates {
		out.Candidates[i] = Candidate{Agency: maybe(other.Agency), Score: other.Score}
	}
	return out
}

func (a *API) routeReason(c echo.Context, r civic.Route) string {
	reason := a.text(c, "desk.route_by."+string(r.By),
		"rule", r.RuleID, "version", fmt.Sprint(r.RuleVersion), "score", i18n.Percent(httpx.Lang(c), r.Score))
	if len(r.Words) > 0 {
		reason += " " + a.text(c, "desk.route_words", "words", strings.Join(r.Words, ", "))
	}
	return reason
}

// duplicates lists what this case follows, what follows it, and what may ask
// for the same.
func (a *API) duplicates(c echo.Context, actor civic.Actor, found triage.Case) []Duplicate {
	out := []Duplicate{}
	if found.Root != nil {
		d := a.duplicate(actor, *found.Root, "root")
		if m := found.Membership; m != nil && m.Jaccard == 0 { // a person's decision
			d.Reason = m.Reason
		} else if m != nil {
			d.Score = &found.Membership.Jaccard
			d.Reason = a.text(c, "desk.score", "score", i18n.Percent(httpx.Lang(c), found.Membership.Jaccard))
		}
		out = append(out, d)
	}
	for _, m := range found.Members {
		out = append(out, a.duplicate(actor, m, "member"))
	}
	for _, s := range found.Similar {
		d := a.duplicate(actor, s.Case, "similar")
		score := s.Score
		d.Score, d.Reason, d.ClusterSize = &score, a.sharedTerms(c, s.Terms), s.Followers+1
		d.Obstacle, d.Advice, d.Rejection = maybe(s.Obstacle), maybe(s.Advice), a.rejection(c, s.Case)
		if s.Obstacle != "" {
			jaccard := s.Jaccard
			d.Jaccard, d.Reason = &jaccard, a.text(c, "desk.obstacle."+s.Obstacle)
		}
		out = append(out, d)
	}
	return out
}

func (a *API) duplicate(actor civic.Actor, s civic.Submission, relation string) Duplicate {
	return Duplicate{
		Code: s.Code.String(), Title: s.Title, Status: string(s.State), Relation: relation,
		Open: actor.Reaches(a.Registry, s.Agency), ClusterSize: 1,
	}
}

func relatedCases(related []triage.RelatedCase) []Related {
	out := make([]Related, len(related))
	for i, r := range related {
		out[i] = Related{Code: r.Case.Code.String(), Title: r.Case.Title, Status: string(r.Case.State), Relation: string(r.Relation), Reason: r.Reason, Open: r.Visible}
	}
	return out
}
