// Package testkit gives tests the real things that they need: a PostgreSQL
// database, a Redis server, a mail server, a browser, and a clock that moves
// only when told.
//
// It is for tests alone. Nothing outside test files and conformance suites may
// import it, which internal/arch_test.go holds.
//
// A service that is not there skips the test and says which command brings it.
// With HIENKE_TEST_REQUIRE=1, as `make test` sets it, the same is a failure:
// a run that claims to have tested everything must not have skipped anything.
package testkit

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"
)

// The environment by which a run names its services. .ci/services.sh sets all
// of them; a developer may set one by hand.
const (
	// EnvPostgres is a postgres:// URL of a maintenance database on a server
	// where the user may create databases.
	EnvPostgres = "HIENKE_TEST_POSTGRES"
	// EnvRedisServer is the path of the redis-server program, for a machine
	// that does not have it on PATH. Redis starts its own servers with it.
	EnvRedisServer = "HIENKE_TEST_REDIS_SERVER"
	// EnvChromium is the path of a Chromium or Chrome.
	EnvChromium = "HIENKE_TEST_CHROMIUM"
	// EnvMeili is the http:// URL of a Meilisearch server, EnvMeiliKey its
	// master key.
	EnvMeili    = "HIENKE_TEST_MEILI"
	EnvMeiliKey = "HIENKE_TEST_MEILI_KEY"
	// EnvRequire set to 1 turns the skip of an absent service into a failure.
	EnvRequire = "HIENKE_TEST_REQUIRE"
)

// absent ends the test because a service is missing: as a failure where the run
// requires everything, as a skip otherwise. It does not return.
func absent(t testing.TB, what, howToGetIt string) {
	t.Helper()
	if required() {
		t.Fatalf("%s is required (%s=1) and missing; get it with:\n\t%s", what, EnvRequire, howToGetIt)
	}
	t.Skipf("no %s; get it with:\n\t%s", what, howToGetIt)
}

// required reports whether this run must have every service.
func required() bool {
	return os.Getenv(EnvRequire) == "1"
}

// token returns 13 random lower-case letters and digits: enough for names that
// runs beside each other must not share, short enough for an identifier.
func token() string {
	return strings.ToLower(rand.Text()[:13])
}
