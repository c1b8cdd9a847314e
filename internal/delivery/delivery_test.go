package delivery_test

import (
	"context"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/delivery"
	"hienke/internal/errs"
	"hienke/internal/mail"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
)

// errand is one whose row is in memory.
type errand struct {
	now    delivery.Verdict
	unsent string
	noted  []delivery.Verdict
}

func (e *errand) do(t *testing.T, h *house.House, c delivery.Carrier) error {
	t.Helper()
	var job int64
	h.Do(t, func(tx store.Tx) (err error) {
		job, err = tx.Outbox().Put(t.Context(), store.Job{Kind: store.JobNotify, CreatedAt: h.Clock.Now()})
		return err
	})
	return c.Carry(t.Context(), job, delivery.Errand{
		Compose: func(context.Context, store.Tx) (delivery.Verdict, mail.Mail, string, error) {
			return e.now, mail.Mail{To: "an@example.test", Subject: "Thử", Text: "x", MessageID: "1@hienke.example", Languages: []string{"vi"}}, e.unsent, nil
		},
		Settle: func(_ context.Context, _ store.Tx, v delivery.Verdict, _ time.Time) error {
			e.noted = append(e.noted, v)
			return nil
		},
	})
}

func TestWhatBecomesOfAMailIsNotedWithTheEndOfItsJob(t *testing.T) {
	t.Parallel()
	queued, sent := delivery.Verdict{State: civic.MessageQueued}, delivery.Verdict{State: civic.MessageSent}
	tests := map[string]struct {
		errand
		noMail bool
		server func(*testkit.SMTPServer)
		want   delivery.Verdict
		mails  int
		again  bool // it is worth another try: nothing is noted
	}{
		"it is sent":               {errand: errand{now: queued}, want: sent, mails: 1},
		"it was settled before":    {errand: errand{now: sent}, want: sent},
		"there is nothing to tell": {errand: errand{now: queued, unsent: delivery.Outdated}, want: delivery.NotSent(delivery.Outdated)},
		"nothing could send it":    {errand: errand{now: queued}, noMail: true, want: delivery.NotSent(delivery.NoChannel)},
		"it is refused for good": {errand: errand{now: queued}, want: delivery.NotSent(delivery.Refused), server: func(s *testkit.SMTPServer) {
			s.Refuse(550, "no such mailbox")
		}},
		"it is refused for now": {errand: errand{now: queued}, again: true, server: func(s *testkit.SMTPServer) { s.Refuse(451, "later") }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := house.New(t)
			sender, server := h.Mail(t)
			c := delivery.Carrier{Store: h.Store, Mail: sender, Now: h.Clock.Now}
			if tt.noMail {
				c.Mail = nil
			}
			if tt.server != nil {
				tt.server(server)
			}
			err := tt.do(t, h, c)
			waiting := len(h.Jobs(t, store.JobNotify))
			switch {
			case tt.again:
				if errs.KindOf(err) != errs.Unavailable || len(tt.noted) != 0 || waiting != 1 {
					t.Errorf("got %v, noted %v, %d jobs wait", err, tt.noted, waiting)
				}
			case err != nil || len(tt.noted) != 1 || tt.noted[0] != tt.want || waiting != 0:
				t.Errorf("got %v, noted %v, want %v; %d jobs wait", err, tt.noted, tt.want, waiting)
			}
			if n := len(server.Messages()); n != tt.mails {
				t.Errorf("%d mails went out", n)
			}
		})
	}
}

func TestHostIsThatOfTheSite(t *testing.T) {
	t.Parallel()
	for site, want := range map[string]string{
		"https://hienke.example": "hienke.example", "http://localhost:8080": "localhost", "": "hienke.invalid", "hienke.example": "hienke.invalid",
	} {
		if got := delivery.Host(site); got != want {
			t.Errorf("%q: %q, want %q", site, got, want)
		}
	}
}
