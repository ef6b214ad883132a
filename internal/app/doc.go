// Package app wires the stages and runs them. It is the only package that knows all of them.
package app
