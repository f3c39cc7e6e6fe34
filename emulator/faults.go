package emulator

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// FaultKind says what goes wrong.
type FaultKind string

// The kinds of fault. The values are what the HTTP control surface takes.
const (
	FaultThrottle     FaultKind = "throttle"      // 429 ThrottlingException; does not count against a quota
	FaultStatus       FaultKind = "status"        // any Status, Code and Message
	FaultCut          FaultKind = "cut"           // the connection is cut before the answer
	FaultCutBody      FaultKind = "cut-body"      // the connection is cut in the middle of the answer
	FaultExpiredToken FaultKind = "expired-token" // 403 ExpiredTokenException; does not count against a quota
	FaultDelay        FaultKind = "delay"         // only the Delay
	FaultMalformed    FaultKind = "malformed"     // half of the JSON, as if it were all
	FaultWrongCount   FaultKind = "wrong-count"   // one vector too few
)

// Fault makes calls fail on purpose. A call suffers the first fault in order
// of injection that matches it and whose chance falls. The kinds that spoil a
// body are for InvokeModel; to other operations they do nothing. The operations
// FetchDiscovery and FetchJWKS are STS's requests to an issuer: a delay there
// makes the issuer slow, and any other kind makes it fail.
type Fault struct {
	Kind        FaultKind     `json:"kind"`
	Operation   string        `json:"operation,omitempty"`   // pattern, such as "GetCallerIdentity"; "" means InvokeModel
	Model       string        `json:"model,omitempty"`       // pattern with * and ? over the modelId as sent; "" means all
	Region      string        `json:"region,omitempty"`      // pattern; "" means all
	AccessKeyID string        `json:"accessKeyId,omitempty"` // pattern; "" means all
	Probability float64       `json:"probability,omitempty"` // 0 means certain
	Skip        int           `json:"skip,omitempty"`        // matching calls to let pass first
	Count       int           `json:"count,omitempty"`       // calls to spoil, then the fault is used up; 0 means no end
	Status      int           `json:"status,omitempty"`      // for FaultStatus; 0: the one of an STS Code
	Code        string        `json:"code,omitempty"`        // x-amzn-ErrorType; "" means the one usual for Status
	Message     string        `json:"message,omitempty"`     // "" means a usual one
	Delay       time.Duration `json:"-"`                     // waited before whatever Kind does; in JSON "delay": "250ms"
	RetryAfter  string        `json:"retryAfter,omitempty"`  // Retry-After header of throttle and status
}

// faults is the list of injected faults.
type faults struct {
	mu   sync.Mutex
	list []*Fault
}

// Inject adds a fault. It fails on an unknown kind, a probability outside 0
// to 1, or a status fault without an error status; of STS's own codes the status
// is known and may be left out.
func (e *Emulator) Inject(f Fault) error {
	kinds := []FaultKind{FaultThrottle, FaultStatus, FaultCut, FaultCutBody, FaultExpiredToken, FaultDelay, FaultMalformed, FaultWrongCount}
	switch {
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("emulator: fault kind %q is not one of %v", f.Kind, kinds)
	case f.Probability < 0 || f.Probability > 1 || f.Skip < 0 || f.Count < 0 || f.Delay < 0:
		return fmt.Errorf("emulator: fault %s: probability is 0 to 1; skip, count and delay are not negative", f.Kind)
	case f.Kind == FaultStatus && f.Status == 0 && stsStatus(f.Code) != 0:
		f.Status = stsStatus(f.Code)
	case f.Kind == FaultStatus && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("emulator: fault status %d is not an error status", f.Status)
	case f.Kind == FaultDelay && f.Delay == 0:
		return fmt.Errorf("emulator: a delay fault needs a delay")
	}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.list = append(e.faults.list, &f)
	return nil
}

// Faults lists the faults that are not used up; Skip and Count are what is
// left of them.
func (e *Emulator) Faults() []Fault {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	list := make([]Fault, 0, len(e.faults.list))
	for _, f := range e.faults.list {
		list = append(list, *f)
	}
	return list
}

// ClearFaults removes every fault.
func (e *Emulator) ClearFaults() {
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.list = nil
}

// draw picks the fault that a call suffers, nil for none.
func (fs *faults) draw(call Event, chance func() float64) *Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i, f := range fs.list {
		if !f.matches(call) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Probability > 0 && chance() >= f.Probability {
			continue
		}
		drawn := *f
		if f.Count == 1 {
			fs.list = slices.Delete(fs.list, i, i+1)
		} else if f.Count > 1 {
			f.Count--
		}
		return &drawn
	}
	return nil
}

func (f *Fault) matches(call Event) bool {
	operation := f.Operation
	if operation == "" {
		operation = opInvoke
	}
	return wildcard(operation, call.Operation) && (f.Model == "" || wildcard(f.Model, call.Model)) &&
		(f.Region == "" || wildcard(f.Region, call.Region)) &&
		(f.AccessKeyID == "" || wildcard(f.AccessKeyID, call.AccessKeyID))
}

// is reports a drawn fault's kind; no fault is of no kind.
func (f *Fault) is(k FaultKind) bool { return f != nil && f.Kind == k }

func (f *Fault) delay() time.Duration {
	if f == nil {
		return 0
	}
	return f.Delay
}

// counts says whether a call with this fault uses the quota: what AWS refuses
// at its door does not.
func (f *Fault) counts() bool { return !f.is(FaultThrottle) && !f.is(FaultExpiredToken) }
