package triage

import (
	"context"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// MostExported bounds the cases of one file, which a spreadsheet still opens.
const MostExported = 100_000

// exportBatch is how many cases are read at once.
const exportBatch = 1000

// CountExport returns how many cases the request means within the person's
// scope, up to MostExported.
func (s *Service) CountExport(ctx context.Context, actor civic.Actor, r QueueRequest) (n int, err error) {
	q, err := s.queueQuery(ctx, actor, r)
	if err != nil {
		return 0, err
	}
	q.CountTo = MostExported
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		n, err = tx.Submissions().CountQueue(ctx, q)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count for an export: %w", err)
	}
	return min(n, MostExported), nil
}

// ExportPart returns up to limit cases behind one that the request means within
// the person's scope, in the order of receipt. What it gives is what the queue
// shows: never a contact.
func (s *Service) ExportPart(ctx context.Context, actor civic.Actor, r QueueRequest, after civic.SubmissionID, limit int) ([]store.QueueItem, error) {
	q, err := s.queueQuery(ctx, actor, r)
	if err != nil {
		return nil, err
	}
	return s.exportPart(ctx, q, after, limit)
}

func (s *Service) exportPart(ctx context.Context, q store.QueueQuery, after civic.SubmissionID, limit int) (items []store.QueueItem, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		items, err = tx.Submissions().Register(ctx, q, after, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("export the queue: %w", err)
	}
	return items, nil
}

// Export calls each for every case that the request means within the person's
// scope, as ExportPart gives them, up to MostExported, and notes in the audit
// that the list was taken out.
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
		items, err := s.exportPart(ctx, q, after, exportBatch)
		if err != nil {
			return err
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
