package control

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ingress"
	"github.com/adit-hq/adit/internal/pace"
	"github.com/adit-hq/adit/internal/tenant"
)

// Authenticator knows API keys.
type Authenticator interface {
	// Authenticate returns whose key it is, or a fault of kind Unauthenticated
	// that does not tell why.
	Authenticate(ctx context.Context, presented string) (access.Principal, error)
}

// admits lets through who may use the route: it is the one place where that is
// decided. Who is not known gets 401. Another's organization, and one that is
// not there, are the same 404. Who may see an organization but not this gets 403.
func (a *api) admits(rt route) func(huma.Context, func(huma.Context)) {
	timeout := rt.timeout
	if timeout == 0 {
		timeout = a.s.Timeout
	}
	return func(h huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(h)
		ctx, cancel := context.WithTimeout(h.Context(), timeout)
		defer cancel()
		c := callOf(ctx)
		c.route, c.header = &rt, w.Header()
		err := a.admit(ctx, c, r)
		if err == nil {
			c.conditions, err = conditionsOf(&rt, r.Header)
		}
		if err == nil {
			c.repeated, err = a.repeatedOf(&rt, r.Header)
		}
		if err == nil {
			err = readBody(w, r)
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		// Not every writer has deadlines.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(timeout + bodyTime))
		next(huma.WithContext(h, ctx))
	}
}

func (a *api) admit(ctx context.Context, c *call, r *http.Request) error {
	now := a.s.Now()
	c.address = c.origin(ctx)
	within := isActing(ctx)
	if !within {
		if wait := a.byAddress.Take(cmp.Or(pace.Neighbourhood(c.address), "local"), now); wait > 0 {
			return tooOften("from this address", wait)
		}
	}
	who, err := a.identify(ctx, ingress.Key(r))
	if err != nil {
		return err
	}
	c.who, c.known = who, true
	if err := a.slow(c, within, now); err != nil {
		return err
	}
	if err := a.refresh(ctx, within, r.Header.Get("If-Match") != ""); err != nil {
		return err
	}
	c.stillMay = a.stillMay(ctx, c, r)
	return a.authorize(c, r.PathValue("org"))
}

// slow refuses who asks too often. A person looks at pages, each of which asks
// several times in the person's name and takes nothing from the programs of the
// organization.
func (a *api) slow(c *call, within bool, now time.Time) error {
	if within {
		if wait := a.byPerson.Take(c.who.Key.ID, now); wait > 0 {
			return tooOften("of yours", wait)
		}
		return nil
	}
	if wait := a.byKey.Take(c.who.Key.ID, now); wait > 0 {
		return tooOften("with this API key", wait)
	}
	if wait := a.byOrganization.Take(c.who.Key.Organization, now); wait > 0 {
		return tooOften("of this organization", wait)
	}
	return nil
}

// authorize decides by the route's row of the table, the caller's roles, and
// the organization that the path names.
func (a *api) authorize(c *call, named string) error {
	switch c.route.scope {
	case ofOrganization:
		if err := a.find(c, named); err != nil {
			return err
		}
		return a.permit(c, c.organization.ID)
	case ofServer:
		if err := a.permit(c, ""); err != nil || named == "" {
			return err
		}
		return a.find(c, named)
	default: // ofSelf
		return nil
	}
}

// find looks the organization of the path up.
func (a *api) find(c *call, named string) error {
	o, err := a.s.Organizations.Organization(named)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if err != nil || !sees(c.who, o) {
		return noOrganization()
	}
	c.organization, c.named = o, named
	return nil
}

func (a *api) permit(c *call, organization string) error {
	if c.who.May(c.route.permission, organization) {
		return nil
	}
	return fault.New(fault.Forbidden, "%s does not have the permission %s", c.pick("your role", "this API key"), c.route.permission).
		WithCode("not_permitted").WithRemedy("%s", c.pick("Ask an owner of the organization, or an operator, for a role that includes it.",
		"Use a key with a role that includes it, or ask an administrator for one."))
}

// sees reports whether a caller may know that the organization is there.
func sees(who access.Principal, o tenant.Organization) bool {
	return who.Key.Organization == "" || who.Key.Organization == o.ID
}

// noOrganization says nothing that tells a foreign organization from none.
func noOrganization() error {
	return fault.New(fault.NotFound, "there is no such organization").
		WithCode("organization_not_found").WithRemedy("List those that you have access to.")
}

func tooOften(whence string, wait time.Duration) error {
	f := fault.New(fault.Throttled, "too many requests %s", whence).WithCode("rate_limited").WithRemedy("Wait as long as Retry-After says.")
	f.RetryAfter = wait
	return f
}
