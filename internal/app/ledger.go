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
)

// erasuresFile lies in the data folder unless it is configured elsewhere.
const erasuresFile = "erasures"

// ledger is a file to which lines are only ever added: when, and the code of
// the case whose contact was erased. A code alone tells nothing.
type ledger struct {
	path string
	mu   sync.Mutex
}

// textErased ends a line which says that the text went, too.
const textErased = " text"

// Note implements reach.Ledger.
func (l *ledger) Note(code civic.Code, at time.Time) error { return l.write(string(code), at) }

// NoteText implements privacy.Ledger.
func (l *ledger) NoteText(code civic.Code, at time.Time) error {
	return l.write(string(code)+textErased, at)
}

// write adds a line. It is on the disk when it returns.
func (l *ledger) write(what string, at time.Time) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the ledger of erasures: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	// One write of one line, which begins a line even after one that a crash cut
	// off: processes that share the file do not mix theirs.
	if _, err := f.WriteString("\n" + at.UTC().Format(time.RFC3339) + " " + what + "\n"); err != nil {
		return fmt.Errorf("write the ledger of erasures: %w", err)
	}
	return f.Sync()
}

// All implements reach.Ledger. A line that was cut off by a crash is left out:
// nothing was erased for it.
func (l *ledger) All() ([]civic.Code, error) { return l.read(func(string) bool { return true }) }

// Texts implements privacy.Ledger.
func (l *ledger) Texts() ([]civic.Code, error) {
	return l.read(func(line string) bool { return strings.HasSuffix(line, textErased) })
}

// read returns the codes of the lines that are wanted.
func (l *ledger) read(wanted func(line string) bool) ([]civic.Code, error) {
	f, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only
	var codes []civic.Code
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		_, typed, _ := strings.Cut(strings.TrimSuffix(lines.Text(), textErased), " ")
		if !wanted(lines.Text()) {
			continue
		}
		if code, err := civic.ParseCode(typed); err == nil {
			codes = append(codes, code)
		}
	}
	return codes, lines.Err()
}
