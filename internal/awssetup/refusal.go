package awssetup

import (
	"context"
	"errors"
	"fmt"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/adit-hq/adit/internal/fault"
)

// code returns AWS's error code, or "".
func code(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return ""
}

// absent says that IAM has no such thing.
func absent(err error) bool {
	c := code(err)
	return c == "NoSuchEntity" || c == "NoSuchEntityException"
}

// refused makes a fault of what AWS said to an attempt, in words such as
// "create the role x".
func refused(err error, format string, args ...any) error {
	attempt := fmt.Sprintf(format, args...)
	if err == nil {
		return nil
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return unanswered(err, attempt)
	}
	message, _, _ := strings.Cut(api.ErrorMessage(), "\n")
	said := fault.AWS{Code: api.ErrorCode(), Message: clipMessage(message)}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		said.RequestID, said.Status = response.ServiceRequestID(), response.HTTPStatusCode()
	}
	f := fault.New(fault.Refused, "AWS refused to %s: %s", attempt, said.Message)
	f.AWS = &said
	switch said.Code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation":
		return f.WithRemedy("Use an administrator's credentials with --profile, or print the steps for one with --format.")
	case "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException":
		return f.WithRemedy("Sign in to AWS again, then repeat the command.")
	case "Throttling", "ThrottlingException", "RequestLimitExceeded":
		f.Kind = fault.Throttled
		return f.WithRemedy("Run the command again in a minute.")
	case "LimitExceeded", "LimitExceededException":
		return f.WithRemedy("Ask AWS to raise the quota in the Service Quotas console, or remove what is not needed.")
	case "OpenIdIdpCommunicationError":
		return f.WithRemedy("AWS could not reach the issuer: its URL must be public. `adit doctor` checks it.")
	case "ServiceFailure":
		f.Kind = fault.Unavailable
	}
	return f.WithRemedy("Run the command again; it continues where it stopped.")
}

// unanswered is a fault where AWS said nothing.
func unanswered(err error, attempt string) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fault.From(err)
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "AWS did not answer the attempt to %s", attempt).
		WithRemedy("Check the network and the AWS credentials of this machine with `aws sts get-caller-identity`.")
}

func clipMessage(s string) string {
	const longest = 400
	if len(s) > longest {
		return strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}
