package notices

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hienke/internal/civic"
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
}

// Account sends a mail to a member of staff about the own account. It is the
// handler of store.JobAccountMail: job is the outbox row. Where the address
// that was typed is nobody's, there is nothing to send and nothing to tell.
func (s *Service) Account(ctx context.Context, job, id int64) error {
	var (
		m      store.AccountMail
		out    mail.Mail
		reason string
	)
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if m, err = tx.AccountMails().Get(ctx, id); err != nil || m.State != civic.MessageQueued {
			return err
		}
		out, reason, err = s.composeAccount(ctx, tx, m)
		return err
	})
	if err != nil {
		return fmt.Errorf("compose the mail: %w", err)
	}
	state := m.State
	if reason == "" {
		reason = m.Reason
	}
	if state == civic.MessageQueued {
		if state, reason, err = s.deliver(ctx, out, reason); err != nil {
			return err
		}
	}
	return s.settle(ctx, job, func(ctx context.Context, tx store.Tx, now time.Time) error {
		_, err := tx.AccountMails().Settle(ctx, id, state, reason, now)
		return err
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
		Name: u.Name, Email: u.Email, Device: m.Detail, When: m.CreatedAt.In(civic.Zone).Format("15:04, 02/01/2006"), Staff: s.PublicURL + "/staff/account",
	}
	if m.Nonce != "" {
		a.Link = s.PublicURL + "/staff/link/" + s.Keys.LinkToken(m.Nonce)
	}
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, "account_"+m.Kind+".txt", a); err != nil {
		return mail.Mail{}, "", fmt.Errorf("render the mail: %w", err)
	}
	subject, text, _ := strings.Cut(b.String(), "\n")
	return mail.Mail{
		To: u.Email, Subject: subject, Text: strings.TrimSpace(text) + "\n", Language: string(civic.Vietnamese),
		MessageID: fmt.Sprintf("account.%d@%s", m.ID, s.host()),
	}, "", nil
}
