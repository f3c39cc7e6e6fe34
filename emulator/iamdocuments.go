package emulator

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IAM's quotas of policy documents, in characters without white space (IAM
// user guide, "IAM and STS quotas").
const (
	maxTrust   = 2048   // of a role's trust policy; AWS raises it to 4096 on request
	maxInline  = 10_240 // of all of a role's inline policies together
	maxManaged = 6144   // of a managed policy
)

// federatedName is a provider's ARN, or the domain name of one that AWS knows
// by itself. Whether the provider exists is not asked.
var federatedName = regexp.MustCompile(`^(arn:aws[a-z-]*:iam::[0-9]{12}:(oidc|saml)-provider/[^\s?#]+|[a-z0-9-]+(\.[a-z0-9-]+)+)$`)

// documentSize counts as the quotas do.
func documentSize(document string) int {
	n := 0
	for _, r := range document {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// checkTrust refuses a trust policy that IAM would not keep. Like the rest of
// the emulator it also refuses what it would have to ignore.
func checkTrust(document string) *awsError {
	if documentSize(document) > maxTrust {
		return iamError("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
	}
	t, err := parseTrustPolicy([]byte(document))
	if err != nil {
		return malformedDocument(err)
	}
	for _, s := range t.statements {
		for _, name := range s.federated {
			if !federatedName.MatchString(name) {
				return iamError("MalformedPolicyDocument", "Federated principals must be valid domain names or SAML metadata ARNs")
			}
		}
	}
	return nil
}

// checkIdentityPolicy is checkTrust for what a role may do.
func checkIdentityPolicy(document string) *awsError {
	if _, err := parsePolicy([]byte(document)); err != nil {
		return malformedDocument(err)
	}
	return nil
}

func malformedDocument(err error) *awsError {
	text := err.Error()
	first, size := utf8.DecodeRuneInString(text)
	return iamError("MalformedPolicyDocument", "Syntax errors in policy. "+string(unicode.ToUpper(first))+text[size:]+".")
}

// encodedDocument is a document as IAM answers it: percent-encoded by RFC 3986.
func encodedDocument(name, document string) string {
	return element(name, strings.ReplaceAll(url.QueryEscape(document), "+", "%20"))
}
