package api

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
	"hienke/internal/openness"
)

func (a *API) getStats(c echo.Context) error {
	year := 0
	if text := c.QueryParam("year"); text != "" {
		var err error
		if year, err = strconv.Atoi(text); err != nil {
			return errs.InvalidFields(errs.Field{Name: "year", Code: "field.not_a_number"})
		}
	}
	report, err := a.Openness.Report(c.Request().Context(), openness.Year(year))
	if err != nil {
		return err
	}
	years := report.Years
	if years == nil {
		years = []int{}
	}
	return c.JSON(http.StatusOK, Stats{
		CountedAt: report.At.UTC(), Years: years, Total: publicFigures(report.Total),
		Agencies: figuresOf(report.Agencies), Topics: figuresOf(report.Topics), Areas: figuresOf(report.Areas), Months: figuresOf(report.Months),
	})
}

func figuresOf(groups []openness.Group) []FiguresOf {
	out := make([]FiguresOf, len(groups))
	for i, g := range groups {
		out[i] = FiguresOf{Code: g.Code, Figures: publicFigures(g.Figures)}
	}
	return out
}

func publicFigures(f openness.Figures) PublicFigures {
	out := PublicFigures{
		Submissions: f.Submissions, Cases: f.Cases, InTime: f.InTime, Extended: f.Extended, Late: f.Late, Open: f.Open, Overdue: f.Overdue,
		Waiting: f.Waiting, Refused: f.Refused, Withdrawn: f.Withdrawn, Reopened: f.Reopened, MedianDays: known(f.Median), NinthDays: known(f.Ninth),
		HelpedYes: f.Yes, HelpedPartly: f.Partly, HelpedNo: f.No,
	}
	if share, ok := f.InTimeShare(); ok {
		out.InTimeShare = &share
	}
	return out
}

// known is a number of days, nil while it is negative.
func known(days int) *int {
	if days < 0 {
		return nil
	}
	return &days
}
