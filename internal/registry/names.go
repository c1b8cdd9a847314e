package registry

import (
	"slices"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/vitext"
)

// nameIndex leads from the key of a name to the codes of those who bear it.
type nameIndex map[string][]string

// key is what two spellings of one name have in common: the folded words,
// without punctuation. "Bộ KH&CN" and "bo kh-cn" have the same.
func key(name string) string { return strings.Join(vitext.Words(name), " ") }

// add notes that code bears each of the names.
func (x nameIndex) add(code string, names ...string) {
	for _, name := range names {
		k := key(name)
		if k != "" && !slices.Contains(x[k], code) {
			x[k] = append(x[k], code)
		}
	}
}

func indexAgencies(agencies []civic.Agency) nameIndex {
	x := nameIndex{}
	for _, a := range agencies {
		x.add(string(a.Code), string(a.Code), a.Names[civic.Vietnamese], a.Names[civic.English])
		x.add(string(a.Code), a.Aliases...)
	}
	return x
}

func indexAreas(areas []civic.Area) nameIndex {
	x := nameIndex{}
	for _, a := range areas {
		x.add(string(a.Code), string(a.Code), a.Names[civic.Vietnamese], a.Names[civic.English])
		x.add(string(a.Code), a.Aliases...)
	}
	return x
}
