package awssetup

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

type jsonRaw = json.RawMessage

// deleteRole plans the end of a role of Adit's that trusts nobody else. IAM
// deletes a role only when no policy is in it or attached to it any more; those
// that somebody added are named.
func (p *planner) deleteRole(ctx context.Context, has roleState) error {
	policies, err := p.inlinePolicies(ctx)
	if err != nil {
		return err
	}
	for _, name := range policies {
		if name != p.policy {
			p.plan.warn("The inline policy " + name + " of the role " + p.role + " was not created by Adit, and is deleted with the role.")
		}
		s := Step{Action: Remove, Kind: kindPermissions, Name: name, ARN: has.arn, do: func(ctx context.Context) error { return p.deletePolicy(ctx, name) }}
		if name == p.policy {
			s.Differences = []Difference{compare(kindPermissions, has.policy, "")}
		}
		p.add(s)
	}
	for _, arn := range has.attached {
		p.add(Step{Action: Remove, Kind: kindManaged, Name: arn, ARN: arn, Why: "it stays in the account, detached from this role", do: func(ctx context.Context) error {
			_, err := p.aws.IAM.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &p.role, PolicyArn: &arn})
			if absent(err) {
				return nil
			}
			return refused(err, "detach %s from the role %s", arn, p.role)
		}})
	}
	p.add(Step{Action: Remove, Kind: kindRole, Name: p.role, ARN: has.arn, Differences: []Difference{
		compare("tags", tagLines(has.tags), ""), compare(kindTrust, has.trust, ""),
	}, do: func(ctx context.Context) error {
		_, err := p.aws.IAM.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &p.role})
		if absent(err) {
			return nil
		}
		return refused(err, "delete the role %s", p.role)
	}})
	return nil
}

func (p *planner) inlinePolicies(ctx context.Context) ([]string, error) {
	var out []string
	var marker *string
	for {
		page, err := p.aws.IAM.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &p.role, Marker: marker})
		if err != nil {
			return nil, refused(err, "list the inline policies of the role %s", p.role)
		}
		out = append(out, page.PolicyNames...)
		if marker = page.Marker; !page.IsTruncated || marker == nil {
			return out, nil
		}
	}
}

func (p *planner) deletePolicy(ctx context.Context, name string) error {
	_, err := p.aws.IAM.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &p.role, PolicyName: &name})
	if absent(err) {
		return nil
	}
	return refused(err, "delete the inline policy %s of the role %s", name, p.role)
}

// removeProvider plans the end of the provider, unless it is somebody else's or
// a role still trusts it.
func (p *planner) removeProvider(ctx context.Context, gone bool) error {
	has, err := p.readProvider(ctx)
	if err != nil || !has.there {
		return err
	}
	s := Step{Action: Keep, Kind: kindProvider, Name: p.facts.Host(), ARN: p.plan.ProviderARN}
	if !owned(has.tags, map[string]string{tagManaged: managed, tagIssuer: p.facts.Issuer}) {
		s.Why = "not created by Adit"
		p.add(s)
		return nil
	}
	users, err := p.trusting(ctx)
	if err != nil {
		return err
	}
	if gone {
		users = missing(users, []string{p.role})
	}
	if len(users) > 0 {
		s.Why = "the role " + users[0] + " trusts it"
		if len(users) > 1 {
			s.Why = itoa(len(users)) + " roles trust it, such as " + users[0]
		}
		p.add(s)
		return nil
	}
	s.Action, s.Differences = Remove, []Difference{compare("audiences", lines(has.audiences), ""), compare("tags", tagLines(has.tags), "")}
	s.do = func(ctx context.Context) error {
		_, err := p.aws.IAM.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &p.plan.ProviderARN})
		if absent(err) {
			return nil
		}
		return refused(err, "delete the provider %s", p.facts.Host())
	}
	p.add(s)
	return nil
}

// trusting returns the names of all roles that trust the provider, whoever made them.
func (p *planner) trusting(ctx context.Context) ([]string, error) {
	var out []string
	var marker *string
	for {
		page, err := p.aws.IAM.ListRoles(ctx, &iam.ListRolesInput{Marker: marker})
		if err != nil {
			return nil, refused(err, "list the roles that trust the provider %s", p.facts.Host())
		}
		for _, r := range page.Roles {
			text, err := decoded(deref(r.AssumeRolePolicyDocument))
			if err != nil {
				return nil, err
			}
			trust, err := readPolicy(text)
			if err != nil {
				return nil, refused(err, "read the trust policy of the role %s", deref(r.RoleName))
			}
			if slices.ContainsFunc(trust.statements, func(raw json.RawMessage) bool { return readTrust(raw).trusts(p.plan.ProviderARN) }) {
				out = append(out, deref(r.RoleName))
			}
		}
		if marker = page.Marker; !page.IsTruncated || marker == nil {
			return out, nil
		}
	}
}
