package web

import (
	"strings"
	"testing"
	"time"

	"hienke/frontend"
	"hienke/internal/civic"
	"hienke/internal/i18n"
	"hienke/internal/intake"
	"hienke/internal/timetable"
)

// teller tells in both languages without a store.
func teller(t *testing.T, now time.Time) (*Web, map[i18n.Lang]words) {
	t.Helper()
	catalogue, err := i18n.Load(frontend.Locales())
	if err != nil {
		t.Fatal(err)
	}
	reg := &civic.Registry{Agencies: []civic.Agency{{Code: "so", Names: civic.Names{"vi": "Sở Mẫu", "en": "Sample Department"}}}}
	times, err := timetable.Fixed(reg)
	if err != nil {
		t.Fatal(err)
	}
	w := &Web{Catalogue: catalogue, Deps: Deps{Registry: reg, Times: times, Now: func() time.Time { return now }}}
	return w, map[i18n.Lang]words{"vi": {catalogue, "vi"}, "en": {catalogue, "en"}}
}

// TestEveryEventIsASentenceToItsSender: on the sender's page nobody is called
// "the sender", and every act of an agency names it.
func TestEveryEventIsASentenceToItsSender(t *testing.T) {
	t.Parallel()
	w, languages := teller(t, time.Now())
	withAgency := map[civic.EventType]bool{
		civic.EventRouted: true, civic.EventAssigned: true, civic.EventAccepted: true, civic.EventHandedBack: true, civic.EventSubmitted: true,
		civic.EventAnswered: true, civic.EventAsked: true, civic.EventExtended: true,
	}
	for lang, words := range languages {
		for _, kind := range civic.PublicEvents {
			reason := "Vì đường đang sửa"
			if kind == civic.EventKeyedIn {
				reason = "letter"
			}
			for _, agency := range []civic.AgencyCode{"so", ""} {
				got := w.toldTimeline(words, []civic.Event{{Type: kind, Agency: agency, Reason: reason, UserName: "Lê Thị Hoa"}})[0]
				text := got.What + " " + got.Why.Text
				for _, wrong := range []string{"⟦", "{", "gười gửi", "he sender", "Lê Thị Hoa"} {
					if strings.Contains(text, wrong) {
						t.Errorf("%s %s says %q", lang, kind, text)
					}
				}
				if name := w.agency(lang, agency).Text; withAgency[kind] && name != "" && !strings.Contains(got.What, name) {
					t.Errorf("%s %s does not name the agency: %q", lang, kind, got.What)
				}
				if got.Why.Text == "" && kind != civic.EventRejected {
					t.Errorf("%s %s has lost its reason", lang, kind)
				}
			}
		}
	}
}

// TestARuleIsNamedInTheLanguageOfThePage: what a rule is called is its reason.
func TestARuleIsNamedInTheLanguageOfThePage(t *testing.T) {
	t.Parallel()
	w, languages := teller(t, time.Now())
	w.Registry.RuleNames = []civic.Names{{"vi": "Ghi gửi Sở Mẫu", "en": "Addressed to the Sample Department"}}
	for lang, want := range map[i18n.Lang][2]Name{
		"vi": {{"Ghi gửi Sở Mẫu", "vi"}, {"Quy tắc riêng", "vi"}}, "en": {{"Addressed to the Sample Department", "en"}, {"Quy tắc riêng", "vi"}},
	} {
		for i, reason := range []string{"Ghi gửi Sở Mẫu", "Quy tắc riêng"} { // the second was written by people
			for _, inside := range []bool{true, false} {
				got := w.timeline(languages[lang], []civic.Event{{Type: civic.EventRouted, Agency: "so", Reason: reason}}, inside)[0]
				if got.Why != want[i] {
					t.Errorf("%s: %+v, want %+v", lang, got.Why, want[i])
				}
			}
		}
		said := w.timeline(languages[lang], []civic.Event{{Type: civic.EventAssigned, Agency: "so", Reason: "Ghi gửi Sở Mẫu"}}, true)[0]
		if said.Why != (Name{"Ghi gửi Sở Mẫu", "vi"}) {
			t.Errorf("%s: what a person wrote became %+v", lang, said.Why)
		}
	}
}

// TestEveryStateSaysWhatComesNextAndByWhen.
func TestEveryStateSaysWhatComesNextAndByWhen(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC) // a Monday
	w, languages := teller(t, now)
	sub := civic.Submission{
		Agency: "so", ReceivedAt: now, ForwardDueAt: now.AddDate(0, 0, 7), DueAt: now.AddDate(0, 0, 14),
	}
	open := []civic.Inquiry{{AskedAt: now.AddDate(0, 0, -3), ReplyBy: now.AddDate(0, 0, 10)}}
	tests := map[civic.State]struct{ next, clock string }{
		civic.Received:        {"9 tháng 3 năm 2026", "còn 10 ngày làm việc"},
		civic.Triage:          {"9 tháng 3 năm 2026", "còn 10 ngày làm việc"},
		civic.Assigned:        {"16 tháng 3 năm 2026", "còn 10 ngày làm việc"},
		civic.InProgress:      {"Sở Mẫu trả lời chậm nhất ngày 16 tháng 3 năm 2026", "còn 10 ngày làm việc"},
		civic.InReview:        {"16 tháng 3 năm 2026", "còn 10 ngày làm việc"},
		civic.AwaitingCitizen: {"12 tháng 3 năm 2026", "tạm dừng từ ngày 27 tháng 02 năm 2026"},
		civic.Answered:        {"30 tháng 5 năm 2026", ""},
		civic.Closed:          {"30 tháng 5 năm 2026", ""},
		civic.Rejected:        {"", ""},
		civic.Withdrawn:       {"", ""},
	}
	for state, want := range tests {
		view := intake.View{Submission: sub, Inquiries: open}
		view.Submission.State = state
		if civic.WithAnswer.Has(state) {
			view.Submission.AnsweredAt = now.AddDate(0, 0, -1)
		}
		if got := w.next(languages["vi"], &view, view.Submission); !strings.Contains(got, want.next) || want.next == "" && got != "" {
			t.Errorf("%s: next is %q, want %q", state, got, want.next)
		}
		if got := w.clock(languages["vi"], &view, view.Submission); !strings.Contains(got, want.clock) || want.clock == "" && got != "" {
			t.Errorf("%s: the clock says %q, want %q", state, got, want.clock)
		}
		for lang, words := range languages {
			if text := w.next(words, &view, view.Submission) + w.clock(words, &view, view.Submission); strings.ContainsAny(text, "⟦{") {
				t.Errorf("%s %s: %q", lang, state, text)
			}
		}
	}
	late := intake.View{Submission: sub}
	late.Submission.State, late.Submission.ForwardDueAt = civic.Triage, now.AddDate(0, 0, -1)
	if got := w.next(languages["vi"], &late, late.Submission); !strings.Contains(got, "đã chậm") {
		t.Errorf("a late hand-over is told as %q", got)
	}
	merged, root := intake.View{Submission: sub}, sub
	merged.Submission.State, root.State, root.DueAt = civic.Merged, civic.InProgress, now.AddDate(0, 0, 4)
	if got := w.next(languages["vi"], &merged, root); !strings.Contains(got, "6 tháng 3 năm 2026") {
		t.Errorf("what follows another is told %q", got)
	}
}
