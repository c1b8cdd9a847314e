package testkit

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Provider is a small OpenID Connect provider on a real socket: discovery,
// keys, authorization code with PKCE, RS256. Whoever is sent to it is Person,
// who agrees at once. Codes are good once, for the client, redirect and
// verifier that they were made for.
type Provider struct {
	*httptest.Server

	ClientID, ClientSecret string
	Now                    func() time.Time

	mu     sync.Mutex
	person Identity
	lie    Lie
	key    *rsa.PrivateKey
	old    []*rsa.PrivateKey
	codes  map[string]url.Values
	ended  []string // who signed out here
}

// Identity is who signs in.
type Identity struct {
	Subject, Email, Name string
	Verified             bool
	Groups               []string
}

// Lie makes the provider issue what a relying party must refuse.
type Lie string

// The lies.
const (
	Honest        Lie = ""
	WrongNonce    Lie = "nonce"
	WrongAudience Lie = "audience"
	WrongIssuer   Lie = "issuer"
	Expired       Lie = "expired"
	WrongKey      Lie = "key"  // signed by a key that it does not publish
	NoSignature   Lie = "none" // alg none
)

// rsaBits is the least that RS256 takes; the key lives as long as a test.
const rsaBits = 2048

// NewProvider starts a provider that ends with the test.
func NewProvider(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	p := &Provider{ClientID: "hienke", ClientSecret: "a secret of the client", Now: now, codes: map[string]url.Values{}}
	p.key = newRSA(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /end", p.end)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func newRSA(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	return key
}

// SetPerson says who signs in from now on, and Lie what is wrong with it.
func (p *Provider) SetPerson(who Identity, lie Lie) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.person, p.lie = who, lie
}

// Rotate signs with a new key from now on. The old one stays published.
func (p *Provider) Rotate(t testing.TB) {
	t.Helper()
	key := newRSA(t)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.old, p.key = append(p.old, p.key), key
}

// Visit does what a browser does with an authorization address: it follows it
// and returns state and code that the provider sends back.
func (p *Provider) Visit(t testing.TB, address string) (state, code string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatalf("visit the provider: %v", err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil || res.StatusCode != http.StatusFound {
		t.Fatalf("the provider answers %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	return back.Query().Get("state"), back.Query().Get("code")
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) //nolint:errcheck // the client sees a cut answer
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys", "end_session_endpoint": p.URL + "/end",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		"code_challenge_methods_supported": []string{"S256"},
	})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	set := []map[string]string{}
	for _, k := range append(p.old, p.key) {
		set = append(set, map[string]string{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID(k), "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes()),
		})
	}
	answer(w, http.StatusOK, map[string]any{"keys": set})
}

func keyID(k *rsa.PrivateKey) string {
	sum := sha256.Sum256(k.N.Bytes())
	return b64(sum[:8])
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// authorize asks nobody and sends the browser back with a code.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != p.ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" ||
		q.Get("state") == "" || q.Get("nonce") == "" || q.Get("redirect_uri") == "" {
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = q
	p.mu.Unlock()
	back := q.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back, http.StatusFound)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	} else {
		id, _ = url.QueryUnescape(id) // a wrong one is refused below
		secret, _ = url.QueryUnescape(secret)
	}
	if id != p.ClientID || secret != p.ClientSecret {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, known := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || r.PostFormValue("grant_type") != "authorization_code" || b64(sum[:]) != asked.Get("code_challenge") ||
		r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 60, "id_token": p.identity(asked.Get("nonce")),
	})
}

// end ends the session of whoever the hint names, which must be a token of ours
// for the client, and sends the browser back.
func (p *Provider) end(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.mu.Lock()
	defer p.mu.Unlock()
	text, signature, _ := cutLast(q.Get("id_token_hint"), ".")
	_, encoded, _ := strings.Cut(text, ".")
	sum := sha256.Sum256([]byte(text))
	signed, err := base64.RawURLEncoding.DecodeString(signature)
	var c struct{ Aud, Sub string }
	raw, _ := base64.RawURLEncoding.DecodeString(encoded) // what is wrong with it is not signed
	if err != nil || rsa.VerifyPKCS1v15(&p.key.PublicKey, crypto.SHA256, sum[:], signed) != nil || json.Unmarshal(raw, &c) != nil ||
		c.Aud != p.ClientID || q.Get("client_id") != p.ClientID || q.Get("post_logout_redirect_uri") == "" {
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	p.ended = append(p.ended, c.Sub)
	http.Redirect(w, r, q.Get("post_logout_redirect_uri"), http.StatusFound)
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// Ended lists the subjects that signed out here, in order.
func (p *Provider) Ended() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.ended)
}

// identity signs who the person is, with what is wrong about it.
func (p *Provider) identity(nonce string) string {
	now, key, alg := p.Now(), p.key, "RS256"
	c := map[string]any{
		"iss": p.URL, "aud": p.ClientID, "sub": p.person.Subject, "nonce": nonce, "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"email": p.person.Email, "email_verified": p.person.Verified, "name": p.person.Name, "groups": p.person.Groups,
	}
	switch p.lie {
	case WrongNonce:
		c["nonce"] = nonce + "x"
	case WrongAudience:
		c["aud"] = "somebody else"
	case WrongIssuer:
		c["iss"] = p.URL + "/other"
	case Expired:
		c["exp"] = now.Add(-time.Minute).Unix()
	case NoSignature:
		alg = "none"
	case WrongKey:
		stranger, err := rsa.GenerateKey(rand.Reader, rsaBits)
		if err != nil {
			panic(err) // the system has no randomness
		}
		key = stranger
	}
	return sign(key, keyID(p.key), alg, c)
}

func sign(key *rsa.PrivateKey, kid, alg string, claims map[string]any) string {
	encode := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err) // plain maps always encode
		}
		return b64(b)
	}
	text := encode(map[string]string{"alg": alg, "kid": kid, "typ": "JWT"}) + "." + encode(claims)
	if alg == "none" {
		return text + "."
	}
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // the key was just made
	}
	return text + "." + b64(signature)
}
