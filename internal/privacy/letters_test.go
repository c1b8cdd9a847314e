package privacy_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/privacy"
	"hienke/internal/reach"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// returned is the report of a mail server that a mail came back.
func returned(t *testing.T, d *desk, token string) bool {
	t.Helper()
	s := &reach.Service{Store: d.Store, Keys: d.Keys, Limits: d.Limits, Now: d.Clock.Now}
	noted, err := s.Report(t.Context(), strings.NewReader("Action: failed\n\nMessage-ID: <dl.outcome."+token+"@hienke.example>\n"))
	must(t, err)
	return noted
}

// A mail that comes back shows on its request: what did not arrive was not told,
// the letter can be printed, and the next mail does not go the same way.
func TestAMailAboutARequestComesBack(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		ctx, d := t.Context(), newDesk(t, h)
		d.confirm(t)
		ref := d.ask(t, civic.SenderOf(d.sub.ID), "", civic.PrivacySee, "")
		must(t, d.deliver(t))
		must(t, d.s.Decide(ctx, d.dpo, ref, civic.PrivacyWhole, "Đúng quy định"))
		must(t, d.s.Fulfil(ctx, d.dpo, ref))
		must(t, d.deliver(t))
		must(t, d.s.Tell(ctx, d.dpo, ref, "Thư điện tử"))
		wantCode(t, d.s.Posted(ctx, d.dpo, ref, civic.PrivacyEnd), "request.not_now") // it was mailed
		got, err := d.s.Get(ctx, d.dpo, ref)
		must(t, err)
		last := got.Messages[len(got.Messages)-1]
		d.Clock.Advance(time.Hour)
		token := casework.RequestBounceToken(h.Keys, last.ID)
		if !returned(t, d, strings.ToUpper(token)) || returned(t, d, token) {
			t.Error("a report is noted once")
		}
		if said := d.said(t, ref); said != "receipt sent, outcome not_sent bounced" {
			t.Errorf("the request says %s", said)
		}
		if got, err = d.s.Get(ctx, d.dpo, ref); err != nil || got.State != civic.PrivacyFulfilled || !got.ClosedAt.IsZero() || got.Unmailed != privacy.ReasonFailing {
			t.Errorf("nobody sees that it was not told: %+v, %v", got, err)
		}
		letter, err := d.s.Print(ctx, d.dpo, ref, civic.PrivacyEnd)
		if err != nil || letter.Address == "" {
			t.Errorf("printed %+v, %v", letter, err)
		}
		must(t, d.s.Posted(ctx, d.dpo, ref, civic.PrivacyEnd))
		wantCode(t, d.s.Posted(ctx, d.dpo, ref, civic.PrivacyEnd), "message.posted")
		must(t, d.s.Tell(ctx, d.dpo, ref, "Bưu điện"))

		// Who was identified otherwise wrote a mailbox with the request.
		other := d.ask(t, civic.Public, civic.Vietnamese, civic.PrivacyCorrect, "khue@example.vn")
		must(t, d.s.Identify(ctx, d.dpo, other, d.sub.Code, "Gọi lại đúng số"))
		must(t, d.s.Reply(ctx, d.dpo, other, "Sẽ sửa trong tuần."))
		must(t, d.deliver(t))
		got, err = d.s.Get(ctx, d.dpo, other)
		must(t, err)
		returned(t, d, casework.RequestBounceToken(h.Keys, got.Messages[1].ID))
		must(t, d.s.Extend(ctx, d.dpo, other, "Chờ giấy tờ"))
		must(t, d.deliver(t))
		if said := d.said(t, other); said != "receipt sent, reply not_sent bounced, extended not_sent bounced" {
			t.Errorf("the other request says %s", said)
		}
	})
}

// Who left nothing but a postal address is told of the erasure all the same:
// what the letter needs is kept apart until it was posted, or for a month.
func TestTheLetterAboutAnErasure(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		ctx, d := t.Context(), newDesk(t, h)
		ref := d.erased(t)
		letter, err := d.s.Print(ctx, d.dpo, ref, civic.PrivacyEnd)
		if err != nil || letter.Name != "Vàng Thị Mẩy" || letter.Address != "Thôn Sả Séng, xã Mẫu" {
			t.Fatalf("printed %+v, %v", letter, err)
		}
		if _, err := d.s.Print(ctx, d.dpo, ref, civic.PrivacyReceipt); errs.CodeOf(err) != "request.no_address" {
			t.Errorf("another letter of it: %v", err)
		}
		must(t, d.s.Posted(ctx, d.dpo, ref, civic.PrivacyEnd))
		_, err = d.s.Print(ctx, d.dpo, ref, civic.PrivacyEnd)
		wantCode(t, err, "request.no_address")

		late := d.erased(t)
		d.Clock.Advance(privacy.LetterKept - time.Minute)
		_, err = d.s.Sweep(ctx)
		must(t, err)
		_, err = d.s.Print(ctx, d.dpo, late, civic.PrivacyEnd)
		must(t, err)
		d.Clock.Advance(2 * time.Minute)
		_, err = d.s.Sweep(ctx)
		must(t, err)
		_, err = d.s.Print(ctx, d.dpo, late, civic.PrivacyEnd)
		wantCode(t, err, "request.no_address")
		if err := d.s.Posted(ctx, h.Staff(t, civic.RoleOfficer, house.Science), late, civic.PrivacyEnd); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("an officer marks it as posted: %v", err)
		}
	})
}

// erased is a request of somebody with nothing but a postal address, whose
// contact is erased.
func (d *desk) erased(t *testing.T) string {
	t.Helper()
	ctx := t.Context()
	sub := d.ReceiveFrom(t, civic.Contact{Name: "Vàng Thị Mẩy", Address: "Thôn Sả Séng, xã Mẫu"}, func(s *civic.Submission) { s.Agency, s.State = house.Science, civic.InProgress })
	ref := d.ask(t, civic.SenderOf(sub.ID), "", civic.PrivacyErase, "")
	must(t, d.s.Decide(ctx, d.dpo, ref, civic.PrivacyWhole, "Đúng quy định"))
	must(t, d.s.Fulfil(ctx, d.dpo, ref))
	d.View(t, func(tx store.Tx) error {
		if _, err := tx.Contacts().Get(ctx, sub.ID); errs.KindOf(err) != errs.Gone {
			t.Errorf("the contact of the case: %v", err)
		}
		return nil
	})
	return ref
}
