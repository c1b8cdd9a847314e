package notices

import (
	"embed"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"

	"hienke/internal/civic"
	"hienke/internal/mail"
)

// A letter is written once. Its template reads as the plain text does; what
// needs a form of its own in HTML is said by functions, each on a line alone:
//
//	{{fact "Mã hồ sơ" .Code}}  a line of a small table
//	{{quote .Answer}}          words of somebody else, of any length
//	{{link .TrackURL}}         a whole address
//	{{in "en"}}                from here on, or up to small: in another language
//	{{small}}                  from here on: what need not be read
//
// The first line is the subject, an empty line begins a paragraph. Both parts
// of the mail come from the blocks that result, so that they never differ, and
// no value can make a block: the marks are control characters, which are taken
// out of every value before.
const (
	markFact  = "\x01"
	markQuote = "\x02"
	markLink  = "\x03"
	markSmall = "\x04"
	markInner = "\x05" // between label and value
	markIn    = "\x06"
)

//go:embed templates/*.txt
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"fact": func(label, value string) string { return markFact + label + markInner + oneLine(value) },
	"quote": func(words string) string {
		return markQuote + strings.ReplaceAll(strings.TrimSpace(words), "\n", "\n"+markQuote)
	},
	"link":  func(address string) string { return markLink + oneLine(address) },
	"in":    func(language string) string { return markIn + language },
	"small": func() string { return markSmall },
}).ParseFS(files, "templates/*.txt"))

// oneLine joins the lines of a value.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// blockKind is what a block is.
type blockKind int

const (
	paragraph blockKind = iota
	facts
	quote
	link
)

// block is one piece of a letter.
type block struct {
	kind  blockKind
	small bool
	lang  string      // where it is not the letter's; else empty
	lines []string    // of a paragraph or a quote; the address of a link
	facts [][2]string // label and value
}

// Draw writes a mail from the template NAME.LANGUAGE.txt of this package: its
// subject, its text and its HTML. values is a struct; every string in it is
// plain text, whoever wrote it. The caller adds whom it goes to, the
// Message-ID, what it belongs to and, for a mail that somebody subscribed to,
// the address that ends it.
//
// It is the way to write to an address that is no submission's contact, too.
func Draw(name string, lang civic.Language, values any) (mail.Mail, error) {
	subject, blocks, err := fill(name, lang, values)
	if err != nil {
		return mail.Mail{}, err
	}
	return mail.Mail{Subject: subject, Text: drawText(blocks), HTML: drawHTML(lang, subject, blocks), Languages: languages(lang, blocks)}, nil
}

// languages are those that a letter is written in, the first one first.
func languages(lang civic.Language, blocks []block) []string {
	out := []string{string(lang)}
	for _, b := range blocks {
		if b.lang != "" && !slices.Contains(out, b.lang) {
			out = append(out, b.lang)
		}
	}
	return out
}

// fill fills in a template and takes it apart.
func fill(name string, lang civic.Language, values any) (subject string, blocks []block, err error) {
	var b strings.Builder
	file := name + "." + string(lang) + ".txt"
	if err := templates.ExecuteTemplate(&b, file, plain(values)); err != nil {
		return "", nil, fmt.Errorf("render %s: %w", file, err)
	}
	subject, body, _ := strings.Cut(b.String(), "\n")
	return subject, parse(body), nil
}

// plain returns a copy of a struct whose strings hold no control characters
// but line ends.
func plain(values any) any {
	from := reflect.ValueOf(values)
	to := reflect.New(from.Type()).Elem()
	to.Set(from)
	scrub(to)
	return to.Interface()
}

func scrub(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(scrubbed(v.String()))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				scrub(v.Field(i))
			}
		}
	case reflect.Slice:
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len()) // not the caller's
		reflect.Copy(fresh, v)
		for i := range fresh.Len() {
			scrub(fresh.Index(i))
		}
		v.Set(fresh)
	default: // numbers and times hold no text
	}
}

func scrubbed(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			return '\n'
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, s)
}

// parse takes a filled-in template apart.
func parse(body string) []block {
	var (
		out   []block
		small bool
		lang  string
		open  bool // the last block goes on
	)
	add := func(kind blockKind) *block {
		if !open || out[len(out)-1].kind != kind {
			out, open = append(out, block{kind: kind, small: small, lang: lang}), true
		}
		return &out[len(out)-1]
	}
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.TrimRight(line, " ")
		mark := ""
		if line != "" && line[0] < ' ' {
			mark, line = line[:1], line[1:]
		}
		switch mark {
		case markFact:
			label, value, _ := strings.Cut(line, markInner)
			b := add(facts)
			b.facts = append(b.facts, [2]string{label, value})
		case markQuote:
			b := add(quote)
			b.lines = append(b.lines, line)
		case markLink:
			b := add(link)
			b.lines, open = []string{line}, false
		case markIn:
			lang, open = line, false
		case markSmall:
			small, lang, open = true, "", false
		default:
			if line == "" {
				open = false
				continue
			}
			b := add(paragraph)
			b.lines = append(b.lines, line)
		}
	}
	return out
}

// drawText writes the blocks for who reads plain text. A link stands right
// under the sentence or the words that lead to it.
func drawText(blocks []block) string {
	var b strings.Builder
	for i, block := range blocks {
		if i > 0 {
			b.WriteByte('\n')
			if before := blocks[i-1].kind; block.kind != link || (before != paragraph && before != quote) {
				b.WriteByte('\n')
			}
		}
		switch block.kind {
		case facts:
			b.WriteString(alignFacts(block.facts))
		case quote:
			b.WriteString(indent(block.lines))
		default:
			b.WriteString(strings.Join(block.lines, "\n"))
		}
	}
	return b.String() + "\n"
}

// alignFacts writes labels and values in two columns.
func alignFacts(list [][2]string) string {
	width := 0
	for _, f := range list {
		width = max(width, utf8.RuneCountInString(f[0]))
	}
	lines := make([]string, len(list))
	for i, f := range list {
		lines[i] = f[0] + ":" + strings.Repeat(" ", width-utf8.RuneCountInString(f[0])+2) + f[1]
	}
	return strings.Join(lines, "\n")
}

// indent sets words of others apart as people do in mails.
func indent(lines []string) string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.TrimRight("> "+line, " ")
	}
	return strings.Join(out, "\n")
}
