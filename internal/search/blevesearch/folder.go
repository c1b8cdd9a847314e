package blevesearch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	bolterrors "go.etcd.io/bbolt/errors"

	"hienke/internal/errs"
	"hienke/internal/search"
)

// lockTimeout is how long Open waits for the lock of an index. Without it
// Bleve waits for ever when another process has the folder.
const lockTimeout = time.Second

// currentFile names the generation that answers.
const currentFile = "CURRENT"

// folder is where the generations of one audience live.
type folder string

// openFolder makes sure that the folder of an audience exists.
func openFolder(dir string, audience search.Audience) (folder, error) {
	if !slices.Contains(search.Audiences, audience) {
		return "", errs.New(errs.Internal, "search.unknown_audience")
	}
	f := folder(filepath.Join(dir, string(audience)))
	return f, os.MkdirAll(string(f), 0o700) // texts of citizens: for the service's user alone
}

func (f folder) path(name string) string { return filepath.Join(string(f), name) }

// generationName is the name of a generation's folder: the schema and a
// number that rises with every rebuild.
func generationName(number int) string {
	return fmt.Sprintf("v%d-%06d", search.SchemaVersion, number)
}

// generationNumber reads a name of this schema.
func generationNumber(name string) (number int, ok bool) {
	digits, ok := strings.CutPrefix(name, fmt.Sprintf("v%d-", search.SchemaVersion))
	if !ok {
		return 0, false
	}
	number, err := strconv.Atoi(digits)
	return number, err == nil && name == generationName(number)
}

// openCurrent opens the generation that CURRENT names, or begins a first one,
// and removes all others. The removal comes after the lock is taken: a folder
// in use by another process is left as it is.
func (f folder) openCurrent() (*generation, error) {
	name, err := f.readCurrent()
	if err != nil {
		return nil, err
	}
	var g *generation
	if _, ok := generationNumber(name); ok {
		g, err = f.open(name)
	} else {
		g, err = f.begin()
	}
	if err != nil {
		return nil, err
	}
	if err := f.removeOthers(g.name); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// begin makes an empty first generation. What lies under its name is what a
// process that died here left.
func (f folder) begin() (*generation, error) {
	g, err := f.create(generationName(1))
	if err != nil {
		return nil, err
	}
	if err := f.writeCurrent(g.name); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// open opens an existing generation.
func (f folder) open(name string) (*generation, error) {
	path := f.path(name)
	index, err := bleve.OpenUsing(path, boltOptions())
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, errs.Wrap(errs.Conflict, "search.in_use", err)
	}
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "search.damaged", fmt.Errorf("open %s: %w", path, err))
	}
	return &generation{index: index, name: name, path: path}, nil
}

// create makes an empty generation, in place of a left-over one.
func (f folder) create(name string) (*generation, error) {
	path := f.path(name)
	if err := os.RemoveAll(path); err != nil {
		return nil, err
	}
	mapping := bleve.NewIndexMapping() // documents come ready-made, see newDocument
	index, err := bleve.NewUsing(path, mapping, scorch.Name, scorch.Name, boltOptions())
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	return &generation{index: index, name: name, path: path}, nil
}

// boltOptions returns a fresh map because Bleve writes into it.
func boltOptions() map[string]any {
	return map[string]any{"bolt_timeout": lockTimeout.String()}
}

// readCurrent returns what CURRENT says, empty when there is none.
func (f folder) readCurrent() (string, error) {
	text, err := os.ReadFile(f.path(currentFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(text)), err
}

// writeCurrent replaces CURRENT in one step that survives a crash: a synced
// file, a rename, and the folder synced.
func (f folder) writeCurrent(name string) error {
	temporary := f.path(currentFile + ".new")
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(name + "\n")
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", temporary, err)
	}
	if err := os.Rename(temporary, f.path(currentFile)); err != nil {
		return err
	}
	return f.sync()
}

// sync makes the entries of the folder durable.
func (f folder) sync() error {
	dir, err := os.Open(string(f))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// removeOthers removes every generation but one.
func (f folder) removeOthers(keep string) error {
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != keep {
			if err := os.RemoveAll(f.path(e.Name())); err != nil {
				return fmt.Errorf("remove left-over index: %w", err)
			}
		}
	}
	return nil
}
