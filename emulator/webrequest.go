package emulator

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

var (
	sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	rolePattern = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):iam::[0-9]{12}:role/([\w+=,.@-]+/)*[\w+=,.@-]{1,64}$`)
)

// webIdentityRequest is the parameters of AssumeRoleWithWebIdentity, with
// their form already checked (STS API reference).
type webIdentityRequest struct {
	roleARN  string
	role     arn
	name     string // the role's, without its path
	session  string
	token    string
	duration time.Duration
	inline   string
	managed  []string
}

// principal is the session's ARN, which leaves out the role's path.
func (q *webIdentityRequest) principal() string {
	return arn{q.role.partition, "sts", "", q.role.account, "assumed-role/" + q.name + "/" + q.session}.String()
}

func readWebIdentity(form url.Values) (*webIdentityRequest, *awsError) {
	for name := range form {
		switch name {
		case "Action", "Version", "RoleArn", "RoleSessionName", "WebIdentityToken", "DurationSeconds", "Policy":
		case "ProviderId":
			return nil, stsValidation(name, "Member must not be given for an OpenID Connect token")
		default:
			if !policyARNParameter.MatchString(name) {
				return nil, stsValidation(name, "This emulator does not take it")
			}
		}
	}
	q := &webIdentityRequest{roleARN: form.Get("RoleArn"), session: form.Get("RoleSessionName"), token: form.Get("WebIdentityToken"), duration: time.Hour}
	if text := form.Get("DurationSeconds"); text != "" {
		n, bad := strconv.Atoi(text)
		if bad != nil || n < 900 || n > 43_200 {
			return nil, stsValidation("durationSeconds", "Member must have value between 900 and 43200")
		}
		q.duration = time.Duration(n) * time.Second
	}
	switch n := len(q.token); {
	case len(q.roleARN) < 20 || len(q.roleARN) > 2048:
		return nil, stsValidation("roleArn", "Member must have length between 20 and 2048")
	case !rolePattern.MatchString(q.roleARN):
		return nil, stsValidation("roleArn", "Member must be a role's ARN")
	case !sessionName.MatchString(q.session):
		return nil, stsValidation("roleSessionName", `Member must satisfy regular expression pattern: [\w+=,.@-]* and have length 2 to 64`)
	case n < 4 || n > 20_000:
		return nil, stsValidation("webIdentityToken", "Member must have length 4 to 20000")
	}
	q.role, _ = parseARN(q.roleARN) // the pattern is stricter
	q.name = roleName(q.role)
	var err *awsError
	q.inline, q.managed, err = sessionPolicies(form)
	return q, err
}

// roleName is the last part of a role's path.
func roleName(a arn) string {
	id := a.id()
	for i := len(id) - 1; i >= 0; i-- {
		if id[i] == '/' {
			return id[i+1:]
		}
	}
	return id
}

func stsValidation(name, text string) *awsError {
	return &awsError{
		status: http.StatusBadRequest, code: "ValidationError",
		message: "1 validation error detected: Value at '" + clip(name) + "' failed to satisfy constraint: " + text,
	}
}

// checkSTSHost holds AWS's own host names against the role's partition.
func (x *exchange) checkSTSHost(role arn) *awsError {
	endpoint, region, genuine := awsHost(x.r.Host)
	if !genuine {
		return nil
	}
	if endpoint != "sts" || !knownRegion(region) {
		return &awsError{status: http.StatusNotFound, code: "UnknownOperationException", message: "Unknown operation: this endpoint does not serve it."}
	}
	if partitionOf(region) != role.partition {
		return &awsError{status: http.StatusBadRequest, code: "ValidationError", message: "Request ARN is invalid"}
	}
	return nil
}
