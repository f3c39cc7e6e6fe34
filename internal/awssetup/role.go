package awssetup

import (
	"context"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/adit-hq/adit/internal/fault"
)

// Kinds of step that a role has.
const (
	kindRole        = "role"
	kindTrust       = "trust policy"
	kindPermissions = "permissions"
	kindManaged     = "managed policy"
)

// roleState is a role as the account has it.
type roleState struct {
	there    bool
	arn      string
	path     string
	trust    string
	session  time.Duration
	boundary string
	tags     map[string]string
	policy   string   // the environment's permissions; "" where there are none
	attached []string // ARNs of managed policies
}

// readRole reads all of a role that setup looks at.
func (p *planner) readRole(ctx context.Context) (roleState, error) {
	got, err := p.aws.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: &p.role})
	if absent(err) {
		return roleState{}, nil
	}
	if err != nil {
		return roleState{}, refused(err, "show the role %s", p.role)
	}
	r := got.Role
	s := roleState{
		there: true, arn: deref(r.Arn), path: deref(r.Path), tags: tagMap(r.Tags),
		session: time.Duration(deref(r.MaxSessionDuration)) * time.Second,
	}
	if r.PermissionsBoundary != nil {
		s.boundary = deref(r.PermissionsBoundary.PermissionsBoundaryArn)
	}
	if s.trust, err = decoded(deref(r.AssumeRolePolicyDocument)); err != nil {
		return s, err
	}
	policy, err := p.aws.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &p.role, PolicyName: &p.policy})
	switch {
	case err == nil:
		if s.policy, err = decoded(deref(policy.PolicyDocument)); err != nil {
			return s, err
		}
	case !absent(err):
		return s, refused(err, "show the permissions of the role %s", p.role)
	}
	s.attached, err = p.attachments(ctx)
	return s, err
}

// decoded reads a policy as IAM sends it: percent-encoded (IAM API reference, GetRole).
func decoded(text string) (string, error) {
	out, err := url.PathUnescape(text)
	if err != nil {
		return "", fault.Wrap(err, fault.Refused, "AWS returned a policy that cannot be read")
	}
	return out, nil
}

func (p *planner) attachments(ctx context.Context) ([]string, error) {
	var out []string
	var marker *string
	for {
		page, err := p.aws.IAM.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &p.role, Marker: marker})
		if err != nil {
			return nil, refused(err, "list the managed policies of the role %s", p.role)
		}
		for _, a := range page.AttachedPolicies {
			out = append(out, deref(a.PolicyArn))
		}
		if marker = page.Marker; !page.IsTruncated || marker == nil {
			return out, nil
		}
	}
}

// planRole creates the role, or changes what differs.
func (p *planner) planRole(ctx context.Context) error {
	has, err := p.readRole(ctx)
	if err != nil {
		return err
	}
	if !has.there {
		return p.planNewRole()
	}
	ours := owned(has.tags, p.roleTags)
	if !ours && !p.named {
		return taken(p.role, has.tags)
	}
	if p.pathAsked && has.path != p.path {
		return fault.New(fault.Config, "the role %s has the path %s, which IAM cannot change to %s", p.role, has.path, p.path).
			WithRemedy("Choose another name with --role-name, or omit --path.")
	}
	p.plan.RoleARN = has.arn
	p.planSettings(has, ours)
	if err := p.planTrust(has); err != nil {
		return err
	}
	p.planPermissions(has)
	p.planManaged(has, ours)
	return nil
}

func (p *planner) planNewRole() error {
	trust, err := p.trustDocument()
	if err != nil {
		return err
	}
	s := Step{Action: Create, Kind: kindRole, Name: p.role, ARN: p.plan.RoleARN, Differences: []Difference{
		compare("path", "", p.path), compare("longest session", "", spell(p.session)),
		compare("tags", "", tagLines(p.roleTags)), compare(kindTrust, "", trust),
	}}
	if p.boundary != "" {
		s.Differences = append(s.Differences, compare("permissions boundary", "", p.boundary))
	}
	s.do = func(ctx context.Context) error { return p.createRole(ctx, trust) }
	p.add(s)
	p.planPermissions(roleState{})
	p.planManaged(roleState{}, true)
	return nil
}

func (p *planner) createRole(ctx context.Context, trust string) error {
	trust = compacted(trust)
	input := &iam.CreateRoleInput{
		RoleName: &p.role, Path: &p.path, Description: &p.description, AssumeRolePolicyDocument: &trust,
		MaxSessionDuration: aws.Int32(p.seconds()), Tags: tagList(p.roleTags),
	}
	if p.boundary != "" {
		input.PermissionsBoundary = &p.boundary
	}
	_, err := p.aws.IAM.CreateRole(ctx, input)
	if err == nil {
		p.plan.made = true
	}
	return refused(err, "create the role %s", p.role)
}

// planSettings changes the longest session, the boundary and the tags. A role of
// somebody else keeps what does not stand in the way.
func (p *planner) planSettings(has roleState, ours bool) {
	s := Step{Action: Keep, Kind: kindRole, Name: p.role, ARN: has.arn}
	var acts []func(context.Context) error
	if has.session < p.session || (ours && p.sessionSet && has.session != p.session) {
		s.Differences = append(s.Differences, compare("longest session", spell(has.session), spell(p.session)))
		acts = append(acts, p.setSession)
	}
	if p.boundary != "" && has.boundary != p.boundary {
		s.Differences = append(s.Differences, compare("permissions boundary", has.boundary, p.boundary))
		acts = append(acts, p.setBoundary)
	}
	want := p.roleTags
	if !ours {
		want = map[string]string{tagParts + p.facts.EnvironmentID: p.parts(has)}
	}
	changed := map[string]string{}
	for _, k := range sortedKeys(want) {
		if v, there := has.tags[k]; !there || v != want[k] {
			changed[k] = want[k]
			s.Differences = append(s.Differences, compare("tag "+k, v, want[k]))
		}
	}
	if len(changed) > 0 {
		acts = append(acts, func(ctx context.Context) error {
			_, err := p.aws.IAM.TagRole(ctx, &iam.TagRoleInput{RoleName: &p.role, Tags: tagList(changed)})
			return refused(err, "tag the role %s", p.role)
		})
	}
	if len(acts) > 0 {
		s.Action, s.do = Change, sequence(acts)
	}
	p.add(s)
}

func (p *planner) setSession(ctx context.Context) error {
	_, err := p.aws.IAM.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: &p.role, MaxSessionDuration: aws.Int32(p.seconds())})
	return refused(err, "change the maximum session duration of the role %s", p.role)
}

func (p *planner) setBoundary(ctx context.Context) error {
	_, err := p.aws.IAM.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: &p.role, PermissionsBoundary: &p.boundary})
	return refused(err, "set the permissions boundary of the role %s", p.role)
}
