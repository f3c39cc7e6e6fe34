package wire

import "time"

// TokenInput asks for a token to look at, or for another cloud.
type TokenInput struct {
	Audience   string `json:"audience,omitempty" maxLength:"255" doc:"One of the environment's; default its first"`
	TTLSeconds int    `json:"ttl_seconds,omitempty" minimum:"0" maximum:"3600" doc:"Lifetime; default 60, at most that of other tokens"`
}

// Token is a signed token of an environment. It stands in this answer only.
type Token struct {
	Token    string    `json:"token" doc:"Anyone who has it can act as the environment until it expires, and five minutes longer at AWS"`
	Issuer   string    `json:"issuer"`
	Subject  string    `json:"subject"`
	Audience string    `json:"audience"`
	KID      string    `json:"kid"`
	JTI      string    `json:"jti"`
	Issued   time.Time `json:"issued"`
	Expires  time.Time `json:"expires"`
}

// ExchangeInput says how patient an exchange is.
type ExchangeInput struct {
	Settle bool `json:"settle,omitempty" doc:"The role is new: retry for up to a minute until AWS knows it"`
}

// Exchange is what came of one token at STS; credentials are not shown.
type Exchange struct {
	Outcome     string            `json:"outcome" doc:"ok, AWS's error code, or timeout, unreachable, bad_answer or not_sent"`
	Issuer      string            `json:"issuer,omitempty"`
	Subject     string            `json:"subject,omitempty"`
	Audience    string            `json:"audience,omitempty"`
	KID         string            `json:"kid,omitempty"`
	JTI         string            `json:"jti,omitempty"`
	RoleARN     string            `json:"role_arn,omitempty"`
	SessionName string            `json:"session_name,omitempty"`
	SessionTags map[string]string `json:"session_tags,omitempty"`
	Host        string            `json:"sts_host,omitempty"`
	Calls       int               `json:"calls" doc:"How often STS was called"`
	RequestID   string            `json:"aws_request_id,omitempty"`
	Account     string            `json:"account,omitempty"`
	Expires     *time.Time        `json:"expires,omitempty" doc:"When the credentials expire"`
	ClockOffset *float64          `json:"clock_offset_seconds,omitempty" doc:"How far AWS's clock is ahead of the server's"`
	// Problem is why there are no credentials, as an answer of its own would tell it.
	Problem *Problem `json:"problem,omitempty"`
}

// Verification is what a verify came to: the exchange, the negative probe, and
// the state that the environment has now.
type Verification struct {
	Exchange    Exchange    `json:"exchange"`
	Probe       Probe       `json:"probe"`
	Environment Environment `json:"environment"`
}

// Probe says whether the role refused subjects that are not the environment's.
type Probe struct {
	Verdict string    `json:"verdict" doc:"refuses (good), wide (admits the organization's other environments), unsafe (admits other organizations) or undecided"`
	Why     string    `json:"why,omitempty"`
	Own     string    `json:"own,omitempty" doc:"Outcome for another subject of the organization; AccessDenied is good"`
	Foreign string    `json:"foreign,omitempty" doc:"Outcome for another organization's subject; AccessDenied is good"`
	At      time.Time `json:"at"`
}
