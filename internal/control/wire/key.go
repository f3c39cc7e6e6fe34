package wire

import "time"

// Key is an API key, without its secrets.
type Key struct {
	ID           string            `json:"id" example:"key_9a7b4c3d2e1f0a9b5f0c2d1e"`
	Organization string            `json:"organization,omitempty" doc:"Its organization's id; absent for the operator's"`
	Name         string            `json:"name"`
	Roles        []string          `json:"roles" nullable:"false"`
	Environments []string          `json:"environments,omitempty" doc:"Ids of the environments it may use; absent: all"`
	Models       []string          `json:"models,omitempty" doc:"Names of the models it may use; absent: all"`
	Limits       Limits            `json:"limits"`
	Tags         map[string]string `json:"tags,omitempty"`
	Secrets      []KeySecret       `json:"secrets" nullable:"false" doc:"One, and up to four former ones in the overlap of rotations; newest first"`
	Created      time.Time         `json:"created"`
	Updated      time.Time         `json:"updated"`
	Expires      *time.Time        `json:"expires,omitempty"`
	LastUsed     *time.Time        `json:"last_used,omitempty"`
	Version      int64             `json:"version" doc:"Increases with every change"`
}

// KeySecret is one secret of a key, without what makes it one.
type KeySecret struct {
	Created time.Time  `json:"created"`
	Expires *time.Time `json:"expires,omitempty" doc:"Absent: when its key expires"`
}

// KeyInput makes an API key. "*" as the only environment or model means all,
// and so does no list.
type KeyInput struct {
	Name         string            `json:"name" doc:"Unique among the organization's live keys"`
	Roles        []string          `json:"roles,omitempty" doc:"Default: invoke"`
	Environments []string          `json:"environments,omitempty" doc:"Ids or names"`
	Models       []string          `json:"models,omitempty"`
	Limits       *Limits           `json:"limits,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
	Expires      *time.Time        `json:"expires,omitempty"`
}

// KeyPatch changes what it names; lists and tags are replaced whole.
type KeyPatch struct {
	Name         *string            `json:"name,omitempty"`
	Roles        *[]string          `json:"roles,omitempty"`
	Environments *[]string          `json:"environments,omitempty" doc:"Ids or names; \"*\" alone means all"`
	Models       *[]string          `json:"models,omitempty" doc:"\"*\" alone means all"`
	Limits       *Limits            `json:"limits,omitempty"`
	Tags         *map[string]string `json:"tags,omitempty"`
	Expires      *time.Time         `json:"expires,omitempty"`
	NeverExpires bool               `json:"never_expires,omitempty" doc:"Removes the expiry"`
}

// RotationInput says how long the former secret goes on working.
type RotationInput struct {
	OverlapSeconds *int `json:"overlap_seconds,omitempty" minimum:"0" maximum:"2592000" doc:"Default 86400; at most 30 days"`
}

// NewKey is a key with a new secret, which is shown this once.
type NewKey struct {
	Key    Key    `json:"key"`
	Secret string `json:"secret" doc:"The complete API key; it is not stored and cannot be shown again"`
}
