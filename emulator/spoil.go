package emulator

import (
	"net/http"
	"strconv"
)

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
	if err := f.refusalOf(x.event); err != nil {
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
	_ = http.NewResponseController(x.w).Flush() // the caller may be gone by now
	panic(http.ErrAbortHandler)
}
