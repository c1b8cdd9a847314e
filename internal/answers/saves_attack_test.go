package answers_test

import (
	"slices"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/testkit/house"
)

// TestTwoWindowsThatSaveByThemselvesKeepBothTexts of one person, however they
// take turns; what one window wrote before stays one wording.
func TestTwoWindowsThatSaveByThemselvesKeepBothTexts(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.accepted(t)
	save := func(text string) {
		t.Helper()
		o.must(t, o.s.Save(t.Context(), o.officer, sub.Code, text, ""))
		o.Clock.Advance(5 * time.Second)
	}
	save("Bộ tiếp thu ý kiến của ông, bà và sẽ sửa")
	save("Sở đã làm xong việc này từ")
	for range 10 {
		save("Bộ tiếp thu ý kiến của ông, bà và sẽ sửa thông tư trong quý tới.")
		save("Sở đã làm xong việc này từ tháng trước; mời xem công báo.")
		save("Bộ tiếp thu ý kiến của ông, bà và sẽ sửa thông tư, ban hành trong quý tới.")
		save("Sở đã làm xong việc này từ tháng trước; mời ông, bà xem công báo.")
	}
	list, err := o.s.Saves(t.Context(), o.officer, sub.Code)
	o.must(t, err)
	var texts []string
	for _, s := range list {
		texts = append(texts, s.Text)
	}
	want := []string{
		"Sở đã làm xong việc này từ tháng trước; mời ông, bà xem công báo.",
		"Bộ tiếp thu ý kiến của ông, bà và sẽ sửa thông tư, ban hành trong quý tới.",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("the history is %q, want %q", texts, want)
	}
}

// TestWhatIsThrownAwayAtOnceStaysInTheHistory: a slip of the hand over the whole
// text costs nothing.
func TestWhatIsThrownAwayAtOnceStaysInTheHistory(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.accepted(t)
	for _, text := range []string{"Bộ tiếp thu ý kiến và sẽ sửa thông tư.", "x"} {
		o.must(t, o.s.Save(t.Context(), o.officer, sub.Code, text, civic.OutcomeAccepted))
	}
	list, err := o.s.Saves(t.Context(), o.officer, sub.Code)
	o.must(t, err)
	if len(list) != 2 || list[1].Text != "Bộ tiếp thu ý kiến và sẽ sửa thông tư." {
		t.Errorf("the history is %+v", list)
	}
}
