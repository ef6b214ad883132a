package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/lab/chart"
	"ipse.dev/ipse/lab/metric"
	"ipse.dev/ipse/lab/protocol"
)

// scored is a section with scores: two trials of three people, and one that cannot be pooled.
func scored() Section {
	trial := func(name, title string) protocol.Trial {
		t := protocol.Trial{Name: name, Title: title, People: []string{"a", "b", "c"}, Pooled: true, LLR: true}
		for i := range 3 {
			s := protocol.Subject{Index: i}
			for k := range 12 {
				s.Mated = append(s.Mated, 2+0.3*float64(k)-float64(i))
				s.NonMated = append(s.NonMated, -2+0.4*float64(k))
				s.Owner = append(s.Owner, int32((i+1)%3))
			}
			t.Subjects = append(t.Subjects, s)
		}
		return t
	}
	one, eight, alone := trial("n1", "one block"), trial("n8", "8 blocks"), trial("own", "alone")
	alone.Pooled, alone.LLR = false, false
	r := result()
	r.CI95["eer_subject_mean_n1"] = metric.Interval{0.11, 0.13}
	r.Trials = []protocol.Trial{one, eight, alone}
	r.Figures = []protocol.Figure{{Name: "eer_subject_mean_n1", Trial: "n1", Kind: protocol.SubjectEER}}
	return Section{Result: r, Weights: "open", Learnt: []chart.Learnt{{People: 50, Metric: "eer_global", Value: 0.1, Low: 0.1, High: 0.2}}}
}

func weights(terms string) *compare.Weights {
	return &compare.Weights{Name: "open", Card: compare.Card{Purpose: "The <default>.", Rebuild: "ipse fit open",
		Data: []compare.CardData{{Name: "bbmas", People: 1057, Terms: terms}}}}
}

func TestPlots(t *testing.T) {
	s := scored()
	plots, err := Plots(s)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, p := range plots {
		got += p.Name + " "
	}
	if want := "det scores-n1 scores-n8 reliability people learning "; got != want {
		t.Errorf("plots %q, want %q", got, want)
	}
	if plots[0].Chart.Title != "sapimouse: detection error trade-off" {
		t.Errorf("the first is titled %q", plots[0].Chart.Title)
	}

	// Modalities have plots of their own, and two systems share a trade-off.
	s.Learnt = nil
	for i := range s.Result.Trials {
		s.Result.Trials[i].Name = []string{"keyboard.n1", "keyboard.n8", "pointer.n1"}[i]
		s.Result.Trials[i].Pooled = true
	}
	s.Result.Figures[0].Trial = "keyboard.n1"
	s.Against = &Against{Weights: "research", Result: s.Result}
	if plots, err = Plots(s); err != nil {
		t.Fatal(err)
	}
	got = ""
	for _, p := range plots {
		got += p.Name + " "
	}
	if want := "keyboard-det keyboard-scores-n1 keyboard-scores-n8 keyboard-reliability pointer-det pointer-scores people "; got != want {
		t.Errorf("plots %q, want %q", got, want)
	}
	if alt := plots[0].Chart.Alt; !strings.Contains(alt, "open, one block:") || !strings.Contains(alt, "research, 8 blocks:") {
		t.Errorf("the trade-off beside another system says %q, want both systems", alt)
	}
	if plots, err := Plots(Section{Result: protocol.Result{Protocol: "text"}}); err != nil || len(plots) != 0 {
		t.Errorf("a result without scores has %d plots, error %v; want none", len(plots), err)
	}
}

func page(t *testing.T, s Section, w *compare.Weights) string {
	t.Helper()
	plots, err := Plots(s)
	if err != nil {
		t.Fatal(err)
	}
	run := Run{Date: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Commit: "abc123", Command: "ipse eval sapimouse --data DIR", Weights: w, Drawn: Drawn{s, plots}}
	var b bytes.Buffer
	if err := run.HTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHTML(t *testing.T) {
	s := scored()
	s.Against = besideAnother().Against
	s.Against.Result = s.Result
	html := page(t, s, weights("CC BY 4.0"))
	for _, want := range []string{
		"<h1>sapimouse</h1>", "1 March 2026", "abc123", "<b>1,200</b> people", "one person is left out", "eer_subject_mean_n10", "11.00 % to 13.00 %",
		"Person by person, eer_subject_mean_n1 is at most 10.00\u00a0% for half of them", "Antal et al. 2021", "17.6 %", "The &lt;default&gt;.", "1,057", "CC BY 4.0",
		"ipse eval sapimouse --data DIR", "open better than other by 2.00 points, 95 % CI 1.00 to 3.00", "prefers-color-scheme: dark", `content="default-src 'none'`,
		"detection error trade-off", "learning curve", "Nobody in this test is known to the weights.",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if got := strings.Count(html, "<svg "); got != 6 {
		t.Errorf("%d drawings are in the page, want 6", got)
	}
	if strings.Contains(html, "non-commercial") {
		t.Error("the page calls weights non-commercial that are not")
	}
	rest := strings.ReplaceAll(html, "http://www.w3.org/2000/svg", "")
	for _, outside := range []string{"http:", "https:", "<script", "<link", "<img", "url(", "@import"} {
		if strings.Contains(rest, outside) {
			t.Errorf("the page holds %q; want nothing that asks for anything else", outside)
		}
	}
	// Void elements aside the page is well-formed, so no text from a data set has broken out of its place.
	d := xml.NewDecoder(strings.NewReader(html))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
	}
}

func TestHTMLOfChosenPeopleDoesNotCallThemUnseen(t *testing.T) {
	var b bytes.Buffer
	if err := (Run{Weights: weights("CC BY 4.0"), ByHand: true, Drawn: Drawn{Section: scored()}}).HTML(&b); err != nil {
		t.Fatal(err)
	}
	if html := b.String(); strings.Contains(html, "Nobody in this test is known") || !strings.Contains(html, "not for quoting") {
		t.Error("the page of calibration people does not say that its figures are not for quoting")
	}
}

func TestPagesSayWhenWeightsAreNonCommercial(t *testing.T) {
	w := weights("free for non-commercial use with attribution")
	if html := page(t, scored(), w); !strings.Contains(html, "These weights are for non-commercial use only.") {
		t.Error("the HTML page does not say that the weights are non-commercial")
	}
	var b bytes.Buffer
	if err := (Page{Weights: w}).Write(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "**These weights are for non-commercial use only.**") {
		t.Error("the Markdown page does not say that the weights are non-commercial")
	}
}

func TestPageShowsPlotsAndDifferences(t *testing.T) {
	s := scored()
	s.Against = besideAnother().Against
	s.Against.Result = s.Result
	plots, err := Plots(s)
	if err != nil {
		t.Fatal(err)
	}
	p := Page{Date: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Weights: weights("CC BY 4.0"), Against: "other", Sections: []Drawn{{s, plots}}}
	var first, second bytes.Buffer
	if err := errors.Join(p.Write(&first), p.Write(&second)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same page is written in two ways")
	}
	for _, want := range []string{
		"`ipse eval all --data DIR --weights open --against other --out docs` on 1 March 2026",
		"](results/sapimouse-det.svg)\n", "](results/sapimouse-learning.svg)\n", "![sapimouse: detection error trade-off. ",
		"- `eer_subject_mean_n1`: open better than other by 2.00 points",
	} {
		if !strings.Contains(first.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
