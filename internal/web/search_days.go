package web

import (
	"time"

	"hienke/internal/civic"
)

// The parameters that narrow a search to answers between two days, both
// included, as the API has them.
const (
	dayFrom = "from"
	dayTo   = "to"
)

var dayNames = []string{dayFrom, dayTo}

// DaysForm narrows a search to days.
type DaysForm struct {
	From, To string // as 2026-06-01
	Kept     []Hidden
}

// readDay reads a day as date inputs write it.
func readDay(s string) (civic.Date, bool) {
	at, err := time.Parse(time.DateOnly, s)
	if err != nil || at.Year() < 2000 || at.Year() > 2999 {
		return civic.Date{}, false
	}
	return civic.Date{Year: at.Year(), Month: at.Month(), Day: at.Day()}, true
}

// days is the form, which keeps everything but the days.
func (r searchRequest) days(words words) DaysForm {
	form := DaysForm{From: r.values.Get(dayFrom), To: r.values.Get(dayTo)}
	if q := r.text(); q != "" {
		form.Kept = append(form.Kept, Hidden{Name: "q", Value: q})
	}
	for _, kept := range r.kept() {
		if kept.Name != dayFrom && kept.Name != dayTo {
			form.Kept = append(form.Kept, kept)
		}
	}
	return form
}
