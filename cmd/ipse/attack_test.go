package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"ipse.dev/ipse/internal/app"
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
