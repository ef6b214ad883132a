package browsertest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/target"
)

// policyFeed gives the browser a managed policy for the extension.
type policyFeed interface {
	// program is the browser's program.
	program() string
	// attach is called once the browser has started.
	attach(b *browser)
	// set replaces the policy; nil removes it.
	set(policy any)
}

// mounted feeds the policy as an administrator does: by a file under /etc/chromium, which is a folder of the test's own in
// the browser's mount namespace, so that the machine's /etc stays as it is. Where the machine allows no such namespace it
// gives the next best, and says so.
func mounted(t *testing.T) policyFeed {
	t.Helper()
	etc := t.TempDir()
	f := &mountedPolicy{t: t, file: filepath.Join(etc, "policies", "managed", "ipse.json"), launcher: filepath.Join(t.TempDir(), "chromium")}
	if err := os.MkdirAll(filepath.Dir(f.file), 0o755); err != nil {
		t.Fatal(err)
	}
	f.set(nil)
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("these tests need Chromium (Debian's package chromium): %v", err)
	}
	mount := fmt.Sprintf(`exec unshare --user --map-root-user --mount sh -c 'mount --bind "%s" /etc/chromium && exec "$@"' sh`, etc)
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", mount+" true").CombinedOutput(); err != nil {
		t.Logf("no mount namespace here (%v: %s): the policy is told to the extension's worker instead of the browser", err, out)
		return told(t)
	}
	script := fmt.Sprintf("#!/bin/sh\n%s %s \"$@\"\n", mount, chromium)
	if err := os.WriteFile(f.launcher, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return f
}

type mountedPolicy struct {
	t              *testing.T
	file, launcher string
}

func (f *mountedPolicy) program() string { return f.launcher }
func (f *mountedPolicy) attach(*browser) {}

func (f *mountedPolicy) set(policy any) {
	f.t.Helper()
	content := map[string]any{}
	if policy != nil {
		content["3rdparty"] = map[string]any{"extensions": map[string]any{extensionID: policy}}
	}
	raw, err := json.Marshal(content)
	if err == nil {
		err = os.WriteFile(f.file, raw, 0o600)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// told feeds the policy into the extension's worker, in the place of the browser's store. Everything behind the store is
// as in a browser under management.
func told(t *testing.T) policyFeed {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("these tests need Chromium (Debian's package chromium): %v", err)
	}
	return &toldPolicy{t: t, chromium: chromium}
}

type toldPolicy struct {
	t        *testing.T
	chromium string
	worker   *tab // while it is attached to, the browser does not end it
}

func (f *toldPolicy) program() string { return f.chromium }

func (f *toldPolicy) attach(b *browser) {
	f.worker = b.attach("the extension's worker runs", func(i *target.Info) bool {
		return i.Type == "service_worker" && strings.HasPrefix(i.URL, own(""))
	})
}

func (f *toldPolicy) set(policy any) {
	f.t.Helper()
	if policy == nil {
		policy = map[string]any{}
	}
	raw, err := json.Marshal(policy)
	if err != nil {
		f.t.Fatal(err)
	}
	f.worker.do(fmt.Sprintf(`chrome.storage.managed.get = async () => (%s); chrome.storage.onChanged.dispatch({}, 'managed')`, raw))
}
