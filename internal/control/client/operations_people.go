package client

import (
	"context"
	"net/http"

	"github.com/adit-hq/adit/internal/control/wire"
)

const (
	trusted = "trusted-issuers"
	budgets = "budgets"
	members = "members"
)

// Overview shows an organization at a glance.
func (c *Client) Overview(ctx context.Context, org string) (wire.Overview, error) {
	return get[wire.Overview](ctx, c, at(organizations, org, "overview"), nil)
}

// TrustIssuer makes a trusted issuer.
func (c *Client) TrustIssuer(ctx context.Context, org string, in wire.TrustedIssuerInput) (wire.TrustedIssuer, error) {
	return create[wire.TrustedIssuer](ctx, c, at(organizations, org, trusted), in)
}

// TrustedIssuer shows one by id or name.
func (c *Client) TrustedIssuer(ctx context.Context, org, name string) (wire.TrustedIssuer, error) {
	return get[wire.TrustedIssuer](ctx, c, at(organizations, org, trusted, name), nil)
}

// UpdateTrustedIssuer changes what the patch names.
func (c *Client) UpdateTrustedIssuer(ctx context.Context, org, name string, p wire.TrustedIssuerPatch) (wire.TrustedIssuer, error) {
	return patch[wire.TrustedIssuer](ctx, c, at(organizations, org, trusted, name), p)
}

// DistrustIssuer ends it at once and for ever.
func (c *Client) DistrustIssuer(ctx context.Context, org, name string) error {
	return c.remove(ctx, at(organizations, org, trusted, name), false)
}

// CreateBudget makes a budget.
func (c *Client) CreateBudget(ctx context.Context, org string, in wire.BudgetInput) (wire.Budget, error) {
	return create[wire.Budget](ctx, c, at(organizations, org, budgets), in)
}

// Budget shows one by id.
func (c *Client) Budget(ctx context.Context, org, id string) (wire.Budget, error) {
	return get[wire.Budget](ctx, c, at(organizations, org, budgets, id), nil)
}

// UpdateBudget changes what the patch names.
func (c *Client) UpdateBudget(ctx context.Context, org, id string, p wire.BudgetPatch) (wire.Budget, error) {
	return patch[wire.Budget](ctx, c, at(organizations, org, budgets, id), p)
}

// DeleteBudget deletes one.
func (c *Client) DeleteBudget(ctx context.Context, org, id string) error {
	return c.remove(ctx, at(organizations, org, budgets, id), false)
}

// Prices is the table by which costs are counted.
func (c *Client) Prices(ctx context.Context) (wire.Prices, error) {
	return get[wire.Prices](ctx, c, "/prices", nil)
}

// membersOf is the path of the people of an organization; "" means the operators.
func membersOf(org string) []string {
	if org == "" {
		return []string{"operator", "people"}
	}
	return []string{organizations, org, members}
}

// Member shows a person who has a role in an organization, by id; with org "", an operator.
func (c *Client) Member(ctx context.Context, org, person string) (wire.Person, error) {
	return get[wire.Person](ctx, c, at(append(membersOf(org), person)...), nil)
}

// UpdateMember gives a local person another role in an organization.
func (c *Client) UpdateMember(ctx context.Context, org, person string, p wire.MemberPatch) (wire.Person, error) {
	return patch[wire.Person](ctx, c, at(organizations, org, members, person), p)
}

// RemoveMember takes a person's role in an organization away; with org "", the role operator.
func (c *Client) RemoveMember(ctx context.Context, org, person string) error {
	return c.remove(ctx, at(append(membersOf(org), person)...), false)
}

// InviteMember makes a link that signs in once, as a member of an organization;
// with org "", as an operator.
func (c *Client) InviteMember(ctx context.Context, org string, in wire.LinkInput) (wire.Link, error) {
	return create[wire.Link](ctx, c, at(linksOf(org)...), in)
}

// linksOf is the path of the links to an organization; "" means the operators'.
func linksOf(org string) []string {
	if org == "" {
		return []string{"operator", "links"}
	}
	return []string{organizations, org, members, "links"}
}

// LinkPage lists a page of the links that wait to be used, to roles in an
// organization; with org "", to that of an operator.
func (c *Client) LinkPage(ctx context.Context, org string, l List) (wire.Page[wire.PendingLink], error) {
	return get[wire.Page[wire.PendingLink]](ctx, c, at(linksOf(org)...), l.query())
}

// RevokeLink takes the link of a login back before it is used; with org "", an operator's.
func (c *Client) RevokeLink(ctx context.Context, org, login string) error {
	return c.remove(ctx, at(append(linksOf(org), login)...), false)
}

// SignOutMember ends all sessions of a person who has a role in an organization;
// with org "", of an operator.
func (c *Client) SignOutMember(ctx context.Context, org, person string) error {
	return c.call(ctx, request{method: http.MethodPost, path: at(append(membersOf(org), person, "sign-out")...)}, nil)
}
