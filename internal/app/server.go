package app

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Server is one running ipse server. Its data folder is its own until Close returns.
type Server struct {
	url    string
	failed chan error
}

// Start opens the data folder and serves until Close. It returns when the address answers.
func Start(ctx context.Context, o Options) (*Server, error) {
	if _, err := o.withDefaults(); err != nil {
		return nil, err
	}
	return nil, errors.New("app: the server is not built yet")
}

// URL is the address to open, without a slash at its end: "http://127.0.0.1:7473".
func (s *Server) URL() string { return s.url }

// APIKey is the key for applications' back ends, read from DATA/api-key; "" when an operator has moved the file away.
func (s *Server) APIKey() string { return "" }

// ConsoleLink is a link that signs one browser in to the console, once. "" without a console.
func (s *Server) ConsoleLink() string { return "" }

// Failed gives the error that made the server unable to go on, if one does.
func (s *Server) Failed() <-chan error { return s.failed }

// Close stops accepting, applies and stores everything acknowledged, and gives the data folder back. What ctx leaves no
// time for is applied at the next start.
func (s *Server) Close(ctx context.Context) error { return nil }

// stopWithin bounds the time that Run takes to stop.
const stopWithin = 20 * time.Second

// Run serves until ctx ends, then stops in good order.
func Run(ctx context.Context, o Options) error {
	s, err := Start(ctx, o)
	if err != nil {
		return err
	}
	var failure error
	select {
	case <-ctx.Done():
	case failure = <-s.Failed():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := s.Close(stopping); err != nil && failure == nil {
		failure = fmt.Errorf("app: stop: %w", err)
	}
	return failure
}
