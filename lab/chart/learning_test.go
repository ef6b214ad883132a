package chart

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

const table = `[{"people":1200,"metric":"b","value":0.2,"low":0.1,"high":0.3},{"people":50,"metric":"b","value":0.4,"low":0.4,"high":0.4},
	{"people":70,"metric":"a","value":-1,"low":-2,"high":0}]`

func TestReadLearning(t *testing.T) {
	got, err := ReadLearning(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	want := []Learnt{{70, "a", -1, -2, 0}, {50, "b", 0.4, 0.4, 0.4}, {1200, "b", 0.2, 0.1, 0.3}}
	if len(got) != len(want) {
		t.Fatalf("%d points, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("point %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestBadLearningCurves(t *testing.T) {
	point := `{"people":50,"metric":"a","value":1,"low":1,"high":1}`
	many := ""
	for _, name := range "abcde" {
		many += "," + strings.Replace(point, `"a"`, `"`+string(name)+`"`, 1)
	}
	for name, raw := range map[string]string{
		"nothing": "", "cut": `[{"people":50`, "no array": point, "empty": "[]", "more": "[" + point + "]x", "twice": "[" + point + "," + point + "]",
		"unknown member": `[{"people":50,"metric":"a","value":1,"low":1,"high":1,"who":"me"}]`,
		"nobody":         `[{"people":0,"metric":"a","value":1,"low":1,"high":1}]`,
		"no name":        `[{"people":5,"value":1,"low":1,"high":1}]`,
		"outside":        `[{"people":5,"metric":"a","value":3,"low":1,"high":2}]`,
		"not finite":     `[{"people":5,"metric":"a","value":1e999,"low":1,"high":2}]`,
		"NaN":            `[{"people":5,"metric":"a","value":NaN,"low":1,"high":2}]`,
		"five metrics":   "[" + many[1:] + "]",
	} {
		if _, err := ReadLearning(strings.NewReader(raw)); !errors.Is(err, ErrTable) {
			t.Errorf("%s: %v, want %v", name, err, ErrTable)
		}
	}
}

func FuzzReadLearning(f *testing.F) {
	f.Add(table)
	f.Add("[]")
	f.Add(`[{"people":50,"metric":"a","value":1e308,"low":-1e308,"high":1e308},{"people":2147483647,"metric":"a","value":1,"low":1,"high":1}]`)
	f.Fuzz(func(t *testing.T, raw string) {
		points, err := ReadLearning(strings.NewReader(raw))
		if err != nil {
			return
		}
		for i, p := range points {
			if p.People < 1 || !(p.Low <= p.Value && p.Value <= p.High) {
				t.Errorf("point %d is %+v", i, p)
			}
		}
		c, err := Learning(Unit{"error (%)", 0.01}, points)
		if err != nil {
			t.Fatalf("%q is read but not drawn: %v", raw, err)
		}
		var b bytes.Buffer
		if err := c.SVG(&b); err != nil {
			t.Errorf("%q is not written: %v", raw, err)
		}
	})
}
