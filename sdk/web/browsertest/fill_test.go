package browsertest

import (
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/autofill"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"

	"ipse.dev/ipse/internal/observation"
)

// A browser that fills a form from what it has kept does so by events of its own. They are no keys and no evidence: what is typed
// around them is remarked on as pasted work is.
func TestAFormThatTheBrowserFillsIsNoEvidence(t *testing.T) {
	d := openPage(t, embedding{csp: foreignPolicy, body: `<form><input id="given" autocomplete="given-name"><input id="family" autocomplete="family-name">
<input id="street" autocomplete="street-address"><input id="town" autocomplete="address-level2"><input id="code" autocomplete="postal-code"></form>
<form><input id="given2" autocomplete="given-name"><input id="family2" autocomplete="family-name">
<input id="street2" autocomplete="street-address"><input id="town2" autocomplete="address-level2"><input id="code2" autocomplete="postal-code"></form>`})
	d.start()
	d.byHand("field", 10)
	d.fill("given")
	d.filled("town")
	d.run(chromedp.Sleep(600 * time.Millisecond)) // what follows at once is the same form
	d.fill("given2")
	d.filled("town2")
	d.byHand("field", 20)
	o := d.windows(1, "around two forms that the browser filled")[0]
	if o.Events != 30 || o.Liveness.UntrustedShare != 0 {
		t.Errorf("%d strokes, untrusted share %g; want the 30 that were typed, and 0", o.Events, o.Liveness.UntrustedShare)
	}
	if o.Liveness.Pastes != 2 || !slices.Contains(o.Quality, observation.PasteHeavy) || slices.Contains(o.Quality, observation.LostEvents) {
		t.Errorf("%d pastes, flags %v; want one for each form, paste_heavy and not lost_events", o.Liveness.Pastes, o.Quality)
	}
	d.unbroken()
}

// filled waits until a form has been filled as far as a field of it.
func (d *desk) filled(field string) {
	d.t.Helper()
	d.until("the browser has filled "+field, func() bool {
		return evaluate[bool](d, "document.getElementById('"+field+"').value === 'Utrecht'")
	})
}

// fill lets the browser fill the form of a field, as from an address that it has kept.
func (d *desk) fill(field string) {
	d.t.Helper()
	d.do("document.getElementById('" + field + "').focus()")
	document, err := chromedp.Call(d.ctx, dom.GetDocument, dom.GetDocumentParams{})
	if err != nil {
		d.t.Fatal(err)
	}
	node, err := chromedp.Call(d.ctx, dom.QuerySelector, dom.QuerySelectorParams{NodeID: document.Root.NodeID, Selector: "#" + field})
	if err != nil {
		d.t.Fatal(err)
	}
	described, err := chromedp.Call(d.ctx, dom.DescribeNode, dom.DescribeNodeParams{NodeID: node.NodeID})
	if err != nil {
		d.t.Fatal(err)
	}
	address := &autofill.Address{Fields: []*autofill.AddressField{
		{Name: "NAME_FIRST", Value: "Mila"}, {Name: "NAME_LAST", Value: "Visser"}, {Name: "ADDRESS_HOME_STREET_ADDRESS", Value: "Oudegracht 1"},
		{Name: "ADDRESS_HOME_CITY", Value: "Utrecht"}, {Name: "ADDRESS_HOME_ZIP", Value: "3511 AB"}, {Name: "ADDRESS_HOME_COUNTRY", Value: "NL"},
	}}
	_, err = chromedp.Call(d.ctx, autofill.Trigger, autofill.TriggerParams{FieldID: described.Node.BackendNodeID, Address: address})
	if err != nil {
		d.t.Fatalf("the browser fills no form: %v", err)
	}
}
