package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/api"
	"hienke/internal/civic"
	"hienke/internal/intake"
	"hienke/internal/store"
)

func TestASubmissionIsAcknowledged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.send(t, "POST", "/submissions", submission("", nil))
	if r.status != http.StatusCreated {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	var got api.Acknowledgement
	r.into(t, &got)
	self := "/api/v1/submissions/" + got.Code
	want := api.Acknowledgement{
		Code: got.Code, Status: "received", TrackingToken: got.TrackingToken, TrackingSecret: got.TrackingSecret,
		ReceivedAt: w.clock.Now(), Links: api.Links{Self: self, Page: "/vi/track/" + got.Code},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := civic.ParseCode(got.Code); err != nil || !strings.HasPrefix(got.Code, "HK-") {
		t.Errorf("code %q: %v", got.Code, err)
	}
	if len(got.TrackingToken) != 43 || len(got.TrackingSecret) != 9 || r.header.Get("Location") != self {
		t.Errorf("token %q, secret %q, Location %q", got.TrackingToken, got.TrackingSecret, r.header.Get("Location"))
	}
	if diff := cmp.Diff(map[store.JobKind]int{store.JobMatch: 1, store.JobSend: 1}, w.jobs(t)); diff != "" {
		t.Errorf("jobs: %s", diff)
	}
	if log := w.log.String(); strings.Contains(log, "example.vn") || strings.Contains(log, got.Code) || strings.Contains(log, "Văn An") {
		t.Errorf("the log holds personal data: %s", log)
	}
}

func TestARepeatWithTheSameKeyIsTheSameSubmission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := []string{"Idempotency-Key", "k-1"}
	first := w.send(t, "POST", "/submissions", submission("", nil), key...)
	w.clock.Advance(time.Hour)
	again := w.send(t, "POST", "/submissions", submission("", nil), key...)
	if first.status != 201 || again.status != 201 || first.body != again.body {
		t.Errorf("first %d %s\nagain %d %s", first.status, first.body, again.status, again.body)
	}
	scenario{
		method: "POST", path: "/submissions", body: submission("title", "Một tiêu đề khác"), headers: key,
		status: 422, code: "idempotency.other_body",
	}.run(t, w)
	scenario{
		method: "POST", path: "/submissions", body: submission("", nil), headers: []string{"Idempotency-Key", "k 1"},
		status: 422, code: "input.invalid", field: "Idempotency-Key", reason: "field.not_an_idempotency_key",
	}.run(t, w)
	other := w.send(t, "POST", "/submissions", submission("", nil))
	if other.body == first.body {
		t.Error("without a key a repeat was recognised")
	}
}

func TestWhoMaySeeASubmission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.receive(t)
	sender := []string{"Authorization", "Bearer " + ack.TrackingToken}
	loose := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(ack.Code, "HK"), "-", ""))
	tests := []scenario{
		{name: "the public does not", path: ack.Code, status: 404, code: "submission.not_found", hasNot: []string{sampleTitle}},
		{
			name: "its sender does", path: ack.Code, headers: sender, status: 200,
			has:    []string{sampleTitle, `"status":"received"`, `"event":"received"`, `"due_at":"2026-12-1`, `"agency":null`},
			hasNot: []string{"example.vn", "Văn An"},
		},
		{name: "a code may be written loosely", path: loose, headers: sender, status: 200, has: []string{ack.Code}},
		{name: "another token does not", path: ack.Code, headers: []string{"Authorization", "Bearer x"}, status: 404, code: "submission.not_found"},
		{name: "the secret is no token", path: ack.Code, headers: []string{"Authorization", "Bearer " + ack.TrackingSecret}, status: 404},
		{name: "another scheme is refused", path: ack.Code, headers: []string{"Authorization", "Basic eDp5"}, status: 401, code: "request.bad_credentials"},
		{
			name: "a slip in the code is told", path: "HK-2222-2222-2223", status: 404, code: "submission.not_found",
			field: "code", reason: "field.not_a_code",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.method, tt.path = "GET", "/submissions/"+tt.path
			tt.run(t, w)
		})
	}
}

func TestASenderTakesItBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.receive(t)
	sender := []string{"Authorization", "Bearer " + ack.TrackingToken}
	path := "/submissions/" + ack.Code + "/withdraw"
	tests := []scenario{
		{name: "not without a token", status: 401, code: "submission.token_missing"},
		{name: "not with another token", headers: []string{"Authorization", "Bearer other"}, status: 404, code: "submission.not_found"},
		{name: "once", headers: sender, status: 200, has: []string{`"status":"withdrawn"`, `"event":"withdrawn"`}},
		{name: "not twice", headers: sender, status: 409, code: "submission.move_not_allowed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.method, tt.path = "POST", path
			tt.run(t, w)
		})
	}
}

func TestABusyNetworkIsHeldAndNotRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var last api.Acknowledgement
	for range 61 {
		last = w.receive(t)
	}
	code, err := civic.ParseCode(last.Code)
	must(t, err)
	must(t, w.store.View(t.Context(), func(tx store.Tx) error {
		s, err := tx.Submissions().GetByCode(t.Context(), code)
		if err != nil {
			return err
		}
		if s.Hold != intake.HoldRate {
			t.Errorf("hold %q", s.Hold)
		}
		events, err := tx.Events().List(t.Context(), s.ID)
		if len(events) != 2 || events[1].Type != civic.EventHeld || events[1].Reason != "hold.rate hold.repeat" {
			t.Errorf("the history has %+v", events)
		}
		return err
	}))
}
