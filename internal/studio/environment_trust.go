package studio

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/adit-hq/adit/internal/control/wire"
)

// unknownAccount stands in documents for the id of an account that nobody told yet.
const unknownAccount = "YOUR_AWS_ACCOUNT_ID"

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

// trustPolicy is the whole trust policy of a role that lets the environment in
// and nobody else, as JSON to paste: both the audience and the subject must be
// equal, or every tenant of the issuer could come.
func trustPolicy(e wire.Environment) string {
	host := strings.TrimPrefix(e.Issuer, "https://")
	account := accountOf(e.RoleARN)
	if account == "" {
		account = unknownAccount
	}
	_, digits, _ := strings.Cut(e.ID, "_")
	action := any("sts:AssumeRoleWithWebIdentity")
	if e.SessionTags { // tokens with tags are refused without it
		action = []string{"sts:AssumeRoleWithWebIdentity", "sts:TagSession"}
	}
	type statement struct {
		Sid       string
		Effect    string
		Principal map[string]string
		Action    any
		Condition map[string]map[string]string
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{{
		Sid: "Adit" + digits, Effect: "Allow",
		Principal: map[string]string{"Federated": "arn:" + partitionOf(e.Region) + ":iam::" + account + ":oidc-provider/" + host},
		Action:    action,
		Condition: map[string]map[string]string{"StringEquals": {host + ":aud": e.Audience, host + ":sub": e.Subject}},
	}}}); err != nil {
		return "" // maps of strings can always be written
	}
	return strings.TrimSuffix(b.String(), "\n")
}
