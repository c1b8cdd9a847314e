package notices

import (
	"strings"
	"testing"

	"hienke/internal/civic"
)

func TestNoWordOfAnybodyMakesABlockOrATag(t *testing.T) {
	t.Parallel()
	l := letter{
		Name: "An\n\x03https://evil.example", Code: "HK-1", ReceivedOn: "2/3", Agency: "Bộ\x01x\x05y", TrackURL: "https://hienke.example/vi/track",
		Title: "<script>alert(1)</script>", Answer: "\x03https://evil.example\r\n\r\n<a href=\"https://evil.example\">đây</a>\x04",
	}
	m, err := Draw("answer", civic.Vietnamese, l)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, `href="https://evil`) || strings.Count(m.HTML, "<a ") != 1 || strings.Count(m.HTML, "<dl>") != 0 {
		t.Errorf("the HTML is %s", m.HTML)
	}
	if strings.Count(m.HTML, "<footer>") != 1 || strings.Contains(strings.SplitN(m.HTML, "<footer>", 2)[1], "evil") {
		t.Errorf("the small print is not ours: %s", m.HTML)
	}
	if strings.ContainsAny(m.Text+m.HTML+m.Subject, "\x00\x01\x02\x03\x04\x05\r") {
		t.Errorf("control characters are left in %q", m.Text)
	}
	if l.Name != "An\n\x03https://evil.example" {
		t.Error("the caller's values were changed")
	}
}
