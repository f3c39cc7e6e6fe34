package emulator

import (
	"fmt"
	"strings"
)

// arn is an Amazon resource name, cut at its first five colons.
type arn struct{ partition, service, region, account, resource string }

// parseARN reads "arn:aws:bedrock:us-east-1::foundation-model/x".
func parseARN(s string) (arn, error) {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] == "" || parts[2] == "" || parts[5] == "" {
		return arn{}, fmt.Errorf("%q is not an ARN", s)
	}
	return arn{parts[1], parts[2], parts[3], parts[4], parts[5]}, nil
}

func (a arn) String() string {
	return "arn:" + a.partition + ":" + a.service + ":" + a.region + ":" + a.account + ":" + a.resource
}

// kind is the resource's type, "foundation-model" in the example above.
func (a arn) kind() string { k, _, _ := strings.Cut(a.resource, "/"); return k }

// id is what follows the type.
func (a arn) id() string { _, id, _ := strings.Cut(a.resource, "/"); return id }

// roleNameOf is the name in a role's ARN, without its path.
func roleNameOf(text string) string {
	a, err := parseARN(text)
	if err != nil {
		return ""
	}
	return roleName(a)
}
