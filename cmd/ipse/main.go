// Command ipse is the server and the laboratory in one binary.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli lists the subcommands; each lives in the file of its name.
type cli struct {
	Serve      serveCommand      `cmd:"" help:"Run the server."`
	Demo       demoCommand       `cmd:"" help:"Run the server, a fictional customer-service desk and simulated colleagues on this machine."`
	Eval       evalCommand       `cmd:"" help:"Measure accuracy on a data set, by the very code that the server runs."`
	Fit        fitCommand        `cmd:"" help:"Fit the plain statistical model to data sets and write its weights and card."`
	Replay     replayCommand     `cmd:"" help:"Play recordings, a data set or simulated people through a running server."`
	Explain    explainCommand    `cmd:"" help:"Say in plain sentences why a session stands as it does."`
	References referencesCommand `cmd:"" help:"Look at what is known of a subject at a running server, and put it right."`
	Attack     attackCommand     `cmd:"" help:"Attack one's own server or page as injectors, replayers and bots do, and say what was caught."`
	Version    versionCommand    `cmd:"" help:"Print the version and the weights that are built in."`

	Config kong.ConfigFlag `help:"Read flags from this JSON file (keys are flag names, with the command's name in front: {\"serve\":{\"listen\":\"127.0.0.1:7473\"}})." env:"IPSE_CONFIG" placeholder:"FILE"`
}

// errUsage marks errors that the caller made: they end with exit status 2.
type errUsage struct{ error }

func (e errUsage) Unwrap() error { return e.error }

func main() {
	var c cli
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parser := kong.Must(&c,
		kong.Name("ipse"),
		kong.Description("Self-hosted continuous authentication: who is at the controls, told from rhythm alone."),
		kong.DefaultEnvars("IPSE"),
		kong.Configuration(readConfig),
		kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	command, err := parser.Parse(os.Args[1:])
	if err != nil {
		parser.Errorf("%s", err)
		os.Exit(2)
	}
	if err := command.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "ipse: %v\n", err)
		var usage errUsage
		if errors.As(err, &usage) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}
