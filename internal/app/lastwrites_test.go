package app

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/tenant"
)

func TestTheAuditIsWrittenBeforeTheStatesOfManyEnvironments(t *testing.T) {
	dir := t.TempDir()
	a := opened(t, dir)
	defer closed(t, a)
	s, ctx, now := a.state, t.Context(), time.Now().UTC()
	const many = 30
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
	db, err := sql.Open("sqlite", filepath.Join(dir, "adit.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range []string{ // how many states there are when a row of the audit is written
		`CREATE TABLE seen (states INTEGER)`,
		`CREATE TRIGGER watch AFTER INSERT ON audit_rows BEGIN INSERT INTO seen SELECT count(*) FROM environment_activity; END`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.writeLast(ctx); err != nil {
		t.Fatal(err)
	}
	before, after := -1, -1
	err = db.QueryRowContext(ctx, `SELECT (SELECT states FROM seen), (SELECT count(*) FROM environment_activity)`).Scan(&before, &after)
	if err != nil || before != 0 || after != many {
		t.Errorf("when the audit was written, %d of %d states were: %v", before, after, err)
	}
}
