// Command preview serves the console with made-up sessions, for whoever works on its pages. It is no part of the
// product.
//
//	go run ./console/internal/preview -listen 127.0.0.1:7480
//
// One of the sessions moves on every few seconds, so that live updates can be seen.
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"os"
	"time"

	"ipse.dev/ipse/console"
	"ipse.dev/ipse/console/consoletest"
	"ipse.dev/ipse/internal/budget"
	"ipse.dev/ipse/internal/observation"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:7480", "address to serve on")
	crowd := flag.Int("crowd", 0, "how many more sessions to make up")
	empty := flag.Bool("empty", false, "show no session at all")
	shadow := flag.Bool("shadow", false, "show it as in shadow mode")
	still := flag.Bool("still", false, "let nothing change")
	correct := flag.Bool("correct", false, "let reviewers put references right")
	flag.Parse()
	if err := serve(*listen, *crowd, *empty, *still, *shadow, *correct); err != nil {
		fmt.Fprintln(os.Stderr, "preview:", err)
		os.Exit(1)
	}
}

func serve(listen string, crowd int, empty, still, shadow, correct bool) error {
	source := new(consoletest.Source)
	if empty {
		source.PutBudget(console.BudgetReport{Promise: 1000, Fact: budget.Fact{Standing: budget.TooFew}, InForce: 2, Shown: true})
	} else {
		source = consoletest.Desk(time.Now())
	}
	source.Crowd(crowd, time.Now())
	var allowed console.Corrections
	if correct {
		allowed = source
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	c, err := console.New(console.Options{
		Sessions: source, Cases: source, Budget: source, Subjects: source, Corrections: allowed, Shadow: shadow, BaseURL: "http://" + listen, Logger: logger,
		Announce: func(link string) { fmt.Println(link) },
	})
	if err != nil {
		return err
	}
	if !empty && !still {
		go move(source)
	}
	fmt.Println(c.OneTimeLink())
	return http.ListenAndServe(listen, c.Handler())
}

// move lets the trust of one session rise and fall.
func move(source *consoletest.Source) {
	from := time.Now().Add(-20 * time.Minute)
	for i := 0; ; i++ {
		now := time.Now()
		d := consoletest.Trusted("s-trusted", "k7vq2m3xw4r8", from, now)
		d.Trust = 0.5 + 0.49*math.Sin(float64(i)/3)
		d.Path = append(d.Path, console.PathPoint{At: now, Trust: d.Trust, Level: d.Level, Modality: observation.Keyboard})
		source.Put(d)
		time.Sleep(2 * time.Second)
	}
}
