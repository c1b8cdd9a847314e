package web

import (
	"context"
	"strconv"
	"strings"

	"hienke/internal/bulk"
	"hienke/internal/civic"
	"hienke/internal/dialogue"
	"hienke/internal/errs"
	"hienke/internal/triage"
	"hienke/internal/worklist"
)

// BulkActs are the use cases behind the acts on many cases, and those that take
// them back. They read what the forms of this package ask for.
func BulkActs(t *triage.Service, d *dialogue.Service, l *worklist.Service) (do, undo map[civic.BulkAct]bulk.Act) {
	tag := func(ctx context.Context, c bulk.Call) error { return l.Tag(ctx, c.Actor, c.Code, c.Input["tag"]) }
	untag := func(ctx context.Context, c bulk.Call) error { return l.Untag(ctx, c.Actor, c.Code, c.Input["tag"]) }
	urgent := func(is bool) bulk.Act {
		return func(ctx context.Context, c bulk.Call) error {
			return t.SetUrgent(ctx, c.Actor, c.Code, c.Version, is, c.Input["reason"])
		}
	}
	do = map[civic.BulkAct]bulk.Act{
		civic.BulkUrgent: urgent(true), civic.BulkNotUrgent: urgent(false),
		civic.BulkTag: tag, civic.BulkUntag: untag,
		civic.BulkAssign: func(ctx context.Context, c bulk.Call) error {
			return t.Assign(ctx, c.Actor, c.Code, c.Version, civic.AgencyCode(c.Input["agency"]), c.Input["reason"])
		},
		civic.BulkHandBack: func(ctx context.Context, c bulk.Call) error {
			return t.HandBack(ctx, c.Actor, c.Code, c.Version, c.Input["reason"], civic.AgencyCode(c.Input["suggested_agency"]))
		},
		civic.BulkMerge: func(ctx context.Context, c bulk.Call) error {
			into := strings.TrimSpace(c.Input["into"])
			if into == "" {
				return errs.InvalidFields(errs.Field{Name: "into", Code: "field.required"})
			}
			return t.Merge(ctx, c.Actor, c.Code, c.Version, into, c.Input["reason"])
		},
		civic.BulkExtend: func(ctx context.Context, c bulk.Call) error {
			days, err := strconv.Atoi(strings.TrimSpace(c.Input["days"]))
			if err != nil {
				return errs.InvalidFields(errs.Field{Name: "days", Code: "field.not_a_number"})
			}
			return d.Extend(ctx, c.Actor, c.Code, c.Version, days, c.Input["reason"])
		},
		civic.BulkRelease: func(ctx context.Context, c bulk.Call) error {
			return t.Release(ctx, c.Actor, c.Code, c.Version)
		},
		civic.BulkDecideScope: func(ctx context.Context, c bulk.Call) error {
			return t.DecideScope(ctx, c.Actor, c.Code, c.Version, triage.ScopeChoice{
				Scope: civic.Scope(c.Input["verdict"]), Channel: c.Input["channel"], Reason: c.Input["reason"],
			})
		},
		civic.BulkReject: func(ctx context.Context, c bulk.Call) error {
			r := civic.Rejection{Reason: c.Input["reason_code"], Message: c.Input["message"], Channel: c.Input["channel"]}
			return t.Refuse(ctx, c.Actor, c.Code, c.Version, r, c.Input["cluster"])
		},
	}
	putBack := func(handed bool) bulk.Act {
		return func(ctx context.Context, c bulk.Call) error {
			return t.PutBack(ctx, c.Actor, c.Code, c.Version, triage.Place{
				State: c.Was.State, Agency: c.Was.Agency, Assignee: c.Was.Assignee, Handovers: c.Was.Handovers,
				TriageReason: c.Was.TriageReason, Hold: c.Was.Hold, Route: c.Was.Route,
			}, handed)
		}
	}
	undo = map[civic.BulkAct]bulk.Act{
		civic.BulkUrgent: urgent(false), civic.BulkNotUrgent: urgent(true),
		civic.BulkTag: untag, civic.BulkUntag: tag, civic.BulkAssign: putBack(false), civic.BulkHandBack: putBack(true),
		civic.BulkMerge: func(ctx context.Context, c bulk.Call) error {
			return t.Unmerge(ctx, c.Actor, c.Code, c.Version, "")
		},
	}
	return do, undo
}
