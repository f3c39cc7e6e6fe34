package emulator

import (
	"fmt"
	"strings"
	"time"
)

// principal is who makes a request, and what they may do.
type principal struct {
	arn      arn
	policies []*policy
	// The rest is a role session's only.
	federated *federated
	boundary  *layer
	limits    *layer // session policies
}

// layer is a kind of policies that must allow an action together: one of them
// suffices, and none may deny it.
type layer struct {
	name     string
	policies []*policy
}

// newPrincipal reads the ARN of a user or an assumed role, and its policies.
func newPrincipal(text string, policies []string) (principal, error) {
	a, err := parseARN(text)
	if err != nil {
		return principal{}, err
	}
	user := a.service == "iam" && strings.HasPrefix(a.resource, "user/")
	role := a.service == "sts" && strings.Count(a.resource, "/") == 2 && strings.HasPrefix(a.resource, "assumed-role/")
	if !user && !role || !accountPattern.MatchString(a.account) {
		return principal{}, fmt.Errorf("principal %q is neither a user nor an assumed role", text)
	}
	parsed, err := parsePolicies(policies)
	return principal{arn: a, policies: parsed}, err
}

// session is the role session's name, "" for a user.
func (p *principal) session() string {
	if rest, ok := strings.CutPrefix(p.arn.resource, "assumed-role/"); ok {
		_, name, _ := strings.Cut(rest, "/")
		return name
	}
	return ""
}

// layers are what must all allow an action, in the order in which AWS names
// the one that does not.
func (p *principal) layers() []layer {
	list := []layer{{"identity-based policy", p.policies}}
	for _, l := range []*layer{p.boundary, p.limits} {
		if l != nil {
			list = append(list, *l)
		}
	}
	return list
}

// decide says whether any policy of the layer allows and whether any denies.
func (l *layer) decide(action string, r resource, f facts) (allowed, denied bool) {
	for _, p := range l.policies {
		for i := range p.statements {
			if s := &p.statements[i]; s.matches(action, r, f) {
				allowed, denied = allowed || s.allow, denied || !s.allow
			}
		}
	}
	return allowed, denied
}

func (l *layer) article() string {
	if strings.HasPrefix(l.name, "i") {
		return "an "
	}
	return "a "
}

// facts are the condition keys that a request of the principal has.
func (p *principal) facts(r resource) facts {
	return func(key string) []string {
		switch key {
		case keyRegion:
			return present(r.region)
		case keyProfile:
			return present(r.profile)
		case keyPrincipalAccount:
			return present(p.arn.account)
		}
		if p.federated == nil {
			if key == keyPrincipalARN {
				return present(p.arn.String())
			}
			return nil
		}
		return p.federated.fact(key)
	}
}

// present is a key's one value, nothing for "".
func present(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// federated is a session that STS gave for a token. Nothing in it changes.
type federated struct {
	roleARN  string
	roleID   string
	roleTags []Tag
	issued   time.Time
	provider string // ARN
	tags     []Tag
	source   string   // source identity
	limited  bool     // whether it has session policies
	inline   string   // inline session policy, "" for none
	managed  []string // ARNs of managed session policies
	token    *TokenClaims
}

// fact is the session's part of the condition keys. Session tags go before the
// role's tags of the same key.
func (f *federated) fact(key string) []string {
	switch key {
	case keyTokenIssued:
		return present(f.issued.UTC().Format(time.RFC3339))
	case keyPrincipalARN:
		return present(f.roleARN)
	case keySourceIdentity:
		return present(f.source)
	case keyProvider:
		return present(f.provider)
	}
	name, ok := strings.CutPrefix(key, keyPrincipalTag)
	if !ok {
		return nil
	}
	for _, tags := range [][]Tag{f.tags, f.roleTags} {
		if text, ok := findTag(tags, name); ok {
			return []string{text}
		}
	}
	return nil
}
