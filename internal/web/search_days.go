package web

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
