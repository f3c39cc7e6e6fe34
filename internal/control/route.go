package control

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/adit-hq/adit/internal/access"
)

// base is where the API begins.
const base = "/api/v1"

// scope says of whom a route's permission is asked.
type scope uint8

const (
	// ofServer: the permission is needed for the server as a whole.
	ofServer scope = iota
	// ofOrganization: it is needed in the organization that the path names as {org}.
	ofOrganization
	// ofSelf: every known key may; the answer is about what the key may see.
	ofSelf
)

// route is one row of the table from which the API, its document and the
// authorization tests are made.
type route struct {
	method, path string // the path below base
	id           string // of the operation
	summary      string
	permission   access.Permission
	scope        scope
	timeout      time.Duration // 0: the usual
	handle       handler
}

// handler is what a route does.
type handler struct {
	register func(huma.API, huma.Operation)
	// versioned: it changes one thing that has a version, and so takes If-Match.
	versioned bool
}

// versioned says of a handler that it keeps to the version that c.pinned returns.
func versioned(h handler) handler {
	h.versioned = true
	return h
}

// answer is how huma wants a body and its status.
type answer[T any] struct {
	Status int
	Body   T
}

// on makes a handler of a function that answers with a body.
func on[I, T any](h func(context.Context, *call, *I) (T, error)) handler {
	return handler{register: func(api huma.API, op huma.Operation) {
		var shape T
		if _, _, known := versionOf(shape); known {
			describeVersion(&op)
		}
		huma.Register(api, op, func(ctx context.Context, in *I) (*answer[T], error) {
			c := callOf(ctx)
			body, err := h(ctx, c, in)
			if err != nil {
				return nil, problemOf(ctx, err)
			}
			if c.tag(body) {
				return &answer[T]{http.StatusNotModified, body}, nil // huma writes no body then
			}
			return &answer[T]{cmp.Or(op.DefaultStatus, http.StatusOK), body}, nil
		})
	}}
}

// does makes a handler of a function that answers with success alone.
func does[I any](h func(context.Context, *call, *I) error) handler {
	return handler{register: func(api huma.API, op huma.Operation) {
		op.DefaultStatus = http.StatusNoContent
		huma.Register(api, op, func(ctx context.Context, in *I) (*struct{}, error) {
			if err := h(ctx, callOf(ctx), in); err != nil {
				return nil, problemOf(ctx, err)
			}
			return nil, nil //nolint:nilnil // how huma is told that there is no body
		})
	}}
}

// made is on for what makes something: 201, and once for each idempotency key.
func made[I, T any](h func(context.Context, *call, *I) (T, error)) handler {
	return handler{register: func(api huma.API, op huma.Operation) {
		op.DefaultStatus = http.StatusCreated
		on(once(op.DefaultStatus, h)).register(api, op)
	}}
}

// routes is the whole table.
func (a *api) routes() []route {
	var all []route
	for _, part := range [][]route{
		a.selfRoutes(), a.statusRoutes(), a.organizationRoutes(), a.environmentRoutes(), a.exchangeRoutes(), a.modelRoutes(),
		a.diagnosisRoutes(), a.setupRoutes(), a.keyRoutes(), a.issuerRoutes(), a.auditRoutes(), a.usageRoutes(),
		a.peopleRoutes(), a.operatorRoutes(), a.linkRoutes(), a.trustedRoutes(), a.budgetRoutes(), a.priceRoutes(), a.callableRoutes(), a.overviewRoutes(),
	} {
		all = append(all, part...)
	}
	return all
}

// mount puts every route on the mux. Other methods of a known path, and other
// paths, are answered as problems too.
func (a *api) mount(mux *http.ServeMux, h huma.API) {
	known := knownPaths{}
	for _, r := range a.routes() {
		known.add(base+r.path, r.method)
		r.handle.register(h, huma.Operation{
			OperationID: r.id, Method: r.method, Path: base + r.path, Summary: r.summary, Tags: []string{tag(r)},
			Description: "Needs " + need(r) + ".", Security: []map[string][]string{{"bearer": {}}, {"key": {}}},
			MaxBodyBytes: maxBody, BodyReadTimeout: -1, // readBody did both
			Middlewares:                  huma.Middlewares{a.admits(r)},
			RejectUnknownQueryParameters: true,
		})
	}
	mux.Handle("/", a.otherwise(known))
}

// need says in words what a route asks for.
func need(r route) string {
	switch r.scope {
	case ofServer:
		return fmt.Sprintf("the permission %s of the server", r.permission)
	case ofOrganization:
		return fmt.Sprintf("the permission %s in the organization", r.permission)
	default: // ofSelf
		return "an API key"
	}
}

// tag is the noun under which the document lists a route: the last one of its path that is no verb.
func tag(r route) string {
	at := "server"
	for part := range strings.SplitSeq(strings.Trim(r.path, "/"), "/") {
		switch part {
		case "organizations", "environments", "models", "keys", "audit", "usage", "issuer", "members", "trusted-issuers", "budgets":
			at = part
		}
	}
	return at
}
