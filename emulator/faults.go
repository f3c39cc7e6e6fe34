package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
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
// body are for InvokeModel; to other operations they do nothing.
type Fault struct {
	Kind        FaultKind     `json:"kind"`
	Operation   string        `json:"operation,omitempty"`   // pattern, such as "GetCallerIdentity"; "" means InvokeModel
	Model       string        `json:"model,omitempty"`       // pattern with * and ? over the modelId as sent; "" means all
	Region      string        `json:"region,omitempty"`      // pattern; "" means all
	AccessKeyID string        `json:"accessKeyId,omitempty"` // pattern; "" means all
	Probability float64       `json:"probability,omitempty"` // 0 means certain
	Skip        int           `json:"skip,omitempty"`        // matching calls to let pass first
	Count       int           `json:"count,omitempty"`       // calls to spoil, then the fault is used up; 0 means no end
	Status      int           `json:"status,omitempty"`      // for FaultStatus
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
// to 1, or a status fault without an error status.
func (e *Emulator) Inject(f Fault) error {
	kinds := []FaultKind{FaultThrottle, FaultStatus, FaultCut, FaultCutBody, FaultExpiredToken, FaultDelay, FaultMalformed, FaultWrongCount}
	switch {
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("emulator: fault kind %q is not one of %v", f.Kind, kinds)
	case f.Probability < 0 || f.Probability > 1 || f.Skip < 0 || f.Count < 0 || f.Delay < 0:
		return fmt.Errorf("emulator: fault %s: probability is 0 to 1; skip, count and delay are not negative", f.Kind)
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

// refusal is the error that the fault answers with, nil for other kinds.
func (f *Fault) refusal() *awsError {
	var err *awsError
	switch {
	case f.is(FaultThrottle):
		err = throttled()
	case f.is(FaultExpiredToken):
		return forbidden("ExpiredTokenException", textExpiredToken)
	case f.is(FaultStatus):
		err = usualError(f.Status)
		if f.Code != "" {
			err.code = f.Code
		}
	default:
		return nil
	}
	if f.Message != "" {
		err.message = f.Message
	}
	err.retryAfter = f.RetryAfter
	return err
}

// usualError is the code and a message that go with a status of InvokeModel.
func usualError(status int) *awsError {
	e := &awsError{status: status, message: "An injected fault."}
	switch status {
	case http.StatusBadRequest:
		e.code = "ValidationException"
	case http.StatusForbidden:
		e.code = "AccessDeniedException"
	case http.StatusNotFound:
		e.code = "ResourceNotFoundException"
	case http.StatusRequestTimeout:
		e.code, e.message = "ModelTimeoutException", "The request took too long to process. Processing time exceeded the model timeout length."
	case http.StatusFailedDependency:
		e.code, e.message = "ModelErrorException", "The request failed due to an error while processing the model."
	case http.StatusTooManyRequests:
		return throttled()
	case http.StatusInternalServerError:
		e.code, e.message = "InternalServerException", "An internal server error occurred. Retry your request."
	case http.StatusServiceUnavailable:
		e.code, e.message = "ServiceUnavailableException", "The service is not currently available."
	case 529:
		e.code, e.message = "overloaded_error", "Overloaded"
	}
	return e
}

// unlessSpoiled runs an operation other than InvokeModel, unless a fault is
// due; such a fault strikes before the operation looks at the request.
func (x *exchange) unlessSpoiled(run func()) {
	f := x.e.faults.draw(x.event, x.e.dice.float)
	if sleep(x.r.Context(), f.delay()) != nil {
		x.event.ErrorCode = clientGone
		return
	}
	f.cutNow()
	if err := f.refusal(); err != nil {
		x.fail(err)
		return
	}
	run()
}

// cutNow ends the connection without an answer. net/http closes the
// connection, or resets the HTTP/2 stream, on http.ErrAbortHandler.
func (f *Fault) cutNow() {
	if f.is(FaultCut) {
		panic(http.ErrAbortHandler)
	}
}

// cutMidBody promises a whole body, sends half and ends the connection.
func (x *exchange) cutMidBody(body []byte) {
	h := x.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.respond(http.StatusOK, body[:len(body)/2])
	if err := http.NewResponseController(x.w).Flush(); err != nil {
		x.event.ErrorCode = clientGone
	}
	panic(http.ErrAbortHandler)
}
