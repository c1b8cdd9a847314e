package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.Agencies = agencies{}

// Open implements store.Agencies.
func (t agencies) Open(ctx context.Context) (map[civic.AgencyCode]int, error) {
	out := map[civic.AgencyCode]int{}
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var code civic.AgencyCode
		var n int
		err := r.Scan(&code, &n)
		out[code] = n
		return struct{}{}, err
	}, `SELECT agency, count(*) FROM submissions WHERE `+isOpen+` AND agency <> '' GROUP BY agency`)
	return out, err
}

// Steps implements store.Agencies.
func (t agencies) Steps(ctx context.Context, since time.Time) ([]store.Step, error) {
	const query = `SELECT e.submission_id, e.at, e.type, e.to_state, e.agency, s.agency
		FROM events e JOIN submissions s ON s.id = e.submission_id
		WHERE e.type IN ('routed', 'assigned', 'accepted', 'handed_back') AND e.at >= ? ORDER BY e.submission_id, e.id`
	return list(ctx, t.tx, func(r row) (v store.Step, err error) {
		return v, r.Scan(id(&v.Submission), at(&v.At), &v.Type, &v.To, &v.Agency, &v.Now)
	}, query, since)
}
