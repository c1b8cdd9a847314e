package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/dialogue"
	"hienke/internal/errs"
	"hienke/internal/guardians"
	"hienke/internal/httpx"
	"hienke/internal/triage"
)

// doneSubmitted is what the case page says after an answer was put before a
// second person.
const doneSubmitted = "submitted"

// posted is an action with everything its use case needs.
type posted struct {
	actor   civic.Actor
	code    civic.Code
	version int // that the person saw
	values  url.Values
}

func (p posted) ticked(name string) bool { return p.values.Get(name) == "yes" }

// acts calls the use case of each action.
var acts = map[string]func(w *Web, ctx context.Context, p posted) error{
	"assign": func(w *Web, ctx context.Context, p posted) error {
		agency := civic.AgencyCode(p.values.Get("agency"))
		return w.Triage.Assign(ctx, p.actor, p.code, p.version, agency, p.values.Get("reason"))
	},
	"accept": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.Accept(ctx, p.actor, p.code, p.version, 0)
	},
	"hand-back": func(w *Web, ctx context.Context, p posted) error {
		better := civic.AgencyCode(p.values.Get("suggested_agency"))
		return w.Triage.HandBack(ctx, p.actor, p.code, p.version, p.values.Get("reason"), better)
	},
	"reject": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.Refuse(ctx, p.actor, p.code, p.version, rejectionOf(p), p.values.Get("cluster"))
	},
	"decide-scope": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.DecideScope(ctx, p.actor, p.code, p.version, choiceOf(p))
	},
	"release": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.Release(ctx, p.actor, p.code, p.version)
	},
	"set-kind": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.SetKind(ctx, p.actor, p.code, p.version, civic.Kind(p.values.Get("kind")))
	},
	"guardian-signed": func(w *Web, ctx context.Context, p posted) error {
		return w.Guardians.Record(ctx, p.actor, p.code, p.version, guardians.Signed{
			Publish: p.ticked("guardian.signed_publish"), Name: p.ticked("guardian.signed_name"),
		})
	},
	"urgent": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.SetUrgent(ctx, p.actor, p.code, p.version, true, p.values.Get("reason"))
	},
	"not-urgent": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.SetUrgent(ctx, p.actor, p.code, p.version, false, p.values.Get("reason"))
	},
	"unrestrict": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.Unrestrict(ctx, p.actor, p.code, p.version, p.values.Get("reason"))
	},
	"merge": func(w *Web, ctx context.Context, p posted) error {
		into := strings.TrimSpace(p.values.Get("into"))
		if into == "" {
			return errs.InvalidFields(errs.Field{Name: "into", Code: "field.required"})
		}
		return w.Triage.Merge(ctx, p.actor, p.code, p.version, into, p.values.Get("reason"))
	},
	"lead": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.Lead(ctx, p.actor, p.code, p.version, p.values.Get("reason"))
	},
	"split-cluster": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.SplitCluster(ctx, p.actor, p.code, p.version, memberList(p.values.Get("members")), p.values.Get("reason"))
	},
	"split": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.Split(ctx, p.actor, p.code, p.version, partsOf(p.values), p.values.Get("reason"))
	},
	"unmerge": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.Unmerge(ctx, p.actor, p.code, p.version, p.values.Get("reason"))
	},
	"note": func(w *Web, ctx context.Context, p posted) error {
		return w.Triage.Note(ctx, p.actor, p.code, p.version, p.values.Get("text"))
	},
	"draft-answer": func(w *Web, ctx context.Context, p posted) error {
		details, err := detailsOf(p.values)
		if err != nil {
			return err
		}
		draft := answers.Draft{
			Text: p.values.Get("text"), Outcome: civic.Outcome(p.values.Get("outcome")), Submit: p.ticked("submit"), Details: details,
		}
		return w.Answers.Draft(ctx, p.actor, p.code, p.version, draft)
	},
	"approve": func(w *Web, ctx context.Context, p posted) error {
		how, err := approvalOf(p)
		if err != nil {
			return err
		}
		return w.Answers.ApproveWith(ctx, p.actor, p.code, p.version, how)
	},
	"cancel-publication": func(w *Web, ctx context.Context, p posted) error {
		return w.Answers.CancelPublication(ctx, p.actor, p.code, p.version)
	},
	"correct": func(w *Web, ctx context.Context, p posted) error {
		details, err := detailsOf(p.values)
		if err != nil {
			return err
		}
		return w.Answers.Correct(ctx, p.actor, p.code, p.version, answers.Correction{
			Text: p.values.Get("text"), Outcome: civic.Outcome(p.values.Get("outcome")), Note: p.values.Get("correction"), Document: &details.Document,
		})
	},
	"redact": func(w *Web, ctx context.Context, p posted) error {
		return w.Answers.Redact(ctx, p.actor, p.code, p.version, answers.Redaction{
			Publication: answers.Publication{Title: p.values.Get("public_title"), Body: p.values.Get("public_body"), Files: publishedFiles(p)},
			Reason:      p.values.Get("reason"),
		})
	},
	"take-down": func(w *Web, ctx context.Context, p posted) error {
		return w.Answers.TakeDown(ctx, p.actor, p.code, p.version, p.values.Get("reason"))
	},
	"settle-commitment": func(w *Web, ctx context.Context, p posted) error {
		id, _ := strconv.ParseInt(p.values.Get("commitment"), 10, 64)
		return w.Answers.SettleCommitment(ctx, p.actor, p.code, p.version, id, civic.CommitmentState(p.values.Get("state")), p.values.Get("note"))
	},
	"request-information": func(w *Web, ctx context.Context, p posted) error {
		return w.Dialogue.AskWith(ctx, p.actor, p.code, p.version, dialogue.Question{Text: p.values.Get("question"), Running: p.ticked("running")})
	},
	"record-information": func(w *Web, ctx context.Context, p posted) error {
		return w.Dialogue.Record(ctx, p.actor, p.code, p.version, p.values.Get("reply"))
	},
	"ask-opinion":      askOpinion,
	"withdraw-opinion": withdrawOpinion,
	"add-todo":         addTodo,
	"finish-todo":      finishTodo,
	"link":             linkCase,
	"unlink":           unlinkCase,
	"extend": func(w *Web, ctx context.Context, p posted) error {
		days, err := strconv.Atoi(strings.TrimSpace(p.values.Get("days")))
		if err != nil {
			return errs.InvalidFields(errs.Field{Name: "days", Code: "field.not_a_number"})
		}
		return w.Dialogue.Extend(ctx, p.actor, p.code, p.version, days, p.values.Get("reason"))
	},
	"return": func(w *Web, ctx context.Context, p posted) error {
		return w.Answers.Return(ctx, p.actor, p.code, p.version, p.values.Get("remarks"))
	},
	"publish": func(w *Web, ctx context.Context, p posted) error {
		public := answers.Publication{Title: p.values.Get("public_title"), Body: p.values.Get("public_body"), Files: publishedFiles(p)}
		return w.Answers.Publish(ctx, p.actor, p.code, p.version, public)
	},
}

func rejectionOf(p posted) civic.Rejection {
	return civic.Rejection{Reason: p.values.Get("reason_code"), Message: p.values.Get("message"), Channel: p.values.Get("channel")}
}

func choiceOf(p posted) triage.ScopeChoice {
	return triage.ScopeChoice{
		Scope: civic.Scope(p.values.Get("verdict")), Channel: p.values.Get("channel"), Reason: p.values.Get("reason"),
	}
}

// postAction does one thing to a case and leads back to it. When it fails, the
// page comes back with the fresh state and with what was typed.
func (w *Web) postAction(c echo.Context) error {
	code, err := parseCode(c.Param("code"))
	if err != nil {
		return err
	}
	name := c.Param("action")
	act, known := acts[name]
	if !known {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(values.Get("version"))
	if err != nil {
		return errs.Wrap(errs.Conflict, httpx.CodeNoVersion, err)
	}
	p := posted{actor: httpx.ActorFrom(c), code: code, version: version, values: values}
	if values.Has(fieldTake) { // the choice of a text is no act
		return w.actionFailed(c, p, name, errs.New(errs.Conflict, httpx.CodeOldVersion))
	}
	if err := act(w, c.Request().Context(), p); err != nil {
		return w.actionFailed(c, p, name, err)
	}
	return c.Redirect(http.StatusSeeOther, w.afterAction(c, p, name))
}

// afterAction is where to go on: back to the case, or to the queue when the
// case went out of the person's reach.
func (w *Web) afterAction(c echo.Context, p posted, name string) string {
	done := name
	if name == "draft-answer" && p.ticked("submit") {
		done = doneSubmitted
	}
	if _, err := w.Triage.Case(c.Request().Context(), p.actor, p.code); err != nil {
		return queuePath + "?done=" + name
	}
	return staffCasePath(p.code) + "?done=" + done
}

// actionFailed shows the case as it is now, with the person's text.
func (w *Web) actionFailed(c echo.Context, p posted, name string, err error) error {
	if !worthKeeping(err) && errs.KindOf(err) != errs.Forbidden {
		return err
	}
	found, readErr := w.Triage.Case(c.Request().Context(), p.actor, p.code)
	if readErr != nil {
		return err // out of reach, or the database is away: the first failure says more
	}
	typed := map[string]string{}
	for field := range p.values {
		typed[field] = p.values.Get(field)
	}
	words := w.words(c)
	var conflict *Conflict
	if errs.CodeOf(err) == httpx.CodeOldVersion {
		conflict = w.conflict(words, p, name, found, typed)
	}
	page := w.staffCasePage(c, p.actor, found, attempt{action: name, values: typed, err: err})
	if conflict != nil {
		page.meet(conflict, name)
	}
	switch {
	case errs.CodeOf(err) == httpx.CodeOldVersion:
		page.Notices = append(page.Notices, &Notice{
			Tone: "care", Title: words.t("desk.conflict_title"), Text: words.t("desk.conflict"), Alert: true,
		})
	case len(page.Errors) == 0:
		page.Notices = append(page.Notices, &Notice{
			Tone: "stop", Title: words.t("desk.refused_title"), Text: words.problem(err), Alert: true,
		})
	}
	page.Failed = true
	return w.showFailed(c, err, page)
}
