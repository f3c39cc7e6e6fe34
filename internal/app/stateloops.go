package app

import (
	"context"
	"sync"
	"time"
)

// run does the work in the background until ctx ends: following the database,
// rotating keys, writing what waits, probing roles.
func (s *state) run(ctx context.Context) {
	var work sync.WaitGroup
	for _, loop := range []func(context.Context){
		s.follow, s.signer.Run, s.events.Run, s.meter.Run, s.tenants.Run, s.keys.Run, s.probeRoles,
		s.trusted.Run, s.budgets.Run, s.pruner.Run,
	} {
		work.Go(func() { loop(ctx) })
	}
	work.Wait()
}

const (
	// probeEvery is how often somebody looks whether a role is due to be probed.
	probeEvery = time.Minute
	// probeAgain is how long a role is left alone after an attempt.
	probeAgain = time.Hour
)

// probeRoles probes roles that were not seen safe for a day. Of several replicas one does.
func (s *state) probeRoles(ctx context.Context) {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.probeDue(ctx)
		}
	}
}

// probeDue probes the roles that are due now, if this replica is the one to do it.
func (s *state) probeDue(ctx context.Context) {
	mine, err := s.store.Claim(ctx, "probe-roles", s.settings.Now(), probeEvery)
	if err != nil || !mine || s.issuer == nil {
		return
	}
	due, err := s.tenants.Due(s.settings.Now())
	if err != nil {
		return // the database is down, and follow says so
	}
	for _, e := range due {
		// Each by itself: many roles take longer than a claim holds, and one that
		// refuses us stays due.
		mine, err := s.store.Claim(ctx, "probe-role "+e.ID, s.settings.Now(), probeAgain)
		if err == nil && mine {
			s.probe(ctx, e.ID)
		}
	}
}

func (s *state) probe(ctx context.Context, environment string) {
	e, err := s.tenants.EnvironmentByID(environment) // it may have changed since it was due
	if err != nil || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if _, err := s.federation.Probe(ctx, e); err != nil {
		s.log.Warn("the role of an environment could not be checked", "environment", e.ID, "error", err)
	}
}
