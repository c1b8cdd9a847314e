// Package privacy handles what people ask about their own personal data: to
// see, correct or erase it, to object, to withdraw a consent. Each request is a
// case of its own with clocks of its own, and every step of it stands in the
// audit.
package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/mail"
	"hienke/internal/seal"
	"hienke/internal/store"
	"hienke/internal/timetable"
	"hienke/internal/vitext"
)

// Ledger keeps what was erased apart from the database and its backups.
type Ledger interface {
	// Note writes down durably that a contact was erased, NoteText that the
	// text of its case was, too.
	Note(code civic.Code, at time.Time) error
	NoteText(code civic.Code, at time.Time) error
	// Texts returns every code of NoteText.
	Texts() ([]civic.Code, error)
}

// Service handles requests. All fields but Ledger, Mail and Committed are
// required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Times    *timetable.Times
	Keys     *seal.Keys
	Limits   limit.Limiter
	Now      func() time.Time
	// NewRef draws what names a request.
	NewRef func() string
	// DropFile deletes the bytes of a file whose key is gone.
	DropFile func(ctx context.Context, ref string) error
	// Ledger is nil where none is configured.
	Ledger Ledger
	// Mail is nil when no channel is configured.
	Mail mail.Sender
	// Draw writes a mail from a template.
	Draw func(name string, lang civic.Language, values any) (mail.Mail, error)
	// PublicURL is the address of the site, without a slash at the end.
	PublicURL string
	// Committed is told that the outbox has something new.
	Committed func()
}

// Bounds of what people write, in letters.
const (
	maxText   = 5_000
	minReason = 5
	maxReason = civic.MaxReason
)

// perClient bounds how many requests one network makes.
var perClient = limit.Rule{Name: "privacy.client", Burst: 10, Every: 10 * time.Minute}

// Written is what somebody wrote with a request, and how to reach the person.
type Written struct {
	Name  string `json:"name,omitempty"`
	Reach string `json:"reach,omitempty"` // mailbox, number or address, as written
	Code  string `json:"code,omitempty"`  // of the case, as written
	Text  string `json:"text"`
}

// Ask is a request as it comes in.
type Ask struct {
	Kind civic.PrivacyKind
	// Language is that of the page; empty, from a sender: that of the messages
	// about the case.
	Language civic.Language
	Written
}

// Ask takes a request in. From somebody who holds the secret of a case it is
// about that case and needs no further proof; anybody else must say how to be
// reached. client names the network of who asks.
func (s *Service) Ask(ctx context.Context, actor civic.Actor, a Ask, client string) (civic.PrivacyRequest, error) {
	a.Name, a.Reach, a.Code, a.Text = vitext.Line(a.Name), vitext.Line(a.Reach), vitext.Line(a.Code), strings.TrimSpace(vitext.Normalize(a.Text))
	if err := a.check(actor.Kind != civic.ActorSender); err != nil {
		return civic.PrivacyRequest{}, err
	}
	if v := s.Limits.Allow(ctx, perClient, client); !v.Allowed {
		return civic.PrivacyRequest{}, &errs.Error{Kind: errs.RateLimited, Code: "request.too_many", RetryAfter: v.RetryAfter}
	}
	now, limits := s.Now(), s.limits()
	r := store.SealedRequest{PrivacyRequest: civic.PrivacyRequest{
		Ref: s.NewRef(), Kind: a.Kind, State: civic.PrivacyReceived, Language: a.Language, MadeAt: now,
		ReplyBy: s.Times.Now().Calendar.Due(now, limits.FirstReply), DueAt: s.Times.Now().Calendar.Due(now, limits.PerKind[a.Kind]),
	}}
	plain, err := json.Marshal(a.Written)
	if err != nil {
		return civic.PrivacyRequest{}, fmt.Errorf("write the request: %w", err)
	}
	key, wrapped, err := s.Keys.NewFileKey(r.Ref)
	if err != nil {
		return civic.PrivacyRequest{}, err
	}
	r.WrappedKey, r.Sealed = wrapped, key.Seal("request", 0, plain)
	if actor.Kind == civic.ActorSender {
		r.Submission, r.State, r.Identified = actor.Submission, civic.PrivacyIdentified, civic.IdentifiedBySecret
	}
	mayReceipt, err := s.mayReceipt(ctx, r)
	if err != nil {
		return civic.PrivacyRequest{}, err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		if err := s.speak(ctx, tx, &r); err != nil {
			return err
		}
		if err := tx.PrivacyRequests().Add(ctx, r); err != nil {
			return err
		}
		if err := s.write(ctx, tx, r, civic.PrivacyReceipt, "", mayReceipt); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, store.NoteRequestMade, r.PrivacyRequest, string(r.Kind))
	})
	if err != nil {
		return civic.PrivacyRequest{}, fmt.Errorf("take a request in: %w", err)
	}
	s.committed()
	return r.PrivacyRequest, nil
}

func (a Ask) check(reachable bool) error {
	var wrong []errs.Field
	add := func(name, code string) { wrong = append(wrong, errs.Field{Name: name, Code: code}) }
	if !slices.Contains(civic.PrivacyKinds, a.Kind) {
		add("privacy_kind", "field.required")
	}
	if reachable && a.Reach == "" {
		add("reach", "field.required")
	}
	if n := utf8.RuneCountInString(a.Text); n < minReason {
		add("request", "field.required")
	} else if n > maxText {
		add("request", "field.too_long")
	}
	return errs.InvalidFields(wrong...)
}

func (s *Service) limits() civic.PrivacyLimits {
	if len(s.Registry.Limits.Privacy.PerKind) == 0 {
		return civic.DefaultPrivacyLimits()
	}
	return s.Registry.Limits.Privacy
}

// note writes a step into the audit.
func (s *Service) note(ctx context.Context, tx store.Tx, actor civic.Actor, what string, r civic.PrivacyRequest, detail string) error {
	return tx.Audit().Note(ctx, store.AuditLine{
		At: s.Now(), Actor: actor.Kind, User: actor.User, What: what, Submission: r.Submission, Subject: "request:" + r.Ref, Agency: r.Agency, Detail: detail,
	})
}

// OfSender returns the requests of who holds the secret of a case, the oldest
// first.
func (s *Service) OfSender(ctx context.Context, actor civic.Actor) (list []civic.PrivacyRequest, err error) {
	if actor.Kind != civic.ActorSender {
		return nil, errs.New(errs.Forbidden, "actor.not_allowed")
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		list, err = tx.PrivacyRequests().List(ctx, store.PrivacyQuery{Submission: actor.Submission, Limit: shown})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list own requests: %w", err)
	}
	return list, nil
}

// shown bounds a list: who has more open requests needs more than a page.
const shown = 200

// List returns the open requests within the person's scope, what is due first,
// or those that were closed last.
func (s *Service) List(ctx context.Context, actor civic.Actor, closed bool) (list []civic.PrivacyRequest, err error) {
	if err := actor.CheckPermission(civic.HandlePrivacy); err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		list, err = tx.PrivacyRequests().List(ctx, store.PrivacyQuery{Scope: s.scope(actor), Closed: closed, Limit: shown})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return list, nil
}

func (s *Service) scope(actor civic.Actor) []civic.AgencyCode {
	if !actor.Bound() {
		return nil
	}
	return append([]civic.AgencyCode{}, s.Registry.Subtree(actor.Agency)...)
}

// Shown is a request as the person who handles it sees it.
type Shown struct {
	civic.PrivacyRequest
	Written
	// Case is what the request is about, zero until that is known.
	Case     civic.Submission
	Consents []Consent
	Child    bool // the case is that of a child
	Messages []store.PrivacyMessage
	// Unmailed is why no mail but the receipt can go to the person now, so that
	// somebody must tell by another way; empty where mail goes.
	Unmailed string
}

// Consent is one thing that a sender, or the guardian of a child, agreed to.
type Consent struct {
	Who     string // sender, child, guardian
	Purpose string // handling, publish, publish_name
	Version string // of the text
	At      time.Time
	How     string // own, written, oral
	Holds   bool
}

// Get returns a request with what was written. Each look is noted.
func (s *Service) Get(ctx context.Context, actor civic.Actor, ref string) (out Shown, err error) {
	if err := actor.CheckPermission(civic.HandlePrivacy); err != nil {
		return Shown{}, err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		r, err := tx.PrivacyRequests().Get(ctx, ref)
		if err != nil {
			return err
		}
		if err := s.reaches(actor, r.PrivacyRequest); err != nil {
			return err
		}
		out = Shown{PrivacyRequest: r.PrivacyRequest}
		if out.Written, err = s.open(r); err != nil {
			return err
		}
		if out.Messages, err = tx.PrivacyMessages().List(ctx, ref); err != nil {
			return err
		}
		if out.Unmailed, err = s.unmailed(ctx, tx, r); err != nil {
			return err
		}
		if r.Submission != 0 {
			if out.Case, err = tx.Submissions().Get(ctx, r.Submission); err != nil {
				return err
			}
			out.Child = out.Case.Guardian.Child()
			if out.Consents, err = consents(ctx, tx, out.Case); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, actor, store.NoteRequestRead, r.PrivacyRequest, "")
	})
	if err != nil {
		return Shown{}, fmt.Errorf("show a request: %w", err)
	}
	return out, nil
}

func (s *Service) reaches(actor civic.Actor, r civic.PrivacyRequest) error {
	if !actor.Reaches(s.Registry, r.Agency) {
		return errs.New(errs.NotFound, "request.not_found")
	}
	return nil
}

func (s *Service) open(r store.SealedRequest) (w Written, err error) {
	key, err := s.Keys.FileKey(r.Ref, r.WrappedKey)
	if err != nil {
		return Written{}, err
	}
	plain, err := key.Open("request", 0, r.Sealed)
	if err != nil {
		return Written{}, err
	}
	return w, json.Unmarshal(plain, &w)
}

// consents are what was agreed to about a case. From a child on its own they do
// not hold: the guardian's stand beside them.
func consents(ctx context.Context, tx store.Tx, sub civic.Submission) ([]Consent, error) {
	if !sub.Guardian.Child() {
		return senderConsents(sub), nil
	}
	g, err := tx.Guardians().Get(ctx, sub.ID)
	if err != nil {
		return nil, err
	}
	return append(childConsents(sub, g.GuardianConsent), guardianConsents(sub, g.GuardianConsent)...), nil
}

// childConsents are those that a child gave, as the sender of any other case.
func childConsents(sub civic.Submission, g civic.GuardianConsent) []Consent {
	sub.PublishName = g.NameWished && g.EndedAt.IsZero()
	out := senderConsents(sub)
	for i := range out {
		out[i].Who = "child"
	}
	return out
}

// guardianConsents are those that a guardian gave, or did not.
func guardianConsents(sub civic.Submission, g civic.GuardianConsent) []Consent {
	if sub.Guardian == civic.GuardianWaiting || sub.Guardian == civic.GuardianLapsed {
		return nil // nobody answered
	}
	all := []Consent{{Purpose: "handling", Holds: !sub.Guardian.Ended()}, {Purpose: "publish", Holds: sub.Guardian.Publishable()}}
	if g.NameWished {
		all = append(all, Consent{Purpose: "publish_name", Holds: sub.PublishName})
	}
	for i := range all {
		all[i].Who, all[i].Version, all[i].At, all[i].How = "guardian", g.Version, g.DecidedAt, string(g.How)
	}
	return all
}

func senderConsents(sub civic.Submission) []Consent {
	how := string(sub.Consent)
	if sub.Consent == civic.ConsentOwn {
		how = "own"
	}
	out := []Consent{{Who: "sender", Purpose: "handling", Version: sub.TermsVersion, At: sub.ReceivedAt, How: how, Holds: sub.Consent != civic.ConsentNone}}
	return append(out, Consent{Who: "sender", Purpose: "publish_name", Version: sub.TermsVersion, At: sub.ReceivedAt, How: how, Holds: sub.PublishName})
}

// act changes a request that stands in one of the states, and notes it.
func (s *Service) act(ctx context.Context, actor civic.Actor, ref, what string, from []civic.PrivacyState,
	do func(tx store.Tx, r *store.SealedRequest) (detail string, err error)) error {
	if err := actor.CheckPermission(civic.HandlePrivacy); err != nil {
		return err
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		r, err := tx.PrivacyRequests().Lock(ctx, ref)
		if err != nil {
			return err
		}
		if err := s.reaches(actor, r.PrivacyRequest); err != nil {
			return err
		}
		if !slices.Contains(from, r.State) {
			return errs.New(errs.Conflict, "request.not_now")
		}
		detail, err := do(tx, &r)
		if err != nil {
			return err
		}
		r.By = actor.User
		if err := tx.PrivacyRequests().Update(ctx, r.PrivacyRequest); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, what, r.PrivacyRequest, detail)
	})
	if err != nil {
		return fmt.Errorf("handle a request: %w", err)
	}
	s.committed()
	return nil
}

func reasonOf(name, text string) (string, error) {
	text = strings.TrimSpace(vitext.Normalize(text))
	switch n := utf8.RuneCountInString(text); {
	case n < minReason:
		return "", errs.InvalidFields(errs.Field{Name: name, Code: "field.required"})
	case n > maxReason:
		return "", errs.InvalidFields(errs.Field{Name: name, Code: "field.too_long"})
	}
	return text, nil
}

// undecided and running are the states in which something can still be decided,
// or done.
var (
	undecided = []civic.PrivacyState{civic.PrivacyReceived, civic.PrivacyIdentified}
	running   = []civic.PrivacyState{civic.PrivacyReceived, civic.PrivacyIdentified, civic.PrivacyGranted}
)

// Identify says whose request it is, and how that became known.
func (s *Service) Identify(ctx context.Context, actor civic.Actor, ref string, code civic.Code, how string) error {
	how, err := reasonOf("identified", how)
	if err != nil {
		return err
	}
	return s.act(ctx, actor, ref, store.NoteRequestIdentified, undecided, func(tx store.Tx, r *store.SealedRequest) (string, error) {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			if errs.KindOf(err) == errs.NotFound {
				err = errs.InvalidFields(errs.Field{Name: "code", Code: "field.unknown_value"})
			}
			return "", err
		}
		if !actor.Reaches(s.Registry, sub.Agency) {
			return "", errs.InvalidFields(errs.Field{Name: "code", Code: "field.unknown_value"})
		}
		r.Submission, r.Code, r.Agency, r.State, r.Identified = sub.ID, sub.Code, sub.Agency, civic.PrivacyIdentified, how
		return "", nil
	})
}

// Reply tells the person what will be done. Where no mail can go it notes what
// the person was told, by which way.
func (s *Service) Reply(ctx context.Context, actor civic.Actor, ref, words string) error {
	words, err := reasonOf("reply", words)
	if err != nil {
		return err
	}
	return s.act(ctx, actor, ref, store.NoteRequestReplied, running, func(tx store.Tx, r *store.SealedRequest) (string, error) {
		if !r.ReplyAt.IsZero() {
			return "", errs.New(errs.Conflict, "request.not_now")
		}
		r.ReplyAt, r.Told = s.Now(), vitext.Line(words)
		return "", s.write(ctx, tx, *r, civic.PrivacyReply, words, true)
	})
}

// Extend gives a request more time, once, with a reason.
func (s *Service) Extend(ctx context.Context, actor civic.Actor, ref, reason string) error {
	reason, err := reasonOf("reason", reason)
	if err != nil {
		return err
	}
	return s.act(ctx, actor, ref, store.NoteRequestExtended, running, func(tx store.Tx, r *store.SealedRequest) (string, error) {
		if !r.ExtendedFrom.IsZero() {
			return "", errs.New(errs.Conflict, "request.extended_once")
		}
		r.ExtendedFrom, r.ExtendedReason = r.DueAt, reason
		r.DueAt = s.Times.Now().Calendar.Due(r.DueAt, s.limits().Extension)
		return r.ExtendedFrom.Format(time.DateOnly) + " > " + r.DueAt.Format(time.DateOnly), s.write(ctx, tx, *r, civic.PrivacyExtended, reason, true)
	})
}

// Decide grants a request, as a whole or in part, or refuses it, with the
// reason. Granting needs to be known whose data it is about.
func (s *Service) Decide(ctx context.Context, actor civic.Actor, ref string, outcome civic.PrivacyOutcome, reason string) error {
	reason, err := reasonOf("reason", reason)
	if err != nil {
		return err
	}
	return s.act(ctx, actor, ref, store.NoteRequestDecided, undecided, func(tx store.Tx, r *store.SealedRequest) (string, error) {
		if r.Reason = reason; outcome == civic.PrivacyNoneOf {
			r.State = civic.PrivacyRefused
			return string(outcome), s.write(ctx, tx, *r, civic.PrivacyEnd, reason, true)
		}
		if r.State != civic.PrivacyIdentified {
			return "", errs.New(errs.Conflict, "request.not_identified")
		}
		r.State, r.Partly = civic.PrivacyGranted, outcome == civic.PrivacyPart
		if r.Partly && !slices.Contains(civic.PrivacyInPart, r.Kind) {
			return "", errs.New(errs.Conflict, "request.not_in_part")
		}
		return string(outcome), nil
	})
}

// Fulfil does what was granted: it erases the case, or takes the consent to
// show the name back, of a child everything that a guardian consented to; correcting, showing and what an objection asks for people
// do, and say so.
func (s *Service) Fulfil(ctx context.Context, actor civic.Actor, ref string) error {
	if err := actor.CheckPermission(civic.HandlePrivacy); err != nil {
		return err
	}
	var files []string
	now := s.Now()
	if err := s.noteErasure(ctx, actor, ref, now); err != nil {
		return err
	}
	err := s.act(ctx, actor, ref, store.NoteRequestFulfilled, []civic.PrivacyState{civic.PrivacyGranted}, func(tx store.Tx, r *store.SealedRequest) (string, error) {
		r.State, r.DoneAt = civic.PrivacyFulfilled, now
		if err := s.write(ctx, tx, *r, civic.PrivacyEnd, r.Reason, true); err != nil { // while the address is still there
			return "", err
		}
		switch r.Kind {
		case civic.PrivacyErase:
			var err error
			files, err = eraseCase(ctx, tx, actor, r.Submission, now)
			return "", err
		case civic.PrivacyWithdraw:
			return "", withdraw(ctx, tx, actor, r.Submission, now)
		}
		return "", nil
	})
	if err != nil {
		return err
	}
	return s.drop(ctx, files)
}

// Tell notes by which way the person heard of the outcome, and closes the
// request.
func (s *Service) Tell(ctx context.Context, actor civic.Actor, ref, how string) error {
	if _, err := reasonOf("told", how); err != nil {
		return err
	}
	return s.act(ctx, actor, ref, store.NoteRequestTold, []civic.PrivacyState{civic.PrivacyFulfilled, civic.PrivacyRefused},
		func(_ store.Tx, r *store.SealedRequest) (string, error) {
			now := s.Now()
			r.State, r.ClosedAt, r.Told = civic.PrivacyClosed, now, vitext.Line(how)
			if r.ReplyAt.IsZero() {
				r.ReplyAt = now
			}
			return "", nil
		})
}
