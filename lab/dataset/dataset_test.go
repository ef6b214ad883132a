package dataset_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"ipse.dev/ipse/internal/event"
	"ipse.dev/ipse/lab/dataset"
)

// folder writes files, named by their paths below it, into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, set, dir string, opt dataset.Options) ([]dataset.Person, error) {
	t.Helper()
	var people []dataset.Person
	err := dataset.Read(set, dir, opt, func(p dataset.Person) error {
		people = append(people, p)
		return nil
	})
	return people, err
}

func press(t float64, c event.Class) event.Key {
	return event.Key{TimeMS: t, Class: c, Down: true, Trusted: true}
}
func release(t float64, c event.Class) event.Key {
	return event.Key{TimeMS: t, Class: c, Trusted: true}
}
func repeat(t float64, c event.Class) event.Key {
	return event.Key{TimeMS: t, Class: c, Down: true, Repeat: true, Trusted: true}
}

const (
	aaltoHead   = "PARTICIPANT_ID\tTEST_SECTION_ID\tSENTENCE\tUSER_INPUT\tKEYSTROKE_ID\tPRESS_TIME\tRELEASE_TIME\tLETTER\tKEYCODE\n"
	bbmasHead   = "EID,key,direction,time\n"
	villaniHead = "user,session,keyname,timepress,timerelease\n"
	sapiHead    = "client timestamp,button,state,x,y\n"
	balabitHead = "record timestamp,client timestamp,button,state,x,y\n"
	labelsHead  = "filename,is_illegal\n"
)

func TestReadersGiveWhatACollectorWouldHaveSeen(t *testing.T) {
	tests := []struct {
		name, set string
		files     map[string]string
		want      []dataset.Person
	}{
		{"aalto: strokes become ordered events, sentences are in order of time", dataset.Aalto, map[string]string{
			"7_keystrokes.txt": aaltoHead +
				"7\t2\tb\tb\t1\t5000\t5080\tb\t66\n" +
				"7\t1\tHi \tHi\there\t1\t1000\t1300\tSHIFT\t16\n" +
				"7\t1\tHi\tHi\there\t2\t1100\t1200\tH\t72\n" +
				"7\t1\tHi\tHi\there\t3\t1.2e+03\t1200\t\t32\n",
		}, []dataset.Person{{ID: "7", Sessions: []dataset.Session{
			{Name: "1", Keys: []event.Key{press(0, event.Shift), press(100, event.RightLetter), release(200, event.RightLetter),
				press(200, event.Space), release(200, event.Space), release(300, event.Shift)}},
			{Name: "2", Keys: []event.Key{press(0, event.LeftLetter), release(80, event.LeftLetter)}},
		}}}},
		{"aalto: a release before its press is no stroke, a press while held repeats", dataset.Aalto, map[string]string{
			"10_keystrokes.txt": aaltoHead + "10\t1\ts\ts\t1\t100\t50\ta\t65\r\n10\t1\ts\ts\t1\t200\t400\ta\t65\r\n10\t1\ts\ts\t1\t300\t450\ta\t65\r\n",
			"9_keystrokes.txt":  aaltoHead,
		}, []dataset.Person{{ID: "9"}, {ID: "10", Sessions: []dataset.Session{
			{Name: "1", Keys: []event.Key{press(0, event.LeftLetter), repeat(100, event.LeftLetter), release(200, event.LeftLetter)}},
		}}}},
		{"bbmas: quoted keys, one key under two names, repeats, lost releases", dataset.BBMAS, map[string]string{
			"keystroke/bbmas/User2.csv": bbmasHead + "0,a,0,1000\r\n1,A,0,1500\r\n2,A,1,1600\r\n" +
				"3,\",\",0,1700\r\n4,\"\"\"\",1,1800\r\n5,LSHIFT,0,2000\r\n6,LSHIFT,0,3001\r\n7,,0,3002\r\n8,NUM5,0,3003\r\n",
		}, []dataset.Person{{ID: "User2", Sessions: []dataset.Session{{Name: "desktop", Keys: []event.Key{
			press(0, event.LeftLetter), repeat(500, event.LeftLetter), release(600, event.LeftLetter),
			press(700, event.Other), release(800, event.Other), press(1000, event.Shift), press(2001, event.Shift),
			press(2002, event.Other), press(2003, event.Digit),
		}}}}}},
		{"villani: people and sessions in one file", dataset.Villani, map[string]string{
			"free_text.csv": villaniHead + "0,0,shift,0,90\n0,0,s,40,100\n0,1,backspace,10,20\n3,0,numpad_4,5,6\n",
		}, []dataset.Person{
			{ID: "0", Sessions: []dataset.Session{
				{Name: "0", Keys: []event.Key{press(0, event.Shift), press(40, event.LeftLetter), release(90, event.Shift), release(100, event.LeftLetter)}},
				{Name: "1", Keys: []event.Key{press(0, event.Backspace), release(10, event.Backspace)}},
			}},
			{ID: "3", Sessions: []dataset.Session{{Name: "0", Keys: []event.Key{press(0, event.Digit), release(1, event.Digit)}}}},
		}},
		{"sapimouse: the file's name says what a session is for", dataset.SapiMouse, map[string]string{
			"mouse/sapimouse/user3/session_2020_05_14_3min.csv": sapiHead + "15,NoButton,Move,7,-8\n20,Right,Pressed,7,9\n25,Right,Drag,8,9\n30,Right,Released,8,9\n",
			"mouse/sapimouse/user3/session_2020_05_14_1min.csv": sapiHead + "15585,Other,Pressed,1,2\n",
			"mouse/sapimouse/user3/session_2020_05_14_5min.csv": sapiHead,
		}, []dataset.Person{{ID: "user3", Sessions: []dataset.Session{
			{Name: "session_2020_05_14_1min", Part: dataset.Verification, Pointers: []event.Pointer{
				{Kind: event.Press, X: 1, Y: 2, Button: 3, Trusted: true}}},
			{Name: "session_2020_05_14_3min", Part: dataset.Enrolment, Pointers: []event.Pointer{
				{Kind: event.Move, X: 7, Y: -8, Trusted: true}, {TimeMS: 5, Kind: event.Press, X: 7, Y: 9, Button: 2, Trusted: true},
				{TimeMS: 10, Kind: event.Move, X: 8, Y: 9, Button: 2, Trusted: true}, {TimeMS: 15, Kind: event.Release, X: 8, Y: 9, Button: 2, Trusted: true}}},
			{Name: "session_2020_05_14_5min"},
		}}}},
		{"balabit: the client's clock, the wheel, missing positions, labels", dataset.Balabit, map[string]string{
			"public_labels.csv":              labelsHead + "session_2,1\nsession_3,0\n",
			"training_files/user7/session_1": balabitHead + "0.0,1.5,NoButton,Move,65535,65535\n9.0,1.75,Scroll,Down,3,4\n9.5,2.0,Scroll,Up,3,4\n",
			"test_files/user7/session_2":     balabitHead + "0.0,0.0,XButton,Pressed,3,4\n",
			"test_files/user7/session_3":     balabitHead + "0.0,0.0,NoButton,Drag,3,4\n",
			"test_files/user7/session_4":     balabitHead + "0.0,0.0,NoButton,Move,3,4\n",
		}, []dataset.Person{{ID: "user7", Sessions: []dataset.Session{
			{Name: "session_1", Part: dataset.Enrolment, Pointers: []event.Pointer{
				{TimeMS: 250, Kind: event.Wheel, X: 3, Y: 4, WheelY: 100, Trusted: true}, {TimeMS: 500, Kind: event.Wheel, X: 3, Y: 4, WheelY: -100, Trusted: true}}},
			{Name: "session_2", Part: dataset.Verification, Label: dataset.Intruder, Pointers: []event.Pointer{{Kind: event.Press, X: 3, Y: 4, Button: 3, Trusted: true}}},
			{Name: "session_3", Part: dataset.Verification, Label: dataset.Owner, Pointers: []event.Pointer{{Kind: event.Move, X: 3, Y: 4, Trusted: true}}},
		}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(t, tt.set, folder(t, tt.files), dataset.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("people (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMalformedRowsAreNamed(t *testing.T) {
	const aaltoRow = "7\t1\ts\ts\t1\t100\t150\ta\t65\n"
	tests := []struct {
		name, set, file, content string
		line                     int
		says                     string
	}{
		{"aalto header", dataset.Aalto, "7_keystrokes.txt", "EID,key\n", 1, "header"},
		{"aalto empty file", dataset.Aalto, "7_keystrokes.txt", "", 1, "empty"},
		{"aalto short row", dataset.Aalto, "7_keystrokes.txt", aaltoHead + aaltoRow + "7\t1\ts\n", 3, "3 fields; want 9"},
		{"aalto somebody else's row", dataset.Aalto, "7_keystrokes.txt", aaltoHead + strings.Replace(aaltoRow, "7", "8", 1), 2, "PARTICIPANT_ID"},
		{"aalto no section", dataset.Aalto, "7_keystrokes.txt", aaltoHead + "7\t\ts\ts\t1\t100\t150\ta\t65\n", 2, "TEST_SECTION_ID"},
		{"aalto press", dataset.Aalto, "7_keystrokes.txt", aaltoHead + strings.Replace(aaltoRow, "100", "soon", 1), 2, "PRESS_TIME is not a finite number"},
		{"aalto release", dataset.Aalto, "7_keystrokes.txt", aaltoHead + strings.Replace(aaltoRow, "150", "NaN", 1), 2, "RELEASE_TIME is not a finite number"},
		{"aalto far time", dataset.Aalto, "7_keystrokes.txt", aaltoHead + strings.Replace(aaltoRow, "150", "1e300", 1), 2, "want 0 to"},
		{"aalto key code", dataset.Aalto, "7_keystrokes.txt", aaltoHead + strings.Replace(aaltoRow, "65\n", "6.5\n", 1), 2, "KEYCODE"},
		{"aalto endless row", dataset.Aalto, "7_keystrokes.txt", aaltoHead + strings.Repeat("x", 2<<20), 2, "longer than"},
		{"bbmas fields", dataset.BBMAS, "User1.csv", bbmasHead + "0,t,0\n", 2, "3 fields; want 4"},
		{"bbmas direction", dataset.BBMAS, "User1.csv", bbmasHead + "0,t,0,5\n1,t,2,6\n", 3, "direction"},
		{"bbmas time", dataset.BBMAS, "User1.csv", bbmasHead + "0,t,0,-5\n", 2, "time"},
		{"bbmas order", dataset.BBMAS, "User1.csv", bbmasHead + "0,t,0,5\n1,t,1,3\n", 3, "2 ms before"},
		{"bbmas quotes", dataset.BBMAS, "User1.csv", bbmasHead + "0,\",0,5\n", 2, "quoted"},
		{"villani order", dataset.Villani, "free_text.csv", villaniHead + "0,0,a,9,8\n", 2, "1 ms before"},
		{"villani people", dataset.Villani, "free_text.csv", villaniHead + "0,0,a,1,2\n1,0,a,1,2\n0,0,a,3,4\n", 4, "lie apart"},
		{"villani name", dataset.Villani, "free_text.csv", villaniHead + "0,0,,1,2\n", 2, "empty"},
		{"sapimouse state", dataset.SapiMouse, "user1/session_x_1min.csv", sapiHead + "1,NoButton,Moved,1,1\n", 2, "state"},
		{"sapimouse button", dataset.SapiMouse, "user1/session_x_1min.csv", sapiHead + "1,Nose,Move,1,1\n", 2, "button"},
		{"sapimouse place", dataset.SapiMouse, "user1/session_x_1min.csv", sapiHead + "1,NoButton,Move,1e9,1\n", 2, "position"},
		{"sapimouse order", dataset.SapiMouse, "user1/session_x_1min.csv", sapiHead + "9,NoButton,Move,1,1\n8,NoButton,Move,1,1\n", 3, "before"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := folder(t, map[string]string{tt.file: tt.content})
			_, err := read(t, tt.set, dir, dataset.Options{})
			var row *dataset.RowError
			if !errors.As(err, &row) {
				t.Fatalf("got the error %v, want a *RowError", err)
			}
			if row.File != filepath.Join(dir, tt.file) || row.Line != tt.line || !strings.Contains(row.What, tt.says) {
				t.Errorf("got %v, want file %s line %d and a word about %q", err, tt.file, tt.line, tt.says)
			}

			skipped := 0
			_, err = read(t, tt.set, dir, dataset.Options{OnMalformed: func(*dataset.RowError) error { skipped++; return nil }})
			if err != nil || skipped != 1 {
				t.Errorf("passing over malformed rows: %d passed over and error %v, want 1 and none", skipped, err)
			}
		})
	}
}

func TestFoldersThatCannotBeMeasured(t *testing.T) {
	aalto := aaltoHead + "7\t1\ts\ts\t1\t100\t150\ta\t65\n"
	tests := []struct {
		name  string
		files map[string]string
		want  error
		says  string
	}{
		{"empty", nil, dataset.ErrNotFound, "the folder is empty"},
		{"another set", map[string]string{"User1.csv": bbmasHead}, dataset.ErrNotFound, "BB-MAS"},
		{"two sets in one folder", map[string]string{"7_keystrokes.txt": aalto, "User1.csv": bbmasHead}, dataset.ErrMixed, "BB-MAS"},
		{"the set twice", map[string]string{"a/7_keystrokes.txt": aalto, "b/7_keystrokes.txt": aalto}, dataset.ErrMixed, "more than once"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := read(t, dataset.Aalto, folder(t, tt.files), dataset.Options{})
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %v with a word about %q", err, tt.want, tt.says)
			}
		})
	}
	if _, err := read(t, dataset.Aalto, filepath.Join(t.TempDir(), "nowhere"), dataset.Options{}); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("a folder that does not exist gives %v, want %v", err, dataset.ErrNotFound)
	}
	file := filepath.Join(folder(t, map[string]string{"x_keystrokes.txt": aalto}), "x_keystrokes.txt")
	if _, err := read(t, dataset.Aalto, file, dataset.Options{}); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("a file in place of a folder gives %v, want %v", err, dataset.ErrNotFound)
	}
}

func TestPeopleComeInNaturalOrder(t *testing.T) {
	files := map[string]string{}
	for _, id := range []string{"10", "9", "100", "2", "02"} {
		files["somewhere/deep/"+id+"_keystrokes.txt"] = aaltoHead
	}
	people, err := read(t, dataset.Aalto, folder(t, files), dataset.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range people {
		ids = append(ids, p.ID)
	}
	if want := []string{"02", "2", "9", "10", "100"}; !slices.Equal(ids, want) {
		t.Errorf("order %v, want %v", ids, want)
	}
}

func TestReadStopsAtTheCallersError(t *testing.T) {
	stop := errors.New("enough")
	for set, files := range map[string]map[string]string{
		dataset.Aalto:   {"1_keystrokes.txt": aaltoHead, "2_keystrokes.txt": aaltoHead},
		dataset.Villani: {"free_text.csv": villaniHead + "0,0,a,1,2\n1,0,a,1,2\n2,0,a,1,2\n"},
	} {
		calls := 0
		err := dataset.Read(set, folder(t, files), dataset.Options{}, func(dataset.Person) error { calls++; return stop })
		if !errors.Is(err, stop) || calls != 1 {
			t.Errorf("%s: %d people and error %v, want one and %v", set, calls, err, stop)
		}
	}
}

func cmuRow(first string, scale float64) string {
	fields := []string{first}
	for i := range dataset.CMUTimings {
		fields = append(fields, formatFloat((100+float64(i))*scale))
	}
	return strings.Join(fields, ",") + "\n"
}

func TestCMUInBothPublishedForms(t *testing.T) {
	const timings = "H.period,DD.period.t,UD.period.t,H.t,DD.t.i,UD.t.i,H.i,DD.i.e,UD.i.e,H.e,DD.e.five,UD.e.five," +
		"H.five,DD.five.Shift.r,UD.five.Shift.r,H.Shift.r,DD.Shift.r.o,UD.Shift.r.o,H.o,DD.o.a,UD.o.a,H.a,DD.a.n,UD.a.n," +
		"H.n,DD.n.l,UD.n.l,H.l,DD.l.Return,UD.l.Return,H.Return\n"
	for name, files := range map[string]map[string]string{
		"milliseconds": {"cmu_dsl_ms.csv": "subject_index,sessionIndex,rep," + timings + cmuRow("s1,2,1", 1) + cmuRow("s1,1,2", 1) + cmuRow("s1,1,1", 1)},
		"seconds":      {"DSL-StrongPasswordData.csv": "subject,sessionIndex,rep," + timings + cmuRow("s1,1,1", 1e-3) + cmuRow("s1,1,2", 1e-3) + cmuRow("s1,2,1", 1e-3)},
	} {
		people, err := dataset.ReadCMU(folder(t, files), dataset.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(people) != 1 || people[0].ID != "s1" || len(people[0].Repetitions) != 3 {
			t.Fatalf("%s: got %+v, want one person with three repetitions", name, people)
		}
		for i, want := range []dataset.Repetition{{Session: 1, Rep: 1}, {Session: 1, Rep: 2}, {Session: 2, Rep: 1}} {
			got := people[0].Repetitions[i]
			if got.Session != want.Session || got.Rep != want.Rep || math.Abs(got.TimingsMS[30]-130) > 1e-9 {
				t.Errorf("%s: repetition %d is %+v, want session %d, rep %d and 130 ms last", name, i, got, want.Session, want.Rep)
			}
		}
	}
}
