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

var (
	// digits are runs as people write long numbers, in groups of any size, the
	// prefix of a telephone number in brackets.
	digits = regexp.MustCompile(`[+(]{0,2}\d(?:[ .\-()]{0,2}\d)+`)
	// lettered are numbers that hold letters: of passports, of health insurance,
	// of accounts at some banks.
	lettered = regexp.MustCompile(`\b(?:[A-Z]{1,2} ?\d(?: ?\d){6,14}|\d{3}[A-Z]\d{6,12})\b`)
)

// Lengths of numbers, in digits.
const (
	identityOld, identityNew         = 9, 12 // chứng minh nhân dân, căn cước
	insuranceNumber, insuranceCard   = 10, 15
	shortestAccount, longestAccount  = 6, 19
	shortestPassport, longestForeign = 7, 15 // the latter: E.164
	vague                            = 9     // the fewest digits after a cue of many meanings
)

var (
	accountCues = cues("số tài khoản", "stk", "số tk", "tài khoản ngân hàng", "tài khoản số", "account number", "bank account",
		"thẻ atm", "thẻ ngân hàng", "thẻ tín dụng")
	vagueCues     = cues("tk", "tài khoản")
	identityCues  = cues("cccd", "cmnd", "cmt", "căn cước", "căn cước công dân", "chứng minh nhân dân", "số định danh", "hộ chiếu", "passport", "identity card", "id card")
	insuranceCues = cues("bhxh", "bhyt", "bảo hiểm xã hội", "bảo hiểm y tế", "social insurance", "health insurance")
)

// units follow an amount and never a number of somebody.
var units = []string{"dong", "d", "vnd", "usd", "ty", "trieu", "nghin", "nguoi", "m2", "km2", "ha", "ban", "tan"}

// numbers finds what is a number, by its shape or by the word before it.
func numbers(text string, tokens []vitext.Token) []Finding {
	var found []Finding
	for _, m := range lettered.FindAllStringIndex(text, -1) {
		switch bare := bareOf(text[m[0]:m[1]]); {
		case cued(tokens, m[0], accountCues):
			found = append(found, Finding{Account, m[0], m[1]})
		case cued(tokens, m[0], identityCues) && len(bare) >= shortestPassport, cued(tokens, m[0], insuranceCues) && len(bare) >= insuranceNumber:
			found = append(found, Finding{Identity, m[0], m[1]})
		}
	}
	for _, m := range digits.FindAllStringIndex(text, -1) {
		if kind, start, end, ok := kindOf(text, tokens, m[0], m[1]); ok {
			found = append(found, Finding{kind, start, end})
		}
	}
	return found
}

func bareOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// kindOf says what a run of digits is, and how much of it.
func kindOf(text string, tokens []vitext.Token, start, end int) (Kind, int, int, bool) {
	run := text[start:end]
	bare := bareOf(run)
	if strings.HasPrefix(run, "(") && !strings.Contains(run, ")") { // a bracket of the sentence
		start++
		run = run[1:]
	}
	// Part of a code, of a law's number, of an amount; but telephone numbers
	// stand side by side with a stroke between them.
	before, after := joined(text[:start]), joinedAfter(text[end:])
	if (before || after) && (!isPhone(bare, false) || !strokeBetweenNumbers(text, start, end)) {
		return "", 0, 0, false
	}
	if !isPhone(bare, run[0] == '+') && measured(tokens, end) {
		return "", 0, 0, false
	}
	switch {
	case cued(tokens, start, accountCues) && len(bare) >= shortestAccount && len(bare) <= longestAccount,
		cued(tokens, start, vagueCues) && len(bare) >= vague && len(bare) <= longestAccount && !isPhone(bare, false):
		return Account, start, end, true
	case cued(tokens, start, identityCues) && len(bare) >= identityOld-1 && len(bare) <= identityNew, isIdentity(bare),
		cued(tokens, start, insuranceCues) && (len(bare) == insuranceNumber || len(bare) == insuranceCard):
		return Identity, start, end, true
	case isPhone(bare, strings.HasPrefix(run, "+")):
		return Phone, start, end, true
	}
	return phoneWithin(text, start, end)
}

// phoneWithin finds a telephone number that another number stands beside, with
// a space between: "Điều 3 0912 345 678".
func phoneWithin(text string, start, end int) (Kind, int, int, bool) {
	cuts := []int{start}
	for i := start; i < end; i++ {
		if text[i] == ' ' {
			cuts = append(cuts, i+1)
		}
	}
	cuts = append(cuts, end+1)
	for i := range cuts {
		for j := len(cuts) - 1; j > i; j-- {
			from, to := cuts[i], cuts[j]-1
			if from < to && isPhone(bareOf(text[from:to]), text[from] == '+') {
				return Phone, from, to, true
			}
		}
	}
	return "", 0, 0, false
}

// measured reports whether a unit follows: the number is an amount.
func measured(tokens []vitext.Token, end int) bool {
	at, _ := slices.BinarySearchFunc(tokens, end, func(t vitext.Token, p int) int { return cmp.Compare(t.Start, p) })
	return at < len(tokens) && tokens[at].Start <= end+1 && slices.Contains(units, tokens[at].Text)
}

// strokeBetweenNumbers reports whether what joins a run to its neighbours is a
// stroke with a digit behind it.
func strokeBetweenNumbers(text string, start, end int) bool {
	ok := func(r, beyond rune) bool {
		return r == '/' && unicode.IsDigit(beyond) || !unicode.IsLetter(r) && r != '/' && r != '-' && r != '_' && r != '#'
	}
	before, size := utf8.DecodeLastRuneInString(text[:start])
	further, _ := utf8.DecodeLastRuneInString(text[:start-min(size, start)])
	after, size := utf8.DecodeRuneInString(text[end:])
	next, _ := utf8.DecodeRuneInString(text[min(end+size, len(text)):])
	return ok(before, further) && ok(after, next)
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
	if rest, ok := strings.CutPrefix(bare, "0084"); ok {
		bare, international = "84"+rest, true
	}
	if rest, ok := strings.CutPrefix(bare, "84"); ok && (international || len(bare) == 11) {
		bare = "0" + strings.TrimPrefix(rest, "0")
	} else if international {
		return len(bare) >= 8 && len(bare) <= longestForeign
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

// cueReach is how many words may stand between a cue and its number: "số tài
// khoản của tôi tại ngân hàng … là …".
const cueReach = 8

// cued reports whether one of the cues stands before a place in the text.
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
