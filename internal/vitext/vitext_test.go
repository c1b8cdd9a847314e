package vitext_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hienke/internal/vitext"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain text stays", "Kính gửi Bộ Khoa học và Công nghệ,\n\tthưa ông.", "Kính gửi Bộ Khoa học và Công nghệ,\n\tthưa ông."},
		{"open oa oe uy carry the tone first", "Thanh Hoá, Khánh Hoà, sức khoẻ, Thuý, luỹ kế, uỷ ban, UỶ BAN, TOÀ ÁN", "Thanh Hóa, Khánh Hòa, sức khỏe, Thúy, lũy kế, ủy ban, ỦY BAN, TÒA ÁN"},
		{"a final consonant moves it on", "tòan dân, hòang, thúân, húynh, xóay", "toàn dân, hoàng, thuấn, huýnh, xoáy"},
		{"qu is one consonant", "quý, qúy, qủa, quả, quỳnh, quyết, qúôc", "quý, quý, quả, quả, quỳnh, quyết, quốc"},
		{"gi is one consonant before a vowel", "già, gìa, gì, giữ gìn, giếng, gíêt, giải", "già, già, gì, giữ gìn, giếng, giết, giải"},
		{"ê and ơ carry it", "thúê, thuế, thuở, thủơ, người, ngừơi, tuyển, nghiễng", "thuế, thuế, thuở, thuở, người, người, tuyển, nghiễng"},
		{"first of two open vowels", "mía, cửa, của, chìa, múi, thảo, tài, cứu", "mía, cửa, của, chìa, múi, thảo, tài, cứu"},
		{"middle of three open vowels", "ngoài, ngòai, khuỷu, khủyu, loài, ngoèo", "ngoài, ngoài, khuỷu, khuỷu, loài, ngoèo"},
		{"other languages stay", "voilà café où país naïve Zoë", "voilà café où país naïve Zoë"},
		{"composes", norm.NFD.String("hoà thuận đường phố ợ"), "hòa thuận đường phố ợ"},
		{"composes marks in any order", "o\u0323\u031b ơ\u0323", "ợ ợ"},
		{"line ends become LF", "a\r\nb\rc\u0085d\u2028e\u2029f\r\r\ng\r\u200b\nh", "a\nb\nc\nd\ne\nf\n\ng\nh"},
		{"what nobody sees goes", "a\x00b\u200bc\ufeffd\u202ee\u2066f\u00adg\x07h\x7fi\u034fj\ufffek", "abcdefghijk"},
		{
			"joined emoji stay joined", "\U0001F469\u200d\U0001F52C \U0001F468\u200d\U0001F469\u200d\U0001F467 a\u200db \u200d\U0001F469",
			"\U0001F469\u200d\U0001F52C \U0001F468\u200d\U0001F469\u200d\U0001F467 ab \U0001F469",
		},
		{"bad bytes are replaced", "a\xffb\xed\xa0\x80c", "a\ufffdb\ufffd\ufffd\ufffdc"},
		{"towers of marks are cut", "e" + strings.Repeat("\u0301", 500) + "x", "é" + strings.Repeat("\u0301", 7) + "x"},
		{"empty stays empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := vitext.Normalize(tt.in); got != tt.want {
				t.Errorf("Normalize(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"accents and case go", "Thủ Đức, ĐƯỜNG Nguyễn Văn Cừ số 12", "thu duc, duong nguyen van cu so 12"},
		{"composed or not is the same", norm.NFD.String("Thủ Đức ợ"), "thu duc o"},
		{"both tone places are the same", "hoà hòa thuý thúy", "hoa hoa thuy thuy"},
		{"fancy letters become plain", "Ｆｕｌｌ １２ 𝐌𝐢𝐞̂̃𝐧 ﬁ", "full 12 mien fi"},
		{"old fonts' eth is đ", "Ðà Nẵng", "da nang"},
		{"other scripts stay", "Москва 東京", "москва 東京"},
		{"signs stay", "a… ½ m² ©", "a… ½ m² ©"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := vitext.Fold(tt.in); got != tt.want {
				t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestFoldIsIdempotentForEveryRune(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= 0x32000; r++ { // letters end there; tags follow far above
		once := vitext.Fold(string(r))
		if twice := vitext.Fold(once); twice != once {
			t.Errorf("Fold(%U) = %q, again %q", r, once, twice)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []string
	}{
		{"splits at everything else", "Đề xuất: chuyển-đổi số, 5.000 đ/m²!", []string{"de", "xuat", "chuyen", "doi", "so", "5", "000", "d", "m"}},
		{"has none in signs", "… 👩‍🔬 !!", nil},
		{"has none in nothing", "", nil},
		{"keeps marks inside words", norm.NFD.String("công nghệ"), []string{"cong", "nghe"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := vitext.Words(tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("Words(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestTokensPointAtTheTextAsGiven(t *testing.T) {
	t.Parallel()
	text := "Ở " + norm.NFD.String("Đà Nẵng") + ", 2026"
	var got []string
	for _, tok := range vitext.Tokens(text) {
		got = append(got, norm.NFC.String(text[tok.Start:tok.End])+"="+tok.Text)
	}
	want := []string{"Ở=o", "Đà=da", "Nẵng=nang", "2026=2026"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzText holds what all functions promise for any input.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"", "hoà thuý quý gìa", "a\r\u200b\nb", "👩‍🔬", "\xff\xfe", "\u0958" + strings.Repeat("\u0301", 12),
		"Nghiễng UỶ BAN 𝐌𝐢𝐞̂̃𝐧", strings.Repeat("\u0344", 40), "ﷺ½", "क्षि", "\u1100\u0301\u1161", "👩\u200d\u200d👩",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := vitext.Normalize(s)
		if again := vitext.Normalize(n); again != n {
			t.Fatalf("Normalize is not idempotent: %+q, then %+q", n, again)
		}
		if !utf8.ValidString(n) || !norm.NFC.IsNormalString(n) {
			t.Fatalf("Normalize gave invalid or uncomposed text %+q", n)
		}
		if strings.ContainsAny(n, "\x00\r\u200b\u202e\ufeff") {
			t.Fatalf("Normalize left something invisible in %+q", n)
		}
		folded := vitext.Fold(s)
		if again := vitext.Fold(folded); again != folded {
			t.Fatalf("Fold is not idempotent: %+q, then %+q", folded, again)
		}
		words := vitext.Words(s)
		if again := vitext.Words(folded); !slices.Equal(words, again) {
			t.Fatalf("folding changed the words: %+q, then %+q", words, again)
		}
		if utf8.ValidString(s) {
			if kept := vitext.Words(n); !slices.Equal(words, kept) {
				t.Fatalf("normalising changed the words: %+q, then %+q", words, kept)
			}
		}
		tokens := vitext.Tokens(s)
		if len(tokens) != len(words) {
			t.Fatalf("%d tokens for %d words", len(tokens), len(words))
		}
		for i, tok := range tokens {
			if tok.Text != words[i] || tok.Start >= tok.End || tok.End > len(s) {
				t.Fatalf("token %+v for word %q", tok, words[i])
			}
		}
	})
}

const sample = "Kính gửi Ủy ban nhân dân tỉnh Thanh Hoá. Tôi đề xuất xây dựng nền tảng dữ liệu mở về khoa học và công nghệ, " +
	"để người dân tra cứu hồ sơ, kết quả nghiên cứu và đóng góp sáng kiến chuyển đổi số ngay trên điện thoại. "

func BenchmarkNormalize(b *testing.B) { bench(b, func(s string) { vitext.Normalize(s) }) }
func BenchmarkFold(b *testing.B)      { bench(b, func(s string) { vitext.Fold(s) }) }
func BenchmarkWords(b *testing.B)     { bench(b, func(s string) { vitext.Words(s) }) }
func BenchmarkTokens(b *testing.B)    { bench(b, func(s string) { vitext.Tokens(s) }) }

func bench(b *testing.B, f func(string)) {
	text := strings.Repeat(sample, 10)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		f(text)
	}
}
