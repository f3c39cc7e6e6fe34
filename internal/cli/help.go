package cli

import (
	"errors"
	"slices"
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

// keepHelpShort hides, from the help of commands that ask a server, the flags
// that matter only where none runs and that `adit serve --help` explains.
func keepHelpShort(grammar *kong.Application) {
	for _, command := range grammar.Leaves(false) {
		if !hasFlag(command, "server") || !hasFlag(command, "data-dir") {
			continue
		}
		for _, flag := range command.Flags {
			switch flag.Name {
			case "database", "master-key-file", "issuer-url", "log-level", "log-format":
				flag.Hidden = true
			case "data-dir":
				flag.Group = &kong.Group{Key: whichServer, Title: whichServer}
			}
			if strings.HasPrefix(flag.Name, "aws-endpoint-url") && command.Name != "doctor" {
				flag.Hidden = flag.Name != "aws-endpoint-url" || !hasFlag(command, "profile")
				flag.Group = &kong.Group{Key: yourAccount, Title: yourAccount}
			}
		}
	}
}

// whichServer is the group of the flags that choose a server.
const whichServer = "Server:"

// yourAccount is the group of the flags by which an administrator reaches AWS.
const yourAccount = "AWS account:"

func hasFlag(command *kong.Node, name string) bool {
	return slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return f.Name == name })
}
