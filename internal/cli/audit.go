package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/adit-hq/adit/internal/control/client"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
)

type auditCmd struct {
	List   auditListCmd   `cmd:"" help:"List events, the newest first."`
	Verify auditVerifyCmd `cmd:"" help:"Look for events that were altered, removed, moved or cut off."`
	Export auditExportCmd `cmd:"" help:"Write events as JSON lines, the oldest first."`
	Prune  auditPruneCmd  `cmd:"" help:"Remove the oldest events, and leave a checkpoint that verify knows."`
}

// auditFlags choose events.
type auditFlags struct {
	Action string `placeholder:"PREFIX" help:"Actions that begin so, such as environment. or key.create." group:"Which events:"`
	Actor  string `placeholder:"ID" help:"What this API key did; or system." group:"Which events:"`
	Target string `placeholder:"ID" help:"What was done to this organization, environment or key." group:"Which events:"`
	From   moment `placeholder:"WHEN" help:"Not before: 24h or 7d for so long ago, or a date such as 2027-01-31." group:"Which events:"`
	To     moment `placeholder:"WHEN" help:"Before this, in the same words." group:"Which events:"`
	orgFlag
	controlFlags
}

func (f auditFlags) filter(org string, now time.Time) client.AuditFilter {
	return client.AuditFilter{Organization: org, Action: f.Action, Actor: f.Actor, Target: f.Target, From: f.From.ago(now), To: f.To.ago(now)}
}

// on connects and finds out whose events are meant: the whole server's for an
// operator who names no organization.
func (f auditFlags) on(ctx context.Context, p *Process, work func(*client.Client, client.AuditFilter) error) error {
	return f.with(ctx, p, func(server *client.Client) error {
		org, _, err := f.scope(ctx, server)
		if err != nil {
			return err
		}
		return work(server, f.filter(org, time.Now()))
	})
}

type auditListCmd struct {
	Limit int `default:"50" placeholder:"N" help:"At most so many (default ${default}; 0 for all)."`
	listing
	auditFlags
}

// Help is the text under the usage line.
func (auditListCmd) Help() string {
	return `The operator sees the events of the whole server, or with --org of one organization; others see their own organization's.

Example:

    adit audit list --action environment. --from 7d`
}

// Run lists them.
func (c *auditListCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, f client.AuditFilter) error {
		rows := []wire.AuditRow{}
		for r, err := range server.Events(ctx, f) {
			if err != nil {
				return err
			}
			if rows = append(rows, r); len(rows) == c.Limit {
				break
			}
		}
		head := []string{"SEQ", "TIME", "ACTION", "OUTCOME", "BY", "FROM", "TARGET", "DETAILS"}
		return listed(p, c.listing, rows, head, func(r wire.AuditRow) []string {
			return []string{
				fmt.Sprint(r.Seq), at(r.Time), r.Action, r.Outcome, cmp.Or(r.Actor.Name, r.Actor.Key), cmp.Or(r.Actor.Address, "-"), cmp.Or(r.Target, "-"), pairs(r.Details),
			}
		})
	})
}

type auditVerifyCmd struct {
	listing
	controlFlags
}

// Help is the text under the usage line.
func (auditVerifyCmd) Help() string {
	return `Reads the whole audit and checks the chain that its events form, under a key that is not in the database in plain. It exits with 0 when the audit is as it was written and with 1 when it is not. Keep the head that it prints elsewhere: a later head that does not go on from there shows that the whole database was put back.

Example:

    adit audit verify`
}

// Run verifies.
func (c *auditVerifyCmd) Run(ctx context.Context, p *Process) error {
	return c.with(ctx, p, func(server *client.Client) error {
		v, err := server.VerifyAudit(ctx)
		if err != nil {
			return err
		}
		if c.json() {
			if err := printJSON(p.Stdout, v); err != nil {
				return err
			}
		} else if v.Sound {
			fmt.Fprintf(p.Stdout, "The audit is as it was written: %s, head %d %s.\n", counted(v.Rows, "event"), v.Head, v.HeadMAC)
			if v.Pruned > 0 {
				fmt.Fprintf(p.Stdout, "Events up to number %d were pruned, and the pruning is signed.\n", v.Pruned)
			}
		}
		if v.Sound {
			return nil
		}
		return exitWith(exitRowsFailed, "the audit is NOT as it was written: event %d, %s. Compare with a backup: somebody wrote to the database past Adit.", v.Bad, v.Why)
	})
}

type auditExportCmd struct {
	Out string `placeholder:"FILE" help:"Write into this new file (default: standard output)."`
	auditFlags
}

// Help is the text under the usage line.
func (auditExportCmd) Help() string {
	return `Writes one JSON object a line, with the link of the chain that each event is. It says when it breaks off, and then exits with another code than 0.

Example:

    adit audit export --from 2027-01-01 --to 2027-02-01 --out january.jsonl`
}

// Run exports them.
func (c *auditExportCmd) Run(ctx context.Context, p *Process) error {
	return c.on(ctx, p, func(server *client.Client, f client.AuditFilter) (err error) {
		w := p.Stdout
		if c.Out != "" {
			file, cannot := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if cannot != nil {
				return fault.Wrap(cannot, fault.Config, "the export cannot be written: %v", cannot).WithRemedy("Name a new file with --out.")
			}
			defer func() { err = errors.Join(err, file.Close()) }()
			w = file
		}
		out := bufio.NewWriter(w)
		lines := json.NewEncoder(out)
		lines.SetEscapeHTML(false)
		var n int64
		for r, err := range server.ExportEvents(ctx, f) {
			if err != nil {
				return errors.Join(err, out.Flush())
			}
			if err := lines.Encode(r); err != nil {
				return err
			}
			n++
		}
		if err := out.Flush(); err != nil {
			return err
		}
		if c.Out != "" {
			fmt.Fprintf(p.Stderr, "%s holds %s.\n", c.Out, counted(n, "event"))
		}
		return nil
	})
}
