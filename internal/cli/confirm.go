package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// yesFlag answers the question that a command asks before it does what cannot
// be taken back.
type yesFlag struct {
	Yes bool `short:"y" help:"Do not ask for confirmation."`
}

// confirm asks a person whether to go on. Where nobody reads along it asks
// nobody, and the command ends with the code of wrong usage unless --yes is given.
func (p *Process) confirm(ctx context.Context, yes bool, format string, args ...any) error {
	if yes {
		return nil
	}
	question := fmt.Sprintf(format, args...)
	if !isTerminal(p.Stdin) || !isTerminal(p.Stderr) {
		return wrongUsage("%s There is no terminal to confirm on: add --yes.", question)
	}
	return ask(ctx, p.Stdin, p.Stderr, question)
}

// ask prints the question and reads the answer; only y and yes are one.
func ask(ctx context.Context, in io.Reader, out io.Writer, question string) error {
	fmt.Fprintf(out, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() { // it may stay behind, reading, when Ctrl-C comes: the process ends
		line, _ := bufio.NewReader(in).ReadString('\n') // an end of the input is a no
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(out)
		return fault.From(ctx.Err())
	case line := <-answer:
		if line == "y" || line == "yes" {
			return nil
		}
	}
	return exitWith(exitUsage, "Nothing was changed.")
}
