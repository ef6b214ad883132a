package main

import (
	"context"
	"errors"
)

type versionCommand struct{}

// Run carries the command out.
func (c *versionCommand) Run(ctx context.Context) error { return errors.New("version: not built yet") }
