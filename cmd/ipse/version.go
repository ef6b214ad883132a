package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/presence"
)

type versionCommand struct{}

// Run carries the command out.
func (c *versionCommand) Run(ctx context.Context) error { return c.write(os.Stdout) }

func (c *versionCommand) write(w io.Writer) error {
	version, revision := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	if _, err := fmt.Fprintf(w, "ipse %s%s\n", version, revision); err != nil {
		return err
	}
	for _, name := range compare.BuiltIn() {
		weights, err := compare.Load(name)
		if err != nil {
			return fmt.Errorf("version: %w", err)
		}
		var models, data []string
		for _, c := range weights.Comparators {
			models = append(models, fmt.Sprintf("%s %s", c.Modality, c.Model))
		}
		for _, d := range weights.Card.Data {
			name := d.Name
			if d.Facts {
				name = "the statistics of " + name
			}
			data = append(data, fmt.Sprintf("%s (%d people)", name, d.People))
		}
		if _, err := fmt.Fprintf(w, "weights %s: %s; made from %s. %s\n", name, strings.Join(models, ", "), strings.Join(data, ", "), weights.Card.Statement()); err != nil {
			return err
		}
	}
	for _, judge := range []struct{ name, card string }{
		{presence.OpenWeights, presence.Open().Card}, {presence.ResearchWeights, presence.Research().Card},
	} {
		if _, err := fmt.Fprintf(w, "liveness %s: %s\n", judge.name, judge.card); err != nil {
			return err
		}
	}
	return nil
}
