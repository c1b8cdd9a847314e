package testkit

import (
	"os"
	"testing"
)

// Meili returns the address and the master key of a Meilisearch server. The
// server is shared by the whole run, so a test must use index names of its own
// (see Name) and remove them.
//
// It alone skips even where everything is required: Debian does not package
// Meilisearch, and `make test` says NOT RUN at its end instead.
func Meili(t testing.TB) (url, key string) {
	t.Helper()
	url = os.Getenv(EnvMeili)
	if url == "" {
		t.Skipf("NOT RUN: Meilisearch; put meilisearch on PATH for `make test`, or set %s and %s", EnvMeili, EnvMeiliKey)
	}
	return url, os.Getenv(EnvMeiliKey)
}

// Name returns prefix and a random part that no other test has, for what lives
// on a shared server: index names, key prefixes.
func Name(prefix string) string {
	return prefix + "_" + token()
}
