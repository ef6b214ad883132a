package locale

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestLanguagesSayTheSame(t *testing.T) {
	for _, key := range English.Keys() {
		if !French.Has(key) {
			t.Errorf("French lacks %q", key)
			continue
		}
		english, french := placeholder.FindAllString(English.T(key), -1), placeholder.FindAllString(French.T(key), -1)
		slices.Sort(english)
		slices.Sort(french)
		if !slices.Equal(english, french) {
			t.Errorf("%q has placeholders %v in English and %v in French", key, english, french)
		}
	}
	for _, l := range All {
		for _, key := range l.Keys() {
			if !English.Has(key) {
				t.Errorf("English lacks %q", key)
			}
			if strings.TrimSpace(l.T(key)) == "" {
				t.Errorf("%s: %q is empty", l.Tag, key)
			}
		}
	}
}

func TestFrenchSpacing(t *testing.T) {
	breaking := regexp.MustCompile(` [;:!?%»]`)
	for _, key := range French.Keys() {
		if text := French.T(key); breaking.MatchString(text) || strings.Contains(text, "'") {
			t.Errorf("%q = %q: want no-break spaces before punctuation and curved apostrophes", key, text)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		name, en, fr, gotEN, gotFR string
	}{
		{"thousands", "1,234,567", "1\u202f234\u202f567", English.Number(1234567, 0), French.Number(1234567, 0)},
		{"decimals", "4.2", "4,2", English.Number(4.2, 1), French.Number(4.2, 1)},
		{"negative", "−12.50", "−12,50", English.Number(-12.5, 2), French.Number(-12.5, 2)},
		{"negative that rounds to zero", "0.0", "0,0", English.Number(-0.01, 1), French.Number(-0.01, 1)},
		{"no number", "–", "–", English.Number(math.NaN(), 1), French.Number(math.Inf(1), 1)},
		{"plus", "+3.3", "+3,3", English.Signed(3.3, 1), French.Signed(3.3, 1)},
		{"share", "31%", "31\u202f%", English.Percent(0.31, 0), French.Percent(0.31, 0)},
		{"probability", "97%", "97\u202f%", English.Probability(0.97), French.Probability(0.97)},
		{"never certain", ">\u00a099.9%", ">\u00a099,9\u202f%", English.Probability(1), French.Probability(1)},
		{"never impossible", "<\u00a00.1%", "<\u00a00,1\u202f%", English.Probability(0), French.Probability(0)},
		{"small", "0.02%", "0,02\u202f%", English.SmallPercent(0.0002), French.SmallPercent(0.0002)},
		{"nearly one", "99.99%", "99,99\u202f%", English.SmallPercent(0.9999), French.SmallPercent(0.9999)},
		{"unit", "1,290\u00a0px/s", "1\u202f290\u00a0px/s", English.Quantity(1290, "px/s"), French.Quantity(1290, "px/s")},
		{"share with unit", "8%", "8\u202f%", English.Quantity(0.08, "share"), French.Quantity(0.08, "share")},
		{"degrees", "4.1°", "4,1°", English.Quantity(4.1, "degrees"), French.Quantity(4.1, "degrees")},
	} {
		if c.gotEN != c.en || c.gotFR != c.fr {
			t.Errorf("%s: got %q and %q, want %q and %q", c.name, c.gotEN, c.gotFR, c.en, c.fr)
		}
	}
}

func TestTimes(t *testing.T) {
	zone := time.FixedZone("X", 2*3600)
	at := time.Date(2026, 8, 3, 14, 5, 9, 0, zone)
	for _, c := range []struct {
		l    *Locale
		now  time.Time
		want string
	}{
		{English, at.Add(time.Hour), "today, 14:05"},
		{French, at.Add(time.Hour), "aujourd’hui à 14:05"},
		{English, at.UTC().Add(9*time.Hour + 30*time.Minute), "today, 14:05"}, // still the third in the zone of at
		{English, at.Add(24 * time.Hour), "3 Aug 2026, 14:05"},
		{French, at.Add(24 * time.Hour), "3 août 2026 à 14:05"},
	} {
		if got := c.l.Time(at, c.now); got != c.want {
			t.Errorf("%s: Time(%v, now %v) = %q, want %q", c.l.Tag, at, c.now, got, c.want)
		}
	}
	if got := English.Time(time.Time{}, at); got != "–" {
		t.Errorf("the zero time = %q, want a dash", got)
	}
}

func TestCounts(t *testing.T) {
	for n, want := range map[int][2]string{
		0: {"0 open alarms", "0 alerte ouverte"}, 1: {"1 open alarm", "1 alerte ouverte"}, 2: {"2 open alarms", "2 alertes ouvertes"},
	} {
		if en, fr := English.Count("alarms.told", n), French.Count("alarms.told", n); en != want[0] || fr != want[1] {
			t.Errorf("%d: got %q and %q, want %q and %q", n, en, fr, want[0], want[1])
		}
	}
}

func TestNegotiate(t *testing.T) {
	for header, want := range map[string]*Locale{
		"": English, "fr": French, "fr-CA,fr;q=0.9,en;q=0.8": French, "en-GB,fr;q=0.5": English, "de": English,
		"de,fr;q=0.3": French, "en;q=0.2, fr;q=0.9": French, "*": English, ";;;": English, "fr;q=0,en": English,
	} {
		if got := Negotiate(header); got != want {
			t.Errorf("Negotiate(%q) = %s, want %s", header, got.Tag, want.Tag)
		}
	}
}

func TestUnknownKeyGivesItself(t *testing.T) {
	if got := English.T("no.such.key"); got != "no.such.key" {
		t.Errorf("T = %q, want the key", got)
	}
}

func TestNumberKeepsItsDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, decimals := rapid.Float64Range(-1e15, 1e15).Draw(t, "v"), rapid.IntRange(0, 4).Draw(t, "decimals")
		en := strings.ReplaceAll(English.Number(v, decimals), ",", "")
		fr := strings.ReplaceAll(strings.ReplaceAll(French.Number(v, decimals), narrowNoBreakSpace, ""), ",", ".")
		if en != fr {
			t.Fatalf("English %q and French %q differ in more than their form", en, fr)
		}
	})
}

func FuzzNegotiate(f *testing.F) {
	for _, seed := range []string{"", "fr", "fr-CA;q=0.8,en", "x-y;q=NaN", "-,-,-", strings.Repeat("a-", 500)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if got := Negotiate(header); got != English && got != French {
			t.Errorf("Negotiate(%q) = %v, want one of the languages", header, got)
		}
	})
}
