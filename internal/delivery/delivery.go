// Package delivery is how every mail of the product goes out: a row asks for
// it, it is written from what the store says at that moment, given to the next
// server once, and what became of it is kept together with the end of the job.
package delivery

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/mail"
	"hienke/internal/store"
)

// Why a message was not sent. Use cases have more reasons of their own.
const (
	NoChannel = "no_channel" // nothing is configured that could send it
	Refused   = "refused"    // the next server refused it for good
	Outdated  = "outdated"   // there is nothing left to tell, or nobody to tell it to
)

// Verdict is what became of a message.
type Verdict struct {
	State  civic.MessageState
	Reason string // why it was not sent
}

// NotSent is the verdict on what was not sent, with the reason.
func NotSent(reason string) Verdict { return Verdict{civic.MessageNotSent, reason} }

// Errand is a mail that a row asks for.
type Errand struct {
	// Compose reads what became of it so far and, where it is still queued,
	// writes the mail, or says why there is none to write.
	Compose func(ctx context.Context, tx store.Tx) (now Verdict, out mail.Mail, unsent string, err error)
	// Settle keeps what became of it.
	Settle func(ctx context.Context, tx store.Tx, v Verdict, at time.Time) error
}

// Carrier carries mails. Mail is nil where none is configured; the other fields
// are required.
type Carrier struct {
	Store store.Store
	Mail  mail.Sender
	Now   func() time.Time
}

// Carry does an errand: job is the outbox row. What was settled before is left
// as it is, so that running twice sends once; between the next server's
// acceptance and our commit lies the one possible repeat, which a stable
// Message-ID lets mailboxes recognise.
func (c Carrier) Carry(ctx context.Context, job int64, e Errand) error {
	var (
		v      Verdict
		out    mail.Mail
		unsent string
	)
	err := c.Store.View(ctx, func(tx store.Tx) (err error) {
		v, out, unsent, err = e.Compose(ctx, tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("compose the mail: %w", err)
	}
	if v.State == civic.MessageQueued {
		if v, err = c.Deliver(ctx, out, unsent); err != nil {
			return err
		}
	}
	return c.Settle(ctx, job, func(ctx context.Context, tx store.Tx, at time.Time) error { return e.Settle(ctx, tx, v, at) })
}

// Deliver hands a mail to the next server, unless there is a reason not to. An
// error means that it is worth another try.
func (c Carrier) Deliver(ctx context.Context, out mail.Mail, unsent string) (Verdict, error) {
	switch {
	case unsent != "":
		return NotSent(unsent), nil
	case c.Mail == nil:
		return NotSent(NoChannel), nil
	}
	return Took(c.Mail.Send(ctx, out), "send the mail")
}

// Took tells what the answer of the next server means; what is done there, for
// the error.
func Took(err error, what string) (Verdict, error) {
	switch {
	case err == nil:
		return Verdict{State: civic.MessageSent}, nil
	case errs.KindOf(err) == errs.Invalid:
		return NotSent(Refused), nil
	}
	return Verdict{}, fmt.Errorf("%s: %w", what, err)
}

// Settle finishes a job together with what note writes. What the next server
// took is noted even if the worker is told to stop.
func (c Carrier) Settle(ctx context.Context, job int64, note func(ctx context.Context, tx store.Tx, at time.Time) error) error {
	ctx = context.WithoutCancel(ctx)
	at := c.Now()
	err := c.Store.Do(ctx, func(tx store.Tx) error {
		if _, err := tx.Outbox().Finish(ctx, job, at); err != nil {
			return err
		}
		return note(ctx, tx, at)
	})
	if err != nil {
		return fmt.Errorf("note what became of the mail: %w", err)
	}
	return nil
}

// Host is the domain in Message-IDs: that of the site.
func Host(publicURL string) string {
	if u, err := url.Parse(publicURL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "hienke.invalid" // RFC 2606: nobody's
}
