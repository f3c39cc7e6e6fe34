package trust

import (
	"strings"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/egress"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

// Input makes a trusted issuer.
type Input struct {
	// Organization is an id or name.
	Organization string
	// Name is 1 to 100 printable characters, unique among the organization's live ones.
	Name string
	// URL is the issuer: https, no query, no fragment, exactly as its tokens say it.
	URL string
	// Subject is the pattern that sub must fit; see [Fits].
	Subject string
	// Environments are ids or names of those its callers may use; nil, or "*" alone, means all.
	Environments []string
	// Models are the names that they may ask for; nil, or "*" alone, means all.
	Models []string
	Limits caller.Limits
	Tags   map[string]string
}

// Patch changes what is not nil; lists and tags are replaced whole. The issuer
// itself stays: another one is another rule.
type Patch struct {
	Name         *string
	Subject      *string
	Environments *[]string
	Models       *[]string
	Limits       *caller.Limits
	Tags         *map[string]string
	// Version, when not 0, is the one that the patch was made for; another is refused with the code "conflict".
	Version int64
}

// The bounds of an issuer.
const (
	maxName    = 100
	maxURL     = 512
	maxIssuers = 100 // live ones of an organization: each is called from time to time
)

const discoveryPath = "/.well-known/openid-configuration"

// check notes all that is wrong with an issuer as it would be, and resolves its
// environments to ids. What the old one had already is not held against it.
func (r *Registry) check(i *Issuer, old Issuer) error {
	var f fault.Inputs
	checkName(&f, i.Name)
	if i.URL == "" || i.URL != old.URL {
		r.checkURL(&f, i.URL)
	}
	if i.Subject == "" || i.Subject != old.Subject {
		checkSubject(&f, i.Subject, i.URL)
	}
	scope := access.Scope{Environments: i.Environments, Models: i.Models, Limits: i.Limits, Tags: i.Tags}
	scope.Check(&f, r.settings.Tenants, i.Organization, old.Environments)
	i.Environments, i.Models = scope.Environments, scope.Models
	r.now.Load().AddTaken(&f, i.Organization, i.Name, i.ID)
	return f.Err()
}

func checkName(f *fault.Inputs, name string) {
	switch {
	case name == "" || utf8.RuneCountInString(name) > maxName:
		f.Add("name", "a trusted issuer's name must have 1 to %d characters", maxName)
	case !printable(name) || strings.TrimSpace(name) != name:
		f.Add("name", "a trusted issuer's name must have only printable characters and must not begin or end with a space")
	case ident.Check(ident.Trust, name) == nil:
		f.Add("name", "a trusted issuer's name must not look like an id")
	}
}

// checkURL holds an issuer to OpenID Connect Discovery 3: https, and neither query nor fragment.
func (r *Registry) checkURL(f *fault.Inputs, issuer string) {
	if len(issuer) > maxURL {
		f.Add("issuer_url", "an issuer's URL must have at most %d characters", maxURL)
		return
	}
	if _, err := egress.CheckURL(issuer, r.settings.Egress); err != nil {
		*f = append(*f, fault.From(err).WithParam("issuer_url").WithCode("invalid_input"))
		return
	}
	switch {
	case strings.Contains(issuer, "?"):
		f.Add("issuer_url", "an issuer's URL must not have a query")
	case strings.HasSuffix(strings.TrimSuffix(issuer, "/"), discoveryPath):
		remedied(f, "issuer_url", "Leave out "+discoveryPath+".", "this is the URL of the issuer's discovery document, not the issuer")
	case r.settings.Own(issuer) || r.settings.Own(strings.TrimRight(issuer, "/")):
		f.Add("issuer_url", "this is Adit's own issuer: its tokens are for AWS and give no access here")
	}
}
