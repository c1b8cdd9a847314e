package registry

import (
	"slices"

	"hienke/internal/civic"
)

type holdingRow struct {
	Code   string `toml:"code"`
	Name   names  `toml:"name"`
	Where  names  `toml:"where"`
	Why    names  `toml:"why"`
	Basis  names  `toml:"basis"`
	Kept   names  `toml:"kept"`
	SeenBy names  `toml:"seen_by"`
	// ErasedWith is contact, or empty: what is erased by itself alone.
	ErasedWith string `toml:"erased_with"`
}

// HoldingFiles is the one holding that can go with the contact.
const HoldingFiles = "files"

// erasedWithContact is the value that says so.
const erasedWithContact = "contact"

// FilesWithContact reports whether the files of a sender are erased together
// with the contact.
func (d *Data) FilesWithContact() bool {
	return slices.ContainsFunc(d.Holdings, func(h civic.Holding) bool { return h.Code == HoldingFiles && h.WithContact })
}

func (f *files) convertHoldings() []civic.Holding {
	var out []civic.Holding
	for _, r := range f.holdings.Rows {
		out = append(out, civic.Holding{
			Code: r.Code, Name: r.Name.civic(), Where: r.Where.civic(), Why: r.Why.civic(), Basis: r.Basis.civic(), Kept: r.Kept.civic(), SeenBy: r.SeenBy.civic(),
			WithContact: r.ErasedWith == erasedWithContact,
		})
	}
	return out
}

func (f *files) checkHoldings(list []civic.Holding) []error {
	p := &problems{file: holdingsFile}
	for _, r := range f.holdings.Rows {
		if r.ErasedWith != "" && (r.ErasedWith != erasedWithContact || r.Code != HoldingFiles) {
			p.add(r.Code, "erased_with is for %s alone, and says %s or nothing", HoldingFiles, erasedWithContact)
		}
	}
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
