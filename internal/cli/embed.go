package cli

import (
	"context"
	"time"

	"github.com/adit-hq/adit/internal/corpus"
)

type embedCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"Files to read; - or none is standard input."`

	Format  string `enum:",lines,jsonl,csv" default:"" placeholder:"FORMAT" group:"Input:" help:"lines, jsonl or csv (default: by each file's extension, else lines)."`
	Field   string `placeholder:"NAME" group:"Input:" help:"Member of each JSON object that has the text (default text)."`
	Column  string `placeholder:"NAME" group:"Input:" help:"Column of a CSV file that has the text (default: its only one, or text)."`
	IDField string `name:"id-field" placeholder:"NAME" group:"Input:" help:"Member or column that names a row (default: rows are numbered)."`

	Out      string `default:"-" placeholder:"FILE" group:"Output:" help:"Where vectors go, as JSONL (default: standard output)."`
	Errors   string `placeholder:"FILE" group:"Output:" help:"Where failed rows are listed (default: OUT.errors.jsonl, or adit-embed.errors.jsonl)."`
	Force    bool   `group:"Output:" help:"Overwrite files that exist."`
	KeepText bool   `group:"Output:" help:"Write each row's text beside its vector."`
	Encoding string `enum:"float,base64" default:"float" placeholder:"ENCODING" group:"Output:" help:"float, with AWS's digits, or base64 of float32 (default ${default})."`
	Quiet    bool   `short:"q" group:"Output:" help:"Show no progress."`

	Model       string        `short:"m" placeholder:"NAME" setting:"ADIT_MODEL" group:"Embedding:" help:"Model by name (default: the only one)."`
	InputType   string        `placeholder:"TYPE" group:"Embedding:" help:"What the vectors are for, where the model asks."`
	Truncate    string        `placeholder:"END" group:"Embedding:" help:"NONE, START or END: which end of a long text to drop."`
	Dimensions  int           `placeholder:"N" group:"Embedding:" help:"Length of the vectors, where the model has a choice."`
	Batch       int           `default:"96" placeholder:"N" group:"Embedding:" help:"Texts in a request (default ${default})."`
	Concurrency int           `default:"8" placeholder:"N" group:"Embedding:" help:"Requests on the way at once (default ${default})."`
	GiveUpAfter time.Duration `default:"10m" placeholder:"DURATION" group:"Embedding:" help:"Stop when nothing got through for so long (default ${default})."`

	Server string `placeholder:"URL" setting:"ADIT_SERVER" group:"Where:" help:"Ask this server, with the key in ADIT_API_KEY; without it Adit runs inside the command."`
	configFlag
	endpointFlags
}

// Help is the text under the usage line.
func (embedCmd) Help() string {
	return `Reads texts from lines, JSONL or CSV and writes one line of JSON with a vector for each, in the order of the input. A row that fails is listed in a file of its own, and the rest goes on.

Exit codes: 0 all rows, 1 some rows failed, 3 faulty input or configuration, 4 key refused, 5 refused by AWS, 6 nothing got through for --give-up-after, 130 interrupted. What was done until then is kept.

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
		return wrongUsage("--field is for JSONL and --column for CSV: give the one that fits.")
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
