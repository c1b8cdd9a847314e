package search

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/vitext"
)

// SchemaVersion is part of every fingerprint and of what engines keep on disk.
// Raise it when the meaning of a field or the way it is indexed changes: all
// documents then count as drifted and are indexed again.
const SchemaVersion = 1

// Document is what an index holds of one submission. The caller decides what
// goes in: for Public only what was published.
type Document struct {
	Code   civic.Code // the document's id
	Title  string
	Body   string
	Answer string // empty while there is none
	// Empty values are not counted in facets.
	Kind    civic.Kind
	Topic   civic.TopicCode
	Agency  civic.AgencyCode
	Area    civic.AreaCode
	Status  civic.State
	Outcome civic.Outcome
	Year    int // for the facet; 0 is none
	// Times are kept to the microsecond.
	ReceivedAt time.Time
	AnsweredAt time.Time // zero while open
}

// SortedAt is the time by which results are put in order: that of the answer
// or, while there is none, that of receipt.
func (d *Document) SortedAt() time.Time {
	if d.AnsweredAt.IsZero() {
		return d.ReceivedAt
	}
	return d.AnsweredAt
}

// Value returns the document's value of a facet, empty for none.
func (d *Document) Value(f Facet) string {
	switch f {
	case FacetKind:
		return string(d.Kind)
	case FacetTopic:
		return string(d.Topic)
	case FacetAgency:
		return string(d.Agency)
	case FacetArea:
		return string(d.Area)
	case FacetStatus:
		return string(d.Status)
	case FacetOutcome:
		return string(d.Outcome)
	case FacetYear:
		if d.Year != 0 {
			return strconv.Itoa(d.Year)
		}
	}
	return ""
}

// Fingerprint is 32 hexadecimal digits that change when anything of the
// document or SchemaVersion does. Comparing it with what Index.Each tells
// finds drift without reading texts back from the engine.
func (d *Document) Fingerprint() string {
	n := d.Normalized()
	h := sha256.New()
	var size [8]byte
	add := func(s string) { // with its length, so that texts cannot run together
		binary.BigEndian.PutUint64(size[:], uint64(len(s)))
		h.Write(size[:])
		h.Write([]byte(s))
	}
	add(strconv.Itoa(SchemaVersion))
	for _, s := range []string{string(n.Code), n.Title, n.Body, n.Answer} {
		add(s)
	}
	for _, f := range Facets {
		add(n.Value(f))
	}
	for _, t := range []time.Time{n.ReceivedAt, n.AnsweredAt} {
		add(strconv.FormatInt(t.UnixMicro(), 10))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Normalized returns the document as engines keep it: texts as
// vitext.Normalize leaves them, so that nothing invisible or invalid reaches
// an engine and both return the same.
func (d *Document) Normalized() Document {
	n := *d
	n.Title = vitext.Normalize(d.Title)
	n.Body = vitext.Normalize(d.Body)
	n.Answer = vitext.Normalize(d.Answer)
	return n
}

// Change puts a document into an index or takes one out.
type Change struct {
	Code civic.Code
	// Document replaces what the index has under Code; nil removes it.
	Document *Document
}

// Put is the change that adds or replaces a document.
func Put(d Document) Change { return Change{Code: d.Code, Document: &d} }

// Remove is the change that takes a document out. Removing what is not there
// is harmless.
func Remove(code civic.Code) Change { return Change{Code: code} }

// CheckChanges reports what Index.Apply must refuse, as Invalid.
func CheckChanges(changes []Change) error {
	if len(changes) > MaxBatch {
		return errs.New(errs.Invalid, "search.batch_too_large")
	}
	for _, c := range changes {
		switch {
		case !validCode(c.Code):
			return errs.New(errs.Invalid, "search.not_a_code")
		case c.Document == nil:
		case c.Document.Code != c.Code:
			return errs.New(errs.Invalid, "search.not_a_code")
		case c.Document.ReceivedAt.IsZero():
			return errs.New(errs.Invalid, "search.no_receipt")
		}
	}
	return nil
}

// validCode accepts what both engines take as an id. It does not look at the
// check character: that a code exists is the store's business.
func validCode(code civic.Code) bool {
	const longest = 64 // bytes, far beyond any code
	if code == "" || len(code) > longest {
		return false
	}
	for _, c := range []byte(code) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return true
}

// LastChanges returns the last change for each code, in order of first
// appearance: the only ones that count within a batch.
func LastChanges(changes []Change) []Change {
	at := make(map[civic.Code]int, len(changes))
	last := make([]Change, 0, len(changes))
	for _, c := range changes {
		if i, ok := at[c.Code]; ok {
			last[i] = c
			continue
		}
		at[c.Code] = len(last)
		last = append(last, c)
	}
	return last
}
