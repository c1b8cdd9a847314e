package privacy

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// noteErasure writes an erasure that was granted down apart from the database,
// first: a process that dies in between leaves what the next start erases.
func (s *Service) noteErasure(ctx context.Context, actor civic.Actor, ref string, now time.Time) error {
	if s.Ledger == nil {
		return nil
	}
	var r civic.PrivacyRequest
	err := s.Store.View(ctx, func(tx store.Tx) error {
		found, err := tx.PrivacyRequests().Get(ctx, ref)
		r = found.PrivacyRequest
		return err
	})
	if err != nil || r.State != civic.PrivacyGranted || r.Kind != civic.PrivacyErase || s.reaches(actor, r) != nil {
		return err // act says what is wrong
	}
	if err := s.Ledger.Note(r.Code, now); err != nil {
		return fmt.Errorf("note the erasure: %w", err)
	}
	if err := s.Ledger.NoteText(r.Code, now); err != nil {
		return fmt.Errorf("note the erasure: %w", err)
	}
	return nil
}

// drop deletes files whose rows, and with them their keys, are gone.
func (s *Service) drop(ctx context.Context, files []string) error {
	for _, ref := range files {
		if err := s.DropFile(ctx, ref); err != nil {
			return fmt.Errorf("delete an erased file: %w", err)
		}
	}
	return nil
}

// eraseCase erases text, files, reasons and contact of a case, and takes it
// from the public. What stays is that there was a case, and what the agency
// answered.
func eraseCase(ctx context.Context, tx store.Tx, actor civic.Actor, id civic.SubmissionID, now time.Time) (files []string, err error) {
	locked, err := tx.Submissions().Lock(ctx, id)
	if err != nil {
		return nil, err
	}
	if files, err = tx.Submissions().Erase(ctx, id); err != nil {
		return nil, err
	}
	if err := tx.Contacts().Destroy(ctx, id, now); err != nil && errs.KindOf(err) != errs.NotFound {
		return nil, err
	}
	sub := locked[0]
	sub.Title, sub.Body, sub.PublicTitle, sub.PublicBody, sub.PublishName, sub.Rejection.Message = civic.ErasedTitle, civic.ErasedBody, "", "", false, ""
	if sub.Visibility.Public() {
		sub.Visibility = civic.TakenDown
	}
	e := civic.Event{Type: civic.EventTextErased, User: actor.User}
	return files, casework.Write(ctx, tx, actor.Kind, sub.State, sub, now, e)
}

// withdraw takes the consent to show the name back. For a child it is the
// guardian's whole consent that ends: the case leaves the public, and what is
// known of the child is erased.
func withdraw(ctx context.Context, tx store.Tx, actor civic.Actor, id civic.SubmissionID, now time.Time) error {
	sub, err := tx.Submissions().Get(ctx, id)
	if err != nil {
		return err
	}
	if sub.Guardian.Child() { // before the lock: the family is locked as a whole
		return casework.WithdrawGuardian(ctx, tx, actor, id, now)
	}
	locked, err := tx.Submissions().Lock(ctx, id)
	if err != nil {
		return err
	}
	sub = locked[0]
	sub.PublishName = false
	return casework.Write(ctx, tx, actor.Kind, sub.State, sub, now, civic.Event{Type: civic.EventConsentWithdrawn, User: actor.User})
}
