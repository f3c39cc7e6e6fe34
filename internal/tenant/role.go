package tenant

import (
	"regexp"

	"github.com/adit-hq/adit/internal/fault"
)

// Role is the parts of an IAM role's ARN.
type Role struct {
	Partition string // aws, aws-cn, aws-us-gov
	Account   string // 12 digits
	Path      string // "/", or one such as "/teams/search/"
	Name      string
}

// rolePattern is an IAM role's ARN (IAM API reference, CreateRole: path and
// RoleName). IAM allows any printable character in a path; ours has those of
// names, as a * or ? in it would be a pattern in every policy that it is put into.
var rolePattern = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role(/(?:[\w+=,.@-]+/)*)([\w+=,.@-]{1,64})$`)

// The lengths of an ARN that AssumeRoleWithWebIdentity takes (STS API reference, RoleArn).
const (
	minARN = 20
	maxARN = 2048
)

// ParseRole takes a role's ARN apart. What is none is a fault of kind Invalid
// that does not repeat the value.
func ParseRole(arn string) (Role, error) {
	m := rolePattern.FindStringSubmatch(arn)
	if m == nil || len(arn) < minARN || len(arn) > maxARN || len(m[3]) > 512 {
		return Role{}, fault.New(fault.Invalid, "this is not a role ARN; it must be arn:aws:iam::ACCOUNT:role/NAME with an account of 12 digits, "+
			"with aws-cn or aws-us-gov instead of aws in those partitions").WithCode("invalid_input")
	}
	return Role{Partition: m[1], Account: m[2], Path: m[3], Name: m[4]}, nil
}

// checkRole notes what is wrong with a role's ARN that came under the field
// "role_arn" or "api_key". What was given there may be an AWS secret by
// mistake, so it is never repeated.
func checkRole(f *fault.Inputs, field, arn, partition string) {
	if arn == "" {
		return
	}
	role, err := ParseRole(arn)
	switch {
	case err != nil && field == apiKey:
		f.Add(field, "api_key must be the ARN of the role to assume, arn:aws:iam::ACCOUNT:role/NAME, not a key: Adit needs and stores no AWS keys")
	case err != nil:
		f.Add(field, "%s", fault.From(err).Message)
	case partition != "" && role.Partition != partition:
		f.Add(field, "the role is in partition %s and the region in %s: a role can be assumed only in its own partition", role.Partition, partition)
	}
}
