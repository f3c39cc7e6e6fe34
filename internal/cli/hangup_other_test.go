//go:build !unix

package cli_test

import (
	"errors"
	"os"
)

func hangups() <-chan os.Signal { return nil }

func hangup(*os.Process) error { return errors.New("this system has no SIGHUP") }
