package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.AgencyNotices = agencyNotices{}

var agencyNoticeInsert = insert{table: "agency_notices", columns: []string{"submission_id", "agency", "state", "created_at"}, types: "ittz"}

// Add implements store.AgencyNotices.
func (t agencyNotices) Add(ctx context.Context, n store.AgencyNotice) (int64, error) {
	id, err := t.insertRow(ctx, agencyNoticeInsert, []any{int64(n.Submission), string(n.Agency), string(civic.MessageQueued), n.CreatedAt})
	if err != nil {
		return 0, err
	}
	_, err = t.Outbox().Put(ctx, store.Job{Kind: store.JobNotify, Subject: id, CreatedAt: n.CreatedAt})
	return id, err
}

// Get implements store.AgencyNotices.
func (t agencyNotices) Get(ctx context.Context, noticeID int64) (store.AgencyNotice, error) {
	return get(ctx, t.tx, "notice.not_found", func(r row) (n store.AgencyNotice, err error) {
		return n, r.Scan(&n.ID, id(&n.Submission), &n.Agency, &n.State, &n.Reason, at(&n.CreatedAt), at(&n.SettledAt))
	}, `SELECT id, submission_id, agency, state, reason, created_at, settled_at FROM agency_notices WHERE id = ?`, noticeID)
}

// Settle implements store.AgencyNotices.
func (t agencyNotices) Settle(ctx context.Context, id int64, state civic.MessageState, reason string, now time.Time) (bool, error) {
	if state != civic.MessageSent && state != civic.MessageNotSent {
		return false, errs.New(errs.Internal, "message.not_settled")
	}
	n, err := t.exec(ctx, `UPDATE agency_notices SET state = ?, reason = ?, settled_at = ? WHERE id = ? AND state = 'queued'`,
		string(state), reason, now, id)
	if err != nil || n == 1 {
		return n == 1, err
	}
	_, err = t.Get(ctx, id)
	return false, err
}

// Refused implements store.AgencyNotices.
func (t agencyNotices) Refused(ctx context.Context, reason string, since time.Time) (map[civic.AgencyCode]int, error) {
	out := map[civic.AgencyCode]int{}
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var code civic.AgencyCode
		var n int
		err := r.Scan(&code, &n)
		out[code] = n
		return struct{}{}, err
	}, `SELECT agency, count(*) FROM agency_notices WHERE state = 'not_sent' AND reason = ? AND created_at >= ? GROUP BY agency`, reason, since)
	return out, err
}
