package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/redteam"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/report"
)

type attackServer struct {
	Attacks []string `arg:"" optional:"" name:"attack" help:"Attacks or channels to make, such as keys.macro or keys; all if left out."`

	atServer
	Token     string        `placeholder:"TOKEN" help:"Collector token of one open session, to make one attack in it instead of opening sessions with the API key. Reasons stay unknown then."`
	Recording string        `type:"existingfile" placeholder:"FILE" help:"Recording of a test subject in ipse's own format, in place of a generated one: half of it is learnt and replayed, half was stolen elsewhere."`
	Fast      bool          `help:"Report each attack at once, as if it had just ended, instead of in its own time."`
	For       time.Duration `default:"1m" help:"Length of each attack at most. Default ${default}."`
	Seed      uint64        `default:"1" help:"Seed of the generated test subject and of the attacks. Default ${default}."`
	NoEnrol   bool          `name:"no-enrol" help:"Do not let the server learn the test subjects first."`
	Keep      bool          `help:"Keep the test subjects on the server instead of erasing each after its attack."`
	attackReport
}

// Run carries the command out.
func (c *attackServer) Run(ctx context.Context, parent *attackCommand) error {
	if err := errors.Join(checkFor(c.For), c.check()); err != nil {
		return err
	}
	attacks, err := redteam.Choose(redteam.Attacks(), c.Attacks)
	if err != nil {
		return attackError(err)
	}
	if c.Token != "" && len(attacks) != 1 {
		return errUsage{fmt.Errorf("attack: --token is of one session, which is over once an attack is caught, and %d attacks are named; name one", len(attacks))}
	}
	guard, err := redteam.NewGuard(parent.Allow)
	if err != nil {
		return errUsage{err}
	}
	if _, err := guard.Address(ctx, c.Server); err != nil {
		return errUsage{err}
	}
	key := ""
	if c.Token == "" {
		if key, err = c.key(); err != nil {
			return err
		}
	}
	material, err := c.material()
	if err != nil {
		return err
	}
	progress := report.NewProgress(os.Stderr)
	defer progress.Clear()
	server := &redteam.Server{
		API: client.Over(guard.HTTP(), c.Server, key), User: "redteam-" + strings.ToLower(rand.Text()[:12]),
		Material: material, Seed: c.Seed, Fast: c.Fast, Learn: !c.NoEnrol, Keep: c.Keep,
		Warn:   func(err error) { fmt.Fprintf(os.Stderr, "ipse: %v\n", err) },
		Length: redteam.Length{Strokes: strokesFor(c.For), DurationMS: float64(c.For.Milliseconds())},
		Progress: func(a redteam.Attack, atSeconds float64, _ policy.Level) {
			progress.Report(a.Name+", seconds", int(atSeconds), int(c.For.Seconds()))
		},
	}
	found := redteam.Report{Target: c.Server, At: time.Now(), Seed: c.Seed, Paced: !c.Fast}
	if c.Token != "" {
		found.Outcomes = []redteam.Outcome{server.In(ctx, client.Opened{CollectorToken: c.Token}, attacks[0])}
	} else if err := c.opened(ctx, server, attacks, &found); err != nil {
		return err
	}
	progress.Clear()
	return c.write(os.Stdout, found)
}

// opened makes attacks on test subjects of the server's own.
func (c *attackServer) opened(ctx context.Context, server *redteam.Server, attacks []redteam.Attack, found *redteam.Report) (err error) {
	if c.NoEnrol {
		server.Material.Seen = redteam.Stretch{} // what the server has not seen is no replay
	}
	found.Outcomes, err = server.Run(ctx, attacks)
	found.Enrolment = redteam.Enrolled(found.Outcomes)
	if len(found.Outcomes) > 0 && ctx.Err() != nil {
		_ = found.Text(os.Stderr) // what there is by now; the error tells that it is not all
	}
	if err != nil && ctx.Err() == nil {
		return c.toldOf(err)
	}
	return err
}

// toldOf says of a failure what would be right.
func (c *attackServer) toldOf(err error) error {
	if errors.Is(err, redteam.ErrForeign) {
		return errUsage{err}
	}
	return fmt.Errorf("attack: %w", c.told(err))
}

func (c *attackServer) material() (redteam.Material, error) {
	if c.Recording == "" {
		return redteam.Generated(c.Seed), nil
	}
	f, err := os.Open(c.Recording)
	if err != nil {
		return redteam.Material{}, errUsage{fmt.Errorf("attack: --recording: %w", err)}
	}
	defer f.Close()
	r, err := dataset.ReadRecording(f, c.Recording, dataset.Options{})
	if err != nil {
		return redteam.Material{}, errUsage{fmt.Errorf("attack: --recording: %w", err)}
	}
	return redteam.Recorded(redteam.Stretch{Keys: r.Session.Keys, Pointers: r.Session.Pointers}, c.Seed), nil
}
