package awssetup

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// planPermissions puts the environment's policy into the role.
func (p *planner) planPermissions(has roleState) {
	s := Step{Action: Keep, Kind: kindPermissions, Name: p.policy, ARN: p.plan.RoleARN}
	if has.policy != "" && samePolicy(has.policy, p.permissions) {
		p.add(s)
		return
	}
	s.Action = Create
	before, after := "", p.permissions
	if has.policy != "" {
		s.Action = Change
		if c, err := canonical(has.policy); err == nil {
			before = c
		}
		if c, err := canonical(after); err == nil {
			after = c
		}
	}
	s.Differences = []Difference{compare(kindPermissions, before, after)}
	s.do = func(ctx context.Context) error {
		text := compacted(p.permissions)
		_, err := p.aws.IAM.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &p.role, PolicyName: &p.policy, PolicyDocument: &text})
		return refused(err, "put the permissions on the role %s", p.role)
	}
	p.add(s)
}

// Words of the tag that notes what an environment put on somebody else's role.
const (
	partTrust = "trust"
	partFull  = "full-access"
)

// parts is the value of that tag. The managed policy is noted where Adit
// attaches it, so that it is taken away only then.
func (p *planner) parts(has roleState) string {
	words := []string{partTrust, kindPermissions}
	attached := slices.Contains(has.attached, p.managed)
	if p.fullAccess && (!attached || p.attachedByUs(has)) {
		words = append(words, partFull)
	}
	return strings.Join(words, " ")
}

func (p *planner) attachedByUs(has roleState) bool {
	return slices.Contains(strings.Fields(has.tags[tagParts+p.facts.EnvironmentID]), partFull)
}

// planManaged attaches AmazonBedrockFullAccess where it is asked for, and takes
// it away where Adit attached it and it is not asked for any more.
func (p *planner) planManaged(has roleState, ours bool) {
	attached := slices.Contains(has.attached, p.managed)
	s := Step{Kind: kindManaged, Name: "AmazonBedrockFullAccess", ARN: p.managed}
	switch {
	case p.fullAccess && !attached:
		s.Action, s.do = Create, p.attach
		s.Differences = []Difference{compare("managed policies", lines(has.attached), lines(append(slices.Clone(has.attached), p.managed)))}
	case p.fullAccess:
		s.Action = Keep
	case attached && (ours || p.attachedByUs(has)):
		s.Action, s.do = Remove, p.detach
		s.Differences = []Difference{compare("managed policies", lines(has.attached), lines(missing(has.attached, []string{p.managed})))}
	default:
		return
	}
	p.add(s)
}

func (p *planner) attach(ctx context.Context) error {
	_, err := p.aws.IAM.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &p.role, PolicyArn: &p.managed})
	return refused(err, "attach AmazonBedrockFullAccess to the role %s", p.role)
}

func (p *planner) detach(ctx context.Context) error {
	_, err := p.aws.IAM.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: &p.role, PolicyArn: &p.managed})
	if absent(err) {
		return nil
	}
	return refused(err, "detach AmazonBedrockFullAccess from the role %s", p.role)
}
