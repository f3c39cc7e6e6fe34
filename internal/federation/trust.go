package federation

import (
	"bytes"
	"encoding/json"
)

// ExpectedTrust returns the trust policy under which AWS accepts a token, as
// JSON to paste into the role: the issuer's host (with its path, without
// scheme: the prefix of the condition keys), the partition and account of the
// role, the token's subject and audience, and whether tokens carry session
// tags, which need sts:TagSession besides.
func ExpectedTrust(host, partition, account, subject, audience string, tags bool) string {
	type statement struct {
		Effect    string
		Principal struct{ Federated string }
		Action    any
		Condition map[string]map[string]string
	}
	s := statement{
		Effect: "Allow", Action: "sts:AssumeRoleWithWebIdentity",
		Condition: map[string]map[string]string{"StringEquals": {host + ":aud": audience, host + ":sub": subject}},
	}
	s.Principal.Federated = "arn:" + partition + ":iam::" + account + ":oidc-provider/" + host
	if tags {
		s.Action = []string{"sts:AssumeRoleWithWebIdentity", "sts:TagSession"}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	// Strings and maps of strings: Encode cannot fail.
	_ = encoder.Encode(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{s}})
	return string(bytes.TrimRight(out.Bytes(), "\n"))
}
