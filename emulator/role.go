package emulator

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// Role is what a credential endpoint hands out: sessions of one role.
type Role struct {
	Name     string        // role name; the principal is assumed-role/Name/Session
	Session  string        // session name; "" means the one usual for the endpoint
	Policies []string      // identity policies as JSON documents
	Lifetime time.Duration // of each session; 0 means one hour
}

// issuer makes session keys for one role. It hands the same key out again
// until half of its life is over, as AWS's endpoints do.
type issuer struct {
	role   Role
	prefix string // "arn:aws:sts::111122223333:assumed-role/Name/"

	mu     sync.Mutex
	latest Key
	issued time.Time
}

// newIssuer checks a role, policies included.
func (e *Emulator) newIssuer(r Role, session string) (*issuer, error) {
	if r.Session == "" {
		r.Session = session
	}
	if r.Lifetime == 0 {
		r.Lifetime = time.Hour
	}
	if r.Name == "" || strings.Contains(r.Name+r.Session, "/") || r.Lifetime < 0 {
		return nil, fmt.Errorf("emulator: role %q with session %q and lifetime %v is not a role", r.Name, r.Session, r.Lifetime)
	}
	i := &issuer{role: r, prefix: "arn:aws:sts::" + e.account + ":assumed-role/" + r.Name + "/"}
	_, err := newPrincipal(i.prefix+r.Session, r.Policies)
	if err != nil {
		return nil, fmt.Errorf("emulator: role %s: %w", r.Name, err)
	}
	return i, nil
}

// current is the session key that the endpoint shows now.
func (i *issuer) current(e *Emulator) (Key, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := e.now()
	if i.latest.AccessKeyID != "" && now.Sub(i.issued) < i.role.Lifetime/2 && e.keys.alive(i.latest.AccessKeyID, now) {
		return i.latest, nil
	}
	k, err := e.mint(i.prefix+i.role.Session, i.role.Policies, i.role.Lifetime)
	i.latest, i.issued = k, now
	return k, err
}

// mint registers a fresh session key.
func (e *Emulator) mint(principal string, policies []string, lifetime time.Duration) (Key, error) {
	k := Key{
		AccessKeyID: newKeyID("ASIA"), SecretAccessKey: randomText(30), SessionToken: randomText(180),
		Expires:   e.now().Add(lifetime).Truncate(time.Second),
		Principal: principal, Policies: policies,
	}
	e.keys.prune(e.now())
	return k, e.AddKey(k)
}
