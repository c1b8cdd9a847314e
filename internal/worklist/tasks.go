package worklist

import (
	"context"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// maxTasks bounds the list of what failed: when there is more than this, one
// service is away and the list tells nothing new.
const maxTasks = 200

// Task is a promise that the machine could not keep so far.
type Task struct {
	store.Job
	// Case is the case that it is about; zero where it is about none.
	Case civic.Submission
}

// Tasks returns what failed and rests, the oldest first.
func (s *Service) Tasks(ctx context.Context, actor civic.Actor) (tasks []Task, err error) {
	if err := actor.CheckPermission(civic.RetryTasks); err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		jobs, err := tx.Outbox().Failing(ctx, maxTasks)
		if err != nil {
			return err
		}
		tasks = make([]Task, len(jobs))
		for i, j := range jobs {
			tasks[i].Job = j
			if tasks[i].Case, err = caseOf(ctx, tx, j); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the tasks: %w", err)
	}
	return tasks, nil
}

// caseOf finds the case that a job is about.
func caseOf(ctx context.Context, tx store.Tx, j store.Job) (civic.Submission, error) {
	id := civic.SubmissionID(j.Subject)
	switch j.Kind {
	case store.JobMatch, store.JobRoute, store.JobRematch, store.JobTell, store.JobFollowMatch:
	case store.JobSend:
		m, err := tx.Messages().Get(ctx, j.Subject)
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return civic.Submission{}, err
		}
		id = m.Submission
	default:
		return civic.Submission{}, nil
	}
	sub, err := tx.Submissions().Get(ctx, id)
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return civic.Submission{}, nil
	}
	return sub, err
}

// Retry lets a task go again at once. One that is done, or under way again
// already, is left: it reports false.
func (s *Service) Retry(ctx context.Context, actor civic.Actor, id int64) (again bool, err error) {
	if err := actor.CheckPermission(civic.RetryTasks); err != nil {
		return false, err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) (err error) {
		again, err = tx.Outbox().Retry(ctx, id)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("retry the task: %w", err)
	}
	if again && s.Committed != nil {
		s.Committed()
	}
	return again, nil
}
