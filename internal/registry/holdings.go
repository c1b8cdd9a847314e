package registry

import "hienke/internal/civic"

type holdingRow struct {
	Code   string `toml:"code"`
	Name   names  `toml:"name"`
	Where  names  `toml:"where"`
	Why    names  `toml:"why"`
	Basis  names  `toml:"basis"`
	Kept   names  `toml:"kept"`
	SeenBy names  `toml:"seen_by"`
}

func (f *files) convertHoldings() []civic.Holding {
	var out []civic.Holding
	for _, r := range f.holdings.Rows {
		out = append(out, civic.Holding{
			Code: r.Code, Name: r.Name.civic(), Where: r.Where.civic(), Why: r.Why.civic(), Basis: r.Basis.civic(), Kept: r.Kept.civic(), SeenBy: r.SeenBy.civic(),
		})
	}
	return out
}

func checkHoldings(list []civic.Holding) []error {
	p := &problems{file: holdingsFile}
	var codes []string
	for _, h := range list {
		codes = append(codes, h.Code)
		for what, text := range map[string]civic.Names{
			"the name": h.Name, "where it lies": h.Where, "why": h.Why, "the basis": h.Basis, "how long it is kept": h.Kept, "who sees it": h.SeenBy,
		} {
			p.named(h.Code, what, text)
		}
	}
	p.coded(snake, codes)
	return p.list
}
