package client

import (
	"context"
	"net/url"
	"strconv"

	"github.com/adit-hq/adit/internal/control/wire"
)

// List asks for one page of a list.
type List struct {
	// Search chooses items whose name, id or the like holds the text, in any case.
	Search string
	// Sort names a field, with - before it for the reverse: "name", "-last_used".
	Sort string
	// Filter are further query parameters of the list, such as state=failing.
	Filter map[string]string
	Limit  int // 0: the server's default
	Cursor string
}

func (l List) query() url.Values {
	q := url.Values{}
	set(q, l.Filter)
	set(q, map[string]string{"search": l.Search, "sort": l.Sort, "cursor": l.Cursor})
	if l.Limit > 0 {
		q.Set("limit", strconv.Itoa(l.Limit))
	}
	return q
}

// EnvironmentPage lists a page of an organization's environments; filters: state, region.
func (c *Client) EnvironmentPage(ctx context.Context, org string, l List) (wire.Page[wire.Environment], error) {
	return get[wire.Page[wire.Environment]](ctx, c, at(organizations, org, environments), l.query())
}

// OrganizationPage lists a page of organizations.
func (c *Client) OrganizationPage(ctx context.Context, l List) (wire.Page[wire.Organization], error) {
	return get[wire.Page[wire.Organization]](ctx, c, "/organizations", l.query())
}

// KeyPage lists a page of an organization's API keys, or of the operators' with ""; filters: role.
func (c *Client) KeyPage(ctx context.Context, org string, l List) (wire.Page[wire.Key], error) {
	return get[wire.Page[wire.Key]](ctx, c, at(keysOf(org)...), l.query())
}

// EventPage lists a page of the audit; filters: action, actor, target, outcome, from, to.
func (c *Client) EventPage(ctx context.Context, org string, l List) (wire.Page[wire.AuditRow], error) {
	return get[wire.Page[wire.AuditRow]](ctx, c, AuditFilter{Organization: org}.path(), l.query())
}

// TrustedIssuerPage lists a page of an organization's trusted issuers.
func (c *Client) TrustedIssuerPage(ctx context.Context, org string, l List) (wire.Page[wire.TrustedIssuer], error) {
	return get[wire.Page[wire.TrustedIssuer]](ctx, c, at(organizations, org, trusted), l.query())
}

// BudgetPage lists a page of an organization's budgets; filters: state.
func (c *Client) BudgetPage(ctx context.Context, org string, l List) (wire.Page[wire.Budget], error) {
	return get[wire.Page[wire.Budget]](ctx, c, at(organizations, org, budgets), l.query())
}

// MemberPage lists a page of the people who have a role in an organization; filters:
// role. With org "" it lists those who are operators, and knows no filter.
func (c *Client) MemberPage(ctx context.Context, org string, l List) (wire.Page[wire.Person], error) {
	return get[wire.Page[wire.Person]](ctx, c, at(membersOf(org)...), l.query())
}

// CallableModelPage lists a page of what callers of an organization can ask for; filters: environment, family.
func (c *Client) CallableModelPage(ctx context.Context, org string, l List) (wire.Page[wire.CallableModel], error) {
	return get[wire.Page[wire.CallableModel]](ctx, c, at(organizations, org, "models"), l.query())
}
