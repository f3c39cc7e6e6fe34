package emulator

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// BearerToken is a Bedrock API key: it stands for a principal without a
// signature. Its principal needs bedrock:CallWithBearerToken besides the
// action called (Bedrock user guide, API keys).
type BearerToken struct {
	Token     string
	Region    string    // the Region it works in; "" means us-east-1
	Expires   time.Time // zero: never
	Principal string    // ARN; "" means user/adit
	Policies  []string  // identity policies as JSON documents
}

// String names the token's principal and hides the token.
func (b BearerToken) String() string { return "bearer token of " + b.Principal }

// GoString is String, so that %#v cannot print the token either.
func (b BearerToken) GoString() string { return b.String() }

type heldBearer struct {
	BearerToken
	principal principal
}

// bearers are found by digest, so that a look-up does not compare secrets
// byte by byte.
type bearers struct {
	mu     sync.RWMutex
	byHash map[[32]byte]*heldBearer
}

// AddBearerToken registers a Bedrock API key.
func (e *Emulator) AddBearerToken(b BearerToken) error {
	if b.Token == "" {
		return errors.New("emulator: a bearer token needs a text")
	}
	if b.Principal == "" {
		b.Principal = "arn:aws:iam::" + e.account + ":user/adit"
	}
	if b.Region == "" {
		b.Region = "us-east-1"
	}
	if !knownRegion(b.Region) {
		return fmt.Errorf("emulator: %q is not a Region", b.Region)
	}
	p, err := newPrincipal(b.Principal, b.Policies)
	if err != nil {
		return fmt.Errorf("emulator: %w", err)
	}
	e.bearers.mu.Lock()
	defer e.bearers.mu.Unlock()
	if e.bearers.byHash == nil {
		e.bearers.byHash = make(map[[32]byte]*heldBearer)
	}
	e.bearers.byHash[sha256.Sum256([]byte(b.Token))] = &heldBearer{BearerToken: b, principal: p}
	return nil
}

// authenticateBearer accepts a registered, unexpired token in its own Region.
func (x *exchange) authenticateBearer() *awsError {
	text := strings.TrimPrefix(x.r.Header.Get("Authorization"), "Bearer ")
	x.e.bearers.mu.RLock()
	b := x.e.bearers.byHash[sha256.Sum256([]byte(text))]
	x.e.bearers.mu.RUnlock()
	_, region, genuine := awsHost(x.r.Host)
	if b == nil || (genuine && region != b.Region) || (!b.Expires.IsZero() && !x.e.now().Before(b.Expires)) {
		return accessDenied("Authentication failed: Please make sure your API Key is valid.")
	}
	x.who = b.principal
	x.event.Region, x.event.Principal, x.event.SessionName = b.Region, b.Principal, b.principal.session()
	return x.authorize("bedrock:CallWithBearerToken", []resource{{arn: "*"}})
}
