package control

import (
	"context"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/control/wire"
)

// Audit reads the chain of events.
type Audit interface {
	Rows(ctx context.Context, q audit.Query) ([]audit.Row, error)
	// Verify reads all of it and says whether it is as it was written.
	Verify(ctx context.Context) (audit.Verification, error)
	// Prune removes the rows of before a moment, and leaves a checkpoint.
	Prune(ctx context.Context, before time.Time) (audit.Checkpoint, error)
}

// Recorder keeps events of what changes nothing, such as a token that was shown.
type Recorder interface {
	Record(ctx context.Context, e audit.Event) error
}

const (
	exportTime  = 15 * time.Minute
	exportBatch = 500
	// maxLooked is how many rows are looked through for one page. Where few have
	// the outcome, the page ends early and its cursor goes on.
	maxLooked = 10_000
)

func (a *api) auditRoutes() []route {
	return []route{
		{"GET", "/audit", "list-all-events", "List the events of the whole server, newest first", access.ReadWholeAudit, ofServer, 0, on(a.listEvents)},
		{"GET", "/audit/export", "export-all-events", "Stream the events of the whole server as JSON lines, oldest first", access.ReadWholeAudit, ofServer, exportTime, streams(a.exportEvents)},
		{"POST", "/audit/verify", "verify-audit", "Check for rows that were altered, removed, moved or cut off", access.ReadWholeAudit, ofServer, exportTime, on(a.verifyAudit)},
		{"POST", "/audit/prune", "prune-audit", "Remove the oldest events, leaving a checkpoint", access.PruneAudit, ofServer, exportTime, on(a.pruneAudit)},
		{"GET", "/organizations/{org}/audit", "list-events", "List an organization's events, newest first", access.ReadAudit, ofOrganization, 0, on(a.listOrganizationEvents)},
		{"GET", "/organizations/{org}/audit/export", "export-events", "Stream an organization's events as JSON lines, oldest first", access.ReadAudit, ofOrganization, exportTime, streams(a.exportOrganizationEvents)},
	}
}

// AuditFilter chooses events.
type AuditFilter struct {
	Action string `query:"action" maxLength:"100" doc:"Prefix of the action, such as environment."`
	Actor  string `query:"actor" maxLength:"100" doc:"Id of the API key or person that acted, or system"`
	Target string `query:"target" maxLength:"200" doc:"Id of what was affected"`
	// Outcome is looked for in what the others choose, so that a page may have fewer rows than there are.
	Outcome string    `query:"outcome" maxLength:"100" doc:"ok, failed for everything else, or a code such as AccessDenied"`
	From    time.Time `query:"from" doc:"Start of the period (inclusive)"`
	To      time.Time `query:"to" doc:"End of the period (exclusive)"`
}

func (f AuditFilter) query(organization *string) audit.Query {
	return audit.Query{Organization: organization, Action: f.Action, Actor: f.Actor, Target: f.Target, From: f.From, To: f.To}
}

func (f AuditFilter) words(organization *string) []string {
	of := "*"
	if organization != nil {
		of = *organization
	}
	return []string{"events", of, f.Action, f.Actor, f.Target, f.Outcome, f.From.UTC().Format(time.RFC3339Nano), f.To.UTC().Format(time.RFC3339Nano)}
}

// fits reports whether a row has the outcome that is asked for.
func (f AuditFilter) fits(r audit.Row) bool {
	if f.Outcome == "failed" {
		return r.Outcome != "ok"
	}
	return either(f.Outcome, r.Outcome)
}

type listEventsInput struct {
	Paging
	AuditFilter
}

type listOrganizationEventsInput struct {
	InOrganization
	Paging
	AuditFilter
}

func (a *api) listEvents(ctx context.Context, _ *call, in *listEventsInput) (wire.Page[wire.AuditRow], error) {
	return a.events(ctx, nil, in.Paging, in.AuditFilter)
}

func (a *api) listOrganizationEvents(ctx context.Context, c *call, in *listOrganizationEventsInput) (wire.Page[wire.AuditRow], error) {
	return a.events(ctx, &c.organization.ID, in.Paging, in.AuditFilter)
}

func (a *api) events(ctx context.Context, organization *string, p Paging, f AuditFilter) (wire.Page[wire.AuditRow], error) {
	words := f.words(organization)
	last, err := after(p.Cursor, words...)
	if err != nil {
		return wire.Page[wire.AuditRow]{}, err
	}
	q := f.query(organization)
	q.Newest, q.Limit = true, p.limit()+1
	if last != "" {
		q.After, _ = strconv.ParseInt(last, 10, 64) // after took it only with its sum
	}
	if f.Outcome != "" {
		q.Limit = exportBatch
	}
	page := wire.Page[wire.AuditRow]{Items: []wire.AuditRow{}}
	for looked := 0; looked < maxLooked; looked += q.Limit {
		rows, err := a.s.Audit.Rows(ctx, q)
		if err != nil {
			return wire.Page[wire.AuditRow]{}, err
		}
		for _, r := range rows {
			if len(page.Items) == p.limit() {
				page.Next = cursor(strconv.FormatInt(q.After, 10), words...)
				return page, nil
			}
			if q.After = r.Seq; f.fits(r) {
				page.Items = append(page.Items, showEvent(r))
			}
		}
		if len(rows) < q.Limit {
			return page, nil
		}
	}
	page.Next = cursor(strconv.FormatInt(q.After, 10), words...)
	return page, nil
}

func showEvent(r audit.Row) wire.AuditRow {
	return wire.AuditRow{
		Seq: r.Seq, Time: r.Time.UTC(), Organization: r.Organization, Action: r.Action, Target: r.Target, Outcome: r.Outcome, Details: r.Details,
		Actor: wire.AuditActor{Organization: r.Actor.Organization, Key: r.Actor.Key, Name: r.Actor.Name, Address: r.Actor.Address},
		MAC:   hex.EncodeToString(r.MAC),
	}
}

type exportEventsInput struct{ AuditFilter }

type exportOrganizationEventsInput struct {
	InOrganization
	AuditFilter
}

func (a *api) exportEvents(ctx context.Context, c *call, in *exportEventsInput, out *stream) error {
	return a.export(ctx, c, nil, in.AuditFilter, out)
}

func (a *api) exportOrganizationEvents(ctx context.Context, c *call, in *exportOrganizationEventsInput, out *stream) error {
	return a.export(ctx, c, &c.organization.ID, in.AuditFilter, out)
}

// export writes the rows up to the last one that was there when it began: its
// own event, and what else happens meanwhile, must not keep it going.
func (a *api) export(ctx context.Context, c *call, organization *string, f AuditFilter, out *stream) error {
	q := f.query(organization)
	q.Newest, q.Limit = true, 1
	newest, err := a.s.Audit.Rows(ctx, q)
	if err != nil {
		return err
	}
	e := audit.Event{Time: a.s.Now(), Organization: c.organization.ID, Actor: c.actor(), Action: "audit.export", Outcome: "ok"}
	if err := a.s.Events.Record(ctx, e); err != nil {
		return err
	}
	out.begin()
	if len(newest) == 0 {
		return nil
	}
	q.Newest, q.Limit = false, exportBatch
	for {
		rows, err := a.s.Audit.Rows(ctx, q)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.Seq > newest[0].Seq {
				return nil
			}
			if q.After = r.Seq; !f.fits(r) {
				continue
			}
			if err := out.send("event", showEvent(r)); err != nil {
				return err
			}
		}
		if len(rows) < exportBatch {
			return nil
		}
	}
}

func (a *api) verifyAudit(ctx context.Context, _ *call, _ *struct{}) (wire.AuditVerification, error) {
	v, err := a.s.Audit.Verify(ctx)
	if err != nil {
		return wire.AuditVerification{}, err
	}
	return wire.AuditVerification{
		Sound: v.Sound, Rows: v.Rows, Bad: v.Bad, Why: v.Why,
		Pruned: v.Checkpoint.Seq, Head: v.Head.Count, HeadMAC: hex.EncodeToString(v.Head.Last),
	}, nil
}
