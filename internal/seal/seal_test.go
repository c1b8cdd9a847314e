package seal_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/seal"
)

func newKeys(t *testing.T, fill byte) *seal.Keys {
	t.Helper()
	k, err := seal.NewKeys(bytes.Repeat([]byte{fill}, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

const code, other = civic.Code("234567892346"), civic.Code("A34567892346")

func TestContactIsReadBackUnderItsOwnCodeOnly(t *testing.T) {
	t.Parallel()
	k := newKeys(t, 1)
	want := civic.Contact{Name: "Nguyễn Thị Ví Dụ", Email: "vi.du@example.test", Phone: "0900 000 000"}
	wrapped, sealed, err := k.SealContact(code, want)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("example.test")) {
		t.Error("the address can be read in the sealed contact")
	}
	got, err := k.OpenContact(code, wrapped, sealed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, open := range map[string]func() (civic.Contact, error){
		"another code":         func() (civic.Contact, error) { return k.OpenContact(other, wrapped, sealed) },
		"another installation": func() (civic.Contact, error) { return newKeys(t, 2).OpenContact(code, wrapped, sealed) },
		"a changed byte":       func() (civic.Contact, error) { return k.OpenContact(code, wrapped, changed) },
		"no key":               func() (civic.Contact, error) { return k.OpenContact(code, nil, sealed) },
	} {
		if c, err := open(); errs.CodeOf(err) != "contact.unreadable" || c != (civic.Contact{}) {
			t.Errorf("%s: got %v, %v", name, c, err)
		}
	}
}

func TestEachContactHasItsOwnKey(t *testing.T) {
	t.Parallel()
	k := newKeys(t, 1)
	w1, s1, err1 := k.SealContact(code, civic.Contact{Name: "Một"})
	w2, s2, err2 := k.SealContact(code, civic.Contact{Name: "Một"})
	if err1 != nil || err2 != nil || bytes.Equal(w1, w2) || bytes.Equal(s1, s2) {
		t.Error("two contacts were sealed alike")
	}
	if _, err := k.OpenContact(code, w1, s2); err == nil {
		t.Error("one contact's key opened another")
	}
}

func TestTokenAndSecretAreStableAndApart(t *testing.T) {
	t.Parallel()
	k := newKeys(t, 1)
	secret, err := k.Secret(code)
	if err != nil || len(secret) != 8 {
		t.Fatalf("got secret %q, %v", secret, err)
	}
	again, _ := k.Secret(code)
	foreign, _ := newKeys(t, 2).Secret(code)
	next, _ := k.Secret(other)
	if secret != again || secret == foreign || secret == next {
		t.Error("a secret must depend on installation and code, and on nothing else")
	}
	typed := secret[:4] + " - " + secret[4:]
	if ok, err := k.SecretMatches(code, typed); !ok || err != nil {
		t.Errorf("%q as people write it was not taken: %v", typed, err)
	}
	if ok, _ := k.SecretMatches(other, secret); ok {
		t.Error("a secret opened another submission")
	}
	if !k.TokenMatches(code, k.Token(code)) || k.TokenMatches(other, k.Token(code)) || k.TokenMatches(code, "") {
		t.Error("a token must open its own submission only")
	}
}

func TestNewKeysWantsTheRightSize(t *testing.T) {
	t.Parallel()
	if _, err := seal.NewKeys([]byte("short")); errs.KindOf(err) != errs.Invalid {
		t.Errorf("got %v", err)
	}
}
