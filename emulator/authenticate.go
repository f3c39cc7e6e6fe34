package emulator

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

const (
	textInvalidToken = "The security token included in the request is invalid."
	textExpiredToken = "The security token included in the request is expired"
	textMismatch     = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)

// authenticate finds out who sent the request, and in which Region. The order
// is AWS's: form of the signature, its scope and time, the key, the signature
// itself, and last whether the key has expired.
func (x *exchange) authenticate(service string) *awsError {
	if service == serviceBedrock && strings.HasPrefix(x.r.Header.Get("Authorization"), "Bearer ") {
		return x.authenticateBearer()
	}
	s, err := x.signatureOf()
	switch {
	case errors.Is(err, errUnsigned):
		return missingAuthentication(service)
	case err != nil:
		return &awsError{status: 400, code: codeFor(service, "IncompleteSignature"), message: err.Error()}
	}
	x.event.AccessKeyID, x.event.Region = s.keyID, s.region
	for _, check := range []func(*signature, string) *awsError{x.checkScope, x.checkTime, x.checkKey} {
		if refusal := check(s, service); refusal != nil {
			return refusal
		}
	}
	return nil
}

// checkScope compares the signature's scope with where the request went.
func (x *exchange) checkScope(s *signature, service string) *awsError {
	if s.service != service {
		return forbidden(codeFor(service, "InvalidSignature"), "Credential should be scoped to correct service: '"+service+"'.")
	}
	endpoint, region, genuine := awsHost(x.r.Host)
	if service == serviceIAM && s.region != iamRegion(s.region) {
		return forbidden("SignatureDoesNotMatch", "Credential should be scoped to a valid region, not '"+s.region+"'.")
	}
	if !knownRegion(s.region) || (genuine && region != s.region) || (service == serviceBedrock && partitionOf(s.region) == "aws-cn") {
		return forbidden(codeFor(service, "InvalidSignature"), "Credential should be scoped to a valid region.")
	}
	if genuine && endpoint != x.endpointName() {
		return &awsError{status: 404, code: "UnknownOperationException", message: "Unknown operation: this endpoint does not serve it."}
	}
	if missing := s.unsignedHeaders(x.r.Header); missing != "" {
		return forbidden(codeFor(service, "InvalidSignature"), missing)
	}
	return nil
}

// endpointName is the first label of the AWS host that serves the operation.
func (x *exchange) endpointName() string {
	switch {
	case x.event.Service == serviceSTS, x.event.Service == serviceIAM:
		return x.event.Service
	case strings.HasPrefix(x.path, "/model/"):
		return "bedrock-runtime"
	}
	return "bedrock"
}

// checkTime holds the signature against AWS's clock, five minutes either way;
// a presigned URL lives for the seconds that it states.
func (x *exchange) checkTime(s *signature, service string) *awsError {
	signed, err := time.Parse(amzDate, s.timestamp)
	if err != nil {
		return &awsError{status: 400, code: codeFor(service, "IncompleteSignature"), message: "Date must be in ISO-8601 'basic format'. Got '" + s.timestamp + "'. See http://en.wikipedia.org/wiki/ISO_8601"}
	}
	if s.timestamp[:8] != s.date {
		return forbidden(codeFor(service, "InvalidSignature"), "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"+s.date+"' != '"+s.timestamp[:8]+"', from '"+s.timestamp+"'.")
	}
	now, life := x.e.now().UTC(), signWindow
	if s.presigned {
		life = s.expires
	}
	if earliest := now.Add(-life); signed.Before(earliest.Truncate(time.Second)) {
		return forbidden(codeFor(service, "InvalidSignature"), "Signature expired: "+s.timestamp+" is now earlier than "+earliest.Format(amzDate)+" ("+now.Format(amzDate)+" - 5 min.)")
	}
	if latest := now.Add(signWindow); signed.After(latest) {
		return forbidden(codeFor(service, "InvalidSignature"), "Signature not yet current: "+s.timestamp+" is still later than "+latest.Format(amzDate)+" ("+now.Format(amzDate)+" + 5 min.)")
	}
	return nil
}

// checkKey finds the key and computes the signature again.
func (x *exchange) checkKey(s *signature, service string) *awsError {
	key := x.e.keys.get(s.keyID)
	if key == nil || subtle.ConstantTimeCompare([]byte(key.SessionToken), []byte(s.token)) != 1 {
		return forbidden(codeFor(service, "UnrecognizedClient"), textInvalidToken)
	}
	if stated := x.r.Header.Get("X-Amz-Content-Sha256"); stated != "" {
		if sum := sha256.Sum256(x.body); stated != hex.EncodeToString(sum[:]) {
			return forbidden(codeFor(service, "InvalidSignature"), textMismatch)
		}
	}
	canonical, ok := x.canonicalRequest(s)
	if !ok || subtle.ConstantTimeCompare([]byte(s.sign(key.SecretAccessKey, canonical)), []byte(s.value)) != 1 {
		return forbidden(codeFor(service, "InvalidSignature"), textMismatch)
	}
	x.showPrincipal(&key.principal)
	if !key.Expires.IsZero() && !x.e.now().Before(key.Expires) {
		return forbidden(codeFor(service, "ExpiredToken"), textExpiredToken)
	}
	who, alive := x.e.current(key.principal)
	if !alive { // the session's role was deleted
		return forbidden(codeFor(service, "UnrecognizedClient"), textInvalidToken)
	}
	x.who = who
	return nil
}

// showPrincipal writes who calls into the event.
func (x *exchange) showPrincipal(p *principal) {
	x.event.Principal, x.event.SessionName = p.arn.String(), p.session()
	if f := p.federated; f != nil {
		x.event.RoleARN, x.event.SessionTags, x.event.SourceIdentity, x.event.Token = f.roleARN, tagMap(f.tags), f.source, f.token
	}
}

// codeFor spells an error of the front door as the service's protocol does:
// STS and IAM have the query protocol's names, Bedrock the JSON protocol's.
func codeFor(service, code string) string {
	if service != serviceSTS && service != serviceIAM {
		return code + "Exception"
	}
	switch code {
	case "InvalidSignature":
		return "SignatureDoesNotMatch"
	case "UnrecognizedClient":
		return "InvalidClientTokenId"
	}
	return code
}

func missingAuthentication(service string) *awsError {
	if service == serviceSTS || service == serviceIAM {
		return forbidden("MissingAuthenticationToken", "Request is missing Authentication Token")
	}
	return forbidden("MissingAuthenticationTokenException", "Missing Authentication Token")
}
