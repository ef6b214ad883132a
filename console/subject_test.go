package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/console/consoletest"
	"ipse.dev/ipse/internal/observation"
)

func TestSubjectPageListsReferencesWithWhatToDo(t *testing.T) {
	source := consoletest.Desk(noon)
	r := signedIn(t, source)
	status, body := r.get("/console/subjects/" + consoletest.KnownSubject)
	if status != http.StatusOK {
		t.Fatalf("status %d, want 200", status)
	}
	for _, want := range []string{"Equipment 1", "Equipment 2", "Phrase 2147483647", "rhythm-2 · version 1,840", "error to expect: 6%", "44%, learning",
		"and learns no more", "comes from two people", "6 earlier versions", "1 earlier version",
		"ipse references accept k7vq2m3xw4r8 --modality keyboard --device-class desktop", "ipse references roll-back k7vq2m3xw4r8 --modality pointer --device-class desktop --to 20"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "<form method=\"post\" action=\"/console/subjects") {
		t.Error("there are forms on the page of a console whose reviewers may put nothing right")
	}
	if status, _ := r.post("/console/subjects/"+consoletest.KnownSubject+"/references/accept", url.Values{"modality": {"keyboard"}, "device": {"desktop"}}, nil); status == http.StatusSeeOther || len(source.Asked()) > 0 {
		t.Errorf("a correction that is not allowed ended with %d and %v", status, source.Asked())
	}
	if status, body := r.get("/console/subjects/" + consoletest.NewSubject); status != http.StatusOK || !strings.Contains(body, "Nothing has been learnt yet") {
		t.Errorf("of somebody new: %d, want a page that says so", status)
	}
	if status, _ := r.get("/console/subjects/nobody"); status != http.StatusNotFound {
		t.Errorf("of nobody: %d, want 404", status)
	}
	if _, body := r.get("/console/sessions/s-trusted"); !strings.Contains(body, `href="/console/subjects/k7vq2m3xw4r8"`) {
		t.Error("the session's page leads to no page of its subject")
	}
}

func TestCorrectionsAreOfWhatThePageShows(t *testing.T) {
	source := consoletest.Desk(noon)
	r := signedIn(t, source, func(o *console.Options) { o.Corrections = source })
	detail, err := source.Subject(t.Context(), consoletest.KnownSubject)
	if err != nil {
		t.Fatal(err)
	}
	to := strconv.FormatInt(detail.References[0].Kept[0].At.UnixMilli(), 10)
	base := "/console/subjects/" + consoletest.KnownSubject + "/references/"
	keyboard := url.Values{"modality": {"keyboard"}, "device": {"desktop"}}
	with := func(name, value string) url.Values {
		form := url.Values{name: {value}}
		for k, v := range keyboard {
			form[k] = v
		}
		return form
	}
	for name, c := range map[string]struct {
		path string
		form url.Values
	}{
		"a moment that is not kept":  {base + "roll-back", with("to", "12")},
		"no moment":                  {base + "roll-back", keyboard},
		"a word for a moment":        {base + "roll-back", with("to", "yesterday")},
		"nothing of that modality":   {base + "accept", url.Values{"modality": {"touch"}, "device": {"phone"}}},
		"nothing named":              {base + "accept", nil},
		"something else to be done":  {base + "forget", keyboard},
		"somebody whom nobody knows": {"/console/subjects/nobody/references/accept", keyboard},
	} {
		if status, _ := r.post(c.path, c.form, nil); status != http.StatusBadRequest && status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 400 or 404", name, status)
		}
	}
	if asked := source.Asked(); len(asked) > 0 {
		t.Fatalf("%v was asked for", asked)
	}
	for _, action := range console.Corrected {
		_, body := r.post(base+action, with("to", to), nil)
		if !strings.Contains(body, "It is in the audit log") {
			t.Errorf("%s: the page says nothing of it", action)
		}
	}
	asked := source.Asked()
	if len(asked) != len(console.Corrected) {
		t.Fatalf("%v was asked for, want one of each", asked)
	}
	for i, c := range asked {
		if c.Action != console.Corrected[i] || c.Modality != observation.Keyboard || c.DeviceClass != observation.Desktop {
			t.Errorf("%+v was asked for, want %s of the keyboard on a desktop", c, console.Corrected[i])
		}
	}
	if !asked[0].To.Equal(time.UnixMilli(detail.References[0].Kept[0].At.UnixMilli())) {
		t.Errorf("rolled back to %s, want the moment that was chosen", asked[0].To)
	}
	source.Fail(errors.New("the disk is full"))
	if status, _ := r.post(base+"accept", keyboard, nil); status != http.StatusInternalServerError {
		t.Errorf("a correction that failed ends with %d, want 500", status)
	}
}
