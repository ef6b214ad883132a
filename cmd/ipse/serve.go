package main

import (
	"context"
	"errors"
)

type serveCommand struct{}

// Run carries the command out.
func (c *serveCommand) Run(ctx context.Context) error { return errors.New("serve: not built yet") }
