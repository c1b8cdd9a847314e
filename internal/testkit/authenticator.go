package testkit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// Authenticator is a browser with a device that keeps passkeys, in software
// (ES256, no attestation). Its fields are what a forger would bend.
type Authenticator struct {
	// Origin is the address that the browser is at, RPID the name that the
	// passkeys are bound to.
	Origin, RPID string
	// Verifies tells that the device checks its owner.
	Verifies bool
	// Count is the signature counter; Silent keeps it at zero, as synchronised
	// passkeys do.
	Count  uint32
	Silent bool

	made []*softKey
}

type softKey struct {
	id, handle []byte
	private    *ecdsa.PrivateKey
}

// AuthenticatorResponse is what a browser sends to the service.
type AuthenticatorResponse map[string]any

// JSON is how it is sent.
func (r AuthenticatorResponse) JSON() string {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err) // plain maps always encode
	}
	return string(b)
}

// options is what we read of what a service asks for.
type options struct {
	Challenge string
	User      struct{ ID string }
	Allow     []struct{ ID string } `json:"allowCredentials"`
	Exclude   []struct{ ID string } `json:"excludeCredentials"`
}

func readOptions(t testing.TB, asked string) (o options) {
	t.Helper()
	if err := json.Unmarshal([]byte(asked), &o); err != nil || o.Challenge == "" {
		t.Fatalf("the options are %q: %v", asked, err)
	}
	return o
}

// Create makes a passkey as navigator.credentials.create does.
func (a *Authenticator) Create(t testing.TB, asked string) AuthenticatorResponse {
	t.Helper()
	o := readOptions(t, asked)
	for _, k := range a.made {
		for _, e := range o.Exclude {
			if e.ID == b64(k.id) {
				t.Fatal("the device has a passkey of the account already")
			}
		}
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	handle, err := base64.RawURLEncoding.DecodeString(o.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	k := &softKey{id: []byte(rand.Text()), handle: handle, private: private}
	a.made = append(a.made, k)
	point, err := private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	half := (len(point) - 1) / 2
	public := cbor(t, webauthncose.EC2PublicKeyData{
		PublicKeyData: webauthncose.PublicKeyData{KeyType: int64(webauthncose.EllipticKey), Algorithm: int64(webauthncose.AlgES256)},
		Curve:         int64(webauthncose.P256), XCoord: point[1 : 1+half], YCoord: point[1+half:],
	})
	data := a.data(protocol.FlagAttestedCredentialData)
	data = append(data, make([]byte, 16)...) // no make
	data = binary.BigEndian.AppendUint16(data, uint16(len(k.id)))
	data = append(append(data, k.id...), public...)
	client := a.client("webauthn.create", o.Challenge)
	return k.response(map[string]any{
		"clientDataJSON":    b64(client),
		"attestationObject": b64(cbor(t, map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})),
		"transports":        []string{"internal"},
	})
}

// Get proves a passkey as navigator.credentials.get does: one of those asked
// for, else the newest.
func (a *Authenticator) Get(t testing.TB, asked string) AuthenticatorResponse {
	t.Helper()
	o := readOptions(t, asked)
	k := a.made[len(a.made)-1]
	for _, made := range a.made {
		for _, allowed := range o.Allow {
			if allowed.ID == b64(made.id) {
				k = made
			}
		}
	}
	if !a.Silent {
		a.Count++
	}
	data, client := a.data(0), a.client("webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return k.response(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(k.handle),
	})
}

func (k *softKey) response(inner map[string]any) AuthenticatorResponse {
	return AuthenticatorResponse{"id": b64(k.id), "rawId": b64(k.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": inner}
}

// data is the authenticator data before any key.
func (a *Authenticator) data(flags protocol.AuthenticatorFlags) []byte {
	flags |= protocol.FlagUserPresent
	if a.Verifies {
		flags |= protocol.FlagUserVerified
	}
	hash := sha256.Sum256([]byte(a.RPID))
	return binary.BigEndian.AppendUint32(append(hash[:], byte(flags)), a.Count)
}

func (a *Authenticator) client(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": false})
	if err != nil {
		panic(err) // plain maps always encode
	}
	return b
}

func cbor(t testing.TB, v any) []byte {
	t.Helper()
	b, err := webauthncbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
