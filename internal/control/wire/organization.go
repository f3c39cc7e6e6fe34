package wire

import "time"

// Organization is a tenant.
type Organization struct {
	ID          string    `json:"id" example:"org_5f0c2d1e9a7b4c3d2e1f0a9b"`
	Name        string    `json:"name" example:"default"`
	Description string    `json:"description,omitempty"`
	PlainUsers  bool      `json:"plain_users" doc:"User names are sent to AWS unchanged; otherwise hashed"`
	File        bool      `json:"file,omitempty" doc:"The models of spicepod.yaml and the keys of ADIT_API_KEYS belong to it"`
	Created     time.Time `json:"created"`
	Updated     time.Time `json:"updated"`
	Version     int64     `json:"version" doc:"Increases with every change"`
}

// OrganizationInput makes an organization.
type OrganizationInput struct {
	Name        string `json:"name" doc:"Unique on the server: a-z, 0-9 and hyphens, at most 63"`
	Description string `json:"description,omitempty"`
	PlainUsers  bool   `json:"plain_users,omitempty" doc:"Send user names to AWS unchanged"`
}

// OrganizationPatch changes what it names.
type OrganizationPatch struct {
	Name        *string `json:"name,omitempty" doc:"Only operators may change it"`
	Description *string `json:"description,omitempty"`
	PlainUsers  *bool   `json:"plain_users,omitempty"`
}
