package presence

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed weights/*.json
var weightFiles embed.FS

// builtIn gives the weights of a file that is part of the program; a test checks each. W must be ready for use once it has
// passed Check.
func builtIn[W any, P interface {
	*W
	Check() error
}](name string) W {
	var w W
	raw, err := weightFiles.ReadFile("weights/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(raw, &w)
	}
	if err == nil {
		err = P(&w).Check()
	}
	if err != nil {
		panic(fmt.Sprintf("presence: weights/%s.json: %v", name, err))
	}
	return w
}

func shippedKeys() KeyWeights { return builtIn[KeyWeights]("keyboard") }

func shippedPointers(name string) PointerWeights { return builtIn[PointerWeights]("pointer-" + name) }
