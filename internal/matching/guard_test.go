package matching_test

import (
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hienke/internal/matching"
	"hienke/internal/vitext"
)

// formLetter is a case of testdata/form_letters.jsonl: a letter of
// form_bases.jsonl and the same one with one replacement, which a person would
// call the same request (Join) or not.
type formLetter struct {
	ID      string `json:"id"`
	Base    string `json:"base"`
	From    string `json:"from"`
	To      string `json:"to"`
	Style   string `json:"style"`   // how both texts are typed
	StyleB  string `json:"style_b"` // how the other one is typed
	Differs string `json:"differs"`
	Join    bool   `json:"join"`
}

func styled(text, style string) string {
	switch style {
	case "lower":
		return strings.ToLower(text)
	case "upper":
		return strings.ToUpper(text)
	case "plain":
		return vitext.Fold(text)
	default:
		return text
	}
}

// texts returns both texts of a case.
func (c formLetter) texts(t *testing.T, bases map[string]string) (a, b string) {
	t.Helper()
	a = styled(bases[c.Base], c.Style)
	if n := strings.Count(a, c.From); c.From != "" && n != 1 {
		t.Fatalf("%s: %q occurs %d times in its letter", c.ID, c.From, n)
	}
	b = a
	if c.From != "" {
		b = strings.Replace(a, c.From, c.To, 1)
	}
	b = styled(b, c.StyleB)
	if a == b {
		t.Fatalf("%s: both texts are equal", c.ID)
	}
	return a, b
}

func formLetters(t *testing.T) ([]formLetter, map[string]string) {
	t.Helper()
	type base struct{ ID, Text string }
	bases := map[string]string{}
	for _, b := range readLines[base](t, filepath.Join("testdata", "form_bases.jsonl")) {
		bases[b.ID] = b.Text
	}
	return readLines[formLetter](t, filepath.Join("testdata", "form_letters.jsonl")), bases
}

func TestFormLettersThatAskForSomethingElseAreNeverJoined(t *testing.T) {
	t.Parallel()
	cases, bases := formLetters(t)
	different, near := 0, 0
	for _, c := range cases {
		if c.Join {
			continue
		}
		different++
		a, b := c.texts(t, bases)
		got := matching.Compare(a, b)
		if got.Jaccard >= matching.NearThreshold {
			near++
		}
		if got.Joinable() {
			t.Errorf("%s (%s): %q for %q was joined", c.ID, c.Differs, c.To, c.From)
		}
	}
	t.Logf("%d letters that differ, %d of them near", different, near)
	if different < 220 || near*10 < different*8 {
		t.Errorf("%d cases and %d near are too few to mean anything", different, near)
	}
}

func TestCopiesWithSlipsAndOtherGreetingsAreJoined(t *testing.T) {
	t.Parallel()
	cases, bases := formLetters(t)
	copies, joined := 0, 0
	for _, c := range cases {
		if !c.Join {
			continue
		}
		copies++
		a, b := c.texts(t, bases)
		if got := matching.Compare(a, b); got.Joinable() {
			joined++
		} else {
			t.Logf("%s (%s) left to a person: %s, Jaccard %.2f", c.ID, c.Differs, got.Reason, got.Jaccard)
		}
	}
	recall := float64(joined) / float64(copies)
	t.Logf("joined %d of %d copies: %.3f", joined, copies, recall)
	if copies < 60 || recall < 0.85 {
		t.Errorf("recall %.3f of %d, want 0.85 of 60 at least", recall, copies)
	}
}

// courtesyWords may be exchanged, added and left out.
const courtesyWords = " và thì cũng rất mà tôi em xin kính chúng mong muốn rằng đề nghị kiến xuất gửi thưa chân thành trân trọng cảm ơn sớm nhận được " +
	"quan tâm trả lời phản hồi please the also thank you dear sir or madam very much many thanks "

func courteous(w string) bool {
	w = strings.ToLower(strings.Trim(w, ".,!?:;"))
	return strings.Contains(courtesyWords, " "+w+" ") || strings.Contains(vitext.Fold(courtesyWords), " "+w+" ")
}

func TestNoWordOfALetterCanBeChangedForAnotherWord(t *testing.T) {
	t.Parallel()
	_, bases := formLetters(t)
	ids := slices.Sorted(maps.Keys(bases))
	rng := rand.New(rand.NewPCG(3, 5))
	for _, id := range ids {
		other := strings.Fields(bases[ids[rng.IntN(len(ids))]])
		for strings.HasPrefix(id, "en-") != slices.Contains(other, "the") {
			other = strings.Fields(bases[ids[rng.IntN(len(ids))]])
		}
		style := []string{"", "lower", "upper", "plain"}[rng.IntN(4)]
		a := styled(bases[id], style)
		words := strings.Fields(a)
		for i, w := range words {
			put := styled(other[rng.IntN(len(other))], style)
			if vitext.Fold(strings.Trim(put, ".,:")) == vitext.Fold(strings.Trim(w, ".,:")) {
				continue
			}
			variants := map[string][]string{
				"left out": slices.Delete(slices.Clone(words), i, i+1),
				"replaced": slices.Replace(slices.Clone(words), i, i+1, put),
				"added":    slices.Insert(slices.Clone(words), i, put),
			}
			for how, b := range variants {
				harmless := (how == "added" || courteous(w)) && (how == "left out" || courteous(put))
				if c := matching.Compare(a, strings.Join(b, " ")); c.Joinable() && !harmless {
					t.Errorf("%s %s: joined with %q at %q %s", id, style, put, strings.Join(words[max(0, i-2):min(len(words), i+3)], " "), how)
				}
			}
		}
	}
}

func TestSignsAndLettersThatLookAlike(t *testing.T) {
	t.Parallel()
	const before = "Chúng tôi đề nghị trạm quan trắc của khu công nghiệp báo động khi nồng độ bụi trong không khí là "
	const after = " so với mức cho phép, để nhà máy dừng ngay và người dân ở gần được biết trước khi trời tối, kể cả ngày nghỉ."
	tests := []struct {
		name, a, b string
		join       bool
	}{
		{"a comparison turned round", "≥ 5", "≤ 5", false},
		{"a decimal comma lost", "1,5", "15", false},
		{"a range for a decimal", "1,5", "1-5", false},
		{"a date for a range", "3/5", "3-5", false},
		{"a percent sign lost", "5%", "5", false},
		{"a minus sign", "vượt -5 độ", "vượt 5 độ", false},
		{"another currency", "5 $", "5 €", false},
		{"a plus", "C++", "C", false},
		{"a thumb turned", "tốt 👍", "tốt 👎", false},
		{"a box ticked", "✅ cao", "❌ cao", false},
		{"a Cyrillic letter", "cao", "cаo", false},
		{"a Greek letter", "cao", "caο", false},
		{"kana with and without a voicing mark", "か", "が", false},
		{"Chinese", "禁止", "允许", false},
		{"Arabic digits of another script", "٥", "٦", false},
		{"a Roman numeral", "cấp II", "cấp III", false},
		{"a letter of an object code", "trạm 12A", "trạm 12B", false},
		{"words run together that read as another", "ho an", "hoan", false},
		{"a borrowed word", "sim", "esim", false},
		{"another borrowed word", "chip", "clip", false},
		{"a borrowed word that looks like one without accents", "bot", "bột", false},
		{"a borrowed word that looks like a slip", "visa", "vỉa", false},
		{"a commune of the highlands in small letters", "ia grai", "ia gai", false},
		{"an accent that makes another word", "bán", "bạn", false},
		{"a zero-width space", "cao hơn", "cao\u200b hơn", true},
		{"a soft hyphen", "cao", "ca\u00ado", true},
		{"full-width digits", "5 lần", "５ lần", true},
		{"decomposed letters", "mức", "mu\u031b\u0301c", true},
		{"quotation marks", "cao", "“cao”", true},
		{"a dash of another kind", "3-5", "3–5", true},
		{"an emoji that says nothing", "cao", "cao 🙏", true},
		{"a doubled letter", "vượt", "vượtt", true},
		{"two letters swapped", "nặng", "nặgn", true},
		{"a wrong place of the horn", "được", "đuợc", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := matching.Compare(before+tt.a+after, before+tt.b+after)
			if got.Jaccard < matching.NearThreshold {
				t.Fatalf("Jaccard %.2f says nothing about the guard", got.Jaccard)
			}
			if got.Joinable() != tt.join {
				t.Errorf("joinable %v (%q, Jaccard %.2f), want %v", got.Joinable(), got.Reason, got.Jaccard, tt.join)
			}
		})
	}
}
