// Package browsertest holds the tests that run the web SDK's shipped files in a real Chromium, against a server of their
// own. There is nothing in it to import.
package browsertest
