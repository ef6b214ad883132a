package dataset

import (
	"errors"
	"fmt"

	"ipse.dev/ipse/internal/event"
)

// maxPositionPX bounds a coordinate, in pixels on either side of the origin.
const maxPositionPX = 100_000

// missingPX is what remote-desktop recorders write for a position that they did not see.
const missingPX = 65_535

// Notches of the wheel that one row stands for, in the CSS pixels that a browser reports for it.
const wheelNotchPX = 100

// pointerFile reads one file of pointer rows, of which SapiMouse and Balabit share the columns button, state, x and y.
type pointerFile struct {
	header  string
	columns int
	time    int // column of the client's time
	scaleMS float64
}

func (f pointerFile) read(file string, opt Options) ([]event.Pointer, error) {
	var (
		events          []event.Pointer
		fields          [][]byte
		firstMS, lastMS float64
		seen            bool
	)
	err := rows(file, opt, func(line int, row []byte) (err error) {
		if line == 1 {
			return header(row, f.header)
		}
		if fields, err = csvRow(row, fields, f.columns); err != nil {
			return err
		}
		at, err := timeMS(fields[f.time], "client timestamp", f.scaleMS)
		if err != nil {
			return err
		}
		if seen && at < lastMS {
			return fmt.Errorf("client timestamp lies %.0f ms before the last row's; want rows in order of time", lastMS-at)
		}
		e, missing, err := pointerEvent(fields[f.columns-4:])
		if err != nil {
			return err
		}
		if !seen {
			firstMS, seen = at, true
		}
		lastMS = at
		if missing {
			return nil
		}
		e.TimeMS = at - firstMS
		events = append(events, e)
		return nil
	})
	return events, err
}

// pointerEvent reads the columns button, state, x and y. Missing is true for a row that is in order but holds no position.
func pointerEvent(fields [][]byte) (e event.Pointer, missing bool, err error) {
	if e.X, err = number(fields[2], "x"); err != nil {
		return e, false, err
	}
	if e.Y, err = number(fields[3], "y"); err != nil {
		return e, false, err
	}
	e.Trusted = true
	button, state := string(fields[0]), string(fields[1])
	switch state {
	case "Move", "Drag":
		e.Kind = event.Move
	case "Pressed":
		e.Kind = event.Press
	case "Released":
		e.Kind = event.Release
	case "Down":
		e.Kind, e.WheelY = event.Wheel, wheelNotchPX
	case "Up":
		e.Kind, e.WheelY = event.Wheel, -wheelNotchPX
	default:
		return e, false, errors.New("state is none of Move, Drag, Pressed, Released, Down, Up")
	}
	switch button {
	case "NoButton", "Left", "Scroll":
	case "Middle":
		e.Button = 1
	case "Right":
		e.Button = 2
	case "XButton", "Other":
		e.Button = 3
	default:
		return e, false, errors.New("button is none of NoButton, Left, Middle, Right, XButton, Other, Scroll")
	}
	if e.X == missingPX || e.Y == missingPX {
		return e, true, nil
	}
	if e.X < -maxPositionPX || e.X > maxPositionPX || e.Y < -maxPositionPX || e.Y > maxPositionPX {
		return e, false, fmt.Errorf("the position is outside ±%d pixels", maxPositionPX)
	}
	return e, false, nil
}
