package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ipse.dev/ipse/internal/observation"
)

// Corrections puts a person's references right. A console without it shows commands in the place of buttons.
type Corrections interface {
	Correct(ctx context.Context, pseudonym string, c Correction) error
}

// Correction is what a reviewer does to the references of one modality on one device class.
type Correction struct {
	Action      string // one of Corrected
	Modality    observation.Modality
	DeviceClass observation.DeviceClass
	To          time.Time // the moment of a roll-back
}

// What a reviewer may do to references.
const (
	RollBack   = "roll-back"
	Accept     = "accept"
	EnrolAgain = "enrol-again"
)

// Corrected lists what can be done.
var Corrected = []string{RollBack, Accept, EnrolAgain}

// correct takes a form of the subject's page. What it names must be on that page.
func (c *Console) correct(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	id := r.PathValue("id")
	s, err := c.subjects.Subject(r.Context(), id)
	if err != nil {
		c.fail(w, r, fmt.Errorf("console: subject: %w", err))
		return
	}
	asked := Correction{
		Action: r.PathValue("action"), Modality: observation.Modality(r.PostFormValue("modality")), DeviceClass: observation.DeviceClass(r.PostFormValue("device")),
	}
	var kept []KeptVersion
	meant := false
	for _, ref := range s.References {
		if ref.Modality == asked.Modality && ref.DeviceClass == asked.DeviceClass {
			meant, kept = true, append(kept, ref.Kept...)
		}
	}
	if !meant || !slices.Contains(Corrected, asked.Action) {
		c.badRequest(w, r)
		return
	}
	if asked.Action == RollBack {
		ms, err := strconv.ParseInt(r.PostFormValue("to"), 10, 64)
		if err != nil || !slices.ContainsFunc(kept, func(k KeptVersion) bool { return k.At.UnixMilli() == ms }) {
			c.badRequest(w, r)
			return
		}
		asked.To = time.UnixMilli(ms)
	}
	if err := c.corrections.Correct(r.Context(), id, asked); err != nil {
		c.fail(w, r, fmt.Errorf("console: put references right: %w", err))
		return
	}
	c.signIns.Put(r.Context(), noticeKey, "subject.done."+asked.Action)
	http.Redirect(w, r, subjectURL(id), http.StatusSeeOther)
}
