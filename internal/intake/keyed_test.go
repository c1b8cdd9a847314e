package intake_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/intake"
	"hienke/internal/testkit/house"
)

// letter is one that came on the given day.
func letter(day civic.Date) intake.Keyed {
	r := request()
	r.Channel = civic.ChannelLetter
	return intake.Keyed{Draft: r.Draft, ReceivedOn: day, Consent: civic.ConsentWritten, Key: "form-1"}
}

func keyIn(t *testing.T, s *intake.Service, actor civic.Actor, k intake.Keyed) intake.Acknowledgement {
	t.Helper()
	ack, err := s.KeyIn(t.Context(), actor, k)
	if err != nil {
		t.Fatalf("key in: %v", err)
	}
	return ack
}

func TestTheClocksOfALetterRunFromTheDayItCame(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s, _ := service(h)
		officer := h.Staff(t, civic.RoleOfficer, house.Education)
		came := civic.DateOf(h.Clock.Now().AddDate(0, 0, -10))
		ack := keyIn(t, s, officer, letter(came))
		sub := h.Case(t, ack.Code)
		if !sub.ReceivedAt.Equal(came.Start()) || !sub.UpdatedAt.Equal(h.Clock.Now()) {
			t.Errorf("received at %v, updated at %v", sub.ReceivedAt, sub.UpdatedAt)
		}
		if want := h.Calendar.Due(came.Start(), h.Registry.Limits.AnswerFor(sub.Kind)); !sub.DueAt.Equal(want) {
			t.Errorf("due at %v, want %v", sub.DueAt, want)
		}
		if want := h.Calendar.Due(came.Start(), h.Registry.Limits.Forward); !sub.ForwardDueAt.Equal(want) {
			t.Errorf("to be forwarded by %v, want %v", sub.ForwardDueAt, want)
		}
		if sub.Channel != civic.ChannelLetter || sub.Consent != civic.ConsentWritten || sub.State != civic.Received || sub.Agency != "" {
			t.Errorf("stored as %s with consent %q in %s with %q", sub.Channel, sub.Consent, sub.State, sub.Agency)
		}
		events := h.Events(t, ack.Code)
		if len(events) != 2 || !events[0].At.Equal(came.Start()) || events[0].Actor != civic.ActorSender {
			t.Fatalf("the history begins with %+v", events)
		}
		if e := events[1]; e.Type != civic.EventKeyedIn || e.User != officer.User || e.Reason != "letter" || !e.At.Equal(h.Clock.Now()) {
			t.Errorf("the history says %+v", e)
		}
	})
}

func TestWhatCameTodayCameNow(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	ack := keyIn(t, s, h.Staff(t, civic.RoleCoordinator, ""), letter(civic.DateOf(h.Clock.Now())))
	if sub := h.Case(t, ack.Code); !sub.ReceivedAt.Equal(h.Clock.Now()) {
		t.Errorf("received at %v", sub.ReceivedAt)
	}
}

func TestWhatIsWrongWithALetter(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	officer := h.Staff(t, civic.RoleOfficer, house.Education)
	today := civic.DateOf(h.Clock.Now())
	tests := []struct {
		name   string
		change func(*intake.Keyed)
		field  errs.Field
	}{
		{"a channel that senders use themselves", func(k *intake.Keyed) { k.Channel = civic.ChannelWeb }, errs.Field{Name: "via", Code: "field.unknown_value"}},
		{"no channel", func(k *intake.Keyed) { k.Channel = "" }, errs.Field{Name: "via", Code: "field.required"}},
		{"no day", func(k *intake.Keyed) { k.ReceivedOn = civic.Date{} }, errs.Field{Name: "received_on", Code: "field.required"}},
		{"tomorrow", func(k *intake.Keyed) { k.ReceivedOn = civic.DateOf(h.Clock.Now().AddDate(0, 0, 1)) }, errs.Field{Name: "received_on", Code: "field.in_future"}},
		{"two years ago", func(k *intake.Keyed) { k.ReceivedOn.Year -= 2 }, errs.Field{Name: "received_on", Code: "field.too_long_ago"}},
		{"no consent recorded", func(k *intake.Keyed) { k.Consent = "" }, errs.Field{Name: "keyed_consent", Code: "field.required"}},
		{"a name without consent", func(k *intake.Keyed) { k.Consent, k.PublishName = civic.ConsentNone, true }, errs.Field{Name: "consent.publish_name", Code: "field.without_consent"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := letter(today)
			tt.change(&k)
			_, err := s.KeyIn(t.Context(), officer, k)
			if got := errs.FieldsOf(err); len(got) != 1 || got[0].Name != tt.field.Name || got[0].Code != tt.field.Code {
				t.Errorf("got %v, want %v", got, tt.field)
			}
		})
	}
}

func TestASecondClickKeysNothingInTwice(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	officer, other := h.Staff(t, civic.RoleOfficer, house.Education), h.Staff(t, civic.RoleCoordinator, "")
	today := civic.DateOf(h.Clock.Now())
	first, again := keyIn(t, s, officer, letter(today)), keyIn(t, s, officer, letter(today))
	if again.Code != first.Code || !again.Replayed || again.Secret != first.Secret {
		t.Errorf("got %+v, then %+v", first, again)
	}
	if someone := keyIn(t, s, other, letter(today)); someone.Code == first.Code {
		t.Error("the form of another person counts as the same")
	}
}

func TestWhoMayKeyInAndPrint(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	officer, other := h.Staff(t, civic.RoleOfficer, house.Education), h.Staff(t, civic.RoleOfficer, house.Education)
	today := civic.DateOf(h.Clock.Now())
	for _, actor := range []civic.Actor{civic.Public, civic.SenderOf(1), h.Staff(t, civic.RoleAdministrator, "")} {
		if _, err := s.KeyIn(t.Context(), actor, letter(today)); err == nil {
			t.Errorf("%+v may key in", actor)
		}
	}
	r := request()
	r.Channel = civic.ChannelLetter
	if _, err := s.Submit(t.Context(), civic.Public, r); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("the public may say that it is a letter: %v", err)
	}
	ack := keyIn(t, s, officer, letter(today))
	if _, got, err := s.KeyedReceipt(t.Context(), officer, ack.Code); err != nil || got.Secret != ack.Secret {
		t.Errorf("got %+v, %v", got, err)
	}
	missing := func(actor civic.Actor, code civic.Code) {
		t.Helper()
		if _, got, err := s.KeyedReceipt(t.Context(), actor, code); errs.KindOf(err) != errs.NotFound || got.Secret != "" {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	missing(other, ack.Code)
	missing(officer, submit(t, s, request()).Code)
	h.Clock.Advance(24 * time.Hour)
	missing(officer, ack.Code)
}
