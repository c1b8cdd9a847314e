package blevesearch_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hienke/configs"
	"hienke/internal/civic"
	"hienke/internal/registry"
	"hienke/internal/search"
	"hienke/internal/search/blevesearch"
)

// TestMeasureNames asks for real answers by other names: of each question of
// dvc_faq/questions.jsonl below the folder that HIENKE_TEST_EVAL_DATA names, each
// name that the delivered thesaurus knows is replaced by each other name for the
// same, and the question's own answer must be found. The corpus are the answers
// without their questions, among the articles of vi_laws. So what is right comes
// from the data; what is measured is what the same person gets who knows the
// thing by its other name. The second half asks for every name by itself: of
// the first page, how much has one of the names with its accents (precision), and
// how much of what could stand there does (recall).
func TestMeasureNames(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("HIENKE_TEST_EVAL_DATA")
	if dir == "" {
		t.Skip("set HIENKE_TEST_EVAL_DATA to the folder with dvc_faq/questions.jsonl and vi_laws/routing.jsonl")
	}
	data, err := registry.Load(configs.Registry())
	if err != nil {
		t.Fatal(err)
	}
	const firstPage = 10
	type row struct {
		Question string `json:"question"`
		Answer   string `json:"answer"`
		Text     string `json:"text"`
		Title    string `json:"title"`
	}
	var changes []search.Change
	texts := map[civic.Code]string{}
	var questions []row
	for i, r := range readRows[row](t, filepath.Join(dir, "dvc_faq", "questions.jsonl")) {
		code := civic.Code(fmt.Sprint("Q", i))
		questions = append(questions, r)
		texts[code] = exactly(r.Answer)
		changes = append(changes, search.Put(search.Document{Code: code, Body: r.Answer, ReceivedAt: time.Unix(1, 0)}))
	}
	for i, r := range readRows[row](t, filepath.Join(dir, "vi_laws", "routing.jsonl")) {
		code := civic.Code(fmt.Sprint("L", i))
		texts[code] = exactly(r.Title + "\n" + r.Text)
		changes = append(changes, search.Put(search.Document{Code: code, Title: r.Title, Body: r.Text, ReceivedAt: time.Unix(1, 0)}))
	}
	for _, known := range []struct {
		how       string
		thesaurus *search.Thesaurus
	}{{"without", nil}, {"with", data.Thesaurus}} {
		folder := t.TempDir()
		x, err := blevesearch.Open(folder, search.Public, known.thesaurus)
		if err != nil {
			t.Fatal(err)
		}
		for batch := range slices.Chunk(changes, search.MaxBatch) {
			if err := x.Apply(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
		}
		ask := func(text string, most int) search.Result {
			r, err := x.Query(t.Context(), search.Query{Text: text + " ", Page: 1, PerPage: most})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		asked, first, ten, mrr := 0, 0, 0, 0.0
		for i, q := range questions {
			for _, variant := range otherwise(data.Thesaurus, q.Question) {
				asked++
				hits := ask(variant, firstPage).Hits
				at := slices.IndexFunc(hits, func(h search.Hit) bool { return string(h.Code) == fmt.Sprint("Q", i) })
				if at == 0 {
					first++
				}
				if at >= 0 {
					ten++
					mrr += 1 / float64(at+1)
				}
			}
		}
		n := float64(asked)
		t.Logf("%s thesaurus: %d variants, hit@1 %.3f, hit@10 %.3f, MRR@10 %.3f", known.how, asked, float64(first)/n, float64(ten)/n, mrr/n)
		right, found, wanted := 0, 0, 0
		for _, name := range data.Thesaurus.Names() {
			forms := append([][]search.Word{name.Words}, name.Others...)
			relevant := map[civic.Code]bool{}
			for code, text := range texts {
				if hasExact(text, forms) {
					relevant[code] = true
				}
			}
			wanted += min(len(relevant), firstPage)
			r := ask(name.Key(), firstPage)
			if r.Relaxed {
				continue
			}
			found += len(r.Hits)
			for _, h := range r.Hits {
				if relevant[h.Code] {
					right++
				}
			}
		}
		t.Logf("%s thesaurus: %d names alone, precision %.3f, recall %.3f", known.how, len(data.Thesaurus.Names()), float64(right)/float64(found), float64(right)/float64(wanted))
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func readRows[R any](t *testing.T, path string) (out []R) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var r R
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// otherwise writes a question with its first name replaced by each other one.
func otherwise(thesaurus *search.Thesaurus, question string) (out []string) {
	parts := thesaurus.Parse(question)
	for i, p := range parts {
		if !p.Named() {
			continue
		}
		for _, other := range p.Name.Others {
			var words []string
			for j, q := range parts {
				if j == i {
					words = append(words, exactWords(other))
					continue
				}
				for _, term := range q.Terms {
					words = append(words, term.Exact)
				}
			}
			out = append(out, strings.Join(words, " "))
		}
	}
	return out
}

func exactWords(words []search.Word) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Exact
	}
	return strings.Join(out, " ")
}

// exactly is a text as its words with their accents, one space around each.
func exactly(text string) string { return " " + exactWords(search.Words(text)) + " " }

// hasExact reports whether a text has one of the names with its accents.
func hasExact(text string, names [][]search.Word) bool {
	return slices.ContainsFunc(names, func(n []search.Word) bool { return strings.Contains(text, " "+exactWords(n)+" ") })
}
