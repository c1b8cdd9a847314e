// Package notices tells senders what happened. A message is a row first; the
// mail itself goes out from the queue. Where there is no way to reach somebody
// the row says so, and staff see it.
package notices

import (
	"context"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/delivery"
	"hienke/internal/errs"
	"hienke/internal/i18n"
	"hienke/internal/mail"
	"hienke/internal/seal"
	"hienke/internal/sms"
	"hienke/internal/store"
)

// Service sends messages. All fields but Mail are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Keys     *seal.Keys
	// Mail is nil when no channel is configured: messages are then kept as not
	// sent.
	Mail mail.Sender
	// SMS is nil when no gateway is configured.
	SMS sms.Sender
	Now func() time.Time
	// PublicURL is the address of the site, without a slash at the end.
	PublicURL string
}

// Why a message was not sent.
const (
	ReasonNoChannel = delivery.NoChannel
	ReasonNoAddress = "no_address" // the sender left none, or it was erased
	ReasonRefused   = delivery.Refused
	ReasonOutdated  = delivery.Outdated // the answer that it tells of does not hold any more

	ReasonNotConfirmed = "not_confirmed" // nobody confirmed the mailbox: it gets the receipt and nothing else
	ReasonNotWanted    = "not_wanted"    // the sender chose so
	ReasonFailing      = "failing"       // the address is known to be dead
	ReasonNoGuardian   = "no_guardian"   // whoever has the address said to be nobody's guardian
	ReasonBounced      = "bounced"       // it was taken and came back later
)

// letter is what the templates see. It holds no contact data but the name. A
// receipt shows neither name nor title: its address may be a stranger's, who
// must not be sent what somebody else chose to write.
type letter struct {
	Name       string
	Code       string
	Secret     string
	Title      string
	ReceivedOn string // a day as people write it
	DueOn      string
	Agency     string
	Answer     string
	Correction string // what was put right
	Outcome    string
	TrackURL   string
	PublicURL  string // of the published case; empty while not public
	Followed   bool   // the answer was given to an earlier, nearly identical submission
	Question   string
	ReplyBy    string // a day
	Running    bool   // the clock runs on until the reply
	FirstDueOn string // the day before it was extended
	Where      string // where a late case is
	NextOn     string // a day by which the sender is told again
	Reason     string // of a delay or a refusal
	Message    string // to whom is refused
	Elsewhere  string // where a matter is taken that is not for us; may be empty
	ConfirmURL string // of the page that confirms the mailbox; empty once it is
	StopURL    string // of the page that ends these mails
	Cases      []known
	Joined     bool   // it follows another submission now
	From       string // the agency that had it before; empty where none had
	CanReopen  bool   // the answer can still be objected to
	Items      []step // of a digest
}

// errOutdated says that there is no answer to tell of: never a draft.
var errOutdated = errs.New(errs.NotFound, "message.outdated")

func (s *Service) letter(
	ctx context.Context, tx store.Tx, m civic.Message, sub civic.Submission, name string,
) (letter, error) {
	secret, err := s.Keys.Secret(sub.Code)
	if err != nil {
		return letter{}, err
	}
	l := letter{
		Name: name, Code: sub.Code.String(), Secret: civic.GroupSecret(secret), Title: sub.Title,
		ReceivedOn: day(m.Language, sub.ReceivedAt), DueOn: day(m.Language, sub.DueAt),
		TrackURL: s.PublicURL + "/" + string(m.Language) + "/track",
	}
	switch m.Kind {
	case civic.MessageAnswer, civic.MessageCorrected:
		return s.tellAnswer(ctx, tx, m, sub, l)
	case civic.MessageQuestion, civic.MessageReminder:
		return s.tellQuestion(ctx, tx, m, sub, l)
	case civic.MessageDelayed:
		return s.tellDelay(ctx, tx, m, sub, l)
	case civic.MessageLate:
		return s.tellLate(ctx, tx, m, sub, l)
	case civic.MessageRejected:
		return s.tellRefusal(m, sub, l)
	case civic.MessageCode:
		return s.tellCodes(ctx, tx, m.Language, sub, l)
	case civic.MessageMoved:
		return s.tellMove(ctx, tx, m, sub, l)
	case civic.MessageClosed:
		return s.tellEnd(m, sub, l)
	case civic.MessageReopened:
		return s.tellReopening(sub, l)
	}
	return l, nil
}

// tellQuestion tells of the question that waits for a reply now.
func (s *Service) tellQuestion(ctx context.Context, tx store.Tx, m civic.Message, sub civic.Submission, l letter) (letter, error) {
	asked, err := tx.Inquiries().List(ctx, sub.ID)
	if err != nil {
		return letter{}, err
	}
	if len(asked) == 0 || !asked[len(asked)-1].EndedAt.IsZero() || sub.State != civic.AwaitingCitizen {
		return letter{}, errOutdated
	}
	open := asked[len(asked)-1]
	l.Running = open.Running
	l.Agency, l.Question, l.ReplyBy = s.agency(m, sub.Agency), open.Question, day(m.Language, open.ReplyBy)
	return l, nil
}

// tellDelay tells of the extension that holds now, with the reason that stands
// in the history.
func (s *Service) tellDelay(ctx context.Context, tx store.Tx, m civic.Message, sub civic.Submission, l letter) (letter, error) {
	events, err := tx.Events().List(ctx, sub.ID)
	if err != nil {
		return letter{}, err
	}
	if sub.Extended == 0 || !civic.Open.Has(sub.State) {
		return letter{}, errOutdated
	}
	for _, e := range events {
		if e.Type == civic.EventExtended {
			l.Reason = e.Reason
		}
	}
	l.Agency, l.FirstDueOn = s.agency(m, sub.Agency), day(m.Language, sub.FirstDueAt)
	return l, nil
}

// tellRefusal tells why a submission is not handled, and where to turn.
func (s *Service) tellRefusal(m civic.Message, sub civic.Submission, l letter) (letter, error) {
	if sub.State != civic.Rejected {
		return letter{}, errOutdated
	}
	if r, ok := s.Registry.Rejection(sub.Rejection.Reason); ok {
		l.Reason = r.Names.In(m.Language)
	}
	l.Message = sub.Rejection.Message
	if channel, ok := s.Registry.OtherChannel(sub.Rejection.Channel); ok {
		l.Elsewhere = strings.TrimSpace(channel.Names.In(m.Language) + "\n" + channel.Address.In(m.Language) + "\n" + channel.Link)
	}
	return l, nil
}

// tellMove tells which agency has the case now and why, or that it follows
// another one.
func (s *Service) tellMove(ctx context.Context, tx store.Tx, m civic.Message, sub civic.Submission, l letter) (letter, error) {
	if sub.State == civic.Merged {
		l.Joined = true
		return l, nil
	}
	if !civic.WithAgency.Has(sub.State) || sub.Agency == "" {
		return letter{}, errOutdated
	}
	events, err := tx.Events().List(ctx, sub.ID)
	if err != nil {
		return letter{}, err
	}
	had := civic.AgencyCode("")
	for _, e := range events {
		switch e.Type {
		case civic.EventRouted, civic.EventAssigned:
			if e.Agency != had {
				l.From, l.Reason = s.agency(m, had), e.Reason
			}
			if e.Type == civic.EventRouted {
				l.Reason = s.Registry.RuleName(l.Reason).In(m.Language)
			}
			had = e.Agency
		case civic.EventHandedBack: // the agency of the event is the one that gave it away
			l.From, l.Reason = s.agency(m, e.Agency), e.Reason
			had = e.Agency
			if e.To == civic.Assigned {
				had = sub.Agency
			}
		}
	}
	l.Agency = s.agency(m, sub.Agency)
	return l, nil
}

// tellEnd tells that the case is closed.
func (s *Service) tellEnd(m civic.Message, sub civic.Submission, l letter) (letter, error) {
	if sub.State != civic.Closed {
		return letter{}, errOutdated
	}
	l.Agency, l.CanReopen = s.agency(m, sub.Agency), sub.ReopenedAt.IsZero()
	return l, nil
}

// tellReopening tells that an objection was taken up.
func (s *Service) tellReopening(sub civic.Submission, l letter) (letter, error) {
	if sub.ReopenedAt.IsZero() || !civic.Open.Has(sub.State) {
		return letter{}, errOutdated
	}
	return l, nil
}

// agency names an agency as the mail needs it.
func (s *Service) agency(m civic.Message, code civic.AgencyCode) string {
	a, _ := s.Registry.Agency(code)
	return a.Names.In(m.Language)
}

// tellAnswer tells the answer to a submission, or to the one that it follows.
func (s *Service) tellAnswer(ctx context.Context, tx store.Tx, m civic.Message, sub civic.Submission, l letter) (letter, error) {
	var err error
	answered := sub
	if sub.State == civic.Merged && sub.Root != 0 {
		if answered, err = tx.Submissions().Get(ctx, sub.Root); err != nil {
			return letter{}, err
		}
		l.Followed = true
	}
	if !civic.WithAnswer.Has(answered.State) { // taken out of its cluster, or opened again, since
		return letter{}, errOutdated
	}
	a, err := tx.Answers().Approved(ctx, answered.ID)
	if err != nil {
		return letter{}, err
	}
	l.Answer, l.Outcome, l.Correction, l.Agency = a.Text, string(a.Outcome), a.Correction, s.agency(m, a.Agency)
	if answered.Visibility.Public() {
		l.PublicURL = s.PublicURL + "/" + string(m.Language) + "/s/" + answered.Code.String()
	}
	return l, nil
}

// day writes a day so that nobody can take it for another: 02/03/2026 is read
// differently in English.
func day(lang civic.Language, at time.Time) string {
	if lang == civic.English {
		return i18n.Date(i18n.English, at, civic.Zone)
	}
	return i18n.ShortDate(i18n.Vietnamese, at, civic.Zone)
}

// thread names the conversation about a case, so that mail programs keep its
// messages together.
func (s *Service) thread(code civic.Code) string {
	return strings.ToLower(string(code)) + ".case@" + s.host()
}

// carrier carries the mails.
func (s *Service) carrier() delivery.Carrier {
	return delivery.Carrier{Store: s.Store, Mail: s.Mail, Now: s.Now}
}

// host is the domain in Message-IDs.
func (s *Service) host() string { return delivery.Host(s.PublicURL) }
