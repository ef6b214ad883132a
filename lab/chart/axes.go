package chart

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	chartWidth  = 400 // points
	chartHeight = 290
	chartSquare = 360

	titleSize  = 12
	labelSize  = 11
	tickSize   = 9.5
	besidePlot = 62 // axis, its labels and the margins

	thin  = vg.Length(0.5)
	thick = vg.Length(1.6)
)

// canvas gives an empty plot in the house's style.
func canvas(xLabel, yLabel string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // draw fills the paper, margin and all
	set(&p.Title.TextStyle, titleSize, ink)
	p.Title.Padding = 8
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		set(&a.Label.TextStyle, labelSize, ink)
		set(&a.Tick.Label, tickSize, quiet)
		a.Label.Padding = 3
		a.Padding = 0
		a.LineStyle = line(quiet, thin)
		a.Tick.LineStyle = line(quiet, thin)
		a.Tick.Length = 3
	}
	set(&p.Legend.TextStyle, labelSize-0.5, ink)
	p.Legend.ThumbnailWidth = 22
	p.Legend.Padding = 2
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.XOffs, p.Legend.YOffs = 8, -6
	g := plotter.NewGrid()
	g.Horizontal, g.Vertical = line(grid, thin), line(grid, thin)
	p.Add(g)
	return p
}

// beneath gives a legend to be drawn below the plot p, in its style.
func beneath(p *plot.Plot) *plot.Legend {
	l := p.Legend
	l.XOffs, l.YOffs = 34, 0
	return &l
}

// heightOf is the room that a legend below the plot takes, in whole points.
func heightOf(l *plot.Legend) vg.Length {
	r := l.Rectangle(draw.Canvas{})
	return vg.Length(math.Ceil(float64(r.Max.Y - r.Min.Y + 12)))
}

// legendRight moves the legend to the right, where its longest name has room in fonts that run wider than ours too.
func legendRight(p *plot.Plot, width vg.Length, names []string) {
	longest := vg.Length(0)
	for _, n := range names {
		longest = max(longest, p.Legend.TextStyle.Width(n))
	}
	p.Legend.XOffs = max(8, width-besidePlot-p.Legend.ThumbnailWidth-1.2*longest)
}

func set(s *text.Style, size vg.Length, r role) {
	s.Font.Typeface, s.Font.Variant, s.Font.Size, s.Color = "Liberation", "Sans", size, r.light
}

func line(r role, width vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: r.light, Width: width}
}

// styleOf is the look of the i-th line of data: the first two differ by colour, the next two by dashes as well.
func styleOf(i int) (role, draw.LineStyle) {
	r := first
	if i%2 == 1 {
		r = second
	}
	s := line(r, thick)
	switch i / 2 % 3 {
	case 1:
		s.Dashes = []vg.Length{6, 3}
	case 2:
		s.Dashes = []vg.Length{1.5, 2.5}
	}
	return r, s
}

// deviate is the standard normal quantile of a rate: on the axes of a detection error trade-off equal distances are equal
// numbers of standard deviations (ISO/IEC 19795-1; Martin et al., "The DET curve in assessment of detection task
// performance", 1997). Rates beyond one in ten million either way are drawn there.
func deviate(rate float64) float64 {
	const least = 1e-7
	return distuv.UnitNormal.Quantile(math.Max(least, math.Min(1-least, rate)))
}

// rates are the marks of a trade-off's axes: deviates, labelled as rates in percent.
type rates struct{}

// Ticks gives the marks between two deviates.
func (rates) Ticks(low, high float64) []plot.Tick {
	var out []plot.Tick
	for _, percent := range []float64{0.01, 0.1, 0.5, 1, 2, 5, 10, 20, 30, 50} {
		if at := deviate(percent / 100); at >= low-1e-9 && at <= high+1e-9 {
			out = append(out, plot.Tick{Value: at, Label: number(percent)})
		}
	}
	return out
}

// even marks an axis at round distances, in units of so many.
type even struct {
	unit float64 // what a label's number counts: 0.01 labels in percent
}

// Ticks gives at most eight marks between two values.
func (e even) Ticks(low, high float64) []plot.Tick {
	step := roundStep((high - low) / e.unit / 7)
	first := math.Ceil(low/e.unit/step - 1e-9)
	var out []plot.Tick
	for i := range 10 {
		k := first + float64(i)
		if k*step*e.unit > high+1e-9*(high-low) {
			break
		}
		out = append(out, plot.Tick{Value: k * step * e.unit, Label: number(k * step)})
	}
	return out
}

// roundStep is the next 1, 2 or 5 times a power of ten at or above x.
func roundStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// number writes a mark with a true minus sign and no more digits than it needs.
func number(x float64) string {
	s := strconv.FormatFloat(math.Round(x*1e6)/1e6, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	minus := ""
	if s[0] == '-' {
		minus, s = "−", s[1:]
	}
	whole, fraction, dotted := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dotted {
		whole += "." + fraction
	}
	return minus + whole
}

// rounded writes a figure for a sentence.
func rounded(x float64) string { return number(math.Round(x*100) / 100) }

// span is the stretch of an axis that holds all values it was given.
type span struct{ low, high float64 }

var nothing = span{math.Inf(1), math.Inf(-1)}

func (s span) with(v float64) span { return span{math.Min(s.low, v), math.Max(s.high, v)} }

// padded is wider by a share on either side, and has a width if it had none.
func (s span) padded(share float64) span {
	pad := share*(s.high-s.low) + 0.1
	return span{s.low - pad, s.high + pad}
}

// points makes plotter values.
func points(n int, at func(int) (x, y float64)) plotter.XYs {
	out := make(plotter.XYs, n)
	for i := range out {
		out[i].X, out[i].Y = at(i)
	}
	return out
}

// dashed is a thin line between two points that is no data.
func dashed(x0, y0, x1, y1 float64) *plotter.Line {
	s := line(quiet, thin)
	s.Dashes = []vg.Length{3, 3}
	return &plotter.Line{XYs: plotter.XYs{{X: x0, Y: y0}, {X: x1, Y: y1}}, LineStyle: s}
}

func dot(r role, radius vg.Length, at ...plotter.XY) *plotter.Scatter {
	return &plotter.Scatter{XYs: at, GlyphStyle: draw.GlyphStyle{Color: r.light, Radius: radius, Shape: draw.CircleGlyph{}}}
}

// clipped is a line whose points may lie beyond the axes. It asks for no room beside them.
type clipped struct{ *plotter.Line }

// GlyphBoxes says that the line has no glyphs.
func (clipped) GlyphBoxes(*plot.Plot) []plot.GlyphBox { return nil }
