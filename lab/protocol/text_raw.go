package protocol

import (
	"strings"

	"ipse.dev/ipse/lab/attack"
	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

// intercepted measures what an attacker would get who had every key's class and time, which never leave a device: the
// same figures of the same windows, for comparison.
func (t *textRun) intercepted() error {
	for _, part := range []struct {
		prefix string
		keep   func(fit.Role, string) bool
	}{{"raw.", everything}, {"raw.new_sentences.", newOnly}} {
		if err := t.intercept(part.prefix, part.keep); err != nil {
			return err
		}
	}
	return nil
}

func (t *textRun) intercept(prefix string, keep func(fit.Role, string) bool) error {
	var background []dataset.TypedPerson
	var sentences [][]rune
	seen := map[string]bool{}
	for _, c := range t.people {
		if c.role != fit.Background {
			continue
		}
		p := dataset.TypedPerson{ID: c.id}
		for _, s := range c.sessions {
			if !keep(c.role, s.Prompt) {
				continue
			}
			p.Sessions = append(p.Sessions, s)
			if !seen[s.Prompt] {
				seen[s.Prompt] = true
				sentences = append(sentences, []rune(strings.ToLower(s.Prompt)))
			}
		}
		background = append(background, p)
	}
	interceptor := attack.NewInterceptor(sentences, background)
	characters, words, placed := newByPerson(len(t.people)), newByPerson(len(t.people)), newByPerson(len(t.people))
	windows := 0
	for person, c := range t.people {
		if err := t.ctx.Err(); err != nil {
			return err
		}
		t.progress(prefix+" decode", person+1, len(t.people))
		if c.role != fit.Unseen {
			continue
		}
		pace := attack.PaceOf(c.sessions)
		guesses := map[int][]rune{}
		for _, w := range c.windows {
			s := c.sessions[w.session]
			if !keep(c.role, s.Prompt) {
				continue
			}
			guess, ok := guesses[w.session]
			if !ok {
				guess = interceptor.Decode(s.Keys, pace)
				guesses[w.session] = guess
			}
			text := attack.TextOf(attack.Written(guess[w.first:w.next]), !wrote(guess[:w.first]), !wrote(guess[w.next:]))
			characters.add(person, attack.ShareOfCharacters(&text, &w.text))
			words.add(person, attack.ShareOfWords(&text, &w.text))
			placed.add(person, inPlace(guess[w.first:w.next], s.Typed[w.first:w.next]))
			windows++
		}
	}
	if windows == 0 {
		t.note("no figure for %s: no sentence is left", strings.TrimSuffix(prefix, "."))
		return nil
	}
	t.mean(prefix+"chars_recovered", characters.means())
	t.mean(prefix+"words_recovered", words.means())
	t.mean(prefix+"chars_in_place", placed.means())
	return nil
}

// inPlace is the share of the keys which wrote a character whose character was guessed.
func inPlace(guess, typed []rune) float64 {
	right, all := 0.0, 0.0
	for i, r := range typed {
		if r != 0 && r != dataset.Erased {
			all++
			right += indicator(guess[i] == r)
		}
	}
	return right / max(1, all)
}
