package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/presence"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

// fitCommand makes the files that are built in; an operator needs it only to fit weights of their own.
type fitCommand struct {
	What string `arg:"" enum:"standards,touch-standards,phrase,enrolment,replayed,liveness-pointer,liveness-keyboard,two-people,mediated,open,research" help:"What to make: standards or touch-standards (what is usual among people, for the model features-1), phrase (the weights for phrases), enrolment (what a reference of so much behaviour is worth, by the built-in weights open), replayed (how near to earlier behaviour people and replays come), liveness-pointer (what tells hands from programs that move the pointer: --name research, or open, from statistics alone), liveness-keyboard (those that tell hands from programs that type), two-people (what tells two people at once from one), mediated (what tells programs at a person's pace from hands), or the weights open or research."`
	Data string `required:"" env:"IPSE_DATASETS" type:"existingdir" placeholder:"DIR" help:"Folder of the unpacked data sets."`
	Out  string `required:"" placeholder:"FILE" help:"File to write."`

	Name          string   `placeholder:"NAME" help:"Name of the weights; what is made, if left out."`
	KeyboardModel []string `name:"keyboard-model" placeholder:"NAME" help:"Model that embeds windows of typing; repeated, the first decides. The newest learned model and then features-1 if left out."`
	PointerModel  []string `name:"pointer-model" placeholder:"NAME" help:"Model that embeds windows of pointer use, likewise."`
	TouchModel    []string `name:"touch-model" placeholder:"NAME" help:"Model that embeds windows of touch, likewise."`
}

// The terms of the data sets, for the cards.
const (
	termsBBMAS     = "open access on IEEE DataPort, believed CC BY 4.0"
	termsVillani   = "BSD-3 repository; upstream terms not stated"
	termsSapiMouse = "none stated, citation asked; means and covariances over its people; glide-2 has learnt from users drawn from such statistics; glide-2-research, where it is used, from its background people"
	termsAalto     = "free for non-commercial use with attribution"
	termsFacts     = "free for non-commercial use with attribution; only means and covariances of how long keys are held and how fast they follow, over all its people, are taken, from which typists are drawn"
	termsFreihaut  = "GPL-3.0 repository; eight means and spreads over its people and a calibration are taken"
	termsBalabit   = "none stated, accessible to researchers"
	termsTouch     = "none stated; means and covariances over its people; touch-1-research, where it is used, has learnt from its background people"
)

var (
	openSources = []fit.Source{{Set: dataset.BBMAS, Terms: termsBBMAS}, {Set: dataset.Villani, Terms: termsVillani}, {Set: dataset.SapiMouse, Terms: termsSapiMouse},
		{Set: dataset.MobiKey, Terms: termsTouch}, {Set: dataset.Games, Terms: termsTouch}}
	allSources = append(append([]fit.Source{}, openSources...), fit.Source{Set: dataset.Aalto, Terms: termsAalto}, fit.Source{Set: dataset.Balabit, Terms: termsBalabit})
)

// enrolmentSources are those that references are measured by; only rates over people are taken.
var enrolmentSources = []fit.Source{{Set: dataset.BBMAS, Terms: termsBBMAS}, {Set: dataset.Villani, Terms: termsVillani},
	{Set: dataset.SapiMouse, Terms: termsSapiMouse}, {Set: dataset.Balabit, Terms: termsBalabit},
	{Set: dataset.MobiKey, Terms: termsTouch}, {Set: dataset.Games, Terms: termsTouch}}

// rebuild is the command that makes these weights, for the card. It names the models, so that a newer one changes nothing.
func (c *fitCommand) rebuild(models map[observation.Modality][]string) string {
	command := "ipse fit " + c.What + " --data DIR --out FILE"
	if c.Name != "" {
		command += " --name " + c.Name
	}
	for _, modality := range []observation.Modality{observation.Keyboard, observation.Pointer, observation.Touch} {
		for _, name := range models[modality] {
			command += fmt.Sprintf(" --%s-model %s", modality, name)
		}
	}
	return command
}

// models gives what is asked for, or the newest learned model of each modality with the plain one behind it.
func (c *fitCommand) models() (map[observation.Modality][]string, error) {
	asked := map[observation.Modality][]string{
		observation.Keyboard: c.KeyboardModel, observation.Pointer: c.PointerModel, observation.Touch: c.TouchModel,
	}
	for modality, names := range asked {
		if len(names) == 0 {
			names = slices.Compact([]string{embed.Newest(modality, c.What == "research"), embed.Model})
		}
		for _, name := range names {
			if c.What == "open" && embed.Research(name) {
				return nil, errUsage{fmt.Errorf("fit: the model %s has seen data for non-commercial use only; want an open one in open weights, or fit research", name)}
			}
		}
		asked[modality] = names
	}
	return asked, nil
}

// Run fits and writes one file.
func (c *fitCommand) Run() error {
	models, err := c.models()
	if err != nil {
		return err
	}
	opt := fit.Options{Name: cmp.Or(c.Name, c.What), Dir: c.Data, Log: os.Stderr, Rebuild: c.rebuild(models), Sources: openSources, Models: models}
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
	case "phrase":
		w, err := fit.Phrase(opt.Log, c.Data, termsFreihaut)
		if err != nil {
			return err
		}
		result = w
	case "replayed":
		counts, err := fit.CountReplays(context.Background(), opt.Log, c.Data)
		if err != nil {
			return err
		}
		result = counts.Weights()
	case "enrolment":
		w, err := compare.Load("open")
		if err != nil {
			return fmt.Errorf("fit: %w", err)
		}
		opt.Sources = enrolmentSources
		windows, err := fit.Enrolment(opt, w)
		if err != nil {
			return err
		}
		phrases, err := fit.PhraseEnrolment(opt)
		if err != nil {
			return err
		}
		result = append(windows, phrases)
	case "liveness-pointer":
		w, err := fit.PointerLiveness(c.Data, cmp.Or(c.Name, presence.ResearchWeights))
		if err != nil {
			return err
		}
		result = w
	case "liveness-keyboard":
		f, err := fit.NewKeyFitter(c.Data, opt.Log)
		if err != nil {
			return err
		}
		w, err := f.Weights()
		if err != nil {
			return err
		}
		result = w
	case "two-people":
		w, err := fit.TwoPeople(opt.Log, c.Data)
		if err != nil {
			return err
		}
		result = w
	case "mediated":
		w, err := fit.Mediated(opt.Log, c.Data)
		if err != nil {
			return err
		}
		result = w
	case "research":
		opt.Sources = allSources
		opt.Purpose = "Benchmarks. Some of the data is for non-commercial use only, and so are these weights."
	default:
		opt.Population = []fit.Source{{Set: dataset.Aalto, Terms: termsFacts}}
		opt.Purpose = "Population means, variances and covariances of embeddings; nothing of any one person."
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
	if err := os.WriteFile(c.Out, append(oneLineLists(raw), '\n'), 0o644); err != nil {
		return fmt.Errorf("fit: %w", err)
	}
	return nil
}

var (
	flatList  = regexp.MustCompile(`\[\s+[^][{}]*\s+\]`) // one that holds no list or object
	lineBreak = regexp.MustCompile(`\s*\n\s*`)
)

// oneLineLists puts every list of numbers or names in indented JSON on one line: a row of a projection is a line of the
// file.
func oneLineLists(indented []byte) []byte {
	return flatList.ReplaceAllFunc(indented, func(list []byte) []byte { return lineBreak.ReplaceAll(list, nil) })
}
