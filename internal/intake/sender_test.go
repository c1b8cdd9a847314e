package intake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/intake"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// sender is the actor who holds the token of an acknowledgement.
func sender(t *testing.T, s *intake.Service, ack intake.Acknowledgement) civic.Actor {
	t.Helper()
	actor, err := s.Sender(t.Context(), ack.Code, ack.Token)
	if err != nil {
		t.Fatalf("prove to be the sender: %v", err)
	}
	return actor
}

func TestCodeAndSecretOpenAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	ack := submit(t, s, request())
	plain, secret := string(ack.Code), ack.Secret
	tests := []struct{ name, code, secret string }{
		{"as shown", ack.Code.String(), civic.GroupSecret(secret)},
		{"as stored", plain, secret},
		{"in small letters", strings.ToLower(ack.Code.String()), strings.ToLower(secret)},
		{"with spaces", " hk " + plain[:4] + " " + plain[4:8] + " " + plain[8:] + " ", secret[:4] + " " + secret[4:]},
		{"with dots and long dashes", plain[:6] + "." + plain[6:], secret[:2] + "–" + secret[2:]},
	}
	for _, tt := range tests {
		h.Clock.Advance(time.Hour) // tries come back
		code, token, err := s.Open(t.Context(), tt.code, tt.secret)
		if err != nil || code != ack.Code || token != ack.Token {
			t.Errorf("%s: %s %s %v", tt.name, code, token, err)
		}
	}
}

func TestAWrongSecretTellsNoMoreThanAnUnknownCode(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	ack, other := submit(t, s, request()), submit(t, s, request())
	unknown, err := civic.NewCode(h.Random)
	if err != nil {
		t.Fatal(err)
	}
	itsSecret, err := h.Keys.Secret(unknown) // derived, so it matches the code that nobody has
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		code   civic.Code
		secret string
	}{
		{"a wrong secret", ack.Code, "22222222"},
		{"no secret", ack.Code, ""},
		{"the secret of another case", ack.Code, other.Secret},
		{"an unknown code", unknown, "22222222"},
		{"an unknown code with the secret it would have", unknown, itsSecret},
	}
	var first string
	for _, tt := range tests {
		code, token, err := s.Open(t.Context(), string(tt.code), tt.secret)
		if errs.KindOf(err) != errs.NotFound || code != "" || token != "" {
			t.Errorf("%s: %q %q %v", tt.name, code, token, err)
			continue
		}
		if first == "" {
			first = err.Error()
		}
		if err.Error() != first {
			t.Errorf("%s says %q, %s says %q", tests[0].name, first, tt.name, err)
		}
	}
	if _, _, err := s.Open(t.Context(), "HK-2222-2222-2223", ack.Secret); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a slip in the code: %v", err)
	}
}

func TestSecretsCannotBeTriedQuickly(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	ack, other := submit(t, s, request()), submit(t, s, request())
	for i := range 10 {
		if _, _, err := s.Open(t.Context(), string(ack.Code), "22222222"); errs.KindOf(err) != errs.NotFound {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	_, _, err := s.Open(t.Context(), string(ack.Code), ack.Secret)
	if errs.KindOf(err) != errs.RateLimited || errs.CodeOf(err) != "track.too_many_tries" || errs.RetryAfterOf(err) != time.Minute {
		t.Errorf("the eleventh try: %v, again after %s", err, errs.RetryAfterOf(err))
	}
	if _, _, err := s.Open(t.Context(), string(other.Code), other.Secret); err != nil {
		t.Errorf("another case suffers: %v", err)
	}
	if _, err := s.Sender(t.Context(), ack.Code, ack.Token); err != nil {
		t.Errorf("who is inside already suffers: %v", err)
	}
	h.Clock.Advance(time.Minute)
	if _, _, err := s.Open(t.Context(), string(ack.Code), ack.Secret); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestATokenOpensItsOwnSubmissionOnly(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	mine, other := submit(t, s, request()), submit(t, s, request())
	for name, token := range map[string]string{"no token": "", "another's token": other.Token, "the secret": mine.Secret} {
		if _, err := s.Sender(t.Context(), mine.Code, token); errs.KindOf(err) != errs.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	me := sender(t, s, mine)
	for name, err := range map[string]error{
		"see":      func() error { _, err := s.Case(t.Context(), me, other.Code); return err }(),
		"withdraw": s.Withdraw(t.Context(), me, other.Code),
	} {
		if errs.KindOf(err) != errs.NotFound {
			t.Errorf("%s the case of another: %v", name, err)
		}
	}
	for _, actor := range []civic.Actor{civic.Public, civic.System, h.Staff(t, civic.RoleCoordinator, ""), {Kind: civic.ActorStaff, Submission: me.Submission}} {
		if _, err := s.Case(t.Context(), actor, mine.Code); errs.KindOf(err) != errs.NotFound {
			t.Errorf("%s sees the sender's view: %v", actor.Kind, err)
		}
	}
	if sub := h.Case(t, other.Code); sub.State != civic.Received {
		t.Errorf("the other case is %s", sub.State)
	}
}

func TestTheSendersViewShowsStepsAndNoStaff(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	officer := h.Staff(t, civic.RoleOfficer, house.Science)
	ack := submit(t, s, request())
	id := h.Case(t, ack.Code).ID
	h.Do(t, func(tx store.Tx) error {
		for _, of := range []civic.EventType{
			civic.EventMatched, civic.EventRouted, civic.EventAccepted, civic.EventNoted, civic.EventAnswerDrafted, civic.EventSubmitted,
			civic.EventReturned, civic.EventHeld,
		} {
			e := civic.Event{Submission: id, At: h.Clock.Now(), Type: of, Actor: civic.ActorStaff, User: officer.User, Reason: "words of staff: " + string(of)}
			if err := tx.Events().Add(t.Context(), e); err != nil {
				return err
			}
		}
		return nil
	})
	h.Change(t, ack.Code, func(sub *civic.Submission) {
		sub.State, sub.Assignee, sub.Hold, sub.TriageReason = civic.InProgress, officer.User, "hold.rate", "triage.held"
	})
	h.Answer(t, ack.Code, civic.Answer{
		Text: "Bản nháp chưa duyệt.", Outcome: civic.OutcomePartly, Agency: house.Science, DraftedBy: officer.User, DraftedAt: h.Clock.Now(), Remarks: "sửa lại",
	})
	view, err := s.Case(t.Context(), sender(t, s, ack), ack.Code)
	if err != nil {
		t.Fatal(err)
	}
	if view.Answer != nil {
		t.Errorf("a draft is shown: %+v", view.Answer)
	}
	var got []civic.EventType
	for _, e := range view.Timeline {
		got = append(got, e.Type)
		if e.User != 0 || e.UserName != "" {
			t.Errorf("%s names %d %q", e.Type, e.User, e.UserName)
		}
	}
	want := []civic.EventType{civic.EventReceived, civic.EventRouted, civic.EventAccepted, civic.EventSubmitted}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
	if sub := view.Submission; sub.Assignee != 0 || sub.Hold != "" || sub.TriageReason != "" {
		t.Errorf("the view says who handles it or why it was looked at: %+v", sub)
	}
}

// answer approves an answer, past every rule.
func answer(t *testing.T, h *house.House, code civic.Code, text string) {
	t.Helper()
	now := h.Clock.Now()
	h.Answer(t, code, civic.Answer{
		Text: text, Outcome: civic.OutcomeAccepted, Agency: house.Science, DraftedBy: h.Staff(t, civic.RoleOfficer, house.Science).User, DraftedAt: now,
		SubmittedAt: now, ApprovedBy: h.Staff(t, civic.RoleApprover, house.Science).User, ApprovedAt: now, Remarks: "nội bộ",
	})
	h.Change(t, code, func(sub *civic.Submission) {
		sub.State, sub.AnsweredAt, sub.Agency = civic.Answered, now, house.Science
	})
}

func TestTheSenderReadsTheAnswerWithoutNames(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	ack := submit(t, s, request())
	answer(t, h, ack.Code, "Bộ đã công bố số liệu quan trắc theo giờ.")
	view, err := s.Case(t.Context(), sender(t, s, ack), ack.Code)
	if err != nil {
		t.Fatal(err)
	}
	if view.Answer == nil || view.Answer.Text != "Bộ đã công bố số liệu quan trắc theo giờ." {
		t.Fatalf("answer %+v", view.Answer)
	}
	if a := view.Answer; a.DraftedBy != 0 || a.ApprovedBy != 0 || a.Remarks != "" {
		t.Errorf("the answer names staff: %+v", a)
	}
}

func TestWhoFollowsAnotherReadsTheOthersAnswerAndNotItsText(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	r := request()
	r.Title, r.Body = "Bức thư riêng của người trước", "Nội dung riêng của người gửi trước, không ai khác được đọc."
	root, follower := submit(t, s, r), submit(t, s, request())
	h.Follow(t, follower.Code, root.Code)
	me := sender(t, s, follower)
	view, err := s.Case(t.Context(), me, follower.Code)
	if err != nil {
		t.Fatal(err)
	}
	if view.Root == nil || view.Root.State != civic.Received || view.Answer != nil {
		t.Fatalf("before the answer: root %+v, answer %+v", view.Root, view.Answer)
	}
	answer(t, h, root.Code, "Một câu trả lời chung cho cả hai.")
	if view, err = s.Case(t.Context(), me, follower.Code); err != nil {
		t.Fatal(err)
	}
	if view.Answer == nil || view.Answer.Text != "Một câu trả lời chung cho cả hai." || view.Root.State != civic.Answered || view.Root.Agency != house.Science {
		t.Errorf("after the answer: root %+v, answer %+v", view.Root, view.Answer)
	}
	if view.Root.Title != "" || view.Root.Body != "" || view.Root.Code != "" {
		t.Errorf("the follower sees the other's text: %+v", view.Root)
	}
	if _, err := s.Case(t.Context(), me, root.Code); errs.KindOf(err) != errs.NotFound {
		t.Errorf("the follower opens the other's case: %v", err)
	}
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s, _ := service(h)
		for _, state := range civic.States {
			ack := submit(t, s, request())
			h.Change(t, ack.Code, func(sub *civic.Submission) { sub.State = state })
			err := s.Withdraw(t.Context(), sender(t, s, ack), ack.Code)
			got := h.Case(t, ack.Code)
			if state.CanBecome(civic.Withdrawn) {
				if err != nil || got.State != civic.Withdrawn || got.Version != 2 || h.CountEvents(t, ack.Code, civic.EventWithdrawn) != 1 {
					t.Errorf("from %s: %v, now %s version %d", state, err, got.State, got.Version)
				}
				continue
			}
			if errs.KindOf(err) != errs.Conflict || got.State != state || got.Version != 1 || h.CountEvents(t, ack.Code, civic.EventWithdrawn) != 0 {
				t.Errorf("from %s: %v, now %s version %d", state, err, got.State, got.Version)
			}
		}
	})
}

func TestWithdrawingTwiceIsOneWithdrawal(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	ack := submit(t, s, request())
	me := sender(t, s, ack)
	if err := s.Withdraw(t.Context(), me, ack.Code); err != nil {
		t.Fatal(err)
	}
	if err := s.Withdraw(t.Context(), me, ack.Code); errs.KindOf(err) != errs.Conflict {
		t.Errorf("again: %v", err)
	}
	if view, err := s.Case(t.Context(), me, ack.Code); err != nil || view.Submission.State != civic.Withdrawn {
		t.Errorf("the sender sees %s, %v", view.Submission.State, err)
	}
}

// TestWithdrawingTakesItOutOfThePublicsSight: what its sender takes
// back is not shown any longer, and says that it was there.
func TestWithdrawingTakesItOutOfThePublicsSight(t *testing.T) {
	t.Parallel()
	for before, after := range map[civic.Visibility]civic.Visibility{
		civic.PublicOpen: civic.TakenDown, civic.Private: civic.Private,
	} {
		h := house.New(t)
		s, _ := service(h)
		ack := submit(t, s, request())
		h.Change(t, ack.Code, func(sub *civic.Submission) { sub.Visibility = before })
		if err := s.Withdraw(t.Context(), sender(t, s, ack), ack.Code); err != nil {
			t.Fatal(err)
		}
		if got := h.Case(t, ack.Code).Visibility; got != after {
			t.Errorf("%s became %s, want %s", before, got, after)
		}
	}
}
