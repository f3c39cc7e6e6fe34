package emulator

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The facts here are from "AWS Signature Version 4 for API requests" (IAM user
// guide); the error texts are those of AWS's front doors.

const (
	algorithm  = "AWS4-HMAC-SHA256"
	amzDate    = "20060102T150405Z"
	signWindow = 5 * time.Minute
)

// signature is what a request claims: who signed, when, for what.
type signature struct {
	keyID, date, region, service string
	signed                       []string // header names, lower case, sorted
	value                        string   // 64 hex digits
	timestamp                    string   // x-amz-date
	token                        string   // x-amz-security-token
	expires                      time.Duration
	presigned                    bool
}

func (s *signature) scope() string {
	return s.date + "/" + s.region + "/" + s.service + "/aws4_request"
}

// errUnsigned says that a request has no signature at all.
var errUnsigned = errors.New("no signature")

// awsText is an error whose text goes out as AWS writes it.
type awsText string

func (t awsText) Error() string { return string(t) }

// parseAuthorization reads the Authorization header's three parameters, each
// exactly once. A non-nil error's text is what AWS would answer.
func parseAuthorization(header string) (*signature, error) {
	rest, ok := strings.CutPrefix(header, algorithm+" ")
	if !ok {
		return nil, awsText("Unsupported AWS 'algorithm'.")
	}
	s, seen := &signature{}, map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := seen[name]; !ok || twice || (name != "Credential" && name != "SignedHeaders" && name != "Signature") {
			return nil, awsText("Invalid key=value pair (missing equal-sign) in Authorization header.")
		}
		seen[name] = value
	}
	var missing string
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if seen[name] == "" {
			missing += "Authorization header requires '" + name + "' parameter. "
		}
	}
	if missing != "" {
		return nil, errors.New(strings.TrimSuffix(missing, " "))
	}
	return s, s.fill(seen["Credential"], seen["SignedHeaders"], seen["Signature"])
}

// fill reads the three parameters, which header and presigned URL share.
func (s *signature) fill(credential, signed, value string) error {
	scope := strings.Split(credential, "/")
	if len(scope) != 5 || slices.Contains(scope, "") || scope[4] != "aws4_request" {
		return awsText("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.")
	}
	s.keyID, s.date, s.region, s.service = scope[0], scope[1], scope[2], scope[3]
	s.signed, s.value = strings.Split(signed, ";"), value
	for i, name := range s.signed {
		if name == "" || name != strings.ToLower(name) || (i > 0 && s.signed[i-1] >= name) {
			return awsText("SignedHeaders must be lower case, sorted and without repetition.")
		}
	}
	if len(value) != 64 || strings.Trim(value, "0123456789abcdef") != "" {
		return awsText("Signature must be 64 lower-case hexadecimal digits.")
	}
	return nil
}

// parsePresigned reads a signature from a presigned URL's query.
func parsePresigned(q url.Values) (*signature, error) {
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"} {
		if len(q[name]) != 1 {
			return nil, awsText("AWS query-string parameters must include each of X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-SignedHeaders, X-Amz-Date and X-Amz-Expires once.")
		}
	}
	seconds, err := strconv.Atoi(q.Get("X-Amz-Expires"))
	if err != nil || seconds < 1 || seconds > 604800 || q.Get("X-Amz-Algorithm") != algorithm {
		return nil, awsText("X-Amz-Expires must be 1 to 604800 seconds, and X-Amz-Algorithm AWS4-HMAC-SHA256.")
	}
	s := &signature{
		presigned: true, expires: time.Duration(seconds) * time.Second,
		timestamp: q.Get("X-Amz-Date"), token: q.Get("X-Amz-Security-Token"),
	}
	return s, s.fill(q.Get("X-Amz-Credential"), q.Get("X-Amz-SignedHeaders"), q.Get("X-Amz-Signature"))
}

// signatureOf finds the request's signature, in its header or its query.
func (x *exchange) signatureOf() (*signature, error) {
	headers := x.r.Header
	q, err := url.ParseQuery(x.query)
	if err != nil {
		return nil, awsText("The query string is not well formed.")
	}
	if len(headers["Authorization"]) == 0 {
		if !q.Has("X-Amz-Signature") && !q.Has("X-Amz-Algorithm") {
			return nil, errUnsigned
		}
		return parsePresigned(q)
	}
	if len(headers["Authorization"]) > 1 || q.Has("X-Amz-Signature") {
		return nil, awsText("Only one auth mechanism allowed.")
	}
	s, err := parseAuthorization(headers.Get("Authorization"))
	if err != nil {
		return nil, err
	}
	s.timestamp, s.token = headers.Get("X-Amz-Date"), headers.Get("X-Amz-Security-Token")
	if s.timestamp == "" {
		return nil, awsText("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	return s, nil
}

// unsignedHeaders names the first header that had to be signed and was not:
// host, and every x-amz- header that the request carries.
func (s *signature) unsignedHeaders(h http.Header) string {
	if !slices.Contains(s.signed, "host") && !slices.Contains(s.signed, authority) {
		return "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
	}
	for name := range h {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") && !slices.Contains(s.signed, lower) {
			return "'" + lower + "' must be a 'SignedHeader' in the AWS Authorization."
		}
	}
	return ""
}
