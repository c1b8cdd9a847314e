package i18n_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"hienke/frontend"
	"hienke/internal/i18n"
)

// small returns a catalogue of the two files.
func small(vi, en string) fstest.MapFS {
	return fstest.MapFS{"vi/base.json": {Data: []byte(vi)}, "en/base.json": {Data: []byte(en)}}
}

func TestThePagesHaveEveryTextInBothLanguages(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(frontend.Locales())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range c.Keys() {
		for _, lang := range i18n.Langs {
			if text := c.T(lang, key); strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s: %s is empty or has spaces around it", lang, key)
			}
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		vi, en string
		want   string // part of the error; empty: none
	}{
		{name: "takes what agrees", vi: `{"a":{"b":"x {n}"}}`, en: `{"a":{"b":{"one":"{n} x","other":"{n} xs"}}}`},
		{name: "names a text that one language lacks", vi: `{"a":"x","b":"y"}`, en: `{"a":"x"}`, want: "en lacks b"},
		{name: "names a text that the first language lacks", vi: `{"a":"x"}`, en: `{"a":"x","b":"y"}`, want: "vi lacks b"},
		{name: "names other placeholders", vi: `{"a":"{n}"}`, en: `{"a":"{m}"}`, want: "other placeholders in a"},
		{
			name: "names an unknown placeholder in a singular", vi: `{"a":"{n}"}`, en: `{"a":{"one":"{m}","other":"{n}"}}`,
			want: "singular of a",
		},
		{name: "refuses what is no text", vi: `{"a":1}`, en: `{"a":1}`, want: "neither text nor object"},
		{name: "refuses what is no JSON", vi: `{`, en: `{}`, want: "catalogue vi/base.json: parse"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := i18n.Load(small(tt.vi, tt.en))
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestLoadRefusesAKeyInTwoFiles(t *testing.T) {
	t.Parallel()
	fsys := small(`{"problem":{"a":"x"}}`, `{"problem":{"a":"x"}}`)
	fsys["vi/more.json"] = &fstest.MapFile{Data: []byte(`{"problem":{"b":"y"}}`)}
	fsys["en/more.json"] = &fstest.MapFile{Data: []byte(`{"problem":{"b":"y"}}`)}
	c, err := i18n.Load(fsys)
	if err != nil || !c.Has("problem.a") || !c.Has("problem.b") {
		t.Fatalf("two files share a branch: got %v", err)
	}
	fsys["vi/more.json"].Data = []byte(`{"problem":{"a":"y"}}`)
	if _, err := i18n.Load(fsys); err == nil || !strings.Contains(err.Error(), "problem.a stands in another file too") {
		t.Errorf("got %v, want problem.a named", err)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(small(
		`{"days":"còn {n} ngày","hello":"Chào {name}","two":"{a} và {b}"}`,
		`{"days":{"one":"{n} day left","other":"{n} days left"},"hello":"Hello {name}","two":"{a} and {b}"}`,
	))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, got, want string
	}{
		{"fills a placeholder", c.T(i18n.Vietnamese, "hello", "name", "Lan"), "Chào Lan"},
		{"writes numbers the Vietnamese way", c.T(i18n.Vietnamese, "two", "a", 1234567, "b", int64(-1000)), "1.234.567 và -1.000"},
		{"writes numbers the English way", c.T(i18n.English, "two", "a", 1234567, "b", 999), "1,234,567 and 999"},
		{"has one form in Vietnamese", c.Plural(i18n.Vietnamese, "days", 1), "còn 1 ngày"},
		{"has a singular in English", c.Plural(i18n.English, "days", 1), "1 day left"},
		{"has a plural in English", c.Plural(i18n.English, "days", 0), "0 days left"},
		{"does not fill a placeholder that a value brings", c.T(i18n.English, "two", "a", "{b}", "b", "x"), "{b} and x"},
		{"marks a missing text", c.T(i18n.English, "nothing"), "⟦nothing⟧"},
		{"reads numbers in an error's parameters", c.Message(i18n.Vietnamese, "hello", map[string]string{"name": "50000"}), "Chào 50.000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
	if !i18n.IsMissing("a ⟦b⟧") || i18n.IsMissing("a [b]") {
		t.Error("the mark of a missing text is not told from others")
	}
	if c.Has("nothing") || !c.Has("days") {
		t.Error("Has does not say which keys there are")
	}
}
