// Package migrations holds the SQL that brings a database to the shape this
// version of the program needs, for goose. Both folders have the same numbers
// and lead to the same tables and columns.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed sqlite/*.sql postgres/*.sql
var files embed.FS

// SQLite returns the migrations of the embedded size.
func SQLite() fs.FS { return folder("sqlite") }

// Postgres returns the migrations of the scaled-out size.
func Postgres() fs.FS { return folder("postgres") }

func folder(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // only for a name that is no path
	}
	return sub
}
