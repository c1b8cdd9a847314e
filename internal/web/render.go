package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"hienke/frontend"
	"hienke/internal/civic"
	"hienke/internal/i18n"
)

// Renderer turns page structs into HTML. Everything is parsed once, for each
// language, so a broken template stops the start and not a request.
type Renderer struct {
	catalogue *i18n.Catalogue
	sets      map[i18n.Lang]map[string]*template.Template
}

// NewRenderer parses every template. It fails with frontend.ErrNotBuilt when
// styles and scripts were not built into the binary.
func NewRenderer(c *i18n.Catalogue) (*Renderer, error) {
	manifest, err := frontend.LoadManifest()
	if err != nil {
		return nil, err
	}
	r := &Renderer{catalogue: c, sets: map[i18n.Lang]map[string]*template.Template{}}
	for _, lang := range i18n.Langs {
		set, err := parse(frontend.Templates(), lang, functions(c, lang, manifest))
		if err != nil {
			return nil, fmt.Errorf("parse templates for %s: %w", lang, err)
		}
		r.sets[lang] = set
	}
	return r, nil
}

// parse builds one template per file in pages/, and one per plain page.
func parse(fsys fs.FS, lang i18n.Lang, funcs template.FuncMap) (map[string]*template.Template, error) {
	layouts := map[string]*template.Template{}
	for _, layout := range []string{"public", "staff", "embed"} {
		t, err := template.New(layout).Funcs(funcs).Option("missingkey=error").
			ParseFS(fsys, "layouts/"+layout+".html", "partials/*.html")
		if err != nil {
			return nil, err
		}
		layouts[layout] = t
	}
	set := map[string]*template.Template{}
	add := func(name, layout string, files ...string) error {
		t, err := layouts[layout].Clone()
		if err != nil {
			return err
		}
		set[name], err = t.ParseFS(fsys, files...)
		return err
	}
	pages, err := fs.Glob(fsys, "pages/*.html")
	if err != nil {
		return nil, err
	}
	for _, file := range pages {
		name, layout := strings.TrimSuffix(path.Base(file), ".html"), "public"
		switch {
		case strings.HasPrefix(name, "staff_"):
			layout = "staff"
		case strings.HasPrefix(name, "embed_"):
			layout = "embed"
		}
		if err := add(name, layout, file); err != nil {
			return nil, err
		}
	}
	for _, slug := range PlainPages {
		if err := add("plain/"+slug, "public", "pages/plain.html", "plain/"+slug+"."+string(lang)+".html"); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// PlainPages lists the slugs of the plain pages.
var PlainPages = []string{"how-it-works", "what-belongs", "privacy", "accessibility", "contact"}

// Render writes the page. Nothing is written when a template fails half-way.
func (r *Renderer) Render(w io.Writer, p Page) error {
	f := p.frame()
	key := "site.title"
	if f.Failed {
		key = "site.title_failed"
	}
	f.DocumentTitle = r.catalogue.T(f.Lang, key, "page", f.Title)
	name := p.template()
	if plain, ok := p.(*PlainPage); ok {
		name = "plain/" + plain.Name
	}
	t, ok := r.sets[f.Lang][name]
	if !ok {
		return fmt.Errorf("render %s in %s: no such template", name, f.Lang)
	}
	var buf bytes.Buffer
	if err := t.ExecuteTemplate(&buf, "layout", p); err != nil {
		return fmt.Errorf("render %s in %s: %w", name, f.Lang, err)
	}
	page := buf.Bytes()
	if !utf8.Valid(page) { // a form was sent in another coding, and is shown again
		page = bytes.ToValidUTF8(page, []byte("\uFFFD"))
	}
	_, err := w.Write(page)
	return err
}

// functions are what templates may call. All of them speak one language.
func functions(c *i18n.Catalogue, lang i18n.Lang, assets frontend.Manifest) template.FuncMap {
	return template.FuncMap{
		"t":      func(key string, args ...any) string { return c.T(lang, key, args...) },
		"plural": func(key string, n int, args ...any) string { return c.Plural(lang, key, n, args...) },
		"number": func(n int) string { return i18n.Number(lang, int64(n)) },

		"date":      func(at time.Time) string { return i18n.Date(lang, at, civic.Zone) },
		"shortDate": func(at time.Time) string { return i18n.ShortDate(lang, at, civic.Zone) },
		"dateTime":  func(at time.Time) string { return i18n.DateTime(lang, at, civic.Zone) },
		"machine":   func(at time.Time) string { return i18n.Machine(at, civic.Zone) },

		"asset": func(name string) (string, error) {
			hashed, ok := assets[name]
			if !ok {
				return "", fmt.Errorf("no asset %s in the manifest", name)
			}
			return AssetPrefix + hashed, nil
		},
		"languages":    func() []i18n.Lang { return i18n.Langs },
		"languageName": languageName,
		"statsColumns": func() []string { return statsColumns },
		"dataGroups":   func() []string { return dataGroups },
		"stateTone":    stateTone,
		"spell":        spell,
	}
}

// languageName names a language in itself.
func languageName(l i18n.Lang) string {
	if l == i18n.English {
		return "English"
	}
	return "Tiếng Việt"
}

// stateTone is the colour of a state's tag. The word beside it says the same:
// colour is never the only sign.
func stateTone(s civic.State) string {
	switch s {
	case civic.Answered, civic.Closed:
		return "done"
	case civic.Rejected, civic.Withdrawn:
		return "stop"
	case civic.Triage, civic.AwaitingCitizen:
		return "wait"
	default:
		return "active"
	}
}

// spell sets the characters of a code apart, so that a screen reader says
// each of them.
func spell(code string) string {
	return strings.Join(strings.Split(strings.ReplaceAll(code, "-", ""), ""), " ")
}
