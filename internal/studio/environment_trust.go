package studio

import (
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
)

// accountOf is the account in a role's ARN; "" where there is none. What is no
// ARN at all has none.
func accountOf(roleARN string) string {
	parts := strings.SplitN(roleARN, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || len(parts[4]) != 12 || strings.Trim(parts[4], "0123456789") != "" {
		return ""
	}
	return parts[4]
}

// roleOf is the name of the role in an ARN, for people; an ARN that is none is
// shown as it is.
func roleOf(roleARN string) string {
	_, name, found := strings.Cut(roleARN, ":role/")
	if !found {
		return roleARN
	}
	return name[strings.LastIndex(name, "/")+1:]
}

// trustPolicy is the trust policy of a role that lets the environment in and
// nobody else, to paste; "" where the person may not set AWS up, or it cannot be told.
func (v *visit) trustPolicy(e wire.Environment) string {
	if !v.May(access.Setup) {
		return ""
	}
	made, err := v.api.Setup(v.ctx(), v.Org.ID, e.ID, wire.SetupInput{})
	if err != nil {
		return "" // the command that stands beside it mends the role as well, or says why it cannot
	}
	return say(made.TrustPolicy)
}
