package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type envAcceptCmd struct {
	Reason string `required:"" placeholder:"TEXT" help:"Why, for whoever reads the audit later."`
	listing
	envArg
}

// Help is the text under the usage line.
func (envAcceptCmd) Help() string {
	return `A role is unsafe when it lets in tokens of other organizations, mostly because its trust policy has no condition on the subject. Such an environment is not used until somebody answers for it. The better way is to mend the role: ` + "`adit aws setup`" + ` adds the condition.

The acceptance holds for the role that the environment has now, until a probe finds it safe. Name and reason are kept in the audit.

Example:

    adit env accept lab --reason "Shared role of the lab, ends with project 7"`
}

// Run accepts.
func (c *envAcceptCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		e, err := server.Accept(ctx, org, c.Env, c.Reason)
		if err != nil {
			return err
		}
		return p.printEnvironment(c.listing, e)
	})
}

type envTokenCmd struct {
	Audience string        `placeholder:"AUDIENCE" help:"One of the environment's (default: its first)."`
	TTL      time.Duration `name:"ttl" placeholder:"DURATION" help:"How long the token lives (default: 1m)."`
	listing
	envArg
}

// Help is the text under the usage line.
func (envTokenCmd) Help() string {
	return `Prints a signed token of the environment, and nothing else, on standard output: to look at its claims, or to exchange it at another cloud. That a token was made is kept in the audit; the token is not. Administrators only.

Example:

    adit env token prod --audience bedrock`
}

// Run prints a token.
func (c *envTokenCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		t, err := server.Token(ctx, org, c.Env, wire.TokenInput{Audience: c.Audience, TTLSeconds: int(c.TTL / time.Second)})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stderr, "Keep this secret: whoever has it can act as the environment until %s, at AWS five minutes longer.\n", at(t.Expires))
		if c.json() {
			return printJSON(p.Stdout, t)
		}
		_, err = fmt.Fprintln(p.Stdout, t.Token)
		return err
	})
}

type envExchangeCmd struct {
	Settle bool `help:"The role is new: ask for up to a minute until AWS knows it."`
	listing
	envArg
}

// Help is the text under the usage line.
func (envExchangeCmd) Help() string {
	return `Has one token exchanged at AWS, past every cache, and says what AWS made of it. Credentials are not shown. It exits with 5 when AWS refuses; then the trust policy that would have matched is printed, ready to paste.

Example:

    adit env exchange prod`
}

// Run exchanges one token.
func (c *envExchangeCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, org string) error {
		x, err := server.Exchange(ctx, org, c.Env, wire.ExchangeInput{Settle: c.Settle})
		if err != nil {
			return err
		}
		if c.json() {
			err = printJSON(p.Stdout, x)
		} else {
			err = printFields(p.Stdout, exchangeFields(x))
		}
		if err == nil && x.Problem != nil {
			return client.Fault(*x.Problem)
		}
		return err
	})
}

func exchangeFields(x wire.Exchange) []field {
	fields := []field{
		{"outcome", x.Outcome}, {"role", x.RoleARN}, {"session", x.SessionName}, {"session tags", pairs(x.SessionTags)}, {"account", x.Account},
		{"credentials until", when(x.Expires, "")}, {"issuer", x.Issuer}, {"subject", x.Subject}, {"audience", x.Audience}, {"key id", x.KID},
		{"STS", x.Host}, {"calls of STS", fmt.Sprint(x.Calls)}, {"request id", x.RequestID},
	}
	if x.ClockOffset != nil {
		fields = append(fields, field{"clock", fmt.Sprintf("AWS's is %+.0f s from the server's", *x.ClockOffset)})
	}
	return fields
}
