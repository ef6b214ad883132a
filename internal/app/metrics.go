package app

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/problem"
)

// metrics are the server's own figures. No label names a person, a session or a place.
type metrics struct {
	registry *prometheus.Registry

	accepted          *prometheus.CounterVec // by modality
	dropped           prometheus.Counter
	reports           *prometheus.CounterVec // by whether they were signed
	refused           *prometheus.CounterVec // by problem
	requests          *prometheus.CounterVec // by route and status
	folded            prometheus.Counter
	passedOver        prometheus.Counter
	foldRetries       prometheus.Counter
	checkpointSeconds prometheus.Histogram
	levelChanges      *prometheus.CounterVec // by new level
	casesOpened       prometheus.Counter
	promise           prometheus.Gauge
	fact              *prometheus.GaugeVec // by estimate, low and high
	threshold         *prometheus.GaugeVec // by which
	shadow            prometheus.Gauge
	shadowChanges     *prometheus.CounterVec // by new level
	shadowCases       prometheus.Counter
	verdicts          *prometheus.CounterVec // by verdict
	deliveries        *prometheus.CounterVec // by outcome
	streamBytes       prometheus.Gauge
	behindSeconds     prometheus.Gauge
}

func newMetrics() *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "ipse", Name: name, Help: help})
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "ipse", Name: name, Help: help}, labels)
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "ipse", Name: name, Help: help})
	}
	gauges := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "ipse", Name: name, Help: help}, labels)
	}
	m := &metrics{
		registry:    prometheus.NewRegistry(),
		accepted:    counters("observations_accepted_total", "Observations that were acknowledged.", "modality"),
		dropped:     counter("observations_dropped_by_collectors_total", "Observations that collectors say they had to drop."),
		reports:     counters("reports_accepted_total", "Reports that were taken, by whether they were signed.", "signed"),
		refused:     counters("requests_refused_total", "Requests that were refused, by the problem's name.", "problem"),
		requests:    counters("http_requests_total", "Requests that were answered.", "route", "status"),
		folded:      counter("messages_folded_total", "Messages of the stream that were folded in."),
		passedOver:  counter("messages_passed_over_total", "Messages that could not be folded in or kept; look at the log."),
		foldRetries: counter("fold_retries_total", "Attempts to fold or checkpoint that failed and were repeated."),
		checkpointSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "ipse", Name: "checkpoint_seconds",
			Help: "Time that a checkpoint takes.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 12)}),
		levelChanges:  counters("risk_level_changes_total", "Changes of risk level, by the new level.", "level"),
		casesOpened:   counter("cases_opened_total", "Alarms."),
		promise:       gauge("budget_promised_alerts", "Alerts per 1,000 people and working day that are promised at most."),
		fact:          gauges("budget_estimated_alerts", "False alerts per 1,000 people and working day over the last 28 days: the estimate and the ends of its interval; absent where too little is known.", "value"),
		threshold:     gauges("budget_threshold_nats", "Log-odds of HIGH: in force, and the threshold that would keep the promise, where it is known.", "which"),
		shadow:        gauge("shadow_mode", "1 in shadow mode, in which nobody but the console is told of levels."),
		shadowChanges: counters("shadow_risk_level_changes_total", "Changes of risk level in shadow mode, by the new level.", "level"),
		shadowCases:   counter("shadow_cases_opened_total", "Alarms in shadow mode."),
		verdicts:      counters("verdicts_total", "Verdicts of reviewers.", "verdict"),
		deliveries:    counters("webhook_deliveries_total", "Attempts to tell the webhook.", "outcome"),
		streamBytes:   gauge("stream_bytes", "Size of the stream."),
		behindSeconds: gauge("fold_behind_seconds", "How far the slowest partition is behind."),
	}
	m.registry.MustRegister(m.accepted, m.dropped, m.reports, m.refused, m.requests, m.folded, m.passedOver, m.foldRetries,
		m.checkpointSeconds, m.levelChanges, m.casesOpened, m.promise, m.fact, m.threshold, m.shadow, m.shadowChanges, m.shadowCases, m.verdicts, m.deliveries, m.streamBytes, m.behindSeconds,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// state shows promise and fact.
func (m *metrics) state(s statement) {
	m.promise.Set(s.Rule.promise)
	m.fact.Reset()
	if len(s.Days) > 0 {
		m.fact.WithLabelValues("estimate").Set(s.Fact.PerThousand)
		m.fact.WithLabelValues("low").Set(s.Fact.Low)
		m.fact.WithLabelValues("high").Set(s.Fact.High)
	}
	m.threshold.Reset()
	m.threshold.WithLabelValues("in_force").Set(s.Rule.inForce())
	if s.CanKeep {
		m.threshold.WithLabelValues("keeping").Set(s.Keeping.LogOdds)
	}
}

// levelChanged counts a change of level. Shadow mode has series of its own: whoever watches the others to act on them must
// not be bothered either.
func (m *metrics) levelChanged(to policy.Level, shadow bool) {
	if shadow {
		m.shadowChanges.WithLabelValues(string(to)).Inc()
	} else {
		m.levelChanges.WithLabelValues(string(to)).Inc()
	}
}

// caseOpened counts an alarm.
func (m *metrics) caseOpened(shadow bool) {
	if shadow {
		m.shadowCases.Inc()
	} else {
		m.casesOpened.Inc()
	}
}

// Accepted counts what ingest took.
func (m *metrics) Accepted(observations []observation.Observation, dropped int64, signed bool) {
	m.reports.WithLabelValues(strconv.FormatBool(signed)).Inc()
	for _, o := range observations {
		m.accepted.WithLabelValues(string(o.Modality)).Inc()
	}
	m.dropped.Add(float64(dropped))
}

// Refused counts what was refused.
func (m *metrics) Refused(name problem.Name) { m.refused.WithLabelValues(string(name)).Inc() }

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// count counts answers by route: the pattern, never the path, which holds identifiers.
func (m *metrics) count(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		mux.ServeHTTP(status, r)
		m.requests.WithLabelValues(r.Pattern, strconv.Itoa(status.status)).Inc()
	})
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
	wrote  bool
}

// WriteHeader notes the status and passes it on.
func (w *statusWriter) WriteHeader(status int) {
	if !w.wrote && status >= 200 {
		w.status, w.wrote = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection, which streams of events need.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
