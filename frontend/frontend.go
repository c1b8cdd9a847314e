// Package frontend carries what browsers get: built styles and scripts, page
// templates and locale catalogues, all embedded in the binary. It knows no
// page and no route; package web gives them meaning.
package frontend

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// dist is filled by "npm run build". Only its placeholder is committed, so
// every package compiles on a clean clone before the front end was built.
//
//go:embed all:dist
var dist embed.FS

//go:embed templates
var templates embed.FS

//go:embed locales/*/*.json
var locales embed.FS

// ErrNotBuilt reports that the binary was compiled before the styles and
// scripts were. Such a binary can serve no page and must not start.
var ErrNotBuilt = errors.New("styles and scripts were not built before the binary: run \"make build\" (or \"npm ci && npm run build\" in frontend/) and compile again")

// Manifest maps the plain name of an asset (public.css) to its content-hashed
// file name in Assets (public.0123456789ab.css).
type Manifest map[string]string

// Assets returns the built files, flat: hashed names and their .br and .gz
// siblings.
func Assets() fs.FS { return sub(dist, "dist") }

// Templates returns the html/template files: layouts, partials, pages, plain.
func Templates() fs.FS { return sub(templates, "templates") }

// Locales returns the message catalogues, a folder of JSON files for each
// language.
func Locales() fs.FS { return sub(locales, "locales") }

// LoadManifest reads the manifest of the built assets. It fails with
// ErrNotBuilt when the binary carries none.
func LoadManifest() (Manifest, error) {
	raw, err := fs.ReadFile(Assets(), "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, fmt.Errorf("read asset manifest: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("parse asset manifest: %w", err)
	}
	return m, nil
}

// sub cannot fail: the folders are part of the binary.
func sub(fsys embed.FS, dir string) fs.FS {
	s, err := fs.Sub(fsys, dir)
	if err != nil {
		panic(err)
	}
	return s
}
