package signing

import (
	"fmt"
	"strings"
	"time"
)

// DenySessionsBefore returns an IAM policy, as JSON, that refuses everything to
// role sessions that began before t. Attached to a role it ends the sessions
// that a leaked key may have opened, as AWS's own "Revoke active sessions" does;
// sessions that begin later are free.
func DenySessionsBefore(t time.Time) string {
	return fmt.Sprintf(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "DenySessionsOfTheRevokedKey",
      "Effect": "Deny",
      "Action": "*",
      "Resource": "*",
      "Condition": {
        "DateLessThan": {
          "aws:TokenIssueTime": %q
        }
      }
    }
  ]
}`, wholeSecond(t).Format(time.RFC3339))
}

// wholeSecond rounds up: a session of the last second is one too many.
func wholeSecond(t time.Time) time.Time {
	cut := t.UTC().Truncate(time.Second)
	if cut.Before(t) {
		cut = cut.Add(time.Second)
	}
	return cut
}

// Advice returns what to tell the owners of roles that trust this issuer:
// plain text with the policy to attach. A key that never signed needs none: "".
func (r Revocation) Advice() string {
	if r.Signed.IsZero() {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Signing key %s was revoked at %s. It signed from %s on.\n\n", r.KID, day(r.At), day(r.Signed))
	fmt.Fprintf(&b, "Sessions opened with its tokens last until they expire, 12 hours at most.\n"+
		"To end them now, attach this inline policy to every role that trusts this issuer:\n\n%s\n\n", DenySessionsBefore(r.At))
	fmt.Fprintf(&b, "AWS caches published keys for an undocumented time, and may accept tokens of the revoked key\n"+
		"until about %s. Then attach the policy again with that time:\n\n%s\n\n", day(wholeSecond(r.TrustedUntil)), DenySessionsBefore(r.TrustedUntil))
	b.WriteString("Adit opened new sessions when the key was revoked, so the first policy does not affect them. The second also refuses those opened earlier:\n" +
		"change the environment's session length and change it back, so that Adit drops its cached sessions. Remove the policies after the\n" +
		"role's maximum session duration. CloudTrail's AssumeRoleWithWebIdentity events show which sessions were opened, and from which address.\n")
	return b.String()
}
