package bedrock

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
)

// unsignedError is a call that was never sent, since it could not be signed.
type unsignedError struct{ cause error }

func (e *unsignedError) Error() string { return "signing the call: " + e.cause.Error() }

func (e *unsignedError) Unwrap() error { return e.cause }

// unanswered says what AWS may have counted of a call that brought no answer.
func unanswered(err error) limit.Outcome {
	var unsigned *unsignedError
	if errors.As(err, &unsigned) {
		return limit.NotSent
	}
	return limit.Unanswered // its bytes may still be on their way
}

// connectionFault judges a call that brought no answer. Most pass; a name that
// does not exist, a certificate that does not fit and an answer that is too
// large would be the same next time.
func connectionFault(err error) *refusal {
	var unsigned *unsignedError
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unsigned):
		return final("the call could not be signed: "+unsigned.cause.Error(), "Run `adit doctor`.")
	case errors.Is(err, errTooLarge):
		return final(errTooLarge.Error(), "Send fewer or shorter texts in a request.")
	case errors.As(err, &name) && name.IsNotFound:
		return final("there is no host "+name.Name, "Check aws_region and aws_endpoint_url in spicepod.yaml, and this machine's DNS.")
	case errors.As(err, &certificate):
		return final("AWS's certificate cannot be trusted: "+certificate.Error(), "A proxy may intercept TLS: trust its certificate on this machine, or point aws_endpoint_url at AWS itself.")
	case errors.Is(err, context.DeadlineExceeded):
		return passing("AWS did not answer in time")
	}
	return passing("AWS could not be reached: " + err.Error())
}

func final(what, remedy string) *refusal {
	return &refusal{verdict: verdict{fault.Refused, false, what, remedy}}
}

func passing(what string) *refusal {
	return &refusal{verdict: verdict{fault.Unavailable, true, what, "Check the network and aws_endpoint_url; `adit doctor` checks it."}}
}

// insteadOf returns the refusal where err only says that time ran out before
// another try: the first cause is what helps. r may be nil.
func (r *refusal) insteadOf(err error, target *Target) error {
	if r == nil || fault.KindOf(err) != fault.Deadline {
		return err
	}
	f := r.fault(target)
	f.Detail += ": the deadline passed before a retry"
	return f
}
