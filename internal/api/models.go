package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/learning"
	"hienke/internal/store"
	"hienke/internal/triage"
)

func (a *API) modelRoutes(g *echo.Group) {
	g.GET("/models", a.listModels, httpx.Require(civic.SeeModel))
	g.POST("/models/train", a.trainModel, httpx.Require(civic.ManageModel))
	g.POST("/models/:version/activate", a.activateModel, httpx.Require(civic.ManageModel))
	g.GET("/agencies/flags", a.listAgencyFlags, httpx.Require(civic.SeeFigures))
	g.GET("/agencies/stranded", a.listStranded, httpx.Require(civic.TriageCase))
	g.POST("/agencies/stranded", a.moveStranded, httpx.Require(civic.TriageCase))
	g.GET("/examples/waiting", a.listWaitingExamples, httpx.Require(civic.ManageRules))
	g.POST("/examples/:code/relabel", a.relabelExample, httpx.Require(civic.ManageRules))
}

func (a *API) listModels(c echo.Context) error {
	o, err := a.Learning.List(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	out := Models{
		Active: maybe(o.Activation.Version), ActivatedAt: maybeTime(o.Activation.At), Serving: maybe(o.Serving), Broken: o.Broken,
		Confirmed: o.Confirmed, NewestAt: maybeTime(o.NewestAt), Versions: []ModelVersion{}, Trainings: []Training{},
	}
	for _, v := range o.Versions {
		out.Versions = append(out.Versions, modelVersion(v))
	}
	for _, t := range o.Trainings {
		out.Trainings = append(out.Trainings, training(t))
	}
	return c.JSON(http.StatusOK, out)
}

func modelVersion(v learning.Version) ModelVersion {
	f := v.Figures
	out := ModelVersion{
		Version: v.Version, Active: v.Active, TrainedAt: v.TrainedAt.UTC(), Reason: v.Reason, Trainer: v.Trainer, Examples: v.Examples,
		NewestAt: maybeTime(v.NewestAt), Verdict: string(v.Verdict), RolledBackAt: maybeTime(v.RolledBackAt), Pruned: v.Pruned,
		Classes: f.Classes, Seconds: f.Seconds, HeldOut: f.HeldOut, Method: string(f.Method), Own: measures(f.Own), Rival: measures(f.Rival),
		RivalVersion: maybe(f.RivalVersion), OnlyOwn: f.OnlyOwn, OnlyRival: f.OnlyRival, Calibration: []CalibrationBin{},
	}
	for _, b := range f.Calibration {
		out.Calibration = append(out.Calibration, CalibrationBin{From: b.From, To: b.To, Rows: b.Rows, Mean: b.Mean, Right: b.Right})
	}
	return out
}

func measures(m *learning.Measures) *ModelMeasures {
	if m == nil {
		return nil
	}
	return &ModelMeasures{Accuracy: m.Accuracy, MacroF1: m.MacroF1, Top3: m.Top3, AutoShareAt98: m.AutoShare, Rows: m.Rows}
}

func training(t store.Training) Training {
	return Training{
		ID: t.ID, Reason: t.Reason, AskedAt: t.AskedAt.UTC(), EndedAt: maybeTime(t.EndedAt), Outcome: t.Outcome, Version: maybe(t.Version),
	}
}

func (a *API) trainModel(c echo.Context) error {
	t, err := a.Learning.TrainNow(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusAccepted, training(t))
}

func (a *API) activateModel(c echo.Context) error {
	if err := a.Learning.Activate(c.Request().Context(), httpx.ActorFrom(c), c.Param("version")); err != nil {
		return err
	}
	return a.listModels(c)
}

func (a *API) listAgencyFlags(c echo.Context) error {
	found, err := a.Triage.Flags(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	out := AgencyFlagList{Agencies: []AgencyFlag{}}
	for _, f := range found {
		out.Agencies = append(out.Agencies, AgencyFlag{
			Agency: string(f.Agency), Flags: codes(f.Flags), Due: f.Due, InTime: f.InTime, Late: f.Late, WaitingSince: maybeTime(f.Waiting),
			HandedBack: f.HandedBack, Bounced: f.Bounced,
		})
	}
	return c.JSON(http.StatusOK, out)
}

func (a *API) listStranded(c echo.Context) error {
	page, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := a.Triage.Stranded(c.Request().Context(), httpx.ActorFrom(c), page.Number)
	if err != nil {
		return err
	}
	out := StrandedPage{Total: found.Total, Page: page.Number, Items: []StrandedCase{}}
	for _, s := range found.Items {
		out.Items = append(out.Items, StrandedCase{
			Code: s.Code.String(), Title: s.Title, Status: string(s.State), Topic: maybe(s.Topic), Agency: string(s.Agency), DueAt: s.DueAt.UTC(),
			Successor: maybe(s.Successor), Successors: codes(s.Successors), Movable: s.Movable,
		})
	}
	return c.JSON(http.StatusOK, out)
}

func (a *API) moveStranded(c echo.Context) error {
	var in Transfers
	if _, err := httpx.ReadJSON(c, &in); err != nil {
		return err
	}
	transfers := make([]triage.Transfer, len(in.Cases))
	for i, t := range in.Cases {
		code, err := civic.ParseCode(t.Code)
		if err != nil {
			return errs.InvalidFields(errs.Field{Name: "cases", Code: "field.not_a_code"})
		}
		transfers[i] = triage.Transfer{Code: code, Agency: civic.AgencyCode(t.Agency)}
	}
	results, err := a.Triage.MoveStranded(c.Request().Context(), httpx.ActorFrom(c), transfers, in.Reason)
	if err != nil {
		return err
	}
	out := TransferResults{Results: []TransferResult{}}
	for _, r := range results {
		said := TransferResult{Code: r.Code.String(), Moved: r.Err == nil}
		if r.Err != nil {
			said.Problem = maybe(errs.CodeOf(r.Err))
		}
		out.Results = append(out.Results, said)
	}
	return c.JSON(http.StatusOK, out)
}

func (a *API) listWaitingExamples(c echo.Context) error {
	page, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := a.Learning.Waiting(c.Request().Context(), httpx.ActorFrom(c), page.Number)
	if err != nil {
		return err
	}
	out := WaitingPage{Total: found.Total, Page: page.Number, Items: []WaitingExample{}}
	for _, e := range found.Items {
		out.Items = append(out.Items, WaitingExample{
			Code: e.Code.String(), Title: e.Title, Topic: maybe(e.Topic), Agency: string(e.Agency), ConfirmedAt: e.At.UTC(), Successors: codes(e.Successors),
		})
	}
	return c.JSON(http.StatusOK, out)
}

func (a *API) relabelExample(c echo.Context) error {
	code, err := codeOf(c)
	if err != nil {
		return err
	}
	var in Relabelling
	if _, err := httpx.ReadJSON(c, &in); err != nil {
		return err
	}
	if err := a.Learning.Relabel(c.Request().Context(), httpx.ActorFrom(c), code, civic.AgencyCode(in.Agency)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
