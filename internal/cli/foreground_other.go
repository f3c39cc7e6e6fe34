//go:build !unix

package cli

// inForeground reports whether this process may read the terminal: here any may.
func inForeground(any) bool { return true }
