package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"ipse.dev/ipse/internal/app"
)

// parseServe parses a command line as main does.
func parseServe(t *testing.T, args ...string) (serveCommand, error) {
	t.Helper()
	var c cli
	parser, err := kong.New(&c, kong.Name("ipse"), kong.DefaultEnvars("IPSE"), kong.Configuration(readConfig))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(append([]string{"serve"}, args...))
	return c.Serve, err
}

var everyFlag = serveCommand{
	Data: "/srv/ipse", Listen: "127.0.0.1:1", AlertsPer1000PerDay: 0.5, Shadow: true, FollowFact: true, AcceptSimulated: true, RequireSignatures: true, Weights: "research",
	PublicURL: "https://ipse.example", WebhookURL: "https://desk.example/hook", WebhookSecret: "secret", CORSOrigin: []string{"https://a.example", "https://b.example"},
	IgnoreAddresses: true, SharedWorkstations: true, ReviewersCorrect: true, AlarmOn: []string{"remote_control", "virtual_machine"},
	LogLevel: "debug", LogFormat: "json",
}

func TestEveryFlagOfServe(t *testing.T) {
	got, err := parseServe(t, "--data=/srv/ipse", "--listen=127.0.0.1:1", "--alerts-per-1000-per-day=0.5", "--shadow", "--follow-fact", "--accept-simulated", "--require-signatures", "--weights=research",
		"--public-url=https://ipse.example", "--webhook-url=https://desk.example/hook", "--webhook-secret=secret", "--cors-origin=https://a.example", "--cors-origin=https://b.example",
		"--ignore-addresses", "--shared-workstations", "--reviewers-correct", "--alarm-on=remote_control", "--alarm-on=virtual_machine", "--log-level=debug", "--log-format=json")
	if err != nil || !reflect.DeepEqual(got, everyFlag) {
		t.Errorf("got %+v, %v; want %+v", got, err, everyFlag)
	}
}

func TestEveryFlagOfServeInTheEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"IPSE_DATA": "/srv/ipse", "IPSE_LISTEN": "127.0.0.1:1", "IPSE_ALERTS_PER_1000_PER_DAY": "0.5", "IPSE_SHADOW": "true", "IPSE_FOLLOW_FACT": "true", "IPSE_ACCEPT_SIMULATED": "true", "IPSE_REQUIRE_SIGNATURES": "true",
		"IPSE_WEIGHTS": "research", "IPSE_PUBLIC_URL": "https://ipse.example", "IPSE_WEBHOOK_URL": "https://desk.example/hook", "IPSE_WEBHOOK_SECRET": "secret",
		"IPSE_CORS_ORIGIN": "https://a.example,https://b.example", "IPSE_IGNORE_ADDRESSES": "true", "IPSE_SHARED_WORKSTATIONS": "true", "IPSE_REVIEWERS_CORRECT": "true",
		"IPSE_ALARM_ON": "remote_control,virtual_machine", "IPSE_LOG_LEVEL": "debug", "IPSE_LOG_FORMAT": "json",
	} {
		t.Setenv(name, value)
	}
	got, err := parseServe(t)
	if err != nil || !reflect.DeepEqual(got, everyFlag) {
		t.Errorf("got %+v, %v; want %+v", got, err, everyFlag)
	}
}

func TestEveryFlagOfServeInTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ipse.json")
	content := `{"serve":{"data":"/srv/ipse","listen":"127.0.0.1:1","alerts-per-1000-per-day":0.5,"shadow":true,"follow-fact":true,"accept-simulated":true,"require-signatures":true,"weights":"research",
		"public-url":"https://ipse.example","webhook-url":"https://desk.example/hook","webhook-secret":"secret","cors-origin":["https://a.example","https://b.example"],
		"ignore-addresses":true,"shared-workstations":true,"reviewers-correct":true,"alarm-on":["remote_control","virtual_machine"],"log-level":"debug","log-format":"json"}}`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := parseServe(t, "--config="+file)
	if err != nil || !reflect.DeepEqual(got, everyFlag) {
		t.Errorf("got %+v, %v; want %+v", got, err, everyFlag)
	}
	got, err = parseServe(t, "--config="+file, "--listen=127.0.0.1:2")
	if err != nil || got.Listen != "127.0.0.1:2" {
		t.Errorf("the command line against the file: got %s, %v; want the command line's", got.Listen, err)
	}
}

func TestFileWithMistakesIsRefused(t *testing.T) {
	for _, content := range []string{``, `[]`, `{"serve":1}`, `{"listen":"127.0.0.1:1"}`, `{"serv":{}}`, `{"serve":{"listn":"x"}}`, `{"serve":{}}{}`,
		`{"serve":{"log-level":"loud"}}`, `{"serve":{"alerts-per-1000-per-day":"many"}}`} {
		file := filepath.Join(t.TempDir(), "ipse.json")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := parseServe(t, "--config="+file); err == nil {
			t.Errorf("%s was taken, want an error", content)
		}
	}
}

func TestDefaultsOfServe(t *testing.T) {
	got, err := parseServe(t)
	want := serveCommand{Data: "./data", Listen: "127.0.0.1:7473", AlertsPer1000PerDay: app.DefaultAlerts, Weights: "open", LogLevel: "info", LogFormat: "text"}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestServeRefusesWhatIsNoChoice(t *testing.T) {
	for _, arg := range []string{"--log-level=loud", "--log-format=xml", "--alerts-per-1000-per-day=many", "--unknown"} {
		if _, err := parseServe(t, arg); err == nil {
			t.Errorf("%s was taken, want an error", arg)
		}
	}
}

func TestLogger(t *testing.T) {
	for format, want := range map[string]string{"json": `"msg":"hello"`, "text": "msg=hello"} {
		var out bytes.Buffer
		c := serveCommand{LogLevel: "warn", LogFormat: format}
		logger, err := c.logger(&out)
		if err != nil {
			t.Fatal(err)
		}
		logger.Log(t.Context(), slog.LevelInfo, "quiet")
		logger.Log(t.Context(), slog.LevelWarn, "hello")
		if got := out.String(); !strings.Contains(got, want) || strings.Contains(got, "quiet") {
			t.Errorf("%s: got %q, want %s and nothing below warn", format, got, want)
		}
	}
}

func TestServeIsRefusedByUsageErrors(t *testing.T) {
	open := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(open, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]serveCommand{
		"an open folder": {Data: open, Listen: "127.0.0.1:0", AlertsPer1000PerDay: 1, Weights: "open", LogLevel: "error"},
		"no weights":     {Data: open, Listen: "127.0.0.1:0", AlertsPer1000PerDay: 1, Weights: "nobody's", LogLevel: "error"},
		"no such level":  {Data: open, Listen: "127.0.0.1:0", AlertsPer1000PerDay: 1, Weights: "open", LogLevel: "loud"},
	} {
		if err := c.Run(t.Context()); !isUsage(err) {
			t.Errorf("%s: got %v, want an error of usage", name, err)
		}
	}
}

// 0 must not pass for the default budget.
func TestServeWantsABudget(t *testing.T) {
	for _, alerts := range []float64{0, -1, math.NaN()} {
		c := serveCommand{Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0", AlertsPer1000PerDay: alerts, Weights: "open", LogLevel: "error"}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.Run(ended); !isUsage(err) || !strings.Contains(err.Error(), "alerts-per-1000-per-day") {
			t.Errorf("%g alerts: got %v, want an error of usage that names the flag", alerts, err)
		}
	}
}

func isUsage(err error) bool {
	var usage errUsage
	return errors.As(err, &usage)
}

func TestVersionNamesTheWeights(t *testing.T) {
	var out bytes.Buffer
	if err := (&versionCommand{}).write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ipse ", "weights open: keyboard ", "weights research: keyboard "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got %q, want %q in it", out.String(), want)
		}
	}
}
