package awssetup

import (
	"regexp"
	"strings"

	"github.com/adit-hq/adit/internal/fault"
)

// account stands for the id of the AWS account in every document until that is
// known. Nothing that Facts or Options may hold contains it.
const account = "\ue000"

// roleARN is the ARN of a role, taken apart.
type roleARN struct{ partition, account, path, name string }

var roleARNPattern = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}):role(/(?:[!-~]{1,510}/)?)([A-Za-z0-9_+=,.@-]{1,64})$`)

func parseRoleARN(s string) (roleARN, error) {
	m := roleARNPattern.FindStringSubmatch(s)
	if m == nil {
		return roleARN{}, fault.New(fault.Config, "%q is not a role ARN", clip(s)).WithRemedy("Use one such as arn:aws:iam::111122223333:role/NAME.")
	}
	return roleARN{m[1], m[2], m[3], m[4]}, nil
}

// AccountOf returns the AWS partition and account in a role's ARN, "" where it is none.
func AccountOf(roleARN string) (partition, account string) {
	r, _ := parseRoleARN(roleARN)
	return r.partition, r.account
}

func (r roleARN) String() string {
	return "arn:" + r.partition + ":iam::" + r.account + ":role" + r.path + r.name
}

// digits are the random part of an id.
func digits(id string) string {
	_, hex, _ := strings.Cut(id, "_")
	return hex
}

// defaultRoleName is readable, and unique: names of environments are not.
func defaultRoleName(f Facts) string {
	name := f.EnvironmentName
	if len(name) > 50 { // of IAM's 64
		name = name[:50]
	}
	return "adit-" + name + "-" + digits(f.EnvironmentID)[:8]
}

// sid names the environment's statement in a trust policy. IAM takes letters
// and digits only, and no two alike.
func sid(f Facts) string { return "Adit" + digits(f.EnvironmentID) }

// policyName names the environment's policy inside its role.
func policyName(f Facts) string { return "adit-bedrock-" + digits(f.EnvironmentID) }
