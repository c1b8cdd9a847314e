// Package personal finds personal data in a text that may become public:
// telephone numbers, e-mail addresses, identity numbers, bank accounts, home
// addresses, and names by which people present themselves.
//
// It points things out to a person and decides nothing, so it would rather
// leave something than mark every number: years, prices, law numbers and the
// codes of this system are no personal data.
package personal

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hienke/internal/vitext"
)

// Kind says what was found.
type Kind string

// The kinds.
const (
	Phone    Kind = "phone"
	Email    Kind = "email"
	Identity Kind = "identity" // citizen's identity card, passport
	Account  Kind = "account"  // at a bank
	Address  Kind = "address"  // where somebody lives
	Name     Kind = "name"     // by which the writer presents himself or herself
)

// Finding is a place in a text: text[Start:End], in bytes.
type Finding struct {
	Kind       Kind
	Start, End int
}

// Find returns what is found, in order, no two overlapping.
func Find(text string) []Finding {
	tokens := vitext.Tokens(text)
	var all []Finding
	for _, m := range emails.FindAllStringIndex(text, -1) {
		all = append(all, Finding{Email, m[0], m[1]})
	}
	all = append(all, numbers(text, tokens)...)
	all = append(all, afterCue(text, tokens, addressCues, Address, addressEnd)...)
	all = append(all, afterCue(text, tokens, nameCues, Name, nameEnd)...)
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	end := 0
	return slices.DeleteFunc(all, func(f Finding) bool {
		if f.Start < end {
			return true
		}
		end = f.End
		return false
	})
}

var emails = regexp.MustCompile(`[\p{L}\p{N}][\p{L}\p{N}._%+-]* ?@ ?[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}`)

// cue is a row of folded words that comes before personal data.
type cue []string

func cues(phrases ...string) []cue {
	out := make([]cue, len(phrases))
	for i, p := range phrases {
		out[i] = vitext.Words(p)
	}
	return out
}

var (
	addressCues = cues("trú tại", "thường trú", "tạm trú", "cư trú", "hộ khẩu", "địa chỉ nhà", "địa chỉ", "nhà tôi ở", "nhà số", "số nhà", "sống tại", "I live at", "my address is")
	nameCues    = cues("tôi tên là", "tên tôi là", "em tên là", "cháu tên là", "tôi là", "họ và tên", "họ tên", "ký tên", "người viết đơn", "người làm đơn", "người kiến nghị", "my name is")
)

// fillers may stand between a cue and what it announces.
var fillers = []string{"tai", "o", "la", "at", "is"}

// begins reports whether the tokens begin with the words of a cue.
func begins(tokens []vitext.Token, c cue) bool {
	if len(tokens) < len(c) {
		return false
	}
	for i, w := range c {
		if tokens[i].Text != w {
			return false
		}
	}
	return true
}

// afterCue finds what stands right behind a cue. end tells how many of the
// tokens that follow belong to it, none if it is something else.
func afterCue(text string, tokens []vitext.Token, list []cue, kind Kind, end func(text string, after []vitext.Token) int) []Finding {
	var found []Finding
	for i := range tokens {
		for _, c := range list {
			if !begins(tokens[i:], c) {
				continue
			}
			after := tokens[i+len(c):]
			for len(after) > 0 && slices.Contains(fillers, after[0].Text) { // "trú tại", "ở", "số nhà: "
				after = after[1:]
			}
			if n := end(text, after); n > 0 {
				found = append(found, Finding{kind, after[0].Start, after[n-1].End})
			}
			break
		}
	}
	return found
}

// longestAddress is how many words an address has at most.
const longestAddress = 24

// places are words of which an address of a home has at least one.
var places = cues("thôn", "xóm", "ấp", "bản", "buôn", "tổ", "khu phố", "phường", "xã", "đường", "phố", "ngõ", "ngách", "hẻm", "chung cư", "street", "road")

// addressEnd takes the words up to the end of the sentence, if they hold a
// number or the name of a place with a capital, and a word for a place.
func addressEnd(text string, after []vitext.Token) int {
	n := 0
	for n < len(after) && n < longestAddress && (n == 0 || !strings.ContainsAny(text[after[n-1].End:after[n].Start], ".;\n!?")) {
		n++
	}
	placed, exact := false, false
	for i := range n {
		placed = placed || slices.ContainsFunc(places, func(c cue) bool { return begins(after[i:n], c) })
		r, _ := utf8.DecodeRuneInString(text[after[i].Start:])
		exact = exact || unicode.IsDigit(r) || i > 0 && unicode.IsUpper(r)
	}
	if !placed || !exact {
		return 0
	}
	return n
}

// Words of a name, at least and at most.
const (
	shortestName = 2
	longestName  = 6
)

// nameEnd takes the capitalised words that follow at once.
func nameEnd(text string, after []vitext.Token) int {
	n := 0
	for n < len(after) && n < longestName {
		r, _ := utf8.DecodeRuneInString(text[after[n].Start:])
		if !unicode.IsUpper(r) || n > 0 && strings.Trim(text[after[n-1].End:after[n].Start], " ") != "" {
			break
		}
		n++
	}
	if n < shortestName {
		return 0
	}
	return n
}
