package awssetup

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/adit-hq/adit/internal/fault"
)

// Action says what a step does.
type Action string

// What steps do.
const (
	Create Action = "create"
	Change Action = "change"
	Keep   Action = "keep"
	Remove Action = "remove"
)

// Step is one thing that setup looked at.
type Step struct {
	Action Action `json:"action"`
	// Kind is "OIDC provider", "role", "trust policy", "permissions" or "managed policy".
	Kind string `json:"kind"`
	Name string `json:"name"`
	ARN  string `json:"arn,omitempty"`
	// Why says why it is kept where one could expect otherwise.
	Why string `json:"why,omitempty"`
	// Differences are what changes; none for what is kept.
	Differences []Difference `json:"differences,omitempty"`

	do func(context.Context) error
}

// Plan is what it takes to bring an account to where it should be. Nothing has
// been changed yet.
type Plan struct {
	Account     string `json:"account"`
	RoleARN     string `json:"role_arn"`
	ProviderARN string `json:"provider_arn"`
	Steps       []Step `json:"steps"`
	// Warnings are sentences on what setup will not mend.
	Warnings []string `json:"warnings,omitempty"`

	made bool // something was created, which IAM may not show everywhere yet
}

// Empty says that there is nothing to change.
func (p *Plan) Empty() bool {
	for _, s := range p.Steps {
		if s.Action != Keep {
			return false
		}
	}
	return true
}

// Summary is the plan in one line, such as "1 to create, 2 to change, 1 to keep".
func (p *Plan) Summary() string {
	if p.Empty() {
		return "nothing to change"
	}
	count := map[Action]int{}
	for _, s := range p.Steps {
		count[s.Action]++
	}
	var parts []string
	for _, a := range []Action{Create, Change, Remove, Keep} {
		if count[a] > 0 {
			parts = append(parts, itoa(count[a])+" to "+string(a))
		}
	}
	return strings.Join(parts, ", ")
}

func (p *Plan) warn(text string) { p.Warnings = append(p.Warnings, text) }

// planner reads an account.
type planner struct {
	*desired
	aws  AWS
	plan *Plan
}

// NewPlan reads the account and returns what setting up the environment takes.
// It changes nothing.
func NewPlan(ctx context.Context, f Facts, o Options, a AWS) (*Plan, error) {
	p, err := newPlanner(ctx, f, o, a)
	if err != nil {
		return nil, err
	}
	if err := p.planProvider(ctx); err != nil {
		return nil, err
	}
	if err := p.planRole(ctx); err != nil {
		return nil, err
	}
	for _, m := range p.leftOut {
		p.plan.warn("The environment has " + m + " enabled, but --models omits it: calls to it will be refused.")
	}
	p.readAvailability(ctx)
	return p.plan, ctx.Err()
}

func newPlanner(ctx context.Context, f Facts, o Options, a AWS) (*planner, error) {
	d, err := newDesired(f, o)
	if err != nil {
		return nil, err
	}
	who, err := a.Identity.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, refused(err, "identify these credentials")
	}
	id, arn := deref(who.Account), deref(who.Arn)
	parts := strings.SplitN(arn, ":", 3)
	if len(parts) == 3 && parts[1] != d.partition {
		return nil, fault.New(fault.Config, "the credentials belong to partition %s, but the environment's region %s is in %s", parts[1], f.Region, d.partition).
			WithRemedy("Use credentials of an account in that partition.")
	}
	if d.account != "" && d.account != id {
		return nil, fault.New(fault.Config, "these credentials belong to account %s, but setup is for account %s", id, d.account).WithCode("wrong_account").
			WithDetail("the credentials belong to %s", arn).WithRemedy("Choose credentials for account %s with --profile.", d.account)
	}
	if !accountPattern.MatchString(id) {
		return nil, fault.New(fault.Refused, "AWS did not identify these credentials")
	}
	d.settle(id)
	return &planner{desired: d, aws: a, plan: &Plan{Account: id, RoleARN: in(d.roleARN(), id), ProviderARN: in(d.providerARN(), id)}}, nil
}

// settle writes the account's id wherever it belongs.
func (d *desired) settle(id string) {
	d.account = id
	d.permissions = in(d.permissions, id)
	d.trust.Principal = map[string]string{"Federated": in(d.providerARN(), id)}
}

// add adds a step to the plan.
func (p *planner) add(s Step) { p.plan.Steps = append(p.plan.Steps, s) }

// deref returns what p points to, or the zero value.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
