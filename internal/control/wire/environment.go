package wire

import "time"

// Environment is an organization's binding to one AWS role in one region.
type Environment struct {
	ID             string            `json:"id" example:"env_0a9b5f0c2d1e9a7b4c3d2e1f"`
	Organization   string            `json:"organization" doc:"Its organization's id"`
	Name           string            `json:"name" example:"prod"`
	Description    string            `json:"description,omitempty"`
	Provider       string            `json:"provider" example:"bedrock"`
	Region         string            `json:"region,omitempty" example:"eu-central-1"`
	RoleARN        string            `json:"role_arn,omitempty" example:"arn:aws:iam::111122223333:role/adit-prod"`
	Audiences      []string          `json:"audiences" nullable:"false" doc:"Audiences that a token may be issued for; the first is for AWS"`
	SessionSeconds int               `json:"session_seconds" doc:"Lifetime of credentials"`
	Models         []string          `json:"models" nullable:"false" doc:"Enabled Bedrock models"`
	InvokeNames    []string          `json:"invoke_names" nullable:"false" doc:"Model names for /v1: NAME/MODEL_ID"`
	Limits         Limits            `json:"limits"`
	SessionName    string            `json:"session_name" enum:"environment,key,user" doc:"What role sessions are named after"`
	SessionTags    bool              `json:"session_tags"`
	Tags           map[string]string `json:"tags,omitempty"`

	State    string      `json:"state" enum:"pending,ready,unsafe,failing"`
	Why      string      `json:"why,omitempty" doc:"What made it unsafe or failing"`
	Probed   *time.Time  `json:"probed,omitempty" doc:"When the role was last verified to refuse foreign subjects"`
	Accepted *Acceptance `json:"accepted,omitempty"`
	Activity *Activity   `json:"activity,omitempty" doc:"The last exchange; absent when there was none"`

	// Issuer, Subject and Audience are what AWS must trust.
	Issuer   string `json:"issuer" doc:"iss of its tokens"`
	Subject  string `json:"subject" doc:"sub of its tokens" example:"env:org_5f0c2d1e9a7b4c3d2e1f0a9b:env_0a9b5f0c2d1e9a7b4c3d2e1f"`
	Audience string `json:"audience" doc:"aud of its tokens for AWS" example:"bedrock"`

	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	Version int64     `json:"version" doc:"Increases with every change"`

	Advice []string `json:"advice,omitempty" doc:"After a change: warnings about what is allowed but unusual"`
}

// Limits are requests in any rolling 60 seconds, and at once; 0: none.
type Limits struct {
	PerMinute  int `json:"requests_per_minute,omitempty" minimum:"0"`
	Concurrent int `json:"max_concurrent,omitempty" minimum:"0"`
}

// Acceptance is an administrator's word for an unsafe role.
type Acceptance struct {
	By      string    `json:"by" doc:"Id of the API key"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
	RoleARN string    `json:"role_arn" doc:"The role it was given for"`
}

// Activity is what an environment's last exchange came to.
type Activity struct {
	Exchanged *time.Time `json:"exchanged,omitempty"`
	Outcome   string     `json:"outcome" doc:"ok, or AWS's error code"`
	Why       string     `json:"why,omitempty"`
	RequestID string     `json:"aws_request_id,omitempty"`
	Succeeded *time.Time `json:"succeeded,omitempty" doc:"When an exchange last succeeded"`
}

// EnvironmentInput makes an environment. Region may be given as endpoint_url
// too, and role_arn as api_key, the fields of clients that know no others.
type EnvironmentInput struct {
	Name           string            `json:"name" doc:"Unique in its organization: a-z, 0-9 and hyphens, at most 63"`
	Description    string            `json:"description,omitempty"`
	Provider       string            `json:"provider,omitempty" doc:"bedrock, the default"`
	Region         string            `json:"region,omitempty"`
	EndpointURL    string            `json:"endpoint_url,omitempty" doc:"The region, for clients that have a field of this name"`
	RoleARN        string            `json:"role_arn,omitempty" doc:"The role to assume; setup can create one"`
	APIKey         string            `json:"api_key,omitempty" doc:"The role ARN, for clients that have a field of this name"`
	Audiences      []string          `json:"audiences,omitempty" doc:"Default: bedrock"`
	SessionSeconds int               `json:"session_seconds,omitempty" doc:"900 to 43200; default 3600"`
	Models         []string          `json:"models,omitempty"`
	Limits         *Limits           `json:"limits,omitempty"`
	SessionName    string            `json:"session_name,omitempty" enum:"environment,key,user" doc:"Default: key"`
	SessionTags    bool              `json:"session_tags,omitempty"`
	Tags           map[string]string `json:"tags,omitempty"`
}

// EnvironmentPatch changes what it names; lists and tags are replaced whole.
type EnvironmentPatch struct {
	Name           *string            `json:"name,omitempty"`
	Description    *string            `json:"description,omitempty"`
	Region         *string            `json:"region,omitempty"`
	EndpointURL    *string            `json:"endpoint_url,omitempty" doc:"The region"`
	RoleARN        *string            `json:"role_arn,omitempty"`
	APIKey         *string            `json:"api_key,omitempty" doc:"The role ARN"`
	Audiences      *[]string          `json:"audiences,omitempty"`
	SessionSeconds *int               `json:"session_seconds,omitempty"`
	Models         *[]string          `json:"models,omitempty"`
	Limits         *Limits            `json:"limits,omitempty"`
	SessionName    *string            `json:"session_name,omitempty" enum:"environment,key,user"`
	SessionTags    *bool              `json:"session_tags,omitempty"`
	Tags           *map[string]string `json:"tags,omitempty"`
}
