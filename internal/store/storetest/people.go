package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var peopleTests = []test{
	{"an account is found by id and by address without case", testUser},
	{"a taken address is Conflict, whatever its case", testUserTaken},
	{"an account is changed but for id and creation", testUserUpdate},
	{"accounts are listed by address", testUserList},
	{"a session is found by its token's hash", testSession},
	{"a session is moved on", testTouch},
	{"sessions end one by one, by account, and by time", testSessionEnds},
}

func testUser(t *testing.T, s store.Store) {
	u := user(t, s, "chuyen.vien@example.vn")
	for _, email := range []string{"chuyen.vien@example.vn", "Chuyen.Vien@EXAMPLE.vn"} {
		equal(t, view(t, s, func(tx store.Tx) (civic.User, error) { return tx.Users().GetByEmail(t.Context(), email) }), u)
	}
	accented := user(t, s, "đặng@example.vn")
	equal(t, view(t, s, func(tx store.Tx) (civic.User, error) { return tx.Users().GetByEmail(t.Context(), "ĐẶNG@example.vn") }), accented)
	missing(t, s, errs.NotFound, "user.not_found", func(tx store.Tx) (civic.User, error) { return tx.Users().Get(t.Context(), accented.ID+1000) })
	missing(t, s, errs.NotFound, "user.not_found", func(tx store.Tx) (civic.User, error) { return tx.Users().GetByEmail(t.Context(), "x@example.vn") })
}

func testUserTaken(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	b := user(t, s, "b@example.vn")
	u.Email, b.Email = "A@example.VN", "A@example.VN"
	refused(t, s, errs.Conflict, "user.email_taken", func(tx store.Tx) error { _, err := tx.Users().Add(t.Context(), u); return err })
	refused(t, s, errs.Conflict, "user.email_taken", func(tx store.Tx) error { return tx.Users().Update(t.Context(), b) })
}

func testUserUpdate(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	want := civic.User{ID: u.ID, Email: "b@example.vn", Name: "Khác", Role: civic.RoleApprover, Agency: "moh", PasswordHash: "x", CreatedAt: u.CreatedAt}
	changed := want
	changed.CreatedAt = noon.Add(time.Hour)
	do(t, s, func(tx store.Tx) error { return tx.Users().Update(t.Context(), changed) })
	equal(t, view(t, s, func(tx store.Tx) (civic.User, error) { return tx.Users().Get(t.Context(), u.ID) }), want)
	want.ID += 1000
	refused(t, s, errs.NotFound, "user.not_found", func(tx store.Tx) error { return tx.Users().Update(t.Context(), want) })
}

func testUserList(t *testing.T, s store.Store) {
	c, a, b := user(t, s, "c@example.vn"), user(t, s, "a@example.vn"), user(t, s, "b@example.vn")
	equal(t, view(t, s, func(tx store.Tx) ([]civic.User, error) { return tx.Users().List(t.Context()) }), []civic.User{a, b, c})
}

// session signs an account in until noon plus until.
func session(t *testing.T, s store.Store, u civic.User, token byte, until time.Duration) store.Session {
	t.Helper()
	v := store.Session{TokenHash: [32]byte{token}, User: u.ID, CreatedAt: noon, SeenAt: noon, ExpiresAt: noon.Add(until)}
	do(t, s, func(tx store.Tx) error { return tx.Sessions().Add(t.Context(), v) })
	return v
}

func getSession(token byte, t *testing.T) func(tx store.Tx) (store.Session, error) {
	return func(tx store.Tx) (store.Session, error) { return tx.Sessions().Get(t.Context(), [32]byte{token}) }
}

func testSession(t *testing.T, s store.Store) {
	v := session(t, s, user(t, s, "a@example.vn"), 1, -time.Hour) // it does not look at the clock
	equal(t, view(t, s, getSession(1, t)), v)
	missing(t, s, errs.NotFound, "session.not_found", getSession(2, t))
}

func testTouch(t *testing.T, s store.Store) {
	v := session(t, s, user(t, s, "a@example.vn"), 1, time.Hour)
	v.SeenAt, v.ExpiresAt = noon.Add(time.Minute), noon.Add(2*time.Hour)
	do(t, s, func(tx store.Tx) error { return tx.Sessions().Touch(t.Context(), v.TokenHash, v.SeenAt, v.ExpiresAt) })
	equal(t, view(t, s, getSession(1, t)), v)
	refused(t, s, errs.NotFound, "session.not_found", func(tx store.Tx) error { return tx.Sessions().Touch(t.Context(), [32]byte{9}, noon, noon) })
}

func testSessionEnds(t *testing.T, s store.Store) {
	u, other := user(t, s, "a@example.vn"), user(t, s, "b@example.vn")
	for token, until := range map[byte]time.Duration{1: time.Hour, 2: time.Hour, 3: time.Minute} {
		session(t, s, u, token, until)
	}
	session(t, s, other, 4, time.Hour)
	do(t, s, func(tx store.Tx) error {
		n, err := tx.Sessions().RemoveExpired(t.Context(), noon.Add(time.Minute))
		equal(t, n, 0) // at the bound, not before it
		return err
	})
	do(t, s, func(tx store.Tx) error {
		n, err := tx.Sessions().RemoveExpired(t.Context(), noon.Add(2*time.Minute))
		equal(t, n, 1)
		return err
	})
	for range 2 { // a missing one is no error
		do(t, s, func(tx store.Tx) error { return tx.Sessions().Remove(t.Context(), [32]byte{1}) })
	}
	missing(t, s, errs.NotFound, "session.not_found", getSession(1, t))
	view(t, s, getSession(2, t))
	do(t, s, func(tx store.Tx) error { return tx.Sessions().RemoveUser(t.Context(), u.ID) })
	missing(t, s, errs.NotFound, "session.not_found", getSession(2, t))
	view(t, s, getSession(4, t))
}
