package notices_test

import (
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/notices"
	"hienke/internal/sms/httpsms"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
)

func TestAMailboxThatNobodyConfirmedGetsTheReceiptAndNothingElse(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.Receive(t, nil)
	p.answered(t, sub, civic.Private)
	if m := p.send(t, sub, civic.MessageAnswer); m.State != civic.MessageNotSent || m.Reason != notices.ReasonNotConfirmed {
		t.Errorf("kept as %+v", m)
	}
	p.send(t, sub, civic.MessageReceipt)
	if m := p.only(t); !strings.Contains(m.Text("text/plain"), "/vi/confirm/"+sub.Code.String()+"/") {
		t.Error("the receipt has no link that confirms")
	}
	p.tell(t, sub, civic.MessageAnswer)
	if got := p.server.Messages(); len(got) != 2 || strings.Contains(string(got[1].Raw), "/confirm/") {
		t.Errorf("%d mails", len(got))
	}
	p.Do(t, func(tx store.Tx) error {
		return tx.Reaches().Put(t.Context(), civic.Reach{Submission: sub.ID, Wants: civic.WantsNone, ConfirmedAt: p.Clock.Now()})
	})
	if m := p.send(t, sub, civic.MessageAnswer); m.Reason != notices.ReasonNotWanted {
		t.Errorf("kept as %+v", m)
	}
	p.Do(t, func(tx store.Tx) error {
		return tx.Reaches().Put(t.Context(), civic.Reach{Submission: sub.ID, Wants: civic.WantsAll, ConfirmedAt: p.Clock.Now(), FailingAt: p.Clock.Now()})
	})
	if m := p.send(t, sub, civic.MessageAnswer); m.State != civic.MessageQueued || m.Way != civic.ByPost {
		t.Errorf("with a dead mailbox and a postal address: kept as %+v", m)
	}
	p.setContact(t, sub, civic.Contact{Name: house.Sender.Name, Email: house.Sender.Email})
	if m := p.send(t, sub, civic.MessageAnswer); m.Reason != notices.ReasonFailing {
		t.Errorf("kept as %+v", m)
	}
}

func TestWhoHasATelephoneOnlyIsToldWithoutTheSecretOrTheText(t *testing.T) {
	t.Parallel()
	p, gateway := newPost(t), testkit.SMS(t)
	texts, err := httpsms.New(httpsms.Config{URL: gateway.URL})
	if err != nil {
		t.Fatal(err)
	}
	p.s.SMS = texts
	sub := p.ReceiveFrom(t, civic.Contact{Name: "Ánh", Phone: "+84 912 345 678"}, nil)
	if m := p.send(t, sub, civic.MessageReceipt); m.State != civic.MessageSent || m.Way != civic.BySMS {
		t.Fatalf("the receipt: kept as %+v", m)
	}
	p.answered(t, sub, civic.Private)
	if m := p.send(t, sub, civic.MessageAnswer); m.State != civic.MessageSent || m.Way != civic.BySMS {
		t.Fatalf("kept as %+v", m)
	}
	secret, err := p.Keys.Secret(sub.Code)
	if err != nil {
		t.Fatal(err)
	}
	for i, says := range []string{"đã tiếp nhận", "đã có trả lời"} {
		body := string(gateway.Requests()[i].Body)
		for _, want := range []string{`"to":"0912345678"`, sub.Code.String(), says} {
			if !strings.Contains(body, want) {
				t.Errorf("%s has no %q", body, want)
			}
		}
		for _, private := range []string{secret, civic.GroupSecret(secret), sub.Title, "tiếp thu", house.Sender.Name} {
			if strings.Contains(body, private) {
				t.Errorf("%s has %q", body, private)
			}
		}
	}
	gateway.Answer(400)
	if m := p.send(t, sub, civic.MessageAnswer); m.State != civic.MessageNotSent || m.Reason != notices.ReasonRefused {
		t.Errorf("kept as %+v", m)
	}
}
