package emulator

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// WebIdentity lets one token assume one role, for tests of what comes after an
// exchange. Neither issuer nor trust policy is looked at: the pair is the
// trust. AddRole and AddOIDCProvider are for everything else.
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

// serveRegistered answers for a role that AddWebIdentity made known.
func (x *exchange) serveRegistered(q *webIdentityRequest, w WebIdentity, tokenKnown bool) {
	switch {
	case !tokenKnown:
		x.fail(invalidToken("The web identity token that was passed could not be validated."))
		return
	case !w.Expires.IsZero() && !x.e.now().Before(w.Expires):
		x.fail(expiredToken("The web identity token that was passed is expired."))
		return
	}
	k, err := x.e.mint(q.principal(), w.Policies, q.duration)
	if err != nil {
		x.fail(&awsError{status: http.StatusInternalServerError, code: "InternalFailure", message: "The session could not be made."})
		return
	}
	x.answerWebIdentity(q, k, &webSession{id: uniqueID("AROA", "assumed-role/"+q.name)})
}
