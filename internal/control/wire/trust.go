package wire

import "time"

// TrustedIssuer is another OIDC issuer whose tokens callers may use at /v1 in
// place of API keys.
type TrustedIssuer struct {
	ID           string            `json:"id" example:"tru_9b5f0c2d1e9a7b4c3d2e1f0a"`
	Organization string            `json:"organization" doc:"Its organization's id"`
	Name         string            `json:"name"`
	IssuerURL    string            `json:"issuer_url" example:"https://token.actions.githubusercontent.com"`
	Subject      string            `json:"subject" doc:"Pattern for sub; * matches anything but : and /" example:"repo:acme/search:ref:refs/heads/main"`
	Audience     string            `json:"audience" doc:"Audience that the tokens must have" example:"adit:org_5f0c2d1e9a7b4c3d2e1f0a9b"`
	Environments []string          `json:"environments,omitempty" doc:"Ids of the environments its callers may use; absent: all"`
	Models       []string          `json:"models,omitempty" doc:"Names of the models they may use; absent: all"`
	Limits       Limits            `json:"limits"`
	Tags         map[string]string `json:"tags,omitempty"`
	Created      time.Time         `json:"created"`
	Updated      time.Time         `json:"updated"`
	LastUsed     *time.Time        `json:"last_used,omitempty"`
	// Problem is why its keys could not be read, when that was the last attempt's end.
	Problem string `json:"problem,omitempty" doc:"Why the issuer's keys cannot be read now"`
	Version int64  `json:"version" doc:"Increases with every change"`
}

// TrustedIssuerInput makes one.
type TrustedIssuerInput struct {
	Name         string            `json:"name" doc:"Unique in the organization"`
	IssuerURL    string            `json:"issuer_url" doc:"https URL, exactly as in the iss of its tokens"`
	Subject      string            `json:"subject" doc:"Pattern for sub; * matches anything but : and /, and must not stand alone"`
	Environments []string          `json:"environments,omitempty" doc:"Ids or names; \"*\" alone means all"`
	Models       []string          `json:"models,omitempty" doc:"\"*\" alone means all"`
	Limits       *Limits           `json:"limits,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
}

// TrustedIssuerPatch changes what it names; lists and tags are replaced whole.
// The issuer itself stays: another one is another rule.
type TrustedIssuerPatch struct {
	Name         *string            `json:"name,omitempty"`
	Subject      *string            `json:"subject,omitempty"`
	Environments *[]string          `json:"environments,omitempty" doc:"Ids or names; \"*\" alone means all"`
	Models       *[]string          `json:"models,omitempty" doc:"\"*\" alone means all"`
	Limits       *Limits            `json:"limits,omitempty"`
	Tags         *map[string]string `json:"tags,omitempty"`
}
