package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"hienke/configs"
	"hienke/internal/civic"
	"hienke/internal/config"
	"hienke/internal/registry"
	"hienke/internal/scope"
)

type evalScopeCommand struct {
	File    string `help:"JSONL of {title, text or body, verdict or label}; {accuses} if known." required:"" type:"existingfile"`
	InScope bool   `help:"Take every row for in scope, whatever its label: accepted petitions, laws." name:"in-scope"`
	Wrong   bool   `help:"List the rows that were judged otherwise, to standard error."`
	JSON    bool   `help:"Print one JSON object." name:"json"`
}

// scopeLine is a line of the file.
type scopeLine struct {
	ID       json.RawMessage `json:"id"`
	Title    string          `json:"title"`
	Text     string          `json:"text"`
	Body     string          `json:"body"`
	Question string          `json:"question"`
	Verdict  civic.Scope     `json:"verdict"`
	Label    civic.Scope     `json:"label"`
	Accuses  *bool           `json:"accuses"`
}

func (c *evalScopeCommand) run(ctx context.Context, p process, settings config.Config) error {
	fsys := configs.Registry()
	if dir := settings.Registry.Dir; dir != "" {
		fsys = os.DirFS(dir)
	}
	data, err := registry.Load(fsys)
	if err != nil {
		return err
	}
	examples, ids, err := c.read()
	if err != nil {
		return err
	}
	if c.Wrong {
		for i, e := range examples {
			v := data.Scope.Judge(e.Input)
			if v.Scope != e.Scope || e.Accuses != nil && *e.Accuses != v.Accuses || e.Accuses == nil && v.Accuses {
				fmt.Fprintf(p.err, "%s: %s, judged %s %.2f %s %q accused %q: %.120s\n", ids[i], e.Scope, v.Scope, v.Confidence, v.Channel, v.Words, v.Accused, e.Title)
			}
		}
	}
	r := scope.Evaluate(data.Scope, examples)
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(p.out, r)
	}
	return showScopeReport(p, r)
}

// read reads the file. A row without a verdict is an error, unless all are
// taken for in scope.
func (c *evalScopeCommand) read() (examples []scope.Example, ids []string, err error) {
	f, err := os.Open(c.File)
	if err != nil {
		return nil, nil, fmt.Errorf("open: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxEvalLine)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var l scopeLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, nil, fmt.Errorf("%s, line %d: %w", c.File, n, err)
		}
		e, err := c.example(l)
		if err != nil {
			return nil, nil, fmt.Errorf("%s, line %d: %w", c.File, n, err)
		}
		examples, ids = append(examples, e), append(ids, strings.Trim(string(l.ID), `"`))
	}
	if err := lines.Err(); err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", c.File, err)
	}
	return examples, ids, nil
}

func (c *evalScopeCommand) example(l scopeLine) (scope.Example, error) {
	e := scope.Example{Input: scope.Input{Title: l.Title, Body: l.Body + l.Text + l.Question}, Scope: l.Verdict, Accuses: l.Accuses}
	if e.Body != l.Title { // some sets begin the text with its title
		e.Body = strings.TrimPrefix(e.Body, l.Title)
	}
	switch {
	case c.InScope:
		e.Scope = civic.InScope
	case e.Scope == "":
		e.Scope = l.Label
	}
	if !e.Scope.Valid() {
		return e, fmt.Errorf("the verdict %q is unknown", e.Scope)
	}
	return e, nil
}

func showScopeReport(p process, r scope.Report) error {
	out := &strings.Builder{}
	fmt.Fprintf(out, "%d rows\naccuracy                %.3f\nmacro-F1                %.3f\nfalse alarms            %.4f of the rows in scope\n",
		r.Rows, r.Accuracy, r.MacroF1, r.FalseAlarms)
	fmt.Fprintf(out, "taken for accusing      %.4f of all rows\nseveral requests        %.4f of all rows\n", r.Flagged, r.Several)
	line := func(name string, f scope.Figures) {
		fmt.Fprintf(out, "%-14s precision %.3f   recall %.3f   %4d right, %4d given\n", name, f.Precision, f.Recall, f.Rows, f.Given)
	}
	for _, s := range civic.Scopes {
		if f, ok := r.Verdicts[s]; ok {
			line(string(s), f)
		}
	}
	if r.Accusations != nil {
		line("accuses", *r.Accusations)
	}
	_, err := fmt.Fprint(p.out, out.String())
	return err
}
