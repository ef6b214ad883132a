package chart

import (
	"fmt"
	"image/color"
	"strings"
)

// role is what a colour is for. Its light colour is also its name in a drawing, so no two roles share one.
type role struct {
	class       string
	light, dark color.NRGBA
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 255}
}

// The roles. Text has a contrast of at least 4.5 to 1 with the paper, lines of data at least 3 to 1.
var (
	paper  = role{"ipse-paper", rgb(0xffffff), rgb(0x0d1117)}
	ink    = role{"ipse-ink", rgb(0x1f2328), rgb(0xe6edf3)}
	quiet  = role{"ipse-quiet", rgb(0x59636e), rgb(0x9da7b3)}
	grid   = role{"ipse-grid", rgb(0xe4e8ec), rgb(0x2a3139)}
	first  = role{"ipse-first", rgb(0x0072b2), rgb(0x56b4e9)}
	second = role{"ipse-second", rgb(0xd55e00), rgb(0xf0a030)}

	roles = []role{paper, ink, quiet, grid, first, second}
)

// faint is the role's colour so that what lies below shows through.
func (r role) faint() color.Color {
	c := r.light
	c.A = 64
	return c
}

func hexOf(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// classOf gives the class of a colour in a drawing. Colours that let others through come back a hair off.
func classOf(value string) (string, bool) {
	var c color.NRGBA
	if _, err := fmt.Sscanf(value, "#%02X%02X%02X", &c.R, &c.G, &c.B); err != nil {
		return "", false
	}
	const hair = 4
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= hair }
	for _, r := range roles {
		if near(c.R, r.light.R) && near(c.G, r.light.G) && near(c.B, r.light.B) {
			return r.class, true
		}
	}
	return "", false
}

// StyleSheet is the CSS that gives charts their colours in either scheme. Paper is filled only where a chart stands
// alone: on a page (class "ipse-page" around it) the page's own shows through.
var StyleSheet = func() string {
	var b strings.Builder
	write := func(c func(role) color.NRGBA) {
		for _, r := range roles {
			fmt.Fprintf(&b, ".%s-fill{fill:%s}.%s-stroke{stroke:%s}", r.class, hexOf(c(r)), r.class, hexOf(c(r)))
		}
	}
	write(func(r role) color.NRGBA { return r.light })
	b.WriteString("@media(prefers-color-scheme:dark){")
	write(func(r role) color.NRGBA { return r.dark })
	b.WriteString("}.ipse-page .ipse-paper-fill{fill:none}")
	return b.String()
}()
