package scope

import "hienke/internal/civic"

// Example is a text with the right verdict.
type Example struct {
	Input
	Scope   civic.Scope
	Accuses *bool // nil: not known
}

// Report says how well texts are judged.
type Report struct {
	Rows     int     `json:"rows"`
	Accuracy float64 `json:"accuracy"`
	// MacroF1 is the mean F1 over the verdicts that occur in the rows.
	MacroF1 float64 `json:"macro_f1"`
	// FalseAlarms is the share of in-scope rows that were set apart.
	FalseAlarms float64 `json:"false_alarms"`
	// Verdicts has an entry for each verdict that occurs or was given.
	Verdicts map[civic.Scope]Figures `json:"verdicts"`
	// Accusations tells how well accusing texts are recognised, over the rows
	// where that is known; nil if it is of none.
	Accusations *Figures `json:"accusations,omitempty"`
	// Flagged is the share of all rows that were taken for accusing.
	Flagged float64 `json:"flagged_accusing"`
	// Several is the share of all rows that seem to ask for several things.
	Several float64 `json:"several"`
}

// Figures are the figures of one verdict.
type Figures struct {
	Precision float64 `json:"precision"` // 0 when it was never given
	Recall    float64 `json:"recall"`
	Rows      int     `json:"rows"`  // of which this is right
	Given     int     `json:"given"` // how often it was given
	hits      int
}

func (f *Figures) count(right, given bool) {
	if right {
		f.Rows++
	}
	if given {
		f.Given++
	}
	if right && given {
		f.hits++
	}
}

func (f *Figures) finish() (f1 float64) {
	f.Precision, f.Recall = share(f.hits, f.Given), share(f.hits, f.Rows)
	return share(2*f.hits, f.Rows+f.Given)
}

func share(part, all int) float64 {
	if all == 0 {
		return 0
	}
	return float64(part) / float64(all)
}

// Evaluate judges every example.
func Evaluate(j *Judge, examples []Example) Report {
	r := Report{Rows: len(examples), Verdicts: map[civic.Scope]Figures{}}
	figures := map[civic.Scope]*Figures{}
	for _, s := range civic.Scopes {
		figures[s] = &Figures{}
	}
	accusing := &Figures{}
	right, alarms, flagged, several, known := 0, 0, 0, 0, 0
	for _, e := range examples {
		v := j.Judge(e.Input)
		for s, f := range figures {
			f.count(e.Scope == s, v.Scope == s)
		}
		if v.Scope == e.Scope {
			right++
		} else if e.Scope == civic.InScope {
			alarms++
		}
		if v.Accuses {
			flagged++
		}
		if len(v.Several) > 0 {
			several++
		}
		if e.Accuses != nil {
			known++
			accusing.count(*e.Accuses, v.Accuses)
		}
	}
	r.Accuracy, r.Flagged, r.Several = share(right, r.Rows), share(flagged, r.Rows), share(several, r.Rows)
	r.FalseAlarms = share(alarms, figures[civic.InScope].Rows)
	occurring := 0
	for _, s := range civic.Scopes {
		f1 := figures[s].finish()
		if figures[s].Rows > 0 {
			occurring++
			r.MacroF1 += f1
		}
		if figures[s].Rows+figures[s].Given > 0 {
			r.Verdicts[s] = *figures[s]
		}
	}
	r.MacroF1 /= float64(max(1, occurring))
	if known > 0 {
		accusing.finish()
		r.Accusations = accusing
	}
	return r
}
