package emulator

import (
	"fmt"
	"strings"
)

// principal is who makes a request, and what they may do.
type principal struct {
	arn      arn
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
func (p principal) session() string {
	if rest, ok := strings.CutPrefix(p.arn.resource, "assumed-role/"); ok {
		_, name, _ := strings.Cut(rest, "/")
		return name
	}
	return ""
}
