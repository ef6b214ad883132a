package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Errors by which a caller tells what is wrong with a folder.
var (
	ErrNotFound = errors.New("dataset: the folder does not hold this data set")
	ErrMixed    = errors.New("dataset: the folder is mixed up")
)

// searchDepth is how many levels below the given folder a set is looked for.
const searchDepth = 4

// entry is one name in a folder, cheap to match against.
type entry struct {
	name string
	dir  bool
}

// Find gives the folder of the named set: dir itself, the place below dir where sets are usually unpacked
// (keystroke/aalto, mouse/sapimouse, …), or the only folder below dir that looks like it. It fails with ErrNotFound or
// ErrMixed.
func Find(set, dir string) (string, error) {
	r, ok := readers[set]
	if !ok {
		return "", fmt.Errorf("dataset: unknown data set %q", set)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	if !info.IsDir() {
		return "", fmt.Errorf("%w: %s is a file; give the folder of %s or one that contains it", ErrNotFound, dir, r.title)
	}
	for _, candidate := range []string{dir, filepath.Join(dir, r.subdir), filepath.Join(dir, filepath.Base(r.subdir))} {
		if r.in(candidate) {
			return candidate, unmixed(set, candidate)
		}
	}
	found, err := r.below(dir)
	if err != nil {
		return "", fmt.Errorf("dataset: search %s: %w", dir, err)
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("%w: %s in %s: want %s%s", ErrNotFound, r.title, dir, r.holds, describe(dir))
	case 1:
		return found[0], unmixed(set, found[0])
	}
	return "", fmt.Errorf("%w: %s lies below %s more than once (%s and %s); give one of these folders",
		ErrMixed, r.title, dir, found[0], found[1])
}

// in reports whether dir itself is a folder of the set.
func (r reader) in(dir string) bool {
	return slices.ContainsFunc(list(dir), func(e entry) bool { return r.match(dir, e) })
}

func (r reader) below(dir string) ([]string, error) {
	var found []string
	depth := strings.Count(filepath.Clean(dir), string(filepath.Separator))
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		if r.in(path) {
			found = append(found, path)
			return fs.SkipDir
		}
		if strings.Count(path, string(filepath.Separator))-depth >= searchDepth {
			return fs.SkipDir
		}
		return nil
	})
	return found, err
}

// unmixed fails when the folder holds another set's files beside the named one's. Recordings may lie anywhere: they say
// themselves whose they are.
func unmixed(set, dir string) error {
	for _, other := range slices.Sorted(maps.Keys(readers)) {
		if other == set || other == Recordings || set == Recordings {
			continue
		}
		if r := readers[other]; r.in(dir) {
			return fmt.Errorf("%w: %s holds %s, but also %s (%s); keep each data set in a folder of its own",
				ErrMixed, dir, readers[set].title, r.title, r.holds)
		}
	}
	return nil
}

// describe says what a folder holds instead of what was looked for.
func describe(dir string) string {
	entries := list(dir)
	if len(entries) == 0 {
		return "; the folder is empty"
	}
	for _, other := range slices.Sorted(maps.Keys(readers)) {
		if readers[other].in(dir) {
			return fmt.Sprintf("; this is a folder of %s, protocol %s", readers[other].title, other)
		}
	}
	return ""
}

// list gives the names in a folder that a person put there; none when it cannot be read.
func list(dir string) []entry {
	read, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []entry
	for _, e := range read {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		isDir := e.IsDir()
		if e.Type()&fs.ModeSymlink != 0 {
			if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil {
				isDir = info.IsDir()
			}
		}
		out = append(out, entry{name: e.Name(), dir: isDir})
	}
	return out
}

// matching lists the names in dir that match, in natural order.
func matching(dir string, match func(string, entry) bool) []string {
	var names []string
	for _, e := range list(dir) {
		if match(dir, e) {
			names = append(names, e.name)
		}
	}
	slices.SortFunc(names, naturalOrder)
	return names
}

// naturalOrder puts user2 before user10.
func naturalOrder(a, b string) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		if isDigit(a[i]) && isDigit(b[j]) {
			ni, nj := digits(a[i:]), digits(b[j:])
			x, y := strings.TrimLeft(a[i:i+ni], "0"), strings.TrimLeft(b[j:j+nj], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			i, j = i+ni, j+nj
			continue
		}
		if a[i] != b[j] {
			return cmp.Compare(a[i], b[j])
		}
		i, j = i+1, j+1
	}
	return cmp.Or(cmp.Compare(len(a)-i, len(b)-j), cmp.Compare(a, b))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// prefixed reports whether s is prefix followed by digits only.
func prefixed(s, prefix string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	return ok && rest != "" && digits(rest) == len(rest)
}
