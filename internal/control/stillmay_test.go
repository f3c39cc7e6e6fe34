package control

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/tenant"
)

// until knows every key of the world until a moment, and what becomes of it then.
type until struct {
	*world
	end  time.Time
	then func(access.Principal) (access.Principal, error)
}

func (u until) Authenticate(ctx context.Context, presented string) (access.Principal, error) {
	who, err := u.world.Authenticate(ctx, presented)
	if err == nil && !time.Now().Before(u.end) {
		return u.then(who)
	}
	return who, err
}

// lasting is a walk, and an audit, that go on for five minutes.
type lasting struct{ *world }

func (lasting) Walk(ctx context.Context, _ tenant.Environment, _ caller.Caller, _ bool, _ func(wire.Step)) error {
	return wait(ctx)
}

func (l lasting) Rows(ctx context.Context, q audit.Query) ([]audit.Row, error) {
	if !q.Newest {
		if err := wait(ctx); err != nil {
			return nil, err
		}
	}
	return l.world.Rows(ctx, q)
}

func wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Minute):
		return nil
	}
}

func TestAStreamEndsSecondsAfterItsKeyIsRevokedOrLosesThePermission(t *testing.T) {
	for name, c := range map[string]struct {
		then func(access.Principal) (access.Principal, error)
		code string // that the stream ends with; "": it goes on
	}{
		"revoked": {func(access.Principal) (access.Principal, error) {
			return access.Principal{}, fault.New(fault.Unauthenticated, "the API key is not valid").WithCode("invalid_api_key")
		}, "invalid_api_key"},
		"other roles": {func(who access.Principal) (access.Principal, error) {
			who.Key.Roles = []access.Role{access.Invoke}
			return who, nil
		}, "not_permitted"},
		"another organization": {func(who access.Principal) (access.Principal, error) {
			who.Key.Organization = theirs
			return who, nil
		}, "organization_not_found"},
		"database away": {func(access.Principal) (access.Principal, error) {
			return access.Principal{}, fault.New(fault.Unavailable, "the database is away")
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.events = events(2)
				s := w.settings()
				s.Access = until{w, time.Now().Add(time.Minute), c.then}
				s.Diagnosis = lasting{w}
				h, began := New(s), time.Now()

				out := ask(t, h, "admin@"+ours, "POST", envs+"/prod/diagnosis", `{}`)
				took := time.Since(began)
				if c.code != "" && (took > time.Minute+ingress.AskAgain || !strings.Contains(out.Body.String(), c.code)) {
					t.Errorf("a diagnosis took %v: %s", took, out.Body)
				}
				if c.code == "" && (took != 5*time.Minute || !strings.Contains(out.Body.String(), `"summary"`)) {
					t.Errorf("a diagnosis ended after %v: %s", took, out.Body)
				}
			})
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.events = events(2)
				s := w.settings()
				s.Access, s.Audit = until{w, time.Now().Add(time.Minute), c.then}, lasting{w}
				h, began := New(s), time.Now()
				cut := func() (cause any) {
					defer func() { cause = recover() }()
					ask(t, h, "admin@"+ours, "GET", base+"/organizations/ours/audit/export", "")
					return nil
				}()
				wasCut := cut == http.ErrAbortHandler //nolint:errorlint // what net/http looks for
				if wasCut != (c.code != "") || wasCut && time.Since(began) > time.Minute+ingress.AskAgain {
					t.Errorf("an export ended after %v, cut: %v", time.Since(began), cut)
				}
			})
		})
	}
}
