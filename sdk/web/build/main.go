// Command build bundles the web SDK's TypeScript into sdk/web/dist, by esbuild as a library: no Node is needed. The same
// sources always give the same bytes.
//
//	go run ./sdk/web/build          writes dist
//	go run ./sdk/web/build -check   exits 1 when dist is not what the sources give
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	check := flag.Bool("check", false, "compare dist with the sources and write nothing")
	dir := flag.String("dir", "", "the SDK's folder; found from the working directory when empty")
	flag.Parse()
	if err := run(*dir, *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string, check bool) error {
	if dir == "" {
		found, err := findSDK()
		if err != nil {
			return err
		}
		dir = found
	}
	outputs, err := bundle(dir)
	if err != nil {
		return err
	}
	if check {
		return compare(filepath.Join(dir, "dist"), outputs)
	}
	if err := write(filepath.Join(dir, "dist"), outputs); err != nil {
		return err
	}
	return report(os.Stdout, outputs)
}

// findSDK looks for sdk/web in the working directory and above it.
func findSDK() (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("build: %w", err)
	}
	for {
		dir := filepath.Join(at, "sdk", "web")
		if _, err := os.Stat(filepath.Join(dir, "src", "ipse.ts")); err == nil {
			return dir, nil
		}
		above := filepath.Dir(at)
		if above == at {
			return "", errors.New("build: there is no sdk/web/src here or above; run it in the repository, or name the folder with -dir")
		}
		at = above
	}
}
