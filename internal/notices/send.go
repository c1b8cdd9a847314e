package notices

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/delivery"
	"hienke/internal/errs"
	"hienke/internal/mail"
	"hienke/internal/sms"
	"hienke/internal/store"
)

// parcel is a message on its way: what goes out, or why nothing does.
type parcel struct {
	way    civic.Way
	mail   mail.Mail
	sms    sms.Text
	unsent string
	hold   bool // it waits for the digest
}

// goes reports whether the parcel is handed over now. A letter lies on the list
// until somebody has posted it.
func (p parcel) goes() bool { return p.unsent != "" || (p.way != civic.ByPost && !p.hold) }

// Send sends one message. It is the handler of store.JobSend: job is the
// outbox row. What was settled before is left as it is, so that running twice
// sends once; between the next server's acceptance and our commit lies the one
// possible repeat, which the stable Message-ID lets mailboxes recognise. A
// letter by post stays queued until somebody has posted it, and what is held
// until its digest goes out.
func (s *Service) Send(ctx context.Context, job, message int64) error {
	var (
		m civic.Message
		p parcel
	)
	err := s.Store.View(ctx, func(tx store.Tx) error {
		var err error
		if m, err = tx.Messages().Get(ctx, message); err != nil || !waits(m) {
			return err
		}
		p, err = s.compose(ctx, tx, m)
		return err
	})
	if err != nil {
		return fmt.Errorf("compose the message: %w", err)
	}
	v := delivery.Verdict{State: m.State, Reason: m.Reason}
	if waits(m) && p.goes() {
		if v, err = s.hand(ctx, p); err != nil {
			return err
		}
	}
	return s.carrier().Settle(ctx, job, func(ctx context.Context, tx store.Tx, now time.Time) error {
		if waits(m) && p.unsent == "" {
			if err := tx.Messages().Route(ctx, message, p.way); err != nil {
				return err
			}
		}
		switch {
		case waits(m) && p.unsent == "" && p.hold:
			return tx.Messages().Hold(ctx, message, nextMorning(now))
		case v.State == civic.MessageQueued:
			return nil
		}
		_, err := tx.Messages().Settle(ctx, message, v.State, v.Reason, now)
		return err
	})
}

// waits reports whether a message is to be sent now.
func waits(m civic.Message) bool { return m.State == civic.MessageQueued && m.DigestAt.IsZero() }

// hand gives a parcel to the next server.
func (s *Service) hand(ctx context.Context, p parcel) (delivery.Verdict, error) {
	if p.unsent != "" || p.way != civic.BySMS {
		return s.carrier().Deliver(ctx, p.mail, p.unsent)
	}
	return delivery.Took(s.SMS.Send(ctx, p.sms), "send the short message")
}

// reached is whom a message goes to, and what it may say.
type reached struct {
	sub     civic.Submission
	contact civic.Contact
	reach   civic.Reach
	former  bool // the contact is the one that was
}

// whom finds the addressee of a message, or says why there is none.
func (s *Service) whom(ctx context.Context, tx store.Tx, m civic.Message) (who reached, unsent string, err error) {
	if who.sub, err = tx.Submissions().Get(ctx, m.Submission); err != nil {
		return who, "", err
	}
	held := false
	if who.contact, held, err = casework.Contact(ctx, tx, s.Keys, who.sub); err != nil || !held {
		return who, ReasonNoAddress, err
	}
	former, err := tx.Messages().Addressee(ctx, m.ID)
	switch {
	case err == nil:
		who.former = true
		if who.contact, err = s.Keys.OpenContact(who.sub.Code, former.WrappedKey, former.Sealed); err != nil {
			return who, "", err
		}
	case errs.KindOf(err) != errs.NotFound:
		return who, "", err
	}
	if who.reach, err = tx.Reaches().Get(ctx, who.sub.ID); err == nil && !who.reach.Takes(m.Kind) {
		unsent = ReasonNotWanted
	}
	return who, unsent, err
}

// compose writes the message, or says why there is nobody to write to.
func (s *Service) compose(ctx context.Context, tx store.Tx, m civic.Message) (parcel, error) {
	if m.Kind.ToGuardian() {
		return s.composeGuardian(ctx, tx, m)
	}
	who, unsent, err := s.whom(ctx, tx, m)
	if err != nil || unsent != "" {
		return parcel{unsent: unsent}, err
	}
	p := s.way(m.Kind, who)
	if p.unsent != "" {
		return p, nil
	}
	if who.reach.Language != "" {
		m.Language = who.reach.Language
	}
	l, err := s.letter(ctx, tx, m, who.sub, who.contact.Name)
	if errors.Is(err, errOutdated) {
		return parcel{unsent: ReasonOutdated}, nil
	}
	if err != nil || p.way == civic.ByPost {
		return p, err
	}
	if p.hold, err = s.crowded(ctx, tx, m, p.way); err != nil || p.hold {
		return p, err
	}
	if p.way == civic.BySMS {
		p.sms = sms.Text{To: civic.NormalPhone(who.contact.Phone), Body: short(m.Kind, m.Language, l), ID: casework.BounceToken(s.Keys, m.ID)}
		return p, nil
	}
	s.addLinks(&l, m, who)
	if p.mail, err = Draw(named(m.Kind, l, who.former), m.Language, l); err != nil {
		return parcel{}, err
	}
	s.address(&p.mail, m, who.sub.Code, who.contact.Email, l.StopURL)
	return p, nil
}

// named names the template of a letter.
func named(kind civic.MessageKind, l letter, former bool) string {
	switch {
	case former:
		return "contact_former"
	case kind == civic.MessageMoved && l.Joined:
		return "joined"
	}
	return string(kind)
}

// addLinks adds the addresses that only a mail to the sender may hold.
func (s *Service) addLinks(l *letter, m civic.Message, who reached) {
	code := who.sub.Code
	page := s.PublicURL + "/" + string(m.Language)
	first := beginnings[m.Kind]
	if first && !who.reach.Confirmed() && !who.former {
		l.ConfirmURL = page + "/confirm/" + code.String() + "/" + casework.ConfirmToken(s.Keys, code, who.contact.Email)
	}
	if !first {
		l.StopURL = page + "/stop/" + code.String() + "/" + casework.StopToken(s.Keys, code)
	}
}

// address adds whom a mail goes to and what programs know it by.
func (s *Service) address(out *mail.Mail, m civic.Message, code civic.Code, to, stop string) {
	out.To, out.Thread, out.Unsubscribe, out.Bounce = to, s.thread(code), stop, casework.BounceToken(s.Keys, m.ID)
	out.MessageID = fmt.Sprintf("%s.%s.%s@%s", strings.ToLower(string(code)), m.Kind, out.Bounce, s.host())
}

// beginnings are the messages that make confirming a mailbox possible, or were
// asked for at this moment.
var beginnings = map[civic.MessageKind]bool{civic.MessageReceipt: true, civic.MessageContact: true, civic.MessageCode: true}

// byPost are the messages worth a stamp. A receipt is not among them: who sends
// a letter is handed or posted the slip when it is keyed in.
var byPost = map[civic.MessageKind]bool{
	civic.MessageQuestion: true, civic.MessageDelayed: true, civic.MessageLate: true, civic.MessageAnswer: true, civic.MessageCorrected: true, civic.MessageRejected: true,
}

// keyed are the channels whose senders gave their addresses to a person: a
// mailbox among them is often written down wrong, and nobody waits for a link
// that confirms it.
var keyed = map[civic.Channel]bool{civic.ChannelLetter: true, civic.ChannelVisit: true, civic.ChannelPhone: true}

// way chooses how a message travels: as the sender chose, where that can be;
// else by mail, by SMS, by post. A mailbox that nobody confirmed gets what
// makes confirming possible and nothing else.
func (s *Service) way(kind civic.MessageKind, who reached) parcel {
	c, r := who.contact, who.reach
	open := r.Confirmed() || kind == civic.MessageCode || (beginnings[kind] && r.FailingAt.IsZero())
	can := map[civic.Way]bool{
		civic.ByMail: c.Email != "" && s.Mail != nil && open,
		civic.BySMS:  c.Phone != "" && s.SMS != nil && (kind != civic.MessageContact || who.former),
	}
	lost := c.Email == "" || s.Mail == nil || !r.FailingAt.IsZero() || keyed[who.sub.Channel]
	can[civic.ByPost] = c.Address != "" && byPost[kind] && (r.Way == civic.ByPost || (!can[civic.ByMail] && !can[civic.BySMS] && lost))
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
