package frontend_test

import (
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"hienke/frontend"
)

// scheme are the custom properties of one colour scheme as browsers get them.
type scheme map[string]string

var (
	blockOf  = regexp.MustCompile(`(?:html)?:root\{([^}]*)\}`)
	property = regexp.MustCompile(`(--(?:hk|govuk)-[a-z-]+):\s*(#[0-9a-f]{3,6})\b`)
)

// schemesOf reads the two schemes out of a built style sheet.
func schemesOf(t *testing.T, name string) (light, dark scheme) {
	t.Helper()
	m, err := frontend.LoadManifest()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := fs.ReadFile(frontend.Assets(), m[name])
	if err != nil {
		t.Fatal(err)
	}
	css := string(raw)
	const query = "@media screen and (prefers-color-scheme:dark){"
	before, after, ok := strings.Cut(strings.ReplaceAll(css, ": dark", ":dark"), query)
	if !ok {
		t.Fatalf("%s has no dark scheme", name)
	}
	inside, rest, _ := strings.Cut(after, "}}")
	light, dark = scheme{}, scheme{}
	for _, block := range blockOf.FindAllStringSubmatch(before+"}"+rest, -1) {
		for _, p := range property.FindAllStringSubmatch(block[1], -1) {
			light[p[1]] = p[2]
		}
	}
	for name, value := range light {
		dark[name] = value
	}
	for _, p := range property.FindAllStringSubmatch(inside, -1) {
		dark[p[1]] = p[2]
	}
	return light, dark
}

// luminance is the relative luminance of WCAG 2.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	hex := strings.TrimPrefix(colour, "#")
	if len(hex) == 3 {
		hex = fmt.Sprintf("%c%c%c%c%c%c", hex[0], hex[0], hex[1], hex[1], hex[2], hex[2])
	}
	parts := [3]float64{}
	for i := range parts {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatalf("%q is no colour: %v", colour, err)
		}
		parts[i] = float64(n) / 255
		if parts[i] <= 0.04045 {
			parts[i] /= 12.92
		} else {
			parts[i] = math.Pow((parts[i]+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*parts[0] + 0.7152*parts[1] + 0.0722*parts[2]
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

const (
	forText = 4.5 // WCAG 1.4.3
	forSign = 3   // WCAG 1.4.11: borders of fields, bars of a chart, focus
)

// pairs are all colours that stand on each other, by what is on top.
var pairs = []struct {
	on    string
	under []string
	least float64
}{
	{"govuk-text", []string{"govuk-body-background", "govuk-template-background", "govuk-surface-background", "field", "warm-tint", "red-tint", "green-tint", "blue-tint", "grey-tint", "mark", "answer"}, forText},
	{"govuk-secondary-text", []string{"govuk-body-background", "govuk-template-background", "govuk-surface-background", "warm-tint", "green-tint", "grey-tint", "mark", "answer"}, forText},
	{"govuk-link", []string{"govuk-body-background", "govuk-template-background", "govuk-surface-background", "warm-tint", "red-tint", "green-tint", "grey-tint"}, forText},
	{"govuk-link-visited", []string{"govuk-body-background", "govuk-template-background", "govuk-surface-background", "warm-tint", "green-tint", "grey-tint"}, forText},
	{"govuk-link-hover", []string{"govuk-body-background", "govuk-template-background", "govuk-surface-background"}, forText},
	{"govuk-link-active", []string{"govuk-body-background"}, forText},
	{"govuk-brand", []string{"govuk-body-background", "govuk-surface-background", "blue-tint"}, forText},
	{"govuk-error", []string{"govuk-body-background", "govuk-surface-background"}, forText},
	{"govuk-success", []string{"green-tint", "govuk-body-background"}, forSign},
	{"govuk-focus-text", []string{"govuk-focus"}, forText},
	{"govuk-input-border", []string{"govuk-body-background", "govuk-surface-background", "field"}, forSign},
	{"govuk-inverse-text", []string{"button", "button-hover", "stop", "stop-hover"}, forText},
	{"bar-text", []string{"bar", "bar-deep"}, forText},
	{"gold", []string{"bar", "bar-deep"}, forSign},
	{"gold-deep", []string{"warm-tint"}, forSign},
	{"warm-text", []string{"warm-tint", "govuk-body-background", "grey-tint"}, forText},
	{"red-text", []string{"red-tint", "govuk-body-background", "grey-tint"}, forText},
	{"green-text", []string{"green-tint"}, forText},
	{"blue-text", []string{"blue-tint"}, forText},
	{"chart", []string{"govuk-body-background", "chart-back"}, forSign},
}

func TestEveryPairOfColoursCanBeRead(t *testing.T) {
	t.Parallel()
	for _, sheet := range []string{"public.css", "staff.css"} {
		light, dark := schemesOf(t, sheet)
		for name, colours := range map[string]scheme{"light": light, "dark": dark} {
			value := func(token string) string {
				full := "--hk-" + token
				if kit, ok := strings.CutPrefix(token, "govuk-"); ok {
					full = "--govuk-" + kit + "-colour"
				}
				if colours[full] == "" {
					t.Fatalf("%s, %s: no colour %s", sheet, name, full)
				}
				return colours[full]
			}
			for _, p := range pairs {
				for _, under := range p.under {
					if got := contrast(t, value(p.on), value(under)); got < p.least {
						t.Errorf("%s, %s: %s on %s has %.2f, needs %.1f", sheet, name, p.on, under, got, p.least)
					}
				}
			}
		}
	}
}

// In the dark the colours are other ones, or the page would not be dark.
func TestTheDarkSchemeIsDark(t *testing.T) {
	t.Parallel()
	light, dark := schemesOf(t, "public.css")
	const page = "--govuk-body-background-colour"
	if luminance(t, light[page]) < 0.8 || luminance(t, dark[page]) > 0.05 {
		t.Errorf("the page is %s, and %s in the dark", light[page], dark[page])
	}
	for name := range light {
		if strings.HasPrefix(name, "--hk-") && dark[name] == light[name] && name != "--hk-bar-text" {
			t.Errorf("%s is %s in both", name, light[name])
		}
	}
}

// A colour with no name has no dark counterpart. The code for a camera is
// always black on white.
func TestStylesUseColoursByName(t *testing.T) {
	t.Parallel()
	m, err := frontend.LoadManifest()
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile(`[.]hk-([a-z_-]+)[^{}]*\{[^}]*[^-](?:color|background|background-color|fill|stroke|border[a-z-]*):[^;}(]*#[0-9a-f]{3,6}`)
	for _, sheet := range []string{"public.css", "staff.css"} {
		raw, err := fs.ReadFile(frontend.Assets(), m[sheet])
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range literal.FindAllStringSubmatch(string(raw), -1) {
			if found[1] != "qr" && !strings.Contains(found[0], "#000") { // black is for paper
				t.Errorf("%s: .hk-%s has a colour without a name: %s", sheet, found[1], found[0])
			}
		}
	}
}
