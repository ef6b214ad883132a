package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"ipse.dev/ipse/internal/client"
)

// atServer is where the server runs that a command asks, and what it asks with.
type atServer struct {
	Server     string `help:"Address of the running server. Default ${default}." default:"http://127.0.0.1:7473" placeholder:"URL"`
	APIKeyFile string `name:"api-key-file" default:"./data/api-key" help:"File that holds the API key: api-key in the server's data folder. Default ${default}." placeholder:"FILE"`
}

// open gives a client of the server. Its errors are the caller's to mend.
func (s atServer) open() (*client.Client, error) {
	if !strings.HasPrefix(s.Server, "http://") && !strings.HasPrefix(s.Server, "https://") {
		return nil, errUsage{fmt.Errorf("--server is %q; want an address such as http://127.0.0.1:7473", s.Server)}
	}
	key, err := s.key()
	if err != nil {
		return nil, err
	}
	return client.New(s.Server, key), nil
}

// key reads the API key.
func (s atServer) key() (string, error) {
	raw, err := os.ReadFile(s.APIKeyFile)
	if err != nil {
		return "", errUsage{fmt.Errorf("read the API key: %w; name the file api-key of the server's data folder with --api-key-file", err)}
	}
	key := strings.TrimSpace(string(raw))
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", errUsage{fmt.Errorf("%s holds no API key, which is one word; want the file api-key of the server's data folder", s.APIKeyFile)}
	}
	return key, nil
}

// told says of a failure what would be right. What the server does not know is the command's to say.
func (s atServer) told(err error) error {
	var p *client.Problem
	if !errors.As(err, &p) {
		return fmt.Errorf("no answer from %s; is the server running there? Name its address with --server: %w", s.Server, err)
	}
	switch p.Type {
	case client.KeyInvalid, client.TokenMissing:
		return fmt.Errorf("the server does not take the API key in %s; want the file api-key of that server's own data folder", s.APIKeyFile)
	case client.NoProblem:
		return fmt.Errorf("%s answers %d, but not as ipse does; name the server's address with --server", s.Server, p.Status)
	}
	return errors.New(p.Detail)
}
