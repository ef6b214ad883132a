package main

import (
	"context"
	"errors"
)

type replayCommand struct{}

// Run carries the command out.
func (c *replayCommand) Run(ctx context.Context) error { return errors.New("replay: not built yet") }
