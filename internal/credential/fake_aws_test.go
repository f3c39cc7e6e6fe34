package credential_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// The secrets of the fake. None of them may ever be shown.
const (
	canarySecret   = "canarysecretkeyXXXXXXXXXXXXXXXXXXXXXXXXX"
	canaryToken    = "canarysessiontokenXXXXXXXXXXXX"
	canaryJWT      = "canaryjwtXXXX.XXXX.XXXX"
	canarySSO      = "canaryssoaccesstokenXXXX"
	canaryRefresh  = "canaryssorefreshtokenXXXX"
	canaryECSToken = "canaryecsauthorizationXXXX"
	canaryProcess  = "canaryprocessoutputXXXX"
)

func canaries() []string {
	return []string{canarySecret, canaryToken, canaryJWT, canarySSO, canaryRefresh, canaryECSToken, canaryProcess}
}

const account = "111122223333"

// fakeAWS answers as STS, SSO, SSO OIDC, ECS and IMDS do, for one set of keys a source.
type fakeAWS struct {
	*httptest.Server
	mu      sync.Mutex
	refuse  map[string]string // access key id -> error code of GetCallerIdentity
	broken  map[string]bool   // "sts", "web_identity", "assume_role", "sso", "oidc", "ecs", "imds"
	calls   map[string]int
	life    time.Duration
	assumed []string // role session names that were asked for
}

func newFakeAWS(t *testing.T) *fakeAWS {
	t.Helper()
	f := &fakeAWS{refuse: map[string]string{}, broken: map[string]bool{}, calls: map[string]int{}, life: time.Hour}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", f.sts)
	mux.HandleFunc("GET /federation/credentials", f.sso)
	mux.HandleFunc("POST /token", f.oidc)
	mux.HandleFunc("GET /v2/credentials/task", f.ecs)
	mux.HandleFunc("PUT /latest/api/token", f.imdsToken)
	mux.HandleFunc("GET /latest/meta-data/iam/security-credentials/", f.imds)
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// called counts a call and reports whether it is to fail.
func (f *fakeAWS) called(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[name]++
	return f.broken[name]
}

func (f *fakeAWS) count(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[name]
}

func (f *fakeAWS) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeAWS) expires() string { return time.Now().Add(f.life).UTC().Format(time.RFC3339) }

func (f *fakeAWS) sts(w http.ResponseWriter, r *http.Request) {
	switch action := r.FormValue("Action"); action {
	case "GetCallerIdentity":
		f.identity(w, r)
	case "AssumeRoleWithWebIdentity":
		if f.called("web_identity") || r.FormValue("WebIdentityToken") != canaryJWT {
			awsError(w, http.StatusBadRequest, "InvalidIdentityToken", "No OpenIDConnect provider found for "+r.FormValue("WebIdentityToken"))
			return
		}
		f.grant(w, r, action, "ASIAWEBIDENTITY00001")
	case "AssumeRole":
		if f.called("assume_role") {
			awsError(w, http.StatusForbidden, "AccessDenied", "User is not authorized to perform: sts:AssumeRole; token "+r.Header.Get("X-Amz-Security-Token"))
			return
		}
		f.grant(w, r, action, "ASIAASSUMEROLE000001")
	default:
		awsError(w, http.StatusBadRequest, "InvalidAction", action)
	}
}

func (f *fakeAWS) identity(w http.ResponseWriter, r *http.Request) {
	if f.called("sts") {
		awsError(w, http.StatusServiceUnavailable, "ServiceUnavailable", "later")
		return
	}
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(credential, "/")
	f.mu.Lock()
	code := f.refuse[key]
	f.mu.Unlock()
	if code != "" {
		// AWS quotes the canonical request, and with it the session token.
		awsError(w, http.StatusForbidden, code, "refused x-amz-security-token:"+r.Header.Get("X-Amz-Security-Token")+"\nmore")
		return
	}
	fmt.Fprintf(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::%s:user/%s</Arn><UserId>AIDA</UserId><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, account, key, account)
}

func (f *fakeAWS) grant(w http.ResponseWriter, r *http.Request, action, key string) {
	f.set(func() { f.assumed = append(f.assumed, r.FormValue("RoleSessionName")) })
	fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><Credentials><AccessKeyId>%[2]s</AccessKeyId><SecretAccessKey>%[3]s</SecretAccessKey><SessionToken>%[4]s</SessionToken><Expiration>%[5]s</Expiration></Credentials><AssumedRoleUser><Arn>arn:aws:sts::%[6]s:assumed-role/Bedrock/%[7]s</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser></%[1]sResult></%[1]sResponse>`,
		action, key, canarySecret, canaryToken, f.expires(), account, r.FormValue("RoleSessionName"))
}

func awsError(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`, code, message)
}

func (f *fakeAWS) sso(w http.ResponseWriter, r *http.Request) {
	if f.called("sso") || !strings.HasPrefix(r.Header.Get("X-Amz-Sso_bearer_token"), canarySSO) {
		w.Header().Set("X-Amzn-Errortype", "UnauthorizedException")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"message":"Session token not found or invalid %s"}`, r.Header.Get("X-Amz-Sso_bearer_token"))
		return
	}
	reply(w, map[string]any{"roleCredentials": map[string]any{
		"accessKeyId": "ASIASSO0000000000001", "secretAccessKey": canarySecret, "sessionToken": canaryToken,
		"expiration": time.Now().Add(f.life).UnixMilli(),
	}})
}

func (f *fakeAWS) oidc(w http.ResponseWriter, _ *http.Request) {
	if f.called("oidc") {
		w.Header().Set("X-Amzn-Errortype", "InvalidGrantException")
		w.WriteHeader(http.StatusBadRequest)
		reply(w, map[string]any{"error": "invalid_grant", "error_description": "used"})
		return
	}
	reply(w, map[string]any{"accessToken": canarySSO + "2", "refreshToken": canaryRefresh, "expiresIn": 3600, "tokenType": "Bearer"})
}

func (f *fakeAWS) ecs(w http.ResponseWriter, r *http.Request) {
	if f.called("ecs") || r.Header.Get("Authorization") != canaryECSToken {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		reply(w, map[string]any{"code": "AccessDenied", "message": "not with " + r.Header.Get("Authorization")})
		return
	}
	reply(w, map[string]any{"AccessKeyId": "ASIAECS0000000000001", "SecretAccessKey": canarySecret, "Token": canaryToken, "Expiration": f.expires()})
}

func (f *fakeAWS) imdsToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds"))
	fmt.Fprint(w, "imds-session")
}

func (f *fakeAWS) imds(w http.ResponseWriter, r *http.Request) {
	broken := f.called("imds")
	switch {
	case r.Header.Get("X-Aws-Ec2-Metadata-Token") != "imds-session":
		w.WriteHeader(http.StatusUnauthorized)
	case broken:
		w.WriteHeader(http.StatusNotFound)
	case strings.HasSuffix(r.URL.Path, "/"):
		fmt.Fprint(w, "instance-role")
	default:
		reply(w, map[string]any{"Code": "Success", "AccessKeyId": "ASIAIMDS000000000001", "SecretAccessKey": canarySecret, "Token": canaryToken, "Expiration": f.expires()})
	}
}

func reply(w http.ResponseWriter, body any) { _ = json.NewEncoder(w).Encode(body) }
