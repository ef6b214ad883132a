package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

// fitCommand makes the files that are built in; an operator needs it only to fit weights of their own.
type fitCommand struct {
	What string `arg:"" enum:"standards,touch-standards,open,research" help:"What to make: standards or touch-standards (what is usual among people, for the model features-1), or the weights open or research."`
	Data string `required:"" env:"IPSE_DATASETS" type:"existingdir" placeholder:"DIR" help:"Folder of the unpacked data sets."`
	Out  string `required:"" placeholder:"FILE" help:"File to write."`

	Name          string `placeholder:"NAME" help:"Name of the weights; what is made, if left out."`
	KeyboardModel string `name:"keyboard-model" placeholder:"NAME" help:"Model that embeds windows of typing; features-1 if left out."`
	PointerModel  string `name:"pointer-model" placeholder:"NAME" help:"Model that embeds windows of pointer use; features-1 if left out."`
	TouchModel    string `name:"touch-model" placeholder:"NAME" help:"Model that embeds windows of touch; features-1 if left out."`
}

// The terms of the data sets, for the cards.
const (
	termsBBMAS     = "open access on IEEE DataPort, believed CC BY 4.0"
	termsVillani   = "BSD-3 repository; upstream terms not stated"
	termsSapiMouse = "none stated; only means and covariances over its people are taken"
	termsAalto     = "free for non-commercial use with attribution"
	termsFacts     = "free for non-commercial use with attribution; only means and covariances of how long keys are held and how fast they follow, over all its people, are taken, from which typists are drawn"
	termsBalabit   = "none stated, accessible to researchers"
	termsTouch     = "none stated; only means and covariances over its people are taken"
)

var (
	openSources = []fit.Source{{Set: dataset.BBMAS, Terms: termsBBMAS}, {Set: dataset.Villani, Terms: termsVillani}, {Set: dataset.SapiMouse, Terms: termsSapiMouse},
		{Set: dataset.MobiKey, Terms: termsTouch}, {Set: dataset.Games, Terms: termsTouch}}
	allSources = append(append([]fit.Source{}, openSources...), fit.Source{Set: dataset.Aalto, Terms: termsAalto}, fit.Source{Set: dataset.Balabit, Terms: termsBalabit})
)

// rebuild is the command that makes these weights, for the card.
func (c *fitCommand) rebuild() string {
	command := "ipse fit " + c.What + " --data DIR --out FILE"
	for _, flag := range [][2]string{{"name", c.Name}, {"keyboard-model", c.KeyboardModel}, {"pointer-model", c.PointerModel}, {"touch-model", c.TouchModel}} {
		if flag[1] != "" {
			command += " --" + flag[0] + " " + flag[1]
		}
	}
	return command
}

// Run fits and writes one file.
func (c *fitCommand) Run() error {
	opt := fit.Options{Name: cmp.Or(c.Name, c.What), Dir: c.Data, Log: os.Stderr, Rebuild: c.rebuild(), Sources: openSources,
		KeyboardModel: c.KeyboardModel, PointerModel: c.PointerModel, TouchModel: c.TouchModel}
	var result any
	switch c.What {
	case "standards":
		keyboard, pointer, err := fit.Standards(opt)
		if err != nil {
			return err
		}
		result = struct {
			Keyboard []embed.Standard `json:"keyboard"`
			Pointer  []embed.Standard `json:"pointer"`
		}{keyboard, pointer}
	case "touch-standards":
		touch, err := fit.TouchStandards(opt)
		if err != nil {
			return err
		}
		result = struct {
			Touch []embed.Standard `json:"touch"`
		}{touch}
	case "research":
		opt.Sources = allSources
		opt.Purpose = "Benchmarks. Some of the data is for non-commercial use only, and so are these weights."
	default:
		opt.Population = []fit.Source{{Set: dataset.Aalto, Terms: termsFacts}}
		opt.Purpose = "Population means, variances and covariances of window statistics; nothing of any one person."
	}
	if c.KeyboardModel != "" || c.PointerModel != "" || c.TouchModel != "" {
		opt.Purpose += " Measures learned models in the laboratory; collectors run " + embed.Model + "."
	}
	if result == nil {
		w, err := fit.Weights(opt)
		if err != nil {
			return err
		}
		result = w
	}
	raw, err := json.MarshalIndent(result, "", " ")
	if err != nil {
		return fmt.Errorf("fit: %w", err)
	}
	if err := os.WriteFile(c.Out, append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("fit: %w", err)
	}
	return nil
}
