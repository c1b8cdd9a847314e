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
	"hienke/internal/following"
	"hienke/internal/privacy"
	"hienke/internal/reach"
)

// erasuresFile lies in the data folder unless it is configured elsewhere.
const erasuresFile = "erasures"

// ledger is a file to which lines are only ever added: when, and what was erased.
//
//	2026-03-01T08:00:00Z CODE                    the contact of a case
//	2026-03-01T08:00:00Z CODE text               its text, too
//	2026-03-01T08:00:00Z follow PSEUDONYM WHEN   what somebody followed since then
//	2026-03-01T08:00:00Z following PSEUDONYM     everything that somebody followed
//
// A code alone tells nothing, and a pseudonym is a keyed hash of an address. A
// program that does not know a line passes over it.
type ledger struct {
	path string
	mu   sync.Mutex
}

var (
	_ reach.Ledger     = (*ledger)(nil)
	_ privacy.Ledger   = (*ledger)(nil)
	_ following.Ledger = (*ledger)(nil)
)

// The words in the lines.
const (
	textErased   = "text"
	oneEnded     = "follow"
	followsEnded = "following"
)

// entry is a line of the ledger.
type entry struct {
	code  civic.Code // empty: somebody stopped following
	text  bool       // with the contact the text went
	ended following.Ended
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

// NoteEnded implements following.Ledger.
func (l *ledger) NoteEnded(e following.Ended) error {
	if e.Follow.IsZero() {
		return l.write(e.At, followsEnded, e.Pseudonym)
	}
	return l.write(e.At, oneEnded, e.Pseudonym, e.Follow.UTC().Format(time.RFC3339Nano))
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
	if _, err := f.WriteString("\n" + at.UTC().Format(time.RFC3339Nano) + " " + strings.Join(what, " ") + "\n"); err != nil {
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
func (l *ledger) All() ([]civic.Code, error) {
	return l.codes(func(e entry) bool { return e.code != "" })
}

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

// Ended implements following.Ledger.
func (l *ledger) Ended() ([]following.Ended, error) {
	all, _, err := l.read()
	var out []following.Ended
	for _, e := range all {
		if e.code == "" {
			out = append(out, e.ended)
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
	words := strings.Split(line, " ")
	at, err := time.Parse(time.RFC3339Nano, words[0])
	if err != nil || len(words) < 2 {
		return entry{}, false
	}
	switch words = words[1:]; words[0] {
	case oneEnded, followsEnded:
		return parseEnded(at, words)
	default:
		e.code, err = civic.ParseCode(words[0])
		e.text = len(words) == 2 && words[1] == textErased
		return e, err == nil && (len(words) == 1 || e.text)
	}
}

// pseudonymLength is that of a keyed hash: 256 bits in base 64.
const pseudonymLength = 43

func parseEnded(at time.Time, words []string) (e entry, ok bool) {
	one := words[0] == oneEnded
	if len(words) < 2 || len(words[1]) != pseudonymLength || one != (len(words) == 3) {
		return entry{}, false
	}
	e.ended = following.Ended{Pseudonym: words[1], At: at}
	if !one {
		return e, true
	}
	var err error
	e.ended.Follow, err = time.Parse(time.RFC3339Nano, words[2])
	return e, err == nil
}
