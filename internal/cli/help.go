package cli

import (
	"errors"

	"github.com/alecthomas/kong"
)

// errHelped ends parsing after help was shown.
var errHelped = errors.New("help was shown")

// helpFlag shows help wherever it stands on the line. Kong's own ends the
// process, which only main may.
type helpFlag bool

// BeforeReset shows the help of the command on the line.
func (helpFlag) BeforeReset(ctx *kong.Context) error {
	if err := ctx.PrintUsage(false); err != nil {
		return err
	}
	return errHelped
}

// bareHelp answers `adit` alone: the help, but with the code of wrong usage,
// since a script that calls it so has lost its command.
func bareHelp(parser *kong.Kong) error {
	ctx, err := kong.Trace(parser, nil)
	if err != nil {
		return err
	}
	ctx.Stdout = parser.Stderr
	if err := ctx.PrintUsage(false); err != nil {
		return err
	}
	return exitWith(exitUsage, "")
}
