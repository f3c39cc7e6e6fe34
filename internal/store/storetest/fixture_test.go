package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/tenant"
)

// Now is the time of the suite, to the microsecond.
func Now() time.Time { return time.Date(2026, 11, 22, 8, 30, 15, 123456000, time.UTC) }

// Organization returns one with every field set.
func Organization(name string) tenant.Organization {
	return tenant.Organization{
		ID: ident.New(ident.Organization), Name: name, Description: "Größe, 大きさ, 🙂 and a 'quote'", PlainUsers: true,
		Created: Now(), Updated: Now().Add(time.Second), Version: 1,
	}
}

// Environment returns one with every field set.
func Environment(organization, name string) tenant.Environment {
	arn := "arn:aws:iam::123456789012:role/adit/" + name
	return tenant.Environment{
		ID: ident.New(ident.Environment), Organization: organization, Name: name, Description: "the line\nof production",
		Provider: "bedrock", Region: "eu-central-1", RoleARN: arn, Audiences: []string{"bedrock", "https://example.com/\"x\""},
		Session: 90 * time.Minute, Models: []string{"cohere.embed-v4:0"}, Limits: caller.Limits{PerMinute: 600, Concurrent: 7},
		SessionName: tenant.ByUser, SessionTags: true, Tags: map[string]string{"cost-center": "4711", "team": "Ä"},
		State: tenant.Unsafe, Why: "the role lets foreign subjects in", Probed: Now(),
		Accepted: &tenant.Acceptance{By: ident.New(ident.Key), Reason: "until Monday", At: Now(), RoleARN: arn},
		Created:  Now(), Updated: Now().Add(time.Minute), Version: 1,
	}
}

// Key returns one with every field set.
func Key(organization, name string) access.Key {
	return access.Key{
		ID: ident.New(ident.Key), Organization: organization, Name: name, Roles: []access.Role{access.Invoke, access.Credentials},
		Environments: []string{ident.New(ident.Environment)}, Models: []string{"titan"}, Limits: caller.Limits{PerMinute: 60},
		Tags:    map[string]string{"team": "search"},
		Secrets: []access.Secret{{MAC: []byte{0, 1, 254, 255}, Created: Now()}, {MAC: []byte{9}, Created: Now(), Expires: Now().Add(time.Hour)}},
		Created: Now(), Updated: Now(), Expires: Now().AddDate(1, 0, 0), Version: 1,
	}
}

// Event returns one with every field set.
func Event(organization, action string) audit.Event {
	return audit.Event{
		Time: Now(), Organization: organization, Actor: audit.Actor{Organization: organization, Key: ident.New(ident.Key), Name: "ci", Address: "192.0.2.7"},
		Action: action, Target: "env_5f0c2d1e9a7b4c3d2e1f0a9b", Outcome: "ok", Details: map[string]string{"region": "eu-central-1"},
	}
}

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
