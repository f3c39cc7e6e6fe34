package tenant

import (
	"time"

	"github.com/adit-hq/adit/internal/caller"
)

// Environment is an organization's binding to one AWS role in one region.
type Environment struct {
	ID           string
	Organization string // id
	// OrganizationName is what the registry fills in; it is not stored here.
	OrganizationName string
	Name             string // unique in its organization; [a-z0-9-], 1 to 63
	Description      string
	Provider         string // "bedrock"
	Region           string
	// RoleARN is the role to assume; "" until setup made one.
	RoleARN string
	// Audiences are those that a token may be made for; the first is the one for AWS.
	Audiences []string
	// Session is how long credentials live: 15 minutes to 12 hours.
	Session time.Duration
	// Models are the ids of the Bedrock models that callers may use as NAME/MODEL_ID.
	Models []string
	// Limits hold for every model of the environment, inside the account's; a zero one does not hold.
	Limits caller.Limits
	// SessionName says what a role session is named after.
	SessionName SessionName
	// SessionTags adds session tags to the tokens, which every role must allow (sts:TagSession).
	SessionTags bool
	Tags        map[string]string

	State State
	// Why says what made it unsafe or failing: a sentence for administrators.
	Why string
	// Probed is when the role was last seen to refuse foreign subjects; zero: never for this role.
	Probed time.Time
	// Accepted is set while an administrator answers for an unsafe role.
	Accepted *Acceptance

	Created, Updated, Deleted time.Time
	// Version counts changes; an update of another version is refused.
	Version int64
}

// SessionName says what a role session is named after, and so what CloudTrail tells apart.
type SessionName string

// What sessions are named after.
const (
	ByEnvironment SessionName = "environment"
	ByKey         SessionName = "key" // the default
	ByUser        SessionName = "user"
)

// State says whether an environment can be used.
type State string

// The states of an environment. Pending has no role, or one that was not probed
// yet; Unsafe has a role that lets foreign subjects in; Failing had a failed exchange.
const (
	Pending State = "pending"
	Ready   State = "ready"
	Unsafe  State = "unsafe"
	Failing State = "failing"
)

// Acceptance is an administrator's word for an unsafe role.
type Acceptance struct {
	By     string    `json:"by"` // id of the API key
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	// RoleARN is the role it was given for; it does not hold for another.
	RoleARN string `json:"role_arn"`
}

// Activity is what an environment did last. It changes often and is kept apart.
type Activity struct {
	// Exchanged is when a token was last sent to STS; zero: never.
	Exchanged time.Time
	// Outcome is "ok" or AWS's error code.
	Outcome string
	// Why is the sentence of the error; "" when it went well.
	Why string
	// RequestID is AWS's, for its support.
	RequestID string
	// Succeeded is when an exchange last went well; zero: never.
	Succeeded time.Time
}
