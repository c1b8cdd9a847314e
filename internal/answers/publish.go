package answers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Publication is a public version as staff write it; empty parts are taken
// from the original.
type Publication struct {
	Title string
	Body  string
	// Files are the refs of the files that are shown with it; nil leaves them as
	// they are.
	Files []string
}

func (p *Publication) check() error {
	p.Title = vitext.Line(p.Title)
	p.Body = strings.TrimSpace(vitext.Normalize(p.Body))
	if err := civic.CheckLength("public_title", p.Title, 0, civic.MaxTitle); err != nil {
		return err
	}
	return civic.CheckLength("public_body", p.Body, 0, civic.MaxBody)
}

// Publish shows a case to the public, open ones while they are handled. The
// original text stays as it is.
func (s *Service) Publish(ctx context.Context, actor civic.Actor, code civic.Code, version int, p Publication) error {
	if err := p.check(); err != nil {
		return err
	}
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.PublishCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.Confidential {
			return errs.New(errs.Conflict, "submission.confidential")
		}
		if err := casework.CheckGuardian(c.Sub); err != nil {
			return err
		}
		visibility := civic.PublicOpen
		switch {
		case civic.WithAnswer.Has(c.Sub.State):
			visibility = civic.PublicWithAnswer
		case !civic.Open.Has(c.Sub.State):
			return errs.New(errs.Conflict, "submission.not_publishable")
		}
		if p.Title != "" {
			c.Sub.PublicTitle = p.Title
		}
		if p.Body != "" {
			c.Sub.PublicBody = p.Body
		}
		show(c, visibility)
		c.Event.Type = civic.EventPublished
		return showFiles(ctx, tx, c.Sub.ID, p.Files, "")
	}})
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// Scheduled reports whether an answer is still to become public at its time.
// The question may be public already.
func Scheduled(sub civic.Submission, a civic.Answer) bool {
	waits := sub.Visibility == civic.Private || sub.Visibility == civic.PublicOpen
	return waits && !a.PublishAt.IsZero() && civic.WithAnswer.Has(sub.State)
}

// PublishDue shows an answered case whose time has come. It is the handler of
// store.JobPublish. A time that was taken back or moved leaves the case as it
// is, and so does whatever keeps a case from the public.
func (s *Service) PublishDue(ctx context.Context, job int64, id civic.SubmissionID) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		first, err := tx.Outbox().Finish(ctx, job, now)
		if err != nil || !first {
			return err
		}
		locked, err := tx.Submissions().Lock(ctx, id)
		if err != nil {
			return err
		}
		c := &casework.Change{Sub: locked[0], Now: now}
		if c.Sub.Restricted || c.Sub.Confidential || !c.Sub.Guardian.Publishable() || c.Sub.Body == civic.ErasedBody {
			return nil
		}
		a, err := tx.Answers().Approved(ctx, id)
		if err != nil && errs.KindOf(err) == errs.NotFound || err == nil && (!Scheduled(c.Sub, a) || a.PublishAt.After(now)) {
			return nil
		}
		if err != nil {
			return err
		}
		show(c, civic.PublicWithAnswer)
		if _, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobFollowMatch, Subject: int64(id), CreatedAt: now}); err != nil {
			return err
		}
		return casework.Write(ctx, tx, civic.ActorSystem, c.Sub.State, c.Sub, now, civic.Event{Type: civic.EventPublished})
	})
	if err != nil {
		return fmt.Errorf("publish at its time: %w", err)
	}
	s.committed()
	return nil
}

// CancelPublication takes the time back at which a case would become public.
func (s *Service) CancelPublication(ctx context.Context, actor civic.Actor, code civic.Code, version int) error {
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.ApproveCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		c.Event.Type = civic.EventUnscheduled
		return unschedule(ctx, tx, c.Sub)
	}})
	if err != nil {
		return fmt.Errorf("cancel the publication: %w", err)
	}
	return nil
}

// unschedule takes the time from the approved answer, and from a correction that
// was drafted meanwhile and would bring it back.
func unschedule(ctx context.Context, tx store.Tx, sub civic.Submission) error {
	approved, err := tx.Answers().Approved(ctx, sub.ID)
	if err != nil {
		return err
	}
	current, err := tx.Answers().Get(ctx, sub.ID)
	if err != nil {
		return err
	}
	if !Scheduled(sub, approved) {
		return errs.New(errs.Conflict, "publication.not_scheduled")
	}
	approved.PublishAt, current.PublishAt = time.Time{}, time.Time{}
	if _, err := tx.Answers().Put(ctx, approved); err != nil || approved.ID == current.ID {
		return err
	}
	_, err = tx.Answers().Put(ctx, current) // last, so that it stays the one that waits
	return err
}
