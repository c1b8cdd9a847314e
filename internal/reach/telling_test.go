package reach_test

import (
	"slices"
	"testing"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/reach"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

func kinds(t *testing.T, h *house.House, code civic.Code) (out []civic.MessageKind) {
	t.Helper()
	for _, m := range h.Messages(t, code) {
		out = append(out, m.Kind)
	}
	return out
}

func TestWhoConfirmsLaterIsToldWhereTheCaseIs(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s := &reach.Service{Store: h.Store, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now}
	sub := h.ReceiveFrom(t, civic.Contact{Name: "Ánh", Email: "anh@example.vn"}, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, house.Science })
	for range 2 {
		if err := s.Confirm(t.Context(), sub.Code, casework.ConfirmToken(h.Keys, sub.Code, "anh@example.vn")); err != nil {
			t.Fatal(err)
		}
	}
	if got := kinds(t, h, sub.Code); !slices.Equal(got, []civic.MessageKind{civic.MessageMoved}) {
		t.Errorf("the sender is told %v", got)
	}
}

func TestWhoWasReachedSoFarIsToldThatTheContactChanged(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		had, change civic.Contact
		confirmed   bool
		former      int // messages to the contact that was
		all         int
	}{
		{"a confirmed mailbox", civic.Contact{Email: "cu@example.vn"}, civic.Contact{Email: "moi@example.vn"}, true, 1, 2},
		{"a confirmed mailbox that stays", civic.Contact{Email: "cu@example.vn"}, civic.Contact{Phone: "0912345678"}, true, 1, 1},
		{"a mailbox that nobody confirmed", civic.Contact{Email: "cu@example.vn"}, civic.Contact{Email: "moi@example.vn"}, false, 0, 1},
		{"a telephone", civic.Contact{Phone: "0912345678"}, civic.Contact{Phone: "0987654321"}, false, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := house.New(t)
			s := &reach.Service{Store: h.Store, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now}
			sub := h.ReceiveFrom(t, tt.had, nil)
			if tt.confirmed {
				h.Do(t, func(tx store.Tx) error {
					return tx.Reaches().Put(t.Context(), civic.Reach{Submission: sub.ID, Wants: civic.WantsAll, ConfirmedAt: h.Clock.Now()})
				})
			}
			if err := s.Change(t.Context(), civic.SenderOf(sub.ID), sub.Code, tt.change); err != nil {
				t.Fatal(err)
			}
			former := 0
			messages := h.Messages(t, sub.Code)
			for _, m := range messages {
				h.View(t, func(tx store.Tx) error {
					sealed, err := tx.Messages().Addressee(t.Context(), m.ID)
					if errs.KindOf(err) == errs.NotFound && err != nil {
						return nil
					}
					if err != nil {
						return err
					}
					former++
					got, err := h.Keys.OpenContact(sub.Code, sealed.WrappedKey, sealed.Sealed)
					if got.Email != tt.had.Email || got.Phone != tt.had.Phone {
						t.Errorf("it goes to %+v", got)
					}
					return err
				})
			}
			if former != tt.former || len(messages) != tt.all {
				t.Errorf("%d of %d messages go to the contact that was", former, len(messages))
			}
		})
	}
}

func TestWhatCameBackGoesAnotherWay(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s := &reach.Service{Store: h.Store, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now}
	for _, tt := range []struct {
		name    string
		contact civic.Contact
		want    int
	}{
		{"a postal address is left", civic.Contact{Email: "a@example.vn", Address: "Bản Mẫu"}, 2},
		{"nothing else is left", civic.Contact{Email: "b@example.vn"}, 1},
	} {
		sub := h.ReceiveFrom(t, tt.contact, nil)
		var id int64
		h.Do(t, func(tx store.Tx) (err error) {
			m := civic.Message{Submission: sub.ID, Kind: civic.MessageAnswer, Language: civic.Vietnamese, CreatedAt: h.Clock.Now()}
			if id, err = tx.Messages().Add(t.Context(), m); err != nil {
				return err
			}
			_, err = tx.Messages().Settle(t.Context(), id, civic.MessageSent, "", h.Clock.Now())
			return err
		})
		h.Clock.Advance(time.Minute)
		for range 2 {
			if _, err := s.Bounced(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		if got := kinds(t, h, sub.Code); len(got) != tt.want {
			t.Errorf("%s: the messages are %v", tt.name, got)
		}
	}
}
