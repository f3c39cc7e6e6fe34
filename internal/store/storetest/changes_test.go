package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/seal"
	"github.com/adit-hq/adit/internal/signing"
	"github.com/adit-hq/adit/internal/store"
)

func changeStories() []story {
	return []story{
		{"a change, its events and the revision are written together", together},
		{"when the events cannot be written nothing is", allOrNothing},
		{"a change that was given up leaves nothing", givenUp},
		{"a snapshot is one moment while others write", oneMoment},
		{"two stores of one database change it in turn", twoStores},
		{"settings are kept and replaced", keptSettings},
	}
}

// changes is one of each kind, ready to be made in a store that has the organization.
func changes(s *store.Store, organization string) map[string]func(ctx context.Context) error {
	event := Event(organization, "x.y")
	return map[string]func(context.Context) error{
		"CreateOrganization": func(ctx context.Context) error { return s.CreateOrganization(ctx, Organization("new"), event) },
		"CreateEnvironment": func(ctx context.Context) error {
			return s.CreateEnvironment(ctx, Environment(organization, "new"), event)
		},
		"CreateKey": func(ctx context.Context) error { return s.CreateKey(ctx, Key(organization, "new"), event) },
		"ChangeSigningKeys": func(ctx context.Context) error {
			done, err := s.ChangeSigningKeys(ctx, signing.DefaultIssuer, 0, []signing.Key{signingKey("kid-1", signing.Next)}, event)
			if err == nil && !done {
				return errors.New("not done")
			}
			return err
		},
		"SetSetting": func(ctx context.Context) error { return s.SetSetting(ctx, "name", "value", event) },
		"Rewrap": func(ctx context.Context) error {
			return s.Rewrap(ctx, func(r seal.Record) (seal.Record, error) { return r, nil }, event)
		},
	}
}

func together(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	for name, change := range changes(s, o.ID) {
		r, n := revision(t, s), events(t, s)
		must(t, change(t.Context()))
		if r2, n2 := revision(t, s), events(t, s); r2 != r+1 || n2 != n+1 {
			t.Errorf("%s raised the revision by %d and wrote %d events, want 1 and 1", name, r2-r, n2-n)
		}
	}
}

func allOrNothing(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	before, count := snapshot(t, s), events(t, s)
	s.UseChain(nil) // the last step of a change fails
	for name, change := range changes(s, o.ID) {
		wantFault(t, change(t.Context()), fault.Internal, "audit_unkeyed")
		if diff := cmp.Diff(before, snapshot(t, s)); diff != "" {
			t.Errorf("%s left something (-before +after):\n%s", name, diff)
		}
	}
	if n := events(t, s); n != count {
		t.Errorf("the audit has %d rows, want %d", n, count)
	}
}

func givenUp(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	o := newOrganization(t, s, "acme")
	before := snapshot(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, change := range changes(s, o.ID) {
		if err := change(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want the context's error", name, err)
		}
	}
	if _, err := s.Snapshot(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Snapshot: %v, want the context's error", err)
	}
	if diff := cmp.Diff(before, snapshot(t, s)); diff != "" {
		t.Errorf("something was left (-before +after):\n%s", diff)
	}
}

// oneMoment makes an organization and an environment of it in turn, so that in
// every moment the revision tells how many there are of each.
func oneMoment(t *testing.T, e Engine) {
	url := e.New(t)
	s, reader := Open(t, url), Open(t, url)
	start := revision(t, s)
	const pairs = 25
	var work sync.WaitGroup
	work.Go(func() {
		for i := range pairs {
			o := Organization(fmt.Sprintf("o-%d", i))
			if err := errors.Join(s.CreateOrganization(t.Context(), o), s.CreateEnvironment(t.Context(), Environment(o.ID, "e"))); err != nil {
				t.Error(err)
				return
			}
		}
	})
	defer work.Wait()
	for n := (store.Snapshot{}); n.Revision < start+2*pairs && !t.Failed(); {
		n = snapshot(t, reader)
		made := int(n.Revision - start)
		if len(n.Organizations) != (made+1)/2 || len(n.Environments) != made/2 {
			t.Errorf("revision %d has %d organizations and %d environments, want %d and %d", n.Revision, len(n.Organizations), len(n.Environments), (made+1)/2, made/2)
		}
	}
}

func twoStores(t *testing.T, e Engine) {
	url := e.New(t)
	stores := []*store.Store{Open(t, url), Open(t, url)}
	start := revision(t, stores[0])
	const each = 20
	var work sync.WaitGroup
	for i, s := range stores {
		for j := range 2 {
			work.Go(func() {
				for k := range each {
					o := Organization(fmt.Sprintf("o-%d-%d-%d", i, j, k))
					if err := s.CreateOrganization(t.Context(), o, Event(o.ID, "organization.create")); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	work.Wait()
	if n := snapshot(t, stores[0]); n.Revision != start+4*each || len(n.Organizations) != 4*each {
		t.Errorf("after %d changes the revision is %d higher and there are %d organizations", 4*each, n.Revision-start, len(n.Organizations))
	}
	wantSound(t, stores[1], 4*each)
}

func keptSettings(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	if _, found, err := s.Setting(t.Context(), "issuer-url"); found || err != nil {
		t.Errorf("a setting that was never set: found %v, %v", found, err)
	}
	must(t, s.SetSetting(t.Context(), "issuer-url", "https://a.example"))
	must(t, s.SetSetting(t.Context(), "issuer-url", ""))
	if v, found, err := s.Setting(t.Context(), "issuer-url"); v != "" || !found || err != nil {
		t.Errorf("got %q, %v, %v, want the empty value to be found", v, found, err)
	}
}
