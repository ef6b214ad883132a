package report

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/lab/metric"
	"ipse.dev/ipse/lab/protocol"
)

func result() protocol.Result {
	return protocol.Result{
		Protocol: "sapimouse", Subjects: 1200, Comparisons: protocol.Comparisons{Mated: 999, NonMated: 2949806},
		Metrics: map[string]float64{"eer_subject_mean_n10": 0.021, "eer_subject_mean_n1": 0.1234, "auc_subject_mean_n1": 0.9436},
		CI95: map[string]metric.Interval{"eer_subject_mean_n10": {0.01, 0.03}, "eer_subject_mean_n1": {0.11, math.NaN()},
			"auc_subject_mean_n1": {0.92, 0.96}},
		PerSubject: metric.Spread{P50: 0.1, P90: 0.2, Worst: 0.3}, Headline: "eer_subject_mean_n1", Notes: []string{"one person is left out"},
	}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	if err := Table(&b, Section{Result: result(), Weights: "open"}); err != nil {
		t.Fatal(err)
	}
	const want = `sapimouse: pointer movement of SapiMouse: 3 minutes enrol, 1 minute verifies, n blocks of 128 events together
weights open, 1,200 people, 999 mated and 2,949,806 non-mated comparisons

metric                value    95 % interval over people
auc_subject_mean_n1   0.944    0.920 to 0.960
eer_subject_mean_n1   12.34 %  11.00 % to not measurable
eer_subject_mean_n10  2.10 %   1.00 % to 3.00 %

person by person, eer_subject_mean_n1 is at most 10.00 % for half of them, at most 20.00 % for 90 % of them, and 30.00 % for the worst
`
	if got := b.String(); got != want {
		t.Errorf("table\n%s\nwant\n%s", got, want)
	}
}

func TestSpreadOfAMerit(t *testing.T) {
	r := protocol.Result{Headline: "auc_subject_mean", PerSubject: metric.Spread{P50: 0.9, P90: 0.7, Worst: 0.5}}
	const want = "person by person, auc_subject_mean is at least 0.900 for half of them, at least 0.700 for 90 % of them, and 0.500 for the worst"
	if got := spread(r); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPage(t *testing.T) {
	page := Page{Date: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Commit: "abc123", Sections: []Drawn{{Section: Section{Result: result(), Weights: "open"}}},
		Weights: &compare.Weights{Name: "open", Card: compare.Card{Purpose: "The default.", Data: []compare.CardData{{Name: "bbmas", People: 57, Terms: "CC BY"}}}}}
	var b bytes.Buffer
	if err := page.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"on 1 March 2026, at commit `abc123`.", "| bbmas | 57 | CC BY |", "## sapimouse\n", " One person is left out.\n",
		"| `eer_subject_mean_n1` | 12.34 % | 11.00 % to not measurable |",
		"| `eer_subject_mean_n1` | Antal et al. 2021 | 48 unseen people | 17.6 % | 12.34 % |",
		"Person by person, `eer_subject_mean_n1` is",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "auc_subject_mean_n5") {
		t.Error("the page gives published figures for a metric that was not measured")
	}
}

func TestEveryProtocolHasATitleAndEveryAnchorAProtocol(t *testing.T) {
	for _, name := range protocol.Names() {
		if titles[name] == "" {
			t.Errorf("protocol %s has no title", name)
		}
	}
	for name, list := range anchors {
		if titles[name] == "" {
			t.Errorf("published figures for %s, which is no protocol", name)
		}
		for _, a := range list {
			if a.metric == "" || a.work == "" || a.setting == "" || a.value == "" {
				t.Errorf("%s: published figure %+v is not complete", name, a)
			}
		}
	}
}

func TestProgressAwayFromATerminalIsAnOccasionalLine(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := &Progress{out: &b, now: func() time.Time { return now }}
	for i := range 100 {
		p.Report("read", i+1, 100)
		now = now.Add(300 * time.Millisecond)
	}
	p.Report("compare", 1, 5)
	p.Clear()
	if got, want := b.String(), "read: 35 of 100\nread: 69 of 100\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProgressOnATerminalIsABar(t *testing.T) {
	var b bytes.Buffer
	p := &Progress{out: &b, terminal: true, now: time.Now}
	p.Report("read", 1, 2)
	p.Report("compare", 1, 5)
	p.Clear()
	if got := b.String(); !strings.Contains(got, "read") || !strings.Contains(got, "compare") {
		t.Errorf("wrote %q, want both stages", got)
	}
}
