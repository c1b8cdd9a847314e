package civic_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"hienke/internal/civic"
	"hienke/internal/errs"
)

// alphabet is what codes may consist of, written down apart from the code.
const alphabet = "23456789AFHKLMQTWXY"

// randomBytes is a uniform source with a fixed seed.
func randomBytes(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

func newCode(t *testing.T, source io.Reader) civic.Code {
	t.Helper()
	code, err := civic.NewCode(source)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestNewCodeGivesCodes(t *testing.T) {
	t.Parallel()
	source := randomBytes(1)
	seen := map[civic.Code]bool{}
	for range 10_000 {
		code := newCode(t, source)
		if len(code) != 12 || strings.Trim(string(code), alphabet) != "" {
			t.Fatalf("%q is not twelve characters of the alphabet", string(code))
		}
		if got, err := civic.ParseCode(string(code)); got != code || err != nil {
			t.Fatalf("ParseCode(%q) = %q, %v", string(code), got, err)
		}
		if got, err := civic.ParseCode(code.String()); got != code || err != nil {
			t.Fatalf("ParseCode(%q) = %q, %v", code.String(), got, err)
		}
		if seen[code] {
			t.Fatalf("%s was drawn twice", code)
		}
		seen[code] = true
	}
}

// Exhaustive over positions: for each of many codes every wrong character at
// every place and every exchange of two places.
func TestEverySlipIsCaught(t *testing.T) {
	t.Parallel()
	source := randomBytes(2)
	for range 500 {
		code := []byte(newCode(t, source))
		for i := range code {
			for _, wrong := range []byte(alphabet) {
				if wrong != code[i] {
					mustRefuse(t, replaced(code, i, wrong))
				}
			}
			for j := range i {
				if code[i] != code[j] {
					mustRefuse(t, swapped(code, i, j))
				}
			}
			mustRefuse(t, string(code[:i])+string(code[i+1:]))
			mustRefuse(t, string(code[:i])+"2"+string(code[i:]))
		}
	}
}

func replaced(code []byte, i int, c byte) string {
	out := append([]byte(nil), code...)
	out[i] = c
	return string(out)
}

func swapped(code []byte, i, j int) string {
	out := append([]byte(nil), code...)
	out[i], out[j] = out[j], out[i]
	return string(out)
}

func mustRefuse(t *testing.T, s string) {
	t.Helper()
	if code, err := civic.ParseCode(s); err == nil || code != "" {
		t.Fatalf("ParseCode(%q) = %q, %v, want it refused", s, string(code), err)
	}
}

func TestParseCodeTakesWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	want := newCode(t, randomBytes(3))
	s := string(want)
	for name, written := range map[string]string{
		"as stored":             s,
		"as printed":            want.String(),
		"in lower case":         strings.ToLower(want.String()),
		"without the dashes":    "HK" + s,
		"without the HK":        s[:4] + "-" + s[4:8] + "-" + s[8:],
		"in spaces":             " hk " + s[:4] + " " + s[4:8] + " " + s[8:] + " ",
		"with dots":             s[:4] + "." + s[4:8] + "." + s[8:],
		"with underscores":      s[:6] + "_" + s[6:],
		"with no-break spaces":  s[:6] + "\u00a0" + s[6:],
		"with en dashes":        "HK–" + s[:4] + "–" + s[4:8] + "–" + s[8:],
		"with typeset hyphens":  s[:4] + "\u2010" + s[4:8] + "\u2011" + s[8:],
		"with a tab from paste": s + "\t",
		"in full width":         "ｈｋ－" + fullWidth(s),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := civic.ParseCode(written); got != want || err != nil {
				t.Errorf("ParseCode(%q) = %q, %v, want %q", written, string(got), err, s)
			}
		})
	}
}

// fullWidth writes as keyboards for Chinese and Japanese do.
func fullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '\uFF01' }, s)
}

// TestWhatHandsAndKeyboardsMakeOfACharacter: letters that look alike, and what
// Telex makes of a code.
func TestWhatHandsAndKeyboardsMakeOfACharacter(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"2345-678A": "2345678A", "o0D1-iLsb": "QQQLLL58", "zg22-3344": "26223344", "ÀÃ22-3344": "AFAX223344", "ầ-ẵ-ữ-ỹ": "AAFAWXWXYX",
		"A\u0300K": "AFK", "Ｑ2": "Q2", "Â": "AA", "ư": "W", "2/3:4": "234",
	} {
		if got := civic.ParseSecret(written); got != want {
			t.Errorf("ParseSecret(%q) = %q, want %q", written, got, want)
		}
	}
}

func TestParseCodeNamesTheField(t *testing.T) {
	t.Parallel()
	good := string(newCode(t, randomBytes(4)))
	for _, bad := range []string{
		"", " ", "HK", "hello", good + strings.Repeat(" ", 60), good[:11], good + "2", "XX" + good, "HKHK" + good, good + good, strings.Repeat(good, 1000),
		strings.Repeat("0", 12), good[:11] + "\x00", good[:6] + "\xff" + good[7:], good[:11] + "ạ",
	} {
		_, err := civic.ParseCode(bad)
		fields := errs.FieldsOf(err)
		if errs.KindOf(err) != errs.Invalid || len(fields) != 1 || fields[0].Name != "code" || fields[0].Code != "field.not_a_code" {
			t.Errorf("ParseCode(%q) = %v, want Invalid with the field code", bad, err)
		}
	}
}

// chiSquareLimit is beyond what a uniform source gives with 18 degrees of
// freedom in one of a million runs. Taking bytes modulo 19 without throwing
// the last nine values away gives more than 200 for the counts below.
const chiSquareLimit = 61

func TestCharactersAreDrawnUniformly(t *testing.T) {
	t.Parallel()
	for name, drawOne := range map[string]func(io.Reader) (string, error){
		"code":   func(r io.Reader) (string, error) { c, err := civic.NewCode(r); return string(c), err },
		"secret": civic.NewSecret,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, counts, total := randomBytes(5), map[byte]int{}, 0
			for range 20_000 {
				s, err := drawOne(source)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range []byte(s) {
					counts[c]++
					total++
				}
			}
			chi, expected := 0.0, float64(total)/float64(len(alphabet))
			for _, c := range []byte(alphabet) {
				off := float64(counts[c]) - expected
				chi += off * off / expected
			}
			if chi > chiSquareLimit || len(counts) != len(alphabet) {
				t.Errorf("chi square %.0f over %d characters, counts %v", chi, len(counts), counts)
			}
		})
	}
}

func TestADrySourceIsAnError(t *testing.T) {
	t.Parallel()
	broken := errors.New("no entropy")
	for name, source := range map[string]io.Reader{"broken": iotest.ErrReader(broken), "too short": strings.NewReader("abc")} {
		if c, err := civic.NewCode(source); err == nil || c != "" {
			t.Errorf("%s: NewCode = %q, %v", name, string(c), err)
		}
		if s, err := civic.NewSecret(source); err == nil || s != "" {
			t.Errorf("%s: NewSecret = %q, %v", name, s, err)
		}
	}
	if _, err := civic.NewCode(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("NewCode = %v, want the cause in it", err)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	secret, err := civic.NewSecret(randomBytes(6))
	if err != nil || len(secret) != 8 || strings.Trim(secret, alphabet) != "" {
		t.Fatalf("NewSecret = %q, %v", secret, err)
	}
	grouped := civic.GroupSecret(secret)
	if grouped != secret[:4]+"-"+secret[4:] {
		t.Errorf("GroupSecret = %q", grouped)
	}
	for _, written := range []string{secret, grouped, strings.ToLower(grouped), " " + secret + " "} {
		if got := civic.ParseSecret(written); got != secret {
			t.Errorf("ParseSecret(%q) = %q, want %q", written, got, secret)
		}
	}
	if got := civic.GroupSecret("other"); got != "other" {
		t.Errorf("GroupSecret of no secret = %q", got)
	}
	if got := civic.Code("other").String(); got != "other" {
		t.Errorf("String of no code = %q", got)
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add("HK-2345-6789-AFHK")
	f.Add("ß ﬀ ŉ İ K ſ")
	f.Add("\xff\xfe--")
	f.Fuzz(func(t *testing.T, s string) {
		if again := civic.ParseSecret(civic.ParseSecret(s)); again != civic.ParseSecret(s) {
			t.Fatalf("ParseSecret(%q) = %q changes when parsed again", s, again)
		}
		code, err := civic.ParseCode(s)
		if err != nil {
			if code != "" || errs.KindOf(err) != errs.Invalid {
				t.Fatalf("ParseCode(%q) = %q, %v", s, string(code), err)
			}
			return
		}
		if again, err := civic.ParseCode(code.String()); again != code || err != nil || len(code) != 12 {
			t.Fatalf("ParseCode(%q) = %q does not survive being written: %q, %v", s, string(code), string(again), err)
		}
	})
}
