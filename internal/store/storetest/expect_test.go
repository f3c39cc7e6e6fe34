package storetest

import (
	"errors"
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/tenant"
)

// must is for steps that only lead up to the one that a story is about.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantFault wants a fault of that kind with that code.
func wantFault(t testing.TB, err error, kind fault.Kind, code string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Errorf("got %v, want a fault of kind %v with the code %q", err, kind, code)
		return
	}
	if f.Kind != kind || f.Code != code {
		t.Errorf("got kind %v, code %q (%v), want kind %v, code %q", f.Kind, f.Code, err, kind, code)
	}
}

func snapshot(t testing.TB, s *store.Store) store.Snapshot {
	t.Helper()
	n, err := s.Snapshot(t.Context())
	must(t, err)
	return n
}

func revision(t testing.TB, s *store.Store) int64 {
	t.Helper()
	n, err := s.Revision(t.Context())
	must(t, err)
	return n
}

func events(t testing.TB, s *store.Store) int64 {
	t.Helper()
	h, err := s.Head(t.Context())
	must(t, err)
	return h.Count
}

// newOrganization makes one and returns it as it is kept.
func newOrganization(t testing.TB, s *store.Store, name string) tenant.Organization {
	t.Helper()
	o := Organization(name)
	must(t, s.CreateOrganization(t.Context(), o, Event(o.ID, "organization.create")))
	return o
}
