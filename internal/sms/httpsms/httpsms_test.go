package httpsms_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/errs"
	"hienke/internal/sms"
	"hienke/internal/sms/httpsms"
	"hienke/internal/testkit"
)

var text = sms.Text{To: "0912345678", Body: "Hiến Kế: \"đã\" nhận {id}\n\\", ID: "7-ab"}

func TestATextArrivesInTheGatewaysForm(t *testing.T) {
	t.Parallel()
	g := testkit.SMS(t)
	s, err := httpsms.New(httpsms.Config{
		URL: g.URL, Secret: "s3cret", Body: `{"messages": [{"phone": "{to}", "content": "{text}"}], "brand": "HIENKE", "unicode": 1, "ref": "m-{id}"}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), text); err != nil {
		t.Fatal(err)
	}
	got := g.Requests()[0]
	if got.Authorization != "Bearer s3cret" || got.ContentType != "application/json" {
		t.Errorf("header %+v", got)
	}
	var body any
	if err := json.Unmarshal(got.Body, &body); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"messages": []any{map[string]any{"phone": text.To, "content": text.Body}},
		"brand":    "HIENKE", "unicode": float64(1), "ref": "m-7-ab",
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]errs.Kind{
		400: errs.Invalid, 404: errs.Invalid, 422: errs.Invalid,
		401: errs.Unavailable, 403: errs.Unavailable, 408: errs.Unavailable, 429: errs.Unavailable, 500: errs.Unavailable, 503: errs.Unavailable,
		http.StatusFound: errs.Unavailable,
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			g := testkit.SMS(t)
			g.Answer(status)
			s, err := httpsms.New(httpsms.Config{URL: g.URL})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Send(t.Context(), text); errs.KindOf(err) != want || strings.Contains(err.Error(), text.To) {
				t.Errorf("got %v, want %v", err, want)
			}
		})
	}
	s, err := httpsms.New(httpsms.Config{URL: "http://127.0.0.1:1/x"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), text); errs.KindOf(err) != errs.Unavailable || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestAskingTheGatewaySendsNothing(t *testing.T) {
	t.Parallel()
	g := testkit.SMS(t)
	s, err := httpsms.New(httpsms.Config{URL: g.URL + "?key=k3y", Secret: "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		answer int
		is     error
		kind   errs.Kind // of another error
	}{
		{answer: http.StatusOK}, {answer: http.StatusMethodNotAllowed}, {answer: http.StatusNotImplemented},
		{answer: http.StatusUnauthorized, is: httpsms.ErrSecret}, {answer: http.StatusForbidden, is: httpsms.ErrSecret},
		{answer: http.StatusFound, is: httpsms.ErrMoved}, {answer: http.StatusBadGateway, kind: errs.Unavailable},
	} {
		g.Answer(tt.answer)
		switch err := s.Ping(t.Context()); {
		case tt.is != nil && !errors.Is(err, tt.is), tt.kind != 0 && errs.KindOf(err) != tt.kind, tt.is == nil && tt.kind == 0 && err != nil:
			t.Errorf("%d: got %v", tt.answer, err)
		}
	}
	if n := len(g.Requests()); n != 0 {
		t.Errorf("%d texts were sent", n)
	}
	if s, err = httpsms.New(httpsms.Config{URL: "http://127.0.0.1:1/send?key=k3y"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); errs.KindOf(err) != errs.Unavailable || strings.Contains(err.Error(), "k3y") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestAWrongConfigurationIsToldWhole(t *testing.T) {
	t.Parallel()
	_, err := httpsms.New(httpsms.Config{URL: "gateway", Body: `{"to": }`})
	if err == nil || len(strings.Split(err.Error(), "\n")) != 3 {
		t.Errorf("want three problems, got: %v", err)
	}
}
