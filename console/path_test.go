package console_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/console/consoletest"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
)

// long is a session whose path is full: a window every ten seconds, one of them with something that happened after it.
func long() console.SessionDetail {
	d := consoletest.Trusted("s-long-path", "q2w3e4r5t6z7", noon.Add(-40*time.Minute), noon)
	d.Path = nil
	for i := range 239 {
		score, counted := 1.23, 0.45
		d.Path = append(d.Path, console.PathPoint{
			At: noon.Add(time.Duration(i-240) * 10 * time.Second), Trust: 0.9, Level: policy.Low, Modality: observation.Keyboard,
			Score: &score, Counted: &counted,
		})
	}
	d.Path[238].Score, d.Path[238].Counted, d.Path[238].Reasons = nil, nil, []policy.ReasonCode{policy.PastedText, policy.ClockBlurred}
	happened := console.PathPoint{At: d.Path[100].At.Add(time.Second), Trust: 0.9, Level: policy.Low, Event: "unlock"}
	d.Path = append(d.Path[:101:101], append([]console.PathPoint{happened}, d.Path[101:]...)...)
	return d
}

func TestThePathIsShownWithItsEvidence(t *testing.T) {
	source := new(consoletest.Source)
	source.Put(long())
	r := signedIn(t, source)
	_, page := r.get("/console/sessions/s-long-path")
	for _, want := range []string{
		`<th scope="col">What</th>`, `<th scope="col">Counted</th>`, "<td>&#43;1.2</td><td>&#43;0.5</td>",
		"<td>nothing compared: Much pasted text, Blurred clock</td>", "<td>Screen unlocked</td>", "<title>Screen unlocked</title>",
		`class="said for"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, "Another network") {
		t.Error("the legend names what did not happen")
	}
	if rows := strings.Count(page, `<tr><th scope="row">`); rows < 12 || rows > 24+12+2 {
		t.Errorf("the table has %d rows of 240 points, want the picture at some distances and its end in full", rows)
	}
	r.language = "fr"
	if _, page := r.get("/console/sessions/s-long-path"); !strings.Contains(page, "<td>Écran déverrouillé</td>") || !strings.Contains(page, "rien de comparé\u00a0: Beaucoup de texte collé") {
		t.Error("the French page does not tell what happened, or why nothing was compared")
	}
}

// A server may know more kinds of events than this page has words for.
func TestAnUnknownEventIsNamedAsItIs(t *testing.T) {
	source, d := new(consoletest.Source), long()
	d.Path[101].Event = "<badge-in>"
	source.Put(d)
	_, page := signedIn(t, source).get("/console/sessions/s-long-path")
	if !strings.Contains(page, "<td>&lt;badge-in&gt;</td>") || strings.Contains(page, "<badge-in>") {
		t.Error("the page does not name an unknown event, or not safely")
	}
}

func TestInWordsSaysWhatThePageShows(t *testing.T) {
	d := consoletest.Taken("s", "p4td9c6hzy2n", noon.Add(-26*time.Minute), noon)
	d.Evidence = d.Evidence[:1]
	for language, want := range map[string][]string{
		"en": {"Someone else", "What was compared does not fit", "Behaviour differs. Rhythm", "Letter keys held 31% longer than usual (4.2\u00a0σ): 141\u00a0ms; usually 108\u00a0ms", "Pointer: too little input", "Remote desktop began", "Medium below 27%"},
		"fr": {"Quelqu’un d’autre", "Comportement différent. Le rythme", "141\u00a0ms", "Début d’un bureau à distance", "Moyen sous 27"},
	} {
		w, err := console.InWords(language, d, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		said := fmt.Sprint(w)
		for _, words := range want {
			if !strings.Contains(said, words) {
				t.Errorf("%s: %q is not said in\n%s", language, words, said)
			}
		}
		if len(w.Path) == 0 || len(w.Path[0]) != len(w.Columns) || !strings.HasPrefix(w.Path[0][0], "11:34:") {
			t.Errorf("%s: columns %v, first row %v; want as many cells, at eleven thirty-four", language, w.Columns, w.Path[0])
		}
	}
	if _, err := console.InWords("de", d, time.UTC); err == nil || !strings.Contains(err.Error(), "want one of en, fr") {
		t.Errorf("an unknown language gives %v, want an error that names the known ones", err)
	}
	if w, err := console.InWords("en", console.SessionDetail{SessionRow: console.SessionRow{Level: policy.Low, Answer: policy.CannotTell}}, time.UTC); err != nil || len(w.Path) != 0 || len(w.Edges) != 0 {
		t.Errorf("a session without a path gives %+v, %v; want no path", w, err)
	}
}
