package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/replay"
)

type replayCommand struct {
	Path string `arg:"" optional:"" help:"A recording, or a folder of recordings or of a data set." placeholder:"PATH"`
	Set  string `help:"What the folder holds: recordings, aalto, bbmas, villani, sapimouse or balabit." enum:"recordings,aalto,bbmas,villani,sapimouse,balabit" default:"recordings"`

	Simulate int           `help:"Play this many generated people instead. The server takes them for behaviour only if it runs as a demonstration." placeholder:"N"`
	For      time.Duration `help:"How long generated people work." default:"10m"`
	Seed     uint64        `help:"Seed of the first generated person; the same seed gives the same people." default:"1"`

	People     int     `help:"How many people of a data set, at most." default:"10"`
	Speed      float64 `help:"How much faster than real time; 0 is as fast as the server takes it." default:"10"`
	Takeover   bool    `help:"Let everybody's session end with the next person's behaviour."`
	Server     string  `help:"Address of the running server. Default ${default}." default:"http://127.0.0.1:7473" placeholder:"URL"`
	APIKeyFile string  `name:"api-key-file" help:"File that holds the API key: api-key in the server's data folder." required:"" type:"existingfile" placeholder:"FILE"`
	UserPrefix string  `help:"Put in front of every person's id." default:"replay-"`
	Malformed  string  `name:"on-malformed" help:"What to do about a row that cannot be read: stop or skip." enum:"stop,skip" default:"stop"`
}

// Run carries the command out.
func (c *replayCommand) Run(ctx context.Context) error {
	if err := c.check(); err != nil {
		return errUsage{err}
	}
	key, err := os.ReadFile(c.APIKeyFile)
	if err != nil {
		return fmt.Errorf("replay: read the API key: %w", err)
	}
	api := client.New(c.Server, strings.TrimSpace(string(key)))
	models, err := replay.Models(ctx, api, c.UserPrefix)
	if err != nil {
		return err
	}
	parts, err := c.parts(models)
	if err != nil {
		return evalError(err)
	}
	if len(parts) == 0 {
		return errors.New("replay: nobody has enough events for one window")
	}
	if c.Takeover {
		parts = replay.TakeOver(parts)
	}
	total := 0
	for _, p := range parts {
		total += len(p.Observations)
	}
	bar := progressbar.NewOptions(total,
		progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(fmt.Sprintf("%d people", len(parts))),
		progressbar.OptionShowCount(), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionSetPredictTime(true),
	)
	results, err := replay.Run(ctx, replay.Options{
		Client: api, Speed: c.Speed, UserPrefix: c.UserPrefix,
		Sent: func(n int) { _ = bar.Add(n) }, // a terminal that is gone must not stop the replay
	}, parts)
	fmt.Fprintln(os.Stderr)
	if failed := summarise(os.Stdout, results); failed > 0 {
		err = errors.Join(err, fmt.Errorf("replay: %d of %d people could not be played to the end", failed, len(results)))
	}
	return err
}

func (c *replayCommand) check() error {
	switch {
	case (c.Path == "") == (c.Simulate == 0):
		return errors.New("replay: want either a PATH or --simulate N")
	case c.Simulate < 0 || c.Simulate > 100_000 || c.People < 1:
		return errors.New("replay: want at least one person and at most 100000 generated ones")
	case !strings.HasPrefix(c.Server, "http://") && !strings.HasPrefix(c.Server, "https://"):
		return fmt.Errorf("replay: --server is %q; want an address such as http://127.0.0.1:7473", c.Server)
	case !(c.Speed >= 0) || c.Speed > 1e6:
		return fmt.Errorf("replay: --speed is %g; want 0 to 1000000", c.Speed)
	case c.Simulate > 0 && (c.For < time.Second || c.For > 24*time.Hour):
		return fmt.Errorf("replay: --for is %v; want a second to a day", c.For)
	}
	return nil
}

func (c *replayCommand) parts(models map[observation.Modality][]string) ([]replay.Part, error) {
	if c.Simulate > 0 {
		return replay.Simulate(c.Simulate, c.For, c.Seed, uint64(time.Now().UnixNano()), models), nil
	}
	var opt dataset.Options
	if c.Malformed == "skip" {
		opt.OnMalformed = func(e *dataset.RowError) error {
			fmt.Fprintf(os.Stderr, "ipse: passed over: %v\n", e)
			return nil
		}
	}
	return replay.Read(c.Set, c.Path, c.People, opt, models)
}

// listed bounds how many people the summary names one by one.
const listed = 40

// summarise writes which levels were reached, and by whom, and says for how many people something went wrong.
func summarise(w io.Writer, results []replay.Result) (failed int) {
	reached := map[policy.Level]int{}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "person\thighest level\tat the end\tanswer\ttrust\tlearnt")
	rows := 0
	for _, r := range results {
		if r.Err != nil {
			failed++
		} else {
			reached[r.Highest]++
		}
		if rows++; rows > listed {
			continue
		}
		if r.Err != nil {
			fmt.Fprintf(table, "%s\t%s\t%v\n", r.Person, r.Highest, r.Err)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.3f\t%s\n", r.Person, r.Highest, r.Final.RiskLevel, r.Final.Answer, r.Final.Trust, learnt(r.Final.References))
	}
	_ = table.Flush() // standard output that is gone leaves nobody to tell
	if rows > listed {
		fmt.Fprintf(w, "and %d more\n", rows-listed)
	}
	if slices.ContainsFunc(results, func(r replay.Result) bool { return slices.Contains(r.Final.Reasons, policy.ShadowMode) }) {
		fmt.Fprintln(w, "the server is in shadow mode: it tells LOW of everybody, and the levels as they would be in its console")
		return failed
	}
	fmt.Fprintf(w, "reached at most: LOW %d, MEDIUM %d, HIGH %d\n", reached[policy.Low], reached[policy.Medium], reached[policy.High])
	return failed
}

func learnt(references []client.Reference) string {
	var out []string
	for _, r := range references {
		out = append(out, fmt.Sprintf("%s %.0f %%", r.Modality, 100*r.Maturity))
	}
	return strings.Join(out, ", ")
}
