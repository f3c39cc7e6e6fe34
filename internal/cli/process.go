package cli

import (
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/term"
)

// Process is what surrounds a command. Tests make one of buffers, main makes
// one of the operating system's.
type Process struct {
	// Version is the program's version; "" takes the one that the Go tool recorded, or "dev".
	Version string
	Stdin   io.Reader
	// Stdout gets what was asked for, Stderr logs, progress and errors.
	Stdout, Stderr io.Writer
	// Environ is the environment as "NAME=value" pairs, like os.Environ().
	Environ []string
	// Hangups starts to catch SIGHUP, which asks a server to read its
	// configuration again; nil catches none.
	Hangups func() <-chan os.Signal

	// creates says that the command may be the first on a data directory.
	creates bool
}

// getenv returns a variable of the environment, "" when it is not set. Of
// several with one name the last counts, as everywhere in Go.
func (p *Process) getenv(name string) string {
	for _, pair := range slices.Backward(p.Environ) {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

// isTerminal reports whether a stream is a terminal, where people read along.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// columns returns the width of the terminal behind a stream, 80 where there is none.
func columns(stream any) int {
	if f, ok := stream.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// coloured reports whether colours may be written to a stream: only to a
// terminal, and not where NO_COLOR is set (no-color.org) or the terminal is dumb.
func (p *Process) coloured(stream any) bool {
	return isTerminal(stream) && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb"
}

// version returns what `adit version` shows.
func (p *Process) version() string {
	if p.Version != "" {
		return p.Version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}
