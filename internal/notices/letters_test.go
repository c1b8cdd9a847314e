package notices_test

import (
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/notices"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// onPaper receives an answered case of somebody with a postal address alone, and
// lays the answer on the list.
func (p *post) onPaper(t *testing.T, edit func(*civic.Submission)) (civic.Submission, civic.Message) {
	t.Helper()
	sub := p.ReceiveFrom(t, civic.Contact{Name: "Lò Văn Mẫu", Address: "Bản Mẫu,\nxã Mẫu"}, func(sub *civic.Submission) { sub.Channel = civic.ChannelLetter })
	p.answered(t, sub, civic.Private)
	if edit != nil {
		p.Change(t, sub.Code, edit)
	}
	m := p.send(t, sub, civic.MessageAnswer)
	if m.State != civic.MessageQueued || m.Way != civic.ByPost {
		t.Fatalf("kept as %+v", m)
	}
	return sub, m
}

func (p *post) looks(t *testing.T) (n int) {
	t.Helper()
	p.View(t, func(tx store.Tx) error {
		page, err := tx.Looks().List(t.Context(), store.LooksQuery{Page: 1, PerPage: 1})
		n = page.Total
		return err
	})
	return n
}

func TestALetterIsListedPrintedAndPosted(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub, m := p.onPaper(t, nil)
	clerk := p.Staff(t, civic.RoleOfficer, house.Science)
	ctx := t.Context()
	list, err := p.s.ListToPost(ctx, clerk)
	if err != nil || list.Total != 1 || list.Waiting[0].Code != sub.Code || p.looks(t) != 0 {
		t.Fatalf("the list is %+v, %v", list, err)
	}
	letters, err := p.s.Print(ctx, clerk, []int64{m.ID})
	if err != nil || len(letters) != 1 || p.looks(t) != 1 {
		t.Fatalf("printed %+v, %v, %d looks", letters, err, p.looks(t))
	}
	l := letters[0]
	said := ""
	for _, part := range l.Parts {
		for _, lines := range part.Paragraphs {
			said += strings.Join(lines, "\n") + "\n"
		}
	}
	if l.Name != "Lò Văn Mẫu" || l.Address != "Bản Mẫu,\nxã Mẫu" || !strings.Contains(said, "tiếp thu đề nghị") || strings.Contains(said, "xin không trả lời thư") || strings.Contains(said, "/stop/") {
		t.Errorf("the letter is %+v", l)
	}
	for i, want := range []int{1, 0} { // the second click is harmless
		if n, err := p.s.Post(ctx, clerk, []notices.Mark{l.Mark}); err != nil || n != want {
			t.Errorf("posting, time %d: %d, %v", i+1, n, err)
		}
	}
	if n, err := p.s.CountToPost(ctx, clerk); err != nil || n != 0 {
		t.Errorf("%d wait, %v", n, err)
	}
	list, err = p.s.ListToPost(ctx, clerk)
	if err != nil || len(list.Posted) != 1 || list.Posted[0].PostedByName == "" || list.Posted[0].SentAt != p.Clock.Now() {
		t.Fatalf("posted: %+v, %v", list.Posted, err)
	}
	posted := notices.Mark{Message: m.ID, Version: list.Posted[0].Version}
	for range 2 {
		if err := p.s.Unpost(ctx, clerk, posted); err != nil {
			t.Errorf("undo: %v", err)
		}
	}
	if _, err := p.s.Post(ctx, clerk, []notices.Mark{l.Mark}); errs.CodeOf(err) != "message.moved_on" {
		t.Errorf("an old page after the undoing: %v", err)
	}
	if got := p.message(t, m.ID); got.State != civic.MessageQueued || !got.SentAt.IsZero() {
		t.Errorf("after the undoing it is %+v", got)
	}
	if n := len(p.server.Messages()); n != 0 {
		t.Errorf("%d mails went out", n)
	}
}

func TestWhoSeesWhichLetters(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	_, open := p.onPaper(t, nil)
	_, protected := p.onPaper(t, func(sub *civic.Submission) { sub.Restricted = true })
	root := p.ReceiveFrom(t, civic.Contact{}, nil)
	p.answered(t, root, civic.Private)
	follower := p.ReceiveFrom(t, civic.Contact{Address: "Bản Khác"}, func(sub *civic.Submission) { sub.Channel = civic.ChannelVisit })
	p.Follow(t, follower.Code, root.Code)
	followed := p.send(t, follower, civic.MessageAnswer)
	all := []int64{open.ID, protected.ID, followed.ID}
	for _, tt := range []struct {
		who             civic.Actor
		sees, protected int
		prints          []errs.Kind // of each letter; zero: it may
	}{
		{p.Staff(t, civic.RoleOfficer, house.Science), 2, 1, []errs.Kind{0, errs.Forbidden, 0}},
		{p.Staff(t, civic.RoleOfficer, house.Education), 0, 0, []errs.Kind{errs.NotFound, errs.NotFound, errs.NotFound}},
		{p.Staff(t, civic.RoleCoordinator, ""), 2, 1, []errs.Kind{0, errs.Forbidden, 0}},
		{p.Staff(t, civic.RoleDataProtection, ""), 3, 0, []errs.Kind{0, 0, 0}},
	} {
		list, err := p.s.ListToPost(t.Context(), tt.who)
		if err != nil || list.Total != tt.sees || len(list.Waiting) != tt.sees || list.Protected != tt.protected {
			t.Errorf("%s of %q sees %+v, %v", tt.who.Role, tt.who.Agency, list, err)
		}
		for i, id := range all {
			_, err := p.s.Print(t.Context(), tt.who, []int64{id})
			if (err != nil) != (tt.prints[i] != 0) || (err != nil && errs.KindOf(err) != tt.prints[i]) {
				t.Errorf("%s of %q prints letter %d: %v", tt.who.Role, tt.who.Agency, i, err)
			}
		}
	}
	auditor := p.Staff(t, civic.RoleAuditor, "")
	if _, err := p.s.ListToPost(t.Context(), auditor); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an auditor: %v", err)
	}
	mailed := p.send(t, p.Receive(t, nil), civic.MessageReceipt)
	if _, err := p.s.Print(t.Context(), p.Staff(t, civic.RoleCoordinator, ""), []int64{mailed.ID}); errs.KindOf(err) != errs.NotFound {
		t.Errorf("a mail is printed: %v", err)
	}
}

func TestALetterThatNeedNotBeSentLeavesTheList(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	clerk := p.Staff(t, civic.RoleCoordinator, "")
	reopened, first := p.onPaper(t, nil)
	p.Change(t, reopened.Code, func(sub *civic.Submission) { sub.State = civic.Triage })
	erased, second := p.onPaper(t, nil)
	p.Do(t, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), erased.ID, p.Clock.Now()) })
	letters, err := p.s.Print(t.Context(), clerk, []int64{first.ID, second.ID})
	if err != nil || len(letters) != 0 || p.looks(t) != 0 {
		t.Fatalf("printed %+v, %v", letters, err)
	}
	for id, want := range map[int64]string{first.ID: notices.ReasonOutdated, second.ID: notices.ReasonNoAddress} {
		if m := p.message(t, id); m.State != civic.MessageNotSent || m.Reason != want {
			t.Errorf("kept as %+v, want %s", m, want)
		}
	}
}

func TestWhenALetterGoesByPost(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	both := civic.Contact{Name: "Ánh", Email: "anh@example.vn", Address: "Bản Mẫu"}
	for _, tt := range []struct {
		name   string
		via    civic.Channel
		reach  civic.Reach
		way    civic.Way
		reason string
	}{
		{"an online sender has to confirm", civic.ChannelWeb, civic.Reach{Wants: civic.WantsAll}, "", notices.ReasonNotConfirmed},
		{"a mailbox that staff wrote down is not waited for", civic.ChannelLetter, civic.Reach{Wants: civic.WantsAll}, civic.ByPost, ""},
		{"unless it was confirmed", civic.ChannelLetter, civic.Reach{Wants: civic.WantsAll, ConfirmedAt: p.Clock.Now()}, civic.ByMail, ""},
		{"a dead mailbox", civic.ChannelWeb, civic.Reach{Wants: civic.WantsAll, ConfirmedAt: p.Clock.Now(), FailingAt: p.Clock.Now()}, civic.ByPost, ""},
		{"who chose it", civic.ChannelWeb, civic.Reach{Wants: civic.WantsAll, Way: civic.ByPost, ConfirmedAt: p.Clock.Now()}, civic.ByPost, ""},
	} {
		sub := p.ReceiveFrom(t, both, func(sub *civic.Submission) { sub.Channel = tt.via })
		p.answered(t, sub, civic.Private)
		tt.reach.Submission = sub.ID
		p.Do(t, func(tx store.Tx) error { return tx.Reaches().Put(t.Context(), tt.reach) })
		if m := p.send(t, sub, civic.MessageAnswer); m.Way != tt.way || m.Reason != tt.reason {
			t.Errorf("%s: kept as %+v", tt.name, m)
		}
	}
	// The confirmation gate holds for what staff keyed in: the receipt and its link, and nothing else.
	keyed := p.ReceiveFrom(t, civic.Contact{Name: "Ánh", Email: "ghi.sai@example.vn"}, func(sub *civic.Submission) { sub.Channel = civic.ChannelPhone })
	p.answered(t, keyed, civic.Private)
	before := len(p.server.Messages())
	p.send(t, keyed, civic.MessageReceipt)
	if m := p.send(t, keyed, civic.MessageAnswer); m.Reason != notices.ReasonNotConfirmed {
		t.Errorf("a keyed mailbox: kept as %+v", m)
	}
	if n := len(p.server.Messages()) - before; n != 1 {
		t.Errorf("it was sent %d mails", n)
	}
}
