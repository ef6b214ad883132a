//go:build unix

package app

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockExclusively takes the file for this process. The system lets go of it when the process ends, however it ends.
func lockExclusively(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrDataInUse
	}
	if err != nil {
		return fmt.Errorf("app: lock the data folder: %w", err)
	}
	return nil
}
