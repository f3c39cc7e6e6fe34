package wire

import "time"

// Usage are sums of one span of time.
type Usage struct {
	From  time.Time  `json:"from"`
	To    time.Time  `json:"to"`
	Items []UsageSum `json:"items" nullable:"false"`
	Total Counts     `json:"total"`
}

// UsageSum is the sum of a group; fields by which it is not grouped are absent.
type UsageSum struct {
	Hour         *time.Time `json:"hour,omitempty"`
	Day          *time.Time `json:"day,omitempty"`
	Organization string     `json:"organization,omitempty"`
	Environment  string     `json:"environment,omitempty"`
	Model        string     `json:"model,omitempty"`
	Key          string     `json:"key,omitempty"`
	Counts       Counts     `json:"counts"`
}

// Counts add up.
type Counts struct {
	Requests  int64 `json:"requests"`
	Texts     int64 `json:"texts"`
	Tokens    int64 `json:"tokens" doc:"Told by AWS"`
	Estimated int64 `json:"estimated_tokens" doc:"Guessed where AWS told none"`
	Errors    int64 `json:"errors"`
	Throttles int64 `json:"throttles"`
}
