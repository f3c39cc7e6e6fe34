//go:build unix

package app

import (
	"errors"
	"os"
)

// syncDir makes sure that a power cut does not undo a rename in the directory.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
