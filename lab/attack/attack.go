// Package attack owns the attack on ourselves: how much of what was typed somebody gets out of observations, and, for
// comparison, out of the stream of key classes and times that never leaves a device.
//
// In: observations of windows with the text that their keys wrote, of people to train on, people to choose by, and people
// to test. Out: guesses (a bag of characters, word lengths, a set of words, a sentence) and the share of the truth that
// they hold. An attacker forms beliefs: the probability that a character, or a length, occurs at least k times in a
// window, and that a word occurs in it. From beliefs follows the best guess, and the attacker without an observation is
// the one whose beliefs are the same for every window.
package attack

import "errors"

// ErrTooFew says that there are not enough examples to train an attacker.
var ErrTooFew = errors.New("attack: too few examples")

// Example is one window of typing as an attacker has it in a pair of observation and text.
type Example struct {
	Person   int       // whose window; people are numbered from 0
	Inputs   []float64 // what the attacker sees (see Inputs); empty when they see nothing
	Position int       // number of the window within its sentence, from 0
	Events   int       // strokes in the window
	Sentence int       // which sentence was being copied, from 0; the same number for everybody
	Text     Text      // what the window's keys wrote
}

// Beliefs are an attacker's probabilities about one window's text, in the order of a Targets.
type Beliefs struct {
	Levels []float64 // that an item occurs at least so often
	Words  []float64 // that a word occurs
}

// Attacker forms beliefs about windows.
type Attacker interface {
	// Beliefs gives the probabilities for one window. Only what an attacker has is read of the example: its inputs,
	// position and events. The slices may be shared; the caller does not change them.
	Beliefs(Example) Beliefs
}

// clampProbability keeps a probability away from certainty, whose logarithm is not finite.
func clampProbability(p float64) float64 { return min(1-1e-4, max(1e-4, p)) }
