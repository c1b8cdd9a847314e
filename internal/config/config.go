// Package config is what an operator can set. Values come from the defaults, a
// TOML file, environment variables HIENKE_SECTION_NAME and flags, the later
// over the earlier. All problems are reported together.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
)

// Config is the whole configuration. configs/hienke.example.toml explains each
// value; a test keeps the two in step.
type Config struct {
	HTTP     HTTP     `koanf:"http"`
	Data     Data     `koanf:"data"`
	Database Address  `koanf:"database"`
	Redis    Address  `koanf:"redis"`
	Meili    Meili    `koanf:"meili"`
	Keys     Keys     `koanf:"keys"`
	Blob     Address  `koanf:"blob"`
	Files    Files    `koanf:"files"`
	Clamd    Address  `koanf:"clamd"`
	Mail     Mail     `koanf:"mail"`
	SMS      SMS      `koanf:"sms"`
	Contact  Contact  `koanf:"contact"`
	OpenData OpenData `koanf:"open_data"`
	Rate     Rate     `koanf:"rate"`
	Accounts Accounts `koanf:"accounts"`
	OIDC     OIDC     `koanf:"oidc"`
	Log      Log      `koanf:"log"`
	Metrics  Metrics  `koanf:"metrics"`
	Registry Registry `koanf:"registry"`
	Demo     Demo     `koanf:"demo"`
}

// HTTP is the public face.
type HTTP struct {
	Listen string `koanf:"listen"` // host:port
	// PublicURL is the address that people see, without a slash at the end.
	// Empty: http://localhost with the port of Listen.
	PublicURL string `koanf:"public_url"`
	// TrustedProxies are networks whose X-Forwarded-For is believed.
	TrustedProxies []string `koanf:"trusted_proxies"`
	// Embedders are the sites that may show the list of answers in a frame, such
	// as https://portal.example.vn; empty: every site.
	Embedders []string `koanf:"embedders"`
}

// Data is the folder of the embedded size: database, index, keys, lock.
type Data struct {
	Dir string `koanf:"dir"`
}

// Address is a part outside of this process; an empty URL means embedded.
type Address struct {
	URL string `koanf:"url"`
}

// Meili is the Meilisearch server; an empty URL means embedded Bleve.
type Meili struct {
	URL string `koanf:"url"`
	Key string `koanf:"key"`
	// Prefix begins the names of the indexes, so that two installations can
	// share a server.
	Prefix string `koanf:"prefix"`
}

// Keys is where the installation's key lies; empty means in the data folder.
type Keys struct {
	File string `koanf:"file"`
	// Erasures is the file that says what was erased; empty means in the data
	// folder.
	Erasures string `koanf:"erasures"`
}

// Files are what one submission may bring.
type Files struct {
	Count   int `koanf:"count"`
	SizeMB  int `koanf:"size_mb"`  // of one file
	TotalMB int `koanf:"total_mb"` // of all together
}

// Mail is the SMTP server; an empty host means that no mail can be sent.
type Mail struct {
	Host     string `koanf:"host"`
	Port     int    `koanf:"port"`
	TLS      string `koanf:"tls"` // none, starttls or tls
	User     string `koanf:"user"`
	Password string `koanf:"password"`
	From     string `koanf:"from"` // an address, with or without a name
	// ReturnPath takes reports about mails that came back, with {token} in it;
	// empty: they go to From.
	ReturnPath string `koanf:"return_path"`
}

// SMS is the gateway for short messages; an empty URL means that none is sent.
type SMS struct {
	URL    string `koanf:"url"`
	Secret string `koanf:"secret"`
	// Body is the JSON that the gateway wants, with {to}, {text} and {id} in it.
	Body string `koanf:"body"`
}

// Contact is what the contact page shows; empty parts are left out.
type Contact struct {
	Organisation string `koanf:"organisation"`
	Email        string `koanf:"email"`
	Phone        string `koanf:"phone"`
	Address      string `koanf:"address"`
}

// OpenData says under which terms everybody may use the figures.
type OpenData struct {
	Licence    string `koanf:"licence"`     // a name that programs know (SPDX)
	LicenceURL string `koanf:"licence_url"` // its text
	Source     string `koanf:"source"`      // who is to be named
}

// Rate is about limits.
type Rate struct {
	Limits string `koanf:"limits"` // on, or off for tests and benchmarks
	// SharedNetworks are networks whose addresses stand for many people each,
	// such as those of mobile operators.
	SharedNetworks []string `koanf:"shared_networks"`
}

// Accounts is about how staff sign in.
type Accounts struct {
	Idle    time.Duration `koanf:"idle"`    // how long a session lasts unused
	Longest time.Duration `koanf:"longest"` // and at all
	// SecondFactor names the roles that must set up a second factor.
	SecondFactor []string `koanf:"second_factor"`
	// Passkeys says what a passkey is good for: alone, second or off.
	Passkeys string `koanf:"passkeys"`
}

// OIDC is a provider of identities for staff; an empty issuer is none.
type OIDC struct {
	Issuer       string `koanf:"issuer"`
	ClientID     string `koanf:"client_id"`
	ClientSecret string `koanf:"client_secret"`
	Label        string `koanf:"label"`        // of the button
	GroupsClaim  string `koanf:"groups_claim"` // the claim that lists groups
	// Groups are lines GROUP=ROLE or GROUP=ROLE@AGENCY; the first that fits
	// counts.
	Groups []string `koanf:"groups"`
}

// Log is how logs are written, to standard error.
type Log struct {
	Level  string `koanf:"level"`  // debug, info, warn or error
	Format string `koanf:"format"` // text or json
}

// Metrics is the address of /metrics, apart from the public one; empty is off.
type Metrics struct {
	Listen string `koanf:"listen"`
}

// Registry is a folder that replaces the built-in registry; empty keeps it.
type Registry struct {
	Dir string `koanf:"dir"`
}

// Demo is for trying out only.
type Demo struct {
	Password string `koanf:"password"`
}

// Default returns the values that hold when nothing is set.
func Default() Config {
	return Config{
		HTTP:     HTTP{Listen: ":8080"},
		Data:     Data{Dir: "data"},
		Meili:    Meili{Prefix: "hienke"},
		Mail:     Mail{Port: 587, TLS: "starttls"}, // submission, RFC 6409
		Rate:     Rate{Limits: "on"},
		OpenData: OpenData{Licence: "CC-BY-4.0", LicenceURL: "https://creativecommons.org/licenses/by/4.0/", Source: "Hiến Kế"},
		Accounts: Accounts{Idle: 2 * time.Hour, Longest: 12 * time.Hour, Passkeys: "alone"},
		OIDC:     OIDC{GroupsClaim: "groups"},
		Log:      Log{Level: "info", Format: "text"},
		Files:    Files{Count: 10, SizeMB: 20, TotalMB: 50},
	}
}

// prefix begins the names of our environment variables.
const prefix = "HIENKE_"

// Load merges the defaults, the file when path is not empty, the environment
// as os.Environ gives it, and flags by their dotted names. A variable under
// our prefix that names no setting is a problem, except HIENKE_TEST_*.
func Load(path string, environ []string, flags map[string]any) (Config, error) {
	k := koanf.New(".")
	if err := k.Load(structs.Provider(Default(), "koanf"), nil); err != nil {
		return Config{}, fmt.Errorf("take the defaults: %w", err)
	}
	known := k.Keys()
	var problems []error
	if path != "" {
		own := koanf.New(".")
		if err := own.Load(file.Provider(path), toml.Parser()); err != nil {
			return Config{}, fmt.Errorf("read %s: %w", path, err)
		}
		for _, key := range own.Keys() {
			if !slices.Contains(known, key) {
				problems = append(problems, fmt.Errorf("%s: unknown setting %s", path, key))
			}
		}
		if err := k.Merge(own); err != nil {
			return Config{}, fmt.Errorf("merge %s: %w", path, err)
		}
	}
	fromEnv, bad := environment(known, environ)
	problems = append(problems, bad...)
	for _, over := range []map[string]any{fromEnv, flags} {
		if err := k.Load(confmap.Provider(over, "."), nil); err != nil {
			return Config{}, fmt.Errorf("merge settings: %w", err)
		}
	}
	var c Config
	if err := k.Unmarshal("", &c); err != nil {
		problems = append(problems, err)
	}
	problems = append(problems, c.check()...)
	return c, errors.Join(problems...)
}

// environment picks our variables: HIENKE_DATABASE_URL is database.url. Lists
// are split at commas.
func environment(known, environ []string) (map[string]any, []error) {
	names := map[string]string{}
	for _, key := range known {
		names[prefix+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))] = key
	}
	values := map[string]any{}
	var problems []error
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, prefix) || strings.HasPrefix(name, prefix+"TEST_") || name == prefix+"CONFIG" {
			continue
		}
		key, ok := names[name]
		switch {
		case !ok:
			problems = append(problems, fmt.Errorf("%s: there is no such setting", name))
		case key == "http.trusted_proxies", key == "rate.shared_networks", key == "accounts.second_factor", key == "oidc.groups":
			values[key] = strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
		default:
			values[key] = value
		}
	}
	return values, problems
}

// maxFiles and maxFileMB bound what can be set: each file is looked into in
// memory.
const (
	maxFiles  = 50
	maxFileMB = 100
)

// maxPort is the last port of TCP.
const maxPort = 1<<16 - 1

// check returns everything that is wrong with the values.
func (c *Config) check() []error {
	var problems []error
	wrong := func(name, what string) { problems = append(problems, fmt.Errorf("%s: %s", name, what)) }
	oneOf := func(name, value string, set ...string) {
		if !slices.Contains(set, value) {
			wrong(name, fmt.Sprintf("%q is none of %s", value, strings.Join(set, ", ")))
		}
	}
	oneOf("rate.limits", c.Rate.Limits, "on", "off")
	for _, role := range c.Accounts.SecondFactor {
		oneOf("accounts.second_factor", role, "officer", "approver", "lead", "coordinator", "administrator", "auditor", "data_protection")
	}
	oneOf("accounts.passkeys", c.Accounts.Passkeys, "alone", "second", "off")
	if c.Accounts.Idle < time.Minute || c.Accounts.Longest < c.Accounts.Idle {
		wrong("accounts.idle", "wants at least 1m, and not more than accounts.longest")
	}
	oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	oneOf("log.format", c.Log.Format, "text", "json")
	oneOf("mail.tls", c.Mail.TLS, "none", "starttls", "tls")
	schemes := func(name, value string, set ...string) {
		u, err := url.Parse(value)
		switch {
		case value == "":
		case err != nil || !slices.Contains(set, u.Scheme):
			wrong(name, "wants an address that begins with "+strings.Join(set, ":// or ")+"://")
		case strings.HasPrefix(u.Scheme, "http") && u.Hostname() == "":
			wrong(name, "names no host")
		}
	}
	schemes("database.url", c.Database.URL, "postgres", "postgresql")
	schemes("redis.url", c.Redis.URL, "redis", "rediss")
	schemes("meili.url", c.Meili.URL, "http", "https")
	schemes("oidc.issuer", c.OIDC.Issuer, "https", "http")
	if c.OIDC.Issuer != "" && (c.OIDC.ClientID == "" || len(c.OIDC.Groups) == 0) {
		wrong("oidc", "wants client_id, and groups that say who may come in")
	}
	schemes("blob.url", c.Blob.URL, "file", "s3")
	schemes("clamd.url", c.Clamd.URL, "tcp", "unix")
	schemes("sms.url", c.SMS.URL, "https", "http")
	if c.SMS.URL == "" && (c.SMS.Secret != "" || c.SMS.Body != "") {
		wrong("sms.url", "wants the address of the gateway that sms.secret and sms.body are for")
	}
	if p := c.Mail.ReturnPath; p != "" && !returnPath(p) {
		wrong("mail.return_path", fmt.Sprintf("%q is no address with one %s before the @, and room for it", p, tokenMark))
	}
	if c.Keys.Erasures != "" && filepath.Clean(c.Keys.Erasures) == filepath.Clean(c.Keys.File) {
		wrong("keys.erasures", "is the file of the key: the ledger wants one of its own")
	}
	if f := c.Files; f.Count < 0 || f.Count > maxFiles || f.SizeMB < 1 || f.SizeMB > maxFileMB || f.TotalMB < f.SizeMB || f.TotalMB > maxFiles*maxFileMB {
		wrong("files", fmt.Sprintf("wants a count of 0 to %d, size_mb of 1 to %d, and total_mb not below it", maxFiles, maxFileMB))
	}
	schemes("http.public_url", c.HTTP.PublicURL, "http", "https")
	if strings.HasSuffix(c.HTTP.PublicURL, "/") {
		wrong("http.public_url", "must not end with a slash")
	}
	hostPort := func(name, value string) {
		if _, _, err := net.SplitHostPort(value); value != "" && err != nil {
			wrong(name, fmt.Sprintf("%q is not host:port, such as 127.0.0.1:8080", value))
		}
	}
	hostPort("http.listen", c.HTTP.Listen)
	hostPort("metrics.listen", c.Metrics.Listen)
	for name, list := range map[string][]string{"http.trusted_proxies": c.HTTP.TrustedProxies, "rate.shared_networks": c.Rate.SharedNetworks} {
		for _, p := range list {
			if _, err := netip.ParsePrefix(p); err != nil {
				wrong(name, fmt.Sprintf("%q is not a network such as 10.0.0.0/8", p))
			}
		}
	}
	for _, site := range c.HTTP.Embedders { // it becomes part of a policy: an origin and nothing beside it
		if u, err := url.Parse(site); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || site != u.Scheme+"://"+u.Host || strings.ContainsAny(site, "; ,") {
			wrong("http.embedders", fmt.Sprintf("%q is not a site such as https://portal.example.vn", site))
		}
	}
	if c.Mail.Host != "" {
		if _, err := mail.ParseAddress(c.Mail.From); err != nil {
			wrong("mail.from", "wants the address that mails are sent from")
		}
		if c.Mail.Port < 1 || c.Mail.Port > maxPort {
			wrong("mail.port", fmt.Sprintf("%d is not between 1 and %d", c.Mail.Port, maxPort))
		}
	}
	return problems
}

// tokenMark stands in mail.return_path for what names a mail: up to tokenLength
// characters. maxLocalPart is the most that SMTP carries before the @ (RFC 5321,
// 4.5.3.1.1).
const (
	tokenMark    = "{token}"
	tokenLength  = 18 + 1 + 20 // a number, a dash and 80 bits in hex
	maxLocalPart = 64
)

// returnPath reports whether reports can return to an address.
func returnPath(p string) bool {
	filled := strings.Replace(p, tokenMark, strings.Repeat("0", tokenLength), 1)
	parsed, err := mail.ParseAddress(filled)
	local, _, _ := strings.Cut(p, "@")
	return err == nil && parsed.Address == filled && strings.Count(p, tokenMark) == 1 && strings.Contains(local, tokenMark) &&
		len(local)-len(tokenMark)+tokenLength <= maxLocalPart
}

// ScaledOut reports whether several processes, on several machines perhaps, can
// work on the same data. SQLite is one process's alone, whatever else is outside.
func (c *Config) ScaledOut() bool { return c.Database.URL != "" }

// CheckScaledOut returns what api and worker, which run in many copies, cannot
// do without.
func (c *Config) CheckScaledOut() error {
	var problems []error
	for name, value := range map[string]string{
		"database.url (HIENKE_DATABASE_URL)": c.Database.URL, "redis.url (HIENKE_REDIS_URL)": c.Redis.URL,
		"meili.url (HIENKE_MEILI_URL)": c.Meili.URL, "keys.file (HIENKE_KEYS_FILE)": c.Keys.File,
		"blob.url (HIENKE_BLOB_URL)": c.Blob.URL,
	} {
		if value == "" {
			problems = append(problems, fmt.Errorf("%s: must be set when api and worker run apart", name))
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(problems...)
}

// Settings lists the dotted names of all settings.
func Settings() []string {
	k := koanf.New(".")
	if err := k.Load(structs.Provider(Default(), "koanf"), nil); err != nil {
		panic(err) // a defect of Default, seen at the first start
	}
	return k.Keys()
}
