// Package audit owns the log of what people and applications decided: verdicts and erasures. It is a file of JSON lines
// that only grows; each line carries a hash over itself and the line before it, so that a line that is changed, removed
// or put in between breaks the chain. Cutting lines off the end is not seen from the file alone: keep the last hash
// elsewhere (Head) to see that too. Entries hold pseudonymous identifiers that mean nothing once a subject is erased.
package audit

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// ErrBroken means that the log is not what was written.
var ErrBroken = errors.New("audit: the chain is broken")

// Entry is one line.
type Entry struct {
	Number   int64     `json:"number"` // from 1
	At       time.Time `json:"at"`
	Actor    string    `json:"actor"`  // "console" or "api"
	Action   string    `json:"action"` // "verdict", "erase-subject", "roll-back-references", …
	Object   string    `json:"object"` // identifier of what was acted on
	Detail   string    `json:"detail,omitempty"`
	Previous string    `json:"previous"` // hash of the line before; empty in the first
	Hash     string    `json:"hash"`     // SHA-256 over the line with an empty hash, in hexadecimal
}

func (e Entry) sum() (string, error) {
	e.Hash = ""
	raw, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("audit: encode an entry: %w", err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

// Log is the open log. It is safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	file *os.File
	last Entry
	size int64
}

// Open opens the log, makes it when it does not exist, and checks the whole chain. A last line that a crash cut short
// was never acknowledged, and is removed.
func Open(path string) (*Log, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("audit: open: %w", err)
	}
	last, size, err := Verify(file)
	if err == nil {
		err = file.Truncate(size)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("audit: open %s: %w", path, err), file.Close())
	}
	return &Log{file: file, last: last, size: size}, nil
}

// Verify reads a log from its beginning and checks the chain. It gives the last whole entry, and the length up to its
// end in bytes. ErrBroken names the first line that is wrong.
func Verify(r io.Reader) (last Entry, size int64, err error) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return last, size, nil
		}
		if err != nil {
			return last, size, fmt.Errorf("audit: read: %w", err)
		}
		e, err := follow(last, line)
		if err != nil {
			return last, size, fmt.Errorf("%w: line %d: %w", ErrBroken, last.Number+1, err)
		}
		last, size = e, size+int64(len(line))
	}
}

func follow(last Entry, line []byte) (Entry, error) {
	var e Entry
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return e, fmt.Errorf("not an entry: %w", err)
	}
	want, err := e.sum()
	switch {
	case err != nil:
		return e, err
	case e.Hash != want:
		return e, errors.New("the entry was changed")
	case e.Previous != last.Hash || e.Number != last.Number+1:
		return e, errors.New("the entry does not follow the one before it")
	}
	return e, nil
}

// Append writes an entry and returns when it is safe. Number, Previous and Hash are filled in.
func (l *Log) Append(e Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Number, e.Previous, e.At = l.last.Number+1, l.last.Hash, e.At.UTC()
	var err error
	if e.Hash, err = e.sum(); err != nil {
		return err
	}
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("audit: encode an entry: %w", err)
	}
	line = append(line, '\n')
	// Writing at the known end covers up what a failed attempt before this one may have left there.
	if _, err := l.file.WriteAt(line, l.size); err != nil {
		return fmt.Errorf("audit: append: %w", err)
	}
	if err := l.file.Sync(); err != nil {
		return fmt.Errorf("audit: append: %w", err)
	}
	l.last, l.size = e, l.size+int64(len(line))
	return nil
}

// Head gives the number and hash of the last entry; 0 and "" of an empty log.
func (l *Log) Head() (number int64, hash string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last.Number, l.last.Hash
}

// Close closes the file.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("audit: close: %w", err)
	}
	return nil
}
