package privacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/delivery"
	"hienke/internal/errs"
	"hienke/internal/i18n"
	"hienke/internal/limit"
	"hienke/internal/mail"
	"hienke/internal/store"
)

// Why no mail goes to somebody who made a request.
const (
	ReasonNoAddress     = "no_address"     // there is no mailbox
	ReasonNotIdentified = "not_identified" // whoever typed the mailbox need not own it
	ReasonNotConfirmed  = "not_confirmed"  // nobody confirmed the mailbox of the case
	ReasonFailing       = "failing"        // the mailbox of the case is known to be dead
	ReasonManyReceipts  = "many_receipts"
	ReasonBounced       = "bounced" // it was taken and came back later
)

// Reasons lists every reason why a message was not sent.
var Reasons = []string{
	ReasonNoAddress, ReasonNotIdentified, ReasonNotConfirmed, ReasonFailing, ReasonManyReceipts, delivery.NoChannel, delivery.Refused, delivery.Outdated,
	ReasonBounced,
}

// perMailbox is how many receipts one mailbox gets: whoever types an address
// need not own it. Five at once are a request of each kind.
var perMailbox = limit.Rule{Name: "privacy.receipt", Burst: 5, Every: 4 * time.Hour}

// mailboxLabel keeps an address apart from what else the key of a request seals.
const mailboxLabel = "mailbox"

// told is what the templates see. A receipt may reach a stranger: it says
// nothing that somebody typed. No mail names the case or the person.
type told struct {
	Ref        string
	Kind       string
	MadeOn     string // days as people write them
	ReplyBy    string
	DueOn      string
	FirstDueOn string
	Words      string // of staff
	Outcome    civic.PrivacyOutcome
	Known      bool   // it is known who asks
	TrackURL   string // for who holds the codes of the case, else empty
	ContactURL string
}

// kinds name what is asked, within a sentence.
var kinds = map[civic.Language]map[civic.PrivacyKind]string{
	civic.Vietnamese: {
		civic.PrivacySee: "xem dữ liệu cá nhân", civic.PrivacyCorrect: "sửa dữ liệu cá nhân", civic.PrivacyErase: "xóa dữ liệu cá nhân",
		civic.PrivacyObject: "phản đối hoặc hạn chế việc xử lý dữ liệu cá nhân", civic.PrivacyWithdraw: "rút lại sự đồng ý",
	},
	civic.English: {
		civic.PrivacySee: "to see personal data", civic.PrivacyCorrect: "to correct personal data", civic.PrivacyErase: "to erase personal data",
		civic.PrivacyObject: "to object to or restrict the handling of personal data", civic.PrivacyWithdraw: "to withdraw a consent",
	},
}

func (s *Service) committed() {
	if s.Committed != nil {
		s.Committed()
	}
}

// speak gives a request of a sender the language of the messages about the
// case, where it has none of its own.
func (s *Service) speak(ctx context.Context, tx store.Tx, r *store.SealedRequest) error {
	if r.Language == "" && r.Submission != 0 {
		sub, err := tx.Submissions().Get(ctx, r.Submission)
		if err != nil {
			return err
		}
		reach, err := tx.Reaches().Get(ctx, sub.ID)
		if err != nil {
			return err
		}
		if r.Language = reach.Language; r.Language == "" {
			r.Language = sub.Language
		}
	}
	r.Language = r.Language.Page()
	return nil
}

// mailbox returns where the person of a request is written to, empty where
// there is none, and why it gets nothing but the receipt.
func (s *Service) mailbox(ctx context.Context, tx store.Tx, r store.SealedRequest) (to, unproven string, err error) {
	if r.Identified != civic.IdentifiedBySecret {
		w, err := s.open(r)
		if err == nil && r.Submission == 0 {
			return mailboxIn(w.Reach), ReasonNotIdentified, nil
		}
		if err == nil {
			unproven, err = bounced(ctx, tx, r.Ref)
		}
		return mailboxIn(w.Reach), unproven, err
	}
	sub, err := tx.Submissions().Get(ctx, r.Submission)
	if err != nil {
		return "", "", err
	}
	contact, _, err := casework.Contact(ctx, tx, s.Keys, sub)
	if err != nil {
		return "", "", err
	}
	reach, err := tx.Reaches().Get(ctx, sub.ID)
	switch {
	case err != nil:
		return "", "", err
	case !reach.FailingAt.IsZero():
		unproven = ReasonFailing
	case !reach.Confirmed():
		unproven = ReasonNotConfirmed
	}
	return contact.Email, unproven, nil
}

// bounced is ReasonBounced where a mail about the request came back, else empty.
func bounced(ctx context.Context, tx store.Tx, ref string) (string, error) {
	list, err := tx.PrivacyMessages().List(ctx, ref)
	if err == nil && slices.ContainsFunc(list, func(m store.PrivacyMessage) bool { return m.Reason == ReasonBounced }) {
		return ReasonBounced, nil
	}
	return "", err
}

// mailboxIn finds the one mailbox in what somebody wrote, which may hold a
// number, too.
func mailboxIn(reach string) (found string) {
	for _, word := range strings.FieldsFunc(reach, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '/' }) {
		if civic.CheckEmail("reach", word) != nil {
			continue
		}
		if found != "" {
			return "" // nobody knows which
		}
		found = word
	}
	return found
}

// mayReceipt reports whether the mailbox of a new request still gets receipts.
func (s *Service) mayReceipt(ctx context.Context, r store.SealedRequest) (bool, error) {
	to := ""
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		to, _, err = s.mailbox(ctx, tx, r)
		return err
	})
	if err != nil || to == "" {
		return true, err
	}
	return s.Limits.Allow(ctx, perMailbox, s.Keys.Pseudonym("privacy receipt", civic.NormalEmail(to))).Allowed, nil
}

// unmailed says why no mail but the receipt can go to the person of a request,
// empty where it can.
func (s *Service) unmailed(ctx context.Context, tx store.Tx, r store.SealedRequest) (string, error) {
	to, unproven, err := s.mailbox(ctx, tx, r)
	switch {
	case err != nil:
		return "", err
	case to == "":
		return ReasonNoAddress, nil
	case s.Mail == nil:
		return delivery.NoChannel, nil
	}
	return unproven, nil
}

// write asks for a mail to the person of a request, or notes why none goes.
// allowed is whether the mailbox may have one more.
func (s *Service) write(ctx context.Context, tx store.Tx, r store.SealedRequest, kind civic.PrivacyMessageKind, words string, allowed bool) error {
	to, unproven, err := s.mailbox(ctx, tx, r)
	if err != nil {
		return err
	}
	m := store.PrivacyMessage{Request: r.Ref, Kind: kind, Words: words, State: civic.MessageNotSent, CreatedAt: s.Now(), SettledAt: s.Now()}
	switch {
	case to == "":
		m.Reason = ReasonNoAddress
	case kind != civic.PrivacyReceipt && unproven != "":
		m.Reason = unproven
	case unproven == ReasonFailing:
		m.Reason = ReasonFailing
	case !allowed:
		m.Reason = ReasonManyReceipts
	default:
		m.State, m.SettledAt = civic.MessageQueued, time.Time{}
		key, wrapped, err := s.Keys.NewFileKey(r.Ref)
		if err != nil {
			return err
		}
		m.To = store.SealedContact{WrappedKey: wrapped, Sealed: key.Seal(mailboxLabel, 0, []byte(to))}
	}
	if kind == civic.PrivacyEnd && r.Kind == civic.PrivacyErase && r.State == civic.PrivacyFulfilled {
		if m.Letter, err = s.keepAddress(ctx, tx, r); err != nil {
			return err
		}
	}
	_, err = tx.PrivacyMessages().Add(ctx, m)
	return err
}

// Send mails one message. It is the handler of store.JobPrivacyMail: job is the
// outbox row.
func (s *Service) Send(ctx context.Context, job, message int64) error {
	return delivery.Carrier{Store: s.Store, Mail: s.Mail, Now: s.Now}.Carry(ctx, job, delivery.Errand{
		Compose: func(ctx context.Context, tx store.Tx) (v delivery.Verdict, out mail.Mail, unsent string, err error) {
			m, err := tx.PrivacyMessages().Get(ctx, message)
			if v = (delivery.Verdict{State: m.State, Reason: m.Reason}); err != nil || m.State != civic.MessageQueued {
				return v, out, "", err
			}
			out, unsent, err = s.compose(ctx, tx, m)
			return v, out, unsent, err
		},
		Settle: func(ctx context.Context, tx store.Tx, v delivery.Verdict, at time.Time) error {
			if v.State == civic.MessageQueued {
				return errs.New(errs.Internal, "message.not_settled")
			}
			_, err := tx.PrivacyMessages().Settle(ctx, message, v.State, v.Reason, at)
			return err
		},
	})
}

// compose writes the mail, or says why there is none to write: a receipt that
// waited until the request was closed tells nothing any more.
func (s *Service) compose(ctx context.Context, tx store.Tx, m store.PrivacyMessage) (out mail.Mail, unsent string, err error) {
	r, err := tx.PrivacyRequests().Get(ctx, m.Request)
	if err != nil {
		return out, "", err
	}
	if m.Kind != civic.PrivacyEnd && r.Outcome() != "" {
		return out, delivery.Outdated, nil
	}
	key, err := s.Keys.FileKey(r.Ref, m.To.WrappedKey)
	if err != nil {
		return out, "", err
	}
	to, err := key.Open(mailboxLabel, 0, m.To.Sealed)
	if err != nil {
		return out, "", err
	}
	if out, err = s.Draw(template(m.Kind), r.Language, s.told(r.PrivacyRequest, m)); err != nil {
		return mail.Mail{}, "", err
	}
	host := delivery.Host(s.PublicURL)
	out.To, out.Thread = string(to), strings.ToLower(r.Ref)+".request@"+host
	out.Bounce = casework.RequestBounceToken(s.Keys, m.ID)
	out.MessageID = fmt.Sprintf("%s.%s.%s@%s", strings.ToLower(r.Ref), m.Kind, out.Bounce, host)
	return out, "", nil
}

func (s *Service) told(r civic.PrivacyRequest, m store.PrivacyMessage) told {
	page := s.PublicURL + "/" + string(r.Language)
	out := told{
		Ref: r.Ref, Kind: kinds[r.Language][r.Kind], MadeOn: day(r.Language, r.MadeAt), ReplyBy: day(r.Language, r.ReplyBy), DueOn: day(r.Language, r.DueAt),
		Words: m.Words, Outcome: r.Outcome(), Known: r.Submission != 0, ContactURL: page + "/contact",
	}
	if !r.ExtendedFrom.IsZero() {
		out.FirstDueOn = day(r.Language, r.ExtendedFrom)
	}
	if r.Identified == civic.IdentifiedBySecret {
		out.TrackURL = page + "/track"
	}
	return out
}

// template names the template of a kind of message.
func template(kind civic.PrivacyMessageKind) string { return "privacy_" + string(kind) }

// day writes a day so that nobody can take it for another.
func day(lang civic.Language, at time.Time) string {
	if lang == civic.English {
		return i18n.Date(i18n.English, at, civic.Zone)
	}
	return i18n.ShortDate(i18n.Vietnamese, at, civic.Zone)
}
