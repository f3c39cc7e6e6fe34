package cli

import (
	"bufio"
	"context"
	"io"
	"strings"

	"github.com/adit-hq/adit/internal/ident"
)

// stay keeps the servers up until ctx ends. At a terminal it answers further
// questions, until the person ends them.
func (t *tryWalk) stay(ctx context.Context, p *Process) error {
	if err := t.leadToStudio(ctx, isTerminal(p.Stdout)); err != nil {
		return err
	}
	if isTerminal(p.Stdout) && isTerminal(p.Stdin) && inForeground(p.Stdin) {
		return t.converse(ctx, linesOf(p.Stdin))
	}
	t.page.line("Adit stays up until Ctrl-C.")
	return t.converse(ctx, nil)
}

// leadToStudio shows the way into the pages. A terminal alone gets a link: what
// goes to a file is kept, and gets the command that makes one.
func (t *tryWalk) leadToStudio(ctx context.Context, terminal bool) error {
	t.page.line("The same in a browser, in Studio: " + t.stand.app.StudioURL())
	if terminal {
		link, err := t.stand.app.FirstLink(ctx)
		if err != nil {
			return err
		}
		if link != "" {
			t.page.line("This link signs in, once, within 10 minutes:")
			t.page.line(link)
		}
	}
	t.page.line("This command prints a link that signs in:")
	t.page.line("adit admin link --data-dir " + ident.Quoted(t.stand.data))
	t.page.line("")
	return nil
}

// converse answers each line until ctx or the lines end. Without lines it waits.
func (t *tryWalk) converse(ctx context.Context, lines <-chan string) error {
	for {
		if lines != nil {
			t.page.prompt()
		}
		select {
		case <-ctx.Done():
			t.page.line("") // the terminal's ^C stands on the last line
			return nil
		case err := <-t.stand.failed:
			return err
		case line, more := <-lines:
			if !more {
				t.page.line("")
				return nil
			}
			if err := t.reply(ctx, line); err != nil {
				return err
			}
		}
	}
}

// reply answers a line. What is wrong with a question ends nothing.
func (t *tryWalk) reply(ctx context.Context, line string) error {
	line = strings.TrimSpace(line)
	if line == "" {
		return nil
	}
	t.page.line("")
	err := checkQuestion(line)
	if err == nil {
		err = t.question(ctx, line)
	}
	if err != nil && ctx.Err() == nil {
		t.page.text("%s", sentence(err))
		return nil
	}
	return err
}

// linesOf returns the lines of in as they come; the channel is closed at its
// end. A read of a terminal cannot be cancelled: the goroutine ends with the
// terminal or with the process.
func linesOf(in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}
