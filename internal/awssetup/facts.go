package awssetup

import (
	"strings"
	"time"
)

// Facts are what an environment says about itself; setup follows from them.
type Facts struct {
	// Issuer is the public URL of the identity provider, such as "https://adit.example.com".
	Issuer string `json:"issuer"`
	// OrganizationID and EnvironmentID make the subject of the tokens.
	OrganizationID   string `json:"organization_id"`
	OrganizationName string `json:"organization_name"`
	EnvironmentID    string `json:"environment_id"`
	EnvironmentName  string `json:"environment_name"`
	Region           string `json:"region"`
	// Audiences are those of the environment; the first is the one for AWS.
	Audiences []string `json:"audiences"`
	// RoleARN is the role that the environment names; "" lets setup make one.
	RoleARN string `json:"role_arn,omitempty"`
	// Session is how long credentials shall live, 15 minutes to 12 hours.
	Session time.Duration `json:"session"`
	// SessionTags says that tokens carry session tags, which the trust must allow.
	SessionTags bool `json:"session_tags"`
	// Models are the ids that the environment has enabled.
	Models []string `json:"models,omitempty"`
	// Thumbprint is the SHA-1 of the issuer's certificate authority, 40 hexadecimal
	// digits, where that is a private one; "" for a public one.
	Thumbprint string `json:"thumbprint,omitempty"`
}

// Options are an administrator's wishes. The zero value is a good setup.
type Options struct {
	// RoleName is the role to make, or to add to if it exists. "" means the role
	// that the environment names, else one named after the environment.
	RoleName string `json:"role_name,omitempty"`
	// Path is the role's path; "" means "/".
	Path string `json:"path,omitempty"`
	// Boundary is the ARN of a permissions boundary.
	Boundary string `json:"boundary,omitempty"`
	// MaxSession is the longest session that the role allows, 1 to 12 hours;
	// 0 means the environment's own, and an hour at least.
	MaxSession time.Duration `json:"max_session,omitempty"`
	// Tags are put on the provider and the role when they are made, and on a role of Adit's later too.
	Tags map[string]string `json:"tags,omitempty"`
	// Models are the ids to allow; none means every embedding model of the
	// catalogue and those that the environment has enabled.
	Models []string `json:"models,omitempty"`
	// FullAccess attaches AmazonBedrockFullAccess as well.
	FullAccess bool `json:"full_access,omitempty"`
	// Marketplace allows the role to make the account's AWS Marketplace agreements.
	Marketplace bool `json:"marketplace,omitempty"`
	// Account stops setup in every other AWS account; "" takes the one of the credentials.
	Account string `json:"account,omitempty"`
}

// Subject is the `sub` of the environment's tokens.
func (f Facts) Subject() string { return "env:" + f.OrganizationID + ":" + f.EnvironmentID }

// Audience is the `aud` of the tokens for AWS.
func (f Facts) Audience() string {
	if len(f.Audiences) == 0 {
		return ""
	}
	return f.Audiences[0]
}

// Host is the issuer without its scheme: what IAM names the provider by, and
// what stands before the colon of its condition keys.
func (f Facts) Host() string { return strings.TrimPrefix(f.Issuer, "https://") }
