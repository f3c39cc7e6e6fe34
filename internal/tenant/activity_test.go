package tenant_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/tenant"
)

func TestActivityIsWrittenTogetherAndStatesOnlyWhenTheyChange(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	s.probed(e.ID, tenant.Safe)
	version, events := s.read(e.ID).Version, len(s.store.Audit.Events())
	for range 50 {
		s.did(e.ID, "ok")
	}
	if got := s.read(e.ID).Version; got != version || len(s.actions(events)) != 0 {
		t.Errorf("50 good exchanges: version %d, was %d; events %v", got, version, s.actions(events))
	}
	succeeded := s.clock()
	for range 50 {
		e = s.did(e.ID, "Throttling")
	}
	if e.State != tenant.Failing || e.Version != version+1 || e.Why != "AWS said Throttling" {
		t.Errorf("50 bad ones: %s, version %d, %q", e.State, e.Version, e.Why)
	}
	if d := cmp.Diff([]string{"environment.state"}, s.actions(events)); d != "" {
		t.Error(d)
	}
	got, err := s.Activity(t.Context(), s.acme.ID, nil)
	want := map[string]tenant.Activity{e.ID: {Exchanged: s.clock(), Outcome: "Throttling", Why: "AWS said Throttling", Succeeded: succeeded}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
}

func TestActivityThatCannotBeWrittenWaitsAndTheLastOneCounts(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	s.probed(e.ID, tenant.Safe)
	s.store.Before = func() error { return errors.New("away") }
	s.Exchanged(e.ID, tenant.Activity{Exchanged: s.clock().Add(2 * time.Second), Outcome: "ok"})
	s.Exchanged(e.ID, tenant.Activity{Exchanged: s.clock().Add(time.Second), Outcome: "AccessDenied"}) // came late
	if err := s.Flush(t.Context()); err == nil {
		t.Error("a failed write is no error")
	}
	s.store.Before = nil
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := s.store.Activity(t.Context(), s.acme.ID, nil)
	if err != nil || got[e.ID].Outcome != "ok" || s.read(e.ID).State != tenant.Ready {
		t.Errorf("%+v, %s, %v", got[e.ID], s.read(e.ID).State, err)
	}
}

// A verification is an exchange and a probe: both must count, in this order.
func TestAProbeAfterAnExchangeFindsTheStateThatTheExchangeLeft(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	s.probed(e.ID, tenant.Safe)
	s.did(e.ID, "AccessDenied")
	s.pass(time.Second)
	s.Exchanged(e.ID, tenant.Activity{Exchanged: s.clock(), Outcome: "ok"}) // not written yet
	if got := s.probed(e.ID, tenant.Safe); got.State != tenant.Ready {
		t.Errorf("a role that takes us again and refuses others is %s", got.State)
	}
	s.did(e.ID, "ok")
	if got := s.read(e.ID); got.State != tenant.Ready {
		t.Errorf("afterwards it is %s", got.State)
	}
}

func TestActivityOfADeletedEnvironmentIsForgotten(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	s.Exchanged(e.ID, tenant.Activity{Exchanged: s.clock(), Outcome: "Throttling"})
	if err := s.DeleteEnvironment(t.Context(), admin(), s.acme.ID, e.ID, 0, false); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Errorf("%v", err)
	}
}

func TestAWordOfAWSIsKeptWithoutWhatATerminalWouldObey(t *testing.T) {
	s := newServer(t)
	e := s.environment("prod")
	s.Exchanged(e.ID, tenant.Activity{Exchanged: s.clock(), Outcome: "AccessDenied", Why: "no\x1b[31m\nentry\x00"})
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.read(e.ID).Why; got != "no [31m entry " {
		t.Errorf("%q", got)
	}
}

func TestRunWritesAChangedStateAtOnceAndTheRestFromTimeToTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		e := s.environment("prod")
		s.probed(e.ID, tenant.Safe)
		ctx, end := context.WithCancel(t.Context())
		go s.Run(ctx)
		stored := func() string {
			all, err := s.store.Activity(ctx, s.acme.ID, nil)
			if err != nil {
				t.Fatal(err)
			}
			return all[e.ID].Outcome
		}
		s.Exchanged(e.ID, tenant.Activity{Exchanged: s.clock(), Outcome: "ok"})
		synctest.Wait()
		if got := stored(); got != "" {
			t.Errorf("a good exchange was written at once: %q", got)
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if got := stored(); got != "ok" {
			t.Errorf("after a while: %q", got)
		}
		s.Exchanged(e.ID, tenant.Activity{Exchanged: s.clock().Add(time.Minute), Outcome: "AccessDenied"})
		synctest.Wait()
		if got := s.read(e.ID).State; got != tenant.Failing {
			t.Errorf("a failed exchange: %s", got)
		}
		end()
		synctest.Wait()
	})
}

func TestWhatFailsForManyEnvironmentsIsReadBackOnce(t *testing.T) {
	s := newServer(t)
	const many = 50
	var ids []string
	for i := range many {
		ids = append(ids, s.environment(fmt.Sprintf("env-%d", i)).ID)
	}
	for _, id := range ids { // STS is away for all
		s.Exchanged(id, tenant.Activity{Exchanged: s.clock(), Outcome: "unreachable"})
	}
	before := s.store.Reads.Load()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	reads, failing := s.store.Reads.Load()-before, 0
	all, err := s.Environments(s.acme.ID)
	for _, e := range all {
		if e.State == tenant.Failing {
			failing++
		}
	}
	if err != nil || failing != many || reads != 1 {
		t.Errorf("%d of %d are failing after %d reads of everything: %v", failing, many, reads, err)
	}
}

func TestAFlushThatRunsOutOfTimeSaysSoOnce(t *testing.T) {
	s := newServer(t)
	var ids []string
	for i := range 50 {
		ids = append(ids, s.environment(fmt.Sprintf("env-%d", i)).ID)
	}
	for _, id := range ids {
		s.Exchanged(id, tenant.Activity{Exchanged: s.clock(), Outcome: "unreachable"})
	}
	ctx, cancel := context.WithCancel(t.Context())
	writes := 0
	s.store.Before = func() error {
		if writes++; writes > 3 {
			cancel()
		}
		return ctx.Err()
	}
	err := s.Flush(ctx)
	if err == nil || writes > 5 || strings.Count(err.Error(), "\n") > 1 {
		t.Errorf("after its time was over it tried %d writes and said %.300v", writes, err)
	}
	s.store.Before = nil
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if e := s.read(id); e.State != tenant.Failing {
			t.Fatalf("%s is %s: what did not get through was forgotten", e.Name, e.State)
		}
	}
}
