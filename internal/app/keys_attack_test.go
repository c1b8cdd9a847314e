package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hienke/internal/app"
	"hienke/internal/civic"
	"hienke/internal/intake"
)

// A wrong key file, such as the one of another installation put back after a
// fire, must not be worked with: new contacts would be sealed under it.
func TestAnotherInstallationsKeyIsRefused(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	tool := app.Options{Role: app.Tool}
	a, err := app.New(t.Context(), cfg, tool)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	_, err = a.Intake.Submit(t.Context(), civic.Public, intake.Request{Draft: civic.Draft{
		Kind: civic.Initiative, Title: "Phòng thí nghiệm mở", Body: "Xin mở phòng thí nghiệm vào cuối tuần cho học sinh.",
		Channel: civic.ChannelAPI, Submitter: civic.Person, Contact: civic.Contact{Name: "Nguyễn Văn A"}, AcceptTerms: true,
	}})
	if err := errors.Join(err, a.Close()); err != nil {
		t.Fatalf("submit: %v", err)
	}
	if a, err = app.New(t.Context(), cfg, tool); err != nil {
		t.Fatalf("open with the right key: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}

	path := filepath.Join(cfg.Data.Dir, "keys")
	if err := os.Remove(path); err != nil {
		t.Fatalf("take the key away: %v", err)
	}
	if err := app.CreateKeys(path); err != nil {
		t.Fatalf("make another key: %v", err)
	}
	if _, err := app.New(t.Context(), cfg, tool); !errors.Is(err, app.ErrOtherKeys) {
		t.Errorf("opened with another key: %v", err)
	}
}

func TestTheDoctorNotesAKeyThatOthersCanRead(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	a, err := app.New(t.Context(), cfg, app.Options{Role: app.Tool})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	warned := func() bool {
		for _, c := range a.Examine(t.Context(), false) {
			if c.Name == "key" {
				return c.Warning
			}
		}
		t.Fatal("the key was not looked at")
		return false
	}
	if warned() {
		t.Error("a fresh key is complained of")
	}
	if err := os.Chmod(filepath.Join(cfg.Data.Dir, "keys"), 0o644); err != nil {
		t.Fatalf("open the key to others: %v", err)
	}
	if !warned() {
		t.Error("a key for everybody is no worry")
	}
}

// The server would be ready, take submissions, and end when it cannot open its
// control socket.
func TestADataFolderTooDeepForTheSocketIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	cfg := quiet(filepath.Join(t.TempDir(), strings.Repeat("x", 120)))
	if _, err := app.New(t.Context(), cfg, app.Options{Role: app.Tool}); err == nil || !strings.Contains(err.Error(), "socket") {
		t.Errorf("opened, or an error that does not say why: %v", err)
	}
}
