package console

import (
	"cmp"
	"math"
	"slices"

	"ipse.dev/ipse/console/internal/locale"
	"ipse.dev/ipse/internal/enrol"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/review"
)

// reasonView is one reason with what it means.
type reasonView struct{ Text, Help string }

func reasonViews(l *locale.Locale, codes []policy.ReasonCode) []reasonView {
	views := make([]reasonView, 0, len(codes))
	for _, code := range slices.Compact(slices.Clone(codes)) {
		views = append(views, reasonView{Text: l.T("reason." + string(code)), Help: l.T("reason." + string(code) + ".help")})
	}
	return views
}

// evidenceView is what the last comparison of one modality said.
type evidenceView struct {
	Modality   string
	Class      string // "for", "against" or "little": which way it points
	Verdict    string // the same in words
	Strength   string // the score as odds
	Score      string
	Deviations []deviationView
	Usual      string // said where nothing stands out, or of the rest
}

type deviationView struct {
	Sentence     string
	Detail       string
	ReachPercent float64 // how far from usual, for the bar
}

const (
	littleEvidence = 0.7 // scores nearer to 0, less than even odds of 2 to 1, are called weak
	standsOut      = 1.0 // deviations from which a measure is named, in the subject's standard deviations
	barSigmas      = 6.0 // deviation that fills a bar
	largestFactor  = 1000
	largestChange  = 5.0 // changes beyond 500 % are "much", not a figure
)

func evidenceViews(l *locale.Locale, all []review.Evidence) []evidenceView {
	views := make([]evidenceView, 0, len(all))
	for _, e := range all {
		v := evidenceView{
			Modality: l.T("modality." + string(e.Modality)), Class: "little", Score: l.Signed(e.Score, 1),
		}
		if e.Score >= littleEvidence {
			v.Class = "for"
		} else if e.Score <= -littleEvidence {
			v.Class = "against"
		}
		v.Verdict = l.T("evidence." + v.Class)
		v.Strength = strength(l, e.Score)
		deviations := slices.DeleteFunc(slices.Clone(e.Deviations), func(d enrol.Deviation) bool {
			return !(math.Abs(d.Sigmas) >= standsOut) // also what is not a number
		})
		slices.SortStableFunc(deviations, func(a, b enrol.Deviation) int {
			return cmp.Compare(math.Abs(b.Sigmas), math.Abs(a.Sigmas))
		})
		for _, d := range deviations {
			v.Deviations = append(v.Deviations, explain(l, d))
		}
		switch {
		case len(deviations) == 0:
			v.Usual = l.T("evidence.nothing_stands_out")
		case len(deviations) < len(e.Deviations):
			v.Usual = l.T("evidence.rest_as_usual")
		}
		views = append(views, v)
	}
	return views
}

// nothingKey names the text that stands where evidence would: a program is found by how its events are made, and there need be
// nothing to compare.
func nothingKey(reasons []policy.ReasonCode) string {
	if slices.ContainsFunc(reasons, policy.ReasonCode.NoHand) {
		return "evidence.hand"
	}
	return "evidence.none"
}

// strength says a log-likelihood ratio as "so many times likelier".
func strength(l *locale.Locale, score float64) string {
	if math.IsNaN(score) {
		return ""
	}
	factor := math.Exp(math.Abs(score))
	text := l.Number(factor, 0)
	if factor < 10 {
		text = l.Number(factor, 1)
	}
	key := "evidence.likelier_same"
	if score < 0 {
		key = "evidence.likelier_other"
	}
	if factor > largestFactor {
		return l.T(key+".over", "factor", l.Number(largestFactor, 0))
	}
	return l.T(key, "factor", text)
}

// explain puts one deviation in a sentence: "Letter keys held 31% longer than usual (4.2 σ)", and the two values.
func explain(l *locale.Locale, d enrol.Deviation) deviationView {
	direction := "more"
	if d.Value < d.Usual {
		direction = "less"
	}
	sigmas := l.Number(math.Min(math.Abs(d.Sigmas), 99), 1)
	detail := l.T("deviation.detail", "value", l.Quantity(d.Value, d.Unit), "usual", l.Quantity(d.Usual, d.Unit))
	key := "feature." + d.Feature + "." + direction
	sentence := l.T(key, "by", change(l, d), "sigmas", sigmas)
	if !l.Has(key) { // a list of features that is newer than the messages
		sentence = l.T("feature.unknown."+direction, "name", d.Feature, "by", change(l, d), "sigmas", sigmas)
	}
	return deviationView{Sentence: sentence, Detail: detail, ReachPercent: percent(math.Abs(d.Sigmas) / barSigmas)}
}

// change is how much a value has moved, as a share of the usual one where that means something.
func change(l *locale.Locale, d enrol.Deviation) string {
	relative := math.Abs(d.Value-d.Usual) / math.Abs(d.Usual)
	switch {
	case math.IsNaN(relative) || relative > largestChange:
		return l.T("deviation.much")
	case relative < 0.01:
		return l.Percent(relative, 1)
	}
	return l.Percent(relative, 0)
}

// explained are the modalities whose absence is worth a word: those that every desk has.
var explained = []observation.Modality{observation.Keyboard, observation.Pointer}

func hasEvidence(all []review.Evidence, m observation.Modality) bool {
	return slices.ContainsFunc(all, func(e review.Evidence) bool { return e.Modality == m })
}

// missingModalities names the modalities that an alarm does not rest on.
func missingModalities(l *locale.Locale, all []review.Evidence) []string {
	var missing []string
	for _, m := range explained {
		if !hasEvidence(all, m) {
			missing = append(missing, l.T("missing.not_compared", "modality", l.T("modality."+string(m))))
		}
	}
	return missing
}

// missingForSession says of each modality without evidence why there is none.
func missingForSession(l *locale.Locale, s SessionDetail) []string {
	var missing []string
	for _, m := range explained {
		if hasEvidence(s.Evidence, m) {
			continue
		}
		name := l.T("modality." + string(m))
		i := slices.IndexFunc(s.References, func(r ReferenceRow) bool { return r.Modality == m })
		switch {
		case i < 0:
			missing = append(missing, l.T("missing.no_reference", "modality", name))
		case s.References[i].Maturity < 1:
			missing = append(missing, l.T("missing.learning", "modality", name,
				"maturity", l.Percent(share(s.References[i].Maturity), 0)))
		default:
			missing = append(missing, l.T("missing.too_little", "modality", name))
		}
	}
	return missing
}
