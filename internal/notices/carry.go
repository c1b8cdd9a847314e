package notices

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/mail"
	"hienke/internal/store"
)

// errand is a mail that a row asks for, which is sent once.
type errand struct {
	// compose reads what the row says now and writes the mail, or why there is
	// none to write.
	compose func(ctx context.Context, tx store.Tx) (now verdict, out mail.Mail, unsent string, err error)
	// settle keeps what became of it.
	settle func(ctx context.Context, tx store.Tx, v verdict, at time.Time) error
}

// verdict is what became of a mail.
type verdict struct {
	state  civic.MessageState
	reason string // why it was not sent
}

// carry does an errand: job is the outbox row. What was settled before is left
// as it is, so that running twice sends once.
func (s *Service) carry(ctx context.Context, job int64, e errand) error {
	var (
		v      verdict
		out    mail.Mail
		unsent string
	)
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		v, out, unsent, err = e.compose(ctx, tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("compose the mail: %w", err)
	}
	if v.state == civic.MessageQueued {
		if v, err = s.deliver(ctx, out, unsent); err != nil {
			return err
		}
	}
	return s.settle(ctx, job, func(ctx context.Context, tx store.Tx, now time.Time) error { return e.settle(ctx, tx, v, now) })
}

// deliver hands a mail to the next server, unless there is a reason not to. An
// error means that it is worth another try.
func (s *Service) deliver(ctx context.Context, out mail.Mail, unsent string) (verdict, error) {
	switch {
	case unsent != "":
		return verdict{civic.MessageNotSent, unsent}, nil
	case s.Mail == nil:
		return verdict{civic.MessageNotSent, ReasonNoChannel}, nil
	}
	return took(s.Mail.Send(ctx, out), "send the mail")
}

// took tells what the answer of the next server means.
func took(err error, what string) (verdict, error) {
	switch {
	case err == nil:
		return verdict{state: civic.MessageSent}, nil
	case errs.KindOf(err) == errs.Invalid:
		return verdict{civic.MessageNotSent, ReasonRefused}, nil
	}
	return verdict{}, fmt.Errorf("%s: %w", what, err)
}

// settle finishes a job together with what note writes. What the mail server
// took is noted even if the worker is told to stop.
func (s *Service) settle(ctx context.Context, job int64, note func(ctx context.Context, tx store.Tx, now time.Time) error) error {
	ctx = context.WithoutCancel(ctx)
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		if _, err := tx.Outbox().Finish(ctx, job, now); err != nil {
			return err
		}
		return note(ctx, tx, now)
	})
	if err != nil {
		return fmt.Errorf("note what became of the mail: %w", err)
	}
	return nil
}
