// Package search is the port to the full-text engines: what a document is,
// what may be asked, and what every engine must keep to.
//
// The truth is in the store; an index is a copy that can be thrown away and
// built again. There are two copies, one for the public and one for staff, and
// nothing of one is ever visible in the other. Package searchtest holds each
// sentence of this port as a case that every engine passes.
package search

import (
	"context"

	"hienke/internal/civic"
)

// Audience says who may see what an index answers. Each audience has an index
// of its own.
type Audience string

// The audiences.
const (
	Public Audience = "public" // published versions only
	Staff  Audience = "staff"  // originals, behind a permission and a Scope
)

// Audiences lists every audience.
var Audiences = []Audience{Public, Staff}

// MaxBatch is the largest number of changes in one Apply. A thousand documents
// of a few kilobytes stay well below the 100 MB that Meilisearch takes in one
// request, and commit in a second or two.
const MaxBatch = 1000

// Searcher answers queries for one audience. It is all that a stand-in for a
// broken engine needs.
type Searcher interface {
	// Audience names the audience that the answers are for. It never changes.
	Audience() Audience

	// Query answers q. See Query and Result for what is asked and promised. A
	// query that breaks a rule of Query.Check is Invalid. An engine that is out
	// of reach, or too slow, is Unavailable within a few seconds.
	Query(ctx context.Context, q Query) (Result, error)
}

// Index is the documents of one audience in an engine. All methods are safe
// for concurrent use. After Close every other method but the plain ones
// (Audience, Engine, Traits) is Unavailable.
type Index interface {
	Searcher

	// Apply makes the changes, all of them for one code in their order. When
	// it returns nil they are durable and every later Query sees them. After an
	// error any part of them may have been made; applying them again is always
	// right. More than MaxBatch changes, a code that is not one, or a document
	// without a time of receipt is Invalid and changes nothing. No changes are
	// no work.
	Apply(ctx context.Context, changes []Change) error

	// Rebuild begins a new content beside the one that answers. Until its
	// Commit no query sees anything of it, and Apply on the Index does not
	// reach it: what changes meanwhile must be applied to the Rebuild before
	// Commit too. One Index value has one Rebuild at a time; a second is
	// Conflict.
	Rebuild(ctx context.Context) (Rebuild, error)

	// Each calls fn once for every document with its code and the fingerprint
	// of what was applied (Document.Fingerprint), in no particular order, and
	// stops with the first error of fn. Documents that change during the walk
	// may be missed or come in either state.
	Each(ctx context.Context, fn func(code civic.Code, fingerprint string) error) error

	// Count returns the number of documents.
	Count(ctx context.Context) (int, error)

	// Ping reports whether the engine answers now, as Unavailable if not.
	Ping(ctx context.Context) error

	// Engine is the short name of the engine, as the API shows it.
	Engine() string

	// Traits declares how this engine uses the freedom that the port leaves.
	Traits() Traits

	// Close lets go of the engine and aborts an open Rebuild. What was applied
	// stays. Closing twice is harmless.
	Close() error
}

// Rebuild is a new content in the making. It ends with Commit or Abort; after
// that Apply and Commit are Conflict.
type Rebuild interface {
	// Apply is Index.Apply for the new content.
	Apply(ctx context.Context, changes []Change) error

	// Commit puts the new content in the place of the old one in one step:
	// each query sees all of one or all of the other, also when the process
	// dies in the middle. After an error the old content still answers and the
	// Rebuild is over.
	Commit(ctx context.Context) error

	// Abort throws the new content away. After Commit or Abort it does
	// nothing, so that it can be deferred.
	Abort(ctx context.Context) error
}

// Traits are the differences between engines that the port allows. The suite
// asserts each of them both ways: what is declared happens, and what is not
// declared does not.
type Traits struct {
	// TypoLetters is the length, in letters, from which a word that nobody
	// uses still finds the documents that have it with one letter wrong,
	// missing or too many, or two neighbours swapped. The first letter must be
	// right. Vietnamese syllables are short: one edit away from a syllable of
	// three letters lies half of the language.
	TypoLetters int
	// TypoBeside tells whether near words are found also when some document has
	// the very word. If so they come after it.
	TypoBeside bool
	// JoinsWords tells whether two neighbouring words of a query also find them
	// written as one: "wi fi" finds "wifi".
	JoinsWords bool
}

// Engine names.
const (
	EngineBleve       = "bleve"
	EngineMeilisearch = "meilisearch"
)
