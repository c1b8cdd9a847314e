package reach_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/reach"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

func TestAReportIsNotedOnceAndOnlyIfItIsAboutOurs(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s := &reach.Service{Store: h.Store, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now}
	sub := h.Receive(t, nil)
	var id int64
	h.Do(t, func(tx store.Tx) (err error) {
		if id, err = tx.Messages().Add(t.Context(), civic.Message{Submission: sub.ID, Kind: civic.MessageReceipt, Language: civic.Vietnamese, CreatedAt: h.Clock.Now()}); err != nil {
			return err
		}
		_, err = tx.Messages().Settle(t.Context(), id, civic.MessageSent, "", h.Clock.Now())
		return err
	})
	report := func(action, token string) string {
		return strings.ReplaceAll("Subject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"+
			"Reporting-MTA: dns; mx.example.vn\n\nFinal-Recipient: rfc822; a@example.vn\nAction: "+action+"\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\n"+
			"Message-ID: <hk.receipt."+token+"@hienke.example>\n\n--b--\n", "\n", "\r\n")
	}
	token := casework.BounceToken(h.Keys, id)
	for _, text := range []string{report("delayed", token), report("failed", "1-0123456789abcdef0123"), "hello", ""} {
		if _, err := s.Report(t.Context(), strings.NewReader(text)); !errors.Is(err, reach.ErrNoReport) {
			t.Errorf("%.30q: %v", text, err)
		}
	}
	h.Clock.Advance(time.Minute)
	for _, want := range []bool{true, false} {
		if noted, err := s.Report(t.Context(), strings.NewReader(report("failed", strings.ToUpper(token)))); err != nil || noted != want {
			t.Errorf("noted %v, want %v: %v", noted, want, err)
		}
	}
	h.View(t, func(tx store.Tx) error {
		m, err := tx.Messages().Get(t.Context(), id)
		if err != nil {
			return err
		}
		r, err := tx.Reaches().Get(t.Context(), sub.ID)
		if m.State != civic.MessageNotSent || m.Reason != "bounced" || r.FailingAt.IsZero() {
			t.Errorf("kept %+v and %+v", m, r)
		}
		return err
	})
}
