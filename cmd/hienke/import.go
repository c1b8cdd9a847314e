package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"hienke/internal/app"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/importing"
)

type importCommand struct {
	File   string            `arg:"" help:"JSONL or CSV (with a header), UTF-8; - reads standard input as JSONL." type:"path"`
	Map    map[string]string `help:"Column of a field; fields: id, kind, title, body, topic, area, language, name, email, phone, address, organisation." placeholder:"FIELD=COLUMN" mapsep:","`
	Kind   string            `help:"Kind of lines that give none: feedback, recommendation, initiative or solution." default:"recommendation"`
	Source string            `help:"Name of the source, by which a line that was imported before is recognised. Empty: the file's name." placeholder:"NAME"`
	Size   int64             `hidden:""`
	DryRun bool              `help:"Check every line and store nothing."`
}

func (c *importCommand) prepare(p process) (io.Reader, func() error, error) {
	if c.File == "-" {
		return p.in, func() error { return nil }, nil
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, nil, fmt.Errorf("open the file: %w", err)
	}
	if info, err := f.Stat(); err == nil {
		c.Size = info.Size()
	}
	return f, f.Close, nil
}

func (c *importCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	o := importing.Options{
		Format: importing.FormatOf(c.File), Source: c.Source, Map: c.Map, Kind: civic.Kind(c.Kind), DryRun: c.DryRun,
	}
	if o.Source == "" {
		o.Source = filepath.Base(c.File)
	}
	show, finish := progress(s, c.Size, "import", "bytes")
	report, err := importing.Run(ctx, a.Intake, s.In, o, show)
	finish()
	for _, r := range report.Refused {
		fmt.Fprintf(s.Out, "line %d refused: %s\n", r.Line, reasons(r.Err))
	}
	word := "stored"
	if c.DryRun {
		word = "would be stored"
	}
	fmt.Fprintf(s.Out, "%d lines read, %d %s, %d there already, %d refused\n",
		report.Read, report.Stored, word, report.Repeated, len(report.Refused))
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return nil
}

// reasons lists the wrong fields of a line, without what was in them.
func reasons(err error) string {
	fields := errs.FieldsOf(err)
	if len(fields) == 0 {
		return errs.CodeOf(err)
	}
	var parts []string
	for _, f := range fields {
		part := f.Name + " " + strings.TrimPrefix(f.Code, "field.")
		for _, k := range []string{"min", "max", "got"} {
			if v := f.Params[k]; v != "" {
				part += " " + k + "=" + v
			}
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// progress returns what shows how far a work is: a bar on a terminal, a line
// every few seconds elsewhere. total may be 0 for unknown.
func progress(s app.Streams, total int64, what, unit string) (show func(done int64), finish func()) {
	const every = 2 * time.Second
	if !s.Terminal {
		last := newTicker(every)
		return func(done int64) {
			switch {
			case !last.due():
			case total > 0:
				fmt.Fprintf(s.Out, "%s: %d of %d %s\n", what, done, total, unit)
			default:
				fmt.Fprintf(s.Out, "%s: %d %s\n", what, done, unit)
			}
		}, func() {}
	}
	if total == 0 {
		total = -1 // a spinner
	}
	bar := progressbar.NewOptions64(total, progressbar.OptionSetWriter(s.Out), progressbar.OptionSetDescription(what),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	return func(done int64) { _ = bar.Set64(done) }, func() { _ = bar.Finish() } // a broken bar stops no work
}

// ticker tells when a span has passed since it last said so.
type ticker struct{ c <-chan time.Time }

func newTicker(every time.Duration) *ticker { return &ticker{time.Tick(every)} }

func (t *ticker) due() bool {
	select {
	case <-t.c:
		return true
	default:
		return false
	}
}
