package cli

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/corpus"
)

type embedCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"Files to read; - for standard input (default: standard input)."`

	Format  string `enum:",lines,jsonl,csv" default:"" placeholder:"FORMAT" group:"Input:" help:"lines, jsonl or csv (default: by each file's extension, else lines)."`
	Field   string `placeholder:"NAME" group:"Input:" help:"JSONL: member that holds the text (default text)."`
	Column  string `placeholder:"NAME" group:"Input:" help:"CSV: column that holds the text (default: text, or the only column)."`
	IDField string `name:"id-field" placeholder:"NAME" group:"Input:" help:"Member or column that identifies a row (default: row number)."`

	Out      string `default:"-" placeholder:"FILE" group:"Output:" help:"File for the vectors, as JSONL (default: standard output)."`
	Errors   string `placeholder:"FILE" group:"Output:" help:"File for the failed rows (default: OUT.errors.jsonl, or adit-embed.errors.jsonl)."`
	Force    bool   `group:"Output:" help:"Overwrite existing files."`
	KeepText bool   `group:"Output:" help:"Include each row's text in the output."`
	Encoding string `enum:"float,base64" default:"float" placeholder:"ENCODING" group:"Output:" help:"float, with AWS's digits, or base64, of float32 (default ${default})."`
	Quiet    bool   `short:"q" group:"Output:" help:"Show no progress."`

	Model       string        `short:"m" placeholder:"NAME" setting:"ADIT_MODEL" group:"Embedding:" help:"Name of the model (default: the only one)."`
	InputType   string        `placeholder:"TYPE" group:"Embedding:" help:"What the vectors are for, such as search_document; for Cohere models."`
	Truncate    string        `placeholder:"END" group:"Embedding:" help:"Which end of a text that is too long to cut: NONE, START or END; for Cohere and Nova models."`
	Dimensions  int           `placeholder:"N" group:"Embedding:" help:"Length of the vectors, for models with a choice."`
	Batch       int           `default:"96" placeholder:"N" group:"Embedding:" help:"Texts per request (default ${default})."`
	Concurrency int           `default:"8" placeholder:"N" group:"Embedding:" help:"Concurrent requests (default ${default})."`
	GiveUpAfter time.Duration `default:"10m" placeholder:"DURATION" group:"Embedding:" help:"Stop when no request succeeds for this long (default ${default})."`

	Server string `placeholder:"URL" setting:"ADIT_SERVER" group:"Where:" help:"URL of a server to use, with the API key from $$ADIT_API_KEY (default: none; run in this process)."`
	configFlag
	endpointFlags
}

// Help is the text under the usage line.
func (embedCmd) Help() string {
	return `Reads texts from lines, JSONL or CSV and writes one JSON object with a vector per text, in input order. Failed rows are listed in a separate file, and the rest continues.

Exit codes: 0 all rows embedded, 1 some rows failed, 3 invalid input or configuration, 4 API key refused, 5 refused by AWS, 6 no request succeeded for --give-up-after, 130 interrupted. Finished rows are always kept.

Example:

    adit embed notes.csv --column body --id-field id --model titan-embeddings --out vectors.jsonl`
}

// Run embeds the files.
func (c *embedCmd) Run(ctx context.Context, p *Process) error {
	if err := c.check(); err != nil {
		return err
	}
	rows, err := corpus.Open(ctx, c.Files, p.Stdin, c.layout())
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	screen := newEmbedScreen(p.Stderr, c.Quiet, c.Out == corpus.Stdin && isTerminal(p.Stdout))
	defer screen.close()
	if len(c.Files) == 0 && isTerminal(p.Stdin) {
		screen.say("Type a text a line; Ctrl-D ends. `adit embed --help` tells how to embed files.")
	}
	client, closeClient, err := c.client(ctx, p, screen)
	if err != nil {
		return err
	}
	defer closeClient()
	results, err := c.results(p.Stdout)
	if err != nil {
		return err
	}
	job := &corpus.Job{Rows: rows, Embedder: client, Output: results.writer, Batch: c.Batch, Concurrency: c.Concurrency, Patience: c.GiveUpAfter}
	meter := embedMeter{job.Progress, rows.Size(), client.price}
	screen.watch(meter)
	err = job.Run(ctx)
	screen.close()
	return results.end(err, meter, screen)
}

func (c *embedCmd) check() error {
	switch {
	case c.Batch < 1 || c.Concurrency < 1 || c.GiveUpAfter <= 0:
		return wrongUsage("--batch, --concurrency and --give-up-after must be above zero.")
	case c.Batch > 2048:
		return wrongUsage("--batch can be at most 2048.")
	case c.Field != "" && c.Column != "" && c.Field != c.Column:
		return wrongUsage("--field is for JSONL and --column for CSV: use only one of them.")
	case c.Dimensions < 0:
		return wrongUsage("--dimensions must be above zero.")
	}
	return nil
}

func (c *embedCmd) layout() corpus.Layout {
	field := c.Field
	if field == "" {
		field = c.Column
	}
	return corpus.Layout{Format: corpus.Format(c.Format), Field: field, ID: c.IDField}
}
