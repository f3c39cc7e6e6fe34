package wire

import (
	"time"

	"github.com/adit-hq/adit/internal/awssetup"
)

// SetupInput asks for the facts of an environment's setup, and with a format
// for the document that does it without credentials for the account.
type SetupInput struct {
	Format  string        `json:"format,omitempty" enum:"cli,terraform,cloudformation,console" doc:"Default: facts only"`
	Options *SetupOptions `json:"options,omitempty" doc:"Options of the document"`
}

// SetupOptions are an administrator's wishes; none is a good setup.
type SetupOptions struct {
	RoleName          string            `json:"role_name,omitempty"`
	Path              string            `json:"path,omitempty" doc:"The role's path; default /"`
	Boundary          string            `json:"permissions_boundary,omitempty" doc:"ARN of a policy"`
	MaxSessionSeconds int               `json:"max_session_seconds,omitempty" minimum:"0" maximum:"43200"`
	Tags              map[string]string `json:"tags,omitempty"`
	Models            []string          `json:"models,omitempty" doc:"Ids to allow; default: every embedding model of the region, and the enabled ones"`
	FullAccess        bool              `json:"full_access,omitempty" doc:"Attach AmazonBedrockFullAccess too"`
	Marketplace       bool              `json:"marketplace,omitempty" doc:"Let the role accept Marketplace agreements"`
	Account           string            `json:"account,omitempty" doc:"Id of the AWS account"`
}

// Setup is what an administrator needs to make AWS trust an environment.
type Setup struct {
	Facts SetupFacts `json:"facts"`
	// TrustPolicy lets the environment in and nobody else. Without the account's
	// id, of the options or of the role, a word stands in its place.
	TrustPolicy string `json:"trust_policy,omitempty" doc:"The trust policy of the role, as JSON"`
	// Document is the plan in the format asked for; it changes nothing by itself.
	Document string `json:"document,omitempty"`
}

// SetupFacts are what an environment says about itself; setup follows from them.
type SetupFacts struct {
	Issuer           string   `json:"issuer"`
	OrganizationID   string   `json:"organization_id"`
	OrganizationName string   `json:"organization_name"`
	EnvironmentID    string   `json:"environment_id"`
	EnvironmentName  string   `json:"environment_name"`
	Region           string   `json:"region"`
	Audiences        []string `json:"audiences" nullable:"false"`
	RoleARN          string   `json:"role_arn,omitempty"`
	SessionSeconds   int      `json:"session_seconds"`
	SessionTags      bool     `json:"session_tags"`
	Models           []string `json:"models,omitempty"`
	Thumbprint       string   `json:"thumbprint,omitempty" doc:"Thumbprint of the issuer's certificate authority, if it is private"`
}

// Facts returns the facts as setup takes them.
func (f SetupFacts) Facts() awssetup.Facts {
	return awssetup.Facts{
		Issuer: f.Issuer, OrganizationID: f.OrganizationID, OrganizationName: f.OrganizationName,
		EnvironmentID: f.EnvironmentID, EnvironmentName: f.EnvironmentName, Region: f.Region, Audiences: f.Audiences,
		RoleARN: f.RoleARN, Session: time.Duration(f.SessionSeconds) * time.Second, SessionTags: f.SessionTags,
		Models: f.Models, Thumbprint: f.Thumbprint,
	}
}

// Options returns the wishes as setup takes them; nil ones are none.
func (o *SetupOptions) Options() awssetup.Options {
	if o == nil {
		return awssetup.Options{}
	}
	return awssetup.Options{
		RoleName: o.RoleName, Path: o.Path, Boundary: o.Boundary, MaxSession: time.Duration(o.MaxSessionSeconds) * time.Second,
		Tags: o.Tags, Models: o.Models, FullAccess: o.FullAccess, Marketplace: o.Marketplace, Account: o.Account,
	}
}
