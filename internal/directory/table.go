package directory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"hienke/internal/civic"
	"hienke/internal/errs"
)

// MaxLines bounds one table: the 3,321 communes of the country and the
// departments of all provinces fit in.
const MaxLines = 5000

// Columns are those that a table of agencies may have, in any order; code and
// name_vi must be there. A column that is left out, or an empty cell, leaves an
// agency as it is.
var Columns = []string{"code", "parent", "name_vi", "name_en", "area", "email", "receives", "aliases", "competence", "source"}

// Line is what one line of a table would do.
type Line struct {
	Number int // in the file, from 1 for the head
	Code   string
	Name   string
	// Act is added, changed, or empty where nothing would change.
	Act civic.EntryAct
	// Fields are those that would change.
	Fields []string
	Wrong  []errs.Field
}

// Plan says line by line what a table of agencies would do, and writes nothing.
func (s *Service) Plan(ctx context.Context, actor civic.Actor, table string) ([]Line, error) {
	var lines []Line
	err := s.plan(ctx, actor, func(d *draft) (err error) {
		lines, err = d.table(table, false)
		return err
	})
	return lines, err
}

// Import does what a plan said, all or nothing: with a wrong line it fails with
// Conflict and code registry.wrong_lines. seen is the Mark of the plan that
// somebody looked at: where the table would do anything else by now, it fails
// with Conflict and code registry.plan_changed.
func (s *Service) Import(ctx context.Context, actor civic.Actor, table, seen, reason string) ([]Line, error) {
	var lines []Line
	err := s.change(ctx, actor, reason, func(d *draft) error {
		planned, err := d.clone().table(table, false)
		if err != nil {
			return err
		}
		if Mark(planned) != seen {
			return errs.New(errs.Conflict, "registry.plan_changed")
		}
		lines, err = d.table(table, true)
		return err
	})
	return lines, err
}

// Mark names what a plan would do, line by line.
func Mark(lines []Line) string {
	h := sha256.New()
	for _, l := range lines {
		fmt.Fprintf(h, "%d\x00%s\x00%s\x00%s\x00%s\x00%d\n", l.Number, l.Code, l.Name, l.Act, strings.Join(l.Fields, " "), len(l.Wrong))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// Rows are the agencies that hold and that the actor may change, as a table that
// can be taken in again.
func (s *Service) Rows(ctx context.Context, actor civic.Actor) ([][]string, error) {
	all, err := s.List(ctx, actor, civic.AgencyEntry)
	if err != nil {
		return nil, err
	}
	var out [][]string
	for _, e := range all {
		if !e.Valid.Holds(s.Now()) {
			continue
		}
		receives := "no"
		if e.Receives {
			receives = "yes"
		}
		out = append(out, []string{
			e.Code, e.Parent, e.Names[civic.Vietnamese], e.Names[civic.English], e.Area, e.Email, receives, strings.Join(e.Aliases, ";"), e.Text[civic.Vietnamese], e.Source,
		})
	}
	return out, nil
}

// MaxTable is the size of the file of a table, in bytes.
const MaxTable = 1 << 20

// ReadFile makes text of the file of a table. One that is no CSV in UTF-8 fails
// with Invalid and says which it seems to be: guessing would spoil names.
func ReadFile(data []byte) (string, error) {
	wrong := func(code string) (string, error) {
		return "", errs.InvalidFields(errs.Field{Name: "file", Code: "registry." + code})
	}
	switch {
	case len(data) == 0:
		return wrong("table_empty")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return wrong("file_workbook")
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) || bytes.IndexByte(data, 0) >= 0:
		return wrong("file_utf16")
	case !utf8.Valid(data):
		return wrong("file_encoding")
	}
	return strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n"), nil
}

// table reads a table and, with write set, writes what it says.
func (d *draft) table(text string, write bool) ([]Line, error) {
	rows, err := readTable(text)
	if err != nil {
		return nil, err
	}
	lines, entries := make([]Line, len(rows)), make([]civic.Entry, len(rows))
	seen, wrong := map[string]bool{}, false
	for i, row := range rows {
		rows[i].before, _ = d.get(civic.AgencyEntry, row.code)
		lines[i], entries[i] = d.line(row)
		if seen[row.code] {
			lines[i].Wrong = append(lines[i].Wrong, errs.Field{Name: "code", Code: "registry.code_taken"})
		}
		seen[row.code] = true
		if len(lines[i].Wrong) > 0 {
			wrong = true
			continue
		}
		if lines[i].Act != "" {
			d.book.put(entries[i]) // lines below may name it as their parent
		}
	}
	if !write {
		return lines, nil
	}
	if wrong {
		return lines, errs.New(errs.Conflict, "registry.wrong_lines")
	}
	fresh := false
	for i, l := range lines {
		if l.Act == "" {
			continue
		}
		fresh = true
		if err := d.append(civic.EntryChange{Act: l.Act, Kind: civic.AgencyEntry, Code: l.Code, Entry: entries[i], Before: rows[i].before}); err != nil {
			return nil, err
		}
	}
	if !fresh {
		return lines, errs.New(errs.Conflict, "registry.nothing_changed")
	}
	return lines, nil
}

// row is a line of a table as read.
type row struct {
	number int
	code   string
	cells  map[string]string
	before civic.Entry
}

// line says what a row would do, and the entry as it would be.
func (d *draft) line(r row) (Line, civic.Entry) {
	e, known := d.get(civic.AgencyEntry, r.code)
	before := e
	l := Line{Number: r.number, Code: r.code, Act: civic.EntryChanged}
	if !known {
		l.Act = civic.EntryAdded
		e = civic.Entry{Kind: civic.AgencyEntry, Code: r.code, Receives: true, Valid: civic.Period{From: d.now}}
	}
	for _, column := range Columns {
		if cell := r.cells[column]; cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
			l.Wrong = append(l.Wrong, errs.Field{Name: column, Code: "registry.formula"})
		}
	}
	names := civic.Names{civic.Vietnamese: e.Names[civic.Vietnamese], civic.English: e.Names[civic.English]}
	for column, into := range map[string]*string{"parent": &e.Parent, "area": &e.Area, "email": &e.Email, "source": &e.Source} {
		if cell := r.cells[column]; cell != "" {
			*into = cell
		}
	}
	for column, lang := range map[string]civic.Language{"name_vi": civic.Vietnamese, "name_en": civic.English} {
		if cell := r.cells[column]; cell != "" {
			names[lang] = cell
		}
	}
	e.Names = names
	if cell := r.cells["competence"]; cell != "" {
		e.Text = civic.Names{civic.Vietnamese: cell}
	}
	if cell := r.cells["aliases"]; cell != "" {
		e.Aliases = strings.Split(cell, ";")
	}
	switch strings.ToLower(r.cells["receives"]) {
	case "":
	case "yes", "1", "true", "có":
		e.Receives = true
	case "no", "0", "false", "không":
		e.Receives = false
	default:
		l.Wrong = append(l.Wrong, errs.Field{Name: "receives", Code: "field.unknown_value"})
	}
	if !d.s.may(d.actor, e) && !d.below(e) || known && !d.s.may(d.actor, before) {
		l.Wrong = append(l.Wrong, errs.Field{Name: "parent", Code: "field.unknown_value"})
	}
	if err := check(d.book, &e, d.now); err != nil {
		l.Wrong = append(l.Wrong, errs.FieldsOf(err)...)
	}
	l.Name = e.Names[civic.Vietnamese]
	if l.Fields = Differences(before, e); known && len(l.Fields) == 0 {
		l.Act = ""
	}
	return l, e
}

// below reports whether an entry hangs below the actor's agency by entries that
// are not written yet.
func (d *draft) below(e civic.Entry) bool {
	for range d.book.kinds[e.Kind] {
		if e.Parent == string(d.actor.Agency) {
			return e.Code != string(d.actor.Agency)
		}
		up, ok := d.get(e.Kind, e.Parent)
		if !ok {
			return false
		}
		e.Parent = up.Parent
	}
	return false
}

// readTable reads CSV with a head, as spreadsheets write it.
func readTable(text string) ([]row, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	if head, _, _ := strings.Cut(text, "\n"); strings.Count(head, ";") > strings.Count(head, ",") {
		in.Comma = ';' // as they do where a comma is in numbers
	}
	wrong := func(code string) error { return errs.InvalidFields(errs.Field{Name: "table", Code: code}) }
	head, err := in.Read()
	if err != nil {
		return nil, wrong("registry.table_empty")
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(head[i]))
		if !slices.Contains(Columns, head[i]) {
			return nil, errs.InvalidFields(errs.Field{Name: "table", Code: "registry.table_column", Params: map[string]string{"column": head[i]}})
		}
	}
	if !slices.Contains(head, "code") {
		return nil, errs.InvalidFields(errs.Field{Name: "table", Code: "registry.table_column", Params: map[string]string{"column": "code"}})
	}
	var rows []row
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, wrong("registry.table_form")
		}
		number, _ := in.FieldPos(0)
		r := row{number: number, cells: map[string]string{}}
		for i, cell := range cells[:min(len(cells), len(head))] {
			r.cells[head[i]] = strings.TrimSpace(cell)
		}
		r.code = r.cells["code"]
		if rows = append(rows, r); len(rows) > MaxLines {
			return nil, wrong("registry.table_long")
		}
	}
	if len(rows) == 0 {
		return nil, wrong("registry.table_empty")
	}
	return rows, nil
}
