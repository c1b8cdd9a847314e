package triage

import (
	"context"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// MostExported bounds the cases of one file. So many are written within
// seconds, so that nobody has to come back for a file.
const MostExported = 100_000

// exportBatch is how many cases are read at once.
const exportBatch = 1000

// Export calls each for every case that the request means within the person's
// scope, in the order of receipt, up to MostExported, and notes in the audit
// that the list was taken out. What it gives is what the queue shows: never a
// contact.
func (s *Service) Export(ctx context.Context, actor civic.Actor, r QueueRequest, each func(store.QueueItem) error) error {
	q, err := s.queueQuery(ctx, actor, r)
	if err != nil {
		return err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		return tx.Audit().Note(ctx, store.AuditLine{
			At: s.Now(), Actor: actor.Kind, User: actor.User, What: store.NoteQueueExported, Subject: "queue", Detail: string(actor.Role),
		})
	})
	if err != nil {
		return fmt.Errorf("export the queue: %w", err)
	}
	var after civic.SubmissionID
	for done := 0; done < MostExported; {
		var items []store.QueueItem
		err := s.Store.View(ctx, func(tx store.Tx) (err error) {
			items, err = tx.Submissions().Register(ctx, q, after, exportBatch)
			return err
		})
		if err != nil {
			return fmt.Errorf("export the queue: %w", err)
		}
		for _, item := range items {
			if err := each(item); err != nil {
				return err
			}
		}
		if done += len(items); len(items) < exportBatch {
			return nil
		}
		after = items[len(items)-1].ID
	}
	return nil
}
