package app

import (
	"context"
	"sync"
	"time"

	"github.com/adit-hq/adit/internal/tenant"
)

// run does the work in the background until ctx ends: following the database,
// rotating keys, writing what waits, probing roles.
func (s *state) run(ctx context.Context) {
	var work sync.WaitGroup
	for _, loop := range []func(context.Context){
		s.follow, s.signer.Run, s.events.Run, s.meter.Run, s.tenants.Run, s.keys.Run, s.probeRoles,
	} {
		work.Go(func() { loop(ctx) })
	}
	work.Wait()
}

// probeEvery is how often somebody looks whether a role is due to be probed.
const probeEvery = time.Minute

// probeRoles probes roles that were not seen safe for a day. Of several replicas one does.
func (s *state) probeRoles(ctx context.Context) {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		mine, err := s.store.Claim(ctx, "probe-roles", s.settings.Now(), probeEvery)
		if err != nil || !mine || s.issuer == nil {
			continue
		}
		due, err := s.tenants.Due(s.settings.Now())
		if err != nil {
			continue // the database is down, and follow says so
		}
		for _, e := range due {
			s.probe(ctx, e)
		}
	}
}

func (s *state) probe(ctx context.Context, e tenant.Environment) {
	if ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if _, err := s.federation.Probe(ctx, e); err != nil {
		s.log.Warn("the role of an environment could not be probed", "environment", e.ID, "error", err)
	}
}
