package presence

// Default gives the judge that the server uses.
func Default() Judge {
	return Judge{Signals: append([]Signal{
		automation,
		twoPeople,
		replayed,
	}, append(shippedKeys().Signals(), shippedPointers()...)...)}
}
