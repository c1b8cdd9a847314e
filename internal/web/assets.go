package web

import (
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
)

// AssetPrefix is where the built files are served. They carry their own
// compressed forms, so nothing else should compress below it.
const AssetPrefix = "/assets/"

// cacheForever is a year, the longest that caches honour: a file's name
// changes with its content.
const cacheForever = "public, max-age=31536000, immutable"

// assets holds the built files with their compressed siblings in memory; all
// together they are a few hundred kilobytes.
type assets struct {
	files map[string][]byte
}

func newAssets(fsys fs.FS) (*assets, error) {
	a := &assets{files: map[string][]byte{}}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", err)
	}
	for _, e := range entries {
		content, err := fs.ReadFile(fsys, e.Name())
		if err != nil {
			return nil, fmt.Errorf("read asset: %w", err)
		}
		a.files[e.Name()] = content
	}
	return a, nil
}

// encodings are the compressed forms, the smaller first.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// serve answers with a built file, compressed where the browser can read it.
func (a *assets) serve(c echo.Context) error {
	name := c.Param("file")
	content, ok := a.files[name]
	kind := mime.TypeByExtension(path.Ext(name))
	if !ok || !assetTypes[path.Ext(name)] {
		return errs.New(errs.NotFound, "request.no_such_address")
	}
	h := c.Response().Header()
	h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	accepted := c.Request().Header.Get(echo.HeaderAcceptEncoding)
	for _, e := range encodings {
		if small, ok := a.files[name+e.suffix]; ok && accepts(accepted, e.name) {
			h.Set(echo.HeaderContentEncoding, e.name)
			content = small
			break
		}
	}
	h.Set(echo.HeaderCacheControl, cacheForever)
	return c.Blob(http.StatusOK, kind, content)
}

// assetTypes are the extensions that are served; the manifest and the
// compressed forms are not files of their own.
var assetTypes = map[string]bool{".css": true, ".js": true, ".svg": true}

// accepts reports whether an Accept-Encoding header names the encoding without
// refusing it.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			_, q, found := strings.Cut(params, "=")
			return !found || strings.Trim(strings.TrimSpace(q), "0.") != ""
		}
	}
	return false
}
