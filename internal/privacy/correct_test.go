package privacy_test

import (
	"strings"
	"testing"

	"hienke/internal/audit"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/privacy"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

const (
	wrongBody = "Tôi tên là Nguyễn Thị Lam, đề nghị công bố số liệu quan trắc nước sông ở xã."
	rightBody = "Tôi tên là Nguyễn Thị Lan, đề nghị công bố số liệu quan trắc nước sông ở xã."
)

// granted is a case with a granted request to correct.
func granted(t *testing.T, h *house.House, s *privacy.Service, dpo civic.Actor, edit func(*civic.Submission)) (civic.Submission, string) {
	t.Helper()
	sub := h.Receive(t, func(s *civic.Submission) {
		s.Agency, s.State, s.Body = house.Science, civic.InProgress, wrongBody
		edit(s)
	})
	r, err := s.Ask(t.Context(), civic.SenderOf(sub.ID), privacy.Ask{Kind: civic.PrivacyCorrect, Written: privacy.Written{Text: "Tên tôi là Lan."}}, "net")
	must(t, err)
	must(t, s.Decide(t.Context(), dpo, r.Ref, civic.PrivacyWhole, "Đúng giấy tờ"))
	return h.Case(t, sub.Code), r.Ref
}

func wrongOf(err error) string {
	var out []string
	for _, f := range errs.FieldsOf(err) {
		out = append(out, f.Name+"="+f.Code)
	}
	return strings.Join(out, " ")
}

// The text is put right, what stood there is kept with the reason, everybody who
// handles the case reads of it, and the audit holds.
func TestTheTextOfACaseIsPutRight(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		ctx, dropped := t.Context(), []string{}
		s := service(h, &dropped)
		dpo := h.Staff(t, civic.RoleDataProtection, "")
		chain := &audit.Service{Store: h.Store, Registry: h.Registry, Keys: h.Keys, Now: h.Clock.Now, Holder: "a"}
		sub, ref := granted(t, h, s, dpo, func(*civic.Submission) {})
		w := privacy.Rewording{Version: sub.Version, Title: sub.Title, Body: rightBody, Reason: "Sai tên người gửi"}

		empty := privacy.Rewording{Version: sub.Version}
		if got := wrongOf(s.CorrectText(ctx, dpo, ref, empty)); got != "title=field.required body=field.required reason=field.required" {
			t.Errorf("an empty correction: %s", got)
		}
		same := w
		same.Body = sub.Body
		if got := wrongOf(s.CorrectText(ctx, dpo, ref, same)); got != "body=field.unchanged" {
			t.Errorf("nothing changed: %s", got)
		}
		old := w
		old.Version--
		wantCode(t, s.CorrectText(ctx, dpo, ref, old), "submission.version_mismatch")
		if err := s.CorrectText(ctx, h.Staff(t, civic.RoleOfficer, house.Science), ref, w); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("an officer corrects: %v", err)
		}
		if got := h.Case(t, sub.Code); got.Body != wrongBody || len(h.Jobs(t, store.JobRematch)) > 0 {
			t.Errorf("a refused correction left something: %+v", got)
		}
		must(t, s.CorrectText(ctx, dpo, ref, w))
		got := h.Case(t, sub.Code)
		if got.Body != rightBody || got.Version != sub.Version+1 || got.State != sub.State || !got.DueAt.Equal(sub.DueAt) || got.PublicBody != "" {
			t.Errorf("corrected to %+v", got)
		}
		if jobs := h.Jobs(t, store.JobRematch); len(jobs) != 1 || jobs[0].Subject != int64(sub.ID) {
			t.Errorf("to compare anew: %+v", jobs)
		}
		events := h.Events(t, sub.Code)
		if last := events[len(events)-1]; last.Type != civic.EventTextCorrected || last.Reason != "Sai tên người gửi" || last.User != dpo.User {
			t.Errorf("the history ends with %+v", last)
		}
		x, err := s.Extract(ctx, dpo, ref)
		must(t, err)
		if len(x.Before) != 1 || x.Before[0].Body != wrongBody || x.Before[0].Request != ref {
			t.Errorf("kept: %+v", x.Before)
		}
		_, err = chain.Seal(ctx)
		must(t, err)
		h.View(t, func(tx store.Tx) error {
			list, err := tx.Audit().List(ctx, store.AuditQuery{Submission: sub.ID, What: store.NoteRequestCorrected, Limit: 5})
			if len(list) != 1 || list[0].Detail != "body" {
				t.Errorf("the audit says %+v", list)
			}
			return err
		})
		// Erasing takes what was kept, too, and is no forgery.
		r, err := s.Ask(ctx, civic.SenderOf(sub.ID), privacy.Ask{Kind: civic.PrivacyErase, Written: privacy.Written{Text: "Xóa giúp tôi."}}, "net")
		must(t, err)
		must(t, s.Decide(ctx, dpo, r.Ref, civic.PrivacyWhole, "Đúng quy định"))
		must(t, s.Fulfil(ctx, dpo, r.Ref))
		x, err = s.Extract(ctx, dpo, ref)
		must(t, err)
		if len(x.Before) > 0 {
			t.Errorf("an erased case still keeps %+v", x.Before)
		}
		w.Version = h.Case(t, sub.Code).Version
		wantCode(t, s.CorrectText(ctx, dpo, ref, w), "request.text_erased")
		_, err = chain.Seal(ctx)
		must(t, err)
		if report, err := chain.Check(ctx, true, nil); err != nil || len(report.Faults) > 0 {
			t.Errorf("the audit: %+v, %v", report, err)
		}
	})
}

// What the public reads follows where it was the text; what staff wrote for the
// public is written anew by a person, who looked at the personal data in it.
func TestThePublicVersionOfACorrectedText(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		ctx, dropped := t.Context(), []string{}
		s := service(h, &dropped)
		dpo := h.Staff(t, civic.RoleDataProtection, "")
		tests := []struct {
			name     string
			edit     func(*civic.Submission)
			with     func(*privacy.Rewording)
			wrong    string
			wantBody string // public
		}{
			{"follows where it was the text, once it was looked at", func(s *civic.Submission) {
				s.Visibility, s.PublicTitle, s.PublicBody = civic.PublicOpen, s.Title, s.Body
			}, func(w *privacy.Rewording) { w.Checked = true }, "personal_checked=field.personal_data", rightBody},
			{"is written anew where staff wrote it", func(s *civic.Submission) {
				s.Visibility, s.PublicTitle, s.PublicBody = civic.PublicOpen, s.Title, "Chị Lam đề nghị công bố số liệu."
			}, func(w *privacy.Rewording) { w.PublicBody = "Đề nghị công bố số liệu." }, "public_body=field.required", "Đề nghị công bố số liệu."},
			{"waits for its time, and is looked at all the same", func(s *civic.Submission) { s.State = civic.Answered },
				func(w *privacy.Rewording) { w.Checked = true }, "personal_checked=field.personal_data", ""},
			{"of what is taken down stays away", func(s *civic.Submission) {
				s.Visibility, s.PublicTitle, s.PublicBody = civic.TakenDown, s.Title, s.Body
			}, nil, "", rightBody},
			{"of what was taken back is none", func(s *civic.Submission) { s.State = civic.Withdrawn }, nil, "", ""},
		}
		for _, tt := range tests {
			sub, ref := granted(t, h, s, dpo, tt.edit)
			if sub.State == civic.Answered {
				h.Answer(t, sub.Code, civic.Answer{Text: "Sẽ công bố.", Outcome: civic.OutcomeAccepted, DraftedBy: dpo.User, DraftedAt: h.Clock.Now(), PublishAt: h.Clock.Now().AddDate(0, 0, 1)})
				sub = h.Case(t, sub.Code)
			}
			w := privacy.Rewording{Version: sub.Version, Title: sub.Title, Body: rightBody, Reason: "Sai tên"}
			if tt.with != nil {
				if got := wrongOf(s.CorrectText(ctx, dpo, ref, w)); got != tt.wrong {
					t.Errorf("it %s: wrong is %q, want %q", tt.name, got, tt.wrong)
				}
				tt.with(&w)
			}
			must(t, s.CorrectText(ctx, dpo, ref, w))
			if got := h.Case(t, sub.Code); got.PublicBody != tt.wantBody || got.Visibility != sub.Visibility || got.State != sub.State {
				t.Errorf("it %s: got %+v", tt.name, got)
			}
		}
	})
}
