// Package intake receives submissions and shows senders their own. It is the
// promise of the house: what was acknowledged is never lost.
package intake

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/seal"
	"hienke/internal/store"
	"hienke/internal/timetable"
	"hienke/internal/vitext"
)

// Service receives submissions. All fields but Committed, LeastTime and
// SharedNetworks are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Times    *timetable.Times
	Keys     *seal.Keys
	Limits   limit.Limiter
	Now      func() time.Time
	Random   io.Reader // uniform bytes, crypto/rand outside of tests
	// Committed is told that the outbox has something new.
	Committed func()
	// LeastTime is how long a person needs at least from the first page of the
	// form to its last; what is faster waits for a check. Zero: no matter.
	LeastTime time.Duration
	// SharedNetworks are networks whose addresses stand for many people each.
	SharedNetworks []netip.Prefix
}

// Request is one submission as a face hands it over.
type Request struct {
	civic.Draft
	// IdempotencyKey is empty when the sender gave none; BodyHash is SHA-256
	// of everything the sender sent.
	IdempotencyKey string
	BodyHash       [sha256.Size]byte
	// FilesOf is the hash of the token of the draft whose files belong to the
	// submission, zero where there was none.
	FilesOf [sha256.Size]byte
	// Signs are why the submission must be checked by a person first, as Signs
	// found them; none otherwise. It is received all the same.
	Signs []string

	keyed *keyedBy // nil: the sender sent it
}

// Acknowledgement is what the sender gets: proof of receipt and the two keys
// to the sender's view. A repeated request gets the same one.
type Acknowledgement struct {
	Code       civic.Code
	Status     civic.State
	Token      string // for programs, 43 characters
	Secret     string // for people, 8 characters; see civic.GroupSecret
	ReceivedAt time.Time
	Replayed   bool
}

// maxCodeDraws bounds the redraws of a taken code. With 1.2e14 codes a second
// draw is already rare.
const maxCodeDraws = 5

// Submit stores a submission durably and then acknowledges it. It fails with
// Invalid and names every wrong field.
func (s *Service) Submit(ctx context.Context, actor civic.Actor, r Request) (Acknowledgement, error) {
	if (r.Channel == civic.ChannelImport || r.Channel.Keyed()) && actor.Kind != civic.ActorSystem {
		return Acknowledgement{}, errs.New(errs.Forbidden, "actor.not_allowed")
	}
	now := s.Now()
	normalise(&r.Draft)
	if err := r.Check(s.Registry, now); err != nil {
		return Acknowledgement{}, err
	}
	return s.store(ctx, r, now)
}

// store commits a submission that was checked, and then acknowledges it.
func (s *Service) store(ctx context.Context, r Request, now time.Time) (Acknowledgement, error) {
	mails := s.mails(ctx, r)
	for range maxCodeDraws {
		receipt, err := s.receipt(r, now, mails)
		if err != nil {
			return Acknowledgement{}, fmt.Errorf("prepare the receipt: %w", err)
		}
		received, err := s.Store.Receive(ctx, receipt)
		if errs.CodeOf(err) == "submission.code_taken" {
			continue
		}
		if err != nil {
			return Acknowledgement{}, otherBody(err)
		}
		s.committed()
		return s.acknowledge(received)
	}
	return Acknowledgement{}, errs.New(errs.Unavailable, "submission.no_free_code")
}

// otherBody makes the one conflict that is the sender's mistake an Invalid
// one: a key that was used for something else.
func otherBody(err error) error {
	if errs.CodeOf(err) == "idempotency.other_body" {
		return errs.Wrap(errs.Invalid, "idempotency.other_body", err)
	}
	return fmt.Errorf("receive: %w", err)
}

func (s *Service) acknowledge(r store.Received) (Acknowledgement, error) {
	secret, err := s.Keys.Secret(r.Code)
	if err != nil {
		return Acknowledgement{}, fmt.Errorf("derive the secret: %w", err)
	}
	return Acknowledgement{
		Code: r.Code, Status: civic.Received, Token: s.Keys.Token(r.Code), Secret: secret,
		ReceivedAt: r.ReceivedAt, Replayed: r.Replayed,
	}, nil
}

// receipt builds everything that the one commit writes.
func (s *Service) receipt(r Request, now time.Time, mails []civic.Message) (store.Receipt, error) {
	code, err := civic.NewCode(s.Random)
	if err != nil {
		return store.Receipt{}, err
	}
	contact, err := casework.Seal(s.Keys, code, r.Contact)
	if err != nil {
		return store.Receipt{}, err
	}
	from := now
	if r.keyed != nil {
		from = r.keyed.at
	}
	hold := ""
	if len(r.Signs) > 0 {
		hold = r.Signs[0]
	}
	out := store.Receipt{
		Submission: civic.Submission{
			Code: code, Kind: r.Kind, Title: r.Title, Body: r.Body, Topic: r.Topic, Area: r.Area,
			Language: r.Language, Channel: r.Channel, Submitter: r.Submitter, PublishName: r.PublishName,
			Confidential: r.Confidential, KindOpen: r.KindOpen,
			State: civic.Received, Version: 1, ReceivedAt: now, UpdatedAt: now, Hold: hold,
			Visibility: civic.Private,
		},
		Contact: contact, Draft: r.FilesOf,
		Events: []civic.Event{{
			At: now, Type: civic.EventReceived, Actor: senderKind(r.Channel), From: civic.Received, To: civic.Received,
		}},
		Jobs: []store.Job{{Kind: store.JobMatch, CreatedAt: now}},
	}
	due := s.Times.Now().Deadlines(civic.Clock{Kind: r.Kind, ReceivedAt: from})
	out.Submission.DueAt, out.Submission.ForwardDueAt = due.Due, due.ForwardDue
	if r.Channel == civic.ChannelWeb || r.Channel == civic.ChannelAPI {
		out.Submission.TermsVersion = civic.TermsVersion
		if r.Child {
			out.Submission.TermsVersion = civic.ChildTermsVersion
		}
	}
	if r.keyed != nil {
		r.keyed.into(&out, now)
	}
	if r.Child {
		if err := s.addGuardian(&out, r, now); err != nil {
			return store.Receipt{}, err
		}
	}
	if hold != "" {
		out.Events = append(out.Events, civic.Event{
			At: now, Type: civic.EventHeld, Actor: civic.ActorSystem, From: civic.Received, To: civic.Received, Reason: strings.Join(r.Signs, " "),
		})
	}
	for _, m := range mails {
		m.Language, m.CreatedAt = r.Language.Page(), now
		out.Messages = append(out.Messages, m)
		if m.Kind == civic.MessageGuardian && m.State == civic.MessageQueued {
			out.Events = append(out.Events, civic.Event{
				At: now, Type: civic.EventGuardianAsked, Actor: civic.ActorSystem, From: civic.Received, To: civic.Received,
			})
		}
	}
	if r.FilesOf != ([sha256.Size]byte{}) {
		for i := range out.Jobs { // the store lets what waits for no file go at once
			out.Jobs[i].NextAt = now.Add(casework.MatchAfter)
		}
	}
	if r.IdempotencyKey != "" {
		out.Idempotency = &store.Idempotency{Key: sha256.Sum256([]byte(r.IdempotencyKey)), Body: r.BodyHash}
	}
	return out, nil
}

func senderKind(c civic.Channel) civic.ActorKind {
	if c == civic.ChannelImport {
		return civic.ActorSystem
	}
	return civic.ActorSender
}

// normalise brings what people type into one form before any rule looks at it.
func normalise(d *civic.Draft) {
	d.Title = vitext.Line(d.Title)
	d.Body = strings.TrimSpace(vitext.Normalize(d.Body))
	d.Contact = civic.Contact{
		Name: vitext.Line(d.Contact.Name), Email: strings.TrimSpace(d.Contact.Email), Phone: vitext.Line(d.Contact.Phone),
		Address: vitext.Line(d.Contact.Address), Organisation: vitext.Line(d.Contact.Organisation), Authors: vitext.Line(d.Contact.Authors),
	}
	d.Guardian = civic.Guardian{Name: vitext.Line(d.Guardian.Name), Email: strings.TrimSpace(d.Guardian.Email), Phone: vitext.Line(d.Guardian.Phone)}
	if d.Language == "" {
		d.Language = civic.Vietnamese
	}
	if d.Submitter == "" && d.Channel == civic.ChannelImport {
		d.Submitter = civic.Person
	}
}

func (s *Service) committed() {
	if s.Committed != nil {
		s.Committed()
	}
}

// errNotFound hides whether a code exists from whoever has no key to it.
var errNotFound = errs.New(errs.NotFound, "submission.not_found")

// isNotFound reports whether err says that there is no such thing.
func isNotFound(err error) bool { return err != nil && errs.KindOf(err) == errs.NotFound }

// ignoreNotFound drops an error that says there is no such thing.
func ignoreNotFound(err error) error {
	if isNotFound(err) {
		return nil
	}
	return err
}

// CheckDraft tells what Submit would refuse, and stores nothing.
func (s *Service) CheckDraft(d civic.Draft) error {
	normalise(&d)
	return d.Check(s.Registry, s.Now())
}

// perRecipient is how many receipts one mailbox gets: whoever types an address
// need not own it, and must not be able to fill somebody else's. Ten at once
// are more than anybody sends in a day in good faith.
var perRecipient = limit.Rule{Name: "receipt", Burst: 10, Every: 2 * time.Hour}

// ReasonManyReceipts is why a receipt is kept instead of sent.
const ReasonManyReceipts = "many_receipts"

// mails are what goes out with a submission: the receipt, and the message that
// asks the guardian of a child.
func (s *Service) mails(ctx context.Context, r Request) []civic.Message {
	var out []civic.Message
	if m := s.receiptState(ctx, r); m.State != "" {
		out = append(out, m)
	}
	if r.asksGuardian() {
		out = append(out, casework.AskGuardian(ctx, s.Limits, s.Keys, r.Guardian))
	}
	return out
}

// receiptState decides what becomes of the receipt by mail; without a State
// there is none. Nobody gets mail because of something that a person must
// check first: that receipt goes out when the case is let through.
func (s *Service) receiptState(ctx context.Context, r Request) civic.Message {
	if r.Contact.Email == "" || r.Channel == civic.ChannelImport || len(r.Signs) > 0 {
		return civic.Message{}
	}
	mailbox := s.Keys.Pseudonym("receipt", strings.ToLower(r.Contact.Email))
	if s.Limits.Allow(ctx, perRecipient, mailbox).Allowed {
		return civic.Message{Kind: civic.MessageReceipt, State: civic.MessageQueued}
	}
	return civic.Message{Kind: civic.MessageReceipt, State: civic.MessageNotSent, Reason: ReasonManyReceipts}
}
