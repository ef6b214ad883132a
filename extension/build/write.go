package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// writeFolder puts the files into a folder, from which what was there before is removed.
func writeFolder(folder string, files map[string][]byte) error {
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	for name, content := range files {
		at := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return fmt.Errorf("build: %w", err)
		}
		if err := os.WriteFile(at, content, 0o644); err != nil {
			return fmt.Errorf("build: %w", err)
		}
	}
	return nil
}

// packedAt is the time of every file in a zip, so that two builds give the same bytes. Zips know no time before 1980.
var packedAt = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// pack gives a zip of the files, in the order of their names.
func pack(files map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: packedAt})
		if err != nil {
			return nil, fmt.Errorf("build: %w", err)
		}
		if _, err := w.Write(files[name]); err != nil {
			return nil, fmt.Errorf("build: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	return out.Bytes(), nil
}
