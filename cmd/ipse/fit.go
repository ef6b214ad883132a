package main

import (
	"context"
	"errors"
)

type fitCommand struct{}

// Run carries the command out.
func (c *fitCommand) Run(ctx context.Context) error { return errors.New("fit: not built yet") }
