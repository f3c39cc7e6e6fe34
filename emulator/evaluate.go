package emulator

import (
	"slices"
	"strings"
)

// Condition keys, lower case: IAM compares them without regard to case.
const (
	keyProfile = "bedrock:inferenceprofilearn"
	keyRegion  = "aws:requestedregion"
)

// resource is something that an action needs a right to, with the values of
// the condition keys that AWS would evaluate beside it ("" means absent).
type resource struct {
	arn     string // "*" for actions without a resource type
	region  string // aws:RequestedRegion
	profile string // bedrock:InferenceProfileArn
}

// authorize evaluates the caller's policies for every resource of an action:
// each must be allowed and none denied.
func (x *exchange) authorize(action string, resources []resource) *awsError {
	for _, r := range resources {
		if r.region == "" {
			r.region = x.event.Region
		}
		allowed, denied := false, false
		for _, p := range x.who.policies {
			for i := range p.statements {
				if s := &p.statements[i]; s.matches(action, r) {
					allowed, denied = allowed || s.allow, denied || !s.allow
				}
			}
		}
		if allowed && !denied {
			continue
		}
		why := "because no identity-based policy allows the " + action + " action"
		if denied {
			why = "with an explicit deny in an identity-based policy"
		}
		return accessDenied("User: " + x.who.arn.String() + " is not authorized to perform: " + action + " on resource: " + r.arn + " " + why)
	}
	return nil
}

func (s *statement) matches(action string, r resource) bool {
	lower := strings.ToLower(action)
	byAction := slices.ContainsFunc(s.actions, func(p string) bool { return wildcard(p, lower) })
	byResource := slices.ContainsFunc(s.resources, func(p string) bool { return resourceMatches(p, r.arn) })
	if byAction == s.notActions || byResource == s.notResources {
		return false
	}
	for i := range s.conditions {
		if !s.conditions[i].holds(r) {
			return false
		}
	}
	return true
}

// holds evaluates one condition. A key that the request lacks fails a positive
// operator and passes a negated one, unless IfExists lets it pass.
func (c *condition) holds(r resource) bool {
	actual := r.region
	if c.key == keyProfile {
		actual = r.profile
	}
	if actual == "" {
		return c.ifExists || c.negated
	}
	match := slices.ContainsFunc(c.values, func(v string) bool {
		if c.like {
			return wildcard(v, actual)
		}
		return v == actual
	})
	return match != c.negated
}

// resourceMatches compares ARNs part by part, so that a wildcard does not
// reach over a colon, except in the last part, which may hold colons itself.
func resourceMatches(pattern, text string) bool {
	if pattern == "*" {
		return true
	}
	p, t := strings.SplitN(pattern, ":", 6), strings.SplitN(text, ":", 6)
	if len(p) != 6 || len(t) != 6 {
		return false
	}
	for i := range p {
		if !wildcard(p[i], t[i]) {
			return false
		}
	}
	return true
}

// wildcard matches * (any run) and ? (any one byte) in linear space and
// without recursion, going back only to the latest star.
func wildcard(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
