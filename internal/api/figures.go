package api

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/insight"
)

// figureWeeks is how many weeks are told without a wish: two months.
const figureWeeks = 8

func (a *API) getFigures(c echo.Context) error {
	weeks := figureWeeks
	if given := c.QueryParam("weeks"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 || n > insight.MaxWeeks {
			return errs.InvalidFields(errs.Field{Name: "weeks", Code: "field.unknown_value"})
		}
		weeks = n
	}
	found, err := a.Insight.Figures(c.Request().Context(), httpx.ActorFrom(c), weeks)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, figures(found))
}

func figures(found insight.Figures) Figures {
	out := Figures{Weeks: []FigureWeek{}, Agencies: []FigureAgency{}, Scopes: []FigureScope{}}
	for _, w := range found.Weeks {
		out.Weeks = append(out.Weeks, FigureWeek{
			From: w.From.UTC(), Received: w.Received, Joined: w.Joined, JoinsUndone: w.Undone, RoutedByRule: w.ByRule, RoutedByModel: w.ByModel,
			Corrected: w.Corrected, ToPerson: w.ToPerson, Decided: w.Offered.Decided, FirstRight: w.Offered.First, AmongThree: w.Offered.AmongThree,
		})
	}
	for _, g := range found.Agencies {
		agency := FigureAgency{Agency: string(g.Agency), RoutedAlone: g.Alone, Corrected: g.Corrected, CorrectedTo: []FigureCorrection{}}
		for _, to := range g.To {
			agency.CorrectedTo = append(agency.CorrectedTo, FigureCorrection{Agency: string(to.To), Cases: to.Cases})
		}
		out.Agencies = append(out.Agencies, agency)
	}
	for _, s := range found.Scopes {
		out.Scopes = append(out.Scopes, FigureScope{Suggested: string(s.Suggested), Decided: string(s.Decided), Cases: s.Cases})
	}
	return out
}
