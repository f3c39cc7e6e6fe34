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
	List   auditListCmd   `cmd:"" help:"List events, newest first."`
	Verify auditVerifyCmd `cmd:"" help:"Detect events that were altered, removed, reordered or truncated."`
	Export auditExportCmd `cmd:"" help:"Export events as JSON lines, oldest first."`
	Prune  auditPruneCmd  `cmd:"" help:"Delete old events, leaving a checkpoint so that verify still works."`
}

// auditFlags choose events.
type auditFlags struct {
	Action string `placeholder:"PREFIX" help:"Only actions with this prefix, such as environment. or key.create." group:"Filters:"`
	Actor  string `placeholder:"ID" help:"Only what this API key or person did; or system." group:"Filters:"`
	Target string `placeholder:"ID" help:"Only what was done to this organization, environment or key." group:"Filters:"`
	From   moment `placeholder:"WHEN" help:"Start: 24h or 7d ago, or a date such as 2027-01-31." group:"Filters:"`
	To     moment `placeholder:"WHEN" help:"End, exclusive, in the same format." group:"Filters:"`
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
	Limit int `default:"50" placeholder:"N" help:"Maximum number of events (default ${default}; 0 for all)."`
	listing
	auditFlags
}

// Help is the text under the usage line.
func (auditListCmd) Help() string {
	return `Operators see the events of the whole server, or of one organization with --org; others see their own organization's.

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
				fmt.Sprint(r.Seq), at(r.Time), r.Action, r.Outcome, cmp.Or(r.Actor.Name, r.Actor.Key, "-"), cmp.Or(r.Actor.Address, "-"), cmp.Or(r.Target, "-"), pairs(r.Details),
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
	return `Checks the chain of MACs over the whole audit log; its key is encrypted in the database. Exit codes: 0 the audit log is intact, 1 it was tampered with. Keep the printed head in another place: a later chain that does not contain it shows that the whole database was rolled back.

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
			fmt.Fprintf(p.Stdout, "The audit log is intact: %s, head %d %s.\n", counted(v.Rows, "event"), v.Head, v.HeadMAC)
			if v.Pruned > 0 {
				fmt.Fprintf(p.Stdout, "Events up to number %d were pruned, with a signed checkpoint.\n", v.Pruned)
			}
		}
		if v.Sound {
			return nil
		}
		return exitWith(exitRowsFailed, "the audit log is NOT intact: event %d, %s. Compare it with a backup: somebody changed the database without Adit.", v.Bad, v.Why)
	})
}

type auditExportCmd struct {
	Out string `placeholder:"FILE" help:"New file to write (default: standard output)."`
	auditFlags
}

// Help is the text under the usage line.
func (auditExportCmd) Help() string {
	return `Writes one JSON object per line, including each event's link in the MAC chain. An incomplete export ends with an error and a nonzero exit code.

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
			fmt.Fprintf(p.Stderr, "Wrote %[2]s to %[1]s.\n", c.Out, counted(n, "event"))
		}
		return nil
	})
}
