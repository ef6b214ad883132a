// Command build makes the browser extension: for Chromium and for Firefox a folder to load and a zip to hand out, both under
// extension/dist. The same sources always give the same bytes, and no Node is needed.
//
//	go run ./extension/build                                    both, for any organisation
//	go run ./extension/build -hosts 'https://desk.example/*'    with these pages allowed from the start
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	out, o, err := parse(flag.CommandLine, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if err := run(os.Stdout, out, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// parse reads the flags. A word that is none is refused: an extension that was built without its hosts would look like one that has them.
func parse(flags *flag.FlagSet, args []string) (out string, o options, err error) {
	hosts := flags.String("hosts", "", "match patterns, with commas between, that the browser allows at installation instead of asking each person")
	flags.StringVar(&o.key, "key", stableKey, "public key in base64 that fixes the Chromium extension's identifier; empty leaves it out, as shops demand")
	flags.StringVar(&out, "out", "", "where to write; extension/dist when empty")
	if err := flags.Parse(args); err != nil {
		return "", o, err
	}
	if flags.NArg() > 0 {
		return "", o, fmt.Errorf("build: %q is no flag; want -hosts, -key or -out, with commas and no spaces between hosts", flags.Arg(0))
	}
	o.hosts = splitList(*hosts)
	return out, o, nil
}

// stableKey is a public key whose private half nobody kept: whoever loads the folder gets the identifier
// blgejhoihbofcbgpciplfkcokfbdmmkm, by which a policy names it. A packed extension has its packer's key instead.
const stableKey = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0Q5wBxe7y8j3jKetqvYCavQz1XUQEshvBOiE6E3yZF8MlphCEEqXyYrYfKAB2ZFlXoEJojQR7MVUNo908KLkc/3XkhgtSEkzrg5+h5T5Dfp80Iy18bv+P2Cic/p/e3EiZlsaLAu62YDew0wT/yUPN4eD+rWFjQeR1XkkzbzD2wJPDCU+nt5npStXAJZ+n7Rlzt3pmp9Qe6HLrcshd/KVE90BRK+ut4eL0pD2kO8STNbAlF+WptqMWxBZyO16JbpUwMXGNgDpXN6XncsDNWEh5ypapw3f7S1RrUutkhgeh4836F241m7NtASyhmZXfMENHgry5rBmYgAqTX98OxS4hQIDAQAB"

// options of one build.
type options struct {
	hosts []string // allowed at installation
	key   string   // base64 of the Chromium extension's public key, or ""
}

func splitList(s string) []string {
	var list []string
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// run writes both extensions and tells what it wrote.
func run(tell io.Writer, out string, o options) error {
	root, err := findRepository()
	if err != nil {
		return err
	}
	if out == "" {
		out = filepath.Join(root, "extension", "dist")
	}
	version, err := productVersion(root)
	if err != nil {
		return err
	}
	for _, t := range targets {
		files, err := build(root, t, version, o)
		if err != nil {
			return err
		}
		folder := filepath.Join(out, t.name)
		if err := writeFolder(folder, files); err != nil {
			return err
		}
		packed, err := pack(files)
		if err != nil {
			return err
		}
		name := filepath.Join(out, fmt.Sprintf("ipse-%s-%s.zip", t.name, version))
		if err := os.WriteFile(name, packed, 0o644); err != nil {
			return fmt.Errorf("build: %w", err)
		}
		if _, err := fmt.Fprintf(tell, "%s: %d files, %d bytes zipped\n", name, len(files), len(packed)); err != nil {
			return fmt.Errorf("build: %w", err)
		}
	}
	return nil
}

// build gives the files of one extension by their paths, which have slashes on every system.
func build(root string, t target, version string, o options) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, part := range []func(root string, t target, files map[string][]byte) error{bundle, copyPages, drawIcons} {
		if err := part(root, t, files); err != nil {
			return nil, err
		}
	}
	manifest, err := manifestFor(root, t, version, o)
	if err != nil {
		return nil, err
	}
	files["manifest.json"] = manifest
	return files, nil
}

// findRepository looks for the folder that holds extension and sdk, in the working directory and above it.
func findRepository() (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("build: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "extension", "manifest.json")); err == nil {
			return at, nil
		}
		above := filepath.Dir(at)
		if above == at {
			return "", errors.New("build: there is no extension/manifest.json here or above; run it in the repository")
		}
		at = above
	}
}
