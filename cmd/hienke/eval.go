package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"hienke/internal/app"
	"hienke/internal/config"
	"hienke/internal/matching"
	"hienke/internal/routing"
)

type evalCommand struct {
	Duplicates evalDuplicatesCommand `cmd:"" help:"How well earlier submissions that ask for the same are found."`
	Routing    evalRoutingCommand    `cmd:"" help:"How well the classifier finds the responsible agency."`
}

type evalDuplicatesCommand struct {
	Corpus  string `help:"JSONL of {id, title, text}." required:"" type:"existingfile"`
	Queries string `help:"JSONL of {query_id, title, text, relevant: [ids in the corpus]}." required:"" type:"existingfile"`
	JSON    bool   `help:"Print one JSON object." name:"json"`
}

func (c *evalDuplicatesCommand) run(ctx context.Context, p process, _ config.Config) error {
	ids := map[string]int64{}
	idOf := func(id json.RawMessage) int64 { // ids may be numbers or strings
		key := string(id)
		if ids[key] == 0 {
			ids[key] = int64(len(ids) + 1)
		}
		return ids[key]
	}
	var corpus []matching.Document
	err := eachLine(c.Corpus, func(l evalLine) {
		corpus = append(corpus, matching.Document{ID: idOf(l.ID), Title: l.Title, Body: l.Text})
	})
	if err != nil {
		return err
	}
	var queries []matching.Query
	err = eachLine(c.Queries, func(l evalLine) {
		q := matching.Query{Document: matching.Document{Title: l.Title, Body: l.Text}}
		for _, id := range l.Relevant {
			q.Relevant = append(q.Relevant, idOf(id))
		}
		queries = append(queries, q)
	})
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

type evalRoutingCommand struct {
	Train string `help:"JSONL of {title, text, label} to learn from." required:"" type:"existingfile"`
	Test  string `help:"JSONL of {title, text, label} to measure on." required:"" type:"existingfile"`
	JSON  bool   `help:"Print one JSON object." name:"json"`
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
	show, finish := p.watch(int64(len(sets[1])), "routing", "texts")
	r, err := routing.Evaluate(ctx, sets[0], sets[1], app.SystemClock, func(done, _ int) { show(int64(done)) })
	finish()
	if err != nil {
		return fmt.Errorf("evaluate: %w", err)
	}
	if c.JSON {
		return writeJSON(p.out, r)
	}
	_, err = fmt.Fprintf(p.out, `%d rows, %d classes, %d skipped for want of examples
accuracy                   %.3f
macro-F1                   %.3f
right in the top 3         %.3f
alone at 98 %% precision    %.3f
training                   %.1f s
one decision               %.0f µs
`, r.Rows, r.Classes, r.Skipped, r.Accuracy, r.MacroF1, r.Top3, r.AutoShareAt98, r.TrainSeconds, r.DecisionMicros)
	return err
}

// watch shows progress beside the figures, which alone go to standard output.
func (p process) watch(total int64, what, unit string) (func(int64), func()) {
	return progress(app.Streams{Out: p.err, Terminal: p.terminal}, total, what, unit)
}

// evalLine is a line of any of the files.
type evalLine struct {
	ID       json.RawMessage   `json:"id"`
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
