package accounts_test

import (
	"context"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

func TestANewPasswordReplacesTheOld(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	const other = "một mật khẩu khác"
	if err := d.s.SetPassword(t.Context(), civic.System, " AN@staff.test", other); err != nil {
		t.Fatal(err)
	}
	if _, err := d.s.SignIn(t.Context(), account().Email, password, "a"); errs.KindOf(err) != errs.Unauthenticated {
		t.Errorf("the old password: %v", err)
	}
	if _, err := d.s.SignIn(t.Context(), account().Email, other, "a"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if f := errs.FieldsOf(d.s.SetPassword(t.Context(), civic.System, account().Email, "ngắn")); len(f) != 1 || f[0].Name != "password" {
		t.Errorf("a short password: %+v", f)
	}
	if err := d.s.SetPassword(t.Context(), civic.System, "nobody@staff.test", other); errs.KindOf(err) != errs.NotFound {
		t.Errorf("of nobody: %v", err)
	}
}

func TestAPasswordChangeDoesNotReopenAnAccount(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	// Somebody closes the account while the new password is being hashed.
	once := sync.Once{}
	hooked := *d.s
	hooked.Store = &beforeChange{Store: d.Store, do: func() {
		once.Do(func() {
			if err := d.s.SetActive(t.Context(), civic.System, account().Email, false); err != nil {
				t.Error(err)
			}
		})
	}}
	if err := hooked.SetPassword(t.Context(), civic.System, account().Email, "một mật khẩu khác"); err != nil {
		t.Fatal(err)
	}
	users, err := d.s.List(t.Context(), civic.System)
	if err != nil || len(users) != 1 || users[0].Active {
		t.Errorf("the closed account is %+v, %v", users, err)
	}
}

// beforeChange does something before each change of the store.
type beforeChange struct {
	store.Store
	do func()
}

func (b *beforeChange) Do(ctx context.Context, fn func(store.Tx) error) error {
	b.do()
	return b.Store.Do(ctx, fn)
}

func TestPasswordsAreKeptAsArgon2idAndShownToNobody(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.register(t, account())
	twin := account()
	twin.Email = "twin@staff.test"
	d.register(t, twin)
	var hashes []string
	d.View(t, func(tx store.Tx) error {
		users, err := tx.Users().List(t.Context())
		for _, u := range users {
			hashes = append(hashes, u.PasswordHash)
		}
		return err
	})
	if len(hashes) != 2 || hashes[0] == hashes[1] {
		t.Fatalf("hashes %q", hashes)
	}
	for _, hash := range hashes {
		p, salt, key, err := argon2id.DecodeHash(hash)
		if err != nil || p.Memory != 64*1024 || p.Iterations != 3 || p.Parallelism != 2 || len(salt) != 16 || len(key) != 32 {
			t.Errorf("%q: %+v, %v", hash, p, err)
		}
	}
	users, err := d.s.List(t.Context(), civic.System)
	for _, u := range users {
		if err != nil || u.PasswordHash != "" {
			t.Errorf("the list shows %q, %v", u.PasswordHash, err)
		}
	}
}

// dry is a source of randomness that has failed.
type dry struct{ io.Reader }

func TestWithoutRandomnessNobodySignsIn(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	d.s.Random = dry{}
	if in, err := d.s.SignIn(t.Context(), account().Email, password, "a"); err == nil || in.Token != "" {
		t.Errorf("signed in with %q, %v", in.Token, err)
	}
}

func TestASignInThatIsGivenUpTakesNoSlot(t *testing.T) {
	t.Parallel()
	d := newDesk(house.New(t))
	d.add(t, account())
	d.s.Hashing = accounts.NewHashing(1)
	d.s.Hashing <- struct{}{} // somebody is hashing
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := d.s.SignIn(ctx, account().Email, password, "a"); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("while every slot is taken: %v", err)
	}
	<-d.s.Hashing
	d.signIn(t)
	if len(d.s.Hashing) != 0 {
		t.Error("a slot was not given back")
	}
}
