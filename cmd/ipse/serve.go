package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"ipse.dev/ipse/internal/app"
)

type serveCommand struct {
	Data                string   `default:"./data" placeholder:"DIR" help:"Folder for everything that the server keeps; made with mode 0700 when it does not exist. Default ${default}."`
	Listen              string   `default:"127.0.0.1:7473" placeholder:"ADDR" help:"Address to listen on, HOST:PORT. Default ${default}."`
	AlertsPer1000PerDay float64  `name:"alerts-per-1000-per-day" default:"1000" placeholder:"N" help:"False-alarm budget: at most so many alerts per 1,000 people and working day. The thresholds follow from it. Default ${default}."`
	Shadow              bool     `help:"Shadow mode: compute everything and bother nobody. Levels and alarms are shown by the console alone; collectors, applications and the webhook are told of none."`
	FollowFact          bool     `help:"Let the thresholds follow the installation's own false alarms, from start to start and within bounds. Off by default: the console shows what they would be."`
	AcceptSimulated     bool     `help:"Take events that no hand made for behaviour. For demonstrations only: it lets software pass for a person."`
	Weights             string   `default:"open" placeholder:"NAME" help:"Weights of the comparison: open, research, or a file. Default ${default}."`
	PublicURL           string   `name:"public-url" placeholder:"URL" help:"Address by which browsers reach the server, such as https://ipse.example, where a proxy ends TLS before it: the console's links lead there, and its cookie keeps to TLS. --listen's address when not given."`
	WebhookURL          string   `placeholder:"URL" help:"Where changes of a session's risk level are posted."`
	WebhookSecret       string   `placeholder:"SECRET" help:"Key of the webhook's signature; whsec_… in base64, or any text. Give it in the environment or in the file of --config: others can see a command line."`
	CORSOrigin          []string `name:"cors-origin" placeholder:"ORIGIN" help:"Origin whose pages may report observations, such as https://desk.example; may be repeated. Any origin when none is given."`
	RequireSignatures   bool     `help:"Refuse every report that its collector has not signed. Otherwise a session takes unsigned reports until the first signed one, and none from then on. Needs pages with TLS: browsers sign nowhere else."`
	IgnoreAddresses     bool     `help:"Do not tell collectors' networks apart. Otherwise a session that goes on from another network is looked at more closely; of an address the server keeps a keyed hash of its prefix, in the session alone."`
	SharedWorkstations  bool     `help:"Answer which of two to eight people, whom the application names, is at the controls of a shared workstation. Off by default; every question is audited."`
	AlarmOn             []string `name:"alarm-on" placeholder:"KIND" help:"What is otherwise only told is an alarm here: remote_control (a remote desktop or remote-access tool), virtual_machine or turned_path (strokes unlike this person's mouse: turned by a program, or of another device); may be repeated."`
	ReviewersCorrect    bool     `help:"Let reviewers put references right in the console: roll back, accept, enrol again. Off by default: then it shows the commands. Every correction is audited."`
	LogLevel            string   `default:"info" enum:"debug,info,warn,error" help:"Least severe lines to log: debug, info, warn or error."`
	LogFormat           string   `default:"text" enum:"text,json" help:"Form of the log on standard error: text or json."`
}

// Run carries the command out.
func (c *serveCommand) Run(ctx context.Context) error {
	logger, err := c.logger(os.Stderr)
	if err != nil {
		return errUsage{err}
	}
	if !(c.AlertsPer1000PerDay > 0) { // 0 would be taken for nothing said
		return errUsage{fmt.Errorf("serve: --alerts-per-1000-per-day is %g; want more than 0: no threshold rules out every false alarm", c.AlertsPer1000PerDay)}
	}
	err = app.Run(ctx, app.Options{
		Data: c.Data, Listen: c.Listen, AlertsPer1000PerDay: c.AlertsPer1000PerDay, Shadow: c.Shadow, FollowFact: c.FollowFact, AcceptSimulated: c.AcceptSimulated,
		Weights: c.Weights, PublicURL: c.PublicURL, WebhookURL: c.WebhookURL, WebhookSecret: c.WebhookSecret, CORSOrigins: c.CORSOrigin,
		RequireSignatures: c.RequireSignatures, IgnoreAddresses: c.IgnoreAddresses, SharedWorkstations: c.SharedWorkstations, AlarmOn: c.AlarmOn, ReviewersCorrect: c.ReviewersCorrect, Logger: logger,
	})
	return serverError(err)
}

// serverError makes an error about how the server was asked to run one that ends with exit status 2.
func serverError(err error) error {
	for _, callers := range []error{app.ErrOptions, app.ErrDataInUse, app.ErrDataOpen} {
		if errors.Is(err, callers) {
			return errUsage{err}
		}
	}
	return err
}

func (c *serveCommand) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	o := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o)), nil
	}
	return slog.New(slog.NewTextHandler(w, o)), nil
}
