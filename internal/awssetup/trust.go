package awssetup

// trustStatement is the statement that lets an environment's tokens in: both
// the audience and the subject must be equal, or every tenant of the issuer
// could come.
type trustStatement struct {
	Sid       string                       `json:"Sid"`
	Effect    string                       `json:"Effect"`
	Principal map[string]string            `json:"Principal"`
	Action    any                          `json:"Action"`
	Condition map[string]map[string]string `json:"Condition"`
}

// What a trust policy may allow (STS API reference, AssumeRoleWithWebIdentity).
const (
	assume     = "sts:AssumeRoleWithWebIdentity"
	tagSession = "sts:TagSession"
)

func newTrust(f Facts, provider string) trustStatement {
	s := trustStatement{
		Sid: sid(f), Effect: "Allow", Principal: map[string]string{"Federated": provider}, Action: assume,
		Condition: map[string]map[string]string{"StringEquals": {f.Host() + ":aud": f.Audience(), f.Host() + ":sub": f.Subject()}},
	}
	if f.SessionTags { // tokens with tags are refused without it; tokens without do not need it
		s.Action = []string{assume, tagSession}
	}
	return s
}

// TrustPolicy returns the trust policy that lets the environment's tokens in, as
// indented JSON. id is the AWS account of the role; "" leaves a place for it.
func TrustPolicy(f Facts, id string) (string, error) {
	if id == "" {
		id = "YOUR_AWS_ACCOUNT_ID"
	}
	d, err := newDesired(f, Options{})
	if err != nil {
		return "", err
	}
	text, err := indented(document{Version: policyVersion, Statement: []trustStatement{d.trust}})
	return in(text, id), err
}

// trustDocument is the trust policy of a role that has no other statements.
func (d *desired) trustDocument() (string, error) {
	return indented(document{Version: policyVersion, Statement: []trustStatement{d.trust}})
}
