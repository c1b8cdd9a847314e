package directory

import (
	"maps"
	"slices"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/vitext"
)

// book is the lists as entries, found by code and by name: thousands of
// communes are added at once.
type book struct {
	kinds  map[civic.EntryKind][]civic.Entry
	places map[civic.EntryKey]int
	names  map[string][]int // places of one kind by nameKey
}

func newBook(lists *civic.Lists) *book {
	b := &book{kinds: map[civic.EntryKind][]civic.Entry{}, places: map[civic.EntryKey]int{}, names: map[string][]int{}}
	for _, kind := range civic.EntryKinds {
		for _, e := range lists.Entries(kind) {
			b.put(e)
		}
	}
	return b
}

// clone is a book that can be written in for a try.
func (b *book) clone() *book {
	out := &book{kinds: map[civic.EntryKind][]civic.Entry{}, places: maps.Clone(b.places), names: map[string][]int{}}
	for kind, list := range b.kinds {
		out.kinds[kind] = slices.Clone(list)
	}
	for key, places := range b.names {
		out.names[key] = slices.Clone(places)
	}
	return out
}

// nameKey is what two entries of one list may not have in common while both
// hold: the folded name below the same parent. Communes of two provinces may
// share theirs.
func nameKey(e civic.Entry) string {
	return string(e.Kind) + "\n" + e.Parent + "\n" + strings.Join(vitext.Words(e.Names[civic.Vietnamese]), " ")
}

// get returns an entry by its code.
func (b *book) get(kind civic.EntryKind, code string) (civic.Entry, bool) {
	at, ok := b.places[civic.EntryKey{Kind: kind, Code: code}]
	if !ok {
		return civic.Entry{}, false
	}
	return b.kinds[kind][at], true
}

// put writes an entry in the place of the one with its code, or at the end.
func (b *book) put(e civic.Entry) {
	key := civic.EntryKey{Kind: e.Kind, Code: e.Code}
	at, known := b.places[key]
	if known {
		old := nameKey(b.kinds[e.Kind][at])
		b.names[old] = slices.DeleteFunc(b.names[old], func(i int) bool { return i == at })
		b.kinds[e.Kind][at] = e
	} else {
		at = len(b.kinds[e.Kind])
		b.places[key] = at
		b.kinds[e.Kind] = append(b.kinds[e.Kind], e)
	}
	b.names[nameKey(e)] = append(b.names[nameKey(e)], at)
}

// namesake returns the code of another entry that bears the name of e, both
// valid at a time, or nothing.
func (b *book) namesake(e civic.Entry, now time.Time) string {
	if !e.Valid.Holds(now) {
		return ""
	}
	for _, at := range b.names[nameKey(e)] {
		if o := b.kinds[e.Kind][at]; o.Code != e.Code && o.Valid.Holds(now) {
			return o.Code
		}
	}
	return ""
}

// placed reports whether the parent of an entry is one that holds, is not below
// the entry, and, of topics, is on the first level.
func (b *book) placed(e civic.Entry, now time.Time) bool {
	if e.Parent == "" {
		return true
	}
	up, ok := b.get(e.Kind, e.Parent)
	if !ok || up.Code == e.Code || e.Valid.Holds(now) && !up.Valid.Holds(now) {
		return false
	}
	if e.Kind == civic.TopicEntry {
		return up.Parent == "" && !slices.ContainsFunc(b.kinds[e.Kind], func(o civic.Entry) bool { return o.Parent == e.Code })
	}
	for range b.kinds[e.Kind] { // bounds a circle that nothing lets in
		if up.Parent == "" {
			return true
		}
		if up.Parent == e.Code {
			return false
		}
		if up, ok = b.get(e.Kind, up.Parent); !ok {
			return true
		}
	}
	return false
}
