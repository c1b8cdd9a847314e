package triage_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/testkit/house"
)

// The same letter with other files asks for something else, as far as a machine
// can tell.
func TestCopiesJoinWhenTheirFilesAreTheSame(t *testing.T) {
	t.Parallel()
	const plan, other = "Dự toán thiết bị: kính hiển vi điện tử.", "Dự toán thiết bị: máy quang phổ, bản hai."
	tests := []struct {
		name         string
		first, later []string
		obstacle     string // empty: they join
	}{
		{"the same files in another order", []string{plan, other, "photo 1"}, []string{"photo 1", other, plan}, ""},
		{"another text in the file", []string{plan}, []string{other}, "other_word"},
		{"another photograph", []string{"photo 1"}, []string{"photo 2"}, "other_files"},
		{"a photograph more", nil, []string{"photo 1"}, "other_files"},
		{"a photograph less", []string{"photo 1"}, nil, "other_files"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, house.New(t))
			root := d.Receive(t, text(letter))
			d.Clock.Advance(time.Minute)
			copied := d.Receive(t, text(letter))
			for sub, list := range map[civic.SubmissionID][]string{root.ID: tt.first, copied.ID: tt.later} {
				for _, content := range list {
					words := content
					if strings.HasPrefix(content, "photo") {
						words = ""
					}
					d.Attach(t, civic.Submission{ID: sub}, content, words)
				}
			}
			d.settle(t)
			if got := follows(t, d, copied, root); got != (tt.obstacle == "") {
				t.Errorf("joined: %v", got)
			}
			if tt.obstacle == "" {
				return
			}
			c, err := d.s.Case(t.Context(), d.coordinator, copied.Code)
			if err != nil || len(c.Similar) == 0 || c.Similar[0].Case.ID != root.ID || c.Similar[0].Obstacle != tt.obstacle {
				t.Errorf("staff are told %+v, %v, want %s", c.Similar, err, tt.obstacle)
			}
			if got := d.Case(t, copied.Code); got.Body != letter {
				t.Errorf("the text of the file was written into the submission: %q", got.Body)
			}
		})
	}
}

// A scan of a letter says what the form does not.
func TestWhatStandsInAFileIsRouted(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub := d.Receive(t, text("Nội dung kiến nghị ở trong tệp kèm theo, xin các cơ quan xem giúp."))
		const scan = "Đề nghị làm " + pontoon + " cho học sinh đi học."
		d.Attach(t, sub, scan, scan)
		d.settle(t)
		got := d.Case(t, sub.Code)
		if got.Agency != house.Education {
			t.Errorf("it went to %q, %s %s", got.Agency, got.State, got.TriageReason)
		}
		c, err := d.s.Case(t.Context(), civic.System, sub.Code)
		if err != nil || c.Route == nil || c.Route.RuleID != "test-pontoon" {
			t.Errorf("routed by %+v, %v", c.Route, err)
		}
	})
}
