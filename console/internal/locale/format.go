package locale

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Number writes a number with a fixed count of decimals. What is not finite becomes a dash.
func (l *Locale) Number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	var b strings.Builder
	if v < 0 && strings.Trim(text, "0.") != "" {
		b.WriteString(minus)
	}
	for i, digit := range whole {
		if left := len(whole) - i; i > 0 && left%3 == 0 {
			b.WriteString(l.group)
		}
		b.WriteRune(digit)
	}
	if fraction != "" {
		b.WriteString(l.decimal + fraction)
	}
	return b.String()
}

// Signed writes a number with its sign, plus or minus.
func (l *Locale) Signed(v float64, decimals int) string {
	text := l.Number(v, decimals)
	if v > 0 && strings.ContainsAny(text, "123456789") {
		return "+" + text
	}
	return text
}

// Percent writes a share (0 to 1) in percent with a fixed count of decimals.
func (l *Locale) Percent(share float64, decimals int) string {
	if math.IsNaN(share) || math.IsInf(share, 0) {
		return "–"
	}
	return l.Number(share*100, decimals) + l.percent
}

// Probability writes a probability (0 to 1) as people read it: whole percents, tenths near both ends, and never a
// certainty.
func (l *Locale) Probability(p float64) string {
	switch {
	case math.IsNaN(p):
		return "–"
	case p > 0.999:
		return ">" + noBreakSpace + l.Percent(0.999, 1)
	case p < 0.001:
		return "<" + noBreakSpace + l.Percent(0.001, 1)
	case p >= 0.985 || p < 0.0995:
		return l.Percent(p, 1)
	}
	return l.Percent(p, 0)
}

// SmallPercent writes a share (0 to 1) in percent with as many decimals as its distance from the nearer end has
// leading zeros: 50 %, 99 %, 99.9 %, 0.02 %.
func (l *Locale) SmallPercent(p float64) string {
	decimals := 0
	for end := min(p, 1-p) * 100; end > 0 && end < 0.95 && decimals < 6; end *= 10 {
		decimals++
	}
	return l.Percent(p, decimals)
}

// Quantity writes a value with its unit, in the precision that suits its size. The units are those of package feature;
// a share becomes a percentage and degrees a sign.
func (l *Locale) Quantity(v float64, unit string) string {
	decimals := 0
	if math.Abs(v) < 10 {
		decimals = 1
	}
	switch unit {
	case "share":
		return l.Percent(v, 0)
	case "degrees":
		return l.Number(v, decimals) + "°"
	case "":
		return l.Number(v, decimals)
	}
	return l.Number(v, decimals) + l.unitGap + unit
}

// Time writes a moment to the minute; the date is left out when it is now's. Both are written in t's location.
func (l *Locale) Time(t, now time.Time) string {
	if t.IsZero() {
		return "–"
	}
	clock := t.Format("15:04")
	now = now.In(t.Location())
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return l.T("time.today", "time", clock)
	}
	return l.T("time.date", "day", t.Day(), "month", l.T("month."+strconv.Itoa(int(t.Month()))), "year", t.Year(), "time", clock)
}

// Clock writes the time of day, with seconds where they matter.
func (l *Locale) Clock(t time.Time, seconds bool) string {
	if seconds {
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}
