package web

import (
	"strings"
	"time"

	"hienke/internal/civic"
)

// This file has how staff type days and read them: as a line of text. The
// browser's own control follows the language of the browser, and would show the
// third of April to half of them as 04/03. The public search keeps that control,
// since nothing hangs on a day there and it needs no typing on a telephone.

// dayForm is how people type and read a day, in both languages.
const dayForm = "02/01/2006"

// dayControl makes a field one for a day.
func dayControl(field *Field) { field.Class = "govuk-input--width-10" }

// writtenDate writes a day as it is typed; nothing for the zero day.
func writtenDate(d civic.Date) string {
	if d == (civic.Date{}) {
		return ""
	}
	return d.Start().Format(dayForm)
}

func writtenDay(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(civic.Zone).Format(dayForm)
}

// lastDay is the last day of a half-open span that ends at a time.
func lastDay(end time.Time) string {
	if end.IsZero() {
		return ""
	}
	return writtenDay(end.Add(-time.Nanosecond))
}

// dateTyped reads a day that was typed. What is none is the zero day.
func dateTyped(s string) civic.Date {
	d, _ := civic.ReadDate(s) // the use case tells what is wrong with no day
	return d
}

// readDay reads a day that must be one.
func readDay(s string) (civic.Date, bool) {
	d := dateTyped(s)
	return d, d != (civic.Date{})
}

// typedDay reads a day as the time when it begins; the zero time for nothing.
func typedDay(s string) (time.Time, bool) {
	d, err := civic.ReadDate(s)
	if err != nil || d == (civic.Date{}) {
		return time.Time{}, err == nil
	}
	return d.Start().UTC(), true
}

// momentLayouts are the ways of typing a time of a day: 08:30 29/11/2026, the
// other way round, and as machines write it.
var momentLayouts = []string{"15:04 2/1/2006", "2/1/2006 15:04", "2006-01-02T15:04", "2006-01-02T15:04:05"}

// momentTyped reads a time of a day.
func momentTyped(s string) (time.Time, bool) {
	s = strings.Join(strings.Fields(strings.NewReplacer(",", " ", "ngày", " ").Replace(s)), " ")
	for _, layout := range momentLayouts {
		if at, err := time.ParseInLocation(layout, s, civic.Zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
