package triage

import (
	"context"
	"fmt"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// SetKind says which kind a submission is that its sender left open, or chose
// wrongly. The deadline that the sender was told stays.
func (s *Service) SetKind(ctx context.Context, actor civic.Actor, code civic.Code, version int, kind civic.Kind) error {
	err := s.run(ctx, actor, code, version, casework.Act{Permission: civic.KeyIn, Do: func(_ context.Context, _ store.Tx, c *casework.Change) error {
		if !kind.Valid() {
			return errs.InvalidFields(errs.Field{Name: "kind", Code: "field.required"})
		}
		if civic.Settled.Has(c.Sub.State) {
			return errs.New(errs.Conflict, "submission.move_not_allowed")
		}
		c.Sub.Kind, c.Sub.KindOpen = kind, false
		c.Event = civic.Event{Type: civic.EventKindSet, Reason: string(kind)}
		return nil
	}})
	if err != nil {
		return fmt.Errorf("set the kind: %w", err)
	}
	return nil
}
