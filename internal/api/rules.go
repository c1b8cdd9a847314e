package api

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/httpx"
	"hienke/internal/rulebook"
)

func (a *API) ruleRoutes(g *echo.Group) {
	may := httpx.Require(civic.ManageRules)
	see := httpx.Require(civic.SeeRules)
	g.GET("/rules", a.listRules, see)
	g.POST("/rules", a.saveRule, may)
	g.POST("/rules/dry-run", a.tryRule, may)
	g.GET("/rules/:id", a.getRule, see)
	g.POST("/rules/:id/dry-run", a.tryRuleVersion, may)
	g.POST("/rules/:id/go-live", a.changeRule((*rulebook.Service).GoLive), may)
	g.POST("/rules/:id/retire", a.changeRule((*rulebook.Service).Retire), may)
	g.POST("/rules/:id/move", a.moveRule, may)
}

func (a *API) listRules(c echo.Context) error {
	entries, err := a.Rulebook.List(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	out := RuleList{Rules: []Rule{}}
	for _, e := range entries {
		r := Rule{
			ID: e.ID, Position: e.Position, AgencyEnded: e.AgencyEnded, Successors: codes(e.Successors), Dormant: e.Dormant, Broken: e.Broken,
		}
		for to, v := range map[**RuleVersion]*rulebook.Version{&r.Live: e.Live, &r.Draft: e.Draft, &r.Last: e.Last} {
			if v != nil {
				shaped := ruleVersion(*v)
				*to = &shaped
			}
		}
		out.Rules = append(out.Rules, r)
	}
	return c.JSON(http.StatusOK, out)
}

func (a *API) saveRule(c echo.Context) error {
	var in RuleDraft
	if _, err := httpx.ReadJSON(c, &in); err != nil {
		return err
	}
	v, err := a.Rulebook.Save(c.Request().Context(), httpx.ActorFrom(c), in.draft())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, ruleVersion(rulebook.Version{RuleVersion: v}))
}

func (in RuleDraft) draft() rulebook.Draft {
	return rulebook.Draft{
		ID: in.ID, Base: in.Base, Name: in.Name, Condition: in.Condition, Agency: civic.AgencyCode(in.Agency),
		ValidFrom: timeOf(in.ValidFrom), ValidTo: timeOf(in.ValidTo), Owner: in.Owner, Note: in.Note,
	}
}

func (a *API) tryRule(c echo.Context) error {
	var in RuleTrial
	if _, err := httpx.ReadJSON(c, &in); err != nil {
		return err
	}
	impact, err := a.Rulebook.DryRun(c.Request().Context(), httpx.ActorFrom(c), in.Rule.draft(), timeOf(in.Since))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, ruleImpact(impact))
}

func (a *API) tryRuleVersion(c echo.Context) error {
	var in RuleVersionTrial
	if _, err := httpx.ReadJSON(c, &in); err != nil {
		return err
	}
	impact, err := a.Rulebook.DryRunVersion(c.Request().Context(), httpx.ActorFrom(c), c.Param("id"), in.Version, timeOf(in.Since))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, ruleImpact(impact))
}

func (a *API) getRule(c echo.Context) error {
	versions, err := a.Rulebook.History(c.Request().Context(), httpx.ActorFrom(c), c.Param("id"))
	if err != nil {
		return err
	}
	out := RuleHistory{Versions: []RuleVersion{}}
	for _, v := range versions {
		out.Versions = append(out.Versions, ruleVersion(v))
	}
	return c.JSON(http.StatusOK, out)
}

// changeRule makes the handler of an act on one version of a rule.
func (a *API) changeRule(do func(*rulebook.Service, context.Context, civic.Actor, string, int) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		var in RuleVersionNumber
		if _, err := httpx.ReadJSON(c, &in); err != nil {
			return err
		}
		if err := do(a.Rulebook, c.Request().Context(), httpx.ActorFrom(c), c.Param("id"), in.Version); err != nil {
			return err
		}
		return a.getRule(c)
	}
}

func (a *API) moveRule(c echo.Context) error {
	var in RuleMove
	if _, err := httpx.ReadJSON(c, &in); err != nil {
		return err
	}
	if err := a.Rulebook.Move(c.Request().Context(), httpx.ActorFrom(c), c.Param("id"), in.Position); err != nil {
		return err
	}
	return a.listRules(c)
}

func ruleVersion(v rulebook.Version) RuleVersion {
	out := RuleVersion{
		ID: v.ID, Version: v.Version, State: string(v.State), Name: v.Name, Condition: v.Condition, Agency: string(v.Agency),
		ValidFrom: maybeTime(v.ValidFrom), ValidTo: maybeTime(v.ValidTo), Owner: v.Owner, Note: v.Note, WrittenAt: v.WrittenAt.UTC(), Writer: v.Writer,
		LiveAt: maybeTime(v.LiveAt), RetiredAt: maybeTime(v.RetiredAt), DryRunAt: maybeTime(v.DryRunAt), DryRunStale: v.Stale,
		Errors: v.Errors, LastError: v.LastError, LastErrorAt: maybeTime(v.LastErrorAt),
	}
	if v.Impact != nil {
		impact := ruleImpact(*v.Impact)
		out.Impact = &impact
	}
	return out
}

func ruleImpact(i rulebook.Impact) RuleImpact {
	out := RuleImpact{
		Looked: i.Looked, Since: maybeTime(i.Since), Capped: i.Capped, Matched: i.Matched, Decided: i.Decided, Changed: i.Changed,
		Confirmed: i.Confirmed, Contradicts: i.Contradicts, Agencies: []RuleAgencyImpact{}, Examples: []RuleContradiction{}, Errors: []RuleFailure{},
	}
	for _, g := range i.Agencies {
		out.Agencies = append(out.Agencies, RuleAgencyImpact{Agency: maybe(g.Agency), Come: g.Come, Go: g.Go})
	}
	for _, e := range i.Examples {
		out.Examples = append(out.Examples, RuleContradiction{
			Code: e.Code.String(), Title: e.Title, Confirmed: string(e.Confirmed), Rule: string(e.Rule),
		})
	}
	for _, e := range i.Errors {
		out.Errors = append(out.Errors, RuleFailure{ID: e.ID, Version: e.Version, Errors: e.Errors, Last: e.Last})
	}
	return out
}

// timeOf is a time that may be absent; zero where it is.
func timeOf(t MaybeTime) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// codes are codes of the registry as plain strings, never null.
func codes[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
