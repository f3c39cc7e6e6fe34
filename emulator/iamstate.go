package emulator

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tag is a tag of an IAM resource or of a session.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// OIDCProvider is an OpenID Connect provider as IAM keeps it.
type OIDCProvider struct {
	ARN         string   // "arn:aws:iam::111122223333:oidc-provider/issuer.example.com/path"
	URL         string   // without "https://", as IAM answers it; "" in AddOIDCProvider: taken from the ARN
	ClientIDs   []string // the audiences, in order of arrival
	Thumbprints []string // SHA-1 of certificates, 40 lower-case hexadecimal digits
	Tags        []Tag
	Created     time.Time
}

// IAMRole is a role as IAM keeps it.
type IAMRole struct {
	ARN         string            // "arn:aws:iam::111122223333:role/path/name"; names its account
	Name        string            // unique in its account without regard to case
	Path        string            // "/" or "/path/"
	RoleID      string            // "AROA..."
	TrustPolicy string            // JSON document
	Description string            // free text
	MaxSession  time.Duration     // 1 to 12 hours; IAM's default is 1 hour
	Boundary    string            // ARN of a managed policy, "" for none
	Tags        []Tag             // in order of arrival
	Inline      map[string]string // inline policies: name to JSON document
	Attached    []string          // ARNs of managed policies, in order of arrival
	Created     time.Time

	settled time.Time // until then STS refuses the role
}

// PolicyVersion is one version of a managed policy.
type PolicyVersion struct {
	ID       string // "v1", "v2", ...
	Document string // JSON
	Created  time.Time
}

// ManagedPolicy is a customer's managed policy.
type ManagedPolicy struct {
	ARN         string // "arn:aws:iam::111122223333:policy/path/name"
	Name        string
	Path        string
	PolicyID    string // "ANPA..."
	Description string
	Versions    []PolicyVersion // at most five, oldest first
	Default     string          // id of the version in force
	Tags        []Tag
	Created     time.Time
	Updated     time.Time
}

// Document is the version in force, "" for a policy without versions.
func (p ManagedPolicy) Document() string {
	for _, v := range p.Versions {
		if v.ID == p.Default {
			return v.Document
		}
	}
	return ""
}

var (
	errExists = errors.New("emulator: it exists already")
	errAbsent = errors.New("emulator: it does not exist")
)

// iamState is the IAM of all accounts. What goes in and comes out is copied;
// an update runs under the lock and is dropped when its function fails.
type iamState struct {
	mu        sync.RWMutex
	settling  time.Duration // how long STS refuses a new or changed role
	providers map[string]OIDCProvider
	roles     map[string]IAMRole
	policies  map[string]ManagedPolicy
}

func (p OIDCProvider) copied() OIDCProvider {
	p.ClientIDs, p.Thumbprints, p.Tags = slices.Clone(p.ClientIDs), slices.Clone(p.Thumbprints), slices.Clone(p.Tags)
	return p
}

func (r IAMRole) copied() IAMRole {
	r.Tags, r.Attached, r.Inline = slices.Clone(r.Tags), slices.Clone(r.Attached), maps.Clone(r.Inline)
	if r.Inline == nil {
		r.Inline = make(map[string]string)
	}
	return r
}

func (p ManagedPolicy) copied() ManagedPolicy {
	p.Versions, p.Tags = slices.Clone(p.Versions), slices.Clone(p.Tags)
	return p
}

// roleKey finds a role by account and name.
func roleKey(account, name string) string { return account + "/" + strings.ToLower(name) }

// createProvider fails with errExists when the account has the URL already.
func (s *iamState) createProvider(p OIDCProvider) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.providers[p.ARN]; known {
		return errExists
	}
	if s.providers == nil {
		s.providers = make(map[string]OIDCProvider)
	}
	s.providers[p.ARN] = p.copied()
	return nil
}

func (s *iamState) provider(arn string) (OIDCProvider, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.providers[arn]
	return p.copied(), ok
}

// providersOf lists an account's providers by ARN.
func (s *iamState) providersOf(account string) []OIDCProvider {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []OIDCProvider{}
	for _, p := range s.providers {
		if a, err := parseARN(p.ARN); err == nil && a.account == account {
			list = append(list, p.copied())
		}
	}
	slices.SortFunc(list, func(a, b OIDCProvider) int { return strings.Compare(a.ARN, b.ARN) })
	return list
}

// updateProvider changes a provider; errAbsent, or change's own error.
func (s *iamState) updateProvider(arn string, change func(*OIDCProvider) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, known := s.providers[arn]
	if !known {
		return errAbsent
	}
	p = p.copied()
	if err := change(&p); err != nil {
		return err
	}
	s.providers[arn] = p
	return nil
}

// deleteProvider fails with errAbsent.
func (s *iamState) deleteProvider(arn string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.providers[arn]; !known {
		return errAbsent
	}
	delete(s.providers, arn)
	return nil
}
