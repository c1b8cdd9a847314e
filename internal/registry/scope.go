package registry

import (
	"fmt"
	"maps"
	"slices"

	"hienke/internal/civic"
	"hienke/internal/scope"
)

// scopeFile says what is set apart before any agency is looked for.
const scopeFile = "scope.toml"

type otherChannelRow struct {
	Code      string `toml:"code"`
	Verdict   string `toml:"verdict"`
	Reason    string `toml:"reason"`
	Name      names  `toml:"name"`
	Message   names  `toml:"message"`
	Address   names  `toml:"address"`
	Link      string `toml:"link"`
	Certainty string `toml:"certainty"`
	Source    string `toml:"source"`
}

type cueRow struct {
	Group   string   `toml:"group"`
	Verdict string   `toml:"verdict"`
	Weight  float64  `toml:"weight"`
	Channel string   `toml:"channel"`
	Own     bool     `toml:"own"`
	Within  int      `toml:"within"`
	Accuses bool     `toml:"accuses"`
	Persons bool     `toml:"persons"`
	Phrases []string `toml:"phrases"`
	Near    []string `toml:"near"`
}

type featureRow struct {
	Name    string             `toml:"name"`
	Weights map[string]float64 `toml:"weights"`
}

// scopeRows is the file as written.
type scopeRows struct {
	Least       float64            `toml:"least"`
	TitleFactor float64            `toml:"title_factor"`
	Bias        map[string]float64 `toml:"bias"`
	Features    []featureRow       `toml:"feature"`
	Channels    []otherChannelRow  `toml:"channel"`
	Cues        []cueRow           `toml:"cue"`
	Shorthand   map[string]string  `toml:"shorthand"`
	Accusing    struct {
		Titles     []string `toml:"titles"`
		Offices    []string `toml:"offices"`
		Bodies     []string `toml:"bodies"`
		Public     []string `toml:"public"`
		Surnames   []string `toml:"surnames"`
		Middles    []string `toml:"middles"`
		Hedges     []string `toml:"hedges"`
		Addressing []string `toml:"addressing"`
		Charges    []string `toml:"charges"`
		Neutral    []string `toml:"neutral"`
		Negations  []string `toml:"negations"`
	} `toml:"accusing"`
	Asking struct {
		Requests []string `toml:"requests"`
		Ordinals []string `toml:"ordinals"`
		Common   []string `toml:"common"`
	} `toml:"asking"`
}

func (r *scopeRows) channels() []civic.OtherChannel {
	var out []civic.OtherChannel
	for _, c := range r.Channels {
		out = append(out, civic.OtherChannel{
			Code: c.Code, Scope: civic.Scope(c.Verdict), Reason: c.Reason, Names: c.Name.civic(), Message: c.Message.civic(),
			Address: c.Address.civic(), Link: c.Link, Certainty: civic.Certainty(c.Certainty), Source: c.Source,
		})
	}
	return out
}

// config is what the engine takes. Agencies are accused under any of their
// names, except those that the file knows as kinds of bodies.
func (r *scopeRows) config(agencies []civic.Agency) scope.Config {
	c := scope.Config{
		Biases: map[civic.Scope]float64{}, Least: r.Least, TitleFactor: r.TitleFactor, Shorthand: r.Shorthand,
		Accusing: scope.Accusing{
			Titles: r.Accusing.Titles, Offices: r.Accusing.Offices, Bodies: r.Accusing.Bodies,
			Public: r.Accusing.Public, Surnames: r.Accusing.Surnames,
			Middles: r.Accusing.Middles, Hedges: r.Accusing.Hedges, Addressing: r.Accusing.Addressing, Charges: r.Accusing.Charges,
			Neutral: r.Accusing.Neutral, Negations: r.Accusing.Negations,
			Agencies: r.agencyNames(agencies),
		},
		Asking: scope.Asking{Requests: r.Asking.Requests, Ordinals: r.Asking.Ordinals, Common: r.Asking.Common},
	}
	for verdict, bias := range r.Bias {
		c.Biases[civic.Scope(verdict)] = bias
	}
	for _, f := range r.Features {
		for _, verdict := range slices.Sorted(maps.Keys(f.Weights)) {
			c.Features = append(c.Features, scope.Feature{Name: f.Name, Scope: civic.Scope(verdict), Weight: f.Weights[verdict]})
		}
	}
	for _, q := range r.Cues {
		c.Cues = append(c.Cues, scope.Cue{
			Group: q.Group, Scope: civic.Scope(q.Verdict), Weight: q.Weight, Channel: q.Channel, Own: q.Own, Within: q.Within,
			Accuses: q.Accuses, Persons: q.Persons, Phrases: q.Phrases, Near: q.Near,
		})
	}
	return c
}

func (r *scopeRows) agencyNames(agencies []civic.Agency) []string {
	seen := map[string]bool{}
	for _, kind := range slices.Concat(r.Accusing.Bodies, r.Accusing.Offices) {
		seen[key(kind)] = true
	}
	var out []string
	for _, a := range agencies {
		if a.Parent == "" {
			continue // the root stands for everything above
		}
		for _, name := range append([]string{a.Names[civic.Vietnamese], a.Names[civic.English]}, a.Aliases...) {
			if k := key(name); k != "" && !seen[k] {
				seen[k] = true
				out = append(out, name)
			}
		}
	}
	return out
}

// checkScope checks channels and verdicts, lets the engine check and compile
// the rest, and keeps the result.
func checkScope(r *scopeRows, d *Data) []error {
	p := &problems{file: scopeFile}
	reasons, known := map[string]bool{}, map[string]bool{}
	for _, reason := range d.Rejections {
		reasons[reason.Code] = true
	}
	var codes []string
	for _, c := range d.Registry.OtherChannels {
		codes = append(codes, c.Code)
		known[c.Code] = true
		p.named(c.Code, "the name", c.Names)
		p.named(c.Code, "the message", c.Message)
		p.named(c.Code, "the address", c.Address)
		if !c.Scope.Valid() || c.Scope == civic.InScope {
			p.add(c.Code, "the verdict %q sets nothing apart", c.Scope)
		}
		if !reasons[c.Reason] {
			p.add(c.Code, "the rejection reason %q is unknown", c.Reason)
		}
		if c.Certainty != civic.Provisional && c.Certainty != civic.Decided {
			p.add(c.Code, "the certainty %q is neither provisional nor decided", c.Certainty)
		}
		if c.Source == "" {
			p.add(c.Code, "the source is missing")
		}
	}
	p.coded(snake, codes)
	for _, q := range r.Cues {
		if q.Channel != "" && !known[q.Channel] {
			p.add(q.Group, "the channel %q is unknown", q.Channel)
		}
	}
	for _, verdict := range slices.Sorted(maps.Keys(r.Bias)) {
		if !civic.Scope(verdict).Valid() {
			p.add("bias", "the verdict %q is unknown", verdict)
		}
	}
	d.newJudge = func(agencies []civic.Agency) (*scope.Judge, error) { return scope.New(r.config(agencies)) }
	judge, err := d.newJudge(d.Registry.Agencies)
	if err != nil {
		p.list = append(p.list, fmt.Errorf("%s: %w", scopeFile, err))
	}
	d.Scope = judge
	return p.list
}
