package clamd_test

import (
	"bytes"
	"strings"
	"testing"

	"hienke/internal/clamd"
	"hienke/internal/errs"
	"hienke/internal/testkit"
	"hienke/internal/testkit/files"
)

func TestScan(t *testing.T) {
	t.Parallel()
	daemon := testkit.NewClamd(t, files.EICAR)
	s, err := clamd.New(daemon.Address)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	large := strings.Repeat("harmless ", 100_000)
	for content, want := range map[string]string{"": "", large: "", large + files.EICAR: "Eicar-Test-Signature"} {
		found, err := s.Scan(t.Context(), bytes.NewReader([]byte(content)))
		if err != nil || found != want {
			t.Errorf("%d bytes: %q, %v", len(content), found, err)
		}
	}
}

func TestAScannerThatCannotTellIsUnavailable(t *testing.T) {
	t.Parallel()
	daemon := testkit.NewClamd(t, files.EICAR)
	daemon.Break(true)
	broken, err := clamd.New(daemon.Address)
	if err != nil {
		t.Fatal(err)
	}
	away, err := clamd.New("unix:///nowhere/clamd.ctl")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*clamd.Scanner{"broken": broken, "away": away} {
		if found, err := s.Scan(t.Context(), strings.NewReader("x")); errs.KindOf(err) != errs.Unavailable || found != "" {
			t.Errorf("%s: %q, %v", name, found, err)
		}
	}
	for _, bad := range []string{"", "http://x", "tcp://", "unix://", "%"} {
		if _, err := clamd.New(bad); err == nil {
			t.Errorf("%q is an address", bad)
		}
	}
}
