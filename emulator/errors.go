package emulator

import (
	"net/http"
	"strconv"
)

// awsError is an answer of AWS that is not a success.
type awsError struct {
	status  int
	code    string // x-amzn-ErrorType, or Code in STS's XML
	message string
	// capital spells the body's key "Message", as the layers in front of the
	// service do when they refuse a caller.
	capital    bool
	retryAfter string // Retry-After header, "" for none
}

func (err *awsError) Error() string { return err.code + ": " + err.message }

func validation(message string) *awsError {
	return &awsError{status: http.StatusBadRequest, code: "ValidationException", message: message}
}

func malformed(what string) *awsError {
	return validation("Malformed input request: " + what + ", please reformat your input and try again.")
}

func notFound(message string) *awsError {
	return &awsError{status: http.StatusNotFound, code: "ResourceNotFoundException", message: message}
}

func forbidden(code, message string) *awsError {
	return &awsError{status: http.StatusForbidden, code: code, message: message}
}

func accessDenied(message string) *awsError {
	return &awsError{status: http.StatusForbidden, code: "AccessDeniedException", message: message, capital: true}
}

func throttled() *awsError {
	return &awsError{
		status: http.StatusTooManyRequests, code: "ThrottlingException",
		message: "Too many requests, please wait before trying again.",
	}
}

// writeJSON answers in the REST-JSON form: the code in a header, followed by
// the URL that AWS appends, the message in the body.
func (err *awsError) writeJSON(x *exchange) {
	h := x.w.Header()
	h.Set("Content-Type", "application/json")
	if err.code != "" {
		h.Set("X-Amzn-Errortype", err.code+":http://internal.amazon.com/coral/com.amazon.coral.service/")
	}
	if err.retryAfter != "" {
		h.Set("Retry-After", err.retryAfter)
	}
	key := "message"
	if err.capital {
		key = "Message"
	}
	body := appendJSONString([]byte(`{"`+key+`":`), err.message)
	body = append(body, '}')
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.respond(err.status, body)
}
