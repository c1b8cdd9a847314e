package guardians_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/guardians"
	"hienke/internal/intake"
)

// aunt is whom the child names after a mistyped address.
var aunt = civic.Guardian{Name: " Đinh  Thị Quế ", Email: "que.dinh@example.vn"}

func TestAChildNamesTheGuardianAgain(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		sub := d.receive(nil)
		d.deliver()
		old := d.token()
		d.Clock.Advance(8 * 24 * time.Hour)
		d.sweep() // reminds the wrong person

		sender := civic.SenderOf(sub.ID)
		d.must(d.s.Rename(ctx, sender, sub.Code, aunt))
		d.deliver()
		d.sweep()
		if got := d.to("que.dinh@"); len(got) != 1 {
			t.Fatalf("the new guardian has %d mails, want one", len(got))
		}
		if got := d.kept(sub); !got.RemindedAt.IsZero() || !got.AskedAt.Equal(d.Clock.Now()) {
			t.Errorf("the time to answer runs from %v, reminded %v", got.AskedAt, got.RemindedAt)
		}
		d.fails(d.s.Answer(ctx, old, guardians.Answer{Agree: true, Publish: true}), "link.not_valid")
		d.must(d.s.Answer(ctx, d.tokenOf("que.dinh@"), guardians.Answer{Agree: true, Publish: true}))
		if got := d.Case(t, sub.Code); got.Guardian != civic.GuardianConfirmed {
			t.Errorf("after the answer the consent is %s", got.Guardian)
		}
		d.fails(d.s.Rename(ctx, sender, sub.Code, aunt), "guardian.decided")
	})
}

func TestWhoMayNameAnotherGuardian(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		sub, other := d.receive(nil), d.receive(func(r *intake.Request) { r.Title = "Sân bóng của xã em bị ngập sau mỗi trận mưa" })
		d.deliver()
		sender := civic.SenderOf(sub.ID)
		grown := d.receive(func(r *intake.Request) {
			r.Title, r.Child, r.Guardian = "Bến xe buýt ở chợ cần mái che", false, civic.Guardian{}
		})
		d.fails(d.s.Rename(ctx, civic.SenderOf(grown.ID), grown.Code, aunt), "guardian.no_child")
		own := aunt
		own.Email = "Ngan.Dinh@example.vn"
		for range 3 { // a slip does not count
			d.fails(d.s.Rename(ctx, sender, sub.Code, own), "input.invalid")
		}
		d.fails(d.s.Rename(ctx, sender, sub.Code, civic.Guardian{Name: "Đinh Thị Quế"}), "input.invalid")
		if err := d.s.Rename(ctx, civic.SenderOf(other.ID), sub.Code, aunt); err == nil {
			t.Error("another sender names a guardian for this child")
		}
		d.must(d.s.Rename(ctx, sender, sub.Code, aunt))
		d.must(d.s.Rename(ctx, sender, sub.Code, aunt)) // its message waits, and goes once
		d.fails(d.s.Rename(ctx, sender, sub.Code, aunt), "guardian.many_changes")
		d.deliver()
		if got := d.to("que.dinh@"); len(got) != 1 {
			t.Errorf("the new guardian has %d mails, want one", len(got))
		}

		late := d.receive(func(r *intake.Request) { r.Title = "Thư viện xã mở cửa cả ngày thứ bảy" })
		d.deliver()
		d.Clock.Advance(30 * 24 * time.Hour)
		d.fails(d.s.Rename(ctx, civic.SenderOf(late.ID), late.Code, aunt), "guardian.late")
	})
}

// A mail that came back came from whom the child named before.
func TestAMailThatCameBackIsForgottenWithItsGuardian(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		sub := d.receive(nil)
		d.deliver()
		d.bounce(sub)
		d.Clock.Advance(time.Hour)
		d.must(d.s.Rename(ctx, civic.SenderOf(sub.ID), sub.Code, aunt))
		d.deliver()
		if got := d.to("que.dinh@"); len(got) != 1 {
			t.Errorf("the new guardian has %d mails, want one", len(got))
		}
	})
}
