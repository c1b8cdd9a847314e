package worktime_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/worktime"
)

// BenchmarkDue compares the package with its twin in one run: the metric
// "twin/ours" says how many times as long the twin takes on the same cases,
// two hundred answers of fifteen working days with pauses.
func BenchmarkDue(b *testing.B) {
	w := newWorld(7)
	rows := w.calendar()
	c, slow := mustCalendar(b, rows), newTwin(rows, worktime.DefaultHours())
	type question struct {
		start  time.Time
		pauses []civic.Pause
	}
	var questions []question
	for len(questions) < 200 {
		start := w.instant()
		pauses := w.pauses(start)
		if !c.Due(start, civic.Limit{Clock: civic.WorkingDays, Amount: 15}, pauses...).IsZero() {
			questions = append(questions, question{start, pauses})
		}
	}
	for _, clock := range civic.ClockTypes {
		b.Run(string(clock), func(b *testing.B) {
			limit := civic.Limit{Clock: clock, Amount: 15}
			before := time.Now()
			for _, q := range questions {
				slow.due(q.start, limit, q.pauses, time.Minute)
			}
			twinTime := time.Since(before).Seconds() / float64(len(questions))
			i := 0
			for b.Loop() {
				q := questions[i%len(questions)]
				c.Due(q.start, limit, q.pauses...)
				i++
			}
			b.ReportMetric(twinTime/(b.Elapsed().Seconds()/float64(b.N)), "twin/ours")
		})
	}
}
