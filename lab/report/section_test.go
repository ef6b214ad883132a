package report

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"ipse.dev/ipse/lab/metric"
	"ipse.dev/ipse/lab/protocol"
)

func TestSentence(t *testing.T) {
	tests := []struct {
		name string
		d    float64 // A minus B
		ends metric.Interval
		want string
	}{
		{"eer_global", -0.012, metric.Interval{-0.016, -0.008}, "A better than B by 1.20 points, 95 % CI 0.80 to 1.60"},
		{"eer_global", 0.012, metric.Interval{0.008, 0.016}, "B better than A by 1.20 points, 95 % CI 0.80 to 1.60"},
		{"eer_global", -0.001, metric.Interval{-0.005, 0.003}, "no difference shown between A and B: 0.10 points in favour of A, 95 % CI −0.30 to 0.50"},
		{"eer_global", 0.001, metric.Interval{-0.003, 0.005}, "no difference shown between B and A: 0.10 points in favour of B, 95 % CI −0.30 to 0.50"},
		{"auc_subject_mean_n1", 0.02, metric.Interval{0.01, 0.03}, "A better than B by 0.020, 95 % CI 0.010 to 0.030"},
		{"auc_subject_mean_n1", -0.02, metric.Interval{-0.03, -0.01}, "B better than A by 0.020, 95 % CI 0.010 to 0.030"},
		{"cllr_min", -0.1, metric.Interval{-0.2, -0.05}, "A better than B by 0.100 bits, 95 % CI 0.050 to 0.200"},
		{"cllr", 0, metric.Interval{0, 0}, "no difference shown between A and B: 0.000 bits in favour of A, 95 % CI 0.000 to 0.000"},
		{"cllr", -0.1, metric.Interval{math.NaN(), math.NaN()}, "no difference shown between A and B: 0.100 bits in favour of A, 95 % CI not measurable to not measurable"},
	}
	for _, tt := range tests {
		if got := sentence(tt.name, "A", "B", tt.d, tt.ends); got != tt.want {
			t.Errorf("%s, %v: got\n%s\nwant\n%s", tt.name, tt.d, got, tt.want)
		}
	}
}

// beside is the result beside another that is a little worse.
func besideAnother() Section {
	return Section{Result: result(), Weights: "open", Against: &Against{Weights: "other", Result: result(), Difference: protocol.Difference{
		Metrics:    map[string]float64{"eer_subject_mean_n1": 0.1434},
		Difference: map[string]float64{"eer_subject_mean_n1": -0.02},
		CI95:       map[string]metric.Interval{"eer_subject_mean_n1": {-0.03, -0.01}},
	}}}
}

func TestJSON(t *testing.T) {
	finite := besideAnother()
	finite.Result.CI95 = map[string]metric.Interval{"eer_subject_mean_n1": {0.11, 0.13}}
	var b bytes.Buffer
	if err := JSON(&b, finite); err != nil {
		t.Fatal(err)
	}
	const tail = `"against":{"weights":"other","metrics":{"eer_subject_mean_n1":0.1434},"difference":{"eer_subject_mean_n1":-0.02},"ci95":{"eer_subject_mean_n1":[-0.03,-0.01]}}}` + "\n"
	if got := b.String(); !strings.HasSuffix(got, tail) || !strings.HasPrefix(got, `{"protocol":"sapimouse","subjects":1200,`) {
		t.Errorf("JSON %s\nwant the result, then %s", got, tail)
	}
	finite.Against = nil
	b.Reset()
	if err := JSON(&b, finite); err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b.Bytes(), &members); err != nil {
		t.Fatal(err)
	}
	if len(members) != 6 {
		t.Errorf("%d members without another system: %s; want the six of a result", len(members), b.String())
	}
}

func TestTableTellsWhichIsBetter(t *testing.T) {
	var b bytes.Buffer
	if err := Table(&b, besideAnother()); err != nil {
		t.Fatal(err)
	}
	const want = "\nOn the same people and trials:\neer_subject_mean_n1: open better than other by 2.00 points, 95 % CI 1.00 to 3.00\n"
	if !strings.HasSuffix(b.String(), want) {
		t.Errorf("the table ends with %q, want %q", b.String(), want)
	}
}
