package meilisearch

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	client "github.com/meilisearch/meilisearch-go"
	"golang.org/x/text/unicode/norm"

	"hienke/internal/civic"
	"hienke/internal/search"
	"hienke/internal/vitext"
)

// Attributes that settings and queries name. Beside them each search.Facet is
// an attribute of its name.
const (
	attrCode        = "code"
	attrFingerprint = "fingerprint"
	attrTitle       = "title"
	attrBody        = "body"
	attrAnswer      = "answer"
	attrHead        = "head"       // folded words of the title
	attrHeadExact   = "head_exact" // its words with their accents, spelled
	attrText        = "text"       // folded words of body and answer
	attrTextExact   = "text_exact" // their words with their accents, spelled
	attrAnsweredAt  = "answered_at"
	attrSortedAt    = "sorted_at"
)

// record is a document as the server keeps it. Only the four attributes of
// words are searched; the texts are there to be shown. Times are Unix
// microseconds, which a float64, all that Meilisearch has, holds exactly until
// the year 2255.
type record struct {
	Code        string `json:"code"`
	Fingerprint string `json:"fingerprint"`
	Title       string `json:"title"`
	Body        string `json:"body"`
	Answer      string `json:"answer,omitempty"`
	Head        string `json:"head"`
	HeadExact   string `json:"head_exact"`
	Text        string `json:"text"`
	TextExact   string `json:"text_exact"`
	Kind        string `json:"kind,omitempty"`
	Topic       string `json:"topic,omitempty"`
	Agency      string `json:"agency,omitempty"`
	Area        string `json:"area,omitempty"`
	Status      string `json:"status,omitempty"`
	Outcome     string `json:"outcome,omitempty"`
	Year        string `json:"year,omitempty"`
	AnsweredAt  *int64 `json:"answered_at,omitempty"`
	SortedAt    int64  `json:"sorted_at"`
}

// newRecord makes the server's form of d.
func newRecord(d *search.Document) record {
	n := d.Normalized()
	head, body, answer := search.Words(n.Title), search.Words(n.Body), search.Words(n.Answer)
	r := record{
		Code: string(n.Code), Fingerprint: d.Fingerprint(),
		Title: n.Title, Body: n.Body, Answer: n.Answer,
		Head: folded(head), HeadExact: spelled(head),
		// The full stop keeps the last word of one from neighbouring the first
		// of the other.
		Text: folded(body) + " . " + folded(answer), TextExact: spelled(body) + " . " + spelled(answer),
		Kind: string(n.Kind), Topic: string(n.Topic), Agency: string(n.Agency), Area: string(n.Area),
		Status: string(n.Status), Outcome: string(n.Outcome), Year: n.Value(search.FacetYear),
		SortedAt: n.SortedAt().UnixMicro(),
	}
	if !n.AnsweredAt.IsZero() {
		at := n.AnsweredAt.UnixMicro()
		r.AnsweredAt = &at
	}
	return r
}

func folded(words []search.Word) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(w.Folded)
		b.WriteByte(' ')
	}
	return b.String()
}

func spelled(words []search.Word) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(spell(w.Exact))
		b.WriteByte(' ')
	}
	return b.String()
}

// marks are the signs that spell writes for combining marks.
var marks = map[rune]byte{
	'\u0301': '1', '\u0300': '2', '\u0309': '3', '\u0303': '4', '\u0323': '5', // tones: sắc huyền hỏi ngã nặng
	'\u0302': '6', '\u031b': '7', '\u0306': '8', // letters: â ơ ă
}

// spell writes a word with its accents in ASCII, each mark as a digit after its
// letter: "đường" is "d9u7o72ng". Meilisearch folds accents away from whatever
// it is given and cannot be told not to; what is spelled out it keeps apart.
// The beginning of a word is spelled as the beginning of its spelling, so that
// search as you type works. Other letters than Vietnamese ones are folded.
func spell(word string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(word) {
		switch mark, ok := marks[r]; {
		case ok:
			b.WriteByte(mark)
		case r == 'đ':
			b.WriteString("d9")
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		default:
			b.WriteString(vitext.Fold(string(r)))
		}
	}
	return b.String()
}

// hit gives a record the form of the port.
func (r record) hit(parts []search.Part) search.Hit {
	h := search.Hit{
		Code: civic.Code(r.Code), Title: r.Title,
		Snippet: search.Snippet(parts, typoLetters, r.Body, r.Answer),
		Kind:    civic.Kind(r.Kind), Topic: civic.TopicCode(r.Topic), Agency: civic.AgencyCode(r.Agency),
	}
	if r.AnsweredAt != nil {
		h.AnsweredAt = time.UnixMicro(*r.AnsweredAt).UTC()
	}
	return h
}

// decode reads records from an answer.
func decode(hits client.Hits) ([]record, error) {
	out := make([]record, len(hits))
	for i, h := range hits {
		if err := h.DecodeInto(&out[i]); err != nil {
			return nil, fmt.Errorf("decode a document: %w", err)
		}
	}
	return out, nil
}
