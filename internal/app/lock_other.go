//go:build !unix

package app

import (
	"errors"
	"os"
)

// lockExclusively refuses: without a lock that ends with the process, two servers could write one folder.
func lockExclusively(*os.File) error {
	return errors.New("app: the server runs on Unix systems only")
}
