// Package chart owns how measured figures are drawn: trade-offs, histograms, reliability, learning curves. Figures of
// package metric go in; a Chart comes out, which writes itself as SVG (for a page, or standing alone) or as PNG. The
// same figures give the same bytes.
//
// An SVG takes the reader's light or dark scheme: colours are classes, and a style sheet says what they are in either.
// The two colours of data are those of Okabe & Ito ("Color universal design", 2008) that people with any kind of colour
// vision tell apart, and lines differ by their dashes as well.
package chart

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// ErrNothing says that there is nothing to draw.
var ErrNothing = errors.New("chart: nothing to draw")

// Chart is a drawing with what it says in words.
type Chart struct {
	Title string // what it shows, in a few words
	Alt   string // what it says, for readers who do not see it

	plot          *plot.Plot
	beneath       *plot.Legend // below the plot; nil where the plot holds its legend
	width, height vg.Length
}

// dpi is the resolution of PNGs: two pixels for each that a page gives the chart.
const dpi = 144

// margin keeps labels off the edge of the paper.
const margin = 7

func (c *Chart) draw(on draw.Canvas) {
	on.FillPolygon(paper.light, []vg.Point{on.Min, {X: on.Max.X, Y: on.Min.Y}, on.Max, {X: on.Min.X, Y: on.Max.Y}})
	c.plot.Title.Text = c.Title
	c.fit()
	inside := draw.Crop(on, margin, -margin, margin, -margin)
	if c.beneath != nil {
		room := heightOf(c.beneath)
		c.beneath.Draw(draw.Crop(inside, 0, 0, 0, room-(inside.Max.Y-inside.Min.Y)))
		inside = draw.Crop(inside, 0, 0, room, 0)
	}
	c.plot.Draw(inside)
}

// fit makes title and labels small enough for the paper, in fonts that run wider than ours too: the whole of what they are
// wider goes to the end of the line, because an SVG says where a line begins.
func (c *Chart) fit() {
	const wider = 1.35
	tall := c.height
	if c.beneath != nil {
		tall -= heightOf(c.beneath)
	}
	for _, words := range []struct {
		of    string
		style *text.Style
		room  vg.Length
	}{
		{c.plot.Title.Text, &c.plot.Title.TextStyle, c.width - 2*margin},
		{c.plot.X.Label.Text, &c.plot.X.Label.TextStyle, c.width - besidePlot},
		{c.plot.Y.Label.Text, &c.plot.Y.Label.TextStyle, tall - besidePlot},
	} {
		if needs := wider * words.style.Width(words.of); needs > words.room {
			words.style.Font.Size *= words.room / needs
		}
	}
}

// PNG writes the chart on white paper.
func (c *Chart) PNG(w io.Writer) error {
	canvas := vgimg.NewWith(vgimg.UseWH(c.width, c.height), vgimg.UseDPI(dpi))
	c.draw(draw.New(canvas))
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(w); err != nil {
		return fmt.Errorf("chart: %w", err)
	}
	return nil
}

// SVG writes the chart as a file of its own, with a style sheet for light and dark.
func (c *Chart) SVG(w io.Writer) error {
	size := fmt.Sprintf(` width="%.0f" height="%.0f"`, c.width.Points()*4/3, c.height.Points()*4/3)
	return c.svg(w, size, "<style>"+StyleSheet+"</style>\n")
}

// Inline writes the chart as an element of a page, as wide as the page wants it. The page has to hold StyleSheet.
func (c *Chart) Inline(w io.Writer) error { return c.svg(w, "", "") }

func (c *Chart) svg(w io.Writer, size, sheet string) error {
	canvas := vgsvg.New(c.width, c.height)
	c.draw(draw.New(canvas))
	var raw bytes.Buffer
	if _, err := canvas.WriteTo(&raw); err != nil {
		return fmt.Errorf("chart: %w", err)
	}
	start := bytes.Index(raw.Bytes(), []byte("<g "))
	if start < 0 {
		return errors.New("chart: the drawing is not the SVG that was expected")
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="ipse-chart"%s viewBox="0 0 %.0f %.0f" role="img" font-family="Liberation Sans, Arial, Helvetica, sans-serif">`,
		size, c.width.Points(), c.height.Points())
	fmt.Fprintf(&b, "\n<title>%s</title>\n<desc>%s</desc>\n%s", html.EscapeString(c.Title), html.EscapeString(c.Alt), sheet)
	b.WriteString(styles.ReplaceAllStringFunc(raw.String()[start:], attributes))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("chart: %w", err)
	}
	return nil
}

// styles finds the style that gonum gives each element, with the white space before it.
var styles = regexp.MustCompile(`\s*style="([^"]*)"`)

// attributes makes a style attribute into presentation attributes, which a style sheet may override, and names the
// colours' classes.
func attributes(style string) string {
	var classes, out []string
	for _, property := range strings.Split(styles.FindStringSubmatch(style)[1], ";") {
		name, value, ok := strings.Cut(property, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok || strings.HasPrefix(name, "font-") && name != "font-size":
			continue // the whole drawing has one font
		case name == "fill" || name == "stroke":
			if class, known := classOf(value); known {
				classes = append(classes, class+"-"+name)
			}
		}
		out = append(out, fmt.Sprintf(` %s="%s"`, name, value))
	}
	if len(classes) > 0 {
		out = append(out, fmt.Sprintf(` class="%s"`, strings.Join(classes, " ")))
	}
	return strings.Join(out, "")
}
