package control

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/budget"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/tenant"
	"github.com/adit-hq/adit/internal/trust"
)

// overtaken has somebody else make a change just before what is removed is written.
type overtaken struct {
	*store.Store
	by func()
}

// first lets somebody else go first, once.
func (o *overtaken) first() {
	if by := o.by; by != nil {
		o.by = nil
		by()
	}
}

func (o *overtaken) DeleteOrganization(ctx context.Context, g tenant.Organization, d tenant.Deletion, events ...audit.Event) error {
	o.first()
	return o.Store.DeleteOrganization(ctx, g, d, events...)
}

func (o *overtaken) DeleteEnvironment(ctx context.Context, e tenant.Environment, d tenant.Deletion, events ...audit.Event) error {
	o.first()
	return o.Store.DeleteEnvironment(ctx, e, d, events...)
}

func (o *overtaken) UpdateKey(ctx context.Context, k access.Key, events ...audit.Event) error {
	o.first()
	return o.Store.UpdateKey(ctx, k, events...)
}

func (o *overtaken) UpdateTrust(ctx context.Context, i trust.Issuer, events ...audit.Event) error {
	o.first()
	return o.Store.UpdateTrust(ctx, i, events...)
}

func (o *overtaken) DeleteBudget(ctx context.Context, b budget.Budget, events ...audit.Event) error {
	o.first()
	return o.Store.DeleteBudget(ctx, b, events...)
}

// TestNothingIsRemovedThatSomebodyChangedWhileItWasBeingRemoved: If-Match holds
// until the removal is written, and without it the removal goes on.
func TestNothingIsRemovedThatSomebodyChangedWhileItWasBeingRemoved(t *testing.T) {
	var meanwhile *overtaken
	h, operator, _ := realServerOn(t, t.TempDir()+"/adit.db", func(st *store.Store) rows {
		meanwhile = &overtaken{Store: st}
		return meanwhile
	})
	do := func(method, path, body string, more ...func(*http.Request)) *httptest.ResponseRecorder {
		t.Helper()
		return ask(t, h, operator, method, base+path, body, more...)
	}
	const research = "/organizations/research"
	read[wire.Organization](t, do("POST", "/organizations", `{"name":"research"}`), 201)
	read[wire.Environment](t, do("POST", research+"/environments", `{"name":"prod","region":"eu-central-1"}`), 201)
	read[wire.NewKey](t, do("POST", research+"/keys", `{"name":"search"}`), 201)
	read[wire.NewKey](t, do("POST", "/operator/keys", `{"name":"second"}`), 201)
	read[wire.TrustedIssuer](t, do("POST", research+"/trusted-issuers", body("create-trusted-issuer")), 201)
	bound := read[wire.Budget](t, do("POST", research+"/budgets", `{"period":"day","hard_usd":"5"}`), 201)
	for _, of := range []struct{ path, first, second string }{
		{research + "/environments/prod", `{"description":"one"}`, `{"description":"two"}`},
		{research + "/keys/search", `{"tags":{"team":"one"}}`, `{"tags":{"team":"two"}}`},
		{"/operator/keys/second", `{"tags":{"team":"one"}}`, `{"tags":{"team":"two"}}`},
		{research + "/trusted-issuers/new", `{"tags":{"team":"one"}}`, `{"tags":{"team":"two"}}`},
		{research + "/budgets/" + bound.ID, `{"hard_usd":"6"}`, `{"hard_usd":"7"}`},
		{research, `{"description":"one"}`, `{"description":"two"}`}, // the last: all of it is gone by now
	} {
		read := with("If-Match", do("GET", of.path, "").Header().Get("ETag"))
		meanwhile.by = func() { do("PATCH", of.path, of.first) }
		if p := told(t, do("DELETE", of.path, "", read)); p.Status != 412 || p.Code != "conflict" {
			t.Errorf("%s, as it was read: %+v", of.path, p)
		}
		if out := do("GET", of.path, ""); out.Code != 200 || !strings.Contains(out.Body.String(), of.first[1:len(of.first)-2]) {
			t.Errorf("%s after it: %d %s", of.path, out.Code, out.Body)
		}
		meanwhile.by = func() { do("PATCH", of.path, of.second) }
		if out := do("DELETE", of.path, ""); out.Code != 204 || meanwhile.by != nil {
			t.Errorf("%s, whatever it is: %d %s", of.path, out.Code, out.Body)
		}
	}
}

// TestNothingIsRemovedWithWhatSomebodyMadeWhileItWasBeingRemoved: what another
// replica just made is in use like the rest, and by force it goes with an event.
func TestNothingIsRemovedWithWhatSomebodyMadeWhileItWasBeingRemoved(t *testing.T) {
	var meanwhile *overtaken
	h, operator, _ := realServerOn(t, t.TempDir()+"/adit.db", func(st *store.Store) rows {
		meanwhile = &overtaken{Store: st}
		return meanwhile
	})
	do := func(method, path, body string) *httptest.ResponseRecorder {
		t.Helper()
		return ask(t, h, operator, method, base+path, body)
	}
	const research, prod = "/organizations/research", "/organizations/research/environments/prod"
	read[wire.Organization](t, do("POST", "/organizations", `{"name":"research"}`), 201)
	meanwhile.by = func() { do("POST", research+"/environments", `{"name":"prod","region":"eu-central-1"}`) }
	if p := told(t, do("DELETE", research, "")); p.Code != "in_use" || !strings.Contains(p.Detail, "environment prod") {
		t.Errorf("an organization in which an environment is made: %+v", p)
	}
	kept := read[wire.Environment](t, do("GET", prod, ""), 200)

	meanwhile.by = func() { do("POST", research+"/environments", `{"name":"late","region":"eu-central-1"}`) }
	if out := do("DELETE", research+"?force=true", ""); out.Code != 204 || meanwhile.by != nil {
		t.Errorf("by force: %d %s", out.Code, out.Body)
	}
	gone := read[wire.Page[wire.AuditRow]](t, do("GET", "/audit?action=environment.delete", ""), 200)
	if len(gone.Items) != 2 || gone.Items[0].Target != kept.ID && gone.Items[1].Target != kept.ID {
		t.Errorf("events of the environments: %+v", gone.Items)
	}
}
