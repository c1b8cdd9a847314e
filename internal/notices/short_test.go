package notices

import (
	"strings"
	"testing"
	"unicode/utf8"

	"hienke/internal/civic"
)

func TestShortMessagesFitIntoTwoParts(t *testing.T) {
	t.Parallel()
	l := letter{Code: "HK-K488-5Y7A-TM84", DueOn: "30 September 2026", ReplyBy: "30 September 2026", Secret: "ABCD-EFGH"}
	for _, lang := range civic.Languages {
		for kind := range shorts[civic.Vietnamese] {
			got := short(kind, lang, l)
			if n := utf8.RuneCountInString(got); n > shortLetters {
				t.Errorf("%s in %s has %d letters: %s", kind, lang, n, got)
			}
			if !strings.Contains(got, l.Code) || strings.Contains(got, "{") || strings.Contains(got, l.Secret) {
				t.Errorf("%s in %s: %s", kind, lang, got)
			}
		}
	}
}
