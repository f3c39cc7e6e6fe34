package wire

import "time"

// Usage are sums of one span of time.
type Usage struct {
	From time.Time `json:"from" doc:"Start of what was counted: usage is summed by hour"`
	To   time.Time `json:"to" doc:"End of what was counted, exclusive"`
	// What is older than these is gone, and counts as nothing.
	HoursSince time.Time  `json:"hours_kept_since" doc:"Usage by the hour is kept since then; older usage by the day only"`
	DaysSince  time.Time  `json:"days_kept_since" doc:"Usage is kept since then"`
	Items      []UsageSum `json:"items" nullable:"false"`
	Total      Counts     `json:"total"`
}

// UsageSum is the sum of a group; fields by which it is not grouped are absent.
type UsageSum struct {
	Hour         *time.Time `json:"hour,omitempty"`
	Day          *time.Time `json:"day,omitempty"`
	Organization string     `json:"organization,omitempty"`
	Environment  string     `json:"environment,omitempty"`
	Model        string     `json:"model,omitempty"`
	Key          string     `json:"key,omitempty" doc:"Id of the caller: an API key, trusted issuer or person"`
	Tag          string     `json:"tag,omitempty" doc:"Value of the tag that usage is grouped by"`
	Counts       Counts     `json:"counts"`
}

// Counts add up.
type Counts struct {
	Requests   int64 `json:"requests"`
	Texts      int64 `json:"texts"`
	Tokens     int64 `json:"tokens" doc:"Reported by AWS"`
	Estimated  int64 `json:"estimated_tokens" doc:"Estimated where AWS reported none"`
	Errors     int64 `json:"errors" doc:"Requests that failed, other than those throttled or over budget"`
	Throttles  int64 `json:"throttles" doc:"Requests refused for a limit, Adit's or AWS's"`
	OverBudget int64 `json:"over_budget" doc:"Requests refused because a budget was spent"`
	// Costs are decimal US dollars, exact to the billionth.
	CostUSD          string `json:"cost_usd" doc:"Cost of the tokens that AWS reported"`
	EstimatedCostUSD string `json:"estimated_cost_usd" doc:"Cost of the estimated tokens"`
	Unpriced         int64  `json:"unpriced_tokens,omitempty" doc:"Tokens of models without a known price; not included in any cost"`
}
