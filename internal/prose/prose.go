// Package prose shows texts of staff that have paragraphs, lists and links: an
// answer that was pasted from a word processor still looks like one. What is
// stored is plain text in which an empty line begins a paragraph, "- " and "1. "
// a line of a list, and an address or [words](address) a link, a small part of
// CommonMark. Everything else is text and is shown as it stands: no text is
// ever taken for HTML.
package prose

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	render "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// reader knows paragraphs, lists and links, and no HTML at all.
var reader = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(extension.NewLinkifyParser(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"})), 999),
		),
	)),
	goldmark.WithRendererOptions(render.WithHardWraps()),
)

// allowed is the second look: what is not on this list leaves the page even if
// the reader were wrong.
var allowed = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "ul", "ol", "li")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,6}$`)).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	return p
}()

// HTML is the text for a page, sanitised: a template may take it as it is.
func HTML(text string) string {
	var out bytes.Buffer
	if err := reader.Convert([]byte(Tidy(text)), &out); err != nil {
		return "<p>" + html.EscapeString(text) + "</p>"
	}
	return allowed.Sanitize(out.String())
}

var (
	// Word processors put their lists into plain text with these marks.
	bullet = regexp.MustCompile(`^[ \t\x{00A0}]*(?:[•·▪◦‣●○■□\x{F0B7}\x{F0A7}][ \t\x{00A0}]*|[o§]\t[ \t]*|[-–—+*][ \t\x{00A0}]+)(\S.*)$`)
	number = regexp.MustCompile(`^[ \t\x{00A0}]*(\d{1,3})[.)][ \t\x{00A0}]+(\S.*)$`)
)

// Tidy brings what was pasted or typed into the form that HTML reads: marks of
// word processors become those of lists, and what follows a list in a line of its
// own does not become part of its last line. Doing it twice changes nothing.
func Tidy(text string) string {
	var out []string
	item := false
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		line = strings.TrimRight(line, " \t\u00a0")
		was := item
		item = true
		if m := bullet.FindStringSubmatch(line); m != nil {
			line = "- " + m[1]
		} else if m := number.FindStringSubmatch(line); m != nil {
			line = m[1] + ". " + m[2]
		} else {
			item = false
			line = strings.TrimLeft(line, "\t\u00a0 ")
		}
		if len(out) > 0 && line != "" && out[len(out)-1] != "" && was != item {
			out = append(out, "")
		}
		out = append(out, line)
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
