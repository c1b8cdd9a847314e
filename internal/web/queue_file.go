package web

import (
	"context"
	"io"
	"net/url"
	"time"

	"hienke/internal/civic"
	"hienke/internal/exports"
	"hienke/internal/i18n"
	"hienke/internal/triage"
	"hienke/internal/worklist"
)

// QueueFile is the queue as the source of files that are written while nobody
// waits. Workers have no pages, so that it stands on the catalogue and the
// registry alone.
type QueueFile struct {
	Triage   *triage.Service
	Worklist *worklist.Service
	Registry *civic.Registry
	Now      func() time.Time
	// Catalogue returns the texts, which are read after the services are made.
	Catalogue func() *i18n.Catalogue
}

var _ exports.Source = (*QueueFile)(nil)

// request reads how the queue is narrowed.
func (q *QueueFile) request(ctx context.Context, actor civic.Actor, query string) (triage.QueueRequest, error) {
	given, _ := url.ParseQuery(query) // what was kept was read from an address
	tags, err := q.Worklist.Tags(ctx, actor)
	return queueRequest(given, tags), err
}

// Count implements exports.Source.
func (q *QueueFile) Count(ctx context.Context, actor civic.Actor, query string) (int, error) {
	r, err := q.request(ctx, actor, query)
	if err != nil {
		return 0, err
	}
	return q.Triage.CountExport(ctx, actor, r)
}

// Rows implements exports.Source.
func (q *QueueFile) Rows(ctx context.Context, actor civic.Actor, e civic.Export, after civic.SubmissionID, limit int) ([][]string, civic.SubmissionID, error) {
	r, err := q.request(ctx, actor, e.Query)
	if err != nil {
		return nil, after, err
	}
	items, err := q.Triage.ExportPart(ctx, actor, r, after, limit)
	if err != nil {
		return nil, after, err
	}
	w, in := q.words(e)
	rows := make([][]string, len(items))
	for i, item := range items {
		rows[i], after = w.queueRecord(in, item, q.Now()), item.ID
	}
	return rows, after, nil
}

// words are the language that the export was asked for in.
func (q *QueueFile) words(e civic.Export) (*Web, words) {
	catalogue := q.Catalogue()
	return &Web{Catalogue: catalogue, Deps: Deps{Registry: q.Registry}}, words{catalogue, i18n.Lang(e.Language)}
}

// Write implements exports.Source.
func (q *QueueFile) Write(to io.Writer, e civic.Export, rows func(add func([]string) error) error) error {
	_, in := q.words(e)
	out := newSheet(e.Format, to)
	if err := out.begin(in.exportHead()); err != nil {
		return err
	}
	if err := rows(out.add); err != nil {
		return err
	}
	return out.end()
}

// Most implements exports.Source.
func (*QueueFile) Most() int { return triage.MostExported }
