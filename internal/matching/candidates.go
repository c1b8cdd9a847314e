package matching

import "context"

// EveryDocument is a term that every counted document has. Its frequency is
// the number of counted documents.
const EveryDocument int64 = 0

// NotReceived is the id of a text that is still being written, which comes
// after every document.
const NotReceived int64 = 0

// Document is a text as it is compared.
type Document struct {
	// ID is above 0, and above those of all documents received before. The id
	// of a text to find similar documents for may also be NotReceived, or below
	// 0 if its place among the documents is not known.
	ID          int64
	Title, Body string
}

// Term is what is stored of one term of a document.
type Term struct {
	// Hash stands for the term: a folded, stemmed word or a pair of them.
	Hash int64
	// Weight tells how much the document is about the term, above 0 for the
	// terms it is to be found by; 0 means that no posting is kept.
	Weight float64
	// Counted means that the frequency of the term grows by one. Only some
	// documents are counted, see Salient.
	Counted bool
}

// Posting says that a document is found by a term.
type Posting struct {
	ID     int64
	Term   int64
	Weight float64
}

// Candidates is what ranking reads of the documents kept so far. A database
// needs three tables for it: postings (term, weight, document) with an index
// on term and descending weight, frequencies (term, documents) with term as
// its key, and the texts.
type Candidates interface {
	// Frequencies returns for each term in how many counted documents it
	// occurs. A term that never occurred may be missing.
	Frequencies(ctx context.Context, terms []int64) (map[int64]int, error)
	// Postings returns for each term up to limit postings, those of the
	// highest weight first and of the lowest document among equals, so that
	// the cost is bounded by len(terms)*limit however common a term is. The
	// terms come in any order. A weight may be kept rounded to 1/65536, and
	// one above 100 as 100 or more.
	Postings(ctx context.Context, terms []int64, limit int) ([]Posting, error)
	// Texts returns the documents of these ids in any order. What is no longer
	// there is left out.
	Texts(ctx context.Context, ids []int64) ([]Document, error)
}
