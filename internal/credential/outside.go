package credential

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// outside is what the sources may touch: the environment, AWS, and the metadata services.
type outside struct {
	env       environ
	region    string
	endpoints Endpoints
	aws       requester // STS and SSO
	local     requester // ECS and IMDS: no proxy may see their answers
	owned     []*http.Transport
}

func newOutside(s Settings) *outside {
	o := &outside{env: newEnviron(s.Environ), region: cmp.Or(s.Region, DefaultRegion)}
	o.endpoints = Endpoints{
		STS:     cmp.Or(s.Endpoints.STS, o.env.endpoint("STS")),
		SSO:     cmp.Or(s.Endpoints.SSO, o.env.endpoint("SSO")),
		SSOOIDC: cmp.Or(s.Endpoints.SSOOIDC, o.env.endpoint("SSO_OIDC")),
		IMDS:    cmp.Or(s.Endpoints.IMDS, o.env.get("AWS_EC2_METADATA_SERVICE_ENDPOINT")),
		ECS:     cmp.Or(s.Endpoints.ECS, "http://169.254.170.2"),
	}
	var given http.RoundTripper
	if s.HTTP != nil {
		given = s.HTTP.Transport
	}
	if given == nil {
		given = o.own(http.DefaultTransport, func(*http.Transport) {})
	}
	o.aws = newRequester(given)
	o.local = newRequester(o.own(given, func(t *http.Transport) { t.Proxy = nil }))
	return o
}

// own returns a changed copy of the transport, which close empties; a
// transport of another kind is used as it is.
func (o *outside) own(transport http.RoundTripper, change func(*http.Transport)) http.RoundTripper {
	standard, ok := transport.(*http.Transport)
	if !ok {
		return transport
	}
	clone := standard.Clone()
	change(clone)
	o.owned = append(o.owned, clone)
	return clone
}

func (o *outside) close() {
	for _, transport := range o.owned {
		transport.CloseIdleConnections()
	}
}

// requester sends requests for the SDK's clients.
//
// It follows no redirect, because the tokens in custom headers would go along.
// It gives net/http a body that it knows: the SDK closes its own body while
// net/http may still read it, and a fast server then sees a cut connection.
type requester struct{ client *http.Client }

func newRequester(transport http.RoundTripper) requester {
	return requester{&http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Do sends the request.
func (r requester) Do(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return r.client.Do(req) //nolint:gosec // the endpoints are AWS's or the operator's own settings
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	return r.client.Do(req) //nolint:gosec // the endpoints are AWS's or the operator's own settings
}

// retryer repeats what may succeed the second time, within the source's budget.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 3
		o.MaxBackoff = 500 * time.Millisecond
	})
}
