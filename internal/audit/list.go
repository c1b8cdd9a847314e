package audit

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// PerPage is how many entries a page has.
const PerPage = 50

// MostExported bounds one file: a longer stretch is taken out in several, each
// behind the last entry of the one before.
const MostExported = 100_000

// Request narrows the audit. Empty fields do not.
type Request struct {
	From, Until time.Time // bounds, half open
	Actor       civic.ActorKind
	User        civic.UserID
	Code        civic.Code
	Source      store.AuditSource
	What        string // an act, as the lines name it
	// After and Before bound Seq, both left out.
	After, Before int64
}

// Page is a page of the audit, the newest first.
type Page struct {
	Entries []Shown
	More    bool
	// Total is how many entries the request means on all pages, MostCounted where
	// there are that many or more.
	Total int
}

// MostCounted bounds how far Total counts: beyond it nobody reads on.
const MostCounted = 10_000

// Shown is an entry with the text that still stands in its log.
type Shown struct {
	store.AuditEntry
	Reason string
}

// List returns a page of the audit within the person's scope: to somebody whose
// rights end at an agency, what concerns no case of it is not shown. A code
// that nobody has gives an empty page.
func (s *Service) List(ctx context.Context, actor civic.Actor, r Request) (page Page, err error) {
	q, err := s.query(ctx, actor, r)
	if err != nil || q.Limit == 0 {
		return Page{}, err
	}
	q.Limit = PerPage + 1
	err = s.Store.View(ctx, func(tx store.Tx) error {
		page = Page{}
		entries, err := tx.Audit().List(ctx, q)
		if err != nil {
			return err
		}
		if page.More = len(entries) > PerPage; page.More {
			entries = entries[:PerPage]
		}
		whole := q
		whole.After, whole.Before, whole.Limit = 0, 0, MostCounted
		if page.Total, err = tx.Audit().Count(ctx, whole); err != nil {
			return err
		}
		page.Entries, err = withReasons(ctx, tx, entries)
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("list the audit: %w", err)
	}
	return page, nil
}

// withReasons adds the texts of the lines.
func withReasons(ctx context.Context, tx store.Tx, entries []store.AuditEntry) ([]Shown, error) {
	ids := map[store.AuditSource][]int64{}
	for _, e := range entries {
		if e.Mark != "" {
			ids[e.Source] = append(ids[e.Source], e.SourceID)
		}
	}
	lines := map[store.AuditSource]map[int64]store.AuditLine{}
	for source, list := range ids {
		found, err := tx.Audit().Lines(ctx, source, list)
		if err != nil {
			return nil, err
		}
		lines[source] = found
	}
	out := make([]Shown, len(entries))
	for i, e := range entries {
		out[i] = Shown{AuditEntry: e, Reason: lines[e.Source][e.SourceID].Text}
	}
	return out, nil
}

// query turns a request into one for the store. Its Limit is zero where nothing
// can match.
func (s *Service) query(ctx context.Context, actor civic.Actor, r Request) (store.AuditQuery, error) {
	if err := actor.CheckPermission(civic.SeeAudit); err != nil {
		return store.AuditQuery{}, err
	}
	q := store.AuditQuery{From: r.From, Until: r.Until, Actor: r.Actor, User: r.User, Source: r.Source, What: r.What, After: r.After, Before: r.Before, Limit: 1}
	if actor.Bound() {
		q.Scope = append([]civic.AgencyCode{}, s.Registry.Subtree(actor.Agency)...)
	}
	if r.Code == "" {
		return q, nil
	}
	err := s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, r.Code)
		q.Submission = sub.ID
		return err
	})
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return store.AuditQuery{}, nil
	}
	return q, err
}

// Exported is an entry as it is taken out: the bytes that its hash covers, and
// beside them what a reader needs.
type Exported struct {
	store.AuditEntry
	Line []byte
}

// Export calls each for every entry that the request means, the oldest first,
// up to MostExported, and notes in the audit that somebody took it out.
func (s *Service) Export(ctx context.Context, actor civic.Actor, r Request, each func(Exported) error) error {
	q, err := s.query(ctx, actor, r)
	if err != nil {
		return err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		return tx.Audit().Note(ctx, store.AuditLine{
			At: s.Now(), Actor: actor.Kind, User: actor.User, What: store.NoteAuditExported, Subject: "audit", Detail: fmt.Sprintf("%d >", r.After),
		})
	})
	if err != nil {
		return fmt.Errorf("export the audit: %w", err)
	}
	if q.Limit == 0 {
		return nil
	}
	q.Upwards, q.Limit = true, stride
	for done := 0; done < MostExported; done += stride {
		entries, err := s.exportable(ctx, q)
		if err != nil {
			return fmt.Errorf("export the audit: %w", err)
		}
		for _, e := range entries {
			if err := each(e); err != nil {
				return err
			}
		}
		if len(entries) < stride {
			return nil
		}
		q.After = entries[len(entries)-1].Seq
	}
	return nil
}

// exportable reads a stretch of entries, each with the hash before it.
func (s *Service) exportable(ctx context.Context, q store.AuditQuery) (out []Exported, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		out = nil
		entries, err := tx.Audit().List(ctx, q)
		if err != nil {
			return err
		}
		var last store.AuditEntry
		for _, e := range entries {
			if e.Seq > 1 && last.Seq != e.Seq-1 {
				before, err := tx.Audit().List(ctx, store.AuditQuery{After: e.Seq - 2, Upwards: true, Limit: 1})
				if err != nil {
					return err
				}
				if len(before) > 0 {
					last = before[0]
				}
			}
			out = append(out, Exported{AuditEntry: e, Line: Encode(e, last.Hash)})
			last = e
		}
		return nil
	})
	return out, err
}
