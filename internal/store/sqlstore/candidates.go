package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"strconv"

	"hienke/internal/civic"
	"hienke/internal/matching"
)

var _ matching.Candidates = matches{}

// collection is a set of texts that can be found: of every submission as it
// was received, or of what is public as the public reads it. Nothing of one
// is ever read for the other.
type collection struct {
	postings, frequencies string // tables
	texts                 string // what a document of it is
}

var (
	received = collection{
		postings: "postings", frequencies: "frequencies",
		texts: `SELECT id, title, body FROM submissions WHERE id IN LIST(?)`,
	}
	public = collection{
		postings: "public_postings", frequencies: "public_frequencies",
		// The condition is that of now: who is no longer public is not shown
		// even before the shelf has heard of it.
		texts: `SELECT id, public_title, public_body FROM submissions WHERE id IN LIST(?) AND root_id IS NULL AND ` + isPublic,
	}
)

// insertPostings writes rows of term and place, insertCounts of a term and by how
// many documents it grows.
func (c collection) insertPostings() insert {
	return insert{table: c.postings, columns: []string{"term", "place"}, types: "ii", tail: "ON CONFLICT DO NOTHING"}
}

func (c collection) insertCounts() insert {
	return insert{
		table: c.frequencies, columns: []string{"term", "documents"}, types: "ii",
		tail: "ON CONFLICT (term) DO UPDATE SET documents = " + c.frequencies + ".documents + excluded.documents",
	}
}

// A place holds weight and document of a posting so that the smaller is the
// better one: see the migration that brought it.
const (
	placeShift  = 40                // bits of the id
	placeSteps  = 1 << 16           // steps of weight to 1
	placeTop    = 1<<23 - 1         // what the steps are subtracted from
	placeWeight = float64(1<<7) - 1 // the greatest weight
)

func placeOf(id int64, weight float64) int64 {
	steps := int64(math.Round(min(weight, placeWeight) * placeSteps))
	return (placeTop-max(steps, 1))<<placeShift + id
}

func postingAt(term, place int64) matching.Posting {
	steps := placeTop - place>>placeShift
	return matching.Posting{Term: term, ID: place & (1<<placeShift - 1), Weight: float64(steps) / placeSteps}
}

// frequenciesIn implements matching.Candidates for a collection. The numbers
// come as one text for the reason that firsts gives.
func (t *tx) frequenciesIn(ctx context.Context, c collection, terms []int64) (map[int64]int, error) {
	var text string
	err := t.scan(ctx, []any{&text}, `SELECT COALESCE(string_agg(CAST(term AS text) || ' ' || CAST(documents AS text), ','), '')
		FROM `+c.frequencies+` WHERE term IN LIST(?)`, t.d.set(terms))
	if err != nil {
		return nil, err
	}
	found := make(map[int64]int, len(terms))
	var term int64
	isTerm := false
	err = eachNumber(text, func(n int64) {
		if isTerm = !isTerm; isTerm {
			term = n
		} else {
			found[term] = int(n)
		}
	})
	return found, err
}

func (t *tx) postingsIn(ctx context.Context, c collection, terms []int64, limit int) ([]matching.Posting, error) {
	out := make([]matching.Posting, 0, len(terms)*limit) // all but the rarest terms fill their lists
	err := t.firsts(ctx, t.d.firsts(c.postings, "term", "place"), terms, limit, func(term, place int64) {
		out = append(out, postingAt(term, place))
	})
	return out, err
}

func (t *tx) textsIn(ctx context.Context, c collection, ids []int64) ([]matching.Document, error) {
	return list(ctx, t, func(r row) (d matching.Document, err error) { return d, r.Scan(&d.ID, &d.Title, &d.Body) },
		c.texts, t.d.set(ids))
}

// firsts calls each for the first values of every key, in order. The query is
// one of dialect.firsts: it gives the values of a key as one, since six
// thousand rows take the drivers longer to hand over than the database to find.
func (t *tx) firsts(ctx context.Context, query string, keys []int64, limit int, each func(key, value int64)) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := list(ctx, t, func(r row) (none struct{}, err error) {
		var key int64
		var values sql.RawBytes // the driver's own, until the next row
		if err := r.Scan(&key, &values); err != nil {
			return none, err
		}
		return none, t.d.numbers(values, func(n int64) { each(key, n) })
	}, query, limit, t.d.set(keys))
	return err
}

// eachNumber reads numbers with anything but digits and minus between them.
func eachNumber[T string | []byte](text T, each func(int64)) error {
	isDigit := func(c byte) bool { return c >= '0' && c <= '9' || c == '-' }
	for i := 0; i < len(text); {
		if !isDigit(text[i]) {
			i++
			continue
		}
		from := i
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		n, err := strconv.ParseInt(string(text[from:i]), 10, 64)
		if err != nil {
			return fmt.Errorf("read a list of numbers: %w", err)
		}
		each(n)
	}
	return nil
}

// Frequencies implements matching.Candidates.
func (t matches) Frequencies(ctx context.Context, terms []int64) (map[int64]int, error) {
	return t.frequenciesIn(ctx, received, terms)
}

// Postings implements matching.Candidates.
func (t matches) Postings(ctx context.Context, terms []int64, limit int) ([]matching.Posting, error) {
	return t.postingsIn(ctx, received, terms, limit)
}

// Texts implements matching.Candidates.
func (t matches) Texts(ctx context.Context, ids []int64) ([]matching.Document, error) {
	return t.textsIn(ctx, received, ids)
}

var insertBands = insert{table: "bands", columns: []string{"band", "submission_id"}, types: "ii", tail: "ON CONFLICT DO NOTHING"}

// AddSignature implements store.Matches. The row in signatures says that all
// of it was done before.
func (t matches) AddSignature(ctx context.Context, submission civic.SubmissionID, bands []int64, terms []matching.Term) error {
	print, err := t.newFingerprint(ctx, bands, terms)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, `INSERT INTO signatures (submission_id, fingerprint) VALUES (?, ?) ON CONFLICT DO NOTHING`, int64(submission), print.value)
	if err != nil || n == 0 {
		return err
	}
	rows := make([][]any, 0, len(bands))
	for _, band := range bands {
		rows = append(rows, []any{band, int64(submission)})
	}
	if err := t.insertRows(ctx, insertBands, rows, nil); err != nil || print.known {
		return err
	}
	return t.post(ctx, received, entriesOf(int64(submission), terms))
}

// RemoveSignature implements store.Matches. A place tells the weight and the
// submission, so that what a text brought is known from the text alone.
func (t matches) RemoveSignature(ctx context.Context, submission civic.SubmissionID, bands []int64, terms []matching.Term) error {
	gone, err := list(ctx, t.tx, func(r row) (print *int64, err error) { return print, r.Scan(&print) },
		`DELETE FROM signatures WHERE submission_id = ? RETURNING fingerprint`, int64(submission))
	if err != nil || len(gone) == 0 {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM bands WHERE band IN LIST(?) AND submission_id = ?`, t.d.set(bands), int64(submission)); err != nil {
		return err
	}
	if gone[0] != nil {
		n, err := t.count(ctx, `SELECT count(*) FROM (SELECT 1 FROM signatures WHERE fingerprint = ? LIMIT 1) AS one`, *gone[0])
		if err != nil || n > 0 {
			return err
		}
	}
	var hashes, places []int64
	for _, e := range entriesOf(int64(submission), terms).postings {
		hashes, places = append(hashes, e[0].(int64)), append(places, e[1].(int64))
	}
	_, err = t.exec(ctx, `DELETE FROM postings WHERE term IN LIST(?) AND place IN LIST(?)`, t.d.set(hashes), t.d.set(places))
	return err
}

// fingerprint is of the text that bands and terms were made of.
type fingerprint struct {
	value any  // nil for a text without words
	known bool // a submission before has it, too
}

// newFingerprint takes the fingerprint of a text. Of two copies that come at
// the same moment neither may know of the other, and both are posted: they
// only take room.
func (t *tx) newFingerprint(ctx context.Context, bands []int64, terms []matching.Term) (fingerprint, error) {
	if len(bands) == 0 {
		return fingerprint{}, nil
	}
	print := fingerprintOf(bands, terms)
	n, err := t.count(ctx, `SELECT count(*) FROM (SELECT 1 FROM signatures WHERE fingerprint = ? LIMIT 1) AS one`, print)
	return fingerprint{print, n > 0}, err
}

func fingerprintOf(bands []int64, terms []matching.Term) int64 {
	h := fnv.New64a()
	var buf []byte
	for _, band := range bands {
		buf = binary.BigEndian.AppendUint64(buf, uint64(band))
	}
	for _, term := range terms {
		if term.Weight > 0 {
			buf = binary.BigEndian.AppendUint64(buf, uint64(term.Hash))
			buf = binary.BigEndian.AppendUint64(buf, math.Float64bits(term.Weight))
		}
	}
	_, _ = h.Write(buf) // never fails
	return int64(h.Sum64())
}

// entries are the rows by which documents are found.
type entries struct{ postings, counts [][]any }

func entriesOf(id int64, terms []matching.Term) (e entries) {
	for _, term := range terms {
		if term.Weight > 0 {
			e.postings = append(e.postings, []any{term.Hash, placeOf(id, term.Weight)})
		}
		if term.Counted {
			e.counts = append(e.counts, []any{term.Hash, 1})
		}
	}
	return e
}

// post writes entries, each table in one order everywhere, so that two
// transactions which count the same terms do not wait for each other.
func (t *tx) post(ctx context.Context, c collection, e entries) error {
	byTerm := func(a, b []any) int { return cmp.Compare(a[0].(int64), b[0].(int64)) }
	slices.SortFunc(e.postings, byTerm)
	slices.SortFunc(e.counts, byTerm)
	if err := t.insertRows(ctx, c.insertPostings(), e.postings, nil); err != nil {
		return err
	}
	return t.insertRows(ctx, c.insertCounts(), e.counts, nil)
}

// Bands implements store.Matches. Of each band the first are enough, and all
// that a campaign of a hundred thousand copies costs.
func (t matches) Bands(ctx context.Context, submission civic.SubmissionID, bands []int64, limit int) ([]civic.SubmissionID, error) {
	shared := map[int64]int{}
	err := t.firsts(ctx, t.d.firsts("bands", "band", "submission_id"), bands, limit+1, func(_, id int64) {
		if id != int64(submission) {
			shared[id]++
		}
	})
	if err != nil || len(shared) == 0 {
		return nil, err
	}
	ids := slices.SortedFunc(maps.Keys(shared), func(a, b int64) int {
		return cmp.Or(cmp.Compare(shared[b], shared[a]), cmp.Compare(a, b))
	})
	out := make([]civic.SubmissionID, 0, limit)
	for _, id := range ids[:min(limit, len(ids))] {
		out = append(out, civic.SubmissionID(id))
	}
	return out, nil
}
