package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type auditPruneCmd struct {
	Before moment `required:"" placeholder:"WHEN" help:"Remove what is older: 90d for so long ago, or a date such as 2027-01-31. The last 30 days stay."`
	yesFlag
	controlFlags
}

// Help is the text under the usage line.
func (auditPruneCmd) Help() string {
	return `Removes the oldest events of the whole server, for good. A signed checkpoint stands for them, so that verify still finds whatever else is missing. Export them first if somebody may ask for them.

Example:

    adit audit export --to 365d > audit.jsonl && adit audit prune --before 365d --yes`
}

// Run asks, and removes them.
func (c *auditPruneCmd) Run(ctx context.Context, p *Process) error {
	before := c.Before.ago(time.Now())
	if err := p.confirm(ctx, c.Yes, "Events of before %s are removed for good.", before.UTC().Format(time.DateTime)); err != nil {
		return err
	}
	return c.with(ctx, p, func(server *client.Client) error {
		got, err := server.PruneAudit(ctx, wire.AuditPruneInput{Before: before})
		if err != nil {
			return err
		}
		if got.Seq == 0 {
			fmt.Fprintln(p.Stdout, "Nothing is that old: nothing was removed.")
			return nil
		}
		fmt.Fprintf(p.Stdout, "Removed up to event %d. `adit audit verify` goes on from its checkpoint.\n", got.Seq)
		return nil
	})
}
