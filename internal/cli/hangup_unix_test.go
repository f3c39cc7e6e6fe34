//go:build unix

package cli_test

import (
	"os"
	"os/signal"
	"syscall"
)

func hangups() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c
}

func hangup(p *os.Process) error { return p.Signal(syscall.SIGHUP) }
