package config_test

import (
	"strings"
	"testing"

	"hienke/internal/config"
)

func TestAddressesAndPortsThatCannotBeAreToldBeforeTheStart(t *testing.T) {
	t.Parallel()
	_, err := config.Load("", []string{
		"HIENKE_HTTP_LISTEN=8080", "HIENKE_METRICS_LISTEN=nonsense", "HIENKE_MAIL_HOST=mail.example.vn",
		"HIENKE_MAIL_FROM=a@example.vn", "HIENKE_MAIL_PORT=99999",
	}, nil)
	if err == nil {
		t.Fatal("all of it was taken")
	}
	for _, name := range []string{"http.listen", "metrics.listen", "mail.port"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q does not name %s", err, name)
		}
	}
}
