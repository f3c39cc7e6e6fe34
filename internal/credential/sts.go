package credential

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// sts returns a client of the region's STS endpoint that signs with keys; nil
// keys sign nothing. It is made without the SDK's config, so that no variable
// of the process can turn it elsewhere.
func (o *outside) sts(keys *aws.Credentials) *sts.Client {
	options := sts.Options{Region: o.region, HTTPClient: o.aws, Retryer: retryer()}
	if o.endpoints.STS != "" {
		options.BaseEndpoint = &o.endpoints.STS
	}
	if keys != nil {
		options.Credentials = credentials.StaticCredentialsProvider{Value: *keys}
	}
	return sts.New(options)
}

// principal is who AWS says signs.
type principal struct{ account, arn string }

// judge asks AWS who signs with the keys.
type judge interface {
	identify(ctx context.Context, keys aws.Credentials) (principal, error)
}

// identify asks STS once (GetCallerIdentity, which needs no permission).
func (o *outside) identify(ctx context.Context, keys aws.Credentials) (principal, error) {
	out, err := o.sts(&keys).GetCallerIdentity(ctx, nil, func(opt *sts.Options) { opt.Retryer = aws.NopRetryer{} })
	if err != nil {
		return principal{}, err
	}
	return principal{account: aws.ToString(out.Account), arn: aws.ToString(out.Arn)}, nil
}

// refused reports whether the error is AWS's No to the keys: an error of its
// own, with a code, that is the sender's fault. Throttling, 5xx, a proxy's page
// and a dead network say nothing about the keys.
func refused(err error) bool {
	switch code(err) {
	case "", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException", "RequestThrottled", "UnknownError":
		return false
	}
	status := status(err)
	return status >= 400 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout
}

// code returns AWS's error code, or "".
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// status returns the HTTP status of a failed call, or 0.
func status(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	var coded interface{ HTTPStatusCode() int }
	if errors.As(err, &coded) {
		return coded.HTTPStatusCode()
	}
	return 0
}
