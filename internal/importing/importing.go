// Package importing brings submissions in from files: one JSON object a line,
// or CSV with a header. Each line goes the way of every other submission; a
// line that breaks a rule is refused with its number and reason, and never
// stops the others. The same file can be imported again: what is there already
// is recognised and not stored twice.
package importing

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/intake"
	"hienke/internal/vitext"
)

// Format is how a file is written.
type Format string

// The formats.
const (
	JSONL Format = "jsonl"
	CSV   Format = "csv"
)

// FormatOf tells the format by the ending of a file name; anything but .csv
// is JSONL.
func FormatOf(name string) Format {
	if strings.HasSuffix(strings.ToLower(name), ".csv") {
		return CSV
	}
	return JSONL
}

// Fields lists what a file can give. A column that no field is mapped to is
// ignored; a label column never routes.
var Fields = []string{"id", "kind", "title", "body", "topic", "area", "language", "name", "email", "phone", "address", "organisation"}

// usual are the column names looked for when a field is not mapped.
var usual = map[string][]string{"body": {"body", "text", "content", "question"}}

// Options say how to read a file.
type Options struct {
	Format Format
	// Source names where the lines come from. Together with the id of a line,
	// or else its number, it recognises a line that was imported before.
	Source string
	// Map gives the column of a field, field → column.
	Map map[string]string
	// Kind holds for lines that give none.
	Kind civic.Kind
	// DryRun checks everything and stores nothing.
	DryRun bool
}

// Check returns what is wrong with the options.
func (o *Options) Check() error {
	var wrong []errs.Field
	for field := range o.Map {
		if !slices.Contains(Fields, field) {
			wrong = append(wrong, errs.Field{Name: "map." + field, Code: "field.unknown_value"})
		}
	}
	if !slices.Contains(civic.Kinds, o.Kind) {
		wrong = append(wrong, errs.Field{Name: "kind", Code: "field.unknown_value"})
	}
	return errs.InvalidFields(wrong...)
}

// Refused is a line that was not taken.
type Refused struct {
	Line int
	Err  error // names the fields
}

// Report is the outcome of an import.
type Report struct {
	Read     int // lines that were not blank
	Stored   int // new; with DryRun, those that would be
	Repeated int // there already
	Refused  []Refused
}

// Progress is told the number of bytes of the file that were read.
type Progress func(bytesRead int64)

const (
	// workers submit at the same time, so that their lines share commits.
	workers = 64
	// maxLine bounds a line; the longest body has 50,000 letters of up to four
	// bytes, each of which JSON may write as two six-byte escapes.
	maxLine = 1 << 20 // bytes
	// titleLetters is how much of the text stands in for a missing title.
	titleLetters = 120
)

// Run imports everything that r gives. It stops at an error that is not one of
// the line's own; what was stored until then stays.
func Run(ctx context.Context, in *intake.Service, r io.Reader, o Options, progress Progress) (Report, error) {
	if err := o.Check(); err != nil {
		return Report{}, err
	}
	var mu sync.Mutex
	var report Report
	note := func(f func()) { mu.Lock(); defer mu.Unlock(); f() }
	counted := &counter{r: r}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	err := o.read(counted, func(line int, row map[string]string, bad error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		note(func() { report.Read++ })
		if progress != nil {
			progress(counted.n)
		}
		if bad != nil {
			note(func() { report.Refused = append(report.Refused, Refused{line, bad}) })
			return nil
		}
		g.Go(func() error {
			repeated, err := o.take(ctx, in, line, row)
			switch {
			case err != nil && errs.KindOf(err) == errs.Invalid:
				note(func() { report.Refused = append(report.Refused, Refused{line, err}) })
			case err != nil:
				return fmt.Errorf("line %d: %w", line, err)
			case repeated:
				note(func() { report.Repeated++ })
			default:
				note(func() { report.Stored++ })
			}
			return nil
		})
		return nil
	})
	if e := g.Wait(); e != nil { // a stopped reader says less than why it was stopped
		err = e
	}
	slices.SortFunc(report.Refused, func(a, b Refused) int { return a.Line - b.Line })
	return report, err
}

// take submits one row.
func (o *Options) take(ctx context.Context, in *intake.Service, line int, row map[string]string) (repeated bool, err error) {
	req := o.request(line, row)
	if o.DryRun {
		return false, in.CheckDraft(req.Draft)
	}
	ack, err := in.Submit(ctx, civic.System, req)
	return ack.Replayed, err
}

// request turns a row into a submission.
func (o *Options) request(line int, row map[string]string) intake.Request {
	get := func(field string) string {
		if column, ok := o.Map[field]; ok {
			return row[column]
		}
		for _, column := range append([]string{field}, usual[field]...) {
			if v, ok := row[column]; ok {
				return v
			}
		}
		return ""
	}
	d := civic.Draft{
		Kind: civic.Kind(get("kind")), Title: get("title"), Body: get("body"), Topic: civic.TopicCode(get("topic")),
		Area: civic.AreaCode(get("area")), Language: civic.Language(get("language")), Channel: civic.ChannelImport,
		Submitter: civic.Person,
		Contact: civic.Contact{
			Name: get("name"), Email: get("email"), Phone: get("phone"), Address: get("address"), Organisation: get("organisation"),
		},
	}
	if d.Kind == "" {
		d.Kind = o.Kind
	}
	if utf8.RuneCountInString(strings.TrimSpace(vitext.Normalize(d.Title))) < civic.MinTitle {
		d.Title = beginning(vitext.Normalize(d.Body))
	}
	id := get("id")
	if id == "" {
		id = "line " + strconv.Itoa(line)
	}
	whole, _ := json.Marshal(d) // plain strings: cannot fail
	return intake.Request{
		Draft: d, IdempotencyKey: "import\x00" + o.Source + "\x00" + id, BodyHash: sha256.Sum256(whole),
	}
}

// beginning is the first titleLetters of a text on one line.
func beginning(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	n := 0
	for i := range s {
		if n == titleLetters {
			return s[:i]
		}
		n++
	}
	return s
}

// read calls row for each line that is not blank: with its values, or with
// what is wrong with it.
func (o *Options) read(r io.Reader, row func(line int, values map[string]string, bad error) error) error {
	if o.Format == CSV {
		return readCSV(r, row)
	}
	return readJSONL(r, row)
}

var errLine = func(code string) error { return errs.InvalidFields(errs.Field{Name: "line", Code: code}) }

func readJSONL(r io.Reader, row func(int, map[string]string, error) error) error {
	lines := bufio.NewReaderSize(r, 64*1024)
	for n := 1; ; n++ {
		line, tooLong, err := nextLine(lines)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the file: %w", err)
		}
		if line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))); len(line) == 0 && !tooLong {
			continue
		}
		values, bad := valuesOf(line)
		if tooLong {
			bad = errLine("field.too_long")
		}
		if err := row(n, values, bad); err != nil {
			return err
		}
	}
}

// nextLine returns the next line, or tells that it has more than maxLine bytes
// and skips it. After the last line it is io.EOF.
func nextLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > maxLine; !tooLong {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && (len(line) > 0 || tooLong): // the last line has no end
			return line, tooLong, nil
		default:
			return line, tooLong, err
		}
	}
}

// valuesOf reads one JSON object: its strings and numbers, or what is wrong.
func valuesOf(line []byte) (map[string]string, error) {
	var object map[string]any
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&object); err != nil || object == nil {
		return nil, errLine("field.not_json")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) { // something follows
		return nil, errLine("field.not_json")
	}
	values := make(map[string]string, len(object))
	for k, v := range object {
		switch v := v.(type) {
		case string:
			values[k] = v
		case json.Number:
			values[k] = v.String()
		}
	}
	return values, nil
}

func readCSV(r io.Reader, row func(int, map[string]string, error) error) error {
	c := csv.NewReader(r)
	c.FieldsPerRecord = -1
	header, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return errs.Wrap(errs.Invalid, "import.no_header", err)
	}
	if err != nil {
		return fmt.Errorf("read the file: %w", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line := 0
		if err == nil {
			line, _ = c.FieldPos(0)
		}
		var bad error
		switch {
		case errors.As(err, &parse):
			line, bad = parse.StartLine, errLine("field.not_csv")
		case err != nil:
			return fmt.Errorf("read the file: %w", err)
		case len(record) != len(header):
			bad = errLine("field.wrong_columns")
		}
		values := make(map[string]string, len(header))
		for i, name := range header {
			if i < len(record) {
				values[name] = record[i]
			}
		}
		if err := row(line, values, bad); err != nil {
			return err
		}
	}
}

// counter counts the bytes that were read. It is used by one goroutine.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
