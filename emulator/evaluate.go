package emulator

import (
	"slices"
	"strings"
)

// Condition keys, lower case: IAM compares them without regard to case.
const (
	keyProfile          = "bedrock:inferenceprofilearn"
	keyRegion           = "aws:requestedregion"
	keyTokenIssued      = "aws:tokenissuetime"
	keyPrincipalARN     = "aws:principalarn"
	keyPrincipalAccount = "aws:principalaccount"
	keySourceIdentity   = "aws:sourceidentity"
	keyProvider         = "aws:federatedprovider"
	keyPrincipalTag     = "aws:principaltag/"
)

// knownKey says which condition keys an identity policy may use.
func knownKey(key string) bool {
	return slices.Contains([]string{keyProfile, keyRegion, keyTokenIssued, keyPrincipalARN, keyPrincipalAccount, keySourceIdentity, keyProvider}, key) ||
		strings.HasPrefix(key, keyPrincipalTag)
}

// resource is something that an action needs a right to, with the values of
// the condition keys that AWS would evaluate beside it ("" means absent).
type resource struct {
	arn     string // "*" for actions without a resource type
	region  string // aws:RequestedRegion
	profile string // bedrock:InferenceProfileArn
}

// authorize evaluates the caller's policies for every resource of an action:
// each layer must allow it, and none may deny it.
func (x *exchange) authorize(action string, resources []resource) *awsError {
	for _, r := range resources {
		if r.region == "" {
			r.region = x.event.Region
		}
		if why := x.who.refusal(action, r); why != "" {
			return accessDenied("User: " + x.who.arn.String() + " is not authorized to perform: " + action + " on resource: " + r.arn + " " + why)
		}
	}
	return nil
}

// refusal is why the principal may not, in AWS's words; "" when it may. A
// denial anywhere comes first, then the layers in AWS's order.
func (p *principal) refusal(action string, r resource) string {
	f, missing := p.facts(r), ""
	for _, l := range p.layers() {
		allowed, denied := l.decide(action, r, f)
		if denied {
			return "with an explicit deny in " + l.article() + l.name
		}
		if !allowed && missing == "" {
			missing = "because no " + l.name + " allows the " + action + " action"
		}
	}
	return missing
}

func (s *statement) matches(action string, r resource, f facts) bool {
	return s.matchesAction(action) &&
		slices.ContainsFunc(s.resources, func(p string) bool { return resourceMatches(p, r.arn) }) != s.notResources &&
		s.holds(f)
}

func (s *statement) matchesAction(action string) bool {
	lower := strings.ToLower(action)
	return slices.ContainsFunc(s.actions, func(p string) bool { return wildcard(p, lower) }) != s.notActions
}

// holds says whether all of the statement's conditions do.
func (s *statement) holds(f facts) bool {
	for i := range s.conditions {
		if !s.conditions[i].holds(f) {
			return false
		}
	}
	return true
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
