package matching

// places finds the terms of one document by their hashes, a hundred thousand
// times for each lookup, and mostly in vain. A table of its own, an eighth full
// at most, answers that with one look where a map takes several.
type places struct {
	terms []termUse
	slots []uint16 // place in terms and 1, or 0
	shift uint     // leaves the bits of a hash that choose the slot
}

const _ = uint16(maxTerms) // a slot holds any place

func newPlaces(terms []termUse) places {
	const sparse = 8
	bits := uint(6)
	for 1<<bits < sparse*len(terms) {
		bits++
	}
	p := places{terms: terms, slots: make([]uint16, 1<<bits), shift: 64 - bits}
	for i, t := range terms {
		slot := p.slot(t.hash)
		for p.slots[slot] != 0 {
			slot = (slot + 1) & (len(p.slots) - 1)
		}
		p.slots[slot] = uint16(i + 1)
	}
	return p
}

// slot is where to look first. Hashes are mixed well, their upper bits too.
func (p *places) slot(hash int64) int { return int(uint64(hash) >> p.shift) }

// of returns the place of a term.
func (p *places) of(hash int64) (place int, found bool) {
	for slot := p.slot(hash); p.slots[slot] != 0; slot = (slot + 1) & (len(p.slots) - 1) {
		if place := int(p.slots[slot]) - 1; p.terms[place].hash == hash {
			return place, true
		}
	}
	return 0, false
}
