// Package ipse is the root of the module; its only content is the test that keeps the packages in order. The server and
// the laboratory are in cmd/ipse, what they are made of in internal, console, lab and sdk.
package ipse
