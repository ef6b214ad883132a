package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// write puts the files into dist and removes what does not belong there.
func write(dist string, outputs map[string][]byte) error {
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	there, err := os.ReadDir(dist)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	for _, entry := range there {
		if _, ok := outputs[entry.Name()]; !ok {
			if err := os.Remove(filepath.Join(dist, entry.Name())); err != nil {
				return fmt.Errorf("build: %w", err)
			}
		}
	}
	for name, content := range outputs {
		if err := os.WriteFile(filepath.Join(dist, name), content, 0o644); err != nil {
			return fmt.Errorf("build: %w", err)
		}
	}
	return nil
}

// compare gives an error that names the first file of dist that differs from what the sources give.
func compare(dist string, outputs map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		got, err := os.ReadFile(filepath.Join(dist, name))
		if err != nil {
			return fmt.Errorf("build: %w; go run ./sdk/web/build writes it", err)
		}
		if !bytes.Equal(got, outputs[name]) {
			return fmt.Errorf("build: dist/%s is not what the sources give; go run ./sdk/web/build writes it anew", name)
		}
	}
	there, err := os.ReadDir(dist)
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	for _, entry := range there {
		if _, ok := outputs[entry.Name()]; !ok {
			return fmt.Errorf("build: dist/%s comes from no source; go run ./sdk/web/build removes it", entry.Name())
		}
	}
	return nil
}

// report writes the files' sizes, plain and gzipped.
func report(to io.Writer, outputs map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		var packed bytes.Buffer
		z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return fmt.Errorf("build: %w", err)
		}
		if _, err := z.Write(outputs[name]); err != nil {
			return fmt.Errorf("build: %w", err)
		}
		if err := z.Close(); err != nil {
			return fmt.Errorf("build: %w", err)
		}
		if _, err := fmt.Fprintf(to, "%-20s %6d bytes, %6d gzipped\n", name, len(outputs[name]), packed.Len()); err != nil {
			return fmt.Errorf("build: %w", err)
		}
	}
	return nil
}
