package answers

import (
	"context"
	"fmt"
	"strings"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Redaction changes what the public reads of a case. Empty parts stay as they
// are.
type Redaction struct {
	Publication
	Reason string
}

// Redact writes the public version of a case, before or after it is published.
// The original stays as it is, and so does who may read the case.
func (s *Service) Redact(ctx context.Context, actor civic.Actor, code civic.Code, version int, r Redaction) error {
	if err := r.check(); err != nil {
		return err
	}
	reason := strings.TrimSpace(vitext.Normalize(r.Reason))
	if err := civic.CheckLength("reason", reason, 0, civic.MaxReason); err != nil {
		return err
	}
	if r.Title == "" && r.Body == "" && r.Files == nil {
		return errs.InvalidFields(errs.Field{Name: "public_body", Code: "field.required"})
	}
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.RedactCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if r.Title != "" {
			c.Sub.PublicTitle = r.Title
		}
		if r.Body != "" {
			c.Sub.PublicBody = r.Body
		}
		c.Event = civic.Event{Type: civic.EventRedacted, Reason: reason}
		return showFiles(ctx, tx, c.Sub.ID, r.Files, "")
	}})
	if err != nil {
		return fmt.Errorf("redact: %w", err)
	}
	s.committed()
	return nil
}

// TakeDown takes a published case from the public: its page says that it is
// gone, and search, feeds and lists lose it with their next look.
func (s *Service) TakeDown(ctx context.Context, actor civic.Actor, code civic.Code, version int, reason string) error {
	reason = strings.TrimSpace(vitext.Normalize(reason))
	if err := civic.CheckLength("reason", reason, 1, civic.MaxReason); err != nil {
		return err
	}
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.TakeDownCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if !c.Sub.Visibility.Public() {
			return errs.New(errs.Conflict, "submission.not_public")
		}
		c.Sub.Visibility = civic.TakenDown
		c.Event = civic.Event{Type: civic.EventTakenDown, Reason: reason}
		return tx.Attachments().SetPublic(ctx, c.Sub.ID, nil)
	}})
	if err != nil {
		return fmt.Errorf("take down: %w", err)
	}
	s.committed()
	return nil
}
