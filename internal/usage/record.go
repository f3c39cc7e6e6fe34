package usage

import "time"

// Record is what one caller asked of one model within one hour.
type Record struct {
	Hour         time.Time // the beginning, UTC
	Organization string    // id
	Environment  string    // id; "" for a model of spicepod.yaml without one
	Model        string    // the Bedrock model id
	Key          string    // id of the caller's API key, trusted issuer or person
	Tags         string    // the caller's tags as [TagText] writes them; "" for none
	Counts
}

// Counts add up.
type Counts struct {
	Requests   int64
	Texts      int64
	Tokens     int64 // told by AWS
	Estimated  int64 // estimated where AWS reported none
	Errors     int64 // requests that failed, those of the next two lines not among them
	Throttles  int64 // requests refused for a limit, ours or AWS's
	OverBudget int64 // requests refused for a spent budget

	Cost          int64 // of Tokens, in billionths of a US dollar at the price of that time
	EstimatedCost int64 // of Estimated
	Unpriced      int64 // tokens of either kind whose price was not known
}

// Query chooses records: those of the hours From <= Hour < To, and of each
// name that is not "".
type Query struct {
	From, To                              time.Time
	Organization, Environment, Model, Key string
}
