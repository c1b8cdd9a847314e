package matching_test

import (
	"fmt"
	"testing"

	"hienke/internal/matching"
)

// signLetters are letters with room for a word before the request, a number and a
// name: Vietnamese as it should be, typed without accents, and English.
var signLetters = []string{
	"Kính gửi quý cơ quan, chúng tôi là người dân sống ở khu tập thể cũ cạnh bến xe. Đề nghị cơ quan %smở thêm tuyến xe buýt số %s chạy qua cổng trường %s " +
		"để học sinh đi lại cho an toàn, vì đoạn đường này hay bị ngập và xe tải chạy rất nhanh vào giờ tan học. Chúng tôi mong được trả lời sớm.",
	"Kinh gui quy co quan, chung toi la nguoi dan song o khu tap the cu canh ben xe. De nghi co quan %smo them tuyen xe buyt so %s chay qua cong truong %s " +
		"de hoc sinh di lai cho an toan, vi doan duong nay hay bi ngap va xe tai chay rat nhanh vao gio tan hoc. Chung toi mong duoc tra loi som.",
	"Dear council, we are residents of the old estate beside the bus station. Please %sopen one more bus line number %s that passes the gate of school %s " +
		"so that children can travel safely because this road is often flooded and trucks drive very fast when school ends. We hope for an early answer.",
}

// A request is turned into its opposite, or meant for another place, by what
// is no word to a machine: letters in circles, struck out words, pictures.
func TestNoSignIsTooSmallToKeepTwoLettersApart(t *testing.T) {
	t.Parallel()
	negations := []string{
		"ⓚⓗⓞⓝⓖ", "ⓝⓞⓣ", "🄺🄷🄾🄽🄶", "🅝🅞🅣", "𝐤𝐡𝐨̂𝐧𝐠", "ｋｈôｎｇ", "kh\u200bông", "кhông", "kho\u0302ng", "ᵏʰôⁿᵍ", "k0", "ko", "hổng", "đừng",
		"⠝⠕⠞", "🇳🇴🇹", "🙅", "🙅\u200d♂️", "🚫", "❌", "❎", "✗", "☓", "⛌", "×", "∅", "⊘", "¬", "🈚", "㊙", "無", "不", "n\u0336o\u0336",
	}
	pairs := [][2]string{
		{"①", "②"}, {"⑫", "⑬"}, {"Ⅰ", "Ⅱ"}, {"½", "¼"}, {"1²", "1³"}, {"㈠", "㈡"}, {"12′", "12"}, {"5°", "5"}, {"12", "-12"}, {"12", "1.2"},
		{"12", "1\u03362\u0336"}, {"1️⃣", "2️⃣"}, {"١٢", "٢١"}, {"🚗", "🚲"}, {"🕐", "🕑"}, {"♂", "♀"}, {"▲", "▼"}, {"↑", "↓"}, {"→", "←"}, {"☀", "☂"},
	}
	for _, letter := range signLetters {
		write := func(word, number, name string) string { return fmt.Sprintf(letter, word, number, name) }
		apart := func(what, a, b string) {
			if c := matching.Compare(a, b); c.Joinable() || matching.Compare(b, a).Joinable() {
				t.Errorf("%q joins in %.20q…: %+v", what, letter, c)
			}
		}
		for _, n := range negations {
			apart(n, write("", "12", "A"), write(n+" ", "12", "A"))
		}
		for _, p := range append(pairs, [2]string{"Ⓐ", "Ⓑ"}, [2]string{"🄰", "🄱"}, [2]string{"A\u0336", "A"}, [2]string{"A\u20e0", "A"}) {
			apart(p[0]+" and "+p[1], write("", p[0], "A"), write("", p[1], "A"))
			apart(p[0]+" and "+p[1], write("", "12", p[0]), write("", "12", p[1]))
		}
	}
}

// What cannot carry a request still keeps nobody apart.
func TestOrnamentsKeepNobodyApart(t *testing.T) {
	t.Parallel()
	for _, ornament := range []string{"🙏", "🙏🏽", "❤️", "■ ", "★", "😢😢", "…", "“", "\u200b", "\ufeff", "• "} {
		for _, letter := range signLetters {
			plain := fmt.Sprintf(letter, "", "12", "A")
			if c := matching.Compare(plain, fmt.Sprintf(letter, ornament, "12", "A")); !c.Joinable() {
				t.Errorf("%q keeps %.20q… apart: %+v", ornament, letter, c)
			}
		}
	}
}
