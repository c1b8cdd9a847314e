package guardians_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/guardians"
	"hienke/internal/intake"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// bounce lets the message that asked come back.
func (d *desk) bounce(sub civic.Submission) {
	d.t.Helper()
	var asked civic.Message
	for _, m := range d.Messages(d.t, sub.Code) {
		if m.Kind == civic.MessageGuardian {
			asked = m
		}
	}
	if noted, err := d.reach.Bounced(d.t.Context(), asked.ID); err != nil || !noted {
		d.t.Fatal(noted, err)
	}
}

func TestAMailThatComesBackSaysNothingOfTheChildsMailbox(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	sub := d.receive(func(r *intake.Request) { r.Guardian.Phone = "0987 654 321" })
	d.deliver()
	d.bounce(sub)
	d.View(t, func(tx store.Tx) error {
		r, err := tx.Reaches().Get(t.Context(), sub.ID)
		if !r.FailingAt.IsZero() {
			t.Error("the child's own mailbox counts as dead")
		}
		return err
	})
	d.Clock.Advance(9 * 24 * time.Hour)
	d.sweep()
	texts := d.texts.Requests()
	if len(texts) != 1 || len(d.to("quang.dinh@")) != 1 {
		t.Fatalf("%d texts, %d mails", len(texts), len(d.to("quang.dinh@")))
	}
	body, _ := url.QueryUnescape(string(texts[0].Body))
	if n := utf8.RuneCountInString("Hiến Kế: một trẻ ghi tên ông/bà là người giám hộ. Xin trả lời: " + "https://gop-y.tinh.example.gov.vn/vi/guardian/" + d.token()); n > 134 {
		t.Errorf("%d letters do not go into two parts", n)
	}
	if !strings.Contains(body, house.Site+"/vi/guardian/"+d.token()) || strings.Contains(body, "Ngân") || strings.Contains(body, sub.Code.String()) {
		t.Errorf("the text is %s", body)
	}
}

func TestWithoutAChannelItIsSaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	d.post.Mail, d.post.SMS = nil, nil
	sub := d.receive(nil)
	d.deliver()
	said := d.Messages(t, sub.Code)
	if m := said[len(said)-1]; m.Kind != civic.MessageGuardian || m.State != civic.MessageNotSent || m.Reason != "no_channel" || d.post.Channels() != "no_channel" {
		t.Errorf("it says %+v", m)
	}
	officer := d.Staff(t, civic.RoleOfficer, house.Education)
	d.fails(d.s.Record(t.Context(), officer, sub.Code, 1, guardians.Signed{Publish: true}), "submission.not_found")
	d.fails(d.s.Record(t.Context(), d.staff, sub.Code, 9, guardians.Signed{Publish: true}), "submission.version_mismatch")
	d.must(d.s.Record(t.Context(), d.staff, sub.Code, 1, guardians.Signed{Publish: true, Name: true}))
	got, g := d.Case(t, sub.Code), d.kept(sub)
	if got.Guardian != civic.GuardianConfirmed || !got.PublishName || g.How != civic.GuardianOnPaper || g.By != d.staff.User || g.Version != "" {
		t.Errorf("recorded %s, %+v", got.Guardian, g.GuardianConsent)
	}
	d.fails(d.s.Record(t.Context(), d.staff, sub.Code, got.Version, guardians.Signed{}), "guardian.decided")
	d.fails(d.s.Answer(t.Context(), casework.GuardianToken(d.Keys, g.Nonce), guardians.Answer{}), "guardian.decided")
	adult := d.Receive(t, nil)
	d.fails(d.s.Record(t.Context(), d.staff, adult.Code, 1, guardians.Signed{}), "guardian.no_child")
}

// TestMailsReadAsTheyShould compares each mail with a file.
func TestMailsReadAsTheyShould(t *testing.T) {
	t.Parallel()
	for _, lang := range civic.Languages {
		d := newDesk(t, house.New(t))
		d.receive(func(r *intake.Request) { r.Language = lang })
		d.deliver()
		d.to("quang.dinh@")[0].Golden(t, "testdata/guardian."+string(lang)+".txt")
		d.Clock.Advance(9 * 24 * time.Hour)
		d.sweep()
		d.to("quang.dinh@")[1].Golden(t, "testdata/guardian_reminder."+string(lang)+".txt")
	}
}
