// Command adit serves Amazon Bedrock's embedding models through OpenAI's API.
// `adit --help` lists what else it does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/adit-hq/adit/internal/cli"
)

// version is set when a release is built, with -ldflags "-X main.version=v1.2.3".
var version string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(cli.Run(ctx, cli.Process{
		Version: version,
		Stdin:   os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Environ: os.Environ(), Hangups: hangups,
	}, os.Args[1:]...))
}
