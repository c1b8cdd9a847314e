package prose_test

import (
	"strings"
	"testing"

	"hienke/internal/prose"
)

func TestHTML(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"paragraphs and lines stay", "Kính gửi ông/bà,\nBộ trả lời.\n\nTrân trọng.", "<p>Kính gửi ông/bà,<br>\nBộ trả lời.</p>\n<p>Trân trọng.</p>\n"},
		{"a list of a word processor is a list", "Bộ sẽ:\n•\tbỏ bản giấy;\n·  sửa mẫu 02.\nTrân trọng.",
			"<p>Bộ sẽ:</p>\n<ul>\n<li>bỏ bản giấy;</li>\n<li>sửa mẫu 02.</li>\n</ul>\n<p>Trân trọng.</p>\n"},
		{"numbers go on where they begin", "3)\tBa\n4)\tBốn", "<ol start=\"3\">\n<li>Ba</li>\n<li>Bốn</li>\n</ol>\n"},
		{"links are links", "Xem [Thông tư](https://vanban.vn/a?b=1&c=2) hoặc https://moit.gov.vn.",
			`<p>Xem <a href="https://vanban.vn/a?b=1&amp;c=2" rel="nofollow">Thông tư</a> hoặc <a href="https://moit.gov.vn" rel="nofollow">https://moit.gov.vn</a>.</p>` + "\n"},
		{"everything else is text", "# 5 > 3 & *hai* `x` <b>đậm</b>\n    thụt\n> trích\n---\n[a]: http://b.vn",
			"<p># 5 &gt; 3 &amp; *hai* `x` &lt;b&gt;đậm&lt;/b&gt;<br>\nthụt<br>\n&gt; trích<br>\n---<br>\n[a]: <a href=\"http://b.vn\" rel=\"nofollow\">http://b.vn</a></p>\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := prose.HTML(tt.text); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestNothingIsInterpreted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"<script>alert(1)</script>", "[x](javascript:alert(1))", "[x](JAVASCRIPT:alert(1) \"t\")", "[x](data:text/html,<script>)",
		"![x](https://evil.example/pixel.gif)", "<img src=x onerror=alert(1)>", "- <svg onload=alert(1)>", "[x](https://a.vn\" onclick=\"y)",
		"[x](vbscript:x)", "&lt;script&gt;", "<!-- x", "1. <iframe>", "<https://a.vn>", "[<b>](https://a.vn)",
	} {
		got := strings.ToLower(prose.HTML(text))
		for _, bad := range []string{"<script", "<img", "<svg", "<iframe", "<b>", "<!--", `="javascript`, `="data`, `="vbscript`, `" onclick`} {
			if strings.Contains(got, bad) {
				t.Errorf("%q becomes %q", text, got)
			}
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, seed := range []string{"- a\n- b", "1. x\n\ny", "[a](http://b)", "<b>", "\u00a0•\t\t"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := prose.HTML(text)
		for _, tag := range []string{"<p>", "</p>", "<br>", "<ul>", "</ul>", "<li>", "</li>", "</ol>", "<ol>", "</a>"} {
			got = strings.ReplaceAll(got, tag, "")
		}
		for part := range strings.SplitSeq(got, "<") {
			if part != got && !strings.HasPrefix(part, "a href=\"") && !strings.HasPrefix(part, "ol start=\"") && part != strings.Split(got, "<")[0] {
				t.Errorf("%q leaves %q", text, got)
			}
		}
		if once := prose.Tidy(text); prose.Tidy(once) != once {
			t.Errorf("tidying %q twice: %q, %q", text, once, prose.Tidy(once))
		}
	})
}
