// Package configs holds the data that the program is delivered with. The
// registry is data, not code: an installation may load its own copy instead.
package configs

import (
	"embed"
	"io/fs"
)

//go:embed registry/*.toml
var files embed.FS

// Registry returns the delivered registry: agencies.toml, areas.toml,
// calendar.toml, limits.toml, rejections.toml, rules.toml, scope.toml,
// synonyms.toml and topics.toml at its root.
func Registry() fs.FS {
	sub, err := fs.Sub(files, "registry")
	if err != nil {
		panic(err) // only for a name that is no path, and this one is a constant
	}
	return sub
}
