package main

import (
	"context"
	"errors"
)

type demoCommand struct{}

// Run carries the command out.
func (c *demoCommand) Run(ctx context.Context) error { return errors.New("demo: not built yet") }
