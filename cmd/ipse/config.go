package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/alecthomas/kong"
)

// configFile reads flags from JSON: {"serve":{"listen":"127.0.0.1:7473"}}. The command line and the environment go before
// it.
type configFile map[string]map[string]json.RawMessage

// readConfig is a kong.ConfigurationLoader.
func readConfig(r io.Reader) (kong.Resolver, error) {
	var c configFile
	d := json.NewDecoder(r)
	if err := d.Decode(&c); err != nil {
		return nil, fmt.Errorf("configuration: %w; want {\"COMMAND\":{\"FLAG\":VALUE}}", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("configuration: there is more behind the JSON object")
	}
	return c, nil
}

// Validate refuses names that no command or flag has: a typing error must not pass for a setting.
func (c configFile) Validate(app *kong.Application) error {
	for name, flags := range c {
		i := slices.IndexFunc(app.Children, func(n *kong.Node) bool { return n.Name == name })
		if i < 0 {
			return fmt.Errorf("configuration: there is no command %q", name)
		}
		for flag := range flags {
			if !slices.ContainsFunc(app.Children[i].Flags, func(f *kong.Flag) bool { return f.Name == flag }) {
				return fmt.Errorf("configuration: the command %s has no flag %q", name, flag)
			}
		}
	}
	return nil
}

// Resolve gives a flag's value from the file, nil where the file does not say.
func (c configFile) Resolve(_ *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	if parent.Command == nil {
		return nil, nil
	}
	raw, ok := c[parent.Command.Name][flag.Name]
	if !ok {
		return nil, nil
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, fmt.Errorf("configuration: %s.%s: %w", parent.Command.Name, flag.Name, err)
	}
	return value, nil
}
