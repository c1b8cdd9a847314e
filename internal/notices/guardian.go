package notices

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/mail"
	"hienke/internal/sms"
	"hienke/internal/store"
)

// asking is what the templates to a guardian see. Whoever reads it may be a
// stranger: it says nothing that somebody typed, and neither names the child nor
// the case. What was sent stands on the page that the link leads to.
type asking struct {
	SentOn string // a day
	Until  string // a day; empty where it is near or past
	URL    string
}

// composeGuardian writes to the guardian of a child, or says why not.
func (s *Service) composeGuardian(ctx context.Context, tx store.Tx, m civic.Message) (parcel, error) {
	sub, err := tx.Submissions().Get(ctx, m.Submission)
	if err != nil {
		return parcel{}, err
	}
	if sub.Guardian != civic.GuardianWaiting || sub.State == civic.Withdrawn {
		return parcel{unsent: ReasonOutdated}, nil
	}
	g, err := tx.Guardians().Get(ctx, sub.ID)
	if err != nil {
		return parcel{}, err
	}
	to, held, err := casework.OpenGuardian(s.Keys, sub.Code, g.Contact)
	if err != nil || !held {
		return parcel{unsent: ReasonNoAddress}, err
	}
	refused, err := tx.Guardians().Refused(ctx, casework.GuardianPseudonyms(s.Keys, to))
	if err != nil || refused {
		return parcel{unsent: ReasonNoGuardian}, err
	}
	dead, err := mailCameBack(ctx, tx, g)
	if err != nil {
		return parcel{}, err
	}
	p := s.wayToGuardian(to, dead)
	if p.unsent != "" {
		return p, nil
	}
	a := asking{
		SentOn: day(m.Language, sub.ReceivedAt),
		URL:    s.PublicURL + "/" + string(m.Language) + "/guardian/" + casework.GuardianToken(s.Keys, g.Nonce),
	}
	if g.LapseAt.Sub(s.Now()) > 24*time.Hour {
		a.Until = day(m.Language, g.LapseAt)
	}
	if p.way == civic.BySMS {
		p.sms = sms.Text{To: civic.NormalPhone(to.Phone), Body: shortAsking[m.Language] + a.URL, ID: casework.BounceToken(s.Keys, m.ID)}
		return p, nil
	}
	p.mail, err = s.drawAsking(m, a, to.Email)
	return p, err
}

// drawAsking writes the mail. Its headers do not name the case either.
func (s *Service) drawAsking(m civic.Message, a asking, to string) (mail.Mail, error) {
	out, err := Draw(string(m.Kind), m.Language, a)
	if err != nil {
		return mail.Mail{}, err
	}
	out.To, out.Bounce = to, casework.BounceToken(s.Keys, m.ID)
	out.MessageID = fmt.Sprintf("%s.%s@%s", m.Kind, out.Bounce, s.host())
	return out, nil
}

// wayToGuardian chooses how a guardian is written to: by mail, else by a short
// message. No letter goes by post: a guardian who lives with the child can sign
// on paper.
func (s *Service) wayToGuardian(to civic.Guardian, dead bool) parcel {
	switch {
	case to.Email != "" && s.Mail != nil && !dead:
		return parcel{way: civic.ByMail}
	case to.Phone != "" && s.SMS != nil:
		return parcel{way: civic.BySMS}
	case to.Email == "" && to.Phone == "":
		return parcel{unsent: ReasonNoAddress}
	case dead:
		return parcel{unsent: ReasonFailing}
	}
	return parcel{unsent: ReasonNoChannel}
}

// Channels says in a word by which ways guardians cannot be written to: no_channel,
// mail_only, sms_only, or nothing.
func (s *Service) Channels() string {
	switch {
	case s.Mail == nil && s.SMS == nil:
		return "no_channel"
	case s.SMS == nil:
		return "mail_only"
	case s.Mail == nil:
		return "sms_only"
	}
	return ""
}

// mailCameBack reports whether a mail to the guardian did not arrive. Those to
// whom the child named before do not count.
func mailCameBack(ctx context.Context, tx store.Tx, g store.SealedGuardian) (bool, error) {
	list, err := tx.Messages().List(ctx, g.Submission)
	for _, m := range list {
		if m.Kind.ToGuardian() && !m.CreatedAt.Before(g.NamedAt) && m.Way == civic.ByMail && m.State == civic.MessageNotSent {
			return true, err
		}
	}
	return false, err
}

// shortAsking go before the address of the page.
var shortAsking = map[civic.Language]string{
	civic.Vietnamese: "Hiến Kế: một trẻ ghi tên ông/bà là người giám hộ. Xin trả lời: ",
	civic.English:    "Hiến Kế: a child named you as guardian. Please answer: ",
}
