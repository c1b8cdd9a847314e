package app

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"hienke/internal/civic"
	"hienke/internal/privacy"
	"hienke/internal/reach"
)

// erasuresFile lies in the data folder unless it is configured elsewhere.
const erasuresFile = "erasures"

// ledger is a file to which lines are only ever added: when, and the code of
// the case whose contact was erased. A code alone tells nothing.
type ledger struct {
	path string
	mu   sync.Mutex
}

var (
	_ reach.Ledger   = (*ledger)(nil)
	_ privacy.Ledger = (*ledger)(nil)
)

// textErased ends a line which says that the text went, too.
const textErased = "text"

// entry is a line of the ledger.
type entry struct {
	code civic.Code
	text bool // with the contact the text went
}

// erasures is the ledger of what was erased, nil where it has no place.
func (a *App) erasures() *ledger {
	switch {
	case a.Config.Keys.Erasures != "":
		return &ledger{path: a.Config.Keys.Erasures}
	case a.embedded():
		return &ledger{path: a.path(erasuresFile)}
	}
	return nil
}

// Note implements reach.Ledger.
func (l *ledger) Note(code civic.Code, at time.Time) error { return l.write(at, string(code)) }

// NoteText implements privacy.Ledger.
func (l *ledger) NoteText(code civic.Code, at time.Time) error {
	return l.write(at, string(code), textErased)
}

// write adds a line. It is on the disk when it returns.
func (l *ledger) write(at time.Time, what ...string) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := l.open()
	if err != nil {
		return fmt.Errorf("open the ledger of erasures: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	// One write of one line, which begins a line even after one that a crash cut
	// off: processes that share the file do not mix theirs.
	if _, err := f.WriteString("\n" + at.UTC().Format(time.RFC3339) + " " + strings.Join(what, " ") + "\n"); err != nil {
		return fmt.Errorf("write the ledger of erasures: %w", err)
	}
	return f.Sync()
}

// open opens the file for adding to it, and makes it where there is none.
func (l *ledger) open() (*os.File, error) {
	return os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
}

// Writable fails where nothing can be added.
func (l *ledger) Writable() error {
	f, err := l.open()
	if err != nil {
		return err
	}
	return f.Close()
}

// All implements reach.Ledger. A line that was cut off by a crash is left out:
// nothing was erased for it.
func (l *ledger) All() ([]civic.Code, error) { return l.codes(func(entry) bool { return true }) }

// Texts implements privacy.Ledger.
func (l *ledger) Texts() ([]civic.Code, error) { return l.codes(func(e entry) bool { return e.text }) }

func (l *ledger) codes(wanted func(entry) bool) ([]civic.Code, error) {
	all, _, err := l.read()
	var out []civic.Code
	for _, e := range all {
		if wanted(e) {
			out = append(out, e.code)
		}
	}
	return out, err
}

// read returns the lines, and the numbers of those that say nothing.
func (l *ledger) read() (all []entry, damaged []int, err error) {
	f, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	defer f.Close() //nolint:errcheck // read only
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if lines.Text() == "" {
			continue
		}
		e, ok := parseEntry(lines.Text())
		if !ok {
			damaged = append(damaged, n)
			continue
		}
		all = append(all, e)
	}
	return all, damaged, lines.Err()
}

// parseEntry reads a line as write writes it, and nothing less: half a line must
// not erase anything.
func parseEntry(line string) (e entry, ok bool) {
	when, what, _ := strings.Cut(line, " ")
	if _, err := time.Parse(time.RFC3339, when); err != nil {
		return entry{}, false
	}
	typed, more, longer := strings.Cut(what, " ")
	code, err := civic.ParseCode(typed)
	return entry{code: code, text: longer}, err == nil && (!longer || more == textErased)
}
