package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/lab/chart"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/metric"
	"ipse.dev/ipse/lab/protocol"
	"ipse.dev/ipse/lab/report"
)

type evalCommand struct {
	Protocol     string   `arg:"" enum:"aalto,cmu,bbmas,sapimouse,balabit,takeover,liveness,which,touch,drift,text,link,recordings,all" help:"What to measure: aalto, cmu, bbmas, sapimouse, balabit, takeover (how soon an impostor is noticed), liveness (how surely injectors, forgers, replayers and bots are), which (of a few at a shared workstation), touch, drift (references over days), text and link (attacks on ourselves), recordings, or all that the folder holds."`
	Data         string   `required:"" env:"IPSE_DATASETS" placeholder:"DIR" help:"The data set's folder, or one that contains it."`
	Weights      string   `default:"open" placeholder:"NAME|FILE" help:"Weights to measure: open, research or a file. Default ${default}."`
	Against      string   `placeholder:"NAME|FILE" help:"Other weights, measured on the same people and trials; a paired bootstrap tells of every metric which are better. People whom either have seen are left out."`
	Model        []string `placeholder:"NAME" help:"Model to measure where the weights compare several of a modality, such as features-1; may be repeated. If left out, the first of each modality, which decides."`
	AgainstModel []string `name:"against-model" placeholder:"NAME" help:"The same of the weights of --against; these are those of --weights if only this is given."`
	Out          string   `placeholder:"DIR" help:"Also write PROTOCOL.json, PROTOCOL.html and the plots (SVG and PNG) here; with all, write them to results/ and the page results.md beside."`
	JSON         bool     `name:"json" help:"Write one JSON object a protocol on standard output instead of a table."`
	People       string   `enum:"unseen,calibration" default:"unseen" help:"Whom to measure: everybody whom the weights have not seen, or the calibration people of ipse fit, to choose among models by."`
	OnMalformed  string   `name:"on-malformed" enum:"stop,skip" default:"stop" help:"What to do about a row that cannot be read: stop or skip."`

	FalseAlarms  float64 `name:"false-alarms-per-40h" default:"4" placeholder:"N" help:"Takeover: false alarms in 40 hours of input, the budget by which calibration people's streams give the threshold. Default ${default}."`
	EnrolWindows int     `name:"enrol-windows" default:"0" placeholder:"N" help:"Takeover: windows of typing that enrol, for a curve over enrolment; the protocol's own number if left out."`
	Alerts       float64 `default:"0" placeholder:"N" help:"Takeover: alerts per 1,000 people and working day of a server, whose figures are given beside; the default of serve if left out."`

	Commit string `placeholder:"HASH" help:"Commit to name in what is written; the one that this binary was built from, if left out and known."`

	Curve map[string]string `placeholder:"PROTOCOL=FILE" help:"Learning curve to draw in a protocol's report: a JSON array of {people, metric, value, low, high}. May be repeated."`
}

// system is weights and the model that they make.
type system struct {
	weights *compare.Weights
	model   protocol.Model
}

// loadSystem loads weights and prefers the models, which the name then tells.
func loadSystem(nameOrFile string, models []string) (system, error) {
	weights, err := compare.Load(nameOrFile)
	if err != nil {
		return system{}, err
	}
	if len(models) > 0 {
		if weights, err = weights.Preferring(models...); err != nil {
			return system{}, err
		}
		weights.Name += " (" + strings.Join(models, ", ") + ")"
	}
	model, err := protocol.FromWeights(weights.Name, weights)
	return system{weights, model}, err
}

// Run carries the command out.
func (c *evalCommand) Run(ctx context.Context) error {
	if c.Protocol == "all" && c.Out != "" && c.People != "unseen" {
		return errUsage{fmt.Errorf("eval: the page of results is for people whom the weights have not seen; leave out --people %s, or measure one protocol", c.People)}
	}
	if c.EnrolWindows < 0 {
		return errUsage{fmt.Errorf("eval: --enrol-windows is %d; want a number of windows above 0", c.EnrolWindows)}
	}
	if !(c.FalseAlarms > 0) || !(c.Alerts >= 0) {
		return errUsage{fmt.Errorf("eval: --false-alarms-per-40h is %g and --alerts %g; want a budget above 0: no threshold rules out every false alarm", c.FalseAlarms, c.Alerts)}
	}
	own, err := loadSystem(c.Weights, c.Model)
	if err != nil {
		return evalError(err)
	}
	var other *system
	if len(c.AgainstModel) > 0 {
		c.Against = cmp.Or(c.Against, c.Weights)
	}
	if c.Against != "" {
		loaded, err := loadSystem(c.Against, c.AgainstModel)
		if err != nil {
			return evalError(err)
		}
		own.model, loaded.model = protocol.BesideEachOther(own.model, loaded.model)
		other = &loaded
	}
	curves, err := c.curves()
	if err != nil {
		return evalError(err)
	}
	if c.Out != "" {
		if err := os.MkdirAll(c.Out, 0o755); err != nil {
			return errUsage{fmt.Errorf("eval: --out wants a folder that can be made: %w", err)}
		}
	}
	var sections []report.Section
	for _, name := range c.protocols() {
		section, err := c.section(ctx, name, own, other)
		if c.Protocol == "all" && passedOver(err) {
			fmt.Fprintf(os.Stderr, "ipse: %s is passed over: %v\n", name, err)
			continue
		}
		if err != nil {
			return evalError(err)
		}
		section.Learnt = curves[name]
		if err := c.show(section); err != nil {
			return err
		}
		sections = append(sections, section)
	}
	if len(sections) == 0 {
		return errUsage{fmt.Errorf("eval: %s holds no data set that can be measured; known are %v", c.Data, protocol.Names())}
	}
	if c.Out != "" {
		return c.writeReports(sections, own.weights)
	}
	return nil
}

// passedOver reports whether an error means that the folder or the weights have nothing for this protocol.
func passedOver(err error) bool {
	return errors.Is(err, dataset.ErrNotFound) || errors.Is(err, protocol.ErrTooFew) || errors.Is(err, protocol.ErrModel) ||
		errors.Is(err, protocol.ErrUnpaired)
}

// section measures one protocol, beside the other system if there is one.
func (c *evalCommand) section(ctx context.Context, name string, own system, other *system) (report.Section, error) {
	result, err := c.measure(ctx, name, own.model, true)
	if err != nil {
		return report.Section{}, err
	}
	section := report.Section{Result: result, Weights: own.weights.Name}
	if other == nil {
		return section, nil
	}
	second, err := c.measure(ctx, name, other.model, false)
	if err != nil {
		return report.Section{}, err
	}
	difference, err := protocol.Against(result, second, metric.DefaultBootstrap)
	if err != nil {
		return report.Section{}, err
	}
	section.Against = &report.Against{Weights: other.weights.Name, Result: second, Difference: difference}
	return section, nil
}

// curves reads the learning curves, by protocol.
func (c *evalCommand) curves() (map[string][]chart.Learnt, error) {
	out := map[string][]chart.Learnt{}
	for name, path := range c.Curve {
		if !slices.Contains(protocol.Names(), name) {
			return nil, errUsage{fmt.Errorf("eval: --curve %s=%s: want one of %v before the equals sign", name, path, protocol.Names())}
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, errUsage{fmt.Errorf("eval: --curve: %w", err)}
		}
		points, err := chart.ReadLearning(f)
		_ = f.Close() // nothing was written
		if err != nil {
			return nil, fmt.Errorf("eval: %s: %w", path, err)
		}
		out[name] = points
	}
	return out, nil
}

func (c *evalCommand) protocols() []string {
	if c.Protocol == "all" {
		return protocol.Names()
	}
	return []string{c.Protocol}
}

// measure runs one protocol and says on standard error how far it is and, if aloud, who is left out and what was passed
// over.
func (c *evalCommand) measure(ctx context.Context, name string, model protocol.Model, aloud bool) (protocol.Result, error) {
	progress := report.NewProgress(os.Stderr)
	defer progress.Clear()
	skipped := 0
	var first *dataset.RowError
	in := protocol.Input{Data: c.Data, Model: model, Progress: progress.Report,
		Takeover: protocol.Takeover{FalseAlarmsPer40h: c.FalseAlarms, AlertsPer1000PerDay: c.Alerts, EnrolWindows: c.EnrolWindows}}
	if c.People == "calibration" {
		in.Keep = func(set, id string) bool {
			// Takeovers need several people of every set, so background people whom the weights do not know stand in.
			return fit.RoleOf(set, id) == fit.Calibration ||
				name == "takeover" && fit.Calibrates(set, id, slices.Contains(model.Seen[set], id))
		}
	}
	if c.OnMalformed == "skip" {
		in.Options.OnMalformed = func(e *dataset.RowError) error {
			if skipped++; first == nil {
				first = e
			}
			return nil
		}
	}
	result, err := protocol.Run(ctx, name, in)
	progress.Clear()
	if aloud {
		for _, note := range result.Notes {
			fmt.Fprintf(os.Stderr, "ipse: %s: %s\n", name, note)
		}
	}
	if skipped > 0 {
		if aloud {
			fmt.Fprintf(os.Stderr, "ipse: %s: %d malformed rows were passed over; the first: %v\n", name, skipped, first)
		}
		result.Notes = append(result.Notes, fmt.Sprintf("%d malformed rows were passed over", skipped))
	}
	return result, err
}

func (c *evalCommand) show(s report.Section) error {
	if c.JSON {
		return report.JSON(os.Stdout, s)
	}
	if err := report.Table(os.Stdout, s); err != nil {
		return err
	}
	_, err := fmt.Println()
	return err
}

// evalError makes an error about the folder, its rows or the weights one that ends with exit status 2.
func evalError(err error) error {
	var row *dataset.RowError
	for _, usage := range []error{dataset.ErrNotFound, dataset.ErrMixed, protocol.ErrTooFew, protocol.ErrModel, protocol.ErrUnpaired,
		compare.ErrWeights, chart.ErrTable} {
		if errors.Is(err, usage) {
			return errUsage{err}
		}
	}
	if errors.As(err, &row) {
		return errUsage{err}
	}
	return err
}
