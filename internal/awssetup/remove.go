package awssetup

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/adit-hq/adit/internal/fault"
)

// NewRemoval reads the account and returns what undoing the setup takes: the
// role where it is Adit's and nobody else's, else only what setup put on it; and
// the provider where it is Adit's and no role trusts it any more.
func NewRemoval(ctx context.Context, f Facts, o Options, a AWS) (*Plan, error) {
	o.Models, o.Tags = nil, nil // neither decides what goes
	f.Models = nil
	p, err := newPlanner(ctx, f, o, a)
	if err != nil {
		return nil, err
	}
	gone, err := p.removeRole(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.removeProvider(ctx, gone); err != nil {
		return nil, err
	}
	return p.plan, ctx.Err()
}

// removeRole plans the end of the role or of what setup put on it. gone says
// that it will trust the provider no more.
func (p *planner) removeRole(ctx context.Context) (gone bool, err error) {
	has, err := p.readRole(ctx)
	if err != nil || !has.there {
		return true, err
	}
	p.plan.RoleARN = has.arn
	ours := owned(has.tags, p.roleTags)
	_, noted := has.tags[tagParts+p.facts.EnvironmentID]
	if !ours && !noted && !p.named {
		return false, nil // somebody else's role under the name that setup would have chosen
	}
	trust, err := readPolicy(has.trust)
	if err != nil {
		return false, fault.Wrap(err, fault.Refused, "the trust policy of the role %s cannot be read", p.role)
	}
	rest := p.without(trust, ours)
	if ours && len(rest.statements) == 0 {
		return true, p.deleteRole(ctx, has)
	}
	return p.strip(has, trust, rest, ours)
}

// without returns the trust policy without the environment's statement. In a
// role of Adit's, one under another Sid that means the same is Adit's too.
func (p *planner) without(all policy, ours bool) policy {
	out := policy{members: all.members, statements: []jsonRaw{}}
	for _, raw := range all.statements {
		t := readTrust(raw)
		if (t.Sid == p.trust.Sid && t.federated()) || (ours && p.meansOurs(raw)) {
			continue
		}
		out.statements = append(out.statements, raw)
	}
	return out
}

// strip takes what setup put on a role that others use, and lets the role stay.
func (p *planner) strip(has roleState, trust, rest policy, ours bool) (gone bool, err error) {
	gone = true
	for _, raw := range rest.statements {
		gone = gone && !readTrust(raw).trusts(p.plan.ProviderARN)
	}
	if len(rest.statements) < len(trust.statements) {
		if len(rest.statements) == 0 {
			gone = false
			p.plan.warn("The environment's statement is the only one in the trust policy of the role " + p.role + ", which needs at least one. Delete the role if nobody uses it.")
		} else if err := p.removeStatement(has, rest); err != nil {
			return false, err
		}
	}
	if has.policy != "" {
		p.add(Step{Action: Remove, Kind: kindPermissions, Name: p.policy, ARN: has.arn,
			Differences: []Difference{compare(kindPermissions, has.policy, "")}, do: func(ctx context.Context) error { return p.deletePolicy(ctx, p.policy) }})
	}
	if slices.Contains(has.attached, p.managed) && (ours || p.attachedByUs(has)) {
		p.add(Step{Action: Remove, Kind: kindManaged, Name: "AmazonBedrockFullAccess", ARN: p.managed,
			Differences: []Difference{compare("managed policies", lines(has.attached), lines(missing(has.attached, []string{p.managed})))}, do: p.detach})
	}
	keys := append([]string{tagParts + p.facts.EnvironmentID}, ownership()...)
	if !ours {
		keys = keys[:1]
	}
	p.untag(has, keys) // last: until then the next run finds what is left
	return gone, nil
}

func (p *planner) removeStatement(has roleState, rest policy) error {
	text, err := rest.text()
	if err != nil {
		return err
	}
	p.add(Step{Action: Change, Kind: kindTrust, Name: p.role, ARN: has.arn, Differences: []Difference{compareTrust(has.trust, text)},
		do: func(ctx context.Context) error { return p.setTrust(ctx, has.trust, text) }})
	return nil
}

func (p *planner) untag(has roleState, keys []string) {
	s := Step{Action: Change, Kind: kindRole, Name: p.role, ARN: has.arn, Why: "others use the role"}
	var there []string
	for _, k := range keys {
		if v, ok := has.tags[k]; ok {
			there = append(there, k)
			s.Differences = append(s.Differences, compare("tag "+k, v, ""))
		}
	}
	if len(there) == 0 {
		s.Action = Keep
		p.add(s)
		return
	}
	s.do = func(ctx context.Context) error {
		_, err := p.aws.IAM.UntagRole(ctx, &iam.UntagRoleInput{RoleName: &p.role, TagKeys: there})
		return refused(err, "remove the tags from the role %s", p.role)
	}
	p.add(s)
}
