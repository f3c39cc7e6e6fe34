package emulator

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// SSOSession is a sign-in at IAM Identity Center: an access token that is good
// for roles in accounts and, when it has a refresh token, can be renewed.
type SSOSession struct {
	AccessToken  string
	Expires      time.Time // of the access token; zero: never
	Roles        []Role    // permission sets, by name, in the emulator's account
	ClientID     string    // of the registered OIDC client; with the next two: renewable
	ClientSecret string
	RefreshToken string
	Lifetime     time.Duration // of renewed access tokens; 0 means eight hours
}

// String tells that the session exists and hides its tokens.
func (s SSOSession) String() string { return "single sign-on session until " + s.Expires.String() }

// GoString is String, so that %#v cannot print the tokens either.
func (s SSOSession) GoString() string { return s.String() }

// ssoSession is a registered session with its roles' issuers.
type ssoSession struct {
	SSOSession
	issuers map[string]*issuer
}

// portal is the access portal and its OIDC service.
type portal struct {
	mu       sync.Mutex
	sessions []*ssoSession
	tokens   map[[32]byte]ssoToken
}

type ssoToken struct {
	session *ssoSession
	expires time.Time
}

// AddSSOSession registers a sign-in.
func (e *Emulator) AddSSOSession(s SSOSession) error {
	if s.AccessToken == "" {
		return errors.New("emulator: a single sign-on session needs an access token")
	}
	if s.Lifetime == 0 {
		s.Lifetime = 8 * time.Hour
	}
	held := &ssoSession{SSOSession: s, issuers: make(map[string]*issuer)}
	for _, r := range s.Roles {
		permissionSet := r.Name
		r.Name = "AWSReservedSSO_" + permissionSet + "_0123456789abcdef"
		i, err := e.newIssuer(r, "person")
		if err != nil {
			return err
		}
		held.issuers[permissionSet] = i
	}
	e.sso.mu.Lock()
	defer e.sso.mu.Unlock()
	if e.sso.tokens == nil {
		e.sso.tokens = make(map[[32]byte]ssoToken)
	}
	e.sso.sessions = append(e.sso.sessions, held)
	e.sso.tokens[sha256.Sum256([]byte(s.AccessToken))] = ssoToken{held, s.Expires}
	return nil
}

// serveRoleCredentials is GetRoleCredentials of the portal.
func (x *exchange) serveRoleCredentials() {
	q, err := url.ParseQuery(x.query)
	name, account := q.Get("role_name"), q.Get("account_id")
	x.e.sso.mu.Lock()
	token, ok := x.e.sso.tokens[sha256.Sum256([]byte(x.r.Header.Get("X-Amz-Sso_bearer_token")))]
	x.e.sso.mu.Unlock()
	switch {
	case x.r.Method != http.MethodGet:
		x.unknown()
		return
	case err != nil || name == "" || account == "":
		x.fail(&awsError{status: http.StatusBadRequest, code: "InvalidRequestException", message: "role_name and account_id are required."})
		return
	case !ok || (!token.expires.IsZero() && !x.e.now().Before(token.expires)):
		x.fail(&awsError{status: http.StatusUnauthorized, code: "UnauthorizedException", message: "Session token not found or invalid"})
		return
	case token.session.issuers[name] == nil || account != x.e.account:
		x.fail(forbidden("ForbiddenException", "No access"))
		return
	}
	k, err := token.session.issuers[name].current(x.e)
	if err != nil {
		x.fail(usualError(http.StatusInternalServerError))
		return
	}
	x.handOut(k)
	x.respondJSON([]byte(`{"roleCredentials":{"accessKeyId":"` + k.AccessKeyID + `","secretAccessKey":"` + k.SecretAccessKey +
		`","sessionToken":"` + k.SessionToken + `","expiration":` + strconv.FormatInt(k.Expires.UnixMilli(), 10) + `}}`))
}

// serveCreateToken renews an access token by its refresh token, which is good
// once: the answer holds the next one.
func (x *exchange) serveCreateToken() {
	body, err := parseJSON(x.body)
	if x.r.Method != http.MethodPost {
		x.unknown()
		return
	}
	field := func(name string) string { v, _ := body.member(name); return v.text }
	if err != nil || field("clientId") == "" || field("clientSecret") == "" {
		x.failOIDC(http.StatusBadRequest, "InvalidRequestException", "invalid_request")
		return
	}
	if field("grantType") != "refresh_token" {
		x.failOIDC(http.StatusBadRequest, "UnsupportedGrantTypeException", "unsupported_grant_type")
		return
	}
	access, refresh := "aoa"+randomText(48), "aor"+randomText(48)
	lifetime, refusal := x.e.sso.renew(field, access, refresh, x.e.now())
	switch refusal {
	case "":
		x.respondJSON([]byte(`{"accessToken":"` + access + `","tokenType":"Bearer","expiresIn":` +
			strconv.Itoa(int(lifetime.Seconds())) + `,"refreshToken":"` + refresh + `"}`))
	case "invalid_client":
		x.failOIDC(http.StatusUnauthorized, "InvalidClientException", refusal)
	default:
		x.failOIDC(http.StatusBadRequest, "InvalidGrantException", refusal)
	}
}

// renew swaps the tokens of the session that the refresh token belongs to.
func (p *portal) renew(field func(string) string, access, refresh string, now time.Time) (time.Duration, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	refusal := "invalid_client"
	for _, s := range p.sessions {
		if s.ClientID == "" || s.ClientID != field("clientId") || s.ClientSecret != field("clientSecret") {
			continue
		}
		refusal = "invalid_grant"
		if s.RefreshToken == "" || s.RefreshToken != field("refreshToken") {
			continue
		}
		delete(p.tokens, sha256.Sum256([]byte(s.AccessToken)))
		s.AccessToken, s.RefreshToken, s.Expires = access, refresh, now.Add(s.Lifetime)
		p.tokens[sha256.Sum256([]byte(access))] = ssoToken{s, s.Expires}
		return s.Lifetime, ""
	}
	return 0, refusal
}

// failOIDC adds OAuth's error name to AWS's.
func (x *exchange) failOIDC(status int, code, oauth string) {
	x.event.ErrorCode = code
	h := x.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Amzn-Errortype", code)
	x.respond(status, []byte(`{"error":"`+oauth+`","error_description":"The request was refused: `+oauth+`."}`))
}
