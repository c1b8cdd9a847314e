package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hienke/internal/config"
)

func TestLaterSourcesWin(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hienke.toml")
	text := "[http]\nlisten = \"127.0.0.1:1\"\n[log]\nlevel = \"warn\"\n[mail]\nport = 25\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{
		"PATH=/bin", "HIENKE_LOG_LEVEL=error", "HIENKE_HTTP_TRUSTED_PROXIES=10.0.0.0/8, 192.0.2.0/24",
		"HIENKE_MAIL_PORT=2525", "HIENKE_TEST_REDIS=redis://127.0.0.1",
	}
	c, err := config.Load(path, env, map[string]any{"http.listen": "127.0.0.1:2"})
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTP.Listen != "127.0.0.1:2" || c.Log.Level != "error" || c.Mail.Port != 2525 || c.Mail.TLS != "starttls" {
		t.Errorf("got %+v", c)
	}
	if len(c.HTTP.TrustedProxies) != 2 || c.HTTP.TrustedProxies[1] != "192.0.2.0/24" {
		t.Errorf("got proxies %q", c.HTTP.TrustedProxies)
	}
}

func TestAllProblemsAreReportedTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "hienke.toml")
	if err := os.WriteFile(path, []byte("[htpp]\nlisten = \"x\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{
		"HIENKE_DATABASE_URL=mysql://x", "HIENKE_LOG_LEVEL=loud", "HIENKE_NO_SUCH=1", "HIENKE_MAIL_HOST=mail.example.test",
		"HIENKE_HTTP_TRUSTED_PROXIES=10.0.0.1", "HIENKE_MAIL_PORT=many",
	}
	_, err := config.Load(path, env, nil)
	if err == nil {
		t.Fatal("nothing was reported")
	}
	for _, want := range []string{
		"htpp.listen", "database.url", "log.level", "HIENKE_NO_SUCH", "mail.from", "http.trusted_proxies", "port",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not reported in:\n%v", want, err)
		}
	}
}

// What would only show when the first mail comes back, the first text is sent or
// the first contact is erased is said at the start.
func TestWaysToSendersAreChecked(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ set, want string }{
		"a gateway without a scheme":            {"HIENKE_SMS_URL=sms.example.test/send", "sms.url: wants an address that begins with https://"},
		"a gateway without a host":              {"HIENKE_SMS_URL=https:///send", "sms.url: names no host"},
		"a secret for no gateway":               {"HIENKE_SMS_SECRET=s3cret", "sms.url: wants the address"},
		"a body for no gateway":                 {`HIENKE_SMS_BODY={"to": "{to}"}`, "sms.url: wants the address"},
		"a return path without a token":         {"HIENKE_MAIL_RETURN_PATH=bounce@example.test", "mail.return_path"},
		"a token that stands in the domain":     {"HIENKE_MAIL_RETURN_PATH=bounce@{token}.example.test", "mail.return_path"},
		"two tokens":                            {"HIENKE_MAIL_RETURN_PATH={token}+{token}@example.test", "mail.return_path"},
		"no room for the token":                 {"HIENKE_MAIL_RETURN_PATH=hienke-nhung-thu-bi-tra-lai+{token}@example.test", "mail.return_path"},
		"a return path that is none":            {"HIENKE_MAIL_RETURN_PATH=bounce+{token}", "mail.return_path"},
		"a ledger that would overwrite the key": {"HIENKE_KEYS_ERASURES=/run/./keys", "keys.erasures"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := config.Load("", []string{"HIENKE_KEYS_FILE=/run/keys", tt.set}, nil); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v", tt.set, err)
			}
		})
	}
	whole := []string{
		"HIENKE_SMS_URL=https://sms.example.test/send", "HIENKE_SMS_SECRET=s3cret", "HIENKE_MAIL_RETURN_PATH=hienke-bounce+{token}@example.test",
		"HIENKE_KEYS_FILE=/run/keys", "HIENKE_KEYS_ERASURES=/ledger/erasures",
	}
	if _, err := config.Load("", whole, nil); err != nil {
		t.Error(err)
	}
}

func TestScaledOutWantsEveryPart(t *testing.T) {
	t.Parallel()
	c := config.Default()
	err := c.CheckScaledOut()
	for _, want := range []string{"HIENKE_DATABASE_URL", "HIENKE_REDIS_URL", "HIENKE_MEILI_URL", "HIENKE_KEYS_FILE", "HIENKE_BLOB_URL"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not asked for in: %v", want, err)
		}
	}
	c.Database.URL, c.Redis.URL, c.Meili.URL, c.Keys.File, c.Blob.URL = "postgres://x", "redis://x", "http://x", "/k", "s3://x"
	if err := c.CheckScaledOut(); err != nil {
		t.Error(err)
	}
}

// TestExampleNamesEverySetting keeps the annotated example in step.
func TestExampleNamesEverySetting(t *testing.T) {
	t.Parallel()
	const example = "../../configs/hienke.example.toml"
	c, err := config.Load(example, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := config.Default(); c.HTTP.Listen != want.HTTP.Listen || c.Mail != want.Mail || c.Rate.Limits != want.Rate.Limits || len(c.Rate.SharedNetworks) > 0 || c.Log != want.Log {
		t.Errorf("the example changes a default: got %+v", c)
	}
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range config.Settings() {
		section, key, _ := strings.Cut(name, ".")
		if !strings.Contains(string(text), "["+section+"]") || !strings.Contains(string(text), "\n"+key+" = ") {
			t.Errorf("the example does not name %s", name)
		}
	}
}
