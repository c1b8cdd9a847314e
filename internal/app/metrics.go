package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hienke/internal/jobs"
	"hienke/internal/store"
)

// metrics counts what operators watch. Labels are routes, kinds and classes,
// never anything of a person.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	relayed  *prometheus.CounterVec
	ran      *prometheus.HistogramVec
	looped   *prometheus.HistogramVec
	backlog  *prometheus.GaugeVec
	oldest   *prometheus.GaugeVec
	indexing *prometheus.GaugeVec
	// Rules and classifier.
	failing *prometheus.GaugeVec
	broken  prometheus.Gauge
	trained prometheus.Gauge
}

func newMetrics() *metrics {
	seconds := prometheus.ExponentialBuckets(0.001, 2.5, 12) // 1 ms to 24 s
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hienke_http_request_seconds", Help: "Time to answer a request.", Buckets: seconds,
		}, []string{"route", "method", "status"}),
		relayed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hienke_jobs_relayed_total", Help: "Jobs handed to the queue.",
		}, []string{"kind"}),
		ran: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hienke_job_seconds", Help: "Time of one run of a job.", Buckets: seconds,
		}, []string{"kind", "outcome"}),
		looped: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hienke_round_seconds", Help: "Time of one round of a loop.", Buckets: seconds,
		}, []string{"loop", "failed"}),
		backlog: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "hienke_outbox_jobs", Help: "Undone jobs in the outbox.",
		}, []string{"kind"}),
		oldest: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "hienke_outbox_oldest_seconds", Help: "Age of the oldest undone job.",
		}, []string{"kind"}),
		indexing: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "hienke_index_waiting", Help: "Submissions that an index has not seen since they changed.",
		}, []string{"index"}),
	}
	m.failing = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "hienke_rule_errors", Help: "Texts on which a live rule failed, by rule and version.",
	}, []string{"rule", "version"})
	m.broken = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "hienke_model_broken", Help: "1 while the active classifier cannot be read and an older one serves.",
	})
	m.trained = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "hienke_model_trained_seconds", Help: "When the active classifier was trained, in seconds since 1970.",
	})
	m.registry.MustRegister(m.failing, m.broken, m.trained)
	m.registry.MustRegister(m.requests, m.relayed, m.ran, m.looped, m.backlog, m.oldest, m.indexing,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

var _ jobs.Meter = (*metrics)(nil)

// Relayed implements jobs.Meter.
func (m *metrics) Relayed(kind store.JobKind, n int) {
	m.relayed.WithLabelValues(string(kind)).Add(float64(n))
}

// Ran implements jobs.Meter.
func (m *metrics) Ran(kind store.JobKind, outcome jobs.Outcome, took time.Duration) {
	m.ran.WithLabelValues(string(kind), string(outcome)).Observe(took.Seconds())
}

// Looped implements jobs.Meter.
func (m *metrics) Looped(name string, failed bool, took time.Duration) {
	m.looped.WithLabelValues(name, strconv.FormatBool(failed)).Observe(took.Seconds())
}

// observe counts one answered request.
func (m *metrics) observe(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Observe(took.Seconds())
}

// refresh reads the gauges from the database.
func (m *metrics) refresh(ctx context.Context, st store.Store, now time.Time) error {
	return st.View(ctx, func(tx store.Tx) error {
		pending, err := tx.Outbox().Pending(ctx)
		if err != nil {
			return err
		}
		for _, kind := range store.JobKinds {
			b, age := pending[kind], 0.0
			if b.Count > 0 {
				age = now.Sub(b.Oldest).Seconds()
			}
			m.backlog.WithLabelValues(string(kind)).Set(float64(b.Count))
			m.oldest.WithLabelValues(string(kind)).Set(age)
		}
		for _, name := range store.IndexNames {
			n, err := tx.IndexQueue().Len(ctx, name)
			if err != nil {
				return err
			}
			m.indexing.WithLabelValues(string(name)).Set(float64(n))
		}
		return nil
	})
}

// refreshRouting reads the gauges of rules and classifier.
func (m *metrics) refreshRouting(ctx context.Context, s Services) error {
	rules, err := s.Rulebook.Health(ctx)
	if err != nil {
		return err
	}
	m.failing.Reset() // of versions that decide no more
	for _, f := range rules.Failing {
		m.failing.WithLabelValues(f.ID, strconv.Itoa(f.Version)).Set(float64(f.Errors))
	}
	model, err := s.Learning.Health(ctx)
	if err != nil {
		return err
	}
	m.broken.Set(0)
	if model.Broken != "" {
		m.broken.Set(1)
	}
	if !model.TrainedAt.IsZero() {
		m.trained.Set(float64(model.TrainedAt.Unix()))
	}
	return nil
}

// serveMetrics answers /metrics on its own address until ctx ends.
func (a *App) serveMetrics(ctx context.Context) error {
	handler := promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		err := errors.Join(a.metrics.refresh(r.Context(), a.Store, a.Now()), a.metrics.refreshRouting(r.Context(), a.Services))
		if err != nil {
			a.Log.Warn("the gauges are old", "error", err.Error())
		}
		handler.ServeHTTP(w, r)
	})
	// A worker has no other address for the checks of its platform.
	mux.HandleFunc("GET /healthz", a.health)
	mux.HandleFunc("GET /readyz", a.ready)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.Config.Metrics.Listen)
	if err != nil {
		return fmt.Errorf("listen for metrics: %w", err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: shutdownTime}
	context.AfterFunc(ctx, func() { _ = server.Close() }) // ends Serve
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve metrics: %w", err)
	}
	return nil
}
