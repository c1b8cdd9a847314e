package vitext_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/vitext"
)

func TestTelling(t *testing.T) {
	t.Parallel()
	parts := func() []vitext.Weighted {
		return []vitext.Weighted{
			{"khí", 5}, {"sáng chế", 4}, {"không khí", 3}, {"chế", 2}, {"khí", 1}, {"thôn", 1}, {"bản", 1},
		}
	}
	tests := []struct {
		name string
		n    int
		want []string
	}{
		{"a word gives way to its pair and is not said again", 9, []string{"sáng chế", "không khí", "bản", "thôn"}},
		{"no more than asked for", 2, []string{"khí", "sáng chế"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, vitext.Telling(parts(), tt.n)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := vitext.Telling(nil, 3); got != nil {
		t.Errorf("of nothing it tells %q", got)
	}
}

func TestBoundAndSurfaceBreakNoLetter(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ế", vitext.MaxWords*16)
	if got := vitext.Bound(long); !utf8.ValidString(got) || len(got) > vitext.MaxWords*16 || len(got) == 0 {
		t.Errorf("%d bytes, valid %v", len(got), utf8.ValidString(got))
	}
	if got := vitext.Surface(long); !utf8.ValidString(got) || len(got) > 3*vitext.MaxWordLength {
		t.Errorf("%d bytes", len(got))
	}
	if got := vitext.Surface("  Sáng\n CHẾ "); got != "sáng chế" {
		t.Errorf("got %q", got)
	}
}
