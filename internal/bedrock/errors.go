package bedrock

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/secret"
)

// verdict is what an AWS error code means to Adit.
type verdict struct {
	kind   fault.Kind
	retry  bool
	what   string // for the caller: what happened and why
	remedy string
}

// verdicts has every code of InvokeModel and of the checks before it (Bedrock
// API reference, InvokeModel; Bedrock user guide, Troubleshooting). A code that
// is not here is judged by its HTTP status.
func verdicts(code string) (verdict, bool) {
	v, ok := map[string]verdict{
		"AccessDeniedException": {fault.Refused, false, "AWS denied the call: Adit's AWS identity may not invoke this model",
			"Give it the policy that `adit models --iam-policy` prints, and check in the Bedrock console that the account has access to the model."},
		"ExpiredTokenException":       {fault.Refused, false, "AWS refused the credentials as expired, and fresh ones too", "Check the clock of this machine and run `adit doctor`."},
		"UnrecognizedClientException": {fault.Refused, false, "AWS does not know the access key", "The key was deleted or belongs to another partition. Run `adit doctor`."},
		"InvalidClientTokenId":        {fault.Refused, false, "AWS does not know the access key", "The key was deleted or belongs to another partition. Run `adit doctor`."},
		"InvalidSignatureException":   {fault.Refused, false, "AWS refused the signature", "The secret access key does not belong to the key id, or this machine's clock is off. Run `adit doctor`."},
		"SignatureDoesNotMatch":       {fault.Refused, false, "AWS refused the signature", "The secret access key does not belong to the key id, or this machine's clock is off. Run `adit doctor`."},
		"RequestTimeTooSkewed":        {fault.Refused, false, "AWS refused the time of the call", "Set this machine's clock; AWS allows five minutes."},
		"RequestExpired":              {fault.Refused, false, "AWS refused the time of the call", "Set this machine's clock; AWS allows five minutes."},
		"IncompleteSignature":         {fault.Refused, false, "AWS could not read the signature", "A proxy between Adit and AWS may change headers. Point aws_endpoint_url at AWS itself."},
		"MissingAuthenticationToken":  {fault.Refused, false, "AWS saw no signature", "A proxy between Adit and AWS may drop headers. Point aws_endpoint_url at AWS itself."},
		"NotAuthorized":               {fault.Refused, false, "AWS denied the call", "Run `adit doctor`, and compare the policy with `adit models --iam-policy`."},
		"ValidationException":         {fault.Invalid, false, "Bedrock refused the input", ""},
		"ResourceNotFoundException":   {fault.Refused, false, "Bedrock has no such model for this account in this region", "Check the id, the region, and model access in the Bedrock console."},
		"ServiceQuotaExceededException": {fault.Refused, false, "a service quota of the AWS account is exhausted",
			"Check the quota in the Service Quotas console, and ask AWS to raise it."},
		"ThrottlingException":         throttled(),
		"Throttling":                  throttled(),
		"ThrottledException":          throttled(),
		"RequestThrottled":            throttled(),
		"RequestThrottledException":   throttled(),
		"RequestLimitExceeded":        throttled(),
		"SlowDown":                    throttled(),
		"TooManyRequestsException":    throttled(),
		"ModelNotReadyException":      {fault.Throttled, true, "AWS is getting the model ready", "Try again in a minute."},
		"ModelTimeoutException":       {fault.Unavailable, true, "the model took too long", "Try again; if it persists, send shorter texts."},
		"ModelErrorException":         {fault.Unavailable, true, "the model failed", "Try again; if it persists, contact AWS support with the request id."},
		"InternalServerException":     {fault.Unavailable, true, "AWS failed", "Try again; the AWS Health Dashboard shows outages."},
		"ServiceUnavailableException": {fault.Unavailable, true, "Bedrock has no capacity at the moment", "Try again; this is not about the account's quota."},
		"overloaded_error":            {fault.Unavailable, true, "Bedrock has no capacity at the moment", "Try again; this is not about the account's quota."},
		"ConflictException":           {fault.Refused, false, "AWS reported a conflict", "Contact AWS support with the request id."},
		"FTUFormNotFilled":            {fault.Refused, false, "the model's provider requires its use-case form", "Submit it in the Bedrock console, under Model access."},
		"MPAgreementBeingCreated":     {fault.Refused, false, "the account's AWS Marketplace agreement for the model is being set up", "Try again in 15 minutes."},
	}[code]
	return v, ok
}

func throttled() verdict {
	return verdict{fault.Throttled, true, "AWS throttled the calls", "Lower requests_per_min_limit to the account's quota, or ask AWS to raise the quota."}
}

// byStatus judges an answer whose code Adit does not know.
func byStatus(status int) verdict {
	switch {
	case status == http.StatusTooManyRequests:
		return throttled()
	case status == http.StatusRequestTimeout:
		v, _ := verdicts("ModelTimeoutException")
		return v
	case status == http.StatusFailedDependency:
		v, _ := verdicts("ModelErrorException")
		return v
	case status == 529:
		v, _ := verdicts("overloaded_error")
		return v
	case status >= 500:
		v, _ := verdicts("InternalServerException")
		return v
	}
	return verdict{fault.Refused, false, "AWS refused the call", "Run `adit doctor`; if it finds nothing, contact AWS support with the request id."}
}

// refusal is an error answer of AWS, judged.
type refusal struct {
	verdict
	aws        fault.AWS
	retryAfter time.Duration
	// expired says that it is the credentials that were refused, and that new ones may fare better.
	expired bool
}

// judge reads an error answer to a request that creds signed. AWS names the code
// in a header, or in the body.
func judge(a answer, creds credential.Credentials) *refusal {
	status, header, body := a.status, a.header, a.body.b
	var b struct {
		Message string `json:"message"`
		Capital string `json:"Message"`
		Type    string `json:"__type"`
		Code    string `json:"code"`
	}
	_ = json.Unmarshal(body, &b) // an answer that is no JSON is judged by its status
	code := header.Get("X-Amzn-Errortype")
	if code == "" {
		code = b.Type
	}
	if code == "" {
		code = b.Code
	}
	code, _, _ = strings.Cut(code, ":")
	if i := strings.LastIndexByte(code, '#'); i >= 0 {
		code = code[i+1:]
	}
	if b.Message == "" {
		b.Message = b.Capital
	}
	r := &refusal{
		aws:     fault.AWS{Code: code, Message: scrub(b.Message, creds), RequestID: header.Get("X-Amzn-Requestid"), Status: status},
		expired: expired(code, creds),
	}
	var known bool
	if r.verdict, known = verdicts(code); !known {
		r.verdict = byStatus(status)
		if code == "" {
			r.aws.Code = "HTTP " + strconv.Itoa(status)
		}
	}
	if code == "ValidationException" {
		r.verdict = judgeValidation(b.Message)
	}
	if !r.retry && (status == http.StatusTooManyRequests || status >= http.StatusInternalServerError) {
		r.verdict = byStatus(status) // the status promises that it may pass, whatever the code
	}
	r.retryAfter = retryAfter(header)
	return r
}

// judgeValidation tells a ValidationException about a text from one about the
// model's id, which no caller can mend.
func judgeValidation(message string) verdict {
	switch {
	case strings.Contains(message, "on-demand throughput"):
		return verdict{fault.Refused, false, "this account can use the model only through an inference profile",
			"Add a geography prefix to the id in spicepod.yaml, such as us.cohere.embed-v4:0 or global.cohere.embed-v4:0."}
	case strings.Contains(message, "model identifier is invalid"), strings.Contains(message, "model ID") && strings.Contains(message, "invalid"):
		return verdict{fault.Refused, false, "Bedrock does not know the model id in this region", "Check `from` and aws_region in spicepod.yaml with `adit validate` and `adit doctor`."}
	}
	v, _ := verdicts("ValidationException")
	return v
}

// retryAfter reads how long AWS asks to wait: seconds or a date in
// Retry-After, or milliseconds in x-amz-retry-after.
func retryAfter(h http.Header) time.Duration {
	if ms, err := strconv.Atoi(h.Get("X-Amz-Retry-After")); err == nil && ms > 0 {
		return time.Duration(min(ms, 3_600_000)) * time.Millisecond
	}
	v := h.Get("Retry-After")
	if s, err := strconv.Atoi(v); err == nil && s > 0 {
		return time.Duration(min(s, 3600)) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(0, time.Until(at)), time.Hour)
	}
	return 0
}

// scrub makes AWS's words fit for a log: a refused signature comes with all that
// was signed, the session token included.
func scrub(message string, creds credential.Credentials) string {
	const longest = 300
	message, _, _ = strings.Cut(message, "\n")
	for _, s := range []secret.String{creds.SessionToken, creds.SecretAccessKey} {
		if !s.Empty() {
			message = strings.ReplaceAll(message, s.Reveal(), "[redacted]")
		}
	}
	if len(message) > longest {
		message = strings.ToValidUTF8(message[:longest], "") + "…"
	}
	return message
}

// expired says whether it is the credentials that were refused, and new ones may
// fare better: AWS knows a session no more whose role was made anew. A key without an end that it does not know stays unknown.
func expired(code string, creds credential.Credentials) bool {
	switch code {
	case "ExpiredTokenException", "ExpiredToken":
		return true
	case "UnrecognizedClientException":
		return !creds.Expires.IsZero()
	}
	return false
}

// fault returns the refusal as a fault. AWS's message goes to the caller only
// where it is about the caller's input; who may log it must not log input.
func (r *refusal) fault(target *Target) *fault.Error {
	what := r.what
	if r.kind == fault.Invalid && r.aws.Message != "" {
		what += ": " + strings.TrimSuffix(r.aws.Message, ", please reformat your input and try again.")
	}
	f := fault.New(r.kind, "%s", what).WithRemedy("%s", r.remedy)
	f.Detail = "model " + target.Name + " (" + target.ID.String() + " in " + target.Region + ")"
	if r.kind == fault.Refused && r.aws.Message != "" {
		f.Detail += ": " + r.aws.Message // about identities and ids; a model's own errors may quote a text
	}
	if r.aws.Code != "" {
		f.AWS = &r.aws
	}
	f.RetryAfter = r.retryAfter
	return f
}
