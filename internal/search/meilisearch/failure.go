package meilisearch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	client "github.com/meilisearch/meilisearch-go"

	"hienke/internal/errs"
)

// Error codes of the server that mean that what was wanted is so already, or
// that the index is not as prepare left it.
const (
	codeIndexNotFound = "index_not_found"
	codeIndexExists   = "index_already_exists"
)

// failure classifies an error of the client. Out of reach, too slow, over its
// limits, without the right key or without our index is Unavailable: none of
// it is the asker's doing, and a stand-in may answer. A request that the server
// does not understand is our defect. What was asked stays out of the text,
// because errors are logged.
func (x *Index) failure(doing string, err error) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	var answer *client.Error
	if !errors.As(err, &answer) {
		return errs.Wrap(errs.Unavailable, "search.unreachable", fmt.Errorf("%s: %w", doing, err))
	}
	if errors.Is(answer.OriginError, context.Canceled) {
		return fmt.Errorf("%s: %w", doing, context.Canceled)
	}
	cause := fmt.Errorf("%s: %s %s: status %d, %s", doing, answer.Method, answer.Endpoint,
		answer.StatusCode, answer.MeilisearchApiError.Code)
	if answer.StatusCode == 0 {
		cause = fmt.Errorf("%s: %w", doing, answer.OriginError)
	}
	if answer.StatusCode == http.StatusBadRequest {
		// A server that lost its data and was given documents made an index
		// without our settings. Look again before the next request.
		x.prepared.Store(false)
		return errs.Wrap(errs.Internal, "search.not_understood", cause)
	}
	if answer.MeilisearchApiError.Code == codeIndexNotFound {
		x.prepared.Store(false)
	}
	return errs.Wrap(errs.Unavailable, "search.unreachable", cause)
}

// ended is the error of a context that is over: the caller left, or our own
// limit was reached.
func ended(ctx context.Context, doing string) error {
	err := fmt.Errorf("%s: %w", doing, ctx.Err())
	if errors.Is(err, context.Canceled) {
		return err
	}
	return errs.Wrap(errs.Unavailable, "search.too_slow", err)
}

// Waiting for tasks: a batch takes some milliseconds on an idle server and
// seconds on a busy one.
const (
	firstPause = 5 * time.Millisecond
	maxPause   = 200 * time.Millisecond
)

// await waits until the server has carried out the tasks.
func (x *Index) await(ctx context.Context, doing string, tasks ...*client.TaskInfo) error {
	for _, task := range tasks {
		done, err := x.finished(ctx, doing, task.TaskUID)
		if err != nil {
			return err
		}
		if done.Status == client.TaskStatusSucceeded || done.Error.Code == codeIndexExists {
			continue
		}
		cause := fmt.Errorf("%s: task %d %s: %s", doing, task.TaskUID, done.Status, done.Error.Code)
		if done.Error.Code == codeIndexNotFound {
			x.prepared.Store(false)
		}
		return errs.Wrap(errs.Unavailable, "search.task_failed", cause)
	}
	return nil
}

// finished polls a task until it is over, ever more slowly.
func (x *Index) finished(ctx context.Context, doing string, uid int64) (*client.Task, error) {
	for pause := firstPause; ; pause = min(pause*3/2, maxPause) {
		task, err := x.server.GetTaskWithContext(ctx, uid)
		if err != nil {
			return nil, x.failure(doing, err)
		}
		if task.Status != client.TaskStatusEnqueued && task.Status != client.TaskStatusProcessing {
			return task, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ended(ctx, fmt.Sprintf("%s: task %d", doing, uid))
		}
	}
}
