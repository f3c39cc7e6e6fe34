//go:build !unix

package main

import "os"

// hangups never receives: this system has no SIGHUP. The file is still watched.
func hangups() <-chan os.Signal { return nil }
