package matching_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hienke/internal/matching"
	"hienke/internal/matching/matchingtest"
	"hienke/internal/vitext"
)

func TestMemoryKeepsTheContractOfCandidates(t *testing.T) {
	t.Parallel()
	matchingtest.Run(t, func(*testing.T) matchingtest.Index { return new(matching.Memory) })
}

func TestJaccard(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, a, b string
		want       float64
	}{
		{"equal texts are 1", "một hai ba bốn", "một hai ba bốn", 1},
		{"accents, case and signs do not count", "Thủ Đức, hoà bình!", "thu duc hòa BÌNH", 1},
		{"one of two shingles shared of three", "một hai ba bốn", "một hai ba năm", 1.0 / 3},
		{"nothing shared is 0", "một hai ba", "bốn năm sáu", 0},
		{"two equal words are equal", "đồng ý", "Đồng ý.", 1},
		{"two words are not near three", "đồng ý", "đồng ý ngay", 0},
		{"other short words are 0", "đồng ý", "không ý", 0},
		{"no words are near nothing", "…", "…", 0},
		{"repetition counts once", "a b c a b c a b c", "a b c a b c", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := matching.Jaccard(matching.Shingles(tt.a), matching.Shingles(tt.b)); got != tt.want {
				t.Errorf("Jaccard(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
			}
		})
	}
}

func TestBandsAreStable(t *testing.T) {
	t.Parallel()
	// Stored bands must keep their meaning; a change here needs a rebuild of
	// the table in every installation.
	got := matching.Sign("Đề nghị công bố dữ liệu mở về không khí").Bands()[:3]
	want := []int64{637366615589264204, -3285935395947332891, -3540570568009693161}
	if !slices.Equal(got, want) {
		t.Errorf("got %d, want %d", got, want)
	}
}

func TestTextsWithoutWordsHaveNoBands(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " \n", "👩‍🔬🎉", "?!…"} {
		if bands := matching.Sign(text).Bands(); bands != nil {
			t.Errorf("Sign(%q).Bands() = %d", text, bands)
		}
	}
}

func TestNearTextsShareABand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		low, high        float64 // Jaccard of the pairs looked at
		atLeast, atMost  float64 // share of them with a common band
		words, trials    int
		smallest, widest int // replaced words
	}{
		{"nearly always from 0.8", 0.8, 0.99, 0.99, 1, 150, 250, 1, 6},
		{"mostly around 0.6", 0.58, 0.64, 0.90, 1, 150, 450, 8, 16},
		{"hardly ever below 0.1", 0.0, 0.1, 0, 0.05, 150, 150, 80, 150},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(7, 11))
			pairs, shared := 0, 0
			for range tt.trials {
				a, b := nearPair(rng, tt.words, tt.smallest+rng.IntN(tt.widest-tt.smallest+1))
				j := matching.Jaccard(matching.Shingles(a), matching.Shingles(b))
				if j < tt.low || j > tt.high {
					continue
				}
				pairs++
				if shareBand(a, b) {
					shared++
				}
			}
			if pairs < 100 {
				t.Fatalf("only %d pairs in range", pairs)
			}
			got := float64(shared) / float64(pairs)
			t.Logf("%d pairs, %.3f share a band", pairs, got)
			if got < tt.atLeast || got > tt.atMost {
				t.Errorf("share %.3f, want %v to %v", got, tt.atLeast, tt.atMost)
			}
		})
	}
}

func TestNearCopiesOfPetitionsShareABand(t *testing.T) {
	t.Parallel()
	corpus, _ := petitions(t)
	rng := rand.New(rand.NewPCG(17, 23))
	type tally struct{ pairs, shared int }
	high, middle := tally{}, tally{}
	for _, rate := range []float64{0.01, 0.02, 0.05, 0.08, 0.12, 0.16} {
		for _, d := range corpus {
			a, b := d.Title+" "+d.Body, edited(rng, d.Title+" "+d.Body, rate)
			j := matching.Jaccard(matching.Shingles(a), matching.Shingles(b))
			count := &middle
			switch {
			case j >= 0.8:
				count = &high
			case j < 0.6:
				continue
			}
			count.pairs++
			if shareBand(a, b) {
				count.shared++
			}
		}
	}
	for name, c := range map[string]struct {
		tally
		want float64
	}{"0.8 and above": {high, 0.99}, "0.6 to 0.8": {middle, 0.90}} {
		got := float64(c.shared) / float64(c.pairs)
		t.Logf("Jaccard %s: %d pairs, %.4f share a band", name, c.pairs, got)
		if got < c.want {
			t.Errorf("Jaccard %s: recall %.4f, want %v", name, got, c.want)
		}
	}
}

// edited leaves out, doubles, swaps or exchanges words at a rate, as a person
// who edits a copy does.
func edited(rng *rand.Rand, text string, rate float64) string {
	words := strings.Fields(text)
	var out []string
	for i, w := range words {
		if rng.Float64() >= rate {
			out = append(out, w)
			continue
		}
		switch rng.IntN(4) {
		case 0: // left out
		case 1:
			out = append(out, w, words[rng.IntN(len(words))])
		case 2:
			out = append(out, words[rng.IntN(len(words))])
		default:
			out = append(out, w)
			if i > 0 && len(out) > 1 {
				out[len(out)-1], out[len(out)-2] = out[len(out)-2], out[len(out)-1]
			}
		}
	}
	return strings.Join(out, " ")
}

// nearPair makes a text of random words and a copy with some words replaced.
func nearPair(rng *rand.Rand, words, replaced int) (a, b string) {
	text := make([]string, words)
	for i := range text {
		text[i] = fmt.Sprintf("w%d", rng.IntN(5000))
	}
	other := slices.Clone(text)
	for range replaced {
		other[rng.IntN(words)] = fmt.Sprintf("v%d", rng.IntN(5000))
	}
	return strings.Join(text, " "), strings.Join(other, " ")
}

func shareBand(a, b string) bool {
	x, y := matching.Sign(a).Bands(), matching.Sign(b).Bands()
	for i := range x {
		if x[i] == y[i] {
			return true
		}
	}
	return false
}

const letter = "Kính gửi Bộ Khoa học và Công nghệ. Tôi tên là Nguyễn Văn An, sống tại thành phố Huế. " +
	"Tôi đề nghị Nhà nước tăng mức hỗ trợ cho các nhóm nghiên cứu trẻ lên 500 triệu đồng trước ngày 30/6, " +
	"vì hiện nay nhiều nhóm không đủ kinh phí để mua thiết bị và trả lương cho nghiên cứu viên. " +
	"Tôi cũng mong kết quả của các đề tài được công khai trên mạng để người dân và doanh nghiệp có thể sử dụng. Xin cảm ơn."

func TestCompare(t *testing.T) {
	t.Parallel()
	swap := func(from, to string) string {
		if !strings.Contains(letter, from) {
			t.Fatalf("the letter has no %q", from)
		}
		return strings.Replace(letter, from, to, 1)
	}
	tests := []struct {
		name, other string
		want        matching.Reason
	}{
		{"the same text", letter, matching.None},
		{"typed without accents", vitext.Fold(letter), matching.None},
		{"other spaces and signs", strings.ReplaceAll(letter, ". ", " !\n\n"), matching.None},
		{"an ordinary word added", swap("Xin cảm ơn", "Xin trân trọng cảm ơn"), matching.None},
		{"an ordinary word replaced", swap("mong kết quả", "muốn kết quả"), matching.None},
		{"another place", swap("Huế", "Vinh"), matching.OtherName},
		{"a place more", swap("thành phố Huế", "thành phố Huế, Quảng Trị"), matching.OtherName},
		{"another person", swap("Văn An", "Thị Bình"), matching.OtherName},
		{"another accent in a name", swap("Văn An", "Văn Ân"), matching.OtherName},
		{"another agency", swap("Khoa học và Công nghệ", "Tài chính"), matching.OtherName},
		{"another amount", swap("500", "50"), matching.OtherNumber},
		{"another unit of the amount", swap("500 triệu", "500 tỷ"), matching.OtherNumber},
		{"another date", swap("30/6", "30/9"), matching.OtherNumber},
		{"a number in words", swap("nhiều nhóm", "hai nhóm"), matching.OtherNumber},
		{"a negation left out", swap("không đủ", "đủ"), matching.OtherNegation},
		{"a negation moved", strings.NewReplacer("không đủ", "đủ", "được công khai", "không công khai").Replace(letter), matching.OtherNegation},
		{"the opposite wish", swap("tăng mức", "giảm mức"), matching.OtherWish},
		{"another place in small letters", vitext.Fold(swap("Huế", "Vinh")), matching.OtherName},
		{"another text", "Đề nghị mở thêm xe buýt cho học sinh vùng cao để các em đến trường an toàn hơn", matching.TooDifferent},
		{"two other words", "xin chào", matching.TooShort},
		{"nothing", "", matching.TooShort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, mirrored := matching.Compare(letter, tt.other), matching.Compare(tt.other, letter)
			if got.Reason != tt.want {
				t.Errorf("got %q (Jaccard %.3f), want %q", got.Reason, got.Jaccard, tt.want)
			}
			if mirrored != got {
				t.Errorf("one way %v, the other way %v", got, mirrored)
			}
		})
	}
}

func TestCompareWhereNamesCannotBeSeen(t *testing.T) {
	t.Parallel()
	lower := strings.ToLower(letter)
	tests := []struct {
		name, a, b string
		want       matching.Reason
	}{
		{"small letters and the same words", lower, lower, matching.None},
		{"small letters and another place", lower, strings.Replace(lower, "huế", "vinh", 1), matching.OtherWord},
		{"capital letters and another place", strings.ToUpper(letter), strings.ToUpper(strings.Replace(letter, "Huế", "Vinh", 1)), matching.OtherWord},
		{"names that change places", "Đề nghị tăng chuyến tàu từ Huế đi Vinh vào các ngày cuối tuần vì nhu cầu của bà con rất lớn, nhất là dịp hè, khi học sinh được nghỉ", "Đề nghị tăng chuyến tàu từ Vinh đi Huế vào các ngày cuối tuần vì nhu cầu của bà con rất lớn, nhất là dịp hè, khi học sinh được nghỉ", matching.TooDifferent},
		{"equal two words", "Đồng ý", "dong y", matching.None},
		{"two words with another accent", "Đồng ý", "Đông y", matching.OtherWord},
		{"digits joined to letters", "Mở đường dài 5km qua xã cho bà con đi lại thuận tiện hơn trong mùa mưa", "Mở đường dài 5 km qua xã cho bà con đi lại thuận tiện hơn trong mùa mưa", matching.None},
		{"another place of the tone mark", "Ủy ban nhân dân tỉnh Khánh Hòa nên mở thêm điểm tiếp dân", "Uỷ ban nhân dân tỉnh Khánh Hoà nên mở thêm điểm tiếp dân", matching.None},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := matching.Compare(tt.a, tt.b); got.Reason != tt.want {
				t.Errorf("got %q (Jaccard %.3f), want %q", got.Reason, got.Jaccard, tt.want)
			}
		})
	}
}

func TestEndlessTextsAreRead(t *testing.T) {
	t.Parallel()
	for name, text := range endless() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			matching.Sign(text).Bands()
			matching.Compare(text, text)
			if c := matching.Compare(text, text+" không"); c.Joinable() && c.Jaccard < 1 {
				t.Error("joined with its opposite")
			}
			a := matching.Analyze(matching.Document{ID: 1, Title: text, Body: text})
			if n := len(a.Salient(nil)); n > 4097 {
				t.Errorf("%d rows", n)
			}
			var m matching.Memory
			if err := m.Add(t.Context(), matching.Document{ID: 2, Title: text, Body: text}, a.Salient(nil)); err != nil {
				t.Fatal(err)
			}
			if _, err := a.Similar(t.Context(), &m, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func endless() map[string]string {
	var different strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&different, "w%d ", i)
	}
	return map[string]string{
		"one letter a million times": strings.Repeat("a", 1_000_000),
		"one word very often":        strings.Repeat("đất ", 60_000),
		"emoji":                      strings.Repeat("👩‍🔬", 50_000),
		"bad bytes":                  strings.Repeat("\xff", 200_000),
		"different words":            different.String(),
		"capitals here and there":    "đất " + strings.Repeat("Đất a ", 30_000),
		"marks":                      strings.Repeat("\u0301", 300_000),
		"nothing":                    "",
	}
}

func BenchmarkSign(b *testing.B) {
	text := strings.Repeat(letter, 2)
	b.ReportAllocs()
	for b.Loop() {
		matching.Sign(text).Bands()
	}
}

func BenchmarkCompare(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		matching.Compare(letter, letter)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add(letter, letter)
	f.Add("5km đường", "5 km duong")
	f.Add("", "\xff")
	f.Add("Kính gửi quý cơ quan. Tôi đề nghị", "tôi xin cảm ơn. Người viết: Nguyễn Văn An")
	f.Add("giá 1,5 triệu - 20% ✅", "gia 1-5 trieu −20 ❌")
	f.Add("compliant applications", "complaint aplications")
	f.Fuzz(func(t *testing.T, a, b string) {
		one, other := matching.Compare(a, b), matching.Compare(b, a)
		if one != other {
			t.Fatalf("Compare is not symmetric: %v, %v", one, other)
		}
		if one.Jaccard < 0 || one.Jaccard > 1 {
			t.Fatalf("Jaccard %v", one.Jaccard)
		}
		if len(vitext.Words(a)) > 0 {
			if same := matching.Compare(a, a); same.Reason != matching.None {
				t.Fatalf("a text differs from itself: %v", same)
			}
		}
	})
}
