package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var guardianTests = []test{
	{"whom a child names begins with the submission and is found by the token", testGuardianReceived},
	{"one answer holds for the case and those made out of it", testGuardianFamily},
	{"what is kept of a consent is changed", testGuardianUpdate},
	{"another guardian takes the place of one, whose token finds nothing", testGuardianRename},
	{"who was not asked waits until the case is let through", testGuardianUnasked},
	{"who did not answer is reminded once, and then it is too late", testGuardianDue},
	{"a destroyed contact takes the guardian with it", testGuardianDestroyed},
	{"an address that was refused is known by its pseudonym", testGuardianRefused},
	{"cases of children are listed, those that wait first", testGuardianList},
}

// child receives the submission of a child whose guardian was asked at noon.
func child(t *testing.T, s store.Store, number byte, change func(r *store.Receipt)) civic.Submission {
	t.Helper()
	return receive(t, s, func(r *store.Receipt) {
		r.Submission.Guardian, r.Submission.PublishName = civic.GuardianWaiting, false
		r.Guardian = &store.SealedGuardian{
			GuardianConsent: civic.GuardianConsent{NameWished: true, AskedAt: noon, RemindAt: noon.AddDate(0, 0, 7), LapseAt: noon.AddDate(0, 0, 14)},
			Contact:         store.SealedContact{WrappedKey: []byte{9, number}, Sealed: []byte{8, number}}, Nonce: "nonce", TokenHash: [32]byte{number},
		}
		if change != nil {
			change(r)
		}
	})
}

func guardianOf(t *testing.T, s store.Store, id civic.SubmissionID) store.SealedGuardian {
	t.Helper()
	return view(t, s, func(tx store.Tx) (store.SealedGuardian, error) { return tx.Guardians().Get(t.Context(), id) })
}

func testGuardianReceived(t *testing.T, s store.Store) {
	sub := child(t, s, 1, nil)
	equal(t, sub.Guardian, civic.GuardianWaiting)
	want := store.SealedGuardian{
		GuardianConsent: civic.GuardianConsent{
			Submission: sub.ID, NameWished: true, AskedAt: noon, RemindAt: noon.AddDate(0, 0, 7), LapseAt: noon.AddDate(0, 0, 14),
		},
		Contact: store.SealedContact{WrappedKey: []byte{9, 1}, Sealed: []byte{8, 1}}, Nonce: "nonce", TokenHash: [32]byte{1},
	}
	equal(t, guardianOf(t, s, sub.ID), want)
	equal(t, view(t, s, func(tx store.Tx) (store.SealedGuardian, error) {
		return tx.Guardians().GetByToken(t.Context(), [32]byte{1})
	}), want)
	missing(t, s, errs.NotFound, "guardian.not_found", func(tx store.Tx) (store.SealedGuardian, error) {
		return tx.Guardians().GetByToken(t.Context(), [32]byte{2})
	})
	adult := receive(t, s, nil)
	equal(t, adult.Guardian, civic.NoGuardian)
	missing(t, s, errs.NotFound, "guardian.not_found", func(tx store.Tx) (store.SealedGuardian, error) { return tx.Guardians().Get(t.Context(), adult.ID) })
}

func testGuardianFamily(t *testing.T, s store.Store) {
	whole := child(t, s, 1, nil)
	child(t, s, 2, nil)
	part := child(t, s, 0, func(r *store.Receipt) {
		r.Guardian.Whole, r.Guardian.Nonce, r.Guardian.TokenHash = whole.ID, "", [32]byte{}
	})
	other := child(t, s, 0, func(r *store.Receipt) {
		r.Guardian.Whole, r.Guardian.Nonce, r.Guardian.TokenHash = whole.ID, "", [32]byte{}
	})
	equal(t, guardianOf(t, s, part.ID).Whole, whole.ID)
	equal(t, view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) { return tx.Guardians().Family(t.Context(), whole.ID) }),
		[]civic.SubmissionID{whole.ID, part.ID, other.ID})
	equal(t, view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
		return tx.Guardians().Due(t.Context(), noon.AddDate(0, 1, 0), 10)
	})[0], whole.ID)
}

func testGuardianUpdate(t *testing.T, s store.Store) {
	sub, staff := child(t, s, 1, nil), user(t, s, "can.bo@example.vn")
	want := guardianOf(t, s, sub.ID)
	at := func(days int) time.Time { return noon.AddDate(0, 0, days) }
	want.GuardianConsent = civic.GuardianConsent{
		Submission: sub.ID, NameWished: true, AskedAt: at(1), RemindAt: at(2), LapseAt: at(3), RemindedAt: at(4), DecidedAt: at(5),
		How: civic.GuardianOnPaper, By: staff.ID, Version: "v", Publish: true, Name: true, NotMine: true, EndedAt: at(6),
	}
	do(t, s, func(tx store.Tx) error { return tx.Guardians().Update(t.Context(), want.GuardianConsent) })
	equal(t, guardianOf(t, s, sub.ID), want)
	refused(t, s, errs.NotFound, "guardian.not_found", func(tx store.Tx) error {
		return tx.Guardians().Update(t.Context(), civic.GuardianConsent{Submission: sub.ID + 1000})
	})
}

func testGuardianRename(t *testing.T, s store.Store) {
	sub, other := child(t, s, 1, nil), child(t, s, 2, nil)
	want := guardianOf(t, s, sub.ID)
	want.Contact, want.Nonce, want.TokenHash = store.SealedContact{WrappedKey: []byte{7}, Sealed: []byte{6}}, "another", [32]byte{3}
	want.NamedAt = noon.Add(time.Hour)
	do(t, s, func(tx store.Tx) error { return tx.Guardians().Rename(t.Context(), want) })
	equal(t, guardianOf(t, s, sub.ID), want)
	missing(t, s, errs.NotFound, "guardian.not_found", func(tx store.Tx) (store.SealedGuardian, error) {
		return tx.Guardians().GetByToken(t.Context(), [32]byte{1})
	})
	equal(t, guardianOf(t, s, other.ID).TokenHash, [32]byte{2})
	refused(t, s, errs.NotFound, "guardian.not_found", func(tx store.Tx) error {
		return tx.Guardians().Rename(t.Context(), store.SealedGuardian{GuardianConsent: civic.GuardianConsent{Submission: sub.ID + 1000}})
	})
}

func testGuardianUnasked(t *testing.T, s store.Store) {
	unasked := func(r *store.Receipt) {
		r.Guardian.AskedAt, r.Guardian.RemindAt, r.Guardian.LapseAt = time.Time{}, time.Time{}, time.Time{}
	}
	child(t, s, 1, nil)
	free := child(t, s, 2, unasked)
	held := child(t, s, 3, func(r *store.Receipt) { unasked(r); r.Submission.Hold = "gate.honeypot" })
	list := func() []civic.SubmissionID {
		return view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) { return tx.Guardians().Unasked(t.Context(), 10) })
	}
	equal(t, list(), []civic.SubmissionID{free.ID})
	do(t, s, func(tx store.Tx) error {
		held.Hold, held.Version = "", held.Version+1
		return tx.Submissions().Update(t.Context(), held)
	})
	equal(t, list(), []civic.SubmissionID{free.ID, held.ID})
}

func testGuardianDue(t *testing.T, s store.Store) {
	first, second := child(t, s, 1, nil), child(t, s, 2, func(r *store.Receipt) { r.Guardian.LapseAt = noon.AddDate(0, 0, 10) })
	due := func(days int) []civic.SubmissionID {
		return view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
			return tx.Guardians().Due(t.Context(), noon.AddDate(0, 0, days), 10)
		})
	}
	equal(t, len(due(6)), 0)
	equal(t, due(7), []civic.SubmissionID{second.ID, first.ID})
	for _, sub := range []civic.Submission{first, second} {
		c := guardianOf(t, s, sub.ID).GuardianConsent
		c.RemindedAt = noon.AddDate(0, 0, 7)
		do(t, s, func(tx store.Tx) error { return tx.Guardians().Update(t.Context(), c) })
	}
	equal(t, len(due(9)), 0)
	equal(t, due(10), []civic.SubmissionID{second.ID})
	c := guardianOf(t, s, second.ID).GuardianConsent
	c.DecidedAt = noon.AddDate(0, 0, 10)
	do(t, s, func(tx store.Tx) error { return tx.Guardians().Update(t.Context(), c) })
	equal(t, due(14), []civic.SubmissionID{first.ID})
}

func testGuardianDestroyed(t *testing.T, s store.Store) {
	sub, other := child(t, s, 1, nil), child(t, s, 2, nil)
	do(t, s, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), sub.ID, noon) })
	equal(t, guardianOf(t, s, sub.ID).Contact, store.SealedContact{})
	equal(t, guardianOf(t, s, sub.ID).AskedAt, noon)
	equal(t, guardianOf(t, s, other.ID).Contact.WrappedKey, []byte{9, 2})
}

func testGuardianRefused(t *testing.T, s store.Store) {
	refused := func(pseudonyms ...string) bool {
		return view(t, s, func(tx store.Tx) (bool, error) { return tx.Guardians().Refused(t.Context(), pseudonyms) })
	}
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.Guardians().Refuse(t.Context(), "a", noon) })
	}
	if !refused("a") || !refused("b", "a") || refused("b", "c") || refused() {
		t.Error("the refused address is a, and no other")
	}
}

func testGuardianList(t *testing.T, s store.Store) {
	ended := func(g civic.GuardianState, days int) func(r *store.Receipt) {
		return func(r *store.Receipt) {
			r.Submission.Guardian, r.Submission.Agency, r.Guardian.DecidedAt = g, "most", noon.AddDate(0, 0, days)
		}
	}
	refused, lapsed := child(t, s, 1, ended(civic.GuardianRefused, 1)), child(t, s, 2, ended(civic.GuardianLapsed, 2))
	child(t, s, 3, ended(civic.GuardianConfirmed, 3))
	child(t, s, 4, ended(civic.GuardianPrivate, 3))
	late := child(t, s, 5, nil)
	soon := child(t, s, 6, func(r *store.Receipt) { r.Guardian.LapseAt, r.Submission.Agency = noon.AddDate(0, 0, 3), "moh" })
	child(t, s, 0, func(r *store.Receipt) { r.Guardian.Whole, r.Guardian.TokenHash = late.ID, [32]byte{} })
	receive(t, s, nil)
	list := func(scope []civic.AgencyCode) (out []civic.Code) {
		found := view(t, s, func(tx store.Tx) ([]store.GuardianCase, error) {
			return tx.Guardians().List(t.Context(), store.GuardianQuery{Scope: scope, Limit: 10})
		})
		for _, c := range found {
			if c.State == civic.GuardianWaiting && c.LapseAt.IsZero() || c.Received.IsZero() {
				t.Errorf("%s lost its times", c.Code)
			}
			out = append(out, c.Code)
		}
		return out
	}
	equal(t, list(nil), []civic.Code{soon.Code, late.Code, lapsed.Code, refused.Code})
	equal(t, list([]civic.AgencyCode{"moh"}), []civic.Code{soon.Code})
	equal(t, len(list([]civic.AgencyCode{})), 0)
}
