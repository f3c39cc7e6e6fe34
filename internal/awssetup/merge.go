package awssetup

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/adit-hq/adit/internal/fault"
)

// mostTrust is the usual quota of a trust policy's characters, spaces aside (IAM quotas).
const mostTrust = 2048

// planTrust puts the environment's statement into the trust policy of a role
// that exists. Every other statement stays as it is.
func (p *planner) planTrust(has roleState) error {
	s := Step{Action: Keep, Kind: kindTrust, Name: p.role, ARN: has.arn}
	before, err := readPolicy(has.trust)
	if err != nil {
		return fault.Wrap(err, fault.Refused, "the trust policy of the role %s cannot be read", p.role)
	}
	after, err := p.merge(before)
	if err != nil {
		return err
	}
	p.warnOfLoose(before)
	text, err := after.text()
	if err != nil {
		return err
	}
	if samePolicy(has.trust, text) {
		p.add(s)
		return nil
	}
	if n := len(compacted(text)); n > mostTrust {
		p.plan.warn("The role's trust policy would have " + itoa(n) + " characters; AWS allows " + itoa(mostTrust) + " unless the account's quota was raised. A separate role for the environment avoids that.")
	}
	s.Action, s.Differences = Change, []Difference{compareTrust(has.trust, text)}
	s.do = func(ctx context.Context) error { return p.setTrust(ctx, has.trust, text) }
	p.add(s)
	return nil
}

// compareTrust shows both policies in one form, so that only what they mean differs.
func compareTrust(before, after string) Difference {
	if c, err := canonical(before); err == nil {
		before = c
	}
	if c, err := canonical(after); err == nil {
		after = c
	}
	return compare(kindTrust, before, after)
}

// merge returns the policy with the environment's statement in it: in place of
// the one with its Sid, or else at the end. A statement that means the same
// under another Sid, such as one made by hand, stands for it.
func (p *planner) merge(before policy) (policy, error) {
	ours, err := json.Marshal(p.trust)
	if err != nil {
		return policy{}, err
	}
	after := policy{members: before.members, statements: slices.Clone(before.statements)}
	for i, raw := range before.statements {
		switch t := readTrust(raw); {
		case t.Sid == p.trust.Sid && !t.federated():
			return policy{}, fault.New(fault.Config, "the trust policy of the role %s has a statement %s that is not Adit's", p.role, p.trust.Sid).
				WithRemedy("Give that statement another Sid, or choose another role.")
		case t.Sid == p.trust.Sid:
			after.statements[i] = ours
			return after, nil
		}
	}
	for _, raw := range before.statements {
		if p.meansOurs(raw) {
			return after, nil
		}
	}
	after.statements = append(after.statements, ours)
	return after, nil
}

// meansOurs says that a statement is the environment's but for its Sid.
func (p *planner) meansOurs(raw json.RawMessage) bool {
	var s map[string]any
	if json.Unmarshal(raw, &s) != nil {
		return false
	}
	s["Sid"] = p.trust.Sid
	theirs, err1 := indented(document{policyVersion, []any{s}})
	ours, err2 := p.trustDocument()
	return err1 == nil && err2 == nil && samePolicy(theirs, ours)
}

// setTrust writes the merged policy, unless somebody changed the policy since
// the plan was made: their statement would be lost.
func (p *planner) setTrust(ctx context.Context, before, after string) error {
	got, err := p.aws.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: &p.role})
	if err != nil {
		return refused(err, "show the role %s", p.role)
	}
	now, err := decoded(deref(got.Role.AssumeRolePolicyDocument))
	if err != nil {
		return err
	}
	if !samePolicy(now, before) && !samePolicy(now, after) {
		return fault.New(fault.Config, "the trust policy of the role %s has changed since the plan was made", p.role).
			WithCode("plan_stale").WithRemedy("Run the command again for a new plan.")
	}
	after = compacted(after)
	_, err = p.aws.IAM.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: &p.role, PolicyDocument: &after})
	return refused(err, "change the trust policy of the role %s", p.role)
}

// looseTrust is what of a foreign statement tells whom it lets in.
type looseTrust struct {
	Sid       string         `json:"Sid"`
	Effect    string         `json:"Effect"`
	Principal any            `json:"Principal"`
	Condition map[string]any `json:"Condition"`
}

func readTrust(raw json.RawMessage) (t looseTrust) {
	_ = json.Unmarshal(raw, &t) // what cannot be read is nobody's
	return t
}

// federated says that the statement is about an OIDC provider.
func (t looseTrust) federated() bool {
	for _, p := range t.providers() {
		if strings.Contains(p, ":oidc-provider/") {
			return true
		}
	}
	return false
}

func (t looseTrust) providers() []string {
	m, ok := t.Principal.(map[string]any)
	if !ok || m["Federated"] == nil {
		return nil
	}
	return values(m["Federated"])
}

// trusts says that the statement lets tokens of the provider in.
func (t looseTrust) trusts(provider string) bool {
	return t.Effect == "Allow" && slices.Contains(t.providers(), provider)
}

// warnOfLoose tells of other statements that let in more than one subject of
// the issuer.
func (p *planner) warnOfLoose(all policy) {
	for i, raw := range all.statements {
		t := readTrust(raw)
		if t.Sid == p.trust.Sid || !t.trusts(p.plan.ProviderARN) || t.pinned(p.facts.Host()+":sub") {
			continue
		}
		name := t.Sid
		if name == "" {
			name = "number " + itoa(i+1)
		}
		p.plan.warn("Statement " + name + " of the role's trust policy admits more than one subject of " + p.facts.Issuer + ", including other tenants'. Remove it, or give it a StringEquals condition on " + p.facts.Host() + ":sub.")
	}
}

// pinned says that a condition names the key's value exactly.
func (t looseTrust) pinned(key string) bool {
	for operator, keys := range t.Condition {
		m, ok := keys.(map[string]any)
		if !ok {
			continue
		}
		for k, v := range m {
			if !strings.EqualFold(k, key) {
				continue
			}
			switch operator {
			case "StringEquals", "StringEqualsIgnoreCase":
				return true
			case "StringLike":
				return !slices.ContainsFunc(values(v), func(s string) bool { return strings.ContainsAny(s, "*?") })
			}
		}
	}
	return false
}
