package routing

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// formatVersion is the first byte of a stored model. It rises with every
// change of the format or of how texts are read.
const formatVersion = 2

// Bounds of what UnmarshalBinary unpacks: a model of 400,000 features and 500
// labels fits, and a few bytes cannot blow up to hundreds of megabytes.
const (
	maxStored   = 256 << 20 // bytes
	maxInflated = 100       // times the packed size; real models stay below 10
	leastStored = 1 << 20   // bytes that are unpacked in any case
)

// Errors of UnmarshalBinary.
var (
	// ErrBroken is returned for a stored model that is damaged. The model that
	// served before should go on serving.
	ErrBroken = errors.New("stored model is broken")
	// ErrFormat is an ErrBroken: another version of this program wrote the
	// model. Nothing is damaged; a new one must be trained.
	ErrFormat = fmt.Errorf("%w: it has another format than %d and must be trained anew", ErrBroken, formatVersion)
)

// MarshalBinary writes the model: a format byte, a SHA-256 of the rest, and
// the compressed content. It is the same for the same model.
func (m *Model) MarshalBinary() ([]byte, error) {
	var b []byte
	text := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	text(m.version)
	b = binary.AppendUvarint(b, uint64(len(m.labels)))
	for i, label := range m.labels {
		text(label)
		b = binary.AppendUvarint(b, uint64(m.confirmed[i]))
	}
	b = binary.AppendUvarint(b, uint64(len(m.vocabulary.hashes)))
	b = binary.AppendUvarint(b, uint64(m.vocabulary.words))
	b = binary.AppendUvarint(b, uint64(m.vocabulary.phrase))
	for _, h := range m.vocabulary.hashes {
		b = binary.LittleEndian.AppendUint32(b, h)
	}
	for _, numbers := range [][]float32{m.vocabulary.idf, m.all.scales, m.words.scales} {
		for _, x := range numbers {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
	for _, weights := range [][]int8{m.all.weights, m.words.weights} {
		for _, w := range weights {
			b = append(b, byte(w))
		}
	}
	for _, x := range []float64{m.calibration.Margin, m.calibration.Top, m.calibration.Offset} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return seal(b)
}

// seal compresses the content and puts format and checksum before it.
func seal(content []byte) ([]byte, error) {
	var body bytes.Buffer
	z, err := flate.NewWriter(&body, flate.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("pack model: %w", err)
	}
	_, err = z.Write(content)
	if err := errors.Join(err, z.Close()); err != nil {
		return nil, fmt.Errorf("pack model: %w", err)
	}
	sum := sha256.Sum256(body.Bytes())
	return slices.Concat([]byte{formatVersion}, sum[:], body.Bytes()), nil
}

// UnmarshalBinary reads what MarshalBinary wrote. Anything else is ErrBroken,
// or ErrFormat, and leaves the model as it was. It takes no more memory than
// the content accounts for.
func (m *Model) UnmarshalBinary(data []byte) error {
	const head = 1 + sha256.Size
	switch {
	case len(data) > 0 && data[0] != formatVersion:
		return ErrFormat
	case len(data) < head || sha256.Sum256(data[head:]) != [sha256.Size]byte(data[1:head]):
		return ErrBroken
	}
	limit := min(maxStored, maxInflated*int64(len(data))+leastStored)
	content, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data[head:])), limit+1))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if int64(len(content)) > limit {
		return fmt.Errorf("%w: it unpacks to more than %d bytes", ErrBroken, limit)
	}
	r := &reader{rest: content}
	loaded := r.model()
	if r.broken || len(r.rest) > 0 {
		return ErrBroken
	}
	*m = loaded
	return nil
}

// reader takes content apart. After a mistake it gives nothing any more.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) model() (m Model) {
	m.version = string(r.take(r.length(1)))
	labels := r.length(2)
	for range labels {
		m.labels = append(m.labels, string(r.take(r.length(1))))
		m.confirmed = append(m.confirmed, r.number())
	}
	features, words, phrase := r.length(12+labels), r.number(), r.number()
	if labels == 0 || phrase < 1 || phrase > longestPhrase || words > features || !slices.IsSorted(m.labels) {
		r.broken = true
	}
	if r.broken {
		return m
	}
	m.vocabulary = vocabulary{hashes: make([]uint32, features), words: words, phrase: phrase}
	for i, raw := 0, r.take(4*features); i < len(raw)/4; i++ {
		m.vocabulary.hashes[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	m.vocabulary.idf, m.all.scales, m.words.scales = r.floats(features), r.floats(features), r.floats(words)
	m.all.weights, m.words.weights = r.bytes(features*labels), r.bytes(words*labels)
	for _, x := range []*float64{&m.calibration.Margin, &m.calibration.Top, &m.calibration.Offset} {
		if raw := r.take(8); len(raw) == 8 {
			*x = r.finite(math.Float64frombits(binary.LittleEndian.Uint64(raw)))
		}
	}
	m.vocabulary.buildIndex()
	return m
}

// take returns the next n bytes.
func (r *reader) take(n int) []byte {
	if r.broken || n < 0 || n > len(r.rest) {
		r.broken = true
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

// number reads a whole number that fits the content in some way.
func (r *reader) number() int {
	x, size := binary.Uvarint(r.rest)
	if size <= 0 || x > math.MaxInt32 {
		r.broken = true
		return 0
	}
	r.take(size)
	return int(x)
}

// length reads how many things follow that have at least size bytes each, and
// refuses more than there can be.
func (r *reader) length(size int) int {
	n := r.number()
	if n > len(r.rest)/size {
		r.broken = true
		return 0
	}
	return n
}

func (r *reader) floats(n int) []float32 {
	raw := r.take(4 * n)
	out := make([]float32, len(raw)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		r.finite(float64(out[i]))
	}
	return out
}

func (r *reader) bytes(n int) []int8 {
	raw := r.take(n)
	out := make([]int8, len(raw))
	for i, b := range raw {
		out[i] = int8(b)
	}
	return out
}

// finite refuses numbers that would poison every score.
func (r *reader) finite(x float64) float64 {
	if math.IsNaN(x) || math.Abs(x) > 1e6 {
		r.broken = true
		return 0
	}
	return x
}
