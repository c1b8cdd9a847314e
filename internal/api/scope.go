package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/triage"
)

// maxBulk bounds how many cases one call decides.
const maxBulk = 100

func (a *API) decideScope(t turn, in ScopeChoice) error {
	choice := triage.ScopeChoice{Scope: civic.Scope(in.Verdict), Channel: in.Channel, Reason: in.Reason}
	return a.Triage.DecideScope(t.ctx, t.actor, t.code, t.version, choice)
}

func (a *API) unrestrict(t turn, in Unrestriction) error {
	return a.Triage.Unrestrict(t.ctx, t.actor, t.code, t.version, in.Reason)
}

// bulk makes the handler of an action on many cases. Each is done by itself:
// what fails for one is said beside it and stops no other.
func bulk[T any](a *API, itemsOf func(T) []BulkItem, do func(turn, T) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		var in T
		if _, err := httpx.ReadJSON(c, &in); err != nil {
			return err
		}
		items := itemsOf(in)
		switch {
		case len(items) == 0:
			return errs.InvalidFields(errs.Field{Name: "items", Code: "field.required"})
		case len(items) > maxBulk:
			return errs.InvalidFields(errs.Field{Name: "items", Code: "field.too_many", Params: map[string]string{"max": "100"}})
		}
		out := BulkResult{Items: make([]BulkOutcome, len(items))}
		for i, item := range items {
			done, err := a.bulkItem(c, item, func(t turn) error { return do(t, in) })
			if err != nil {
				return err
			}
			if out.Items[i] = done; done.Problem == nil {
				out.Done++
			} else {
				out.Failed++
			}
		}
		return c.JSON(http.StatusOK, out)
	}
}

// bulkItem does the action to one case. Only what would fail for every other
// case, too, is an error: the database is away, or nobody waits any more.
func (a *API) bulkItem(c echo.Context, item BulkItem, do func(turn) error) (BulkOutcome, error) {
	out := BulkOutcome{Code: item.Code}
	t := turn{ctx: c.Request().Context(), actor: httpx.ActorFrom(c), version: item.Version}
	var err error
	if t.code, err = civic.ParseCode(item.Code); err != nil {
		err = &errs.Error{Kind: errs.NotFound, Code: "submission.not_found", Err: err}
	} else {
		err = do(t)
	}
	if k := errs.KindOf(err); err != nil && (k == errs.Unavailable || k == errs.Internal) {
		return out, err
	}
	if err != nil {
		problem := httpx.ProblemOf(c, err)
		out.Problem = &problem
		return out, nil
	}
	found, err := a.Triage.Case(t.ctx, t.actor, t.code)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return out, err
	}
	out.Code, out.Status = t.code.String(), string(found.Submission.State)
	return out, nil
}

func (a *API) bulkReject(t turn, in BulkRefusal) error {
	why := civic.Rejection{Reason: in.ReasonCode, Message: in.Message, Channel: in.Channel}
	return a.Triage.Reject(t.ctx, t.actor, t.code, t.version, why)
}

func (a *API) bulkDecideScope(t turn, in BulkScopeChoice) error {
	return a.decideScope(t, ScopeChoice{Verdict: in.Verdict, Channel: in.Channel, Reason: in.Reason})
}

// scopeDecision shapes what a case is taken for.
func (a *API) scopeDecision(c echo.Context, d *civic.ScopeDecision) *ScopeDecision {
	if d == nil {
		return nil
	}
	return &ScopeDecision{
		Verdict: string(d.Scope), Suggested: string(d.Suggested), Confidence: d.Confidence, Channel: a.otherChannel(c, d.Channel),
		Words: append([]string{}, d.Words...), Accuses: d.Accuses(), Accused: append([]string{}, d.Accused...),
		Several: append([]string{}, d.Several...), DecidedBy: string(d.DecidedBy), Person: d.UserName, DecidedAt: d.DecidedAt.UTC(),
	}
}

// otherChannel tells of a channel in the language of the request.
func (a *API) otherChannel(c echo.Context, code string) *OtherChannel {
	known, ok := a.Registry.OtherChannel(code)
	if !ok {
		return nil
	}
	lang := language(c)
	return &OtherChannel{Code: known.Code, Name: known.Names.In(lang), Address: known.Address.In(lang), Link: known.Link}
}

// rejection tells why a case is not handled, nil when it is.
func (a *API) rejection(c echo.Context, s civic.Submission) *Rejection {
	if s.Rejection.Reason == "" {
		return nil
	}
	return &Rejection{ReasonCode: s.Rejection.Reason, Message: s.Rejection.Message, Channel: a.otherChannel(c, s.Rejection.Channel)}
}
