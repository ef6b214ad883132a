package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"ipse.dev/ipse/demo"
	"ipse.dev/ipse/internal/app"
)

type demoCommand struct {
	Data       string  `help:"Folder for all state; what was learnt is there at the next start. Default ./demo-data." default:"./demo-data" type:"path" placeholder:"DIR"`
	Listen     string  `help:"Address of the ipse server. Default ${default}." default:"127.0.0.1:7473" placeholder:"ADDR"`
	DeskListen string  `help:"Address of the customer-service desk. Default ${default}." default:"127.0.0.1:7474" placeholder:"ADDR"`
	Alerts     float64 `help:"Decide by this false-alarm budget, in alerts per 1,000 people and working day, as a company would; 0 decides as soon as a visitor of minutes can see it." default:"0"`
	Weights    string  `help:"Weights to compare with: open, research or a file. Default ${default}." default:"open" placeholder:"NAME|FILE"`
	Background int     `help:"Simulated colleagues who work in the background." default:"8"`
}

// demoStop bounds the time that stopping takes.
const demoStop = 20 * time.Second

// Run carries the command out.
func (c *demoCommand) Run(ctx context.Context) error {
	if c.Background < 0 || c.Background > 200 {
		return errUsage{fmt.Errorf("demo: %d background colleagues; want 0 to 200", c.Background)}
	}
	show := &app.Show{Thresholds: demo.Thresholds}
	if c.Alerts != 0 {
		show = nil
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	listener, err := net.Listen("tcp", c.DeskListen)
	if err != nil {
		return fmt.Errorf("demo: the desk cannot listen on %s; stop what listens there, or choose another address with --desk-listen: %w", c.DeskListen, err)
	}
	defer listener.Close()
	deskURL := "http://" + reachable(listener.Addr())
	secret := "whsec_" + base64.StdEncoding.EncodeToString(random(32))

	server, err := app.Start(ctx, app.Options{
		Data: c.Data, Listen: c.Listen, AlertsPer1000PerDay: c.Alerts, Show: show, AcceptSimulated: true, Weights: c.Weights,
		WebhookURL: deskURL + demo.WebhookPath, WebhookSecret: secret, Logger: logger,
	})
	if err != nil {
		return serverError(err)
	}
	working, leave := context.WithCancel(ctx)
	defer leave()
	desk, err := demo.New(demo.Options{
		Server: server.URL(), APIKey: server.APIKey(), WebhookSecret: secret, ConsoleLink: server.ConsoleLink, Logger: logger,
	})
	if err != nil {
		return errors.Join(err, stopDemo(ctx, server, nil, nil))
	}
	front := &http.Server{
		Handler: desk.Handler(), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return working }, // ends the streams of events
	}
	failed := make(chan error, 1)
	var group sync.WaitGroup
	group.Go(func() { failed <- front.Serve(listener) })
	if c.Background > 0 {
		group.Go(func() {
			demo.Background{Server: server.URL(), APIKey: server.APIKey(), People: c.Background, Logger: logger}.Run(working)
		})
	}
	fmt.Printf("The demonstration is ready. Open this address:\n\n    %s\n\nCtrl-C stops it. What ipse has learnt stays in %s.\n", deskURL, c.Data)

	var failure error
	select {
	case <-ctx.Done():
	case failure = <-server.Failed():
	case failure = <-failed:
	}
	leave()
	return errors.Join(failure, stopDemo(ctx, server, func(stopping context.Context) error {
		desk.Close(stopping)
		return front.Shutdown(stopping)
	}, group.Wait))
}

// stopDemo stops in order: visitors and colleagues leave, then the server.
func stopDemo(ctx context.Context, server *app.Server, closeDesk func(context.Context) error, wait func()) error {
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), demoStop)
	defer cancel()
	var err error
	if closeDesk != nil {
		err = closeDesk(stopping)
	}
	if wait != nil {
		wait()
	}
	return errors.Join(err, server.Close(stopping))
}

// reachable gives the address by which this machine reaches a listener that may listen on every interface.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
}

func random(n int) []byte {
	out := make([]byte, n)
	rand.Read(out) // never fails: crypto/rand ends the program rather than giving less
	return out
}
