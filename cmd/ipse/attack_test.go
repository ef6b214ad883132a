package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"ipse.dev/ipse/internal/app"
	"ipse.dev/ipse/internal/redteam"
	"ipse.dev/ipse/internal/redteam/browser"
)

// The command attacks a server of its own that runs as an operator's does.
func TestAttackScripts(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	server, err := app.Start(t.Context(), app.Options{
		Data: data, Listen: "127.0.0.1:0", AlertsPer1000PerDay: app.DefaultAlerts, Patience: time.Minute, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := server.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	t.Run("scripts", func(t *testing.T) {
		testscript.Run(t, testscript.Params{
			Dir: filepath.Join("testdata", "attack"),
			Setup: func(e *testscript.Env) error {
				e.Setenv("SERVER", server.URL())
				e.Setenv("KEY", filepath.Join(data, "api-key"))
				return nil
			},
		})
	})
}

// Whoever copies an example out of the help gets what it promises.
func TestAttacksThatTheHelpNamesExist(t *testing.T) {
	known := map[string]bool{}
	for _, a := range redteam.Attacks() {
		known[a.Name], known[a.Channel()] = true, true
	}
	for _, a := range browser.Attacks() {
		known[a.Name] = true
	}
	examples := regexp.MustCompile(`such as ([a-z.-]+)(?: or ([a-z.-]+))?[;,]`)
	for _, command := range []any{attackServer{}, attackPage{}} {
		field, _ := reflect.TypeOf(command).FieldByName("Attacks")
		named := examples.FindStringSubmatch(field.Tag.Get("help"))
		if named == nil {
			t.Errorf("%T: the help %q has no example", command, field.Tag.Get("help"))
			continue
		}
		for _, name := range named[1:] {
			if name != "" && !known[name] {
				t.Errorf("%T: the help names the attack %q, which does not exist", command, name)
			}
		}
	}
}
