// Package browser attacks a page of one's own that carries ipse: it drives the page in a Chromium of this machine as
// automation, macros and agents do, and reads in the page's own reports what the server made of it.
//
// In: a page's address that a redteam.Guard lets through. Out: redteam's outcomes. The browser reaches nothing that the
// guard does not let through: every request is checked, and names that are not listed are found nowhere.
package browser

import (
	"cmp"
	"context"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/client"
	"ipse.dev/ipse/internal/policy"
	"ipse.dev/ipse/internal/redteam"
)

// Page is a page of one's own.
type Page struct {
	URL      string
	Guard    redteam.Guard
	Before   string // JavaScript to run once the page is loaded; may lead to another page of one's own
	Field    string // CSS selector of the field to type into
	Chromium string // the browser's file; found in PATH when empty
	For      time.Duration
	Seed     uint64
	Progress func(a Attack, atSeconds float64) // may be nil

	// API, when set, is the page's server as an application's back end asks it, over the Guard's HTTP client: the replies to a
	// page carry no reasons. It also erases what the attacks leave behind.
	API *client.Client
	// Erase erases, after each attack, whoever the page was signed in as, with all that is known of them. Only for pages
	// that sign in a test subject; needs API.
	Erase bool
	Warn  func(error) // hears of what could not be erased; may be nil

	waits waits // the usual ones when zero
}

// Subject stands, in the address and in the script that runs before an attack, for a test subject of the attack's own: a new
// user id each time. On one and the same subject an attack would be taken for the replay of an earlier one.
const Subject = "{subject}"

// OwnSubjects reports whether each attack meets a test subject that no other has met.
func (p *Page) OwnSubjects() bool {
	return p.Erase || strings.Contains(p.URL, Subject) || strings.Contains(p.Before, Subject)
}

// Attack is one way to drive a page.
type Attack struct {
	Name   string
	Doc    string
	Want   redteam.Want
	driven bool // the browser may say that it is driven
	act    func(*hands) error
}

// Attacks lists every attack on a page.
func Attacks() []Attack { return slices.Clone(attacks) }

// Choose gives the attacks of these names, all if there is none; redteam.ErrUnknownAttack otherwise.
func Choose(names []string) ([]Attack, error) {
	if len(names) == 0 || slices.Contains(names, "all") {
		return Attacks(), nil
	}
	var out []Attack
	for _, name := range names {
		i := slices.IndexFunc(attacks, func(a Attack) bool { return a.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%w %q on a page; ipse attack list names them all", redteam.ErrUnknownAttack, name)
		}
		out = append(out, attacks[i])
	}
	return out, nil
}

// waits bound what is waited for in an attack on a page.
type waits struct {
	start    time.Duration // for the page and its field; the browser is given as long
	refused  time.Duration // for the field, where the page has asked for what is refused
	answer   time.Duration // for the server's first answer to the page's collector; a page may have none
	lastWord time.Duration // for the report of what was done last
	erase    time.Duration // for what an attack leaves behind
}

// usual suits a machine that does little else.
var usual = waits{start: 30 * time.Second, refused: 3 * time.Second, answer: 10 * time.Second, lastWord: 8 * time.Second, erase: 10 * time.Second}

// errNotOpen is the error for a page that does not come to where an attack could begin.
var errNotOpen = errors.New("redteam: the page cannot be attacked")

// Run makes each attack in a browser of its own. An attack that could not be made is in the outcomes with its reason; only
// the end of ctx, or a page that cannot be opened for the first attack, ends a run early, with the error.
func (p *Page) Run(ctx context.Context, attacks []Attack) ([]redteam.Outcome, error) {
	var out []redteam.Outcome
	for i, a := range attacks {
		o := redteam.Outcome{Attack: a.Name, Doc: a.Doc, Want: a.Want, Verdict: redteam.NotMade}
		own := *p
		own.waits = cmp.Or(p.waits, usual)
		subject := "redteam-" + strings.ToLower(cryptorand.Text()[:12])
		named := strings.NewReplacer(Subject, subject, url.QueryEscape(Subject), subject)
		own.URL, own.Before = named.Replace(p.URL), named.Replace(p.Before)
		failed := own.attack(ctx, a, &o)
		if failed != nil {
			o.Problem = failed.Error()
		}
		if own.URL != p.URL || own.Before != p.Before {
			own.erase(ctx, subject)
		}
		if err := ctx.Err(); err != nil {
			return out, err
		}
		if i == 0 && (errors.Is(failed, errNotOpen) || errors.Is(failed, redteam.ErrForeign)) {
			return nil, failed
		}
		out = append(out, o)
	}
	return out, nil
}

// erase takes a test subject away again that was made for one attack.
func (p *Page) erase(ctx context.Context, subject string) {
	if p.API == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.waits.erase)
	defer cancel()
	if err := redteam.Erase(ctx, p.API, subject); err != nil && p.Warn != nil {
		p.Warn(err)
	}
}

// attack makes one attack in a browser of its own.
func (p *Page) attack(ctx context.Context, a Attack, o *redteam.Outcome) error {
	u, err := p.Guard.Address(ctx, p.URL)
	if err != nil {
		return err
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.DisableGPU, chromedp.WindowSize(1280, 800), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", p.Guard.BrowserRules(u)))
	if os.Geteuid() == 0 { // Chromium's sandbox refuses to run as root
		options = append(options, chromedp.NoSandbox)
	}
	if p.Chromium != "" {
		options = append(options, chromedp.ExecPath(p.Chromium))
	}
	if !a.driven {
		options = append(options, chromedp.Flag("enable-automation", false), chromedp.Flag("disable-blink-features", "AutomationControlled"))
	}
	ctx, stopAllocator := chromedp.NewExecAllocator(ctx, options...)
	defer stopAllocator()
	ctx, stopBrowser := chromedp.NewContext(ctx)
	defer stopBrowser()
	ctx, stopWaiting := context.WithTimeout(ctx, p.For+2*p.waits.start+p.waits.answer+p.waits.lastWord)
	defer stopWaiting()
	watch := newWatch(p.Guard)
	if err := watch.begin(ctx); err != nil {
		return fmt.Errorf("%w: Chromium does not start; install it, or name it with --chromium: %w", errNotOpen, err)
	}
	if err := p.open(ctx, watch); err != nil {
		return err
	}
	return p.play(ctx, a, watch, o)
}

// open loads the page, waits for its field and for what collects, and puts the cursor into the field.
func (p *Page) open(ctx context.Context, w *watch) error {
	if err := p.load(ctx, w); err != nil {
		return err
	}
	for deadline := time.Now().Add(p.waits.answer); w.standing().answer == "" && time.Now().Before(deadline); {
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	if err := sleep(ctx, time.Second); err != nil { // for the collector's worker, of which nobody tells
		return err
	}
	return chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf("document.querySelector(%q).focus(); undefined", p.Field)))
}

// load loads the page until its field is there.
func (p *Page) load(ctx context.Context, w *watch) error {
	ctx, cancel := context.WithTimeout(ctx, p.waits.start)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(p.URL)); err != nil {
		return fmt.Errorf("%w: it does not load; is the application running at %s? %w", errNotOpen, p.URL, errors.Join(w.refused(), err))
	}
	if p.Before != "" {
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](p.Before+"\n; undefined", chromedp.EvalAwaitPromise)); err != nil {
			return fmt.Errorf("%w: the script of --before fails: %w", errNotOpen, err)
		}
	}
	began := time.Now()
	there := fmt.Sprintf("document.readyState === 'complete' && !!document.querySelector(%q)", p.Field)
	for {
		// While the page leads on to another one there is nothing to ask; the next try sees it.
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](there)); err == nil && ok {
			return nil
		}
		err := sleep(ctx, 200*time.Millisecond)
		if refused := w.refused(); refused != nil && time.Since(began) > p.waits.refused {
			err = refused // what makes the field does perhaps come from there
		}
		if err != nil {
			return fmt.Errorf("%w: it has no field %q to type into; name one with --field: %w", errNotOpen, p.Field, err)
		}
	}
}

// play makes the attack until it is caught or over, and waits for the server's last word.
func (p *Page) play(ctx context.Context, a Attack, w *watch, o *redteam.Outcome) error {
	h := &hands{
		ctx: ctx, field: p.Field, rand: redteam.Random(p.Seed, a.Name), started: time.Now(), limit: p.For,
		caught: func() bool { return w.standing().level == policy.High },
		tell: func(atSeconds float64) {
			if p.Progress != nil {
				p.Progress(a, atSeconds)
			}
		},
	}
	if w.standing().level == policy.High {
		return redteam.ErrHigh
	}
	w.forgetWindows()
	if err := a.act(h); err != nil && !errors.Is(err, errOver) {
		return fmt.Errorf("redteam: the page cannot be driven: %w", errors.Join(w.refused(), err))
	}
	o.Seconds, o.Keys, o.Events = time.Since(h.started).Seconds(), h.keys, h.events
	for deadline := time.Now().Add(p.waits.lastWord); w.standing().level != policy.High && time.Now().Before(deadline); {
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	s := w.standing()
	o.Windows, o.Level, o.Answer, o.Reasons = s.windows, s.level, s.answer, s.reasons
	if err := p.ask(ctx, w.of(), o); err != nil {
		return err
	}
	switch {
	case s.windows > 0:
		o.Verdict = redteam.VerdictOf(*o)
	case s.answer == policy.CannotTell:
		o.Verdict = redteam.Undecided // the collector runs, and takes none of this for behaviour
	default:
		return errors.Join(w.refused(), fmt.Errorf("redteam: the page reported nothing within %s; does it carry ipse, has its server given it a token, and does %q name the field?", p.For, p.Field))
	}
	return nil
}

// ask reads from the server how the session stands and why, and erases its subject where that is wanted.
func (p *Page) ask(ctx context.Context, session string, o *redteam.Outcome) error {
	if p.API == nil || session == "" {
		return nil
	}
	v, err := p.API.Session(ctx, session)
	if err != nil {
		return fmt.Errorf("redteam: read the page's session; is --server the page's own, and the API key that server's? %w", err)
	}
	if p.Erase {
		if err := p.API.Erase(ctx, v.Subject); err != nil && p.Warn != nil {
			p.Warn(fmt.Errorf("redteam: erase whoever the page was signed in as: %w", err))
		}
	}
	level := o.Level
	if err := o.Tell(v); err != nil {
		return err
	}
	if level == policy.High {
		o.Level = level
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
