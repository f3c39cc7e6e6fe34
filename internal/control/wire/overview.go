package wire

import "time"

// Overview is an organization at a glance.
type Overview struct {
	Organization Organization   `json:"organization"`
	Environments map[string]int `json:"environments" doc:"Number in each state"`
	Keys         int            `json:"keys" doc:"0 without permission to see them"`
	Trusted      int            `json:"trusted_issuers" doc:"0 without permission to see them"`
	// Attention is what somebody should look at, the worst first.
	Attention []Attention `json:"attention" nullable:"false"`
	// Hours are the last 24, oldest first, each there even if nothing happened.
	Hours []UsageSum `json:"hours" nullable:"false"`
	Total Counts     `json:"total" doc:"Of the last 24 hours"`
	// OwnUsage is set for who may not see everybody's usage.
	OwnUsage bool `json:"own_usage,omitempty" doc:"Hours and total are the caller's own usage, not the organization's"`
}

// Attention is one thing that somebody should look at.
type Attention struct {
	Severity string    `json:"severity" enum:"failed,warning,notice"`
	What     string    `json:"what" doc:"One sentence"`
	Remedy   string    `json:"remedy,omitempty"`
	Target   string    `json:"target,omitempty" doc:"Id of the affected item"`
	Name     string    `json:"name,omitempty" doc:"Name of the affected item"`
	State    string    `json:"state,omitempty" doc:"State of the affected environment"`
	Since    time.Time `json:"since,omitzero"`
}

// CallableModel is one that callers can ask /v1 for by name.
type CallableModel struct {
	Name        string `json:"name"`
	ModelID     string `json:"model_id" doc:"The Bedrock model id"`
	Family      string `json:"family"`
	Source      string `json:"source" doc:"file, or environment"`
	Environment string `json:"environment,omitempty" doc:"Id of the environment whose credentials it uses"`
	Region      string `json:"region,omitempty"`
	Dimensions  int    `json:"dimensions,omitempty" doc:"Dimensions of its vectors; 0: the model's default"`
	MaxTokens   int    `json:"max_tokens,omitempty" doc:"Maximum length of a text"`
	PerCall     int    `json:"texts_per_call"`
	// PerMinute is the limit of calls in any rolling minute, and Used how many of
	// them are spent now; 0: no limit is known.
	PerMinute int `json:"calls_per_minute,omitempty"`
	Used      int `json:"calls_used"`
	Waiting   int `json:"calls_waiting"`
}
