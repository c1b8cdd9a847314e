package notices

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/civic"
	"hienke/internal/delivery"
	"hienke/internal/mail"
	"hienke/internal/store"
)

// about is what the mails to members of staff about their account say.
type about struct {
	Name   string
	Email  string
	Link   string // of an invitation or a new password
	Device string
	When   string
	Staff  string // address of the staff pages
	Queue  string // and of the queue
	Agency string // that the account belongs to now, or that was merged into its own
}

// Account sends a mail to a member of staff about the own account. It is the
// handler of store.JobAccountMail: job is the outbox row. Where the address
// that was typed is nobody's, there is nothing to send and nothing to tell.
func (s *Service) Account(ctx context.Context, job, id int64) error {
	return s.carrier().Carry(ctx, job, delivery.Errand{
		Compose: func(ctx context.Context, tx store.Tx) (v delivery.Verdict, out mail.Mail, unsent string, err error) {
			m, err := tx.AccountMails().Get(ctx, id)
			if v = (delivery.Verdict{State: m.State, Reason: m.Reason}); err != nil || m.State != civic.MessageQueued {
				return v, out, "", err
			}
			out, unsent, err = s.composeAccount(ctx, tx, m)
			return v, out, unsent, err
		},
		Settle: func(ctx context.Context, tx store.Tx, v delivery.Verdict, at time.Time) error {
			_, err := tx.AccountMails().Settle(ctx, id, v.State, v.Reason, at)
			return err
		},
	})
}

func (s *Service) composeAccount(ctx context.Context, tx store.Tx, m store.AccountMail) (mail.Mail, string, error) {
	if m.User == 0 {
		return mail.Mail{}, ReasonNoAddress, nil
	}
	u, err := tx.Users().Get(ctx, m.User)
	if err != nil {
		return mail.Mail{}, "", err
	}
	if !u.Active {
		return mail.Mail{}, ReasonOutdated, nil
	}
	a := about{
		Name: u.Name, Email: u.Email, Device: m.Detail, When: m.CreatedAt.In(civic.Zone).Format("15:04 ngày 02/01/2006"), Staff: s.PublicURL + "/staff/account",
		Queue: s.PublicURL + "/staff/queue", Agency: m.Detail,
	}
	if m.Nonce != "" {
		a.Link = s.PublicURL + "/staff/link/" + s.Keys.LinkToken(m.Nonce)
	}
	out, err := Draw("account_"+m.Kind, civic.Vietnamese, a)
	out.To, out.MessageID = u.Email, fmt.Sprintf("account.%d@%s", m.ID, s.host())
	return out, "", err
}
