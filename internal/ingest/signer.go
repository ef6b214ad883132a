package ingest

import (
	"context"
	"slices"

	"ipse.dev/ipse/internal/bus"
	"ipse.dev/ipse/internal/problem"
)

// Sender is where a report came from, as far as it was verified.
type Sender struct {
	Address string // tag of the network, empty where it does not matter
	Signer  string // thumbprint of the key that has signed the report, empty where none has
	Stamp   int64  // that it was signed under; 0 where nobody has signed
}

// stampsKept is how many reports of a session may overtake one another on their way.
const stampsKept = 32

// checkSigner refuses a report that the session's own key has not signed.
func (g *Gate) checkSigner(s Session, signer string) *problem.Problem {
	switch {
	case signer == s.Signer && (signer != "" || !g.RequireSignatures):
		return nil
	case signer == "" && s.Signer != "":
		return problem.New(problem.SignatureMissing, "the session's reports are signed and this one is not: sign it by the session's key, or let the user sign in again in the application")
	case signer == "":
		return problem.New(problem.SignatureMissing, "this server takes signed reports only: load the SDK or agent that belongs to the server, and the page by https, without which browsers do not sign")
	case s.Signer != "":
		return problem.New(problem.SignerOther, "the session belongs to the key of another browser or machine: where this one's data was cleared, let the user sign in again in the application, which frees the session")
	}
	return nil
}

// checkStamp refuses a signature that was accepted before. The caller holds e and has loaded it.
func (e *entry) checkStamp(from Sender) *problem.Problem {
	if from.Signer == "" {
		return nil
	}
	floor := e.session.SignedThrough // of what is not known any more
	if len(e.stamps) > 0 {
		floor = e.stamps[0] - 1
	}
	if _, used := slices.BinarySearch(e.stamps, from.Stamp); !used && from.Stamp > floor {
		return nil
	}
	through := e.session.SignedThrough
	p := problem.New(problem.SignatureReplayed, "a report with this signature's stamp, or a later one, was taken before: sign each report anew, under a stamp above signedThrough")
	p.SignedThrough = &through
	return p
}

// noteStamp remembers the stamp of a report that was accepted. Its lowest one is the floor below which all were used.
func (e *entry) noteStamp(from Sender) {
	if from.Signer == "" {
		return
	}
	if len(e.stamps) == 0 {
		e.stamps = append(e.stamps, e.session.SignedThrough)
	}
	at, _ := slices.BinarySearch(e.stamps, from.Stamp)
	e.stamps = slices.Insert(e.stamps, at, from.Stamp)
	if len(e.stamps) > stampsKept {
		e.stamps = slices.Delete(e.stamps, 0, 1)
	}
	e.session.SignedThrough = max(e.session.SignedThrough, from.Stamp)
}

// bind publishes a collector's envelope. Where the report is signed the session belongs to its key from then on.
func (g *Gate) bind(ctx context.Context, e *entry, from Sender, envelope bus.Envelope) (Receipt, error) {
	before, stamps := e.session, slices.Clone(e.stamps)
	if from.Signer != "" {
		e.session.Signer = from.Signer
		e.noteStamp(from)
	}
	r, err := g.publish(ctx, e, envelope)
	if err != nil { // nothing was accepted, so nothing was used; where that is not known, it is read from the queue
		e.session, e.stamps = before, stamps
	}
	return r, err
}
