package main

import (
	"context"
	"errors"
)

type evalCommand struct{}

// Run carries the command out.
func (c *evalCommand) Run(ctx context.Context) error { return errors.New("eval: not built yet") }
