//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// hangups receives from now on when the process gets SIGHUP.
func hangups() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c
}
