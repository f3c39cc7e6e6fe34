package tenant

import (
	"github.com/adit-hq/adit/internal/fault"

	"maps"
	"slices"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/caller"
)

// The second names of two fields, for clients whose forms have an "Endpoint
// URL" and an "API Key" and nothing else.
const (
	endpointURL = "endpoint_url"
	apiKey      = "api_key"
)

// Defaults of an environment.
const (
	DefaultProvider = "bedrock"
	DefaultAudience = "bedrock"
	DefaultSession  = time.Hour
)

// EnvironmentInput makes an environment. Name and Region are needed.
type EnvironmentInput struct {
	Name        string // [a-z0-9-], 1 to 63
	Description string // at most 1,000 printable characters
	Provider    string // "bedrock", the default
	Region      string
	EndpointURL string // the region too; both given must be the same
	RoleARN     string // "" until setup made one
	APIKey      string // the role ARN too; both given must be the same
	// Audiences are 1 to 20, each of at most 255 printable characters; default "bedrock".
	Audiences []string
	// Session is 15 minutes to 12 hours; default an hour.
	Session     time.Duration
	Models      []string
	Limits      caller.Limits
	SessionName SessionName // default ByKey
	SessionTags bool
	Tags        map[string]string
}

// EnvironmentPatch changes what is not nil; lists and tags are replaced whole.
// An empty role ARN takes the role away.
type EnvironmentPatch struct {
	Name        *string
	Description *string
	Region      *string
	EndpointURL *string
	RoleARN     *string
	APIKey      *string
	Audiences   *[]string
	Session     *time.Duration
	Models      *[]string
	Limits      *caller.Limits
	SessionName *SessionName
	SessionTags *bool
	Tags        *map[string]string
	// Version, when not 0, is the one that the patch was made for; another is refused with the code "conflict".
	Version int64
}

// OrganizationInput makes an organization.
type OrganizationInput struct {
	Name        string // [a-z0-9-], 1 to 63
	Description string // at most 1,000 printable characters
	PlainUsers  bool
}

// OrganizationPatch changes what is not nil.
type OrganizationPatch struct {
	Name        *string
	Description *string
	PlainUsers  *bool
	// Version, when not 0, is the one that the patch was made for.
	Version int64
}

// fields says under which of its names a value came, for the place of a fault.
type fields struct{ region, role string }

// environment returns the environment that the input describes, with its defaults.
func (in EnvironmentInput) environment(f *fault.Inputs) (Environment, fields) {
	e := Environment{
		Name: in.Name, Description: in.Description, Provider: in.Provider,
		Audiences: slices.Clone(in.Audiences), Session: in.Session, Models: slices.Clone(in.Models), Limits: in.Limits,
		SessionName: in.SessionName, SessionTags: in.SessionTags, Tags: maps.Clone(in.Tags),
	}
	var at fields
	e.Region, at.region = either(f, "region", in.Region, endpointURL, in.EndpointURL)
	e.RoleARN, at.role = either(f, "role_arn", in.RoleARN, apiKey, in.APIKey)
	if e.Provider == "" {
		e.Provider = DefaultProvider
	}
	if len(e.Audiences) == 0 {
		e.Audiences = []string{DefaultAudience}
	}
	if e.Session == 0 {
		e.Session = DefaultSession
	}
	if e.SessionName == "" {
		e.SessionName = ByKey
	}
	return e, at
}

// apply returns the environment as the patch makes it; the old one keeps its lists.
func (p EnvironmentPatch) apply(f *fault.Inputs, e Environment) (Environment, fields) {
	at := fields{"region", "role_arn"}
	set(&e.Name, p.Name)
	set(&e.Description, p.Description)
	set(&e.Session, p.Session)
	set(&e.Limits, p.Limits)
	set(&e.SessionName, p.SessionName)
	set(&e.SessionTags, p.SessionTags)
	if p.Region != nil || p.EndpointURL != nil {
		e.Region, at.region = either(f, "region", value(p.Region), endpointURL, value(p.EndpointURL))
	}
	if p.RoleARN != nil || p.APIKey != nil {
		e.RoleARN, at.role = either(f, "role_arn", value(p.RoleARN), apiKey, value(p.APIKey))
	}
	if p.Audiences != nil {
		e.Audiences = slices.Clone(*p.Audiences)
	}
	if p.Models != nil {
		e.Models = slices.Clone(*p.Models)
	}
	if p.Tags != nil {
		e.Tags = maps.Clone(*p.Tags)
	}
	return e, at
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// either returns the value that came under one of two names, without the spaces
// that copying leaves around it, and the name.
func either(f *fault.Inputs, name, value, alias, aliased string) (string, string) {
	value, aliased = strings.TrimSpace(value), strings.TrimSpace(aliased)
	switch {
	case aliased == "":
		return value, name
	case value == "":
		return aliased, alias
	case value != aliased:
		f.Add(alias, "%s is another name for %s, and their values differ; give only one", alias, name)
	}
	return value, name
}
