package emulator

import (
	"maps"
	"slices"
	"sync"
	"time"
)

const maxDocuments = 1000 // that are kept parsed

// documents keeps policies parsed by their text.
type documents struct {
	mu     sync.Mutex
	parsed map[string]*policy
}

// read parses a policy that was checked when it was stored. One that cannot
// be read all the same denies everything.
func (d *documents) read(text string) *policy {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.parsed[text]; p != nil {
		return p
	}
	p, err := parsePolicy([]byte(text))
	if err != nil {
		p = &policy{statements: []statement{{actions: []string{"*"}, resources: []string{"*"}}}}
	}
	if d.parsed == nil || len(d.parsed) >= maxDocuments {
		d.parsed = make(map[string]*policy)
	}
	d.parsed[text] = p
	return p
}

// mintFederated registers a session's key. What it may do is looked up at
// every call, so that a change of the role's policies reaches live sessions.
func (e *Emulator) mintFederated(principalARN string, f *federated, lifetime time.Duration) (Key, error) {
	k := Key{
		AccessKeyID: newKeyID("ASIA"), SecretAccessKey: randomText(30), SessionToken: randomText(180),
		Expires: e.now().Add(lifetime).Truncate(time.Second), Principal: principalARN,
	}
	e.keys.prune(e.now())
	if err := e.AddKey(k); err != nil {
		return Key{}, err
	}
	return k, e.keys.replace(k.AccessKeyID, func(h *heldKey) { h.principal.federated = f })
}

// current is the principal with the rights that its role has now. ok is false
// when the role is gone, or another role has taken its name.
func (e *Emulator) current(p principal) (_ principal, ok bool) {
	f := p.federated
	if f == nil {
		return p, true
	}
	role, known := e.iam.role(p.arn.account, roleNameOf(f.roleARN))
	if !known || role.RoleID != f.roleID {
		return p, false
	}
	fresh := *f
	fresh.roleTags = role.Tags
	p.federated, p.policies = &fresh, nil
	for _, name := range slices.Sorted(maps.Keys(role.Inline)) {
		p.policies = append(p.policies, e.documents.read(role.Inline[name]))
	}
	p.policies = append(p.policies, e.managed(role.Attached)...)
	if role.Boundary != "" {
		p.boundary = &layer{"permissions boundary", e.managed([]string{role.Boundary})}
	}
	if f.limited {
		p.limits = &layer{"session policy", e.managed(f.managed)}
		if f.inline != "" {
			p.limits.policies = append(p.limits.policies, e.documents.read(f.inline))
		}
	}
	return p, true
}

// managed are the managed policies that exist.
func (e *Emulator) managed(arns []string) []*policy {
	var list []*policy
	for _, name := range arns {
		if p, ok := e.iam.policy(name); ok {
			list = append(list, e.documents.read(p.Document()))
		}
	}
	return list
}
