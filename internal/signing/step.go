package signing

import (
	"context"
	"errors"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
)

const (
	// every is the time between two steps of [Signer.Run].
	every = 30 * time.Second
	// attempts is how often a change begins anew because another replica was faster.
	attempts = 5
)

// Run steps every half minute until ctx ends. What fails is logged and tried
// again.
func (s *Signer) Run(ctx context.Context) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := s.Step(ctx); err != nil && ctx.Err() == nil {
			s.rules.Log.Error("signing keys could not be checked or rotated", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Step reads the keys of every issuer, and makes the moves whose time has come:
// the first keys of a new issuer, a missing next key, a rotation that is due,
// keys that leave the JWKS. Of several replicas that step at once one writes,
// and the others take what it wrote.
func (s *Signer) Step(ctx context.Context) error {
	var faults []error
	for _, issuer := range s.issuers() {
		var broken error
		err := s.change(ctx, issuer, audit.System(), func(d *draft, isNew bool) error {
			broken = d.due(isNew) // what went well is written all the same
			return nil
		})
		faults = append(faults, broken, err)
		if n := len(s.Keys(issuer)); n > alarmAbove {
			s.rules.Log.Error("too many signing keys are published; AWS refuses an issuer with more than 100", "issuer", issuer, "keys", n)
		}
	}
	return errors.Join(faults...)
}

// Rotate lets the next key of the server's own issuer sign now, if it was
// published long enough, and makes a new next key. Tokens of the former key stay good.
func (s *Signer) Rotate(ctx context.Context, actor audit.Actor) error {
	return s.change(ctx, DefaultIssuer, actor, func(d *draft, isNew bool) error {
		if isNew {
			return d.due(isNew)
		}
		return d.rotate()
	})
}

// change drafts a change of an issuer's keys and writes it, or begins anew
// where another replica was faster. A draft that changes nothing writes nothing.
func (s *Signer) change(ctx context.Context, issuer string, actor audit.Actor, work func(d *draft, isNew bool) error) error {
	select {
	case s.changing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.changing }()
	for range attempts {
		at := s.rules.Now()
		keys, version, err := s.store.SigningKeys(ctx, issuer)
		if err != nil {
			return storeFault(err, "read")
		}
		s.adopt(issuer, keys, version, at)
		d := &draft{issuer: issuer, rules: s.rules, vault: s.vault, now: at, actor: actor, keys: keys}
		if err := work(d, version == 0 && len(keys) == 0); err != nil {
			return err
		}
		if len(d.changed) == 0 {
			return nil
		}
		won, err := s.store.ChangeSigningKeys(ctx, issuer, version, d.changes(), d.events...)
		if err != nil {
			return storeFault(err, "written")
		}
		if won {
			s.tell(d)
			return s.follow(ctx, issuer)
		}
	}
	return fault.New(fault.Unavailable, "the signing keys of issuer %s are being changed by another replica", issuer).WithRemedy("Try again in a moment.")
}

// follow takes a change over that was just written. It stands, whatever fails
// here: the next look finds it.
func (s *Signer) follow(ctx context.Context, issuer string) error {
	err := s.reload(ctx, issuer)
	if err == nil && s.rules.Refresh != nil {
		err = s.rules.Refresh(ctx)
	}
	if err != nil {
		s.rules.Log.Warn("signing keys were changed, but the change could not be read back yet", "issuer", issuer, "error", err)
	}
	return nil
}

func (s *Signer) tell(d *draft) {
	for _, e := range d.events {
		s.rules.Log.Info("signing key", "action", e.Action, "kid", e.Target, "issuer", d.issuer,
			"algorithm", e.Details["algorithm"], "why", e.Details["why"], "unripe", e.Details["unripe"])
	}
}
