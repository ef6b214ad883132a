package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"html"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"ipse.dev/ipse/lab/metric"
)

// scores draws true log-likelihood ratios: of two normal densities with variance 4, around ±2.
func scores(n int) (mated, nonMated []float64) {
	random := rand.New(rand.NewPCG(1, 2))
	for range n {
		mated = append(mated, 2+2*random.NormFloat64())
		nonMated = append(nonMated, -2+2*random.NormFloat64())
	}
	return mated, nonMated
}

func every(t *testing.T) map[string]*Chart {
	t.Helper()
	mated, nonMated := scores(500)
	points := metric.DET(mated, nonMated)
	bins := []metric.Bin{{Stated: 3, Observed: 2.5, CI95: metric.Interval{2, 3}}, {Stated: 0, Observed: 0.2, CI95: metric.Interval{math.NaN(), math.NaN()}},
		{Stated: -4, Observed: -3, CI95: metric.Interval{-3.5, -2.5}}}
	learnt := []Learnt{{50, "eer_global", 0.08, 0.07, 0.09}, {1200, "eer_global", 0.04, 0.03, 0.05}, {50, "eer_subject_mean", 0.06, 0.05, 0.07}}
	out := map[string]*Chart{}
	for name, draw := range map[string]func() (*Chart, error){
		"det":         func() (*Chart, error) { return DET(Persons, Curve{"a <b>", points}, Curve{"b & c", points}) },
		"histogram":   func() (*Chart, error) { return Histogram(Persons, "Scores", mated, nonMated) },
		"one value":   func() (*Chart, error) { return Histogram(Persons, "Scores", []float64{1, 1}, []float64{1}) },
		"reliability": func() (*Chart, error) { return Reliability(Stated{"one", bins}, Stated{"eight", bins[:1]}) },
		"learning":    func() (*Chart, error) { return Learning(Unit{"error (%)", 0.01}, learnt) },
		"spread":      func() (*Chart, error) { return Spread(Unit{"error (%)", 0.01}, false, []float64{0.1, 0, 0.3}) },
		"merit":       func() (*Chart, error) { return Spread(Unit{"AUC", 1}, true, []float64{0.9, 0.8, 1}) },
		"all alike":   func() (*Chart, error) { return Spread(Unit{"error (%)", 0.01}, false, []float64{0, 0}) },
		"tradeoff": func() (*Chart, error) {
			return Tradeoff(Unit{"seconds", 1}, 40, Ladder{"typing", []Rung{{5000, 10}, {20, 60}, {0, 90}, {0, math.NaN()}}, 1}, Ladder{"pointing", []Rung{{2, 20}, {0, math.NaN()}}, 1})
		},
		"perfect": func() (*Chart, error) { return DET(Persons, Curve{"perfect", metric.DET([]float64{2}, []float64{1})}) },
		"course": func() (*Chart, error) {
			return Course(Unit{"error (%)", 0.01}, "day", Line{"frozen <", []Moment{{2, 0.05, 0.01, 0.1}, {3, 0.2, math.NaN(), math.NaN()}}}, Line{"none", nil},
				Line{"adapting", []Moment{{2, 0.04, 0.01, 0.1}}})
		},
	} {
		c, err := draw()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = c
	}
	return out
}

func TestSVGIsWellFormedNeedsNothingElseAndIsTheSameEveryTime(t *testing.T) {
	again := every(t)
	for name, c := range every(t) {
		for way, write := range map[string]func(*Chart, io.Writer) error{"alone": (*Chart).SVG, "inline": (*Chart).Inline} {
			var first, second bytes.Buffer
			if err := errors.Join(write(c, &first), write(again[name], &second)); err != nil {
				t.Fatalf("%s, %s: %v", name, way, err)
			}
			if !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Errorf("%s, %s: the same figures give %d and %d bytes that differ", name, way, first.Len(), second.Len())
			}
			text := first.String()
			d := xml.NewDecoder(strings.NewReader(text))
			for {
				_, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s, %s is not well-formed: %v", name, way, err)
				}
			}
			if rest := strings.ReplaceAll(text, "http://www.w3.org/2000/svg", ""); strings.Contains(rest, "http") || strings.Contains(rest, "url(") {
				t.Errorf("%s, %s refers to something outside", name, way)
			}
			if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Errorf("%s, %s holds a coordinate that is no number", name, way)
			}
			if !strings.Contains(text, "<title>"+c.Title) || !strings.Contains(text, `role="img"`) || !strings.Contains(text, "<desc>") {
				t.Errorf("%s, %s does not say what it shows: %.300s", name, way, text)
			}
			if got, want := strings.Contains(text, "prefers-color-scheme"), way == "alone"; got != want {
				t.Errorf("%s, %s has a style sheet of its own: %v, want %v", name, way, got, want)
			}
		}
	}
}

func TestEveryColourHasARole(t *testing.T) {
	for name, c := range every(t) {
		var b bytes.Buffer
		if err := c.Inline(&b); err != nil {
			t.Fatal(err)
		}
		for _, element := range strings.Split(b.String(), "<")[1:] {
			if strings.Contains(element, `="#`) && !strings.Contains(element, `class="ipse-`) {
				t.Errorf("%s: <%.40s… has a colour that no scheme changes", name, element)
			}
			if strings.Contains(element, "style=") {
				t.Errorf("%s: <%.40s… has a style that no sheet can override", name, element)
			}
		}
	}
}

// contrast is the ratio of WCAG 2.2.
func contrast(a, b role, of func(role) [3]uint8) float64 {
	luminance := func(c [3]uint8) float64 {
		sum := 0.0
		for i, share := range []float64{0.2126, 0.7152, 0.0722} {
			v := float64(c[i]) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += share * v
		}
		return sum
	}
	x, y := luminance(of(a)), luminance(of(b))
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrastInBothSchemes(t *testing.T) {
	for scheme, of := range map[string]func(role) [3]uint8{
		"light": func(r role) [3]uint8 { return [3]uint8{r.light.R, r.light.G, r.light.B} },
		"dark":  func(r role) [3]uint8 { return [3]uint8{r.dark.R, r.dark.G, r.dark.B} },
	} {
		for _, tt := range []struct {
			role role
			want float64
		}{{ink, 4.5}, {quiet, 4.5}, {first, 3}, {second, 3}} {
			if got := contrast(tt.role, paper, of); got < tt.want {
				t.Errorf("%s: %s on paper has a contrast of %.2f, want at least %v", scheme, tt.role.class, got, tt.want)
			}
		}
	}
}

func TestPNG(t *testing.T) {
	for name, c := range every(t) {
		var b bytes.Buffer
		if err := c.PNG(&b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		picture, err := png.Decode(&b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		size := picture.Bounds().Size()
		if size.X != int(2*c.width) || size.Y != int(2*c.height) {
			t.Errorf("%s is %v pixels, want two for each of %v × %v points", name, size, c.width, c.height)
		}
		if r, g, b, a := picture.At(1, 1).RGBA(); r != 0xffff || g != 0xffff || b != 0xffff || a != 0xffff {
			t.Errorf("%s: the paper is %x %x %x %x, want white", name, r, g, b, a)
		}
		colours := map[any]bool{}
		for x := range size.X {
			for y := range size.Y {
				colours[picture.At(x, y)] = true
			}
		}
		if len(colours) < 10 {
			t.Errorf("%s has %d colours; is anything drawn?", name, len(colours))
		}
	}
}

func TestNothingToDraw(t *testing.T) {
	for name, draw := range map[string]func() (*Chart, error){
		"no ladder": func() (*Chart, error) { return Tradeoff(Unit{"seconds", 1}, 40) },
		"no seconds": func() (*Chart, error) {
			return Tradeoff(Unit{"seconds", 1}, 40, Ladder{"never", []Rung{{4, math.NaN()}}, 0})
		},
		"no curve":    func() (*Chart, error) { return DET(Persons) },
		"empty curve": func() (*Chart, error) { return DET(Persons, Curve{Name: "x"}) },
		"histogram":   func() (*Chart, error) { return Histogram(Persons, "x", nil, []float64{1}) },
		"reliability": func() (*Chart, error) { return Reliability() },
		"no bin":      func() (*Chart, error) { return Reliability(Stated{Name: "x"}) },
		"learning":    func() (*Chart, error) { return Learning(Unit{Of: 1}, nil) },
		"course":      func() (*Chart, error) { return Course(Unit{Of: 1}, "day", Line{Name: "x"}) },
		"spread":      func() (*Chart, error) { return Spread(Unit{Of: 1}, false, nil) },
	} {
		if _, err := draw(); !errors.Is(err, ErrNothing) {
			t.Errorf("%s: %v, want %v", name, err, ErrNothing)
		}
	}
}

// attacksWithin gives a trade-off of somebody who cannot tell: over the whole square's diagonal, and beyond it.
func attacksWithin(shift float64) []metric.Point {
	var mated, nonMated []float64
	random := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		mated, nonMated = append(mated, shift+random.NormFloat64()), append(nonMated, random.NormFloat64())
	}
	return metric.DET(mated, nonMated)
}

func TestNamesOfTradeoffsStandWhereNoCurveCanBe(t *testing.T) {
	for name, curves := range map[string][]Curve{
		"one":             {{"good", attacksWithin(4)}},
		"good and bad":    {{"good", attacksWithin(5)}, {"bad", attacksWithin(0.3)}, {"worse than chance", attacksWithin(-1)}},
		"in every corner": {{"a", attacksWithin(0)}, {"b", attacksWithin(1)}, {"c", attacksWithin(2)}, {"a name as long as those of a password's tests", attacksWithin(6)}},
	} {
		c, err := DET(Attacks, curves...)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := c.Inline(&b); err != nil {
			t.Fatal(err)
		}
		// The drawing's y axis points up: of the lines that bear text the names are below the axis's label, which is below the curves.
		height := map[string]float64{}
		for _, m := range regexp.MustCompile(`<text x="[^"]*" y="-([^"]*)"[^>]*>([^<]*)</text>`).FindAllStringSubmatch(b.String(), -1) {
			if height[html.UnescapeString(m[2])], err = strconv.ParseFloat(m[1], 64); err != nil {
				t.Fatal(err)
			}
		}
		axis, there := height[Attacks.FalseMatch+" (%)"]
		if !there {
			t.Fatalf("%s: no axis %q in %v", name, Attacks.FalseMatch, height)
		}
		for _, curve := range curves {
			if at, there := height[curve.Name]; !there || at >= axis-10 || at < 3 {
				t.Errorf("%s: %q stands at %v of %v points' height, want it between the paper's edge and the axis's label at %v", name, curve.Name, at, c.height, axis)
			}
		}
	}
}

func TestDotsOfEqualErrorsLieOnTheirCurve(t *testing.T) {
	for _, all := range [][]metric.Point{
		{{FMR: 0, FNMR: 0.15}, {FMR: 0.01, FNMR: 0.14}, {FMR: 0.5, FNMR: 0.05}, {FMR: 1, FNMR: 0}},
		attacksWithin(2),
	} {
		equal, nearest := equal(all), math.Inf(1)
		line := thinned(all)
		for i := 1; i < len(line); i++ {
			for share := 0.0; share <= 1; share += 0.01 {
				x, y := line[i-1].X+share*(line[i].X-line[i-1].X), line[i-1].Y+share*(line[i].Y-line[i-1].Y)
				nearest = math.Min(nearest, math.Hypot(x-deviate(equal), y-deviate(equal)))
			}
		}
		if nearest > 0.03 {
			t.Errorf("the dot at %.4f is %.3f deviates off its curve, want it on it", equal, nearest)
		}
	}
}

func TestTitlesAndLabelsFitThePaper(t *testing.T) {
	mated, nonMated := scores(50)
	long := "touch, mobikey_same_tablet: scores, passwords on one tablet, one window and another"
	c, err := Histogram(Persons, "", mated, nonMated)
	if err != nil {
		t.Fatal(err)
	}
	c.Title, c.plot.Y.Label.Text = long, long
	var b bytes.Buffer
	if err := c.Inline(&b); err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]struct{ needs, room vg.Length }{
		"title": {c.plot.Title.TextStyle.Width(long), c.width},
		"label": {c.plot.Y.Label.TextStyle.Width(long), c.height},
	} {
		if got.needs > got.room {
			t.Errorf("the %s is %v points wide, want at most %v", what, got.needs, got.room)
		}
	}
}

func TestChartsOfAttacksDoNotSpeakOfOnePerson(t *testing.T) {
	mated, nonMated := scores(100)
	scores, err := Histogram(Attacks, "", mated, nonMated)
	if err != nil {
		t.Fatal(err)
	}
	tradeoff, err := DET(Attacks, Curve{"drawn paths", metric.DET(mated, nonMated)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Chart{scores, tradeoff} {
		var b bytes.Buffer
		if err := c.Inline(&b); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []string{"mated", "match", "FMR", "same person"} {
			if strings.Contains(b.String(), wrong) {
				t.Errorf("%s of attacks says %q: %s", c.Title, wrong, c.Alt)
			}
		}
		if !strings.Contains(b.String(), "attack") {
			t.Errorf("%s does not say that it is of attacks", c.Alt)
		}
	}
}

func TestDETAxesAreNormalDeviates(t *testing.T) {
	// Of normal densities with equal variance the trade-off is a straight line: deviates of FMR and FNMR add up to a constant.
	mated, nonMated := scores(200_000)
	for _, at := range thinned(metric.DET(mated, nonMated)) {
		if at.X < deviate(0.001) || at.X > deviate(0.5) {
			continue
		}
		if sum := at.X + at.Y; math.Abs(sum+2) > 0.1 {
			t.Errorf("at FMR deviate %.2f the sum is %.3f, want -2", at.X, sum)
		}
	}
	if got := len(thinned(metric.DET(mated, nonMated))); got > 3000 {
		t.Errorf("%d points are drawn of 400,000, want what an eye can tell apart", got)
	}
	labels := ""
	for _, tick := range (rates{}).Ticks(deviate(leastRate), deviate(mostRate)) {
		labels += tick.Label + " "
	}
	if want := "0.01 0.1 0.5 1 2 5 10 20 30 50 "; labels != want {
		t.Errorf("marks %q, want %q", labels, want)
	}
}

func TestNumbers(t *testing.T) {
	for x, want := range map[float64]string{0: "0", -0.0000001: "0", 1200: "1,200", -1234567: "−1,234,567", 0.05: "0.05", -2.5: "−2.5", 999: "999"} {
		if got := number(x); got != want {
			t.Errorf("number(%v) is %q, want %q", x, got, want)
		}
	}
}

func TestMarksAreRound(t *testing.T) {
	for _, tt := range []struct {
		low, high, unit float64
		want            string
	}{{0, 0.104, 0.01, "0 2 4 6 8 10 "}, {-12, 15.7, 1, "−10 −5 0 5 10 15 "}, {0.1, 0.4, 1, "0.1 0.15 0.2 0.25 0.3 0.35 0.4 "}} {
		got := ""
		for _, tick := range (even{tt.unit}).Ticks(tt.low, tt.high) {
			got += tick.Label + " "
		}
		if got != tt.want {
			t.Errorf("marks from %v to %v: %q, want %q", tt.low, tt.high, got, tt.want)
		}
	}
}

func TestTradeoffSaysWhatTheMarkedThresholdGives(t *testing.T) {
	const want = "typing: 60 at 20 false alarms, the marked threshold; pointing: beyond the chart at the chosen threshold."
	if got := every(t)["tradeoff"].Alt; got != want {
		t.Errorf("the words are %q, want %q", got, want)
	}
	for rate, want := range map[float64]float64{0: -1.5, 0.01: -1.5, 0.1: -1, 1: 0, 100: 2, 5000: 3} {
		if got := alarmsAt(rate); math.Abs(got-want) > 1e-9 {
			t.Errorf("%g false alarms stand at %g, want %g", rate, got, want)
		}
	}
}
