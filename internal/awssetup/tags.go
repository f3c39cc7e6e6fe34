package awssetup

import "github.com/adit-hq/adit/internal/fault"

// The tags that say whose a provider or role is. Nothing without them is
// changed or removed, but for what somebody names.
const (
	tagManaged      = "adit:managed"
	tagIssuer       = "adit:issuer"
	tagOrganization = "adit:organization"
	tagEnvironment  = "adit:environment"
	// tagParts notes on a role of somebody else which parts an environment put
	// there; the environment's id follows.
	tagParts = "adit:parts:"
)

// managed is the value of tagManaged.
const managed = "adit"

// ownership lists the keys of a role's tags.
func ownership() []string {
	return []string{tagManaged, tagIssuer, tagOrganization, tagEnvironment}
}

// providerTags are what a provider carries. All environments of an issuer share it.
func providerTags(f Facts, o Options) map[string]string {
	return withTags(o.Tags, map[string]string{tagManaged: managed, tagIssuer: f.Issuer})
}

func roleTags(f Facts, o Options) map[string]string {
	return withTags(o.Tags, map[string]string{
		tagManaged: managed, tagIssuer: f.Issuer, tagOrganization: f.OrganizationID, tagEnvironment: f.EnvironmentID,
	})
}

func withTags(user, own map[string]string) map[string]string {
	out := make(map[string]string, len(user)+len(own))
	for k, v := range user {
		out[k] = v
	}
	for k, v := range own {
		out[k] = v
	}
	return out
}

// owned says that the tags name Adit and this issuer, and this environment
// where want does.
func owned(tags, want map[string]string) bool {
	for _, k := range ownership() {
		if v, must := want[k]; must && tags[k] != v {
			return false
		}
	}
	return true
}

// taken refuses a role that somebody else made under the name that setup would
// have chosen.
func taken(name string, tags map[string]string) error {
	whose := "it does not carry Adit's tags"
	if tags[tagManaged] == managed {
		whose = "its tags say that it belongs to environment " + tags[tagEnvironment] + " of " + tags[tagIssuer]
	}
	return fault.New(fault.Config, "the account already has a role %s, and %s", name, whose).WithCode("role_taken").
		WithRemedy("Name it with --role-name to add the environment to it, or choose another name.")
}
