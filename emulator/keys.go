package emulator

import (
	crand "crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"time"
)

// allowBedrock is the policy of the key that New makes.
const allowBedrock = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:*","Resource":"*"}]}`

// Key is an AWS access key as the emulator's IAM knows it.
type Key struct {
	AccessKeyID     string    // "AKIA..." for a user, "ASIA..." for a session
	SecretAccessKey string    // signs
	SessionToken    string    // "" for a user's key; else each request must carry it
	Expires         time.Time // zero: never; afterwards answers ExpiredTokenException
	Principal       string    // ARN of a user or an assumed role; "" means user/adit of the emulator's account
	Policies        []string  // identity policies as JSON documents; none: nothing is allowed
}

// String names the key and hides its secrets.
func (k Key) String() string { return k.AccessKeyID + " of " + k.Principal }

// GoString is String, so that %#v cannot print the secrets either.
func (k Key) GoString() string { return "emulator.Key(" + k.String() + ")" }

// AddKey registers a key. It fails when the key is incomplete or known
// already, its principal is no user or assumed role, or a policy says
// something that the emulator does not understand.
func (e *Emulator) AddKey(k Key) error {
	if k.AccessKeyID == "" || k.SecretAccessKey == "" {
		return fmt.Errorf("emulator: a key needs AccessKeyID and SecretAccessKey")
	}
	if k.Principal == "" {
		k.Principal = "arn:aws:iam::" + e.account + ":user/adit"
	}
	p, err := newPrincipal(k.Principal, k.Policies)
	if err != nil {
		return fmt.Errorf("emulator: key %s: %w", k.AccessKeyID, err)
	}
	e.keys.mu.Lock()
	defer e.keys.mu.Unlock()
	if e.keys.byID == nil {
		e.keys.byID = make(map[string]*heldKey)
	}
	if e.keys.byID[k.AccessKeyID] != nil {
		return fmt.Errorf("emulator: key %s is registered already", k.AccessKeyID)
	}
	e.keys.byID[k.AccessKeyID] = &heldKey{Key: k, principal: p}
	e.keys.order = append(e.keys.order, k.AccessKeyID)
	return nil
}

// AddUser makes an IAM user with a random key and the given policies.
func (e *Emulator) AddUser(name string, policies ...string) (Key, error) {
	k := Key{
		AccessKeyID: newKeyID("AKIA"), SecretAccessKey: randomText(30),
		Principal: "arn:aws:iam::" + e.account + ":user/" + name, Policies: policies,
	}
	return k, e.AddKey(k)
}

// DefaultKey is the first key: the one that New made, or that of the first
// WithKey. It is the zero Key under WithoutDefaultKey.
func (e *Emulator) DefaultKey() Key {
	if k := e.keys.get(e.keys.first()); k != nil {
		return k.Key
	}
	return Key{}
}

// Keys lists every registered key in order of arrival, those that credential
// endpoints handed out included.
func (e *Emulator) Keys() []Key {
	e.keys.mu.RLock()
	defer e.keys.mu.RUnlock()
	list := make([]Key, 0, len(e.keys.order))
	for _, id := range e.keys.order {
		list = append(list, e.keys.byID[id].Key)
	}
	return list
}

// ExpireKey makes a key expire now. It fails for an unknown key.
func (e *Emulator) ExpireKey(accessKeyID string) error {
	return e.keys.replace(accessKeyID, func(k *heldKey) { k.Expires = e.now() })
}

// RemoveKey makes AWS forget a key; it then answers as for an unknown one.
func (e *Emulator) RemoveKey(accessKeyID string) error {
	return e.keys.replace(accessKeyID, nil)
}

// SetPolicies replaces what a key may do.
func (e *Emulator) SetPolicies(accessKeyID string, policies ...string) error {
	parsed, err := parsePolicies(policies)
	if err != nil {
		return fmt.Errorf("emulator: key %s: %w", accessKeyID, err)
	}
	return e.keys.replace(accessKeyID, func(k *heldKey) {
		k.Policies, k.principal.policies = policies, parsed
	})
}

// newKeyID is a prefix and sixteen characters of A-Z and 2-7, as AWS's are.
func newKeyID(prefix string) string {
	var b [10]byte
	crand.Read(b[:]) // documented never to fail
	return prefix + base32.StdEncoding.EncodeToString(b[:])
}

// randomText is n random bytes in base64.
func randomText(n int) string {
	b := make([]byte, n)
	crand.Read(b) // documented never to fail
	return base64.StdEncoding.EncodeToString(b)
}
