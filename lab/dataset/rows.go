package dataset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
)

// maxLine bounds one row of a file, in bytes.
const maxLine = 1 << 20

// maxTimeMS bounds any time, in milliseconds: the year 5138 as Unix time. Beyond it sums would lose whole milliseconds.
const maxTimeMS = 1e14

// RowError says which row of which file cannot be read, what is wrong with it and what would be right. It quotes nothing
// of the row but numbers, so that no typed text gets into a log.
type RowError struct {
	File string
	Line int // from 1
	What string
}

func (e *RowError) Error() string { return fmt.Sprintf("dataset: %s:%d: %s", e.File, e.Line, e.What) }

// rows calls each for every line of a file, the header at line 1 included, without line ends. What each says is wrong
// with a line becomes a *RowError and goes to opt. A first line that is wrong spoils the whole file: when opt goes on,
// the rest of the file is passed over.
func rows(file string, opt Options, each func(line int, row []byte) error) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	defer f.Close()
	return scanRows(f, file, opt, each)
}

func scanRows(r io.Reader, file string, opt Options, each func(line int, row []byte) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), maxLine)
	line := 0
	for s.Scan() {
		line++
		row := s.Bytes()
		if line == 1 {
			row = bytes.TrimPrefix(row, []byte("\ufeff"))
		}
		if len(row) == 0 && line > 1 {
			continue
		}
		err := each(line, row)
		if err == nil {
			continue
		}
		var stop stopError
		if errors.As(err, &stop) {
			return stop.error
		}
		if err := opt.malformed(&RowError{File: file, Line: line, What: err.Error()}); err != nil {
			return err
		}
		if line == 1 {
			return nil
		}
	}
	if err := s.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return opt.malformed(&RowError{File: file, Line: line + 1, What: fmt.Sprintf("the row is longer than %d bytes", maxLine)})
		}
		return fmt.Errorf("dataset: read %s: %w", file, err)
	}
	if line == 0 {
		return opt.malformed(&RowError{File: file, Line: 1, What: "the file is empty; want a header and rows"})
	}
	return nil
}

// stopError carries an error that is not about the row out of rows.
type stopError struct{ error }

// header checks a file's first line.
func header(row []byte, want string) error {
	if string(bytes.TrimSpace(row)) != want {
		return fmt.Errorf("the first line is not the header %q", want)
	}
	return nil
}

// splitCSV splits one row at commas into fields, which it reuses. A field may be quoted, with quotes inside doubled; no
// set has line ends within a field.
func splitCSV(row []byte, fields [][]byte) ([][]byte, error) {
	fields = fields[:0]
	for {
		if len(row) > 0 && row[0] == '"' {
			end, escaped := 1, false
			for {
				i := bytes.IndexByte(row[end:], '"')
				if i < 0 {
					return fields, errors.New("a quoted field does not end; want a closing quote")
				}
				end += i + 1
				if end == len(row) || row[end] != '"' {
					break
				}
				end, escaped = end+1, true
			}
			field := row[1 : end-1]
			if escaped {
				field = bytes.ReplaceAll(field, []byte(`""`), []byte(`"`))
			}
			fields = append(fields, field)
			row = row[end:]
			if len(row) == 0 {
				return fields, nil
			}
			if row[0] != ',' {
				return fields, errors.New("text follows a closing quote; want a comma")
			}
			row = row[1:]
			continue
		}
		i := bytes.IndexByte(row, ',')
		if i < 0 {
			return append(fields, row), nil
		}
		fields = append(fields, row[:i])
		row = row[i+1:]
	}
}

// csvRow splits a row and checks how many fields it has.
func csvRow(row []byte, fields [][]byte, want int) ([][]byte, error) {
	fields, err := splitCSV(row, fields)
	if err != nil {
		return fields, err
	}
	if len(fields) != want {
		return fields, fmt.Errorf("%d fields; want %d", len(fields), want)
	}
	return fields, nil
}

// number reads a finite number.
func number(field []byte, name string) (float64, error) {
	if n, ok := wholeNumber(field); ok {
		return n, nil
	}
	n, err := strconv.ParseFloat(string(field), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, fmt.Errorf("%s is not a finite number", name)
	}
	return n, nil
}

// wholeNumber is the fast path for what nearly every field is.
func wholeNumber(field []byte) (float64, bool) {
	if len(field) == 0 || len(field) > 15 {
		return 0, false
	}
	n := 0
	for _, c := range field {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return float64(n), true
}

// timeMS reads a time and scales it to milliseconds.
func timeMS(field []byte, name string, scale float64) (float64, error) {
	n, err := number(field, name)
	if err != nil {
		return 0, err
	}
	if n *= scale; n < 0 || n > maxTimeMS {
		return 0, fmt.Errorf("%s is %g ms; want 0 to %g", name, n, float64(maxTimeMS))
	}
	return n, nil
}
