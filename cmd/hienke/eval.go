package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"hienke/internal/app"
	"hienke/internal/config"
	"hienke/internal/matching"
	"hienke/internal/routing"
	"hienke/internal/vitext"
)

type evalCommand struct {
	Duplicates evalDuplicatesCommand `cmd:"" help:"How well earlier submissions that ask for the same are found."`
	Routing    evalRoutingCommand    `cmd:"" help:"How well the classifier finds the responsible agency."`
	Scope      evalScopeCommand      `cmd:"" help:"How well what does not belong here is told apart."`
}

type evalDuplicatesCommand struct {
	Corpus  string `help:"JSONL of {id, title, text}." required:"" type:"existingfile"`
	Queries string `help:"JSONL of {query_id, title, text, relevant: [ids in the corpus]}. Whole numbers are read as the order of receipt." required:"" type:"existingfile"`
	NoOrder bool   `help:"Do not use the order of receipt."`
	JSON    bool   `help:"Print one JSON object." name:"json"`
}

func (c *evalDuplicatesCommand) run(ctx context.Context, p process, _ config.Config) error {
	corpus, queries, err := c.read()
	if err != nil {
		return err
	}
	show, finish := p.watch(int64(len(corpus)+len(queries)), "duplicates", "texts")
	r, err := matching.Evaluate(ctx, corpus, queries, func(done, _ int) { show(int64(done)) })
	finish()
	if err != nil {
		return fmt.Errorf("evaluate: %w", err)
	}
	if c.JSON {
		return writeJSON(p.out, r)
	}
	_, err = fmt.Fprintf(p.out, "%d documents, %d queries\nhit@1   %.3f\nhit@5   %.3f\nhit@10  %.3f\nMRR@10  %.3f\n",
		r.Documents, r.Queries, r.HitAt1, r.HitAt5, r.HitAt10, r.MRRAt10)
	return err
}

// read returns both files. Where the ids are no order of receipt, or it is not
// to be used, documents are numbered as they come and queries have no place
// among them.
func (c *evalDuplicatesCommand) read() ([]matching.Document, []matching.Query, error) {
	var documents, queries []evalLine
	if err := eachLine(c.Corpus, func(l evalLine) { documents = append(documents, l) }); err != nil {
		return nil, nil, err
	}
	if err := eachLine(c.Queries, func(l evalLine) { queries = append(queries, l) }); err != nil {
		return nil, nil, err
	}
	ordered := !c.NoOrder && inOrderOfReceipt(documents, queries)
	ids := make(map[string]int64, len(documents)) // ids may be numbers or strings
	corpus := make([]matching.Document, 0, len(documents))
	for i, l := range documents {
		id := int64(i + 1)
		if ordered {
			id, _ = wholeID(l.ID)
		}
		ids[string(l.ID)] = id
		corpus = append(corpus, matching.Document{ID: id, Title: l.Title, Body: l.Text})
	}
	asked := make([]matching.Query, 0, len(queries))
	for _, l := range queries {
		q := matching.Query{Document: matching.Document{ID: -1, Title: l.Title, Body: l.Text}}
		if ordered {
			q.ID, _ = wholeID(l.QueryID)
		}
		for _, relevant := range l.Relevant {
			if id, known := ids[string(relevant)]; known {
				q.Relevant = append(q.Relevant, id)
			}
		}
		asked = append(asked, q)
	}
	return corpus, asked, nil
}

// inOrderOfReceipt reports whether all ids are whole numbers above 0 and no
// query has the id of a document, so that they may be one sequence.
func inOrderOfReceipt(documents, queries []evalLine) bool {
	taken := make(map[int64]bool, len(documents))
	for _, l := range documents {
		id, whole := wholeID(l.ID)
		if !whole {
			return false
		}
		taken[id] = true
	}
	for _, l := range queries {
		if id, whole := wholeID(l.QueryID); !whole || taken[id] {
			return false
		}
	}
	return true
}

func wholeID(id json.RawMessage) (int64, bool) {
	n, err := strconv.ParseInt(string(id), 10, 64)
	return n, err == nil && n > 0
}

type evalRoutingCommand struct {
	Train        string `help:"JSONL of {title, text, label} to learn from." required:"" type:"existingfile"`
	Test         string `help:"JSONL of {title, text, label} to measure on." required:"" type:"existingfile"`
	Names        bool   `help:"Learn from the names of the labels in the training file too, as a registry has names of its agencies." default:"true" negatable:""`
	StripAccents bool   `help:"Take the accents off the test texts, as people type without them."`
	JSON         bool   `help:"Print one JSON object." name:"json"`
}

func (c *evalRoutingCommand) run(ctx context.Context, p process, _ config.Config) error {
	var sets [2][]routing.Example
	for i, path := range []string{c.Train, c.Test} {
		err := eachLine(path, func(l evalLine) {
			text := l.Text
			if !strings.HasPrefix(text, l.Title) {
				text = l.Title + "\n" + text
			}
			sets[i] = append(sets[i], routing.Example{Text: text, Label: l.Label})
		})
		if err != nil {
			return err
		}
	}
	if c.Names {
		sets[0] = append(sets[0], namesOf(sets[0])...)
	}
	if c.StripAccents {
		for i := range sets[1] {
			sets[1][i].Text = vitext.Fold(sets[1][i].Text)
		}
	}
	show, finish := p.watch(int64(len(sets[1])), "routing", "texts")
	r, err := routing.Evaluate(ctx, sets[0], sets[1], app.SystemClock, func(done, _ int) { show(int64(done)) })
	finish()
	if err != nil {
		return fmt.Errorf("evaluate: %w", err)
	}
	if c.JSON {
		return writeJSON(p.out, r)
	}
	return writeRouting(p.out, r)
}

// namesOf describes every label by its own name, once.
func namesOf(rows []routing.Example) []routing.Example {
	seen := map[string]bool{}
	var names []routing.Example
	for _, e := range rows {
		if !seen[e.Label] {
			seen[e.Label] = true
			names = append(names, routing.Example{Text: e.Label, Label: e.Label, Seed: true})
		}
	}
	return names
}

// writeRouting prints the figures and the reliability table for people.
func writeRouting(w io.Writer, r routing.Report) error {
	_, err := fmt.Fprintf(w, `%d rows, %d classes, %d skipped for want of examples
accuracy                   %.3f
macro-F1                   %.3f
right in the top 3         %.3f
alone at 98 %% precision    %.3f
training                   %.1f s
one decision               %.0f µs

probability   rows   mean  right
`, r.Rows, r.Classes, r.Skipped, r.Accuracy, r.MacroF1, r.Top3, r.AutoShareAt98, r.TrainSeconds, r.DecisionMicros)
	for i, b := range r.Reliability {
		_, line := fmt.Fprintf(w, "%.1f to %.1f  %6d  %.3f  %.3f\n", float64(i)/float64(len(r.Reliability)), float64(i+1)/float64(len(r.Reliability)), b.Rows, b.Predicted, b.Right)
		err = errors.Join(err, line)
	}
	_, last := fmt.Fprintf(w, "expected calibration error %.3f\n", r.CalibrationError)
	return errors.Join(err, last)
}

// watch shows progress beside the figures, which alone go to standard output.
func (p process) watch(total int64, what, unit string) (func(int64), func()) {
	return progress(app.Streams{Out: p.err, Terminal: p.terminal}, total, what, unit)
}

// evalLine is a line of any of the files.
type evalLine struct {
	ID       json.RawMessage   `json:"id"`
	QueryID  json.RawMessage   `json:"query_id"`
	Title    string            `json:"title"`
	Text     string            `json:"text"`
	Label    string            `json:"label"`
	Relevant []json.RawMessage `json:"relevant"`
}

// maxEvalLine bounds a line, in bytes.
const maxEvalLine = 8 << 20

func eachLine(path string, visit func(evalLine)) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxEvalLine)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var l evalLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("%s, line %d: %w", path, n, err)
		}
		visit(l)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

func writeJSON(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }
