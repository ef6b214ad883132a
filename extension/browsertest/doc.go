// Package browsertest holds the tests that run the extension as it is installed: the built folder in a real Chromium, set up
// by managed policy, reporting to a real ipse server in this process. There is nothing in it to import.
package browsertest
