package matching

import "hienke/internal/vitext"

// Reason says why two texts must not be joined without a person.
type Reason string

// The reasons. They are stable codes; None means that the pair may be joined.
const (
	None          Reason = ""
	TooDifferent  Reason = "too_different"  // below NearThreshold
	TooShort      Reason = "too_short"      // one or two words that are not equal
	OtherNumber   Reason = "other_number"   // a number, date or amount differs
	OtherNegation Reason = "other_negation" // one says yes where the other says no
	OtherWish     Reason = "other_wish"     // more or less, allow or forbid, for or against
	OtherName     Reason = "other_name"     // a person, place or agency differs
	OtherWord     Reason = "other_word"     // another word differs that may carry the request
)

// Comparison is the outcome of Compare.
type Comparison struct {
	// Jaccard is the similarity of the shingles, 0 to 1.
	Jaccard float64
	// Reason is None exactly when the pair may be joined without a person. Else
	// it is about the first difference that counts.
	Reason Reason
}

// Joinable reports whether the two may be joined without a person.
func (c Comparison) Joinable() bool { return c.Reason == None }

// Compare says whether two texts are the same request in nearly the same
// words. Copies of a form letter differ in little: a place, a person, a number,
// a date, an agency, "xã" or "phường", "cấp mới" or "cấp lại", a single
// "không". No list holds all words that can turn a request into another one,
// so the rule is the other way round: every word counts, in its place, except
// for what cannot carry a request. That is
//
//   - capitals, spaces, punctuation, accents left out altogether, and spellings
//     that mean the same (hoà and hòa, kĩ and kỹ);
//   - courtesies: greetings, thanks, the ways of saying "I propose", words such
//     as "rất", and a signature that only one text has;
//   - slips of the keyboard, where one of the two is no Vietnamese word and a
//     single stroke makes it the other.
//
// The doubt goes to a person: Compare refuses many pairs that a person would
// join. It is symmetric and takes time proportional to the texts.
func Compare(a, b string) Comparison {
	// A campaign's letters are compared by the fifty; reading them all would
	// take ten times as long as finding them. Beyond signs there is a word soon.
	const soon = 256
	if a == b && len(vitext.Words(a[:min(len(a), soon)])) > 0 {
		return Comparison{Jaccard: 1}
	}
	x, y := read(a), read(b)
	c := Comparison{Jaccard: Jaccard(shingles(x.words), shingles(y.words))}
	switch {
	case min(len(x.words), len(y.words)) < shingleWords && c.Jaccard < 1:
		c.Reason = TooShort
	case c.Jaccard < NearThreshold:
		c.Reason = TooDifferent
	default:
		c.Reason = difference(x, y)
	}
	return c
}

// pair is two readings side by side.
type pair struct {
	x, y       *reading
	vietnamese bool // both are
}

// difference walks along both texts and returns the reason of the first
// difference that counts.
func difference(x, y *reading) Reason {
	p := pair{x: x, y: y, vietnamese: vitext.IsVietnamese(x.words) && vitext.IsVietnamese(y.words)}
	a, b := x.tokens, y.tokens
	for len(a) > 0 || len(b) > 0 {
		if n, m := p.agree(a, b); n > 0 {
			a, b = a[n:], b[m:]
			continue
		}
		fillA, fillB := len(a) > 0 && filler(a[0], p.vietnamese), len(b) > 0 && filler(b[0], p.vietnamese)
		if fillA {
			a = a[1:]
		}
		if fillB {
			b = b[1:]
		}
		if fillA || fillB {
			continue
		}
		if len(b) == 0 && signature(a) || len(a) == 0 && signature(b) {
			return None
		}
		return p.reason(a, b)
	}
	return None
}

// agree returns how many tokens at the head of each text say the same, 0 and 0
// when they do not: one and one, or two and one where a space is missing.
func (p pair) agree(a, b []token) (n, m int) {
	switch {
	case len(a) == 0 || len(b) == 0:
		return 0, 0
	case same(a[0], b[0]) || p.slip(a[0], b[0]):
		return 1, 1
	case p.vietnamese && len(b) > 1 && runTogether(a[0], b[0], b[1]):
		return 1, 2
	case p.vietnamese && len(a) > 1 && runTogether(b[0], a[0], a[1]):
		return 2, 1
	}
	return 0, 0
}

// same reports whether two tokens are the same word. Accents count unless one
// of them stands where its writer typed none: Ân is not An.
func same(a, b token) bool {
	return a.exact == b.exact || (a.bare || b.bare) && a.folded == b.folded && isASCII(a.folded)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Words that show what a difference is about. They only choose the reason that
// a person reads; what may be joined does not depend on them.
var (
	negations = vocabulary("không chưa chẳng đừng ngừng chống not no never none neither nor without cannot don doesn didn isn won")
	wishes    = vocabulary("tăng giảm thêm bớt cấm phép được đóng mở ủng phản đối buộc nguyện bỏ giữ hủy nam nữ trước sau trên dưới " +
		"tối đa thiểu increase decrease reduce raise lower more less fewer ban allow legalise legalize permit prohibit stop start keep " +
		"remove abolish introduce end extend shorten open close support oppose mandatory compulsory voluntary optional before after minimum maximum men women")
	numerals = vocabulary("một hai ba bốn năm sáu bảy tám chín mười mươi trăm nghìn ngàn triệu tỷ tỉ rưỡi " +
		"one two three four five six seven eight nine ten hundred thousand million billion half double")
)

// reason names the difference at the heads of two texts.
func (p pair) reason(a, b []token) Reason {
	either := func(is func(token) bool) bool {
		return len(a) > 0 && is(a[0]) || len(b) > 0 && is(b[0])
	}
	switch {
	case either(func(t token) bool { return t.number || numerals.has(t) }):
		return OtherNumber
	case either(negations.has):
		return OtherNegation
	case either(wishes.has):
		return OtherWish
	case len(a) > 0 && p.x.isName(a[0]) || len(b) > 0 && p.y.isName(b[0]):
		return OtherName
	default:
		return OtherWord
	}
}
