package app

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/trust"
)

// reading is what became of the last reading of the state.
type reading struct {
	revision int64 // of what the rooms have
	err      error // why the database could not be read
}

// readTime bounds a reading: a connection that hangs must not keep those waiting
// who would read by another one, nor the state from being called old.
const readTime = 10 * time.Second

// Refresh reads everything anew if the database has changed, and gives it to
// the rooms: all of one revision.
func (s *state) Refresh(ctx context.Context) error {
	select {
	case s.refreshing <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-s.refreshing }()
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err := s.read(ctx)
	s.last.Store(&reading{s.revision, err})
	return err
}

func (s *state) read(ctx context.Context) error {
	revision, err := s.store.Revision(ctx)
	if err != nil {
		return err
	}
	if revision == s.revision && s.synced.Load() != nil {
		s.heard()
		return nil
	}
	snapshot, err := s.store.Snapshot(ctx)
	if err != nil {
		return err
	}
	s.tenants.Set(snapshot.Organizations, snapshot.Environments)
	s.callers.Store(len(snapshot.Trusted) > 0 || slices.ContainsFunc(snapshot.Keys, func(k access.Key) bool {
		return access.Principal{Key: k}.May(access.CallModels, k.Organization)
	}))
	s.keys.Set(snapshot.Keys)
	s.trusted.Set(snapshot.Trusted)
	s.budgets.Set(snapshot.Budgets)
	s.forgetLost(snapshot.Keys, snapshot.Trusted)
	keys := snapshot.Issuers[signing.DefaultIssuer]
	s.signer.Set(signing.DefaultIssuer, keys.Keys, keys.Version)
	s.revision = snapshot.Revision
	s.heard()
	s.federation.Reconcile(snapshot.Environments)
	s.forgetRevoked(keys.Keys, snapshot.Environments)
	s.compareURL(snapshot.Settings[issuerSetting])
	if now := markOf(snapshot.Organizations, snapshot.Environments); now != s.mark {
		s.mark = now
		s.changed()
	}
	return nil
}

// compareURL says aloud, once, that replicas disagree about the issuer: an AWS
// account that trusts one of the URLs refuses the tokens of the other. The caller
// holds refreshing.
func (s *state) compareURL(kept string) {
	if s.issuer == nil || kept == s.issuer.URL() || kept == s.strange {
		return
	}
	s.strange = kept
	s.log.Error("another replica has a different public URL: AWS accepts the tokens of only one of them", "ours", s.issuer.URL(), "theirs", kept,
		"remedy", "give all replicas the same --issuer-url")
}

// markOf differs where organizations or environments do. Of what changes most,
// keys and the like, models know nothing; setting ten thousand of them anew
// takes a third of a second.
func markOf(organizations []tenant.Organization, environments []tenant.Environment) uint64 {
	h := fnv.New64a()
	var version [8]byte
	note := func(id string, v int64) {
		_, _ = h.Write([]byte(id))
		_, _ = h.Write(binary.BigEndian.AppendUint64(version[:0], uint64(v)))
	}
	for i := range organizations {
		note(organizations[i].ID, organizations[i].Version)
	}
	for i := range environments {
		note(environments[i].ID, environments[i].Version)
	}
	return h.Sum64()
}

// forgetLost drops the sessions of API keys and trusted issuers that are gone or
// were changed. The caller holds refreshing.
func (s *state) forgetLost(keys []access.Key, trusted []trust.Issuer) {
	known := make(map[string]int64, len(keys)+len(trusted))
	for _, k := range keys {
		known[k.ID] = k.Version
	}
	for _, i := range trusted {
		known[i.ID] = i.Version
	}
	for id, version := range s.known {
		if known[id] != version {
			s.federation.ForgetKey(id)
		}
	}
	s.known = known
}

// forgetRevoked drops all sessions when the key that signed is gone at once and
// did not retire: it was revoked, and accounts are told to deny what was begun
// before. The caller holds refreshing.
func (s *state) forgetRevoked(keys []signing.Key, environments []tenant.Environment) {
	signed, revoked := "", s.signed != ""
	for _, k := range keys {
		if k.State == signing.Active {
			signed = k.ID
		}
		revoked = revoked && k.ID != s.signed
	}
	if revoked {
		for _, e := range environments {
			s.federation.Forget(e.ID)
		}
	}
	s.signed = signed
}

// heard notes that the database answered.
func (s *state) heard() {
	now := s.settings.Now()
	s.synced.Store(&now)
	s.metrics.Synced(now)
}

// fresh says when what the rooms have is too old to be trusted: the database
// has not answered for too long.
func (s *state) fresh() error {
	at := s.synced.Load()
	if at == nil { // the first read is under way
		return nil
	}
	age := s.settings.Now().Sub(*at)
	if age <= s.settings.Stale {
		return nil
	}
	f := fault.New(fault.Unavailable, "the server's database has not answered for %s", age.Round(time.Second)).
		WithCode("state_stale").WithRemedy("Try again in a minute; the server's log has the reason.")
	f.RetryAfter = 30 * time.Second
	return f
}

// follow keeps up with the changes of other replicas until ctx ends.
func (s *state) follow(ctx context.Context) {
	tick := time.NewTicker(s.settings.Poll)
	defer tick.Stop()
	down := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := s.ask(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !down:
			s.log.Error("the database does not answer; cached data is used for a while", "for", s.settings.Stale, "error", err)
		case err == nil && down:
			s.log.Info("the database answers again")
		}
		down = err != nil
	}
}

func (s *state) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	return s.Refresh(ctx)
}
