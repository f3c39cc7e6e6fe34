package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type envAcceptCmd struct {
	Reason string `required:"" placeholder:"TEXT" help:"Reason, kept in the audit log."`
	listing
	envArg
}

// Help is the text under the usage line.
func (envAcceptCmd) Help() string {
	return `A role is unsafe when it admits tokens of other organizations, usually because its trust policy has no condition on the subject. Its environment is blocked until somebody accepts the risk. It is better to fix the role: ` + "`adit aws setup`" + ` adds the condition.

The acceptance holds for the current role, until a probe finds it safe. Your name and reason are kept in the audit log.

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
	Audience string        `placeholder:"AUDIENCE" help:"One of the environment's audiences (default: the first)."`
	TTL      time.Duration `name:"ttl" placeholder:"DURATION" help:"Lifetime of the token (default: 1m)."`
	listing
	envArg
}

// Help is the text under the usage line.
func (envTokenCmd) Help() string {
	return `Prints a signed token on standard output, to inspect its claims or to exchange it at another cloud. The audit log records that a token was issued, not the token. Administrators only.

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
	Settle bool `help:"Retry for up to a minute, for a role that was just created."`
	listing
	envArg
}

// Help is the text under the usage line.
func (envExchangeCmd) Help() string {
	return `Exchanges one token at AWS STS, bypassing all caches, and shows AWS's answer without the credentials. If AWS refuses, it exits with 5 and prints the trust policy that would have matched, ready to paste.

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
		{"STS", x.Host}, {"calls to STS", fmt.Sprint(x.Calls)}, {"request id", x.RequestID},
	}
	if x.ClockOffset != nil {
		fields = append(fields, field{"clock", fmt.Sprintf("AWS's differs by %+.0f s from the server's", *x.ClockOffset)})
	}
	return fields
}
