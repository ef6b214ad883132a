package protocol

import (
	"slices"
	"sync/atomic"

	"ipse.dev/ipse/lab/metric"
)

// Trial is one way in which a protocol used its comparisons, such as runs of four windows: the scores behind some of the
// metrics, for plots and for paired tests. No score leaves the laboratory's memory with a person's name.
type Trial struct {
	Name     string   // ends the names of its metrics: "", "n4", "background"; "keyboard.n4" where metrics begin with the modality
	Title    string   // in words, for plots
	People   []string // the data set's own identifiers; subjects and owners count into them
	Subjects []Subject
	Pooled   bool // whether scores of all references can be judged at one threshold
	LLR      bool // whether scores are log-likelihood ratios (natural log), so that Cllr means something
	Part     bool // of another trial, which is the one to plot
}

// Subject holds the scores that one person's reference gave.
type Subject struct {
	Index    int // into the trial's people
	Mated    []float64
	NonMated []float64
	Owner    []int32 // of each non-mated score, into the trial's people; metric.Nobody where the set does not tell
}

// Kind is a way to compute a figure from a trial.
type Kind string

// The kinds. Those by subject are computed for each reference and averaged; the others pool all comparisons.
const (
	SubjectEER Kind = "EER by subject"
	SubjectAUC Kind = "AUC by subject"
	GlobalEER  Kind = "global EER"
	FNMRAtFMR  Kind = "FNMR at a given FMR"
	TPRAtFPR   Kind = "TPR at a given FPR" // where mated scores are of what is to be found: FMR is the FPR
	Cllr       Kind = "Cllr"
	MinCllr    Kind = "least Cllr"
)

// bySubject computes kinds that are averaged over subjects.
var bySubject = map[Kind]func(mated, nonMated []float64) float64{SubjectEER: metric.EER, SubjectAUC: metric.AUC}

// Figure says how one metric of a result follows from one of its trials.
type Figure struct {
	Name  string // of the metric
	Trial string // name of the trial
	Kind  Kind
	FMR   float64 // of FNMRAtFMR and TPRAtFPR
}

// Scores gives all mated and all non-mated scores.
func (t *Trial) Scores() (mated, nonMated []float64) {
	for _, s := range t.Subjects {
		mated = append(mated, s.Mated...)
		nonMated = append(nonMated, s.NonMated...)
	}
	return mated, nonMated
}

// Pool puts the scores of all subjects together, to be judged at one common threshold.
func (t *Trial) Pool() *metric.Pool {
	comparisons := 0
	for _, s := range t.Subjects {
		comparisons += len(s.Mated) + len(s.NonMated)
	}
	all := make([]metric.Comparison, 0, comparisons)
	for _, s := range t.Subjects {
		for _, score := range s.Mated {
			all = append(all, metric.Comparison{Score: score, Reference: int32(s.Index), Probe: int32(s.Index)})
		}
		for k, score := range s.NonMated {
			all = append(all, metric.Comparison{Score: score, Reference: int32(s.Index), Probe: s.Owner[k]})
		}
	}
	return metric.NewPool(all, len(t.People))
}

// PerSubject computes one figure for each subject. The kind must be one by subject.
func (t *Trial) PerSubject(k Kind) []float64 {
	out := make([]float64, len(t.Subjects))
	for i, s := range t.Subjects {
		out[i] = bySubject[k](s.Mated, s.NonMated)
	}
	return out
}

// weighted gives the function that computes figures of this trial, in their order, when people weigh as told. It may be
// called from several goroutines at once.
func (t *Trial) weighted(figures []Figure) func(weight []float64) []float64 {
	values := make([][]float64, len(figures))
	var fmrs []float64
	pooled := false
	for i, f := range figures {
		if _, ok := bySubject[f.Kind]; ok {
			values[i] = t.PerSubject(f.Kind)
			continue
		}
		pooled = true
		if f.Kind == FNMRAtFMR || f.Kind == TPRAtFPR {
			fmrs = append(fmrs, f.FMR)
		}
	}
	slices.Sort(fmrs)
	var pool *metric.Pool
	if pooled {
		pool = t.Pool()
	}
	return func(weight []float64) []float64 {
		out := make([]float64, len(figures))
		var rates metric.Rates
		if pooled {
			rates = pool.WeightedRates(weight, fmrs...)
		}
		for i, f := range figures {
			switch f.Kind {
			case GlobalEER:
				out[i] = rates.EER
			case FNMRAtFMR:
				out[i] = rates.FNMRAtFMR[slices.Index(fmrs, f.FMR)]
			case TPRAtFPR:
				out[i] = 1 - rates.FNMRAtFMR[slices.Index(fmrs, f.FMR)]
			case Cllr:
				out[i] = rates.Cllr
			case MinCllr:
				out[i] = rates.MinCllr
			default:
				var sum, all float64
				for k, s := range t.Subjects {
					sum, all = sum+weight[s.Index]*values[i][k], all+weight[s.Index]
				}
				out[i] = sum / all
			}
		}
		return out
	}
}

// keep keeps a trial and these figures of it, with their intervals.
func (r *run) keep(t Trial, figures ...Figure) {
	var pooled []Figure
	for i := range figures {
		f := &figures[i]
		f.Trial = t.Name
		if _, ok := bySubject[f.Kind]; ok {
			values := t.PerSubject(f.Kind)
			r.metric(f.Name, metric.Mean(values), r.Bootstrap.MeanInterval(values))
			continue
		}
		pooled = append(pooled, *f)
	}
	r.result.Trials = append(r.result.Trials, t)
	r.result.Figures = append(r.result.Figures, figures...)
	if len(pooled) == 0 {
		return
	}
	compute := t.weighted(pooled)
	values := compute(slices.Repeat([]float64{1}, len(t.People)))
	var done atomic.Int64
	intervals := r.Bootstrap.Intervals(len(t.People), func(weight []float64) []float64 {
		defer func() { r.progress("intervals", int(done.Add(1)), r.Bootstrap.Rounds) }()
		return compute(weight)
	})
	for i, f := range pooled {
		r.metric(f.Name, values[i], intervals[i])
	}
}

// headline names the figure whose spread over people the result gives: the mean over the trial's subjects of this kind.
func (r *run) headline(name string, t Trial, k Kind) {
	direction := metric.LowerIsBetter
	if k == SubjectAUC {
		direction = metric.HigherIsBetter
	}
	r.result.Headline = name
	r.result.PerSubject = metric.SpreadOf(t.PerSubject(k), direction)
}
