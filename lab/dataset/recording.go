package dataset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/event"
)

// RecordingFormat names the format of a recording in its first line.
const RecordingFormat = "recording/1"

// RecordingHeader is the first line of a recording.
type RecordingHeader struct {
	Format  string `json:"ipse"`
	Subject string `json:"subject"`
	Session string `json:"session"`
	Device  string `json:"device"` // desktop, tablet or phone
}

// Recording is one file of ipse's own format: a header and one session.
type Recording struct {
	Header  RecordingHeader
	Session Session
}

// recordingLine is one event. Which of k, p, f and m is present says what kind it is.
type recordingLine struct {
	T  *float64  `json:"t"`
	K  string    `json:"k,omitempty"`
	C  *string   `json:"c,omitempty"`
	P  string    `json:"p,omitempty"`
	X  *float64  `json:"x,omitempty"`
	Y  *float64  `json:"y,omitempty"`
	B  *uint8    `json:"b,omitempty"`
	DX *float64  `json:"dx,omitempty"`
	DY *float64  `json:"dy,omitempty"`
	F  string    `json:"f,omitempty"`
	ID *int      `json:"id,omitempty"`
	R  *float64  `json:"r,omitempty"`
	PR *float64  `json:"pr,omitempty"`
	M  []float64 `json:"m,omitempty"`
}

const recordingSuffix = ".jsonl"

func matchRecording(_ string, e entry) bool {
	return !e.dir && strings.HasSuffix(e.name, recordingSuffix)
}

// readRecordings reads every *.jsonl file below dir; the files' first lines say whose they are.
func readRecordings(dir string, opt Options, yield func(Person) error) error {
	bySubject := map[string][]string{}
	taken := map[[2]string]string{}
	var headless []*RowError
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !matchRecording("", entry{name: d.Name()}) {
			return err
		}
		h, err := recordingHeaderOf(path)
		if err != nil {
			headless = append(headless, &RowError{File: path, Line: 1, What: err.Error()})
			return nil
		}
		key := [2]string{h.Subject, h.Session}
		if other, ok := taken[key]; ok {
			return fmt.Errorf("%w: %s and %s say that they are the same session of the same subject", ErrMixed, other, path)
		}
		taken[key] = path
		bySubject[h.Subject] = append(bySubject[h.Subject], path)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	if err != nil {
		return err
	}
	if len(taken) == 0 && len(headless) > 0 { // other programs' files end in .jsonl as well
		return fmt.Errorf("%w: no file named *.jsonl in %s is an ipse recording: %w", ErrNotFound, dir, headless[0])
	}
	for _, e := range headless {
		if err := opt.malformed(e); err != nil {
			return err
		}
	}
	if len(taken) == 0 {
		return fmt.Errorf("%w: ipse recordings in %s: want %s%s", ErrNotFound, dir, readers[Recordings].holds, describe(dir))
	}
	subjects := make([]string, 0, len(bySubject))
	for s := range bySubject {
		subjects = append(subjects, s)
	}
	slices.SortFunc(subjects, naturalOrder)
	for i, subject := range subjects {
		p := Person{ID: subject}
		for _, path := range bySubject[subject] {
			r, err := readRecordingFile(path, opt)
			if err != nil {
				return err
			}
			p.Sessions = append(p.Sessions, r.Session)
		}
		slices.SortStableFunc(p.Sessions, func(a, b Session) int { return naturalOrder(a.Name, b.Name) })
		if err := yield(p); err != nil {
			return err
		}
		opt.progress(i+1, len(subjects))
	}
	return nil
}

func readRecordingFile(path string, opt Options) (Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return Recording{}, fmt.Errorf("dataset: %w", err)
	}
	defer f.Close()
	return ReadRecording(f, path, opt)
}

func recordingHeaderOf(path string) (RecordingHeader, error) {
	f, err := os.Open(path)
	if err != nil {
		return RecordingHeader{}, err
	}
	defer f.Close()
	line, err := bufio.NewReaderSize(io.LimitReader(f, 64<<10), 4<<10).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return RecordingHeader{}, err
	}
	return parseRecordingHeader(line)
}

func parseRecordingHeader(line []byte) (RecordingHeader, error) {
	const want = `{"ipse":"recording/1","subject":…,"session":…,"device":"desktop"}`
	var h RecordingHeader
	if err := strictJSON(line, &h); err != nil {
		return h, fmt.Errorf("the first line is not %s", want)
	}
	if h.Format != RecordingFormat {
		return h, fmt.Errorf("the first line does not say \"ipse\":%q; want %s", RecordingFormat, want)
	}
	if h.Subject == "" || h.Session == "" {
		return h, fmt.Errorf("the first line names no subject or no session; want %s", want)
	}
	if !slices.Contains([]string{"desktop", "tablet", "phone"}, h.Device) {
		return h, errors.New(`the device is none of "desktop", "tablet", "phone"`)
	}
	return h, nil
}

// ReadRecording reads one recording. Name stands for it in errors. Within one kind of event, times must not go back.
func ReadRecording(r io.Reader, name string, opt Options) (Recording, error) {
	var rec Recording
	events := recordingReader{held: map[string]bool{}}
	err := scanRows(r, name, opt, func(line int, row []byte) (err error) {
		if line == 1 {
			rec.Header, err = parseRecordingHeader(row)
			return err
		}
		var l recordingLine
		if err := strictJSON(row, &l); err != nil {
			return errors.New("the line is not one event's JSON object with the members of " + RecordingFormat)
		}
		return events.take(l)
	})
	rec.Session = events.session
	rec.Session.Name = rec.Header.Session
	return rec, err
}

type recordingReader struct {
	session Session
	held    map[string]bool
}

func (r *recordingReader) take(l recordingLine) error {
	kinds := 0
	for _, present := range []bool{l.K != "", l.P != "", l.F != "", l.M != nil} {
		if present {
			kinds++
		}
	}
	if kinds != 1 {
		return errors.New(`the event must have exactly one of "k", "p", "f" and "m"`)
	}
	if l.T == nil || *l.T < 0 || *l.T > maxTimeMS {
		return errors.New(`"t" must be a time in milliseconds from the start`)
	}
	for _, n := range []*float64{l.X, l.Y, l.DX, l.DY, l.R} {
		if n != nil && (*n < -maxPositionPX || *n > maxPositionPX) {
			return fmt.Errorf("a position, wheel movement or radius is outside ±%d pixels", maxPositionPX)
		}
	}
	switch {
	case l.K != "":
		return r.key(l)
	case l.P != "":
		return r.pointer(l)
	case l.F != "":
		return r.touch(l)
	}
	return r.motion(l)
}

func (r *recordingReader) key(l recordingLine) error {
	if l.C == nil || (l.K != "down" && l.K != "up") {
		return errors.New(`a key event needs "k" as "down" or "up" and "c" as the key's code`)
	}
	if err := inOrder(r.session.Keys, *l.T, func(e event.Key) float64 { return e.TimeMS }); err != nil {
		return err
	}
	code := *l.C
	e := event.Key{TimeMS: *l.T, Class: event.ClassOf(code), Down: l.K == "down", Trusted: true}
	if e.Down {
		e.Repeat = r.held[code]
		r.held[code] = true
	} else {
		delete(r.held, code)
	}
	r.session.Keys = append(r.session.Keys, e)
	return nil
}

var recordingPointerKinds = map[string]event.PointerKind{
	"move": event.Move, "down": event.Press, "up": event.Release, "wheel": event.Wheel,
}

func (r *recordingReader) pointer(l recordingLine) error {
	kind, ok := recordingPointerKinds[l.P]
	if !ok {
		return errors.New(`"p" must be "move", "down", "up" or "wheel"`)
	}
	if kind == event.Wheel && (l.DX == nil || l.DY == nil) {
		return errors.New(`a wheel event needs "dx" and "dy"`)
	}
	if kind != event.Wheel && (l.X == nil || l.Y == nil) {
		return errors.New(`a pointer event needs "x" and "y"`)
	}
	if err := inOrder(r.session.Pointers, *l.T, func(e event.Pointer) float64 { return e.TimeMS }); err != nil {
		return err
	}
	e := event.Pointer{TimeMS: *l.T, Kind: kind, X: orZero(l.X), Y: orZero(l.Y), Button: orZero(l.B),
		WheelX: orZero(l.DX), WheelY: orZero(l.DY), Trusted: true}
	if n := len(r.session.Pointers); l.X == nil && l.Y == nil && n > 0 { // the wheel turns where the pointer is
		e.X, e.Y = r.session.Pointers[n-1].X, r.session.Pointers[n-1].Y
	}
	r.session.Pointers = append(r.session.Pointers, e)
	return nil
}

var recordingTouchKinds = map[string]event.TouchKind{
	"start": event.TouchStart, "move": event.TouchMove, "end": event.TouchEnd, "cancel": event.TouchCancel,
}

func (r *recordingReader) touch(l recordingLine) error {
	kind, ok := recordingTouchKinds[l.F]
	if !ok || l.ID == nil || l.X == nil || l.Y == nil {
		return errors.New(`a touch event needs "f" as "start", "move", "end" or "cancel", and "id", "x" and "y"`)
	}
	if pressure := orZero(l.PR); pressure < 0 || pressure > 1 {
		return errors.New(`"pr" must lie between 0 and 1, or be left out where the device does not tell`)
	}
	if orZero(l.R) < 0 {
		return errors.New(`"r" must be a radius in pixels, or be left out where the device does not tell`)
	}
	if err := inOrder(r.session.Touches, *l.T, func(e event.Touch) float64 { return e.TimeMS }); err != nil {
		return err
	}
	r.session.Touches = append(r.session.Touches, event.Touch{TimeMS: *l.T, Kind: kind, Contact: *l.ID, X: *l.X, Y: *l.Y,
		RadiusPX: orZero(l.R), Pressure: orZero(l.PR), Trusted: true})
	return nil
}

// maxMotion bounds one reading of motion, in m/s² or degrees a second.
const maxMotion = 100_000

func (r *recordingReader) motion(l recordingLine) error {
	if len(l.M) != 6 || slices.ContainsFunc(l.M, func(n float64) bool { return n < -maxMotion || n > maxMotion }) {
		return fmt.Errorf(`"m" must hold six numbers between ±%d: acceleration and rotation`, maxMotion)
	}
	if err := inOrder(r.session.Motions, *l.T, func(e event.Motion) float64 { return e.TimeMS }); err != nil {
		return err
	}
	r.session.Motions = append(r.session.Motions,
		event.Motion{TimeMS: *l.T, Acceleration: [3]float64(l.M[:3]), Rotation: [3]float64(l.M[3:])})
	return nil
}

func inOrder[E any](events []E, atMS float64, timeOf func(E) float64) error {
	if n := len(events); n > 0 && atMS < timeOf(events[n-1]) {
		return fmt.Errorf(`"t" lies %g ms before the last event of its kind`, timeOf(events[n-1])-atMS)
	}
	return nil
}

func orZero[N any](n *N) (value N) {
	if n != nil {
		value = *n
	}
	return value
}

// strictJSON reads exactly one object without members that v does not know.
func strictJSON(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}
