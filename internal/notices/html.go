package notices

import (
	"html"
	"strings"

	"hienke/internal/civic"
)

// style is small enough to be read by who wonders about it. It loads nothing,
// sets no font size that the reader cannot change, and leaves the colours of a
// dark screen to the mail program.
const style = `:root{color-scheme:light dark}` +
	`body{margin:0;padding:1rem;font-family:system-ui,sans-serif;line-height:1.6}` +
	`main{max-width:36rem;margin:0 auto}` +
	`blockquote{margin:1rem 0;padding:.25rem 0 .25rem 1rem;border-left:4px solid #a5542b}` +
	`dt{font-weight:600}dd{margin:0 0 .5rem}a{overflow-wrap:anywhere}` +
	`footer{margin-top:1.5rem;padding-top:.5rem;border-top:1px solid #888}`

// drawHTML writes the blocks as a page without tables, pictures or scripts.
// Every word goes through html.EscapeString; a link shows the whole address
// that it leads to.
func drawHTML(lang civic.Language, subject string, blocks []block) string {
	var b strings.Builder
	title := html.EscapeString(oneLine(subject))
	b.WriteString("<!DOCTYPE html>\n<html lang=\"" + html.EscapeString(string(lang)) + "\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n" +
		"<title>" + title + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<main>\n")
	small, in := false, ""
	for _, block := range blocks {
		if block.lang != in {
			if in != "" {
				b.WriteString("</div>\n")
			}
			if in = block.lang; in != "" {
				b.WriteString("<div lang=\"" + html.EscapeString(in) + "\">\n")
			}
		}
		if block.small && !small {
			small = true
			b.WriteString("<footer>\n")
		}
		drawBlock(&b, block)
	}
	if in != "" {
		b.WriteString("</div>\n")
	}
	if small {
		b.WriteString("</footer>\n")
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	return b.String()
}

func drawBlock(b *strings.Builder, block block) {
	switch block.kind {
	case facts:
		b.WriteString("<dl>\n")
		for _, f := range block.facts {
			b.WriteString("<dt>" + html.EscapeString(f[0]) + "</dt>\n<dd>" + html.EscapeString(f[1]) + "</dd>\n")
		}
		b.WriteString("</dl>\n")
	case quote:
		b.WriteString("<blockquote>\n")
		for _, p := range paragraphs(block.lines) {
			drawParagraph(b, p)
		}
		b.WriteString("</blockquote>\n")
	case link:
		address := html.EscapeString(block.lines[0])
		b.WriteString("<p><a href=\"" + address + "\">" + address + "</a></p>\n")
	case paragraph:
		drawParagraph(b, block.lines)
	}
}

func drawParagraph(b *strings.Builder, lines []string) {
	b.WriteString("<p>")
	for i, line := range lines {
		if i > 0 {
			b.WriteString("<br>\n")
		}
		b.WriteString(html.EscapeString(line))
	}
	b.WriteString("</p>\n")
}

// paragraphs splits lines at the empty ones.
func paragraphs(lines []string) (out [][]string) {
	open := false
	for _, line := range lines {
		if line == "" {
			open = false
			continue
		}
		if !open {
			out, open = append(out, nil), true
		}
		out[len(out)-1] = append(out[len(out)-1], line)
	}
	return out
}
