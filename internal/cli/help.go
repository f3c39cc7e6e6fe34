package cli

import (
	"errors"
	"strings"

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

// variables sets flags from the environment: a flag's setting tag names its
// variable. What stands on the line wins; an empty variable counts as not set.
func variables(p *Process) kong.ResolverFunc {
	return func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if name := flag.Tag.Get("setting"); name != "" {
			if value := p.getenv(name); value != "" {
				return value, nil
			}
		}
		return nil, nil
	}
}

// nameVariable adds the variable of a flag to its help.
func nameVariable(value *kong.Value) string {
	name := value.Tag.Get("setting")
	if name == "" {
		return value.Help
	}
	return strings.TrimSuffix(value.Help, ".") + " ($" + name + ")."
}
