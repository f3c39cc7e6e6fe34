package bedrock

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/model"
)

// Credentials gives the AWS credentials that sign a caller's calls.
type Credentials interface {
	// Credentials returns fresh credentials, which also tell the credential identity.
	Credentials(context.Context, caller.Caller) (credential.Credentials, error)
	// Drop says that AWS refused these as expired, so that the next ones are new.
	Drop(credential.Credentials)
}

// Target is where a model's calls go: a model id at an endpoint in a region,
// and whose credentials sign them.
type Target struct {
	// Name is what callers call the model. Metrics and errors carry it.
	Name        string
	ID          model.ID
	Family      *model.Family
	Region      string
	Credentials Credentials

	runtime, control endpoint
	budget           *budget
}

// endpoint is a base URL, taken apart once.
type endpoint struct {
	scheme, host string
	path, raw    string // base path, decoded and as sent; no slash at the end
}

// Endpoints replace AWS's own, path and all; "" means AWS's endpoint of the region.
type Endpoints struct {
	Runtime string // bedrock-runtime: InvokeModel
	Control string // bedrock: inference profiles
}

// NewTarget returns a target.
func NewTarget(name string, id model.ID, family *model.Family, region string, at Endpoints, creds Credentials) (*Target, error) {
	t := &Target{Name: name, ID: id, Family: family, Region: region, Credentials: creds, budget: newBudget()}
	var err error
	if t.runtime, err = newEndpoint(at.Runtime, "bedrock-runtime", region); err != nil {
		return nil, err
	}
	t.control, err = newEndpoint(at.Control, "bedrock", region)
	return t, err
}

func newEndpoint(custom, service, region string) (endpoint, error) {
	if custom == "" {
		suffix := "amazonaws.com"
		if model.Partition(region) == "aws-cn" {
			suffix = "amazonaws.com.cn"
		}
		return endpoint{scheme: "https", host: service + "." + region + "." + suffix}, nil
	}
	u, err := url.Parse(custom)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return endpoint{}, fmt.Errorf("the endpoint %q is not an http or https URL", custom)
	}
	return endpoint{scheme: u.Scheme, host: u.Host, path: strings.TrimSuffix(u.Path, "/"), raw: strings.TrimSuffix(u.EscapedPath(), "/")}, nil
}

// url returns the URL of a path whose segments are given decoded. Each is one
// segment on the wire: ':' and '/' inside it are escaped, as AWS's SDKs do.
func (e endpoint) url(segments ...string) *url.URL {
	path, raw := e.path, e.raw
	for _, s := range segments {
		path += "/" + s
		raw += "/" + escapeSegment(s)
	}
	return &url.URL{Scheme: e.scheme, Host: e.host, Path: path, RawPath: raw}
}

func escapeSegment(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// RuntimeURL returns the base URL that the model's calls go to.
func (t *Target) RuntimeURL() *url.URL { return t.runtime.url() }
