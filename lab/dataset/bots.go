package dataset

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"ipse.dev/ipse/internal/event"
)

const (
	generatedFolder = "generated"
	delbotFolder    = "delbot"
)

// DelbotFamilies begins the names of families that DELBOT recorded: programs and people who traced circles.
const DelbotFamilies = delbotFolder + "/"

// PointerFamily is what one program, or people for comparison with it, did with the pointer.
type PointerFamily struct {
	Name   string // the file's or folder's, "generated/ghost_cursor" or "delbot/circles_bot_pyhm"
	People bool   // people made it
	Takes  []PointerTake
}

// PointerTake is one stroke or recording, its times counted from its first event. User is who made it, or empty. ID is the
// same for the strokes of different families that were made for the same start and end; it is the line in a folder's order
// where the set has none.
type PointerTake struct {
	ID     int
	User   string
	Events []event.Pointer
}

func matchBots(dir string, e entry) bool {
	switch {
	case e.dir && e.name == generatedFolder:
		return slices.ContainsFunc(list(filepath.Join(dir, e.name)), func(f entry) bool { return matchGenerated("", f) })
	case e.dir && e.name == delbotFolder:
		return slices.ContainsFunc(list(filepath.Join(dir, e.name)), func(f entry) bool { return matchFolder("", f) })
	}
	return false
}

func matchGenerated(_ string, e entry) bool { return !e.dir && strings.HasSuffix(e.name, ".jsonl") }

func matchFolder(_ string, e entry) bool { return e.dir }

func matchDelbotTake(_ string, e entry) bool { return !e.dir && strings.HasSuffix(e.name, ".txt") }

// ReadBots finds the set Bots in dir and yields its families: every file generated/NAME.jsonl, of people where NAME begins
// with "human", and every folder delbot/NAME, of people where NAME holds "human" (DELBOT, Kadena & Gidlund). It stops at
// yield's first error and returns it.
func ReadBots(dir string, opt Options, yield func(PointerFamily) error) error {
	found, err := Find(Bots, dir)
	if err != nil {
		return err
	}
	files := matching(filepath.Join(found, generatedFolder), matchGenerated)
	folders := matching(filepath.Join(found, delbotFolder), matchFolder)
	for i, name := range files {
		f := PointerFamily{Name: generatedFolder + "/" + strings.TrimSuffix(name, ".jsonl"), People: strings.HasPrefix(name, "human")}
		if f.Takes, err = readGenerated(filepath.Join(found, generatedFolder, name), f.People, opt); err != nil {
			return err
		}
		if err := yield(f); err != nil {
			return err
		}
		opt.progress(i+1, len(files)+len(folders))
	}
	for i, name := range folders {
		f := PointerFamily{Name: delbotFolder + "/" + name, People: strings.Contains(name, "human")}
		for j, take := range matching(filepath.Join(found, delbotFolder, name), matchDelbotTake) {
			events, err := readDelbot(filepath.Join(found, delbotFolder, name, take), opt)
			if err != nil {
				return err
			}
			t := PointerTake{ID: j, Events: events}
			if f.People {
				t.User = name
			}
			f.Takes = append(f.Takes, t)
		}
		if err := yield(f); err != nil {
			return err
		}
		opt.progress(len(files)+i+1, len(files)+len(folders))
	}
	return nil
}

// readGenerated reads one stroke a line: {"id":1,"src":"bot","p":[[ms,x,y],…]}, and "user" where people made it.
func readGenerated(file string, people bool, opt Options) ([]PointerTake, error) {
	var takes []PointerTake
	err := rows(file, opt, func(line int, row []byte) error {
		var stroke struct {
			ID     *int        `json:"id"`
			Source string      `json:"src"`
			User   string      `json:"user"`
			Points [][]float64 `json:"p"`
		}
		if err := json.Unmarshal(row, &stroke); err != nil {
			return errors.New(`the line is not a JSON object like {"id":1,"src":"bot","p":[[0,10,20],[16,12,21]]}`)
		}
		if people && stroke.User == "" {
			return errors.New(`"user" is missing; want who made the stroke in a file whose name begins with human`)
		}
		if len(stroke.Points) < 2 {
			return fmt.Errorf(`%d points in "p"; want 2 at least`, len(stroke.Points))
		}
		take := PointerTake{ID: line - 1, User: stroke.User}
		if stroke.ID != nil {
			take.ID = *stroke.ID
		}
		for i, p := range stroke.Points {
			if len(p) != 3 {
				return fmt.Errorf("point %d has %d numbers; want 3: ms, x and y", i+1, len(p))
			}
			e := event.Pointer{TimeMS: p[0] - stroke.Points[0][0], X: p[1], Y: p[2], Trusted: true}
			if err := placed(e, take.Events); err != nil {
				return fmt.Errorf("point %d: %w", i+1, err)
			}
			take.Events = append(take.Events, e)
		}
		takes = append(takes, take)
		return nil
	})
	return takes, err
}

// placed checks that an event is on a screen and not before the last one.
func placed(e event.Pointer, before []event.Pointer) error {
	if !(math.Abs(e.X) <= maxPositionPX && math.Abs(e.Y) <= maxPositionPX) {
		return fmt.Errorf("the position is outside ±%d pixels", maxPositionPX)
	}
	if !(math.Abs(e.TimeMS) <= maxTimeMS) {
		return fmt.Errorf("the time is %g ms; want up to %g", e.TimeMS, float64(maxTimeMS))
	}
	if n := len(before); n > 0 && e.TimeMS < before[n-1].TimeMS {
		return fmt.Errorf("the time lies %.1f ms before the last one's; want points in order of time", before[n-1].TimeMS-e.TimeMS)
	}
	return nil
}

// readDelbot reads a first line "resolution:WIDTH,HEIGHT" and rows "ms,state,x,y". A file whose positions all lie between
// 0 and 1 holds fractions of the screen.
func readDelbot(file string, opt Options) ([]event.Pointer, error) {
	var (
		events        []event.Pointer
		fields        [][]byte
		width, height float64
	)
	kinds := map[string]event.PointerKind{"Move": event.Move, "Pressed": event.Press, "Released": event.Release}
	fractions := true
	err := rows(file, opt, func(line int, row []byte) (err error) {
		if line == 1 {
			rest, ok := strings.CutPrefix(string(row), "resolution:")
			if n, err := fmt.Sscanf(rest, "%g,%g", &width, &height); !ok || n != 2 || err != nil || width < 1 || height < 1 {
				return errors.New("the first line is not resolution:WIDTH,HEIGHT")
			}
			return nil
		}
		if fields, err = csvRow(row, fields, 4); err != nil {
			return err
		}
		kind, ok := kinds[string(fields[1])]
		if !ok {
			return errors.New("state is none of Pressed, Move, Released")
		}
		e := event.Pointer{Kind: kind, Trusted: true}
		for i, to := range [...]*float64{&e.TimeMS, nil, &e.X, &e.Y} {
			if to == nil {
				continue
			}
			if *to, err = number(fields[i], [...]string{"time", "", "x", "y"}[i]); err != nil {
				return err
			}
		}
		if err := placed(e, events); err != nil {
			return err
		}
		fractions = fractions && e.X >= 0 && e.X <= 1 && e.Y >= 0 && e.Y <= 1
		events = append(events, e)
		return nil
	})
	if len(events) == 0 {
		return nil, err
	}
	firstMS := events[0].TimeMS
	for i := range events {
		events[i].TimeMS -= firstMS
		if fractions { // back to the pixels from which they were made
			events[i].X, events[i].Y = math.Round(events[i].X*width*100)/100, math.Round(events[i].Y*height*100)/100
		}
	}
	return events, err
}
