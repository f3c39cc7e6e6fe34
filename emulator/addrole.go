package emulator

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var thumbprint = regexp.MustCompile(`^[0-9a-f]{40}$`)

// AddOIDCProvider registers an OpenID Connect provider without the IAM API.
// ARN and ClientIDs suffice. It fails when the ARN is no provider's, its URL
// is one that IAM refuses, or the account has it already.
func (e *Emulator) AddOIDCProvider(p OIDCProvider) error {
	a, err := parseARN(p.ARN)
	if err != nil || a.service != "iam" || a.kind() != "oidc-provider" || !accountPattern.MatchString(a.account) {
		return fmt.Errorf("emulator: %q is not the ARN of an OIDC provider", p.ARN)
	}
	if p.URL == "" {
		p.URL = a.id()
	}
	p.URL = strings.TrimPrefix(p.URL, "https://")
	if p.URL != a.id() || checkIssuerURL("https://"+p.URL) != nil {
		return fmt.Errorf("emulator: OIDC provider %s: its URL must be https, without port, query or fragment, and the ARN's", p.ARN)
	}
	for _, t := range p.Thumbprints {
		if !thumbprint.MatchString(t) {
			return fmt.Errorf("emulator: OIDC provider %s: thumbprint %q is not 40 lower-case hexadecimal digits", p.ARN, t)
		}
	}
	if p.Created.IsZero() {
		p.Created = e.now()
	}
	if err := e.iam.createProvider(p); err != nil {
		return fmt.Errorf("emulator: OIDC provider %s: %w", p.ARN, err)
	}
	return nil
}

// AddRole registers a role without the IAM API. ARN and TrustPolicy suffice;
// name and path are taken from the ARN, MaxSession is one hour by default. It
// fails on a policy that the emulator does not understand.
func (e *Emulator) AddRole(r IAMRole) error {
	if !rolePattern.MatchString(r.ARN) {
		return fmt.Errorf("emulator: %q is not a role's ARN", r.ARN)
	}
	a, _ := parseARN(r.ARN) // the pattern is stricter
	r.Name = roleName(a)
	r.Path = "/" + strings.TrimSuffix(a.id(), r.Name)
	if r.RoleID == "" {
		r.RoleID = newKeyID("AROA")
	}
	if r.MaxSession == 0 {
		r.MaxSession = time.Hour
	}
	if r.MaxSession < time.Hour || r.MaxSession > 12*time.Hour {
		return fmt.Errorf("emulator: role %s: its longest session is 1 to 12 hours", r.ARN)
	}
	if r.Created.IsZero() {
		r.Created = e.now()
	}
	if err := checkRolePolicies(r); err != nil {
		return fmt.Errorf("emulator: role %s: %w", r.ARN, err)
	}
	if err := e.iam.createRole(r, e.now()); err != nil {
		return fmt.Errorf("emulator: role %s: %w", r.ARN, err)
	}
	return nil
}

func checkRolePolicies(r IAMRole) error {
	if _, err := parseTrustPolicy([]byte(r.TrustPolicy)); err != nil {
		return fmt.Errorf("trust policy: %w", err)
	}
	for name, document := range r.Inline {
		if _, err := parsePolicy([]byte(document)); err != nil {
			return fmt.Errorf("policy %s: %w", name, err)
		}
	}
	return nil
}

// AddManagedPolicy registers a customer's managed policy with one version.
func (e *Emulator) AddManagedPolicy(arn, document string) error {
	a, err := parseARN(arn)
	if err != nil || a.service != "iam" || a.kind() != "policy" || !accountPattern.MatchString(a.account) {
		return fmt.Errorf("emulator: %q is not the ARN of a customer's policy", arn)
	}
	if _, err := parsePolicy([]byte(document)); err != nil {
		return fmt.Errorf("emulator: policy %s: %w", arn, err)
	}
	now := e.now()
	name := roleName(a)
	err = e.iam.createPolicy(ManagedPolicy{
		ARN: arn, Name: name, Path: "/" + strings.TrimSuffix(a.id(), name), PolicyID: newKeyID("ANPA"), Default: "v1",
		Versions: []PolicyVersion{{ID: "v1", Document: document, Created: now}}, Created: now, Updated: now,
	})
	if err != nil {
		return fmt.Errorf("emulator: policy %s: %w", arn, err)
	}
	return nil
}

// Roles lists the roles of an account, by ARN.
func (e *Emulator) Roles(account string) []IAMRole { return e.iam.rolesOf(account) }

// OIDCProviders lists the providers of an account, by ARN.
func (e *Emulator) OIDCProviders(account string) []OIDCProvider { return e.iam.providersOf(account) }

// ManagedPolicies lists the customer's policies of an account, by ARN.
func (e *Emulator) ManagedPolicies(account string) []ManagedPolicy { return e.iam.policiesOf(account) }

// UpdateRole changes a role by its ARN, as the IAM API would. It fails for an
// unknown role and for a policy that the emulator does not understand.
func (e *Emulator) UpdateRole(roleARN string, change func(*IAMRole)) error {
	a, err := parseARN(roleARN)
	if err != nil {
		return fmt.Errorf("emulator: %w", err)
	}
	err = e.iam.updateRole(a.account, roleName(a), e.now(), func(r *IAMRole) error {
		change(r)
		return checkRolePolicies(*r)
	})
	if err != nil {
		return fmt.Errorf("emulator: role %s: %w", roleARN, err)
	}
	return nil
}

// SetSettling makes STS refuse a role with AccessDenied for d after it was
// made or changed, as AWS's eventual consistency does. 0, the default, ends
// it for changes to come.
func (e *Emulator) SetSettling(d time.Duration) {
	e.iam.mu.Lock()
	defer e.iam.mu.Unlock()
	e.iam.settling = max(d, 0)
}

// WithOIDCProvider registers a provider, as AddOIDCProvider does.
func WithOIDCProvider(p OIDCProvider) Option {
	return func(e *Emulator) error { return e.AddOIDCProvider(p) }
}

// WithRole registers a role, as AddRole does.
func WithRole(r IAMRole) Option { return func(e *Emulator) error { return e.AddRole(r) } }

// WithSettling makes new and changed roles settle, as SetSettling does. Roles
// of options that come before it have settled already.
func WithSettling(d time.Duration) Option {
	return func(e *Emulator) error { e.SetSettling(d); return nil }
}

// DeleteRole forgets a role by its ARN, whatever hangs on it; its sessions end
// with it. It fails for an unknown role.
func (e *Emulator) DeleteRole(roleARN string) error {
	a, err := parseARN(roleARN)
	if err == nil {
		err = e.iam.deleteRole(a.account, roleName(a), nil)
	}
	if err != nil {
		return fmt.Errorf("emulator: role %s: %w", roleARN, err)
	}
	return nil
}
