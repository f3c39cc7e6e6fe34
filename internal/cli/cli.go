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

	Try      tryCmd      `cmd:"" help:"Run a complete demo on this machine, without an AWS account."`
	Serve    serveCmd    `cmd:"" help:"Run the server: OpenAI's embeddings API, and the identity provider that AWS trusts."`
	Embed    embedCmd    `cmd:"" help:"Embed files of texts: lines, JSONL or CSV in, vectors out."`
	Models   modelsCmd   `cmd:"" help:"List supported models or those of a spicepod.yaml, or print their IAM policy."`
	Validate validateCmd `cmd:"" help:"Validate a spicepod.yaml, offline."`
	Schema   schemaCmd   `cmd:"" help:"Print the JSON Schema of spicepod.yaml, for editors."`
	Doctor   doctorCmd   `cmd:"" help:"Diagnose AWS credentials and access, for a spicepod.yaml or an environment."`
	Org      orgCmd      `cmd:"" help:"Manage organizations."`
	Env      envCmd      `cmd:"" help:"Manage environments and their models; get tokens and AWS credentials."`
	Key      keyCmd      `cmd:"" help:"Manage API keys."`
	Trust    trustCmd    `cmd:"" help:"Manage trusted issuers, whose tokens replace API keys."`
	AWS      awsCmd      `cmd:"" name:"aws" help:"Set up, verify or remove an AWS account's trust in an environment."`
	Admin    adminCmd    `cmd:"" help:"Manage the people who sign in to Studio: sign-in links, members, roles."`
	Issuer   issuerCmd   `cmd:"" help:"Manage the identity provider: signing keys, public documents, master key."`
	Audit    auditCmd    `cmd:"" help:"List, verify, export or prune the audit log."`
	Usage    usageCmd    `cmd:"" help:"Report requests, texts, tokens and costs."`
	Budget   budgetCmd   `cmd:"" help:"Manage budgets: spending limits per day or month."`
	Prices   pricesCmd   `cmd:"" help:"Show the price table that costs are computed from."`
	Status   statusCmd   `cmd:"" help:"Show the server's status."`
	DB       dbCmd       `cmd:"" name:"db" help:"Migrate, back up or restore the server's database."`
	Emulator emulatorCmd `cmd:"" help:"Emulate AWS on this machine, for evaluation and tests."`
	Version  versionCmd  `cmd:"" help:"Show the version of Adit."`
}

const description = "Use Amazon Bedrock's embedding models through OpenAI's API, without AWS keys."

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
	p.creates = creates(command.Selected().Name)
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
