package testkit

import (
	"os"
	"os/exec"
	"testing"
)

// Chromium returns the path of a Chromium or Chrome, from HIENKE_TEST_CHROMIUM
// or PATH.
func Chromium(t testing.TB) string {
	t.Helper()
	if path := os.Getenv(EnvChromium); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	absent(t, "Chromium", "apt-get install --no-install-recommends chromium fonts-noto-core")
	return ""
}
