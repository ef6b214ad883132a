// Command export writes what a collector sees of the recorded people of a data set, as arrays that train/data.py reads:
// strokes as package window pairs them, by class, pointer events, and what strokes of fingers come to. It goes to a folder outside of the repository,
// because it reproduces the data.
//
// People whom lab/fit keeps unseen are never written, so no training can see them by mistake. The one exception must be
// asked for: -known balabit writes the training files of all of its people, for weights that are measured as having seen them.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"ipse.dev/ipse/lab/dataset"
	"ipse.dev/ipse/lab/fit"
)

func main() {
	data := flag.String("data", "", "folder of the unpacked data sets")
	out := flag.String("out", "", "folder to write to, outside of the repository")
	sets := flag.String("sets", "bbmas,villani,aalto,sapimouse,balabit", "data sets to write, separated by commas")
	known := flag.String("known", "", "a set to write with the people kept unseen, too: what learns from it has seen everybody (balabit)")
	flag.Parse()
	if err := run(*data, *out, strings.Split(*sets, ","), *known); err != nil {
		fmt.Fprintln(os.Stderr, "export:", err)
		os.Exit(2)
	}
}

func run(data, out string, sets []string, known string) error {
	if known != "" && known != dataset.Balabit {
		return fmt.Errorf("-known %s: only %s keeps sessions apart that test people whom the weights know; the unseen people of other sets stay unseen", known, dataset.Balabit)
	}
	if data == "" || out == "" {
		return fmt.Errorf("-data and -out are needed: the folder of the data sets and a folder outside of the repository")
	}
	if root, inside := repository(out); inside {
		return fmt.Errorf("%s lies inside the repository %s; recorded behaviour stays outside, take another folder", out, root)
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	for _, set := range sets {
		n, err := export(set, data, out, set == known)
		if err != nil {
			return fmt.Errorf("%s: %w", set, err)
		}
		fmt.Printf("%s: %d people\n", set, n)
	}
	return nil
}

// repository tells whether a folder lies below one that holds a go.mod or a .git.
func repository(dir string) (root string, inside bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	for {
		for _, mark := range []string{"go.mod", ".git"} {
			if _, err := os.Stat(filepath.Join(dir, mark)); err == nil {
				return dir, true
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// export writes one set; when it is known, everybody's enrolment, whatever their role.
func export(set, data, out string, known bool) (people int, err error) {
	w, err := create(out, set)
	if err != nil {
		return 0, err
	}
	opt := dataset.Options{OnMalformed: func(*dataset.RowError) error { return nil }}
	err = dataset.Read(set, data, opt, func(p dataset.Person) error {
		role := fit.RoleOf(set, p.ID)
		if known {
			role = fit.Background
		}
		if role == fit.Unseen {
			return nil
		}
		people++
		return w.person(p, role)
	})
	if closing := w.close(); err == nil {
		err = closing
	}
	if err == nil && people == 0 {
		err = fmt.Errorf("nobody may be written; want people whom lab/fit does not keep unseen")
	}
	return people, err
}
