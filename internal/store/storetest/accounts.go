package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var accountTests = []test{
	{"a token is found by its hash, touched and revoked once", testServiceToken},
	{"looks are listed by case, person and agency, the newest first", testLooks},
	{"the history of an account is its own, the newest first", testAccountChanges},
}

func testServiceToken(t *testing.T, s store.Store) {
	u := user(t, s, "may@example.vn")
	want := store.ServiceToken{
		User: u.ID, Name: "Cổng dịch vụ", TokenHash: [32]byte{7}, Scopes: "queue.see case.see", CreatedBy: u.ID, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour),
	}
	do(t, s, func(tx store.Tx) (err error) {
		want.ID, err = tx.ServiceTokens().Add(t.Context(), want)
		return err
	})
	found := func(tx store.Tx) (store.ServiceToken, error) {
		return tx.ServiceTokens().GetByHash(t.Context(), [32]byte{7})
	}
	equal(t, view(t, s, found), want)
	missing(t, s, errs.NotFound, "token.not_found", func(tx store.Tx) (store.ServiceToken, error) {
		return tx.ServiceTokens().GetByHash(t.Context(), [32]byte{8})
	})
	for i := range 2 { // the first revocation counts
		do(t, s, func(tx store.Tx) error {
			if err := tx.ServiceTokens().Touch(t.Context(), want.ID, noon.Add(time.Minute)); err != nil {
				return err
			}
			return tx.ServiceTokens().Revoke(t.Context(), want.ID, noon.Add(time.Duration(i+2)*time.Minute))
		})
	}
	want.UsedAt, want.RevokedAt = noon.Add(time.Minute), noon.Add(2*time.Minute)
	equal(t, view(t, s, found), want)
	want.TokenHash = [32]byte{}
	equal(t, view(t, s, func(tx store.Tx) ([]store.ServiceToken, error) { return tx.ServiceTokens().List(t.Context()) }), []store.ServiceToken{want})
	refused(t, s, errs.NotFound, "token.not_found", func(tx store.Tx) error { return tx.ServiceTokens().Revoke(t.Context(), want.ID+1, noon) })
	refused(t, s, errs.NotFound, "token.not_found", func(tx store.Tx) error { return tx.ServiceTokens().Touch(t.Context(), want.ID+1, noon) })
}

func testLooks(t *testing.T, s store.Store) {
	a, b := user(t, s, "a@example.vn"), user(t, s, "b@example.vn")
	one, two := receive(t, s, nil), receive(t, s, nil)
	add := func(l store.Look) store.Look {
		do(t, s, func(tx store.Tx) error { return tx.Looks().Add(t.Context(), l) })
		return l
	}
	first := add(store.Look{Submission: one.ID, User: a.ID, Role: civic.RoleOfficer, Agency: "most", At: noon, Reason: "Gọi điện hẹn ngày khảo sát"})
	second := add(store.Look{Submission: two.ID, User: b.ID, Role: civic.RoleCoordinator, At: noon.Add(time.Minute), Reason: "x"})
	add(store.Look{Submission: two.ID, Role: "", Agency: "moh", At: noon.Add(2 * time.Minute), Reason: "the system"})
	page := func(q store.LooksQuery) store.LooksPage {
		if q.Page == 0 {
			q.Page, q.PerPage = 1, 10
		}
		return view(t, s, func(tx store.Tx) (store.LooksPage, error) { return tx.Looks().List(t.Context(), q) })
	}
	equal(t, page(store.LooksQuery{}).Total, 3)
	equal(t, page(store.LooksQuery{Submission: two.ID}).Total, 2)
	equal(t, page(store.LooksQuery{Scope: []civic.AgencyCode{}}).Total, 0)
	equal(t, len(page(store.LooksQuery{Page: 2, PerPage: 2}).Items), 1)
	got := page(store.LooksQuery{Scope: []civic.AgencyCode{"most"}})
	equal(t, got.Total, 1)
	first.ID, first.Code, first.UserName = got.Items[0].ID, one.Code, a.Name
	equal(t, got.Items[0], first)
	got = page(store.LooksQuery{User: b.ID})
	second.ID, second.Code, second.UserName = got.Items[0].ID, two.Code, b.Name
	equal(t, got.Items, []store.Look{second})
}

func testAccountChanges(t *testing.T, s store.Store) {
	a, b := user(t, s, "a@example.vn"), user(t, s, "b@example.vn")
	for i, c := range []store.AccountChange{
		{User: a.ID, What: "added", Detail: "officer"}, {User: b.ID, What: "added"}, {User: a.ID, By: b.ID, What: "closed"},
	} {
		c.At = noon.Add(time.Duration(i) * time.Minute)
		do(t, s, func(tx store.Tx) error { return tx.AccountChanges().Add(t.Context(), c) })
	}
	got := view(t, s, func(tx store.Tx) ([]store.AccountChange, error) {
		return tx.AccountChanges().List(t.Context(), a.ID, 10)
	})
	for i := range got {
		got[i].ID = 0
	}
	equal(t, got, []store.AccountChange{
		{User: a.ID, By: b.ID, ByName: b.Name, At: noon.Add(2 * time.Minute), What: "closed"}, {User: a.ID, At: noon, What: "added", Detail: "officer"},
	})
	equal(t, len(view(t, s, func(tx store.Tx) ([]store.AccountChange, error) {
		return tx.AccountChanges().List(t.Context(), a.ID, 1)
	})), 1)
}
