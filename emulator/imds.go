package emulator

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

const imdsRoles = "/latest/meta-data/iam/security-credentials"

// instance is the metadata service of one EC2 instance, version 2 only: a
// token first, by PUT, then everything else with it (EC2 user guide, "Use the
// Instance Metadata Service").
type instance struct {
	mu     sync.Mutex
	issuer *issuer
	region string
	tokens map[string]time.Time
}

// SetInstanceRole gives the pretended EC2 instance a role and a Region ("" is
// us-east-1). Without it there is no instance, and every path answers 404.
func (e *Emulator) SetInstanceRole(r Role, region string) error {
	i, err := e.newIssuer(r, "i-0123456789abcdef0")
	if err != nil {
		return err
	}
	if region == "" {
		region = "us-east-1"
	}
	e.instance.mu.Lock()
	defer e.instance.mu.Unlock()
	e.instance.issuer, e.instance.region, e.instance.tokens = i, region, make(map[string]time.Time)
	return nil
}

// serveIMDS answers the paths that credential chains ask for.
func (x *exchange) serveIMDS() {
	x.e.instance.mu.Lock()
	i, region := x.e.instance.issuer, x.e.instance.region
	x.e.instance.mu.Unlock()
	switch {
	case i == nil:
		x.plain(http.StatusNotFound, "")
	case x.path == "/latest/api/token":
		x.event.Operation = "GetToken"
		x.unlessSpoiled(x.serveIMDSToken)
	case !x.e.instance.accepts(x.r.Header.Get("X-Aws-Ec2-Metadata-Token"), x.e.now()):
		x.plain(http.StatusUnauthorized, "")
	case x.r.Method != http.MethodGet:
		x.plain(http.StatusMethodNotAllowed, "")
	case x.path == "/latest/meta-data/placement/region":
		x.event.Operation = "GetRegion"
		x.plain(http.StatusOK, region)
	case x.path == "/latest/dynamic/instance-identity/document":
		x.event.Operation = "GetIdentityDocument"
		x.plain(http.StatusOK, `{"accountId":"`+x.e.account+`","region":"`+region+`","version":"2017-09-30"}`)
	case x.path == imdsRoles || x.path == imdsRoles+"/":
		x.event.Operation = "ListRoles"
		x.unlessSpoiled(func() { x.plain(http.StatusOK, i.role.Name) })
	case x.path == imdsRoles+"/"+i.role.Name:
		x.event.Operation = "GetCredentials"
		x.unlessSpoiled(func() { x.serveIMDSKey(i) })
	default:
		x.plain(http.StatusNotFound, "")
	}
}

// serveIMDSToken makes a session token; a PUT without a lifetime of 1 to
// 21,600 seconds, or through a proxy, is refused.
func (x *exchange) serveIMDSToken() {
	seconds, err := strconv.Atoi(x.r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds"))
	switch {
	case x.r.Method != http.MethodPut:
		x.plain(http.StatusMethodNotAllowed, "")
	case x.r.Header.Get("X-Forwarded-For") != "":
		x.plain(http.StatusForbidden, "")
	case err != nil || seconds < 1 || seconds > 21_600:
		x.plain(http.StatusBadRequest, "")
	default:
		token := randomText(42)
		x.e.instance.keep(token, x.e.now(), time.Duration(seconds)*time.Second)
		x.w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", strconv.Itoa(seconds))
		x.plain(http.StatusOK, token)
	}
}

func (x *exchange) serveIMDSKey(i *issuer) {
	k, err := i.current(x.e)
	if err != nil {
		x.plain(http.StatusInternalServerError, "")
		return
	}
	x.handOut(k)
	x.plain(http.StatusOK, `{"Code":"Success","LastUpdated":"`+x.e.now().UTC().Format(time.RFC3339)+`","Type":"AWS-HMAC","AccessKeyId":"`+
		k.AccessKeyID+`","SecretAccessKey":"`+k.SecretAccessKey+`","Token":"`+k.SessionToken+
		`","Expiration":"`+k.Expires.UTC().Format(time.RFC3339)+`"}`)
}

// keep remembers a token and forgets those that are over.
func (in *instance) keep(token string, now time.Time, life time.Duration) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for old, until := range in.tokens {
		if !now.Before(until) {
			delete(in.tokens, old)
		}
	}
	in.tokens[token] = now.Add(life)
}

func (in *instance) accepts(token string, now time.Time) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	until, ok := in.tokens[token]
	return ok && now.Before(until)
}

// plain sends text, the form of the metadata service.
func (x *exchange) plain(status int, body string) {
	if status >= 400 {
		x.event.ErrorCode = http.StatusText(status)
	}
	x.w.Header().Set("Content-Type", "text/plain")
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.respond(status, []byte(body))
}
