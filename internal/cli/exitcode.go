package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/spicepod"
)

// The exit codes that scripts can trust.
const (
	exitOK          = 0
	exitRowsFailed  = 1   // some rows failed
	exitUsage       = 2   // wrong usage
	exitFaulty      = 3   // faulty input or configuration
	exitForbidden   = 4   // not allowed here
	exitRefused     = 5   // refused by AWS
	exitTryLater    = 6   // try again later
	exitInternal    = 70  // a mistake of Adit's own; sysexits.h calls it EX_SOFTWARE
	exitInterrupted = 130 // ended by Ctrl-C, as shells count it
)

// exit is an error that says which code to end with. Its sentence is printed;
// an empty one says that everything was printed already.
type exit struct {
	code     int
	sentence string
}

func (e *exit) Error() string { return e.sentence }

// exitWith returns an error that ends the command with a code and a sentence,
// which may be empty.
func exitWith(code int, format string, args ...any) error {
	return &exit{code: code, sentence: fmt.Sprintf(format, args...)}
}

// wrongUsage returns the error of flags that cannot go together.
func wrongUsage(format string, args ...any) error { return exitWith(exitUsage, format, args...) }

// exitCode is the one place where kinds of fault become exit codes.
func exitCode(err error) int {
	var e *exit
	var parse *kong.ParseError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.code
	case errors.As(err, &parse):
		return exitUsage
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Config, fault.NotFound, fault.TooLarge:
		return exitFaulty
	case fault.Unauthenticated, fault.Forbidden:
		return exitForbidden
	case fault.Refused:
		return exitRefused
	case fault.Throttled, fault.Unavailable, fault.Deadline:
		return exitTryLater
	case fault.Canceled:
		return exitInterrupted
	case fault.Internal:
	}
	return exitInternal
}

// printError tells a person what happened, why, and what to do next.
func printError(w io.Writer, err error) {
	text := sentence(err)
	if text != "" {
		fmt.Fprintln(w, "adit: "+text)
	}
}

// sentence returns what a person reads of an error, without the last line end.
func sentence(err error) string {
	var (
		faults *spicepod.Faults
		e      *exit
		parse  *kong.ParseError
		f      *fault.Error
	)
	switch {
	case errors.As(err, &e):
		return e.sentence
	case errors.As(err, &parse):
		return parse.Error() + "\n" + helpHint(parse.Context)
	case errors.As(err, &faults) && len(faults.Items) == 1:
		return faults.Error()
	case errors.As(err, &faults):
		f = fault.From(faults)
		return f.Message + ":\n\n" + faults.Error()
	case fault.KindOf(err) == fault.Canceled:
		return "interrupted"
	case errors.As(err, &f) && f.Detail != "":
		return f.Sentence() + "\n" + f.Detail
	case errors.As(err, &f):
		return f.Sentence()
	}
	return err.Error()
}

// helpHint names the help page of the command that was on the line, if one was.
func helpHint(ctx *kong.Context) string {
	path := "adit"
	if ctx != nil && ctx.Selected() != nil {
		path = ctx.Selected().FullPath()
	}
	return "Run `" + path + " --help`."
}
