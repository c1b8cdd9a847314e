package sqlstore

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hienke/configs"
	"hienke/internal/civic"
	"hienke/internal/registry"
	"hienke/internal/store"
	clocks "hienke/internal/timetable" // this package has a type of that name
	"hienke/internal/triage"
)

// queueRows returns how many open cases a benchmark of the queue loads:
// HIENKE_BENCH_OPEN, or 10,000. The figure that is promised holds at 100,000.
func queueRows(b *testing.B) int {
	b.Helper()
	text := os.Getenv("HIENKE_BENCH_OPEN")
	if text == "" {
		return 10_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1000 {
		b.Fatalf("HIENKE_BENCH_OPEN=%s: want a number of at least 1000", text)
	}
	return n
}

const (
	// queueLooks is how often each view is opened; two are slower than the 99th
	// percentile.
	queueLooks = 200
	// queueOfficers is how many accounts handle the cases, queueAgencies how many
	// agencies have them; a fifth are with the first.
	queueOfficers = 400
	queueAgencies = 20
	queuePage     = 50
	queueCountTo  = 999
)

// BenchmarkQueue opens the first page of each view among HIENKE_BENCH_OPEN open
// cases, as the page does: its lines with their number, and the numbers of all
// standing views beside it. It reports the median and the 99th percentile in
// milliseconds, and how many times longer the lines take than the bare reading
// of the same rows by their ids.
func BenchmarkQueue(b *testing.B) {
	for _, name := range []string{"sqlite", "postgres"} {
		b.Run(name, func(b *testing.B) {
			q := loadQueue(b, open(b, databases[name](b)), queueRows(b))
			for _, who := range []struct {
				name  string
				actor civic.Actor
			}{{"coordinator", q.coordinator}, {"officer", q.officer}, {"approver", q.approver}} {
				for _, v := range civic.ViewsFor(who.actor) {
					b.Run(who.name+"/"+string(v), func(b *testing.B) { q.look(b, who.actor, v) })
				}
			}
		})
	}
}

// queueBench is a filled store and people who look at it.
type queueBench struct {
	store                          *Store
	triage                         *triage.Service
	coordinator, officer, approver civic.Actor
}

func (q *queueBench) look(b *testing.B, actor civic.Actor, v civic.View) {
	ctx := b.Context()
	var standing []triage.QueueRequest
	for _, v := range civic.ViewsFor(actor) {
		standing = append(standing, triage.QueueRequest{View: v})
	}
	for range b.N {
		var page, lines, bare []float64
		for range queueLooks {
			began := time.Now()
			found, err := q.triage.Queue(ctx, actor, triage.QueueRequest{View: v, Sort: store.SortDue, PerPage: queuePage, CountTo: queueCountTo})
			if err != nil {
				b.Fatal(err)
			}
			lines = append(lines, milliseconds(time.Since(began)))
			if _, err := q.triage.CountQueues(ctx, actor, queueCountTo, 0, standing); err != nil {
				b.Fatal(err)
			}
			page = append(page, milliseconds(time.Since(began)))
			ids := make([]civic.SubmissionID, len(found.Items))
			for i, item := range found.Items {
				ids[i] = item.ID
			}
			began = time.Now()
			if err := q.bare(b, ids); err != nil {
				b.Fatal(err)
			}
			bare = append(bare, milliseconds(time.Since(began)))
		}
		report(b, "page", page)
		report(b, "lines", lines)
		report(b, "bare", bare)
		b.ReportMetric(lines[len(lines)/2]/bare[len(bare)/2], "lines/bare")
		b.ReportMetric(0, "ns/op")
	}
}

// bare reads rows by their ids and nothing else.
func (q *queueBench) bare(b *testing.B, ids []civic.SubmissionID) error {
	return q.store.within(b.Context(), q.store.read, q.store.dialect.snapshot(), func(t *tx) error {
		_, err := list(b.Context(), t, func(r row) (s civic.Submission, err error) { return s, r.Scan(submissionDest(&s)...) },
			"SELECT "+submissionSelect+" FROM submissions s WHERE s.id IN LIST(?)", t.d.set(ints(ids)))
		return err
	})
}

// loadQueue fills a store with n open cases.
func loadQueue(b *testing.B, s *Store, n int) *queueBench {
	b.Helper()
	ctx, now := b.Context(), time.Date(2026, time.November, 22, 1, 2, 3, 0, time.UTC)
	data, err := registry.Load(configs.Registry())
	if err != nil {
		b.Fatal(err)
	}
	agencies := []civic.AgencyCode{"bo-khoa-hoc-cong-nghe"}
	for _, a := range data.Registry.Agencies {
		if len(agencies) < queueAgencies && a.Code != agencies[0] && a.Parent == "" {
			agencies = append(agencies, a.Code)
		}
	}
	times, err := clocks.Fixed(data.Registry)
	if err != nil {
		b.Fatal(err)
	}
	q := &queueBench{store: s, triage: &triage.Service{Store: s, Registry: data.Registry, Times: times, Now: func() time.Time { return now }}}
	account := func(role civic.Role, agency civic.AgencyCode, i int) civic.Actor {
		u := civic.User{Email: fmt.Sprintf("%s.%d@example.vn", role, i), Name: "Cán bộ " + strconv.Itoa(i), Role: role, Agency: agency, Active: true, CreatedAt: now}
		err := s.Do(ctx, func(tx store.Tx) (err error) { u.ID, err = tx.Users().Add(ctx, u); return err })
		if err != nil {
			b.Fatal(err)
		}
		return civic.StaffOf(u)
	}
	q.coordinator, q.approver = account(civic.RoleCoordinator, "", 0), account(civic.RoleApprover, agencies[0], 0)
	officers := make([]civic.UserID, queueOfficers)
	for i := range officers {
		who := account(civic.RoleOfficer, agencies[i%len(agencies)], i)
		if officers[i] = who.User; i == 0 {
			q.officer = who
		}
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range benchCallers {
		wg.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				r := benchReceipt("Q", int64(i))
				r.Jobs, r.Messages = nil, nil
				openCase(&r.Submission, i, now, agencies, officers)
				if _, err := s.Receive(ctx, r); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	// A reason for each line, an answer for each that waits for approval.
	for _, query := range []string{
		`INSERT INTO routes (submission_id, decided_at, decided_by, agency, score, rule_id, words)
			SELECT id, received_at, 'rule', agency, 0.9, 'r', '["ho", "so"]' FROM submissions`,
		`INSERT INTO scopes (submission_id, suggested, confidence, scope, decided_by, decided_at) SELECT id, 'in_scope', 0.9, 'in_scope', 'system', received_at FROM submissions`,
		`INSERT INTO answers (submission_id, text, outcome, agency, drafted_by, drafted_at) SELECT id, 'Đã tiếp thu.', 'explained', agency, assignee, received_at FROM submissions WHERE state = 'in_review'`,
		`ANALYZE`,
	} {
		if _, err := s.write.ExecContext(ctx, query); err != nil {
			b.Fatal(err)
		}
	}
	return q
}

// openStates are the states of ten cases out of ten.
var openStates = []civic.State{
	civic.Triage, civic.Triage, civic.Assigned, civic.Assigned, civic.InProgress, civic.InProgress, civic.InProgress, civic.InProgress,
	civic.AwaitingCitizen, civic.InReview,
}

// openCase makes the i-th case one of those that lie open on a usual day: some
// without an agency, some late, some handed on.
func openCase(sub *civic.Submission, i int, now time.Time, agencies []civic.AgencyCode, officers []civic.UserID) {
	sub.State = openStates[i%len(openStates)]
	sub.ReceivedAt = now.Add(-time.Duration(i) * time.Minute)
	sub.DueAt = now.Add(time.Duration(i*7919%40_000-10_000) * time.Minute) // from a week late to three weeks ahead
	if sub.State == civic.Triage {
		return
	}
	at := i / len(openStates)
	agency := at % (len(agencies) + len(agencies)/4) // a fifth are with the first
	if agency >= len(agencies) {
		agency = 0
	}
	sub.Agency = agencies[agency]
	if sub.State != civic.Assigned {
		sub.Assignee = officers[agency+at*len(agencies)%len(officers)]
	}
	if i%17 == 0 {
		sub.Handovers = 1
	}
}
