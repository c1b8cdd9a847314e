package intake_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/intake"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// service is intake in a house; committed counts how often it rang.
func service(h *house.House) (s *intake.Service, committed *int) {
	committed = new(int)
	var mu sync.Mutex
	return &intake.Service{
		Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now, Random: h.Random,
		Committed: func() { mu.Lock(); defer mu.Unlock(); *committed++ },
	}, committed
}

// request is a submission that keeps every rule.
func request() intake.Request {
	return intake.Request{Draft: civic.Draft{
		Kind: civic.Initiative, Title: "Trạm quan trắc nước mở dữ liệu",
		Body:  "Đề nghị công bố số đo của các trạm quan trắc nước mặt theo giờ, ở dạng máy đọc được.",
		Topic: "du-lieu", Area: "01", Language: civic.Vietnamese, Channel: civic.ChannelWeb, Submitter: civic.Person,
		Contact: house.Sender, AcceptTerms: true,
	}}
}

// submit sends a request as the public does.
func submit(t *testing.T, s *intake.Service, r intake.Request) intake.Acknowledgement {
	t.Helper()
	ack, err := s.Submit(t.Context(), civic.Public, r)
	if err != nil {
		t.Fatalf("submit: %v", err)
	}
	return ack
}

func TestSubmitStoresEverythingInOneCommit(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s, committed := service(h)
		ack := submit(t, s, request())
		if *committed != 1 {
			t.Errorf("the outbox was announced %d times", *committed)
		}
		if ack.Status != civic.Received || ack.Replayed || !ack.ReceivedAt.Equal(house.Morning) || len(ack.Token) != 43 || len(ack.Secret) != 8 {
			t.Errorf("acknowledged %+v", ack)
		}
		got := h.Case(t, ack.Code)
		want := civic.Submission{
			ID: got.ID, Code: ack.Code, Kind: civic.Initiative, Title: "Trạm quan trắc nước mở dữ liệu",
			Body:  "Đề nghị công bố số đo của các trạm quan trắc nước mặt theo giờ, ở dạng máy đọc được.",
			Topic: "du-lieu", Area: "01", Language: civic.Vietnamese, Channel: civic.ChannelWeb, Submitter: civic.Person,
			TermsVersion: civic.TermsVersion, State: civic.Received, Version: 1, ReceivedAt: house.Morning, UpdatedAt: house.Morning, Visibility: civic.Private,
			// Received on a Monday: 15 and 5 working days later, to the last second in Hanoi.
			DueAt:        time.Date(2026, 3, 23, 23, 59, 59, 0, civic.Zone).UTC(),
			ForwardDueAt: time.Date(2026, 3, 9, 23, 59, 59, 0, civic.Zone).UTC(),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
		if jobs := h.Jobs(t, store.JobMatch); len(jobs) != 1 || jobs[0].Subject != int64(got.ID) {
			t.Errorf("jobs to match: %+v", jobs)
		}
		messages := h.Messages(t, ack.Code)
		if len(messages) != 1 || messages[0].Kind != civic.MessageReceipt || messages[0].Language != civic.Vietnamese || messages[0].State != civic.MessageQueued {
			t.Errorf("messages: %+v", messages)
		}
		if jobs := h.Jobs(t, store.JobSend); len(jobs) != 1 || jobs[0].Subject != messages[0].ID {
			t.Errorf("jobs to send: %+v", jobs)
		}
		events := h.Events(t, ack.Code)
		if len(events) != 1 || events[0].Type != civic.EventReceived || events[0].Actor != civic.ActorSender || !events[0].At.Equal(house.Morning) {
			t.Errorf("events: %+v", events)
		}
	})
}

func TestTheContactIsReadableOnlyWithTheKey(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	ack := submit(t, s, request())
	var sealed store.SealedContact
	id := h.Case(t, ack.Code).ID
	h.View(t, func(tx store.Tx) (err error) {
		sealed, err = tx.Contacts().Get(t.Context(), id)
		return err
	})
	contact, err := h.Keys.OpenContact(ack.Code, sealed.WrappedKey, sealed.Sealed)
	if err != nil || contact != house.Sender {
		t.Errorf("opened %+v, %v", contact, err)
	}
	if _, err := house.Keys(t, 2).OpenContact(ack.Code, sealed.WrappedKey, sealed.Sealed); err == nil {
		t.Error("another installation's key opens the contact")
	}
	if _, err := h.Keys.OpenContact("222222222222", sealed.WrappedKey, sealed.Sealed); err == nil {
		t.Error("the contact opens under another code")
	}
}

func TestTheContactLiesNowhereInTheDatabaseFiles(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	r := request()
	r.IdempotencyKey, r.BodyHash = "form-81", sha256.Sum256([]byte("whole form"))
	ack := submit(t, s, r)
	if _, err := s.Submit(t.Context(), civic.Public, r); err != nil { // the replay's path, too
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(h.File + suffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{
			house.Sender.Name, house.Sender.Email, house.Sender.Phone, house.Sender.Address, "khue.trinh", ack.Secret, ack.Token, r.IdempotencyKey,
		} {
			if bytes.Contains(raw, []byte(secret)) {
				t.Errorf("%q can be read in hienke.db%s", secret, suffix)
			}
		}
		if bytes.Contains(raw, []byte(ack.Code)) {
			found["code"] = true
		}
	}
	if !found["code"] {
		t.Error("not even the code is in the files: nothing was looked at")
	}
}

func TestSubmitNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, committed := service(h)
	r := intake.Request{Draft: civic.Draft{
		Kind: "wish", Title: " a ", Topic: "magic", Channel: civic.ChannelAPI, Submitter: civic.Organisation,
		Contact: civic.Contact{Name: "Ánh", Email: "no address", Phone: "call me"},
	}}
	_, err := s.Submit(t.Context(), civic.Public, r)
	got := map[string]string{}
	for _, f := range errs.FieldsOf(err) {
		got[f.Name] = f.Code
	}
	want := map[string]string{
		"kind": "field.unknown_value", "title": "field.too_short", "body": "field.required", "topic": "field.unknown_value",
		"submitter.organisation": "field.required", "submitter.email": "field.not_an_email", "submitter.phone": "field.not_a_phone",
		"consent.terms": "field.consent_required",
	}
	if diff := cmp.Diff(want, got); diff != "" || errs.KindOf(err) != errs.Invalid {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if h.Total(t) != 0 || *committed != 0 {
		t.Error("something was stored or announced")
	}
}

func TestSubmitBringsTextIntoOneForm(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s, _ := service(h)
		r := request()
		r.Title = "  Hoa\u0300 ma\u0323ng\x00 l\u200bưới\r\nđiện\u202e   thông minh "
		r.Body = "\r\nDòng một hoà bình\x00.\r\n\r\n\r\nDòng hai đe\u0302\u0309 đọc hơn.\n\n"
		r.Contact.Name = "Trịnh\x00 Thị\nMai  Khuê"
		sub := h.Case(t, submit(t, s, r).Code)
		if want := "Hòa mạng lưới điện thông minh"; sub.Title != want {
			t.Errorf("title %q, want %q", sub.Title, want)
		}
		if strings.ContainsAny(sub.Body, "\x00\r\u0302\u0300") || !strings.HasPrefix(sub.Body, "Dòng một hòa bình.\n") || !strings.HasSuffix(sub.Body, "để đọc hơn.") {
			t.Errorf("body %q", sub.Body)
		}
		h.View(t, func(tx store.Tx) error {
			sealed, err := tx.Contacts().Get(t.Context(), sub.ID)
			if err != nil {
				return err
			}
			contact, err := h.Keys.OpenContact(sub.Code, sealed.WrappedKey, sealed.Sealed)
			if want := "Trịnh Thị Mai Khuê"; contact.Name != want {
				t.Errorf("name %q, want %q", contact.Name, want)
			}
			return err
		})
	})
}

func TestARepeatedRequestGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s, _ := service(h)
		r := request()
		r.IdempotencyKey, r.BodyHash = "form-81", sha256.Sum256([]byte("one body"))
		first := submit(t, s, r)
		h.Clock.Advance(time.Hour)
		second := submit(t, s, r)
		want := first
		want.Replayed = true
		if diff := cmp.Diff(want, second); diff != "" {
			t.Errorf("the second answer differs (-first +second):\n%s", diff)
		}
		if h.Total(t) != 1 || len(h.Jobs(t, store.JobMatch)) != 1 || len(h.Messages(t, first.Code)) != 1 {
			t.Error("the repeat left a trace")
		}
		r.BodyHash = sha256.Sum256([]byte("another body"))
		if _, err := s.Submit(t.Context(), civic.Public, r); errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "idempotency.other_body" {
			t.Errorf("the key with another body: %v", err)
		}
		if h.Total(t) != 1 {
			t.Error("the key with another body was stored")
		}
	})
}

func TestWithoutAKeyNothingIsReplayed(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	first, second := submit(t, s, request()), submit(t, s, request())
	if first.Code == second.Code || first.Token == second.Token || first.Secret == second.Secret || second.Replayed || h.Total(t) != 2 {
		t.Errorf("two posts without a key: %+v and %+v", first, second)
	}
}

func TestConcurrentRepeatsStoreOnce(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s, _ := service(h)
		const repeats = 24
		r := request()
		r.IdempotencyKey, r.BodyHash = "impatient", sha256.Sum256([]byte("one body"))
		acks, failures := make([]intake.Acknowledgement, repeats), make([]error, repeats)
		var all sync.WaitGroup
		for i := range repeats {
			all.Go(func() { acks[i], failures[i] = s.Submit(t.Context(), civic.Public, r) })
		}
		all.Wait()
		fresh := 0
		for i, ack := range acks {
			if failures[i] != nil || ack.Code != acks[0].Code || ack.Token != acks[0].Token || ack.Secret != acks[0].Secret {
				t.Errorf("repeat %d: %+v, %v", i, ack, failures[i])
			}
			if !ack.Replayed {
				fresh++
			}
		}
		if fresh != 1 || h.Total(t) != 1 {
			t.Errorf("%d of the repeats were first, %d submissions are stored", fresh, h.Total(t))
		}
	})
}

// repeating gives the bytes of one code several times before it goes on.
type repeating struct {
	block []byte
	times int
	reads int
	next  *bytes.Reader
}

func (r *repeating) Read(p []byte) (int, error) {
	r.reads++
	if r.reads <= r.times {
		return copy(p, r.block[:len(p)]), nil
	}
	return r.next.Read(p)
}

// A code takes 22 bytes of randomness when none of them is thrown away.
func TestATakenCodeIsDrawnAnew(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s, _ := service(h)
		source := &repeating{block: bytes.Repeat([]byte{7}, 64), times: 3, next: bytes.NewReader(bytes.Repeat([]byte{9}, 64))}
		s.Random = source
		first, second := submit(t, s, request()), submit(t, s, request())
		if first.Code == second.Code || h.Total(t) != 2 || source.reads != 4 {
			t.Errorf("%s and %s after %d draws", first.Code, second.Code, source.reads)
		}
	})
}

func TestCodesThatNeverEndUpFreeAreUnavailable(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	s.Random = &repeating{block: bytes.Repeat([]byte{7}, 64), times: 1_000}
	submit(t, s, request())
	if _, err := s.Submit(t.Context(), civic.Public, request()); errs.KindOf(err) != errs.Unavailable || errs.CodeOf(err) != "submission.no_free_code" {
		t.Errorf("error %v", err)
	}
	if h.Total(t) != 1 {
		t.Errorf("%d submissions", h.Total(t))
	}
}

// dry is a source of randomness that has failed.
type dry struct{}

func (dry) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func TestWithoutRandomnessNothingIsStored(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, committed := service(h)
	s.Random = dry{}
	ack, err := s.Submit(t.Context(), civic.Public, request())
	if err == nil || errs.KindOf(err) != errs.Internal || ack != (intake.Acknowledgement{}) {
		t.Errorf("acknowledged %+v, %v", ack, err)
	}
	if h.Total(t) != 0 || *committed != 0 || len(h.Jobs(t, store.JobMatch)) != 0 {
		t.Error("something was stored")
	}
}

func TestWhatIsHeldIsReceivedAllTheSame(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	r := request()
	r.Signs = []string{intake.HoldHoneypot, intake.HoldRate}
	ack := submit(t, s, r)
	if ack.Status != civic.Received || ack.Secret == "" {
		t.Errorf("the sender can tell: %+v", ack)
	}
	if sub := h.Case(t, ack.Code); sub.Hold != "hold.honeypot" || sub.State != civic.Received {
		t.Errorf("stored with hold %q in %s", sub.Hold, sub.State)
	}
	if len(h.Jobs(t, store.JobMatch)) != 1 {
		t.Error("it will never reach a coordinator")
	}
}

func TestWhoGetsAReceipt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*intake.Request)
		actor  civic.Actor
		want   []civic.Language
	}{
		{"who left an address", func(*intake.Request) {}, civic.Public, []civic.Language{civic.Vietnamese}},
		{"in English who wrote another language", func(r *intake.Request) { r.Language = "ja" }, civic.Public, []civic.Language{civic.English}},
		{"in Vietnamese who named no language", func(r *intake.Request) { r.Language = "" }, civic.Public, []civic.Language{civic.Vietnamese}},
		{"nobody without an address", func(r *intake.Request) { r.Contact.Email = "" }, civic.Public, nil},
		{"nobody whose text must be checked first", func(r *intake.Request) { r.Signs = []string{intake.HoldRate} }, civic.Public, nil},
		{"nobody whose text was imported", func(r *intake.Request) { r.Channel = civic.ChannelImport }, civic.System, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := house.New(t)
			s, _ := service(h)
			r := request()
			tt.change(&r)
			ack, err := s.Submit(t.Context(), tt.actor, r)
			if err != nil {
				t.Fatal(err)
			}
			var got []civic.Language
			for _, m := range h.Messages(t, ack.Code) {
				got = append(got, m.Language)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("receipts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnlyTheSystemImports(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	r := request()
	r.Channel = civic.ChannelImport
	for _, actor := range []civic.Actor{civic.Public, civic.SenderOf(1), h.Staff(t, civic.RoleCoordinator, "")} {
		if _, err := s.Submit(t.Context(), actor, r); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("%s imports: %v", actor.Kind, err)
		}
	}
	r.Draft = civic.Draft{Kind: civic.Feedback, Title: r.Title, Body: r.Body, Channel: civic.ChannelImport} // no sender, no consent
	ack, err := s.Submit(t.Context(), civic.System, r)
	if err != nil {
		t.Fatal(err)
	}
	h.View(t, func(tx store.Tx) error {
		if _, err := tx.Contacts().Get(t.Context(), h.Case(t, ack.Code).ID); errs.KindOf(err) != errs.NotFound {
			t.Errorf("an import without a sender has a contact: %v", err)
		}
		return nil
	})
	if e := h.Events(t, ack.Code); len(e) != 1 || e[0].Actor != civic.ActorSystem {
		t.Errorf("events %+v", e)
	}
}

func TestCheckDraftTellsWhatSubmitWouldRefuse(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	d := request().Draft
	if err := s.CheckDraft(d); err != nil {
		t.Errorf("a good draft: %v", err)
	}
	d.Title = "\u200b\u200b\u200b\u200b\u200b\x00"
	if err := s.CheckDraft(d); errs.KindOf(err) != errs.Invalid || len(errs.FieldsOf(err)) != 1 || errs.FieldsOf(err)[0].Code != "field.required" {
		t.Errorf("a title of nothing visible: %v", err)
	}
	if h.Total(t) != 0 {
		t.Error("checking stored something")
	}
}

// TestOneMailboxIsNotFilledByStrangers: whoever types an address need not own
// it. The submissions are received and handled like any other.
func TestOneMailboxIsNotFilledByStrangers(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	states := map[civic.MessageState]int{}
	for range 15 {
		ack := submit(t, s, request())
		messages := h.Messages(t, ack.Code)
		if len(messages) != 1 {
			t.Fatalf("got %d messages, want the one receipt", len(messages))
		}
		states[messages[0].State]++
		if m := messages[0]; m.State == civic.MessageNotSent && m.Reason != intake.ReasonManyReceipts {
			t.Errorf("kept because of %q", m.Reason)
		}
		if sub := h.Case(t, ack.Code); sub.Hold != "" {
			t.Errorf("held because of %q", sub.Hold)
		}
	}
	if states[civic.MessageQueued] != 10 || states[civic.MessageNotSent] != 5 {
		t.Errorf("of 15 receipts: %v, want 10 queued and 5 kept", states)
	}
}
