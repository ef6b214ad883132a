package redteam

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"ipse.dev/ipse/internal/policy"
)

// Report is what a run of the kit found.
type Report struct {
	Target    string     `json:"target"`
	At        time.Time  `json:"at"`
	Seed      uint64     `json:"seed,omitempty"`
	Paced     bool       `json:"paced"` // in the attacks' own time
	Enrolment *Enrolment `json:"enrolment,omitempty"`
	Notes     []string   `json:"notes,omitempty"` // what a reader must know of how the run was made, a sentence each
	Outcomes  []Outcome  `json:"attacks"`
}

// Enrolled gives how far test subjects were known to the server: the first that was not, or the first of all; nil where
// none was to be learnt.
func Enrolled(outcomes []Outcome) *Enrolment {
	var first *Enrolment
	for _, o := range outcomes {
		if o.Enrolment != nil && (first == nil || (first.Mature && !o.Enrolment.Mature)) {
			first = o.Enrolment
		}
	}
	return first
}

// AsWanted counts the attacks of which the installation made what it should.
func (r Report) AsWanted() int {
	n := 0
	for _, o := range r.Outcomes {
		if o.AsWanted() {
			n++
		}
	}
	return n
}

// Passed reports whether any attack was made and all were answered as wanted.
func (r Report) Passed() bool { return len(r.Outcomes) > 0 && r.AsWanted() == len(r.Outcomes) }

// JSON writes the report as one object.
func (r Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("redteam: write the report: %w", err)
	}
	return nil
}

// Text writes the report for a terminal.
func (r Report) Text(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if r.Enrolment != nil {
		fmt.Fprintf(t, "test subjects: one for each attack, %s\n\n", r.Enrolment.words())
	}
	fmt.Fprintf(t, "attack\twanted\tresult\tafter\treasons\n")
	for _, o := range r.Outcomes {
		mark := ""
		if !o.AsWanted() {
			mark = " ←"
		}
		fmt.Fprintf(t, "%s\t%s\t%s%s\t%s\t%s\n", o.Attack, o.Want.words(), o.Verdict.words(), mark, o.After(), o.because())
	}
	fmt.Fprintf(t, "\n%s\n", r.Summary())
	for _, note := range r.Notes {
		fmt.Fprintln(t, note)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("redteam: write the report: %w", err)
	}
	return nil
}

// Summary says in one sentence how it went.
func (r Report) Summary() string {
	text := fmt.Sprintf("%d of %d attacks on %s were answered as wanted; the others are marked.", r.AsWanted(), len(r.Outcomes), r.Target)
	if r.Passed() {
		text = fmt.Sprintf("All %d attacks on %s were answered as wanted.", len(r.Outcomes), r.Target)
	}
	caught, byLiveness := 0, 0
	for _, o := range r.Outcomes {
		if o.Verdict == Caught {
			caught++
			if o.NoHand {
				byLiveness++
			}
		}
	}
	if byLiveness < caught && r.Enrolment != nil {
		text += fmt.Sprintf(" Of the %d that were caught, liveness caught %d, and the others differ from their test subjects.", caught, byLiveness)
	}
	return text
}

func (e Enrolment) words() string {
	if e.Mature {
		return "known to the server (" + e.Known + ")"
	}
	return "not known to the server yet (" + e.Known + "): liveness alone can tell the attacks that imitate"
}

func (w Want) words() string {
	return map[Want]string{Alarm: "alarm", Context: "context", CannotTell: "cannot tell"}[w]
}

func (v Verdict) words() string {
	return map[Verdict]string{Caught: "caught", Noticed: "step-up", Undecided: "cannot tell", Passed: "not noticed", NotMade: "not made", Refused: "refused"}[v]
}

// After says how much of the attack there was until it was caught or over.
func (o Outcome) After() string {
	if o.Verdict == NotMade || o.Verdict == Refused {
		return "–"
	}
	parts := []string{fmt.Sprintf("%.1f s", o.Seconds)}
	if o.Keys > 0 {
		parts = append(parts, counted(o.Keys, "key"))
	}
	if o.Events > 0 {
		parts = append(parts, counted(o.Events, "pointer event"))
	}
	return strings.Join(append(parts, counted(o.Windows, "window")), ", ")
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// because gives the reasons, or why there are none.
func (o Outcome) because() string {
	if o.Problem != "" {
		return o.Problem
	}
	return InWords(o.Reasons)
}

// InWords gives reasons in plain words.
func InWords(reasons []policy.ReasonCode) string {
	words := make([]string, len(reasons))
	for i, r := range reasons {
		words[i] = strings.ReplaceAll(string(r), "_", " ")
	}
	return strings.Join(words, ", ")
}

//go:embed report.html
var page string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"words":   func(v interface{ words() string }) string { return v.words() },
	"because": Outcome.because,
}).Parse(page))

// HTML writes the report as one page that asks for nothing else.
func (r Report) HTML(w io.Writer) error {
	if err := pageTemplate.Execute(w, r); err != nil {
		return fmt.Errorf("redteam: write the report: %w", err)
	}
	return nil
}
