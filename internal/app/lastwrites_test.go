package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/tenant"
)

func TestTheAuditIsWrittenBeforeTheStatesOfManyEnvironments(t *testing.T) {
	a := opened(t, t.TempDir())
	defer func() { _ = a.Close() }() // it may find no time for all states either
	s, ctx, now := a.state, t.Context(), time.Now().UTC()
	const many = 300
	ids := make([]string, many)
	for i := range ids {
		e := tenant.Environment{
			ID: ident.New(ident.Environment), Organization: s.file, Name: fmt.Sprintf("env-%d", i), Provider: "bedrock", Region: "us-east-1",
			RoleARN: "arn:aws:iam::111122223333:role/adit", Audiences: []string{"bedrock"}, Session: time.Hour, SessionName: tenant.ByKey,
			State: tenant.Ready, Probed: now, Created: now, Updated: now, Version: 1,
		}
		event := audit.Event{Time: now, Organization: s.file, Actor: audit.System(), Action: "environment.create", Target: e.ID, Outcome: "ok"}
		if err := s.store.CreateEnvironment(ctx, e, event); err != nil {
			t.Fatal(err)
		}
		ids[i] = e.ID
	}
	if err := s.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids { // STS was away when the server was stopped
		s.tenants.Exchanged(id, tenant.Activity{Exchanged: now, Outcome: "unreachable"})
	}
	if err := s.events.Record(ctx, audit.Event{Actor: audit.System(), Action: "credentials.take", Target: ids[0], Outcome: "ok"}); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond) // not enough for all states
	defer cancel()
	_ = s.writeLast(short)
	rows, err := s.store.Rows(ctx, audit.Query{Action: "credentials.take", Limit: 10})
	if err != nil || len(rows) != 1 {
		t.Errorf("%d rows tell of credentials that were handed out: %v", len(rows), err)
	}
}
