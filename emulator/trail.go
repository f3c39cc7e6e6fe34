package emulator

import (
	"slices"
	"sync"
	"time"
)

// defaultTrailSize is how many events the trail keeps.
const defaultTrailSize = 10_000

// Event is one request as CloudTrail would have it, and a little more. It
// holds no secret, and no text of a request unless WithBodies asked for it.
type Event struct {
	Seq            int64             `json:"seq"`                   // order of arrival, from 1
	Time           time.Time         `json:"time"`                  // arrival, by AWS's clock
	Duration       time.Duration     `json:"durationNs"`            // until the answer was handed over
	Service        string            `json:"service"`               // bedrock, sts, iam, ecs, imds, sso, sso-oidc; "" for unknown paths
	Operation      string            `json:"operation"`             // InvokeModel, GetCallerIdentity, ...; "" for unknown ones
	Region         string            `json:"region,omitempty"`      // of the signature's scope
	Principal      string            `json:"principal,omitempty"`   // ARN, once the signature is proven
	SessionName    string            `json:"sessionName,omitempty"` // of an assumed role
	AccessKeyID    string            `json:"accessKeyId,omitempty"` // as claimed
	Model          string            `json:"model,omitempty"`       // modelId as sent
	RoleARN        string            `json:"roleArn,omitempty"`     // that a token asked for, or that the session is of
	SessionTags    map[string]string `json:"sessionTags,omitempty"`
	SourceIdentity string            `json:"sourceIdentity,omitempty"`
	Token          *TokenClaims      `json:"token,omitempty"`     // of the token by which the session was, or was to be, begun
	Status         int               `json:"status"`              // 0 when no answer was sent
	ErrorCode      string            `json:"errorCode,omitempty"` // AWS's code; ClientGone when the caller left first
	RequestID      string            `json:"requestId"`           // x-amzn-RequestId
	Texts          int               `json:"texts,omitempty"`     // embedded; 0 on errors
	Tokens         int               `json:"tokens,omitempty"`    // counted
	InFlight       int               `json:"inFlight,omitempty"`  // InvokeModel calls being served on arrival, this one included
	Body           []byte            `json:"body,omitempty"`      // the request's, only under WithBodies; base64 in JSON
}

// TokenClaims is what the trail shows of a web identity token, never the token
// itself. They are as claimed when the exchange failed, and proven otherwise.
type TokenClaims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"` // the first, or the one that the provider knows
	KeyID    string `json:"kid,omitempty"`
	ID       string `json:"jti,omitempty"`
}

// trail keeps the latest events in a ring.
type trail struct {
	mu     sync.Mutex
	limit  int
	seq    int64
	events []Event
	oldest int
}

func (t *trail) next() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seq++
	return t.seq
}

func (t *trail) add(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.events) < t.limit {
		t.events = append(t.events, e)
		return
	}
	t.events[t.oldest] = e
	t.oldest = (t.oldest + 1) % t.limit
}

// Trail is a copy of the latest finished requests in order of arrival.
// Requests to the emulator's own control surface leave no event.
func (e *Emulator) Trail() []Event {
	e.trail.mu.Lock()
	list := append([]Event{}, e.trail.events...)
	e.trail.mu.Unlock()
	slices.SortFunc(list, func(a, b Event) int { return int(a.Seq - b.Seq) })
	return list
}

// ClearTrail forgets all events.
func (e *Emulator) ClearTrail() {
	e.trail.mu.Lock()
	defer e.trail.mu.Unlock()
	e.trail.events, e.trail.oldest = nil, 0
}
