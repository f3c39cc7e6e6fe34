package federation

import (
	"fmt"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

const (
	// finalMemory is how long AWS's No is not asked for again.
	finalMemory = 30 * time.Second
	// issuerMemory and busyMemory are the same for what may pass by itself.
	issuerMemory, busyMemory = 10 * time.Second, 2 * time.Second
)

// The codes of the faults of an exchange, for programs.
const (
	CodeIssuerUnreachable = "issuer_unreachable"   // AWS could not get the issuer's keys or documents
	CodeNoProvider        = "no_identity_provider" // the account does not know the issuer
	CodeAudience          = "audience_unknown"
	CodeThumbprint        = "thumbprint_mismatch"
	CodeTokenInvalid      = "token_invalid"
	CodeTokenExpired      = "token_expired"
	CodeClaimRejected     = "claim_rejected"
	CodeRoleRefuses       = "role_refuses" // no role of that name, or its trust policy does not match
	CodeExchangeInvalid   = "exchange_invalid"
	CodePolicyTooLarge    = "session_too_large"
	CodeRegionDisabled    = "region_disabled"
	CodeBusy              = "sts_busy"
	CodeUnreachable       = "sts_unreachable"
	CodeBadAnswer         = "sts_bad_answer"
	CodeRefused           = "sts_refused" // a code that Adit does not know
	CodeUnsafe            = "environment_unsafe"
	CodeUndecided         = "probe_undecided"
)

// words are what a No means, and what to do about it.
type words struct{ code, what, remedy string }

// meaning puts AWS's No into words (STS API reference, AssumeRoleWithWebIdentity; IAM user guide, Troubleshooting OIDC).
func (x *run) meaning(r *refusal) words {
	name := x.env.Argument()
	setup := "Run `adit aws setup --environment " + name + "`"
	doctor := "Run `adit doctor --environment " + name + "`"
	switch code := strings.TrimSuffix(r.aws.Code, "Exception"); code {
	case "InvalidIdentityToken":
		return x.invalidToken(r)
	case "IDPCommunicationError":
		return words{CodeIssuerUnreachable, "AWS could not reach Adit's identity provider", doctor + ": AWS fetches the public URL over the internet and waits 5 seconds."}
	case "ExpiredToken":
		return words{CodeTokenExpired, "AWS refused Adit's token as expired, and a fresh one too", "Set this machine's clock."}
	case "IDPRejectedClaim":
		return words{CodeClaimRejected, "AWS refused a claim of Adit's token, and of a fresh one too", doctor + " and check the token's claims."}
	case "AccessDenied":
		return words{CodeRoleRefuses, "the AWS role of the environment does not accept Adit's token",
			setup + ", or give the role the trust policy in the detail: AWS does not say whether the role is missing or its trust policy does not match."}
	case "PackedPolicyTooLarge", "MalformedPolicyDocument":
		return words{CodePolicyTooLarge, "AWS refused the session's tags or policy as too large or malformed", "Give the API key fewer or shorter tags."}
	case "ValidationError", "Validation", "InvalidParameterValue", "InvalidParameterCombination":
		if strings.Contains(strings.ToLower(r.aws.Message), "maxsessionduration") {
			return words{CodeExchangeInvalid, "AWS refused the session duration: it is longer than the role allows",
				fmt.Sprintf("Set the environment's session to at most the role's maximum session duration, or run `adit aws setup --environment %s --max-session %v`.", name, x.duration())}
		}
		return words{CodeExchangeInvalid, "AWS refused the exchange as invalid", "Check the environment's role ARN and session duration, and the API key's tags."}
	case "RegionDisabled":
		return words{CodeRegionDisabled, "the AWS account has STS deactivated in region " + x.env.Region, "Activate the region's STS endpoint in the account's settings in the IAM console."}
	}
	switch {
	case r.outcome == "bad_answer":
		return words{CodeBadAnswer, "the answer did not come from AWS STS", "Check --aws-endpoint-url-sts, and proxies in between."}
	case r.outcome == "timeout":
		return words{CodeUnreachable, "AWS STS cannot be reached: it did not answer in time, after several attempts", "Check this machine's connection to " + r.host + ", and AWS's health dashboard."}
	case r.outcome == "unreachable":
		return words{CodeUnreachable, "AWS STS cannot be reached", "Check this machine's connection to " + r.host + "."}
	case classify(r) == busy:
		return words{CodeBusy, "AWS STS is throttling or failing", "Adit retries by itself."}
	}
	return words{CodeRefused, "AWS STS refused the exchange", doctor + "; if it finds nothing, contact AWS support with the request id."}
}

// invalidToken tells apart the reasons for which AWS has one code.
func (x *run) invalidToken(r *refusal) words {
	setup := "Run `adit aws setup --environment " + x.env.Argument() + "`"
	switch message := strings.ToLower(r.aws.Message); {
	case strings.Contains(message, "retrieve verification key"):
		return words{CodeIssuerUnreachable, "AWS could not get the keys of Adit's identity provider",
			"Run `adit doctor --environment " + x.env.Argument() + "`: the keys' URL must answer AWS within 5 seconds, and AWS may have cached an older copy without a new key."}
	case strings.Contains(message, "no openidconnect provider"):
		return words{CodeNoProvider, "the AWS account of the environment does not know Adit's identity provider",
			setup + "; check that account " + x.role.Account + " of the role is the right one."}
	case strings.Contains(message, "audience"):
		return words{CodeAudience, "AWS does not accept the audience of Adit's token", setup + ", or add the audience " + x.token.Audience + " to the identity provider in IAM."}
	case strings.Contains(message, "thumbprint"):
		return words{CodeThumbprint, "AWS does not trust the TLS certificate of Adit's identity provider",
			setup + ", which adds the thumbprint of a private CA; `adit doctor --environment " + x.env.Argument() + "` prints it."}
	}
	return words{CodeTokenInvalid, "AWS refused Adit's token", "Run `adit doctor --environment " + x.env.Argument() + "`."}
}

// refused puts the last No into a fault: a short sentence for the caller, and
// for administrators all that was sent and the policy that would have matched.
func (x *run) refused(r *refusal) *fault.Error {
	w := x.meaning(r)
	c := classify(r)
	f := fault.New(fault.Refused, "%s (environment %s)", w.what, x.env.Name).WithCode(w.code).WithRemedy("%s", w.remedy)
	f.RetryAfter = finalMemory
	if c.transient() {
		f.Kind, f.RetryAfter = fault.Unavailable, issuerMemory
	}
	if c == busy {
		f.RetryAfter = busyMemory
	}
	if r.aws != (fault.AWS{}) {
		aws := r.aws
		f.AWS = &aws
	}
	f.Detail = x.detail(r, w.code)
	return f
}

// skew is from when on a clock's offset is worth a line.
const skew = time.Minute

func (x *run) detail(r *refusal, code string) string {
	t := &x.token
	var b strings.Builder
	switch {
	case r.network != "":
		fmt.Fprintf(&b, "%s: %s\n", r.host, r.network)
	default:
		fmt.Fprintf(&b, "%s said: %s: %s (HTTP %d, request id %s)\n", r.host, r.aws.Code, r.aws.Message, r.aws.Status, r.aws.RequestID)
	}
	calls := "1 call"
	if x.tell.Calls != 1 {
		calls = fmt.Sprintf("%d calls", x.tell.Calls)
	}
	fmt.Fprintf(&b, "sent in %s: iss %s, aud %s, sub %s, kid %s, role %s, session %s, duration %v\n",
		calls, t.Issuer, t.Audience, t.Subject, t.KID, x.env.RoleARN, x.session.name, x.duration())
	if r.dated && (code == CodeTokenExpired || r.offset.Abs() >= skew) {
		fmt.Fprintf(&b, "clock: %s\n", ahead(r.offset))
	}
	switch code {
	case CodeIssuerUnreachable:
		if fetched := x.fetched(); fetched != "" {
			fmt.Fprintln(&b, fetched)
		}
	case CodeRoleRefuses, CodeNoProvider, CodeAudience:
		fmt.Fprintf(&b, "trust policy that would have matched:\n%s\n", x.trust())
	}
	return strings.TrimRight(b.String(), "\n")
}

func (x *run) trust() string {
	return ExpectedTrust(strings.TrimPrefix(x.token.Issuer, "https://"), x.role.Partition, x.role.Account, x.token.Subject, x.token.Audience, len(x.session.tags) > 0)
}

func ahead(offset time.Duration) string {
	if offset == 0 {
		return "this machine's clock agrees with AWS's"
	}
	if offset < 0 {
		return fmt.Sprintf("this machine's clock is %v ahead of AWS's", -offset)
	}
	return fmt.Sprintf("AWS's clock is %v ahead of this machine's", offset)
}

// notSent is the fault of an exchange that ended before AWS answered.
func (x *run) notSent(err error) error {
	if x.tell.Outcome == "" {
		x.tell.Outcome = "not_sent"
	}
	return fault.From(err)
}
