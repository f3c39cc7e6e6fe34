package emulator

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// WebIdentity lets one token assume one role. Neither issuer nor trust policy
// is looked at: the pair is the trust.
type WebIdentity struct {
	RoleARN  string    // "arn:aws:iam::111122223333:role/name"
	Token    string    // the whole web identity token
	Expires  time.Time // of the token; zero: never
	Policies []string  // the role's identity policies as JSON documents
}

// String names the role and hides the token.
func (w WebIdentity) String() string { return "web identity for " + w.RoleARN }

// GoString is String, so that %#v cannot print the token either.
func (w WebIdentity) GoString() string { return w.String() }

type webIdentityKey struct {
	role  string
	token [32]byte
}

type webIdentities struct {
	mu    sync.RWMutex
	roles map[string]bool
	pairs map[webIdentityKey]WebIdentity
}

var (
	sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	rolePattern = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/([\w+=,.@-]+/)*[\w+=,.@-]{1,64}$`)
)

// AddWebIdentity registers a pair of role and token for
// AssumeRoleWithWebIdentity.
func (e *Emulator) AddWebIdentity(w WebIdentity) error {
	if !rolePattern.MatchString(w.RoleARN) || len(w.Token) < 4 || len(w.Token) > 20_000 {
		return fmt.Errorf("emulator: %s needs a role ARN and a token of 4 to 20,000 characters", w)
	}
	if _, err := parsePolicies(w.Policies); err != nil {
		return fmt.Errorf("emulator: %s: %w", w, err)
	}
	s := &e.webIdentities
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pairs == nil {
		s.pairs, s.roles = make(map[webIdentityKey]WebIdentity), make(map[string]bool)
	}
	s.roles[w.RoleARN] = true
	s.pairs[webIdentityKey{w.RoleARN, sha256.Sum256([]byte(w.Token))}] = w
	return nil
}

// find tells an unknown role from an unknown token.
func (s *webIdentities) find(role, token string) (w WebIdentity, roleKnown, tokenKnown bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	w, tokenKnown = s.pairs[webIdentityKey{role, sha256.Sum256([]byte(token))}]
	return w, s.roles[role], tokenKnown
}

// serveWebIdentity exchanges a token for a session. It is not signed.
func (x *exchange) serveWebIdentity(form url.Values) {
	role, session, token := form.Get("RoleArn"), form.Get("RoleSessionName"), form.Get("WebIdentityToken")
	seconds, err := webIdentityParameters(form)
	if err != nil {
		x.fail(err)
		return
	}
	w, roleKnown, tokenKnown := x.e.webIdentities.find(role, token)
	switch {
	case !roleKnown:
		x.fail(forbidden("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"))
		return
	case !tokenKnown:
		x.fail(&awsError{status: http.StatusBadRequest, code: "InvalidIdentityToken", message: "The web identity token that was passed could not be validated."})
		return
	case !w.Expires.IsZero() && !x.e.now().Before(w.Expires):
		x.fail(&awsError{status: http.StatusBadRequest, code: "ExpiredTokenException", message: "The web identity token that was passed is expired."})
		return
	}
	a, _ := parseARN(role)
	name := roleName(a)
	principal := arn{a.partition, "sts", "", a.account, "assumed-role/" + name + "/" + session}.String()
	k, failure := x.e.mint(principal, w.Policies, time.Duration(seconds)*time.Second)
	if failure != nil {
		x.fail(&awsError{status: http.StatusInternalServerError, code: "InternalFailure", message: "The session could not be made."})
		return
	}
	x.event.Principal, x.event.SessionName, x.event.AccessKeyID = principal, session, k.AccessKeyID
	x.respondXML("AssumeRoleWithWebIdentity", "<Credentials><AccessKeyId>"+k.AccessKeyID+"</AccessKeyId><SecretAccessKey>"+k.SecretAccessKey+
		"</SecretAccessKey><SessionToken>"+k.SessionToken+"</SessionToken><Expiration>"+k.Expires.UTC().Format(time.RFC3339)+
		"</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>"+uniqueID("AROA", "assumed-role/"+name)+":"+escapeXML(session)+
		"</AssumedRoleId><Arn>"+escapeXML(principal)+"</Arn></AssumedRoleUser>")
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

// webIdentityParameters checks the form's shape; session policies are not
// understood and so refused.
func webIdentityParameters(form url.Values) (seconds int, err *awsError) {
	for name := range form {
		switch name {
		case "Action", "Version", "RoleArn", "RoleSessionName", "WebIdentityToken", "DurationSeconds":
		default:
			return 0, stsValidation(name, "This emulator does not take it")
		}
	}
	seconds = 3600
	if text := form.Get("DurationSeconds"); text != "" {
		n, bad := strconv.Atoi(text)
		if bad != nil || n < 900 || n > 43_200 {
			return 0, stsValidation("durationSeconds", "Member must have value between 900 and 43200")
		}
		seconds = n
	}
	switch n := len(form.Get("WebIdentityToken")); {
	case !rolePattern.MatchString(form.Get("RoleArn")):
		return 0, stsValidation("roleArn", "Member must be a role's ARN")
	case !sessionName.MatchString(form.Get("RoleSessionName")):
		return 0, stsValidation("roleSessionName", `Member must satisfy regular expression pattern: [\w+=,.@-]* and have length 2 to 64`)
	case n < 4 || n > 20_000:
		return 0, stsValidation("webIdentityToken", "Member must have length 4 to 20000")
	}
	return seconds, nil
}

func stsValidation(name, text string) *awsError {
	return &awsError{
		status: http.StatusBadRequest, code: "ValidationError",
		message: "1 validation error detected: Value at '" + clip(name) + "' failed to satisfy constraint: " + text,
	}
}
