package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
)

type auditPruneCmd struct {
	Before moment `required:"" placeholder:"WHEN" help:"Delete events before this: 90d ago, or a date such as 2027-01-31. The last 30 days are always kept."`
	yesFlag
	controlFlags
}

// Help is the text under the usage line.
func (auditPruneCmd) Help() string {
	return `Permanently deletes the oldest events of the whole server. A signed checkpoint takes their place, so that verify still detects anything else that is missing. Export them first if you may need them.

Example:

    adit audit export --to 365d > audit.jsonl && adit audit prune --before 365d --yes`
}

// Run asks, and removes them.
func (c *auditPruneCmd) Run(ctx context.Context, p *Process) error {
	before := c.Before.ago(time.Now())
	if err := p.confirm(ctx, c.Yes, "Permanently delete the events before %s?", before.UTC().Format(time.DateTime)); err != nil {
		return err
	}
	return c.with(ctx, p, func(server *client.Client) error {
		got, err := server.PruneAudit(ctx, wire.AuditPruneInput{Before: before})
		if err != nil {
			return err
		}
		if got.Seq == 0 {
			fmt.Fprintln(p.Stdout, "No events are that old: nothing was deleted.")
			return nil
		}
		fmt.Fprintf(p.Stdout, "Deleted events up to number %d. `adit audit verify` continues from the checkpoint.\n", got.Seq)
		return nil
	})
}
