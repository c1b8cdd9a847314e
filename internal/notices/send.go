package notices

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/mail"
	"hienke/internal/sms"
	"hienke/internal/store"
)

// parcel is a message on its way: what goes out, or why nothing does.
type parcel struct {
	way    civic.Way
	mail   mail.Mail // the letter too, where it goes by post
	sms    sms.Text
	unsent string
}

// Send sends one message. It is the handler of store.JobSend: job is the
// outbox row. What was settled before is left as it is, so that running twice
// sends once; between the next server's acceptance and our commit lies the one
// possible repeat, which the stable Message-ID lets mailboxes recognise. A
// letter by post stays queued until somebody has posted it.
func (s *Service) Send(ctx context.Context, job, message int64) error {
	var (
		m civic.Message
		p parcel
	)
	err := s.Store.View(ctx, func(tx store.Tx) error {
		var err error
		if m, err = tx.Messages().Get(ctx, message); err != nil || m.State != civic.MessageQueued {
			return err
		}
		p, err = s.compose(ctx, tx, m)
		return err
	})
	if err != nil {
		return fmt.Errorf("compose the message: %w", err)
	}
	state, reason := m.State, m.Reason
	if state == civic.MessageQueued && (p.way != civic.ByPost || p.unsent != "") {
		if state, reason, err = s.hand(ctx, p); err != nil {
			return err
		}
	}
	return s.settle(ctx, job, func(ctx context.Context, tx store.Tx, now time.Time) error {
		if m.State == civic.MessageQueued && p.way != "" && p.unsent == "" {
			if err := tx.Messages().Route(ctx, message, p.way); err != nil {
				return err
			}
		}
		if state == civic.MessageQueued {
			return nil // it lies on the to-post list
		}
		_, err := tx.Messages().Settle(ctx, message, state, reason, now)
		return err
	})
}

// hand gives a parcel to the next server.
func (s *Service) hand(ctx context.Context, p parcel) (civic.MessageState, string, error) {
	if p.unsent != "" || p.way != civic.BySMS {
		return s.deliver(ctx, p.mail, p.unsent)
	}
	switch err := s.SMS.Send(ctx, p.sms); {
	case err == nil:
		return civic.MessageSent, "", nil
	case errs.KindOf(err) == errs.Invalid:
		return civic.MessageNotSent, ReasonRefused, nil
	default:
		return "", "", fmt.Errorf("send the short message: %w", err)
	}
}

// compose writes the message, or says why there is nobody to write to.
func (s *Service) compose(ctx context.Context, tx store.Tx, m civic.Message) (parcel, error) {
	sub, err := tx.Submissions().Get(ctx, m.Submission)
	if err != nil {
		return parcel{}, err
	}
	contact, ok, err := casework.Contact(ctx, tx, s.Keys, sub)
	if err != nil || !ok {
		return parcel{unsent: ReasonNoAddress}, err
	}
	reach, err := tx.Reaches().Get(ctx, sub.ID)
	if err != nil {
		return parcel{}, err
	}
	if !reach.Takes(m.Kind) {
		return parcel{unsent: ReasonNotWanted}, nil
	}
	p := s.way(m.Kind, contact, reach)
	if p.unsent != "" {
		return p, nil
	}
	if reach.Language != "" {
		m.Language = reach.Language
	}
	l, err := s.letter(ctx, tx, m, sub, contact.Name)
	if errors.Is(err, errOutdated) {
		return parcel{unsent: ReasonOutdated}, nil
	}
	if err != nil {
		return parcel{}, err
	}
	if p.way == civic.BySMS {
		p.sms = sms.Text{To: civic.NormalPhone(contact.Phone), Body: short(m.Kind, m.Language, l), ID: casework.BounceToken(s.Keys, m.ID)}
		return p, nil
	}
	s.addLinks(&l, m, sub.Code, contact, reach, p.way)
	if p.mail, err = Draw(string(m.Kind), m.Language, l); err != nil {
		return parcel{}, err
	}
	s.address(&p.mail, m, sub.Code, contact.Email, l.StopURL)
	return p, nil
}

// addLinks adds the addresses that only a mail to the sender may hold.
func (s *Service) addLinks(l *letter, m civic.Message, code civic.Code, contact civic.Contact, reach civic.Reach, way civic.Way) {
	if way != civic.ByMail {
		return
	}
	page := s.PublicURL + "/" + string(m.Language)
	first := m.Kind == civic.MessageReceipt || m.Kind == civic.MessageContact
	if first && !reach.Confirmed() {
		l.ConfirmURL = page + "/confirm/" + code.String() + "/" + casework.ConfirmToken(s.Keys, code, contact.Email)
	}
	if !first && m.Kind != civic.MessageCode {
		l.StopURL = page + "/stop/" + code.String() + "/" + casework.StopToken(s.Keys, code)
	}
}

// address adds whom a mail goes to and what programs know it by.
func (s *Service) address(out *mail.Mail, m civic.Message, code civic.Code, to, stop string) {
	out.To, out.Thread, out.Unsubscribe, out.Bounce = to, s.thread(code), stop, casework.BounceToken(s.Keys, m.ID)
	out.MessageID = fmt.Sprintf("%s.%s.%s@%s", strings.ToLower(string(code)), m.Kind, out.Bounce, s.host())
}

// byPost are the messages worth a stamp.
var byPost = map[civic.MessageKind]bool{
	civic.MessageQuestion: true, civic.MessageDelayed: true, civic.MessageLate: true, civic.MessageAnswer: true, civic.MessageRejected: true,
}

// way chooses how a message travels: as the sender chose, where that can be;
// else by mail, by SMS, by post. A mailbox that nobody confirmed gets what
// makes confirming possible and nothing else.
func (s *Service) way(kind civic.MessageKind, c civic.Contact, r civic.Reach) parcel {
	first := kind == civic.MessageReceipt || kind == civic.MessageContact || kind == civic.MessageCode
	can := map[civic.Way]bool{
		civic.ByMail: c.Email != "" && s.Mail != nil && (first || r.Confirmed()),
		civic.BySMS:  c.Phone != "" && s.SMS != nil && kind != civic.MessageContact,
		civic.ByPost: s.Post && c.Address != "" && byPost[kind] && (r.Way == civic.ByPost || (c.Email == "" && (c.Phone == "" || s.SMS == nil))),
	}
	for _, way := range append([]civic.Way{r.Way}, civic.Ways...) {
		if can[way] {
			return parcel{way: way}
		}
	}
	switch {
	case c.Email == "" && c.Phone == "":
		return parcel{unsent: ReasonNoAddress}
	case c.Email == "" || s.Mail == nil:
		return parcel{unsent: ReasonNoChannel}
	case !r.FailingAt.IsZero():
		return parcel{unsent: ReasonFailing}
	}
	return parcel{unsent: ReasonNotConfirmed}
}

// known is one case of who lost a code.
type known struct{ Code, Secret, ReceivedOn string }

// MaxKnown is how many cases one mail about lost codes names: more than
// anybody follows at a time.
const MaxKnown = 5

// tellCodes names the newest cases with the same mailbox, or the same number.
func (s *Service) tellCodes(ctx context.Context, tx store.Tx, lang civic.Language, sub civic.Submission, l letter) (letter, error) {
	contact, _, err := casework.Contact(ctx, tx, s.Keys, sub)
	if err != nil {
		return letter{}, err
	}
	email, phone := s.Keys.Indexes(contact)
	if email != "" {
		phone = "" // to a mailbox go the cases of that mailbox
	}
	ids, err := tx.Contacts().Find(ctx, email, phone, MaxKnown)
	if err != nil {
		return letter{}, err
	}
	cases, err := tx.Submissions().List(ctx, ids)
	if err != nil {
		return letter{}, err
	}
	for _, c := range cases {
		secret, err := s.Keys.Secret(c.Code)
		if err != nil {
			return letter{}, err
		}
		l.Cases = append(l.Cases, known{Code: c.Code.String(), Secret: civic.GroupSecret(secret), ReceivedOn: day(lang, c.ReceivedAt)})
	}
	return l, nil
}
