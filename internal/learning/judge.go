package learning

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"hienke/internal/routing"
)

// What is kept back to measure on: the newest tenth of the confirmations,
// since that is what the future looks like, at least 30 and at most 2,000. On
// fewer than 30 an error more or less would be three points and more.
const (
	heldShare = 10
	heldLeast = 30
	heldMost  = 2_000
)

// Verdict says whether a trained model was let serve, and why.
type Verdict string

// The verdicts. The first three let it serve.
const (
	// FirstModel: there was none to compare with.
	FirstModel Verdict = "first"
	// Unmeasured: there are fewer than 60 confirmations, too few to keep any
	// back. What is learned from all of them serves.
	Unmeasured Verdict = "unmeasured"
	// NotWorse than the one that served, beyond noise.
	NotWorse Verdict = "not_worse"
	// Worse on the confirmations kept back.
	Worse Verdict = "worse"
	// NotBetter: a person went back to the model that serves, so that not being
	// worse is not enough.
	NotBetter Verdict = "not_better"
	// RolledBack: a person went back from a model that had learned from the
	// same confirmations, and no newer ones exist.
	RolledBack Verdict = "rolled_back"
)

// promoting are the verdicts that let a model serve.
var promoting = map[Verdict]bool{FirstModel: true, Unmeasured: true, NotWorse: true}

// Method says how two models were compared.
type Method string

// The methods.
const (
	// Unseen: both were measured on confirmations newer than anything that the
	// serving model learned from; the new recipe was trained on all before them.
	Unseen Method = "unseen"
	// Retrained: the serving model had seen nearly all the newest confirmations
	// already, so its recipe was trained once more. Of the newest ones every
	// second was kept back; one model learned from what is left of everything,
	// the other from what is left of what the serving one knew. They differ by
	// the new confirmations alone.
	Retrained Method = "retrained"
	// Alone: there was nothing to compare with.
	Alone Method = "alone"
)

// Figures is what a model says about itself.
type Figures struct {
	// Seeds is the fingerprint of the registry's descriptions.
	Seeds   string `json:"seeds"`
	Classes int    `json:"classes"`
	// Seconds is the time of the whole training, the comparison included.
	Seconds float64 `json:"seconds"`
	// HeldOut is how many confirmations were kept back, 0 when it was not
	// measured; then the rest is empty.
	HeldOut int    `json:"held_out"`
	Method  Method `json:"method,omitempty"`
	// Own is what the recipe reached on the confirmations kept back, and Rival
	// what the model reached that served then.
	Own   *Measures `json:"own,omitempty"`
	Rival *Measures `json:"rival,omitempty"`
	// RivalVersion names that model.
	RivalVersion string `json:"rival_version,omitempty"`
	// OnlyOwn counts rows that the new model alone has right, OnlyRival those
	// that the old one alone has: what the verdict rests on.
	OnlyOwn   int `json:"only_own"`
	OnlyRival int `json:"only_rival"`
	// Calibration holds what the new model's probabilities mean.
	Calibration []Bin `json:"calibration,omitempty"`
}

// Measures of one model. Shares are 0 to 1; see routing.Report.
type Measures struct {
	Accuracy float64 `json:"accuracy"`
	MacroF1  float64 `json:"macro_f1"`
	Top3     float64 `json:"top3"`
	// AutoShare is the share that could be routed alone with 98 % right.
	AutoShare float64 `json:"auto_share_at_98"`
	// Rows is how many were measured: of agencies with too few examples the
	// figures leave rows out.
	Rows int `json:"rows"`
}

// Bin is one line of a calibration table: of the rows with a probability of
// the best agency from From to below To, the mean of it and the share that was
// right. They should be near each other.
type Bin struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Rows  int     `json:"rows"`
	Mean  float64 `json:"mean"`
	Right float64 `json:"right"`
}

// figuresOf reads stored figures; those of an older program may lack most.
func figuresOf(stored string) (f Figures) {
	if json.Unmarshal([]byte(stored), &f) != nil {
		return Figures{}
	}
	return f
}

// example is a confirmed routing under the agency that does its work today.
type example struct {
	routing.Example
	at time.Time
}

// plain drops the times and puts the seeds before.
func plain(seeds []routing.Example, parts ...[]example) []routing.Example {
	out := append([]routing.Example(nil), seeds...)
	for _, part := range parts {
		for _, e := range part {
			out = append(out, e.Example)
		}
	}
	return out
}

// rival is the model that serves, to be compared with.
type rival struct {
	model    *routing.Model
	version  string
	newestAt time.Time // of what it learned from
}

// compare measures the recipe on confirmations that it does not see, beside
// the rival if there is one. The examples are newest first.
func compare(ctx context.Context, f *Figures, seeds []routing.Example, examples []example, r rival) error {
	held := min(max(len(examples)/heldShare, heldLeast), heldMost)
	if len(examples) < 2*heldLeast {
		return ctx.Err()
	}
	unseen := 0
	for unseen < held && examples[unseen].at.After(r.newestAt) {
		unseen++
	}
	var test []example
	own, other := (*routing.Model)(nil), r.model
	var err error
	switch {
	case r.model == nil:
		f.Method, test = Alone, examples[:held]
		own, err = routing.Train(ctx, plain(seeds, examples[held:]), routing.Options{})
	case unseen >= heldLeast:
		f.Method, test = Unseen, examples[:unseen]
		own, err = routing.Train(ctx, plain(seeds, examples[unseen:]), routing.Options{})
	default:
		f.Method = Retrained
		var all, known []example
		test, all, known = halve(examples, held, r.newestAt)
		if own, err = routing.Train(ctx, plain(seeds, all), routing.Options{}); err == nil {
			other, err = routing.Train(ctx, plain(seeds, known), routing.Options{})
		}
	}
	if err != nil {
		return err
	}
	f.HeldOut, f.RivalVersion = len(test), r.version
	f.measure(own, other, test)
	return nil
}

// halve keeps every second of the newest examples back and returns what is
// left of all, and of those that a model knew.
func halve(examples []example, held int, knownUntil time.Time) (test, all, known []example) {
	for i, e := range examples {
		if i < 2*held && i%2 == 0 && len(test) < held {
			test = append(test, e)
			continue
		}
		all = append(all, e)
		if !e.at.After(knownUntil) {
			known = append(known, e)
		}
	}
	return test, all, known
}

// measure fills in what both models reach on the rows.
func (f *Figures) measure(own, other *routing.Model, test []example) {
	rows := plain(nil, test)
	f.Own = measures(own, rows)
	f.Calibration = calibration(own, rows)
	if other == nil {
		return
	}
	f.Rival = measures(other, rows)
	for _, e := range rows {
		a, b := best(own, e.Text).Label == e.Label, best(other, e.Text).Label == e.Label
		switch {
		case a && !b:
			f.OnlyOwn++
		case b && !a:
			f.OnlyRival++
		}
	}
}

func best(m *routing.Model, text string) routing.Scored {
	scored := m.Classify(text)
	if len(scored) == 0 {
		return routing.Scored{}
	}
	return scored[0]
}

func measures(m *routing.Model, rows []routing.Example) *Measures {
	r := routing.Measure(m, rows)
	return &Measures{Accuracy: r.Accuracy, MacroF1: r.MacroF1, Top3: r.Top3, AutoShare: r.AutoShareAt98, Rows: r.Rows}
}

// bins is how many lines a calibration table has at most.
const bins = 10

// calibration compares what the model says about its best agency with how
// often it is right.
func calibration(m *routing.Model, rows []routing.Example) []Bin {
	table := make([]Bin, bins)
	for _, e := range rows {
		s := best(m, e.Text)
		b := &table[min(int(s.Probability*bins), bins-1)]
		b.Rows++
		b.Mean += s.Probability
		if s.Label == e.Label {
			b.Right++
		}
	}
	out := table[:0]
	for i, b := range table {
		if b.Rows == 0 {
			continue
		}
		b.From, b.To = float64(i)/bins, float64(i+1)/bins
		b.Mean /= float64(b.Rows)
		b.Right /= float64(b.Rows)
		out = append(out, b)
	}
	return out
}

// noise is how many rows the two counts may differ by chance alone: one
// standard error of the difference where both models are equally good (as in
// McNemar's test). More would let real losses pass night after night.
func (f Figures) noise() float64 { return math.Sqrt(float64(f.OnlyOwn + f.OnlyRival)) }

// verdict says whether the new model may serve. rolledBack tells that a person
// went back to the one that serves, and seenBefore that the person knew all the
// confirmations that the new one learned from.
func (f Figures) verdict(hasRival, rolledBack, seenBefore bool) Verdict {
	lead := float64(f.OnlyOwn - f.OnlyRival)
	switch {
	case !hasRival:
		return FirstModel
	case rolledBack && seenBefore:
		return RolledBack
	case rolledBack && (f.HeldOut == 0 || lead <= 0 || lead < f.noise()):
		return NotBetter
	case f.HeldOut == 0:
		return Unmeasured
	case -lead > 0 && -lead > f.noise():
		return Worse
	}
	return NotWorse
}
