package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/review"
)

type explainCommand struct {
	atServer
	Session  string `arg:"" help:"The session's identifier, as the application got it when it opened the session." placeholder:"SESSION"`
	Language string `help:"Language of the sentences: en or fr. Default ${default}." default:"en" enum:"en,fr" placeholder:"TAG"`
	JSON     bool   `help:"Print one JSON object with the session and its path, as the server tells them."`
}

// explainWithin bounds how long an explanation may take.
const explainWithin = 30 * time.Second

// explanation is what --json prints.
type explanation struct {
	Session client.View `json:"session"`
	Path    client.Path `json:"path"`
}

// Run carries the command out.
func (c *explainCommand) Run(ctx context.Context) error {
	api, err := c.open()
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, explainWithin)
	defer cancel()
	var e explanation
	if e.Session, err = api.Session(ctx, c.Session); err == nil {
		e.Path, err = api.Path(ctx, c.Session)
	}
	if err != nil {
		return c.said(err)
	}
	if c.JSON {
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		return out.Encode(e)
	}
	detail := e.detail()
	words, err := console.InWords(c.Language, detail, time.Local)
	if err != nil {
		return err
	}
	return printWords(os.Stdout, detail, words)
}

// said names what went wrong and what would be right.
func (c *explainCommand) said(err error) error {
	var p *client.Problem
	if errors.As(err, &p) && p.Type == client.SessionUnknown {
		return fmt.Errorf("explain: the server knows no session %q; want the identifier from the answer to POST /v1/sessions or from the address of the session's page in the console, of a session that was not erased", c.Session)
	}
	return fmt.Errorf("explain: %w", c.told(err))
}

// detail is the session as the console's pages know it.
func (e explanation) detail() console.SessionDetail {
	v := e.Session
	d := console.SessionDetail{
		SessionRow: console.SessionRow{ID: v.Session, Subject: v.Subject, Closed: v.Closed, Trust: v.Trust, Level: v.RiskLevel, Answer: v.Answer},
		Reasons:    v.Reasons, Thresholds: e.Path.Thresholds,
	}
	for _, x := range v.Evidence {
		d.Evidence = append(d.Evidence, review.Evidence(x))
	}
	for _, doubt := range v.Liveness {
		d.Doubts = append(d.Doubts, console.HandDoubt(doubt))
	}
	for _, r := range v.References {
		d.References = append(d.References, console.ReferenceRow{Modality: r.Modality, DeviceClass: r.DeviceClass, Maturity: r.Maturity})
	}
	for _, p := range e.Path.Points {
		d.Path = append(d.Path, console.PathPoint{
			At: p.At, Trust: p.Trust, Level: p.RiskLevel, Modality: p.Modality, Score: p.Score, Counted: p.Counted, Reasons: p.Reasons, Event: p.Event,
		})
	}
	return d
}

// printWords writes a session's words for a terminal of eighty columns or more.
func printWords(w io.Writer, d console.SessionDetail, words console.Words) error {
	b := &strings.Builder{}
	fmt.Fprintf(b, "%s · %s\n\n%s. %s\n%s %s · %s %s\n", d.ID, d.Subject, words.Answer, words.Summary, words.Columns[2], words.Level, words.Columns[1], words.Trust)
	for _, r := range words.Reasons {
		fmt.Fprintf(b, "%s\n", r)
	}
	if len(words.Path) > 0 {
		fmt.Fprintf(b, "\n%s\n%s\n\n", sparkline(d.Path), strings.Join(words.Edges, ", "))
		printTable(b, words.Columns, words.Path)
	}
	if len(words.Evidence) > 0 {
		fmt.Fprintf(b, "\n%s\n", words.EvidenceTitle)
	}
	for _, e := range words.Evidence {
		fmt.Fprintf(b, "  %s\n", e.Sentence)
		for _, f := range e.Features {
			fmt.Fprintf(b, "    %s\n", f)
		}
	}
	if len(words.Hand) > 0 {
		fmt.Fprintf(b, "\n%s\n", words.HandTitle)
	}
	for _, h := range words.Hand {
		fmt.Fprintf(b, "  %s\n", h)
	}
	if len(words.Missing) > 0 {
		fmt.Fprintf(b, "\n%s\n", words.MissingTitle)
	}
	for _, m := range words.Missing {
		fmt.Fprintf(b, "  %s\n", m)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func printTable(b *strings.Builder, columns []string, rows [][]string) {
	var aligned strings.Builder
	table := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{columns}, rows...) {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	_ = table.Flush() // a strings.Builder takes everything
	for line := range strings.Lines(aligned.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
}

const (
	sparkWidth = 60
	sparkReach = 7.0 // log-odds at which the line is at its top or floor: 99.9 % and 0.1 %
)

// sparkline draws trust on its scale of log-odds; where several points share a place, the lowest shows.
func sparkline(path []console.PathPoint) string {
	blocks := []rune("▁▂▃▄▅▆▇█")
	width := min(sparkWidth, len(path))
	var line strings.Builder
	for i := range width {
		lowest := 1.0
		for _, p := range path[i*len(path)/width : (i+1)*len(path)/width] {
			lowest = math.Min(lowest, p.Trust)
		}
		odds := math.Log(lowest / (1 - lowest))
		share := (math.Max(-sparkReach, math.Min(sparkReach, odds)) + sparkReach) / (2 * sparkReach)
		if math.IsNaN(share) {
			share = 0
		}
		line.WriteRune(blocks[min(len(blocks)-1, int(share*float64(len(blocks))))])
	}
	return line.String()
}
