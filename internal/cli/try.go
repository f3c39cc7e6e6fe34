package cli

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/adit-hq/adit/docs"
)

type tryCmd struct {
	Ask    []string `sep:"none" placeholder:"QUESTION" help:"Question to answer from Adit's manual; may be repeated."`
	Model  string   `short:"m" enum:"titan,cohere-v3,cohere-v4" default:"titan" placeholder:"NAME" help:"Model to embed with: titan, cohere-v3 or cohere-v4 (default ${default})."`
	Listen string   `default:"127.0.0.1:0" placeholder:"ADDRESS" help:"Address that Adit listens on (default ${default}: a free port)."`
	Once   bool     `help:"Exit after the last answer instead of staying up."`
}

// defaultQuestion is asked where the person asks nothing. The manual answers it
// in nearly its own words, which is all that lexical vectors can find.
const defaultQuestion = "Is a throttled call tried again?"

// Help is the text under the usage line.
func (tryCmd) Help() string {
	return `Starts an AWS emulator and Adit in front of it; creates an environment, sets up the emulated AWS account, diagnoses it, lists its models and creates two API keys; embeds every paragraph of Adit's manual through the API, answers a question with the closest paragraphs, and shows which principals AWS saw. It then stays up for your own requests until Ctrl-C, and leaves nothing behind.

The emulator's vectors are lexical: texts that share words are close, and nothing more. For vectors that capture meaning, use adit serve with an AWS account.

Example:

    adit try --once --ask "Which store of secrets is asked first?"`
}

// Run walks through the main job, then stays up until ctx ends.
func (c *tryCmd) Run(ctx context.Context, p *Process) error {
	questions := c.Ask
	if len(questions) == 0 {
		questions = []string{defaultQuestion}
	}
	for _, q := range questions {
		if err := checkQuestion(q); err != nil {
			return err
		}
	}
	page := newTryPage(p)
	page.opening()
	stand, err := startTryStand(ctx, p, c.Listen)
	if err != nil {
		return err
	}
	defer stand.end()
	walk := &tryWalk{page: page, stand: stand, model: c.Model, manual: docs.Paragraphs()}
	if err := walk.all(ctx, questions); err != nil {
		return err
	}
	if c.Once {
		page.farewell(c.Model)
		return nil
	}
	page.repeat(stand, c.Model)
	if err := walk.stay(ctx, p); err != nil {
		return err
	}
	page.line("Ended. Nothing is left behind.")
	return nil
}

// checkQuestion refuses what no model could take.
func checkQuestion(q string) error {
	const most = 2000 // characters; Cohere v3 takes 2,048
	switch n := utf8.RuneCountInString(q); {
	case strings.TrimSpace(q) == "":
		return wrongUsage("The question is empty. Ask something about Adit, such as %q.", defaultQuestion)
	case n > most:
		return wrongUsage("The question has %s characters; at most %s can be asked.", grouped(int64(n)), grouped(most))
	}
	return nil
}
