package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var draftingTests = []test{
	{"every approved version is kept, the oldest first", testVersions},
	{"commitments are replaced, counted once approved, and settled", testCommitments},
	{"open commitments are listed by day within a scope", testOpenCommitments},
	{"earlier wordings are listed with names, changed and trimmed", testSaves},
	{"templates in use are listed by agency and name", testTemplates},
	{"who of the staff added a file is kept", testFileOfStaff},
}

func testVersions(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	first := putAnswer(t, s, sub.ID, func(a *civic.Answer) { a.ApprovedAt = noon })
	second := putAnswer(t, s, sub.ID, func(a *civic.Answer) {
		a.ApprovedAt, a.Corrects, a.Correction = noon.Add(time.Hour), first.ID, "Sửa ngày."
	})
	putAnswer(t, s, sub.ID, func(a *civic.Answer) { a.Corrects = second.ID })
	got := view(t, s, func(tx store.Tx) ([]civic.Answer, error) { return tx.Answers().Versions(t.Context(), sub.ID) })
	equal(t, got, []civic.Answer{first, second})
}

var tomorrow = civic.Date{Year: 2026, Month: 11, Day: 24}

func testCommitments(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	a := putAnswer(t, s, sub.ID, func(*civic.Answer) {})
	promised := func() []civic.Commitment {
		return view(t, s, func(tx store.Tx) ([]civic.Commitment, error) { return tx.Commitments().Promised(t.Context(), sub.ID) })
	}
	for _, what := range []string{"Bỏ bản giấy", "Sửa \"mẫu\" 02"} {
		do(t, s, func(tx store.Tx) error {
			return tx.Commitments().Replace(t.Context(), sub.ID, a.ID, []civic.Commitment{{What: what, Who: "Vụ Pháp chế", Until: tomorrow}})
		})
	}
	list := view(t, s, func(tx store.Tx) ([]civic.Commitment, error) { return tx.Commitments().OfAnswer(t.Context(), a.ID) })
	want := civic.Commitment{Submission: sub.ID, Answer: a.ID, What: "Sửa \"mẫu\" 02", Who: "Vụ Pháp chế", Until: tomorrow, State: civic.CommitmentOpen}
	if len(list) == 1 {
		want.ID = list[0].ID
	}
	equal(t, list, []civic.Commitment{want})
	equal(t, len(promised()), 0) // nothing is promised by a draft
	a.ApprovedAt = noon
	do(t, s, func(tx store.Tx) error { _, err := tx.Answers().Put(t.Context(), a); return err })
	equal(t, promised(), []civic.Commitment{want})
	want.State, want.Note, want.SettledAt = civic.CommitmentKept, "Thông tư 12", noon.Add(time.Hour)
	do(t, s, func(tx store.Tx) error { return tx.Commitments().Settle(t.Context(), want) })
	equal(t, promised(), []civic.Commitment{want})
	want.Submission++
	refused(t, s, errs.NotFound, "commitment.not_found", func(tx store.Tx) error { return tx.Commitments().Settle(t.Context(), want) })
}

func testOpenCommitments(t *testing.T, s store.Store) {
	var subs []civic.Submission
	for i, agency := range []civic.AgencyCode{"most", "moh", "most"} {
		sub := change(t, s, receive(t, s, nil), func(s *civic.Submission) { s.Agency = agency })
		a := putAnswer(t, s, sub.ID, func(a *civic.Answer) { a.ApprovedAt = noon })
		until := tomorrow
		until.Day -= i
		do(t, s, func(tx store.Tx) error {
			return tx.Commitments().Replace(t.Context(), sub.ID, a.ID, []civic.Commitment{{What: "Làm", Who: "Vụ", Until: until}})
		})
		subs = append(subs, sub)
	}
	codes := func(scope []civic.AgencyCode, limit int) (out []civic.Code) {
		for _, c := range view(t, s, func(tx store.Tx) ([]store.OpenCommitment, error) {
			return tx.Commitments().Open(t.Context(), scope, limit)
		}) {
			out = append(out, c.Code)
		}
		return out
	}
	equal(t, codes(nil, 10), []civic.Code{subs[2].Code, subs[1].Code, subs[0].Code})
	equal(t, codes([]civic.AgencyCode{"most"}, 10), []civic.Code{subs[2].Code, subs[0].Code})
	equal(t, codes(nil, 1), []civic.Code{subs[2].Code})
	equal(t, len(codes([]civic.AgencyCode{}, 10)), 0)
}

func testSaves(t *testing.T, s store.Store) {
	sub, other, u := receive(t, s, nil), receive(t, s, nil), user(t, s, "a@example.vn")
	var saves []civic.AnswerSave
	for i, text := range []string{"Một", "Hai", "Ba"} {
		v := civic.AnswerSave{Submission: sub.ID, By: u.ID, ByName: u.Name, At: noon.Add(time.Duration(i) * time.Minute), Text: text, Auto: i == 2}
		do(t, s, func(tx store.Tx) (err error) {
			v.ID, err = tx.AnswerSaves().Add(t.Context(), v)
			return err
		})
		saves = append(saves, v)
	}
	list := func(limit int) []civic.AnswerSave {
		return view(t, s, func(tx store.Tx) ([]civic.AnswerSave, error) {
			return tx.AnswerSaves().List(t.Context(), sub.ID, limit)
		})
	}
	last := &saves[2]
	last.Text, last.Outcome, last.Auto, last.At = "Ba bốn", civic.OutcomePartly, false, noon.Add(time.Hour)
	do(t, s, func(tx store.Tx) error { return tx.AnswerSaves().Update(t.Context(), *last) })
	equal(t, list(2), []civic.AnswerSave{saves[2], saves[1]})
	get := func(id civic.SubmissionID) func(store.Tx) (civic.AnswerSave, error) {
		return func(tx store.Tx) (civic.AnswerSave, error) { return tx.AnswerSaves().Get(t.Context(), id, saves[0].ID) }
	}
	equal(t, view(t, s, get(sub.ID)), saves[0])
	missing(t, s, errs.NotFound, "save.not_found", get(other.ID))
	do(t, s, func(tx store.Tx) error { return tx.AnswerSaves().Trim(t.Context(), sub.ID, 2) })
	equal(t, list(9), []civic.AnswerSave{saves[2], saves[1]})
}

func testTemplates(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	put := func(v civic.AnswerTemplate) civic.AnswerTemplate {
		do(t, s, func(tx store.Tx) (err error) {
			v.ID, err = tx.AnswerTemplates().Put(t.Context(), v)
			return err
		})
		return v
	}
	b := put(civic.AnswerTemplate{Agency: "most", Name: "B", Text: "Kính gửi {tên}", UpdatedBy: u.ID, UpdatedAt: noon})
	a := put(civic.AnswerTemplate{Agency: "most", Name: "A", Text: "x", UpdatedAt: noon})
	all := put(civic.AnswerTemplate{Name: "Z", Text: "z", UpdatedAt: noon})
	list := func() []civic.AnswerTemplate {
		return view(t, s, func(tx store.Tx) ([]civic.AnswerTemplate, error) { return tx.AnswerTemplates().List(t.Context()) })
	}
	equal(t, list(), []civic.AnswerTemplate{all, a, b})
	a.RetiredAt = noon.Add(time.Hour)
	equal(t, put(a), a)
	equal(t, list(), []civic.AnswerTemplate{all, b})
	get := func(id int64) func(store.Tx) (civic.AnswerTemplate, error) {
		return func(tx store.Tx) (civic.AnswerTemplate, error) { return tx.AnswerTemplates().Get(t.Context(), id) }
	}
	equal(t, view(t, s, get(a.ID)), a)
	missing(t, s, errs.NotFound, "template.not_found", get(b.ID+1000))

	// Every state of one is kept, and who left it so.
	equal(t, view(t, s, func(tx store.Tx) ([]civic.AnswerTemplate, error) { return tx.AnswerTemplates().Retired(t.Context()) }), []civic.AnswerTemplate{a})
	b.Text, b.UpdatedBy, b.UpdatedAt = "Kính gửi ông, bà", 0, noon.Add(time.Hour)
	put(b)
	versions := view(t, s, func(tx store.Tx) ([]civic.TemplateVersion, error) {
		return tx.AnswerTemplates().Versions(t.Context(), b.ID)
	})
	for i := range versions {
		versions[i].ID = 0
	}
	equal(t, versions, []civic.TemplateVersion{
		{Template: b.ID, Agency: "most", Name: "B", Text: "Kính gửi ông, bà", At: noon.Add(time.Hour)},
		{Template: b.ID, Agency: "most", Name: "B", Text: "Kính gửi {tên}", By: u.ID, ByName: u.Name, At: noon},
	})
	versions = view(t, s, func(tx store.Tx) ([]civic.TemplateVersion, error) {
		return tx.AnswerTemplates().Versions(t.Context(), a.ID)
	})
	equal(t, []bool{versions[0].Retired, versions[1].Retired}, []bool{true, false})
}

func testFileOfStaff(t *testing.T, s store.Store) {
	sub, u := receive(t, s, nil), user(t, s, "a@example.vn")
	do(t, s, func(tx store.Tx) error {
		_, err := tx.Attachments().Add(t.Context(), store.Attachment{
			Attachment: civic.Attachment{Ref: "REF", Submission: sub.ID, State: civic.FileUploading, CreatedAt: noon},
			WrappedKey: []byte{1}, SealedName: []byte{2}, ChangedAt: noon, AddedBy: u.ID,
		})
		return err
	})
	list := view(t, s, func(tx store.Tx) ([]store.Attachment, error) {
		return tx.Attachments().OfSubmission(t.Context(), sub.ID)
	})
	if len(list) != 1 || list[0].AddedBy != u.ID {
		t.Errorf("got %+v, want one added by %d", list, u.ID)
	}
}
