package cli

import (
	"context"
	"errors"

	"github.com/alecthomas/kong"
)

// grammar is every command and its flags. A command is a type with a Run
// method that takes a context and the *Process, and a Help method whose text
// ends with an example.
type grammar struct {
	Help helpFlag `short:"h" help:"Show help for the command."`

	Try      tryCmd      `cmd:"" help:"See the main job done on this machine, without an AWS account."`
	Serve    serveCmd    `cmd:"" help:"Serve models through OpenAI's API, and be the identity provider that AWS trusts."`
	Embed    embedCmd    `cmd:"" help:"Embed files of texts: lines, JSONL or CSV in, vectors out."`
	Models   modelsCmd   `cmd:"" help:"List the models that Adit knows or a file has, or print their IAM policy."`
	Validate validateCmd `cmd:"" help:"Check a spicepod.yaml without any network."`
	Schema   schemaCmd   `cmd:"" help:"Print the JSON Schema of spicepod.yaml for editors."`
	Doctor   doctorCmd   `cmd:"" help:"Say where credentials come from or why there are none, for a file or an environment."`
	Org      orgCmd      `cmd:"" help:"Organizations: create, list, show, update, delete."`
	Env      envCmd      `cmd:"" help:"Environments, their models, tokens and credentials."`
	Key      keyCmd      `cmd:"" help:"API keys: create, list, show, update, rotate, revoke."`
	Trust    trustCmd    `cmd:"" help:"Issuers whose tokens stand for API keys, so that jobs hold none."`
	AWS      awsCmd      `cmd:"" name:"aws" help:"Make an AWS account trust an environment: setup, verify, remove."`
	Admin    adminCmd    `cmd:"" help:"People who sign in to Studio: a link, members and their roles."`
	Issuer   issuerCmd   `cmd:"" help:"The identity provider's signing keys, documents and master key."`
	Audit    auditCmd    `cmd:"" help:"What was done and by whom: list, verify, export."`
	Usage    usageCmd    `cmd:"" help:"Sum up requests, texts, tokens and what they cost."`
	Budget   budgetCmd   `cmd:"" help:"What may be spent in a day or a month."`
	Prices   pricesCmd   `cmd:"" help:"The prices by which costs are counted."`
	Status   statusCmd   `cmd:"" help:"Say how the server is."`
	DB       dbCmd       `cmd:"" name:"db" help:"The server's database: migrate, backup, restore."`
	Emulator emulatorCmd `cmd:"" help:"Play AWS on this machine, for trying and testing."`
	Version  versionCmd  `cmd:"" help:"Show the version of Adit."`
}

const description = "Use Amazon Bedrock's models by name, through OpenAI's API and without AWS keys."

// Run runs the command that args name and returns the exit code. It ends early
// when ctx does.
func Run(ctx context.Context, p Process, args ...string) int {
	err := run(ctx, &p, args)
	if err != nil {
		printError(p.Stderr, err)
	}
	return exitCode(err)
}

func run(ctx context.Context, p *Process, args []string) error {
	parser, err := newParser(p)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	switch {
	case errors.Is(err, errHelped):
		return nil
	case err != nil && len(args) == 0:
		return bareHelp(parser)
	case err != nil:
		return err
	}
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(p)
}

func newParser(p *Process) (*kong.Kong, error) {
	parser, err := kong.New(&grammar{},
		kong.Name("adit"), kong.Description(description),
		kong.Writers(p.Stdout, p.Stderr),
		kong.NoDefaultHelp(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.ValueFormatter(nameVariable),
		kong.Resolvers(variables(p)),
	)
	if err == nil {
		keepHelpShort(parser.Model)
	}
	return parser, err
}
