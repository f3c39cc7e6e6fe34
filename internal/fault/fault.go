package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says which of the few things that can go wrong did. Edges map kinds to
// HTTP statuses and exit codes; rooms only choose one.
type Kind uint8

// The kinds of fault.
const (
	// Internal is a mistake of Adit's own. It is the zero value, so an error
	// nobody classified is never mistaken for the caller's fault.
	Internal Kind = iota
	// Invalid is input that cannot be right, however often it is sent.
	Invalid
	// Unauthenticated means that no known key came with the request.
	Unauthenticated
	// Forbidden means that the key is known but this is not allowed to it.
	Forbidden
	// NotFound is a name that this caller has nothing under.
	NotFound
	// TooLarge is a body over the limit.
	TooLarge
	// Throttled means that a quota, ours or AWS's, has no room now.
	Throttled
	// Refused means that AWS refused us, and would again.
	Refused
	// Unavailable means that something needed is out of reach for now.
	Unavailable
	// Deadline means that the time allowed ran out.
	Deadline
	// Canceled means that the caller went away.
	Canceled
	// Config is a configuration that cannot be used.
	Config
)

var names = [...]string{
	"internal", "invalid", "unauthenticated", "forbidden", "not_found", "too_large",
	"throttled", "refused", "unavailable", "deadline", "canceled", "config",
}

// String returns the kind's name as logs and metrics show it, such as "throttled".
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// AWS is what AWS said of a failed call: its error code, its message, the
// request id that AWS support asks for, and the HTTP status.
type AWS struct {
	Code      string
	Message   string
	RequestID string
	Status    int
}

// Error is a fault: what happened and why (Message), what to do next (Remedy),
// and what only an administrator may see (Detail). The zero value is an
// internal fault without words.
type Error struct {
	Kind Kind
	// Message is for the caller: what happened and why, one or two sentences.
	Message string
	// Remedy is for the caller too: what to do next.
	Remedy string
	// Detail is for administrators, the doctor and the log: roles, policies, sources.
	Detail string
	// Param names the request parameter at fault, such as "input[3]".
	Param string
	// Code is a stable word for programs, such as "model_not_found".
	Code string
	// AWS is what AWS said, if AWS said it.
	AWS *AWS
	// RetryAfter says how long to wait before another try; 0 means unknown.
	RetryAfter time.Duration
	// Err is the cause.
	Err error
}

// New returns a fault of the given kind with a formatted message.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns a fault of the given kind with a formatted message and a cause.
func Wrap(err error, kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Err: err}
}

// WithRemedy sets what to do next and returns the fault.
func (e *Error) WithRemedy(format string, args ...any) *Error {
	e.Remedy = fmt.Sprintf(format, args...)
	return e
}

// WithParam sets the request parameter at fault and returns the fault.
func (e *Error) WithParam(param string) *Error {
	e.Param = param
	return e
}

// WithCode sets the stable word for programs and returns the fault.
func (e *Error) WithCode(code string) *Error {
	e.Code = code
	return e
}

// WithDetail sets what only an administrator may see and returns the fault.
func (e *Error) WithDetail(format string, args ...any) *Error {
	e.Detail = fmt.Sprintf(format, args...)
	return e
}

// Error returns the message, the remedy, AWS's own words and the cause, for a log or a terminal.
func (e *Error) Error() string {
	parts := []string{e.Sentence()}
	if e.Detail != "" {
		parts = append(parts, e.Detail)
	}
	if _, told := e.Err.(Inputs); e.Err != nil && !told { //nolint:errorlint // the message tells what this very value holds, nothing deeper
		parts = append(parts, "cause: "+e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Sentence returns what a caller may see: message, AWS's code and request id, remedy.
func (e *Error) Sentence() string {
	var b strings.Builder
	b.WriteString(e.Message)
	if e.Message == "" {
		b.WriteString(e.Kind.String() + " error")
	}
	if e.AWS != nil && e.AWS.Code != "" {
		fmt.Fprintf(&b, " (AWS: %s", e.AWS.Code)
		if e.AWS.RequestID != "" {
			fmt.Fprintf(&b, ", request id %s", e.AWS.RequestID)
		}
		b.WriteString(")")
	}
	if e.Remedy != "" {
		if !strings.HasSuffix(b.String(), ".") {
			b.WriteString(".")
		}
		b.WriteString(" " + e.Remedy)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// From returns err as a fault. An error that is no fault becomes Canceled or
// Deadline where it is the context's, and Internal otherwise; nil stays nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.Canceled):
		return Wrap(err, Canceled, "the caller went away")
	case errors.Is(err, context.DeadlineExceeded):
		return Wrap(err, Deadline, "the time allowed for the request ran out")
	}
	return Wrap(err, Internal, "internal error")
}

// KindOf returns the kind of err, as [From] sees it.
func KindOf(err error) Kind {
	if err == nil {
		return Internal
	}
	return From(err).Kind
}
