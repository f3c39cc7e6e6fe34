package control

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/tenant"
)

// call is one request on its way: who asks, for which organization, and what
// the log will say of it.
type call struct {
	id      string     // of the request
	address netip.Addr // where it comes from; none within the process
	route   *route     // nil: none
	who     access.Principal
	known   bool // who is
	// organization is the one that the path names, once the caller may see it.
	organization tenant.Organization
	named        string // what the path calls it
	conditions
	repeated repeated
	stillMay func(context.Context) error // asks again; nil: somebody else does
	header   http.Header                 // of the answer

	status int
	fault  *fault.Error
	// cut is set when an answer that began could not be ended.
	cut bool
}

type callKey struct{}

// callOf returns the request's call.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return new(call)
}

// actor is who the audit will name.
func (c *call) actor() audit.Actor {
	address := ""
	if c.address.IsValid() {
		address = c.address.String()
	}
	return c.who.Actor(address)
}

// operation is what the log calls the request; never a word of the client's.
func (c *call) operation() string {
	if c.route == nil {
		return "unknown"
	}
	return c.route.id
}

// mayRead reports whether the caller may read a fault's detail, which is for
// administrators: where the database is, only for those of the server.
func (c *call) mayRead(f *fault.Error) bool {
	if strings.HasPrefix(f.Code, "database_") {
		return c.known && c.who.May(access.ReadServer, "")
	}
	return c.known && slices.ContainsFunc(c.who.Key.Roles, func(r access.Role) bool {
		return r == access.Operator || r == access.Owner || r == access.Admin
	})
}
