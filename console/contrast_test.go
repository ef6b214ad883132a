package console

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// palettes reads the colours of the light and the dark page from the style sheet.
func palettes(t *testing.T) map[string]map[string]string {
	t.Helper()
	css, err := staticFS.ReadFile("static/console.css")
	if err != nil {
		t.Fatal(err)
	}
	roots := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(css), -1)
	if len(roots) != 2 {
		t.Fatalf("%d sets of colours, want a light and a dark one", len(roots))
	}
	colours := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`)
	sets := map[string]map[string]string{"light": {}, "dark": {}}
	for i, name := range []string{"light", "dark"} {
		for _, m := range colours.FindAllStringSubmatch(roots[i][1], -1) {
			sets[name][m[1]] = m[2]
		}
	}
	return sets
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	v, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		t.Fatalf("colour %q: %v", hex, err)
	}
	channel := func(c uint64) float64 {
		s := float64(c&0xff) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(v>>16) + 0.7152*channel(v>>8) + 0.0722*channel(v)
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func TestTextIsReadable(t *testing.T) {
	pairs := map[string][]string{ // ground: texts that stand on it
		"ground":        {"text", "muted", "accent"},
		"surface":       {"text", "muted", "accent", "low", "medium", "high"},
		"line":          {"text"},
		"accent":        {"surface"},
		"accent-ground": {"text", "muted", "accent"},
		"low-ground":    {"low"},
		"medium-ground": {"text", "muted", "accent", "medium"},
		"high-ground":   {"text", "muted", "accent", "high"},
	}
	for scheme, colours := range palettes(t) {
		for ground, texts := range pairs {
			for _, text := range texts {
				if c := contrast(t, colours[text], colours[ground]); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want at least 4.5", scheme, text, ground, c)
				}
			}
		}
	}
}
