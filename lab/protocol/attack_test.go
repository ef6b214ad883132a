package protocol_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"ipse.dev/ipse/internal/compare"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
	"ipse.dev/ipse/lab/protocol"
)

// copied are the sentences that the made-up people copy: as many strokes each, as many words of the same lengths, so that
// an observation's counts say nothing of which it is.
var copied = func() (sentences []string) {
	for i := range 16 {
		var words []string
		for w := range 4 {
			words = append(words, strings.Repeat(string(rune('a'+(5*i+w)%26)), 2)+strings.Repeat(string(rune('a'+(7*i+3*w)%26)), 2))
		}
		sentences = append(sentences, strings.Join(words, " "))
	}
	return sentences
}()

// copyists writes so many people of each role, who copy sentences with steady hands of their own.
func copyists(t *testing.T, dir string, background, calibration, unseen int) {
	t.Helper()
	missing := map[fit.Role]int{fit.Background: background, fit.Calibration: calibration, fit.Unseen: unseen}
	random := rand.New(rand.NewPCG(1, 1))
	for id := 900_000; missing[fit.Background]+missing[fit.Calibration]+missing[fit.Unseen] > 0; id++ {
		name := fmt.Sprint(id)
		role := fit.RoleOf(dataset.Aalto, name)
		if missing[role] == 0 {
			continue
		}
		missing[role]--
		var b strings.Builder
		b.WriteString("PARTICIPANT_ID\tTEST_SECTION_ID\tSENTENCE\tUSER_INPUT\tKEYSTROKE_ID\tPRESS_TIME\tRELEASE_TIME\tLETTER\tKEYCODE\n")
		now, dwell := 1_000_000, 50+random.IntN(60)
		for section, which := range random.Perm(len(copied))[:14] {
			for _, r := range copied[which] {
				keyCode := 32
				if r != ' ' {
					keyCode = int(r-'a') + 65
				}
				fmt.Fprintf(&b, "%s\t%d\t%s\tx\t1\t%d\t%d\t%c\t%d\n", name, section, copied[which], now, now+dwell+random.IntN(4), r, keyCode)
				now += 200 + random.IntN(20)
			}
			now += 10_000
		}
		write(t, filepath.Join(dir, name+"_keystrokes.txt"), b.String())
	}
}

// leaking is a model whose embedding says which class of key came at which place: more than any honest one.
func leaking() protocol.Model {
	m := simple(nil)
	m.EmbedKeyboard = func(w window.Keyboard) observation.Embedding {
		e := make(observation.Embedding, 19)
		for i, s := range w.Strokes[:min(len(e), len(w.Strokes))] {
			e[i] = int8(s.Class)
		}
		return e
	}
	return m
}

// blind is a model whose embedding is noise.
func blind() protocol.Model {
	m := simple(nil)
	m.EmbedKeyboard = func(w window.Keyboard) observation.Embedding {
		h := fnv.New64a()
		fmt.Fprint(h, w.Strokes)
		random := rand.New(rand.NewPCG(h.Sum64(), 0))
		e := make(observation.Embedding, 19)
		for i := range e {
			e[i] = int8(random.IntN(200) - 100)
		}
		return e
	}
	return m
}

func TestTextFindsALeakAndNoMore(t *testing.T) {
	dir := t.TempDir()
	copyists(t, dir, 30, 12, 12)
	leak, err := measure(t, "text", dir, leaking())
	if err != nil {
		t.Fatal(err)
	}
	if leak.Subjects != 12 {
		t.Errorf("%d subjects, want the 12 unseen people", leak.Subjects)
	}
	for name, least := range map[string]float64{
		"chars_recovered": 0.9, "words_recovered": 0.85, "sentence_top1": 0.9, "chars_recovered_above_counts": 0.2,
		"only_embedding.chars_recovered_above_counts": 0.2, "raw.chars_recovered": 0.95, "raw.chars_in_place": 0.9,
	} {
		if got := leak.Metrics[name]; got < least {
			t.Errorf("of an observation that says every key's class, %s is %.3f, want at least %.2f", name, got, least)
		}
	}
	none, err := measure(t, "text", dir, blind())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"only_embedding.chars_recovered_above_counts", "only_embedding.words_recovered_above_counts", "only_duration.chars_recovered_above_counts"} {
		if got := none.Metrics[name]; got > 0.03 || got < -0.1 {
			t.Errorf("of an observation that is noise, %s is %.3f, want about 0", name, got)
		}
	}
	top1, there := none.Metrics["phrase.text_top1"]
	if base := none.Metrics["phrase.text_top1_baseline"]; !there || base != 1.0/16 || top1 > base+0.15 {
		t.Errorf("of phrases whose times say nothing, %.3f are named (there: %v) and %.3f blindly; want one in sixteen", top1, there, base)
	}
	for _, name := range []string{"phrase.dwell_bits_n1", "phrase.interval_bits_n1"} {
		if got, ok := none.Metrics[name]; !ok || got > 0.1 {
			t.Errorf("of phrases whose times say nothing, %s is %.3f (there: %v), want about 0", name, got, ok)
		}
	}
	for name, v := range leak.Metrics {
		interval, ok := leak.CI95[name]
		if !ok || !(interval[0] <= v+1e-9 && v <= interval[1]+1e-9) {
			t.Errorf("%s is %v with the interval %v (found: %v), want one around it", name, v, interval, ok)
		}
	}
	if d := leak.Metrics["chars_recovered"] - leak.Metrics["chars_baseline"] - leak.Metrics["chars_recovered_above_baseline"]; d > 1e-9 || d < -1e-9 {
		t.Errorf("recovered less baseline differs from recovered above baseline by %v, want 0", d)
	}
}

func TestTextNeedsPeopleOfEveryRole(t *testing.T) {
	for _, tt := range []struct{ background, calibration, unseen int }{{0, 3, 3}, {6, 0, 3}, {6, 3, 1}, {6, 3, 0}} {
		dir := t.TempDir()
		copyists(t, dir, tt.background, tt.calibration, tt.unseen)
		if _, err := measure(t, "text", dir, simple(nil)); !errors.Is(err, protocol.ErrTooFew) {
			t.Errorf("%+v: %v, want %v", tt, err, protocol.ErrTooFew)
		}
	}
	dir := t.TempDir()
	copyists(t, dir, 6, 3, 3)
	var everybody []string
	for id := range 1000 {
		everybody = append(everybody, fmt.Sprint(900_000+id))
	}
	for _, name := range []string{"text", "link"} {
		if _, err := measure(t, name, dir, simple(map[string][]string{dataset.Aalto: everybody})); !errors.Is(err, protocol.ErrTooFew) || !strings.Contains(err.Error(), "have seen") {
			t.Errorf("%s, when the weights have seen everybody: %v, want %v and why", name, err, protocol.ErrTooFew)
		}
	}
}

// meanEmbedding enrols whole embeddings, so that a reference's mean is the embeddings' mean.
type meanEmbedding struct{ nearness }

func (meanEmbedding) Enrol(r compare.Reference, p compare.Probe) (compare.Reference, error) {
	sum := make([]float64, len(p.Embedding))
	copy(sum, r.Sum)
	for i, v := range p.Embedding {
		sum[i] += float64(v)
	}
	return compare.Reference{Sum: sum, Weight: r.Weight + 1}, nil
}

func TestLinkFindsPeopleAgainByWhatTellsThemApart(t *testing.T) {
	dir := t.TempDir()
	copyists(t, dir, 30, 0, 12)
	personal, noise := simple(nil), blind()
	for _, m := range []*protocol.Model{&personal, &noise} {
		m.Comparators = map[observation.Modality]compare.Comparator{observation.Keyboard: meanEmbedding{}}
	}
	r, err := measure(t, "link", dir, personal)
	if err != nil {
		t.Fatal(err)
	}
	if want := (protocol.Comparisons{Mated: 12, NonMated: 132}); r.Subjects != 12 || r.Comparisons != want {
		t.Errorf("%d subjects and %+v, want 12 and %+v", r.Subjects, r.Comparisons, want)
	}
	if got := r.Metrics["link_embedding_rank1"]; got < 0.5 {
		t.Errorf("people who differ in how long they hold keys: link_embedding_rank1 is %.2f, want at least 0.5", got)
	}
	if got := r.Metrics["link_embedding_rank10"]; got < r.Metrics["link_embedding_rank1"] {
		t.Errorf("link_embedding_rank10 is %.2f, below rank1", got)
	}
	if r, err = measure(t, "link", dir, noise); err != nil {
		t.Fatal(err)
	}
	if got, ok := r.Metrics["link_embedding_rank1"]; ok && got > 0.4 {
		t.Errorf("embeddings of noise: link_embedding_rank1 is %.2f, want about 1/12", got)
	}
}
