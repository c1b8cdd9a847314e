package app_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hienke/internal/app"
	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/testkit"
)

// What a scaled-out house is configured with.
func TestFilesLieInABucketElsewhere(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	cfg.Blob.URL = testkit.S3(t)
	a, err := app.New(t.Context(), cfg, app.Options{Role: app.Everything, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &walker{App: a}
	sub := w.receive(t, science)
	ref := w.attach(t, sub)
	list, err := a.Attachments.List(t.Context(), attachments.OfSender(civic.SenderOf(sub.ID), sub.Code))
	if err != nil || len(list) != 1 || list[0].State != civic.FileClean {
		t.Fatalf("%+v, %v", list, err)
	}
	who := w.person(t, "coordinator", civic.RoleCoordinator, "")
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/staff/submissions/"+sub.Code.String()+"/attachments/"+ref, nil)
	req.Header.Set("Authorization", "Bearer "+who.token)
	answer := httptest.NewRecorder()
	a.Handler().ServeHTTP(answer, req)
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "Số đo theo giờ") {
		t.Errorf("it comes back as %d %q", answer.Code, answer.Body)
	}
}
