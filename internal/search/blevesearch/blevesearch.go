// Package blevesearch is search.Index on Bleve, for an installation of one
// process: nothing to install, one folder on disk.
//
// A folder holds generations, each a complete Bleve index, and a file CURRENT
// that names the one which answers. Rebuild fills the next generation and
// replaces CURRENT in one rename, so a process that dies at any moment finds
// either the old content or the new one, and the next Open removes what is
// left over.
package blevesearch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2"
	index "github.com/blevesearch/bleve_index_api"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
)

// typoLetters is the length from which a word that nobody uses is taken for a
// slip of a word that somebody does. Below it too many syllables are near.
const typoLetters = 4

// Index is the documents of one audience in one folder. One process at a time
// can have it open.
type Index struct {
	audience  search.Audience
	thesaurus *search.Thesaurus
	folder    folder

	// writing is held while documents change and while generations change
	// places, so that no batch lands in a generation that was just replaced.
	writing sync.Mutex
	rebuild *rebuild // the open one, or nil; guarded by writing
	// current is the generation that answers, nil after Close.
	current atomic.Pointer[generation]
}

var _ search.Index = (*Index)(nil)

// Open opens the index of an audience below dir, each audience in a folder of
// its own, and creates it when it is missing. An index of another
// search.SchemaVersion is dropped and begins empty, for the caller to fill
// again. A folder that another process, or another Index, has open is Conflict
// after lockTimeout. One that cannot be read is Unavailable, code
// search.damaged: nothing is thrown away unasked, see Remove. The thesaurus is
// for reading queries; what is on disk does not depend on it.
func Open(dir string, audience search.Audience, thesaurus *search.Thesaurus) (*Index, error) {
	f, err := openFolder(dir, audience)
	if err != nil {
		return nil, fmt.Errorf("open search folder: %w", err)
	}
	g, err := f.openCurrent()
	if err != nil {
		return nil, fmt.Errorf("open search index: %w", err)
	}
	x := &Index{audience: audience, thesaurus: thesaurus, folder: f}
	x.current.Store(g)
	return x, nil
}

// Remove throws away the index of an audience below dir, damaged or not, so
// that Open begins an empty one. Nothing may have it open.
func Remove(dir string, audience search.Audience) error {
	f, err := openFolder(dir, audience)
	if err != nil {
		return fmt.Errorf("remove search index: %w", err)
	}
	return os.RemoveAll(string(f))
}

// Audience names the audience of the index.
func (x *Index) Audience() search.Audience { return x.audience }

// Engine is "bleve".
func (x *Index) Engine() string { return search.EngineBleve }

// Traits declares that typo help is for words outside the vocabulary only.
func (x *Index) Traits() search.Traits { return search.Traits{TypoLetters: typoLetters} }

// use returns the generation that answers, which stays open until release is
// called.
func (x *Index) use() (g *generation, release func(), err error) {
	for {
		g := x.current.Load()
		if g == nil {
			return nil, nil, errs.New(errs.Unavailable, "search.closed")
		}
		g.users.RLock()
		if x.current.Load() == g {
			return g, g.users.RUnlock, nil
		}
		g.users.RUnlock() // replaced in between
	}
}

// Apply makes the changes in one Bleve batch, which is on disk and visible
// when Batch returns.
func (x *Index) Apply(ctx context.Context, changes []search.Change) error {
	if err := checkApply(ctx, changes); err != nil {
		return err
	}
	x.writing.Lock()
	defer x.writing.Unlock()
	g, release, err := x.use()
	if err != nil {
		return err
	}
	defer release()
	return g.apply(changes)
}

// checkApply refuses what the port refuses. Bleve cannot be interrupted, so
// this is also the last look at ctx.
func checkApply(ctx context.Context, changes []search.Change) error {
	if err := search.CheckChanges(changes); err != nil {
		return err
	}
	return ctx.Err()
}

// Count returns the number of documents.
func (x *Index) Count(context.Context) (int, error) {
	g, release, err := x.use()
	if err != nil {
		return 0, err
	}
	defer release()
	n, err := g.index.DocCount()
	if err != nil {
		return 0, fmt.Errorf("count documents: %w", err)
	}
	return int(n), nil
}

// Ping reports whether the index is open.
func (x *Index) Ping(context.Context) error {
	_, release, err := x.use()
	if err != nil {
		return err
	}
	release()
	return nil
}

// Each walks a snapshot, so changes made meanwhile are not seen.
func (x *Index) Each(ctx context.Context, fn func(code civic.Code, fingerprint string) error) error {
	g, release, err := x.use()
	if err != nil {
		return err
	}
	defer release()
	return g.read(func(r index.IndexReader) error { return eachFingerprint(ctx, r, fn) })
}

// eachFingerprint reads the codes and fingerprints from the column store,
// which does not touch the texts.
func eachFingerprint(ctx context.Context, r index.IndexReader, fn func(civic.Code, string) error) error {
	ids, err := r.DocIDReaderAll()
	if err != nil {
		return fmt.Errorf("list documents: %w", err)
	}
	values, err := r.DocValueReader([]string{fieldFingerprint})
	if err != nil {
		return errors.Join(fmt.Errorf("read fingerprints: %w", err), ids.Close())
	}
	step := func(id index.IndexInternalID) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		code, err := r.ExternalID(id)
		if err != nil {
			return fmt.Errorf("read code: %w", err)
		}
		fingerprint := ""
		err = values.VisitDocValues(id, func(_ string, term []byte) { fingerprint = string(term) })
		if err != nil {
			return fmt.Errorf("read fingerprint: %w", err)
		}
		return fn(civic.Code(code), fingerprint)
	}
	for {
		id, err := ids.Next()
		if err == nil && id != nil {
			err = step(id)
		}
		if err != nil || id == nil {
			return errors.Join(err, ids.Close())
		}
	}
}

// Close waits for running queries, aborts an open rebuild and closes the
// files.
func (x *Index) Close() error {
	x.writing.Lock()
	defer x.writing.Unlock()
	g := x.current.Swap(nil)
	if g == nil {
		return nil
	}
	var err error
	if x.rebuild != nil {
		err = x.rebuild.drop()
	}
	return errors.Join(err, g.close())
}

// generation is one complete Bleve index.
type generation struct {
	index bleve.Index
	name  string // of its folder
	path  string
	// users is read-locked by everyone at work on the index and locked to
	// close it.
	users sync.RWMutex
}

// apply makes the changes as one batch.
func (g *generation) apply(changes []search.Change) error {
	if len(changes) == 0 {
		return nil
	}
	batch := g.index.NewBatch()
	for _, c := range search.LastChanges(changes) {
		if c.Document == nil {
			batch.Delete(string(c.Code))
			continue
		}
		if err := batch.IndexAdvanced(newDocument(c.Document)); err != nil {
			return fmt.Errorf("index document: %w", err)
		}
	}
	if err := g.index.Batch(batch); err != nil {
		return fmt.Errorf("write batch: %w", err)
	}
	return nil
}

// read calls fn with a snapshot of the index.
func (g *generation) read(fn func(index.IndexReader) error) error {
	advanced, err := g.index.Advanced()
	if err != nil {
		return fmt.Errorf("open index: %w", err)
	}
	reader, err := advanced.Reader()
	if err != nil {
		return fmt.Errorf("open reader: %w", err)
	}
	return errors.Join(fn(reader), reader.Close())
}

// close waits for the users and closes the files.
func (g *generation) close() error {
	g.users.Lock()
	defer g.users.Unlock()
	if err := g.index.Close(); err != nil {
		return fmt.Errorf("close search index: %w", err)
	}
	return nil
}
