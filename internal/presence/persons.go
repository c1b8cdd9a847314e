package presence

import (
	"cmp"
	"slices"
)

// Persons makes of the signs of windows the list of people: each once, editing
// where any window says so, in the order of the accounts.
func Persons(signs []Sign) []Person {
	var out []Person
	for _, s := range signs {
		i := slices.IndexFunc(out, func(p Person) bool { return p.User == s.User })
		switch {
		case i < 0:
			out = append(out, Person{User: s.User, Doing: s.Doing})
		case s.Doing == Editing:
			out[i].Doing = Editing
		}
	}
	slices.SortFunc(out, func(a, b Person) int { return cmp.Compare(a.User, b.User) })
	return out
}
