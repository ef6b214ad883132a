package protocol

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"ipse.dev/ipse/internal/embed"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/internal/feature"
	"ipse.dev/ipse/internal/liveness"
	"ipse.dev/ipse/internal/observation"
	"ipse.dev/ipse/internal/window"
	"ipse.dev/ipse/lab/attack"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

// copyist is one person of Aalto: windows as an attacker sees them, and the sentences behind them.
type copyist struct {
	id       string
	role     fit.Role
	windows  []copied
	sessions []dataset.TypedSession
}

// copied is one window: what crosses the line, and what its keys wrote.
type copied struct {
	observation observation.Observation
	session     int // index in the copyist's sessions
	position    int // number of the window within its session
	first, next int // span of the session's keys
	text        attack.Text
}

// copyists reads everybody who trains an attacker, chooses one or is attacked. People whom the weights have seen are not
// attacked.
func (r *run) copyists() ([]*copyist, error) {
	var all []*copyist
	unseen, left := 0, 0
	opt := r.Options
	opt.OnFile = func(done, total int) { r.progress("read "+dataset.Aalto, done, total) }
	err := dataset.ReadAaltoTyped(r.Data, opt, func(p dataset.TypedPerson) error {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		c := &copyist{id: p.ID, role: fit.RoleOf(dataset.Aalto, p.ID), sessions: p.Sessions}
		if c.role == fit.Unseen {
			unseen++
			if slices.Contains(r.Model.Seen[dataset.Aalto], p.ID) {
				return nil
			}
			left++
		}
		all = append(all, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := r.leaveOut(unseen, left); err != nil {
		return nil, fmt.Errorf("of the people who are kept for tests: %w", err)
	}
	var wait sync.WaitGroup
	var next, done atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(all) && r.ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				r.copy(all[i])
				r.progress("embed", int(done.Add(1)), len(all))
			}
		})
	}
	wait.Wait()
	return all, r.ctx.Err()
}

// copy makes one person's observations exactly as a collector does, with the model under test.
func (r *run) copy(c *copyist) {
	for number, s := range c.sessions {
		next := 0
		var typed liveness.KeySketcher
		for position, w := range keyboardWindows(s.Keys, window.KeyboardStrokes, window.KeyboardMinStrokes) {
			t := copied{observation: r.observe(w), session: number, position: position}
			t.observation.Liveness.Sketch = typed.Next(w)
			t.first, t.next = attack.Span(s, w, next)
			next = t.next
			t.text = attack.TextOf(attack.Written(s.Typed[t.first:t.next]), !wrote(s.Typed[:t.first]), !wrote(s.Typed[t.next:]))
			c.windows = append(c.windows, t)
		}
	}
}

func wrote(typed []rune) bool {
	return slices.ContainsFunc(typed, func(r rune) bool { return r != 0 })
}

// observe gives what a collector sends of a window, but with the embedding of the model under test. Sequence and start
// are left out: the attack is told the window's place in its session instead.
func (r *run) observe(w window.Keyboard) observation.Observation {
	startMS, endMS := w.Strokes[0].PressMS, w.Strokes[0].ReleaseMS
	for _, s := range w.Strokes {
		endMS = max(endMS, s.ReleaseMS)
	}
	l := liveness.Keyboard(w)
	return observation.Observation{
		Modality: observation.Keyboard, Model: embed.Model, DeviceClass: observation.Desktop,
		DurationMS: int64(endMS - startMS + 0.5), Events: len(w.Strokes), Embedding: r.Model.EmbedKeyboard(w),
		FeatureList: feature.KeyboardList.Name, Features: feature.Keyboard(w),
		Liveness: l, Quality: liveness.KeyboardFlags(w, l, false),
	}
}

// shown gives what an attacker sees of each of one person's windows.
type shown func(c *copyist) [][]float64

// eachShown shows every window by itself.
func eachShown(see func(c *copyist, w copied) []float64) shown {
	return func(c *copyist) [][]float64 {
		out := make([][]float64, len(c.windows))
		for i, w := range c.windows {
			out[i] = see(c, w)
		}
		return out
	}
}

// fieldsShown shows parts of the observations.
func fieldsShown(fields attack.Fields) shown {
	return eachShown(func(_ *copyist, w copied) []float64 { return attack.Inputs(w.observation, w.position, fields) })
}

// classesShown shows no observation but how many keys of each class a window holds, which no observation says.
var classesShown = eachShown(func(c *copyist, w copied) []float64 {
	counts := make([]float64, event.ClassCount)
	for _, k := range c.sessions[w.session].Keys[w.first:w.next] {
		if k.Down {
			counts[k.Class]++
		}
	}
	return append(counts, float64(w.position))
})

// blocksShown shows a protection that could be had: of so many windows in a row only the mean leaves the device, once.
// The number of strokes of each is shown all the same.
func blocksShown(size int) shown {
	return func(c *copyist) [][]float64 {
		out := fieldsShown(attack.Counts)(c)
		rest := fieldsShown(attack.AllFields &^ attack.Counts)(c)
		for from := 0; from < len(rest); from += size {
			block := rest[from:min(len(rest), from+size)]
			mean := make([]float64, len(block[0]))
			for _, x := range block {
				for i, v := range x {
					mean[i] += v / float64(len(block))
				}
			}
			for i := range block {
				out[from+i] = append(out[from+i], mean...)
			}
		}
		return out
	}
}

// pairs are windows with their texts, by what they are used for.
type pairs struct{ train, choose, test []attack.Example }

// pairsOf puts together what an attacker trains on, is chosen by and attacks. Keep says whether a window is used.
func pairsOf(people []*copyist, sentences map[string]int, see shown, keep func(role fit.Role, prompt string) bool) pairs {
	var out pairs
	for person, c := range people {
		inputs := attack.AgainstOwn(see(c))
		for i, w := range c.windows {
			prompt := c.sessions[w.session].Prompt
			if !keep(c.role, prompt) {
				continue
			}
			e := attack.Example{Person: person, Inputs: inputs[i], Position: w.position, Events: w.observation.Events,
				Sentence: sentences[prompt], Text: w.text}
			switch c.role {
			case fit.Background:
				out.train = append(out.train, e)
			case fit.Calibration:
				out.choose = append(out.choose, e)
			case fit.Unseen:
				out.test = append(out.test, e)
			}
		}
	}
	return out
}
