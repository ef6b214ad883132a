package protocol

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/lab/metric"
)

func TestFiguresOfKnownTakeovers(t *testing.T) {
	never := metric.Never
	tl := tally{clusters: 2, streams: []stream{{0, 0, 2}, {1, 1, 6}},
		pairs: []pair{{0, 1, 10, 11, 100, false}, {1, 0, 20, 50, 200, false}, {0, 1, 30, 35, 300, true}, {0, 1, 40, 45, 400, false}, {1, 0, never, never, never, false}, {1, 0, never, never, never, true}}}
	r, _ := ofDwell(t)
	r.figures(tl, "x", "", allFigures)
	r.people(tl, "x")
	want := map[string]float64{
		"x.detect_seconds_p50": 20, "x.detect_seconds_p95": never, "x.detect_seconds_p50_nearest": 30, "x.detect_wall_seconds_p50": 45,
		"x.detect_wall_seconds_p95": never, "x.detect_actions_p50": 200, "x.undetected_share": 0.25, "x.undetected_share_nearest": 0.5, "x.false_alarms_per_40h": 5,
		"x.people_without_alarm_share":          (1 + math.Exp(-policy.InputHoursPerDay/6)) / 2,
		"x.people_without_alarm_share_if_alike": math.Exp(-policy.InputHoursPerDay / 8), "x.people_without_alarm_share_recorded": 0.5,
		"x.detect_seconds_person_median": 10, "x.detect_seconds_person_worst_decile": 20, "x.detect_seconds_person_worst": 20,
		"x.undetected_share_person_median": 0, "x.undetected_share_person_worst_decile": 0.5, "x.undetected_share_person_worst": 0.5,
		"x.false_alarms_per_40h_person_median": 0, "x.false_alarms_per_40h_person_worst_decile": 40. / 6, "x.false_alarms_per_40h_person_worst": 40. / 6,
	}
	for name, v := range want {
		if got, ok := r.result.Metrics[name]; !ok || math.Abs(got-v) > 1e-9*v {
			t.Errorf("%s is %g (there: %v), want %g", name, got, ok, v)
		}
	}
	if len(r.result.Metrics) != len(want) {
		t.Errorf("%d metrics, want %d: %v", len(r.result.Metrics), len(want), r.result.Metrics)
	}
	quiet := tally{clusters: 1, streams: []stream{{0, 0, 10}}}
	r.figures(quiet, "quiet", "", fewFigures)
	if got, want := r.result.CI95["quiet.false_alarms_per_40h"], 4*3.6889; math.Abs(got[1]-want) > 1e-3 || got[0] != 0 {
		t.Errorf("none in ten hours has the interval %v, want 0 to %.3f: an exact one of Poisson's", got, want)
	}
	if _, there := r.result.Metrics["quiet.detect_seconds_p50"]; there {
		t.Error("where nobody could take over, there is a time to detection")
	}
}

func TestTheThresholdFollowsTheTail(t *testing.T) {
	var counts []int
	for odds := lowestOdds; odds <= 12; odds += oddsStep {
		counts = append(counts, int(math.Round(1000*math.Exp(-0.8*(odds-lowestOdds)))))
	}
	tail := tailOf(counts, 100)
	thresholds, err := policy.ThresholdsFor(Takeover{FalseAlarmsPer40h: 4}.alerts(), tail)
	if err != nil {
		t.Fatal(err)
	}
	want := lowestOdds + math.Log(1000/10.0)/0.8 // ten alarms in 100 hours
	if math.Abs(thresholds.High-want) > 0.15 {
		t.Errorf("the threshold for 4 alarms in 40 hours is %.2f, want about %.2f", thresholds.High, want)
	}
	if thresholds, err := policy.ThresholdsFor(320, tailOf([]int{0}, 5)); err != nil || math.IsNaN(thresholds.High) {
		t.Errorf("with no alarm at all: %+v and %v, want a threshold", thresholds, err)
	}
}

func TestNeighbouringScoresOfAKnownProcess(t *testing.T) {
	const rho = 0.6
	random := rand.New(rand.NewPCG(8, 9))
	var outcomes []outcome
	for person := range 20 {
		var o outcome
		x := 0.0
		run := runOfScores{modality: observation.Keyboard}
		for range 600 {
			x = rho*x + math.Sqrt(1-rho*rho)*random.NormFloat64()
			run.scores = append(run.scores, x+float64(person)) // a person's own level is no correlation
		}
		o.track.scores = []runOfScores{run, {modality: observation.Pointer, scores: run.scores[:50]}, {modality: observation.Keyboard, scores: []float64{900}}}
		o.track.scores[2].scores[0] = float64(person)
		outcomes = append(outcomes, o)
	}
	r, _ := ofDwell(t)
	r.neighbours("x", observation.Keyboard, outcomes)
	for name, want := range map[string]float64{"x.score_autocorrelation_lag1": rho, "x.score_autocorrelation_lag2": rho * rho,
		"x.score_autocorrelation_lag16": 0, "x.score_discount": (1 - rho) / (1 + rho)} {
		if got := r.result.Metrics[name]; math.Abs(got-want) > 0.05 {
			t.Errorf("%s is %.3f, want about %.3f", name, got, want)
		}
	}
	if len(r.result.Notes) != 1 || !strings.Contains(r.result.Notes[0], "20 people, 20 sessions") {
		t.Errorf("notes %q, want one that counts the sessions that are long enough", r.result.Notes)
	}
}
