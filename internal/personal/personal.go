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

var (
	emails = regexp.MustCompile(`[\p{L}\p{N}][\p{L}\p{N}._%+-]*@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`)
	// digits are runs as people write long numbers, in groups of two and more.
	digits = regexp.MustCompile(`\+?\d{2,}(?:[ .-]\d{2,})*`)
)

// Lengths of numbers, in digits.
const (
	identityOld, identityNew = 9, 12 // chứng minh nhân dân, căn cước
	shortestAccount          = 6
	longestAccount           = 19
)

// numbers finds what is a number, by its shape or by the word before it.
func numbers(text string, tokens []vitext.Token) []Finding {
	var found []Finding
	for _, m := range digits.FindAllStringIndex(text, -1) {
		if m[0] > 0 && joined(text[:m[0]]) || m[1] < len(text) && joinedAfter(text[m[1]:]) {
			continue // part of a code, of a law's number, of an amount
		}
		bare := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, text[m[0]:m[1]])
		international := text[m[0]] == '+'
		kind, ok := Kind(""), true
		switch {
		case cued(tokens, m[0], accountCues) && len(bare) >= shortestAccount && len(bare) <= longestAccount:
			kind = Account
		case cued(tokens, m[0], identityCues) && len(bare) >= identityOld-1 && len(bare) <= identityNew, isIdentity(bare):
			kind = Identity
		case isPhone(bare, international):
			kind = Phone
		default:
			ok = false
		}
		if ok {
			found = append(found, Finding{kind, m[0], m[1]})
		}
	}
	return found
}

// joined reports whether what comes next continues a word or a code.
func joined(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsLetter(r) || r == '-' || r == '/' || r == '_' || r == '#'
}

func joinedAfter(after string) bool {
	r, size := utf8.DecodeRuneInString(after)
	next, _ := utf8.DecodeRuneInString(after[size:])
	switch r {
	case '/', '_', '%':
		return true
	case '-', '.', ',':
		return unicode.IsLetter(next) || unicode.IsDigit(next)
	}
	return unicode.IsLetter(r)
}

// isPhone knows mobile numbers of ten digits and landlines of ten or eleven.
func isPhone(bare string, international bool) bool {
	if rest, ok := strings.CutPrefix(bare, "84"); ok && (international || len(bare) == 11) {
		bare = "0" + rest
	} else if international {
		return len(bare) >= 8 && len(bare) <= 15 // E.164
	}
	if len(bare) < 2 || bare[0] != '0' {
		return false
	}
	switch bare[1] {
	case '3', '5', '7', '8', '9':
		return len(bare) == 10
	case '2':
		return len(bare) == 10 || len(bare) == 11
	}
	return false
}

// isIdentity knows the number of a citizen: province 001 to 096, then sex and
// century, then the year of birth and six digits.
func isIdentity(bare string) bool {
	return len(bare) == identityNew && bare[0] == '0' && bare[:3] > "000" && bare[:3] <= "096" && bare[3] <= '3'
}

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
	accountCues  = cues("số tài khoản", "stk", "số tk", "tài khoản ngân hàng", "tài khoản số", "account number")
	identityCues = cues("cccd", "cmnd", "cmt", "căn cước", "căn cước công dân", "chứng minh nhân dân", "số định danh", "hộ chiếu", "passport", "identity card")
	addressCues  = cues("trú tại", "thường trú", "tạm trú", "cư trú", "hộ khẩu", "địa chỉ nhà", "địa chỉ", "nhà tôi ở", "nhà số", "số nhà", "sống tại", "I live at", "my address is")
	nameCues     = cues("tôi tên là", "tên tôi là", "em tên là", "cháu tên là", "tôi là", "họ và tên", "họ tên", "ký tên", "người viết đơn", "người làm đơn", "người kiến nghị", "my name is")
)

// cueReach is how many words may stand between a cue and its number: "số tài
// khoản của tôi tại ngân hàng … là …".
const cueReach = 8

// cued reports whether one of the cues stands shortly before a place.
func cued(tokens []vitext.Token, place int, list []cue) bool {
	at, _ := slices.BinarySearchFunc(tokens, place, func(t vitext.Token, p int) int { return cmp.Compare(t.Start, p) })
	for i := max(0, at-cueReach); i < at; i++ {
		for _, c := range list {
			if begins(tokens[i:at], c) {
				return true
			}
		}
	}
	return false
}

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
