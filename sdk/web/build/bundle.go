package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const banner = "/*! ipse web collector, Apache-2.0: it learns rhythm and never reads which key is pressed */"

// declarations end the type declarations, whose types are those of src/api.ts.
const declarations = `
/** Prepares one session's collector. Nothing happens before its start(). */
export declare function createIpse(options: Options): Ipse;

/** Prepares and starts in one call. */
export declare function start(options: Options): Ipse;

/** Under this name a classic script finds the two functions. */
export as namespace ipse;
`

// targets are browsers of the last four years or so.
var targets = []api.Engine{
	{Name: api.EngineChrome, Version: "100"},
	{Name: api.EngineFirefox, Version: "100"},
	{Name: api.EngineSafari, Version: "15.4"},
}

// later leaves what is imported at run time to a script of its own, beside the one that imports it.
var later = api.Plugin{Name: "later", Setup: func(build api.PluginBuild) {
	build.OnResolve(api.OnResolveOptions{Filter: `^\./reporting\.ts$`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		if args.Kind != api.ResolveJSDynamicImport {
			return api.OnResolveResult{}, nil
		}
		return api.OnResolveResult{Path: "./ipse-session.mjs", External: true}, nil
	})
}}

// bundle gives the files of dist by their names.
func bundle(dir string) (map[string][]byte, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	outputs := map[string][]byte{}
	for _, b := range []struct {
		source, out string
		format      api.Format
	}{
		{"src/classic.ts", "dist/ipse.js", api.FormatIIFE},
		{"src/ipse.ts", "dist/ipse.mjs", api.FormatESModule},
		{"src/reporting.ts", "dist/ipse-session.mjs", api.FormatESModule},
		{"src/worker.ts", "dist/ipse-worker.js", api.FormatIIFE},
	} {
		result := api.Build(api.BuildOptions{
			AbsWorkingDir:     dir,
			EntryPoints:       []string{b.source},
			Outfile:           b.out,
			Bundle:            true,
			Format:            b.format,
			Platform:          api.PlatformBrowser,
			Engines:           targets,
			Charset:           api.CharsetUTF8,
			MinifySyntax:      true,
			MinifyWhitespace:  true,
			MinifyIdentifiers: true,
			Sourcemap:         api.SourceMapLinked,
			SourcesContent:    api.SourcesContentInclude,
			Banner:            map[string]string{"js": banner},
			LegalComments:     api.LegalCommentsInline,
			LogLevel:          api.LogLevelSilent,
			Plugins:           []api.Plugin{later},
			TsconfigRaw:       `{"compilerOptions":{"target":"ES2022","useDefineForClassFields":true}}`,
		})
		if len(result.Errors) > 0 {
			return nil, errors.New(strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), "\n"))
		}
		for _, file := range result.OutputFiles {
			outputs[filepath.Base(file.Path)] = file.Contents
		}
	}
	types, err := os.ReadFile(filepath.Join(dir, "src", "api.ts"))
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	outputs["ipse.d.ts"] = append(types, declarations...)
	return outputs, nil
}
